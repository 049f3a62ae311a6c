"""The conformance suite's requirements of each revision of the protocol, against both servers as they are.

    python -m bench.conformance.eras

Every scenario of the handshake's newest revision and of the stateless one is run; those that fail must be
among the inapplicable, whose reasons stand below. Needs ``npx`` of Node 22 or newer and the npm registry.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from bench.conformance.suite import Scenario, free_port, serving, summary

SUITE: Final = "@modelcontextprotocol/conformance@0.2.0-alpha.12"
REVISIONS: Final = ("2025-11-25", "2026-07-28")
"""The last with a handshake, and the first without."""

OWN_TOOLS: Final = "calls tools of the suite's own (test_image_content, test_sampling, …)"
INAPPLICABLE: Final = {
    "tools-call-": OWN_TOOLS,
    "elicitation-": OWN_TOOLS,
    "input-required-result-": OWN_TOOLS,
    "json-schema-2020-12": OWN_TOOLS,
    "server-sse-polling": OWN_TOOLS,
    "http-custom-header-": OWN_TOOLS,
    "resources-read-": "reads resources of the suite's own (test://static-text, …)",
    "resources-templates-": "reads resources of the suite's own (test://static-text, …)",
    "resources-subscribe": "subscribes to a resource of the suite's own",
    "resources-unsubscribe": "subscribes to a resource of the suite's own",
    "prompts-get-": "gets prompts of the suite's own (test_simple_prompt, …)",
    "completion-": "completes an argument of the suite's own prompt",
    "logging-": "sets a logging level, which these servers do not offer",
    "tasks-": "is of an extension that these servers do not offer",
}
"""Beginning of a scenario's name, and why an arbitrary server cannot pass it."""
OWN_CHECKS: Final = {"server-stateless": 2}
"""Checks of an applicable scenario that call a tool of the suite's own (test_missing_capability)."""


def requirements(url: str, revision: str) -> list[Scenario]:
    """All scenarios of a revision against a server without token."""
    command = ["npx", "-y", SUITE, "server", "--url", url, "--requirements", revision]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    if not (rows := summary(done.stdout)):
        raise RuntimeError(f"the suite printed no result:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return rows


def why_inapplicable(scenario: str) -> str:
    """Why a server without the suite's fixtures fails a scenario; empty for one that it must pass."""
    return next((why for beginning, why in INAPPLICABLE.items() if scenario.startswith(beginning)), "")


def main() -> None:
    """Print the tables; exit 1 when an applicable scenario failed."""
    failed: list[str] = []
    reasons: dict[str, Counter[str]] = {revision: Counter() for revision in REVISIONS}
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        (world / "repository").mkdir()
        (world / "repository" / "main.py").write_text("def main() -> None:\n    pass\n")
        environment = {
            "TANDEM_RUNTIME_DIR": str(world / "runtime"),
            "CODEBASE_DATA_DIR": str(world / "codebase"),
            "CODEBASE_ROOT": str(world / "repository"),
            "WORKFLOW_DATA_DIR": str(world / "workflow"),
            "WORKFLOW_PROJECT": "bench",
        }
        print("| server | revision | passed | inapplicable | failed | passed by name |")
        print("|---|---|---|---|---|---|")
        for name, command in (("codebase_server", "serve"), ("workflow_server", "web")):
            port = free_port()
            arguments = ["-m", name, command, "--no-token", "--port", str(port)]
            with serving(arguments, port, environment, world) as url:
                for revision in REVISIONS:
                    rows = requirements(url, revision)
                    passed = [row.name for row in rows if row.failed <= OWN_CHECKS.get(row.name, 0)]
                    left = [row.name for row in rows if row.name not in passed]
                    wrong = [one for one in left if not why_inapplicable(one)]
                    reasons[revision] |= Counter(why_inapplicable(one) for one in left)
                    failed += wrong
                    shown = f"{len(passed)} | {len(left) - len(wrong)} | {len(wrong)} | {', '.join(passed)}"
                    print(f"| {name} | {revision} | {shown} |", flush=True)
    for revision, counted in reasons.items():
        print(f"\nInapplicable in {revision}:")
        print("\n".join(f"- {number}: {why}" for why, number in counted.most_common() if why))
    for one in failed:
        print(f"FAILED: {one}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
