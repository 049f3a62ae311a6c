"""``python -m training embedder``: make the shipped embedding model, or only measure it."""

from __future__ import annotations

import argparse
import json
from dataclasses import fields
from pathlib import Path

from training.fitting import Recipe


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    embedder = what.add_parser("embedder", help="src/codebase_server/embed/static/model.npz and its card")
    embedder.add_argument("--corpus", type=Path, required=True, help="folder of checkouts named owner+name")
    embedder.add_argument(
        "--work", type=Path, default=Path(".work/training"), help="what to keep between runs"
    )
    embedder.add_argument("--out", type=Path, help="where to write the model (default: into the package)")
    embedder.add_argument(
        "--partial", action="store_true", help="take the checkouts that are there, to try it out; needs --out"
    )
    embedder.add_argument("--only-measure", action="store_true", help="evaluate the model that is there")
    embedder.add_argument("--workers", type=int, default=2, help="processes that mine")
    embedder.add_argument("--threads", type=int, default=1, help="threads of torch")
    for field in fields(Recipe):
        embedder.add_argument(
            f"--{field.name.replace('_', '-')}", type=type(field.default), default=field.default
        )
    given = parser.parse_args()
    if given.partial and given.out is None:
        parser.error("--partial needs --out FILE: the shipped model is made of the whole corpus")
    recipe = Recipe(**{field.name: getattr(given, field.name) for field in fields(Recipe)})
    # torch and the teacher are needed here only, and a wrong option should be told at once
    from training import embedder as making

    out = given.out or making.MODEL
    given.work.mkdir(parents=True, exist_ok=True)
    if not given.only_measure:
        out.parent.mkdir(parents=True, exist_ok=True)
        making.train(
            given.corpus,
            given.work,
            out,
            recipe,
            given.workers,
            given.threads,
            partial_corpus=given.partial,
        )
    numbers = making.report(
        given.corpus, given.work, out, recipe, given.workers, partial_corpus=given.partial
    )
    print(json.dumps(numbers["mrr"], indent=1))


if __name__ == "__main__":
    main()
