"""What people use otherwise, on the same trees and questions: Semble and ripgrep."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.retrieval.measures import Place
from codebase_server.runtime.numeric import VARIABLES


@dataclass(frozen=True, slots=True)
class SembleRun:
    """The answers of one run, in the order of the questions; times in milliseconds."""

    results: list[list[Place]]
    latencies: list[float]
    index_ms: dict[str, float]
    chunks: dict[str, int]


def semble(
    python: Path,
    trees: Path,
    questions: Sequence[tuple[str, str]],
    *,
    alpha: float | None = 0.0,
    limit: int = 10,
    repeats: int = 1,
) -> SembleRun:
    """Ask Semble, installed beside ``python``. ``alpha`` 0 is its words and ranker alone.

    Its own model needs a download, so vectors are random: other values of
    ``alpha`` measure speed only. It takes as many threads as it likes, whatever ours does.
    """
    child = Path(__file__).with_name("semble_child.py")
    with tempfile.TemporaryDirectory() as folder:
        task = {
            "trees": str(trees),
            "model": folder,
            "questions": list(questions),
            "alpha": alpha,
            "limit": limit,
            "repeats": repeats,
        }
        done = subprocess.run(
            [str(python), str(child)],
            check=False,
            input=json.dumps(task),
            capture_output=True,
            text=True,
            env={name: value for name, value in os.environ.items() if name not in VARIABLES},
        )
    if done.returncode:
        raise RuntimeError(f"Semble ended with {done.returncode}: {done.stderr[-2000:]}")
    out = json.loads(done.stdout)
    places = [[Place(*row) for row in rows] for rows in out["results"]]
    return SembleRun(places, out["latencies"], out["index_ms"], out["chunks"])


def ripgrep(root: Path, question: str, limit: int = 10) -> list[Place]:
    """Files by the number of lines that mention a word of the question: what grep alone gives."""
    words = [word for word in re.findall(r"\w+", question) if len(word) > 2]
    command = [
        "rg",
        "--count",
        "--ignore-case",
        "--no-messages",
        "|".join(map(re.escape, words)) or "^$",
        ".",
    ]
    done = subprocess.run(command, check=False, cwd=root, capture_output=True, text=True)
    counts: Counter[str] = Counter()
    for line in done.stdout.splitlines():
        path, _, count = line.rpartition(":")
        counts[path.removeprefix("./")] = int(count)
    return [Place(path, 1, 1 << 30) for path, _ in counts.most_common(limit)]
