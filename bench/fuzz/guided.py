"""One target under atheris, which watches the branches taken and keeps the inputs that reach new ones.

    python -m bench.fuzz.guided TARGET RUNS SEED

Where atheris has no wheel (it is a Linux and macOS tool), inputs are mutated
from the seeds at random instead. Exits 0 when nothing was found.
"""

from __future__ import annotations

import importlib.util
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


def main() -> None:
    """Run one target; print the input and raise when it finds something."""
    name, runs, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if importlib.util.find_spec("atheris"):
        _guided(name, runs, seed)
    else:
        from bench.fuzz.parsers import TARGETS, checked

        target = checked(TARGETS[name][0])
        for data in mutations(name, runs, seed):
            try:
                target(data)
            except BaseException:
                print(f"input: {data!r}")
                raise


def _guided(name: str, runs: int, seed: int) -> None:
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # not everywhere

    with atheris.instrument_imports(include=["bridge", "codebase_server", "workflow_server"]):
        from bench.fuzz.parsers import SEEDS, TARGETS, checked
    corpus = Path(tempfile.mkdtemp(prefix="fuzz-corpus-"))
    for number, data in enumerate(SEEDS[name]):
        (corpus / str(number)).write_bytes(data)
    os.chdir(corpus)  # where a finding's input is left
    options = [f"-runs={runs}", f"-seed={seed}", "-max_len=4096", "-timeout=20", "-rss_limit_mb=3000"]
    atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", str(corpus)], checked(TARGETS[name][0]))
    atheris.Fuzz()


def mutations(name: str, runs: int, seed: int) -> Iterator[bytes]:
    """Seeds with parts cut, doubled, overwritten or joined with another's."""
    from bench.fuzz.parsers import SEEDS

    source = random.Random(seed)
    for _ in range(runs):
        data = bytearray(source.choice(SEEDS[name])[: source.choice((64, 512, 4096))])
        for _ in range(source.randint(0, 6)):
            at, size = source.randrange(len(data) + 1), source.randint(0, 12)
            other = source.choice(SEEDS[name])
            piece = (b"", bytes(data[at : at + size]) * 2, source.randbytes(size), other[at : at + size])
            data[at : at + size] = source.choice(piece)
        yield bytes(data)


if __name__ == "__main__":
    main()
