"""Every route under generated requests: no unforeseen error, no status that the OpenAPI document does
not name.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .web import serving

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
EXAMPLES = "25"
SEED = os.environ.get("TANDEM_SEED", "1")
"""The same requests each time, so that a failure belongs to the change; another seed makes others."""


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_no_generated_request_breaks_a_route(tmp_path: Path) -> None:
    pytest.importorskip("schemathesis", reason="pip install schemathesis")
    with serving(tmp_path, "--no-token") as web:
        command = [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            f"{web.url}/openapi.json",
            "--checks",
            CHECKS,
            "--phases",
            "coverage,fuzzing",
            "-n",
            EXAMPLES,
            "--seed",
            SEED,
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert done.returncode == 0, done.stdout[-4000:]
