"""Does the memory of a long-lived codebase-server grow where nothing that it keeps grows?

    python -m bench.endurance.memory [--edits 3000] [--keep-history] [--small-caches]

One service in one process works on a repository that goes to and fro between fixed texts: edits,
searches, symbols, chunks, branch switches. Its history is collected after each part, so that the
index stays as large as it is; with ``--keep-history`` it grows as it does in daily use.
``--small-caches`` gives the caches that fill up with use (pages of the index, facts of versions met,
blocks of postings) next to no room: what still grows then is no cache.
"""

from __future__ import annotations

import argparse
import gc
import random
import tempfile
import time
from pathlib import Path

import psutil

from bench.endurance.repository import Repository
from codebase_server.index import maintenance
from codebase_server.search.candidates import reader
from codebase_server.service import CodebaseService
from codebase_server.settings import load
from codebase_server.store import Registry, readers

PARTS = 12
WORDS = ("price", "invoice", "session", "token", "basket", "route")


def work(service: CodebaseService, repository: Repository, chance: random.Random, edits: int) -> None:
    """Edits, each followed by what agents ask."""
    for number in range(edits):
        repository.edit()
        if number % 50 == 49:
            repository.switch()
        found = service.search_code(f"{chance.choice(WORDS)} {chance.randrange(60)}", limit=10)
        ids = [hit["chunk_id"] for hit in found["results"]]
        if ids and number % 3 == 0:
            service.get_chunks(ids, history=True)
            service.find_symbol(f"{chance.choice(WORDS)}_*", usages=True, limit=20)
            service.outline("src")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--edits", type=int, default=3000)
    parser.add_argument("--keep-history", action="store_true")
    parser.add_argument("--small-caches", action="store_true")
    given = parser.parse_args()
    if given.small_caches:
        readers._CACHE_KIB = readers._WARM_CACHE_KIB = readers._CROWD_CACHE_KIB = 64
        reader._BLOCK_CACHE_BYTES = 64 * 1024
    chance = random.Random(7)
    own = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        repository = Repository(world / "repository", chance, steady=True)
        environment = {"CODEBASE_ROOT": str(world / "repository"), "CODEBASE_DATA_DIR": str(world / "data")}
        settings = load({}, environment, world / "none.toml")
        service = CodebaseService(settings, working_folder=world, environment={})
        service.index_repository()
        print("| edits | resident MB | handles | threads | index MB |\n|---|---|---|---|---|")
        for part in range(PARTS + 1):
            if part:
                work(service, repository, chance, given.edits // PARTS)
            if not given.keep_history:
                maintenance.collect(Registry(world / "data"), tombstone_days=-1)
                time.sleep(0.2)
                service.search_code("price", limit=1)
            gc.collect()
            size = sum(file.stat().st_size for file in (world / "data").rglob("index.sqlite3*")) / 1e6
            figures = f"{own.memory_info().rss / 2**20:.1f} | {own.num_fds()} | {own.num_threads()}"
            edits = part * (given.edits // PARTS)
            print(f"| {edits:,} | {figures} | {size:.2f} |", flush=True)
        service.close()


if __name__ == "__main__":
    main()
