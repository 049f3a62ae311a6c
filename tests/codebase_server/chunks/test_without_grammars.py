"""Where no wheel of the grammars exists (Alpine), the whole server works on files cut at blank lines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHILD = """
import sys
sys.modules["semble_grammars"] = None  # as Python answers for a package that is not installed
if sys.argv[2] == "no tree-sitter either":
    sys.modules["tree_sitter"] = None
from pathlib import Path
from codebase_server.service import CodebaseService
from codebase_server.settings import load
here = Path(sys.argv[1])
environment = {"CODEBASE_ROOT": str(here / "root"), "CODEBASE_DATA_DIR": str(here / "data")}
service = CodebaseService(load({}, environment, here / "none"))
assert service.index_repository()["index"]["state"] == "ready"
found = service.search_code("water the plants")["results"]
assert "drink" in found[0]["content"], found
assert found[0]["file_path"] == "garden.py"
lines = sorted((r["start_line"], r["end_line"]) for r in service.search_code("def", limit=50)["results"])
assert lines[0][0] == 1 and lines[-1][1] == 6, lines
service.close()
"""
CODE = """def water_the_plants(garden):
    return [plant.drink() for plant in garden]


def other():
    pass
"""


def test_a_missing_wheel_costs_symbols_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "garden.py").write_text(CODE)
    for what in ("grammars", "no tree-sitter either"):
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(tmp_path), what],
            capture_output=True,
            text=True,
            env={**os.environ, "TANDEM_RUNTIME_DIR": str(tmp_path / "run")},
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr[-3000:]
