"""Every tool of both servers, called once by the Inspector's command line.

    python -m bench.conformance.tools

Needs ``npx`` of Node 22 or newer on PATH and the npm registry. Exits with 1 when a call fails, an answer is
an error, or a server offers a tool that is not called here.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.conformance.suite import inspect
from bench.startup.world import settings_of

Arguments = Mapping[str, object]


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        repository = world / "repository"
        repository.mkdir()
        (repository / "shop.py").write_text("def total(prices):\n    return sum(prices)\n")
        environment = settings_of(world)
        print("| server | tool | answer |\n|---|---|---|")
        failures = _codebase(environment) + _workflow(environment)
    sys.exit(1 if failures else 0)


def _codebase(environment: Mapping[str, str]) -> int:
    caller = _Caller("codebase_server", environment)
    caller.call("index_repository", {})
    caller.call("search_code", {"query": "sum of prices", "limit": 3})
    found = caller.call("find_symbol", {"name": "total", "usages": True})
    caller.call("get_chunks", {"chunk_ids": [found["results"][0]["chunk_id"]], "context_lines": 1})
    caller.call("outline", {"path": "shop.py"})
    caller.call("index_status", {})
    return caller.failures_and_missing()


def _workflow(environment: Mapping[str, str]) -> int:
    caller = _Caller("workflow_server", environment)
    caller.call("manage_projects", {"action": "create", "name": "bench"})
    made = caller.call(
        "create_work_item",
        {
            "title": "Sum up",
            "labels": ["till"],
            "entity_references": ["shop.py::total"],
            "metadata": {"n": 1},
        },
    )
    item = str(made.get("id"))
    caller.call("create_work_items", {"items": [{"title": "Round"}], "dry_run": True})
    caller.call("get_work_item", {"ids": [item], "include": ["history"]})
    caller.call("list_work_items", {"view": "ready", "label": "till"})
    caller.call("update_work_item", {"ids": [item], "priority": 1, "add_labels": ["soon"]})
    claim = caller.call("claim_work_item", {"id": item, "lease_minutes": 5})
    token = str(claim.get("claim_token"))
    caller.call("claim_work_item", {"id": item, "action": "release", "claim_token": token})
    caller.call("check_references", {"ids": [item]})
    caller.call("define_item_type", {"name": "receipt", "schema": {"type": "object"}})
    caller.call("delete_work_item", {"id": item})
    caller.call("undo", {"id": item})
    return caller.failures_and_missing()


class _Caller:
    """The Inspector with one server; each call starts it anew."""

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        self._module = module
        self._environment = environment
        self._called: set[str] = set()
        self._failures = 0

    def call(self, tool: str, arguments: Arguments) -> dict[str, Any]:
        """Call a tool; its structured content, empty where it failed."""
        given = [
            part
            for name, value in arguments.items()
            for part in ("--tool-arg", f"{name}={value if isinstance(value, str) else json.dumps(value)}")
        ]
        done = self._inspect("--method", "tools/call", "--tool-name", tool, *given)
        self._called.add(tool)
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = {"isError": True, "content": f"exit {done.returncode}: {done.stderr[-300:]}"}
        is_wrong = bool(done.returncode or answer.get("isError"))
        self._failures += is_wrong
        shown = str(answer.get("content"))[:300] if is_wrong else "as its schema says"
        print(f"| {self._module} | {tool} | {shown} |", flush=True)
        content = answer.get("structuredContent")
        return content if isinstance(content, dict) else {}

    def failures_and_missing(self) -> int:
        """How many calls failed, and how many tools the server offers that were not called."""
        offered = {
            tool["name"] for tool in json.loads(self._inspect("--method", "tools/list").stdout)["tools"]
        }
        missing = sorted(offered - self._called)
        if missing:
            print(f"| {self._module} | not called | {', '.join(missing)} |")
        return self._failures + len(missing)

    def _inspect(self, *arguments: str) -> Any:
        target = [sys.executable, "-m", self._module]
        return inspect(target, self._environment, *arguments, "--connect-timeout", "60000")


if __name__ == "__main__":
    main()
