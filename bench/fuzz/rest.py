"""Schemathesis over both REST interfaces: requests made from ``/openapi.json``, valid and not.

    pip install schemathesis
    python -m bench.fuzz rest

No answer may be a 5xx, have a status or a type that the document does not name, or a body that does not
fit its schema.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CHECKS: Final = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
)
LONGEST_S: Final = 1_500
"""For one server; without an end that comes by itself there would be no row in the table."""
_TESTED = re.compile(r"(\d[\d,]*) generated")


@dataclass(frozen=True)
class RestOutcome:
    """What schemathesis said of one server."""

    server: str
    requests: int
    failures: str


def schemathesis(server: str, url: str, token: str, examples: int, seed: int, folder: Path) -> RestOutcome:
    """Run it against a server that serves; `failures` is empty when it found nothing."""
    program = shutil.which("schemathesis", path=str(Path(sys.executable).parent)) or "schemathesis"
    command = [
        program,
        "run",
        f"{url}/openapi.json",
        "-H",
        f"Authorization: Bearer {token}",
        "--checks",
        CHECKS,
        "--mode",
        "all",
        "--max-examples",
        str(examples),
        "--seed",
        str(seed),
        "--phases",
        "examples,coverage,fuzzing",
        "--suppress-health-check",
        "all",
        "--exclude-path",
        "/mcp/events",
        "--no-color",
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=folder, check=False, timeout=LONGEST_S
        )
    except subprocess.TimeoutExpired as over:
        said = over.stdout.decode("utf-8", "replace") if isinstance(over.stdout, bytes) else ""
        return RestOutcome(
            server, 0, f"not done within {LONGEST_S} s: take a smaller --scale\n{said[-2000:]}"
        )
    found = _TESTED.search(done.stdout)
    failures = "" if done.returncode == 0 else (done.stdout + done.stderr)[-6000:]
    return RestOutcome(server, int(found[1].replace(",", "")) if found else 0, failures)


SERVERS: Final = {
    "codebase_server": ("serve", "codebase-endpoint"),
    "workflow_server": ("web", "workflow-endpoint"),
}
