"""What an index costs, how fresh it is, and whether it survives: one command, a table each.

    python -m bench.indexing cost TREE [TREE ...]        an index of each from nothing
    python -m bench.indexing sizes REPOSITORIES          1,000, 10,000 and 50,000 files of real projects
    python -m bench.indexing fresh REPOSITORIES          no change, one edit, a branch switch; 10,000 files
    python -m bench.indexing worktree REPOSITORIES       a second worktree beside the first
    python -m bench.indexing development TREES.tar.xz    the ten development repositories
    python -m bench.indexing beside TREES --semble PYTHON   one server for all of them, and Semble
    python -m bench.indexing soak --rounds 200           processes killed at random, then cross-checks

REPOSITORIES is a folder of checkouts, one project a sub-folder.
"""

from __future__ import annotations

import argparse
import tarfile
import tempfile
from pathlib import Path

from bench.indexing import beside, cost, fresh, soak, worktree
from bench.indexing.trees import assemble


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scratch", type=Path, help="where to work; by default a temporary folder")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("cost")
    one.add_argument("trees", nargs="+", type=Path)
    one.add_argument("--workers", type=int, help="0 for everything in one process")
    one = commands.add_parser("sizes")
    one.add_argument("repositories", type=Path)
    one.add_argument("--files", nargs="+", type=int, default=[1_000, 10_000, 50_000])
    for name in ("fresh", "worktree"):
        one = commands.add_parser(name)
        one.add_argument("repositories", type=Path)
        one.add_argument("--files", type=int, default=10_000)
    one = commands.add_parser("development")
    one.add_argument("archive", type=Path)
    one = commands.add_parser("beside")
    one.add_argument("trees", type=Path, help="a folder of trees")
    one.add_argument("--semble", type=Path, help="a Python that has semble")
    one.add_argument("--rounds", type=int, default=3)
    soak.add_arguments(commands.add_parser("soak"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.scratch) as folder:
        return run(given, Path(folder))


def run(given: argparse.Namespace, scratch: Path) -> int:
    if given.command == "cost":
        print(cost.HEAD)
        for number, tree in enumerate(given.trees):
            print(
                cost.index(tree.resolve(), scratch / f"{number}", tree.name, given.workers).row(), flush=True
            )
    elif given.command == "sizes":
        print(cost.HEAD)
        for wanted in given.files:
            tree = scratch / f"tree-{wanted}"
            assemble(given.repositories, wanted, tree)
            print(cost.index(tree, scratch / f"data-{wanted}", f"{wanted:,}, workers").row(), flush=True)
            print(
                cost.index(tree, scratch / f"one-{wanted}", f"{wanted:,}, one process", 0).row(), flush=True
            )
    elif given.command == "development":
        trees = scratch / "trees"
        with tarfile.open(given.archive) as archive:
            archive.extractall(trees, filter="data")
        print(cost.HEAD)
        for tree in sorted(path for path in _projects(trees) if path.is_dir()):
            print(cost.index(tree, scratch / "data" / tree.name, tree.name).row(), flush=True)
    elif given.command == "beside":
        beside.measure(given.trees.resolve(), scratch, given.semble, given.rounds)
    elif given.command == "soak":
        return soak.run(given, scratch)
    else:
        tree = scratch / "tree"
        assemble(given.repositories, given.files, tree)
        measure = fresh.measure if given.command == "fresh" else worktree.measure
        measure(tree, scratch)
    return 0


def _projects(trees: Path) -> list[Path]:
    inside = list(trees.iterdir())
    return list(inside[0].iterdir()) if len(inside) == 1 else inside


if __name__ == "__main__":
    raise SystemExit(main())
