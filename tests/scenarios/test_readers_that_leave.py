"""A pipe whose reader has seen enough (``head``, ``less``) is no failure, and no "nothing found"."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(os.name == "nt", reason="a pipe without a reader is another error there")
@pytest.mark.parametrize(
    "command",
    [
        ["codebase_server", "--help"],
        ["codebase_server", "outline", "--root", ".", "--max-tokens", "200000"],
        ["codebase_server", "outline", "--root", ".", "small.py", "--json"],
        ["workflow_server", "--help"],
        ["workflow_server", "--project", "one", "list", "--json"],
    ],
    ids=" ".join,
)
def test_a_reader_that_leaves_ends_a_command_well(tmp_path: Path, command: list[str]) -> None:
    many = "".join(
        f"def function_number_{n}_with_a_name(argument):\n    return {n}\n\n" for n in range(2_000)
    )
    root = tmp_path / "root"
    root.mkdir()
    (root / "many.py").write_text(many)
    (root / "small.py").write_text("def one():\n    return 1\n")
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "HOME": str(tmp_path), "TANDEM_RUNTIME_DIR": str(tmp_path / "runtime")}
    for name in ("CODEBASE_DATA_DIR", "WORKFLOW_DATA_DIR"):
        environment[name] = str(tmp_path / "data" / name)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", *command],
            stdout=writing,
            stderr=subprocess.PIPE,
            cwd=root,
            env=environment,
            timeout=120,
            check=False,
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")
