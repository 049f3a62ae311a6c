"""Conformance of both servers, the whole suite on the fixture server, the Inspector's strict check and load.

    python -m bench.conformance

Needs ``npx`` of Node 22 or newer on PATH and the npm registry.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.conformance.suite import APPLICABLE, Scenario, conformance, free_port, inspect, serving


def main() -> None:
    """Print the tables; exit 1 when anything failed."""
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        repository = world / "repository"
        repository.mkdir()
        (repository / "main.py").write_text("def main() -> None:\n    pass\n")
        environment = {
            "TANDEM_RUNTIME_DIR": str(world / "runtime"),
            "CODEBASE_DATA_DIR": str(world / "codebase"),
            "CODEBASE_ROOT": str(repository),
            "WORKFLOW_DATA_DIR": str(world / "workflow"),
            "WORKFLOW_PROJECT": "bench",
        }
        print("| server | scenario | passed | failed |\n|---|---|---|---|")
        for name, arguments in (
            ("codebase-server", ["-m", "codebase_server", "serve", "--no-token", "--port"]),
            ("workflow-server", ["-m", "workflow_server", "web", "--no-token", "--port"]),
        ):
            port = free_port()
            with serving([*arguments, str(port)], port, environment, world) as url:
                rows = [row for scenario in APPLICABLE for row in conformance(url, scenario)]
            failures += _shown(name, rows)
        port = free_port()
        fixture = ["-m", "bench.conformance.fixture_server", str(port)]
        paths = {"PYTHONPATH": str(Path(__file__).parents[2])}
        with serving(fixture, port, paths, world) as url:
            failures += _shown("fixture", conformance(url))
        print("\n| server | Inspector | result |\n|---|---|---|")
        for module in ("codebase_server", "workflow_server"):
            failures += _inspected(module, environment | {"CODEBASE_HTTP_PORT": "0"})
    sys.exit(1 if failures else 0)


def _shown(server: str, rows: list[Scenario]) -> int:
    for row in rows:
        print(f"| {server} | {row.name} | {row.passed} | {row.failed} |", flush=True)
    return sum(row.failed for row in rows)


def _inspected(module: str, environment: dict[str, str]) -> int:
    target = [sys.executable, "-m", module]
    strict = inspect(target, environment, "--method", "tools/list", "--strict")
    print(f"| {module} | tools/list --strict | {_last(strict)} |", flush=True)
    tool = "index_status" if module == "codebase_server" else "list_work_items"
    load = inspect(
        target,
        environment,
        *("--method", "tools/call", "--tool-name", tool),
        *("--load", "--load-requests", "500", "--load-concurrency", "8"),
    )
    summary = " ".join(load.stdout.split())
    print(f"| {module} | 500 x 8 {tool} | {summary[:300]} |", flush=True)
    return int(strict.returncode != 0) + int(load.returncode != 0)


def _last(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stderr.splitlines() if "error" in line or "warning" in line]
    return f"exit {done.returncode}" + (f", {lines[-1]}" if lines else ", clean")


if __name__ == "__main__":
    main()
