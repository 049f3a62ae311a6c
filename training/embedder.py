"""The shipped embedder from a folder of checkouts: mine, choose terms, fit, measure."""

from __future__ import annotations

import hashlib
import json
import pickle
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from codebase_server.embed.static import StaticWeights, read_weights, write_weights
from training import evaluating, mining, teacher, vocabulary
from training.arrays import Pairs, arrays
from training.card import write_numbers
from training.fitting import Recipe, fit
from training.mining import Mined
from training.model import StaticModel
from training.vocabulary import Vocabulary

MODEL = Path("src/codebase_server/embed/static/model.npz")
REPORT = Path(__file__).with_name("embedder.json")
CARD = Path("docs/model-card.md")


def train(
    folder: Path,
    work: Path,
    out: Path,
    recipe: Recipe,
    workers: int,
    threads: int,
    *,
    partial_corpus: bool = False,
) -> StaticWeights:
    """Make ``out`` from the checkouts in ``folder``; ``work`` keeps what was mined for the next time."""
    torch.set_num_threads(threads)
    files = mining.mine(folder, work / "mined", workers, partial_corpus=partial_corpus)
    words, pairs = prepared([f for f, row in files if row.split == "train"], work, recipe)
    print(f"{len(pairs.repository)} definitions, {len(pairs.answer)} questions, {len(words.terms)} terms")
    start = teacher.reduce(teacher.encode(words.surfaces, work / "teacher.npz", 24), recipe.dimensions)
    model = StaticModel(words, start)
    fit(model, pairs, recipe)
    weights = model.weights(words)
    write_weights(out, weights)
    print(f"wrote {out}, {out.stat().st_size:,} bytes, digest {weights.digest()}")
    return weights


def prepared(files: Sequence[Path], work: Path, recipe: Recipe) -> tuple[Vocabulary, Pairs]:
    """Vocabulary and arrays of the mined files; kept in ``work``, known by what they were made from."""
    state = hashlib.blake2b(repr(recipe.terms).encode(), digest_size=8)
    for file in files:
        state.update(f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}".encode())
    cache = work / f"arrays-{state.hexdigest()}.pickle"
    if cache.exists():
        made: tuple[Vocabulary, Pairs] = pickle.loads(cache.read_bytes())
        return made
    mined = [mining.read(file) for file in files]
    words = vocabulary.choose(mined, recipe.terms)
    made = words, arrays(mined, words)
    cache.write_bytes(pickle.dumps(made, protocol=5))
    return made


def report(
    folder: Path, work: Path, out: Path, recipe: Recipe, workers: int, *, partial_corpus: bool = False
) -> dict[str, Any]:
    """Evaluate ``out`` on the held-out repositories.

    The numbers of the shipped model go here and into the card, those of any other model beside it.
    """
    began = time.monotonic()
    files = mining.mine(folder, work / "mined", workers, partial_corpus=partial_corpus)
    weights, digest = read_weights(out)
    held = evaluating.benches([mining.read(f) for f, row in files if row.split == "held-out"])
    rankings = {
        "static": evaluating.by_vectors(weights),
        "random": evaluating.by_vectors(evaluating.random_like(weights)),
    }
    table = evaluating.compare(held, rankings) if held else {}
    numbers = {
        "model": digest,
        "bytes": out.stat().st_size,
        "terms": len(weights.terms),
        "dimensions": weights.vectors.shape[1],
        "recipe": asdict(recipe),
        "corpus": digest_of([mining.read(f) for f, row in files if row.split == "train"]),
        "held_out": {"repositories": len(held), "questions": sum(len(b.questions) for b in held)},
        "mrr": {name: {k: round(v, 3) for k, v in row.items()} for name, row in table.items()},
    }
    is_shipped = out.resolve() == MODEL.resolve()
    (REPORT if is_shipped else out.with_suffix(".json")).write_text(json.dumps(numbers, indent=1) + "\n")
    if is_shipped:
        write_numbers(CARD, numbers)
    print(f"evaluated in {time.monotonic() - began:.0f} s")
    return numbers


def digest_of(mined: Sequence[Mined]) -> dict[str, Any]:
    """What was read for training, in numbers, with a digest over the contents of its files."""
    state = hashlib.blake2b(digest_size=16)
    languages: Counter[str] = Counter()
    questions: Counter[str] = Counter()
    for one in sorted(mined, key=lambda m: m.name):
        state.update(one.name.encode() + b"\0" + "\n".join(sorted(one.digest)).encode() + b"\0")
        languages.update(one.languages)
        for example in one.examples:
            questions.update(mining.ORIGINS[kind] for kind, _ in example.questions)
    return {
        "digest": state.hexdigest(),
        "repositories": len(mined),
        "files": sum(one.files for one in mined),
        "definitions": sum(len(one.examples) for one in mined),
        "questions": dict(questions),
        "files_by_language": dict(languages.most_common()),
    }
