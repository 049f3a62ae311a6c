"""An index from nothing: files and megabytes a second, peak memory, size on disk.

    python -m bench.latency.indexing TREE...

Each tree is indexed by ``codebase-server index`` in a process of its own with
an empty data folder; memory is the highest sum over it and its workers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Measured:
    """What one index cost. Memory in bytes, unique to each process where the system tells."""

    name: str
    files: int
    chunks: int
    source_bytes: int
    seconds: float
    peak_memory: int
    disk_bytes: int
    again_seconds: float

    def row(self) -> str:
        """One row of the table."""
        megabytes = self.source_bytes / 1e6
        return (
            f"| {self.name} | {self.files:,} | {self.chunks:,} | {megabytes:.1f} | {self.seconds:.1f} "
            f"| {self.files / self.seconds:,.0f} | {megabytes / self.seconds:.1f} "
            f"| {self.peak_memory / 1e6:,.0f} | {self.disk_bytes / 1e6:,.1f} | {self.again_seconds:.2f} |"
        )


HEAD = (
    "| tree | files | chunks | MB | s | files/s | MB/s | peak MB | disk MB | again s |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def index(tree: Path, data: Path) -> Measured:
    """Index `tree` into the empty folder `data`, then once more with nothing changed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"CODEBASE_DATA_DIR": str(data), "TANDEM_RUNTIME_DIR": str(data / "runtime")}
    command = [sys.executable, "-m", "codebase_server", "index", "--root", str(tree), "--json"]
    started = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        peak = _Peak(process.pid)
        out, _ = process.communicate()
        seconds = time.perf_counter() - started
        highest = peak.stop()
    answer = json.loads(out)
    started = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    again = time.perf_counter() - started
    source = sum(
        file.stat().st_size for file in tree.rglob("*") if file.is_file() and ".git" not in file.parts
    )
    disk = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
    return Measured(tree.name, answer["files"], answer["chunks"], source, seconds, highest, disk, again)


class _Peak:
    """Samples the memory of a process and its children until stopped."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._highest = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()

    def _sample(self) -> None:
        while not self._stop.wait(0.1):
            total = 0
            try:
                for process in [self._process, *self._process.children(recursive=True)]:
                    memory = process.memory_full_info()
                    total += getattr(memory, "uss", memory.rss)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            self._highest = max(self._highest, total)

    def stop(self) -> int:
        self._stop.set()
        self._thread.join()
        return self._highest


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trees", nargs="+", type=Path)
    print(HEAD)
    for tree in parser.parse_args().trees:
        with tempfile.TemporaryDirectory() as folder:
            print(index(tree.resolve(), Path(folder)).row(), flush=True)


if __name__ == "__main__":
    main()
