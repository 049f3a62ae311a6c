"""Whether answers of search_code keep what they promise, on real trees.

    python -m bench.answers [--trees DIR] [--only NAME...] [--calls 300] [--seed 1]

For every tree of ``../shared/retrieval`` (or of ``--only``) search_code is called with arguments drawn
by chance, and every answer is compared with the files on disk: the text fits into ``max_tokens``, lines are
whole and those of the file, a result is cut only where it does not fit, filters hold (globs as git reads
them), a quoted part is found in as many chunks as the files say, joined chunks adjoin, nothing comes twice.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from bench.answers.asking import calls
from bench.answers.promises import Tree, broken
from bench.indexing.trees import commit_all
from bench.retrieval import dataset
from codebase_server.service import CodebaseService
from codebase_server.settings import load


def main() -> int:
    """Check, print what is broken; 1 when anything is."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.answers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/retrieval"))
    parser.add_argument("--trees", type=Path, help="a folder of trees instead")
    parser.add_argument("--only", nargs="+", help="names of trees")
    parser.add_argument("--calls", type=int, default=300, help="of each tree")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    failures = asked = 0
    with tempfile.TemporaryDirectory() as folder:
        trees = given.trees or dataset.unpack_trees(given.data, Path(folder) / "trees")
        for tree in sorted(path for path in trees.iterdir() if path.is_dir()):
            if given.only and tree.name not in given.only:
                continue
            problems = checked(tree, Path(folder) / "run" / tree.name, given.calls, given.seed)
            asked += given.calls
            failures += len(problems)
            print(f"{tree.name}: {given.calls} calls, {len(problems)} broken promises", flush=True)
            for problem in problems:
                print("  " + problem)
    print(f"{asked} calls, {failures} broken promises")
    return 1 if failures else 0


def checked(tree: Path, world: Path, count: int, seed: int) -> list[str]:
    """What answers about a copy of a tree do not keep, each with its call."""
    root = world / "root"
    shutil.copytree(tree, root, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    commit_all(root)
    environment = {"CODEBASE_ROOT": str(root), "CODEBASE_DATA_DIR": str(world / "data")}
    service = CodebaseService(load({}, environment, world / "none.toml"), working_folder=root, environment={})
    try:
        service.index_repository()
        files = Tree(root)
        return [
            f"{problem}  [{asked}]"
            for asked in calls(service, root, count, seed)
            for problem in broken(service, files, asked)
        ]
    finally:
        service.close()


if __name__ == "__main__":
    sys.exit(main())
