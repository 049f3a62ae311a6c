"""Building the failing disk (``faults.c``) and switching it on and off in running servers."""

from __future__ import annotations

import mmap
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("faults.c")
KINDS = ("EINTR", "short write", "ENOSPC", "EIO on write", "EIO on sync", "EIO on read", "EROFS")


class FailingDisk:
    """The library and its control file, in an empty folder. Needs gcc."""

    def __init__(self, folder: Path, under: Path) -> None:
        folder.mkdir(parents=True)
        self._library = folder / "faults.so"
        self._file = folder / "control"
        self._under = under
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-O2", "-o", str(self._library), str(SOURCE), "-ldl"], check=True
        )
        self._file.write_bytes(bytes(4 * (1 + len(KINDS))))
        with self._file.open("r+b") as file:
            self._cells = mmap.mmap(file.fileno(), 0)

    def environment(self) -> dict[str, str]:
        """What a server must be started with to have this disk."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAULTS_CONTROL": str(self._file),
            "FAULTS_UNDER": str(self._under),
        }

    def fail_one_in(self, calls: int) -> None:
        """From now on one call in ``calls`` fails; 0: none."""
        self._cells[:4] = struct.pack("=I", calls)

    def given(self) -> dict[str, int]:
        """How often each fault was given so far."""
        return dict(zip(KINDS, struct.unpack(f"={len(KINDS)}I", self._cells[4:]), strict=True))
