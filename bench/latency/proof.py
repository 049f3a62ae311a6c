"""What it costs the bridge that a door proves itself first: the same question with and without, in turn.

    python -m bench.latency.proof [--rounds 500] [--busy]

A codebase-server of its own answers for one small repository. ``--busy``: it makes its index anew meanwhile,
of this repository, again and again. Wall time and this process's processor time of a question.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

from bridge.agreed import proof
from bridge.agreed.endpoint import Endpoint, read
from bridge.agreed.resolution import PATH
from bridge.client.exchange import Exchange

_MOST_BYTES = 1_000_000
_WARMING = 30


async def ask(door: Endpoint, scheme: str, root: Path) -> tuple[float, float]:
    """Milliseconds of one question: on the wall, and of this process's processor."""
    began, worked = time.perf_counter(), time.process_time()
    exchange = Exchange(door.url, PATH, door.token, _MOST_BYTES, proof=scheme)
    await exchange.post({"references": [{"ref": "pyproject.toml", "root": str(root)}]}, 30.0)
    return (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000


async def measured(door: Endpoint, root: Path, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """The times of both kinds, asked in turn."""
    times: dict[str, list[tuple[float, float]]] = {"without": [], "with": []}
    for number in range(rounds + _WARMING):
        for name, scheme in (("without", ""), ("with", proof.SCHEME)):
            took = await ask(door, scheme, root)
            if number >= _WARMING:
                times[name].append(took)
    return times


def keep_busy(door: Endpoint, root: Path, ended: threading.Event) -> None:
    """Have the server read the whole repository anew until the end."""
    headers = {"Authorization": f"Bearer {door.token}"}
    while not ended.is_set():
        httpx.post(
            f"{door.url}/mcp/index", json={"force": True, "root": str(root)}, headers=headers, timeout=600
        )


def main() -> None:
    """Start the server, ask it, print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.latency.proof")
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--busy", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        shutil.copytree(Path(__file__).parents[2] / "src" / "bridge", root)
        (root / "pyproject.toml").write_text("[project]\nname = 'sample'\n")
        environment = os.environ | {
            "TANDEM_RUNTIME_DIR": f"{folder}/run", "CODEBASE_DATA_DIR": f"{folder}/data",
            "CODEBASE_ROOT": str(root), "CODEBASE_HTTP_PORT": "0",
        }  # fmt: skip
        command = [sys.executable, "-m", "codebase_server", "serve", "--json"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as server:
            try:
                assert server.stdout is not None
                server.stdout.readline()
                door = read(Path(folder) / "run" / "codebase-endpoint.json")
                assert door is not None
                ended = threading.Event()
                other = threading.Thread(target=keep_busy, args=(door, root, ended))
                if asked.busy:
                    other.start()
                times = asyncio.run(measured(door, root, asked.rounds))
                ended.set()
                if asked.busy:
                    other.join()
            finally:
                server.terminate()
    print("| | p50 ms | p95 ms | p99 ms | processor p50 ms |\n|---|---|---|---|---|")
    for name, taken in times.items():
        walls = sorted(wall for wall, _ in taken)
        cells = [walls[int(share * (len(walls) - 1))] for share in (0.5, 0.95, 0.99)]
        cells.append(statistics.median(work for _, work in taken))
        print(f"| {name} proof | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |")


if __name__ == "__main__":
    main()
