"""An index from nothing: files and megabytes a second, peak memory, size on disk, first answer."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.indexing.trees import quiet_environment
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.store import Registry

ONE_PASS = """
import json, sys
from pathlib import Path
from codebase_server.runtime.numeric import take_one_thread
take_one_thread()
from codebase_server.runtime.collecting import collect_rarely
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.store import Registry
root, data, workers = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
collect_rarely()  # as each command does
index = RootIndex(root, Registry(data), IndexOptions(watch=False, workers=workers))
done = index.run_pass()
print(json.dumps({"files": done.files, "chunks": done.chunks, "changed": done.changed_files}))
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one index cost. Memory in bytes, unique to each process where the system tells."""

    name: str
    files: int
    chunks: int
    source_bytes: int
    seconds: float
    processor_seconds: float
    first_seconds: float
    peak_memory: int
    disk_bytes: int

    def row(self) -> str:
        """One row of the table."""
        megabytes = self.source_bytes / 1e6
        return (
            f"| {self.name} | {self.files:,} | {self.chunks:,} | {megabytes:.1f} | {self.seconds:.1f} "
            f"| {self.processor_seconds:.1f} "
            f"| {self.first_seconds:.1f} | {self.files / self.seconds:,.0f} "
            f"| {megabytes / self.seconds:.1f} | {self.peak_memory / 1e6:,.0f} "
            f"| {self.disk_bytes / 1e6:,.1f} |"
        )


HEAD = (
    "| tree | files | chunks | MB | whole s | cpu s | first answer s | files/s | MB/s | peak MB | disk MB |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|"
)


def index(tree: Path, data: Path, name: str, workers: int | None = None) -> Measured:
    """Index `tree` into the empty folder `data` in a fresh process.

    With ``workers`` None by the command line as people run it; else by a pass with so many workers.
    """
    data.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "codebase_server", "index", "--root", str(tree), "--json"]
    if workers is not None:
        command = [sys.executable, "-c", ONE_PASS, str(tree), str(data), str(workers)]
    started, spent = time.perf_counter(), _children_seconds()
    with subprocess.Popen(command, env=quiet_environment(data), stdout=subprocess.PIPE, text=True) as process:
        peak, first = Peak(process.pid), _FirstAnswer(tree, data, started)
        out, _ = process.communicate()
        seconds = time.perf_counter() - started
        highest, first_seconds = peak.stop(), first.stop()
    answer = json.loads(out)
    disk = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
    return Measured(
        name=name,
        files=answer["files"],
        chunks=answer["chunks"],
        source_bytes=indexed_bytes(tree),
        seconds=seconds,
        processor_seconds=_children_seconds() - spent,
        first_seconds=first_seconds,
        peak_memory=highest,
        disk_bytes=disk,
    )


def _children_seconds() -> float:
    """Processor time of the processes that ended, workers included: what a busy machine does not blur."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def indexed_bytes(tree: Path) -> int:
    """Bytes of what a root holds, without git's own."""
    return sum(
        file.lstat().st_size for file in tree.rglob("*") if file.is_file() and ".git" not in file.parts
    )


class Peak:
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


class _FirstAnswer:
    """Reads the index from outside until it holds something."""

    def __init__(self, tree: Path, data: Path, started: float) -> None:
        self._index = RootIndex(tree, Registry(data), IndexOptions(watch=False))
        self._started = started
        self._seconds = float("nan")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(0.02):
            with self._index.snapshot() as snapshot:
                if snapshot.chunks_count:
                    self._seconds = time.perf_counter() - self._started
                    return

    def stop(self) -> float:
        self._stop.set()
        self._thread.join()
        self._index.close()
        return self._seconds
