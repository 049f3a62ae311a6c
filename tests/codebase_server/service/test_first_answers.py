"""What the first question of a process does not wait for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ASK = """
import sys
from pathlib import Path
from codebase_server.service import CodebaseService
from codebase_server.settings import load

service = CodebaseService(load({"root": (Path(sys.argv[1]),), "data_dir": sys.argv[2]}, {}))
assert service.search_code("swing_door")["results"]
assert service.search_code("how far does it swing")["results"]
assert service.find_symbol("Door.swing", usages=True)["results"]
service.close()
print([name for name in ("numpy.ma", "torch") if name in sys.modules])
"""


def test_no_library_is_loaded_that_no_answer_needs(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "door.py").write_text(
        "class Door:\n    def swing(self, angle):\n        return self.hinge.turn(angle)\n"
    )
    (root / "hall.py").write_text("def swing_door(door):\n    return door.swing(90)\n")
    command = [sys.executable, "-c", ASK, str(root), str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
