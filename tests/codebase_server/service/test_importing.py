"""The first calls of a process import what they need, several at once, and none of them fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FIRST_CALLS = """
import random, sys, threading, time
from importlib.machinery import SourceFileLoader
from pathlib import Path

seed, root, data = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
chance = random.Random(seed)

def slowly(self, spec):  # as from a busy disk: between taking a module's lock and making the module known
    if spec.name.startswith("codebase_server"):
        time.sleep(0.02)

SourceFileLoader.create_module = slowly

from codebase_server.service import CodebaseService
from codebase_server.settings import load

service = CodebaseService(load({"root": (root,), "data_dir": data}, {}))
service.served_roots()
calls = {
    "warm_up": service.warm_up,
    "search": lambda: service.search_code("price"),
    "symbol": lambda: service.find_symbol("price", usages=True),
    "chunks": lambda: service.get_chunks(["c_aaaaaaaaaaaa"]),
    "resolve": lambda: service.resolve({"references": []}),
    "outline": service.outline,
}
together = threading.Barrier(len(calls))
failed = []

def first(name, pause):
    together.wait()
    time.sleep(pause)
    try:
        calls[name]()
    except BaseException as problem:
        failed.append(f"{name}: {problem!r}")

threads = [threading.Thread(target=first, args=(name, chance.random() * 0.03)) for name in calls]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
service.close()
print(failed)
"""


@pytest.mark.parametrize("seed", range(4))
def test_calls_that_meet_the_warm_up_import_in_turn(tmp_path: Path, seed: int) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "orders.py").write_text("def price():\n    return 1\n")

    done = subprocess.run(
        [sys.executable, "-c", FIRST_CALLS, str(seed), str(root), str(tmp_path / "data")],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    assert done.stdout.strip() == "[]"
