"""``find_symbol`` beside Jedi, the engine of Python language servers, on the names of a Python project.

    python -m bench.symbols FOLDER [FOLDER...] [--names 60]

For names drawn from the project (functions, classes and methods that its own code uses), Jedi says where
each is defined and which lines refer to it. Printed: how often the first answer of `find_symbol` for the
qualified name and for the bare one is the definition, the share of right lines among the first 10 and 20
usages (of as many as there are), the share of Jedi's lines that are found at all, and the time of both.
Jedi is needed for this alone: pip install jedi.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codebase_server.service import CodebaseService
from codebase_server.settings import load

MOST_USAGES = 200
_DEFINES = re.compile(r"\s*(?:async\s+)?(?:def|class)\s")
"""Jedi counts what is imported among the names that a file defines."""
KINDS = frozenset({"function", "class", "method"})


@dataclass
class Score:
    """Sums over the names of one project; times in milliseconds."""

    names: int = 0
    first_qualified: int = 0
    first_bare: int = 0
    precision: dict[int, list[float]] = field(default_factory=lambda: {10: [], 20: []})
    recall: list[float] = field(default_factory=list)
    ours_ms: list[float] = field(default_factory=list)
    jedi_ms: list[float] = field(default_factory=list)


def main() -> int:
    """Measure each folder and print a row of it."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.symbols",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--names", type=int, default=60, help="names of each project")
    parser.add_argument("--show", action="store_true", help="print what differs")
    given = parser.parse_args()
    try:
        import jedi
    except ImportError:
        print("Jedi is missing: pip install jedi")
        return 1
    print("| project | names | first, qualified | bare | right in 10 | in 20 | found | ours p50 | Jedi p50 |")
    print("|---|---|---|---|---|---|---|---|---|")
    for folder in given.folders:
        with tempfile.TemporaryDirectory() as data:
            score = measured(jedi, folder.resolve(), Path(data), given.names, show=given.show)
        print(row(folder.name, score), flush=True)
    return 0


def row(name: str, score: Score) -> str:
    """One row of the table."""
    n = max(score.names, 1)
    shares = [score.first_qualified / n, score.first_bare / n]
    shares += [statistics.mean(score.precision[at]) for at in (10, 20)] + [statistics.mean(score.recall)]
    times = [statistics.median(score.ours_ms), statistics.median(score.jedi_ms)]
    return (
        f"| {name} | {score.names} | "
        + " | ".join(f"{share:.3f}" for share in shares)
        + " | "
        + " | ".join(f"{ms:,.1f} ms" for ms in times)
        + " |"
    )


def measured(jedi: Any, folder: Path, data: Path, most: int, *, show: bool) -> Score:
    """Ask both about the same names."""
    environment = {"CODEBASE_ROOT": str(folder), "CODEBASE_DATA_DIR": str(data)}
    service = CodebaseService(
        load({}, environment, data / "none.toml"), working_folder=folder, environment={}
    )
    score = Score()
    try:
        service.index_repository()
        project = jedi.Project(folder)
        for path, name in drawn(jedi, folder, project):
            if score.names >= most:
                break
            _compare(jedi, project, service, folder, path, name, score, show=show)
    finally:
        service.close()
    return score


def drawn(jedi: Any, folder: Path, project: Any) -> Iterator[tuple[str, Any]]:
    """Names that the project's files define, in an order drawn once and for all."""
    found = []
    for file in sorted(folder.rglob("*.py")):
        path = file.relative_to(folder).as_posix()
        if "test" in path or "/." in path:
            continue
        script = jedi.Script(path=file, project=project)
        for name in script.get_names(all_scopes=True, definitions=True):
            outer = name.parent()
            if (
                name.type in ("function", "class")
                and outer.type in ("module", "class")
                and len(name.name) > 2
                and not name.name.startswith("__")
                and _DEFINES.match(name.get_line_code())
            ):
                found.append((path, name))
    random.Random(5).shuffle(found)
    yield from found


def _compare(
    jedi: Any,
    project: Any,
    service: CodebaseService,
    folder: Path,
    path: str,
    name: Any,
    score: Score,
    *,
    show: bool,
) -> None:
    began = time.perf_counter()
    script = jedi.Script(path=name.module_path, project=project)
    references = script.get_references(name.line, name.column, scope="project", include_builtins=False)
    score.jedi_ms.append((time.perf_counter() - began) * 1000)
    right = {
        (Path(one.module_path).relative_to(folder).as_posix(), one.line)
        for one in references
        if one.module_path and Path(one.module_path).is_relative_to(folder)
    } - {(path, name.line)}
    if not right:
        return  # used from outside only: nothing to compare
    outer = name.parent()
    module = Path(path).parent.name if Path(path).stem == "__init__" else Path(path).stem
    qualified = ".".join([module, *([outer.name] if outer.type == "class" else []), name.name])
    score.names += 1
    first = service.find_symbol(qualified)["results"][:1]
    score.first_qualified += bool(first) and _is(first[0], path, name)
    bare = service.find_symbol(name.name)["results"][:1]
    score.first_bare += bool(bare) and _is(bare[0], path, name)
    began = time.perf_counter()
    usages = service.find_symbol(qualified, usages=True, limit=MOST_USAGES)["usages"]
    score.ours_ms.append((time.perf_counter() - began) * 1000)
    lines = [(one["file_path"], one["line"]) for one in usages]
    for at, shares in score.precision.items():
        shown = lines[: min(at, len(right))]
        shares.append(sum(line in right for line in shown) / max(len(shown), 1) if shown else 0.0)
    score.recall.append(len(right.intersection(lines)) / len(right))
    if show and (
        not first or not _is(first[0], path, name) or score.precision[10][-1] < 1 or score.recall[-1] < 1
    ):
        print(qualified, path, name.line, "first:", first and (first[0]["file_path"], first[0]["start_line"]))
        print(
            "   missed",
            sorted(right.difference(lines))[:4],
            "wrong",
            [x for x in lines[:10] if x not in right][:4],
        )


def _is(result: Any, path: str, name: Any) -> bool:
    """The same file and name: of a property the getter is as right as the setter."""
    own = result["symbol"].rpartition(".")[2] == name.name
    return bool(result["file_path"] == path and own)


if __name__ == "__main__":
    sys.exit(main())
