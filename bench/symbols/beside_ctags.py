"""Which definitions Universal Ctags lists and the tables do not, in checkouts on this machine.

    python -m bench.symbols.beside_ctags FOLDER...
    python -m bench.symbols.beside_ctags FOLDER --only c cpp --missing 40

Needs ``ctags`` 5.9 or newer with JSON. Ctags knows no grammar but reads what is written, so it sees what a
parser loses its way in; it also takes macros for names and calls for definitions, so not all of what it lists
can be found. Left out: what is local to a function, what only announces, and names in capitals that it calls
functions (a test's macro). Found is what the tables list under the same name within three lines.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.retrieval.memory import read_tree
from codebase_server.chunks import split
from codebase_server.records import SourceFile

NO_DEFINITION: Final = frozenset(
    "local parameter file package import label externvar header variable library unknown using"
    " heading1 packageName".split()
)
NEAR: Final = 3
"""Lines by which two may differ about where a definition begins."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A definition as ctags has it."""

    name: str
    kind: str
    line: int


@dataclass(slots=True)
class Counted:
    """Definitions of one language by their kind, and those that the tables lack."""

    listed: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)
    files: int = 0
    seconds: float = 0.0


def main() -> int:
    """Print a row a language."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--only", nargs="*", help="languages")
    parser.add_argument("--missing", type=int, default=0, help="how many of each to print")
    given = parser.parse_args()
    counted: dict[str, Counted] = defaultdict(Counted)
    for folder in given.folders:
        tags = _tags(folder)
        for source in read_tree(folder):
            if source.kind in ("code", "tests") and (not given.only or source.language in given.only):
                _count(counted[source.language], source, tags.get(source.path, []))
    print("| language | files | listed by ctags | found | seconds | by kind |\n" + "|---" * 6 + "|")
    for language, one in sorted(counted.items()):
        listed, found = one.listed.total(), one.found.total()
        kinds = ", ".join(f"{kind} {one.found[kind]}/{count}" for kind, count in one.listed.most_common())
        share = found / listed if listed else 0
        print(f"| {language} | {one.files} | {listed} | {share:.3f} | {one.seconds:.1f} | {kinds} |")
        for line in one.missing[:: max(len(one.missing) // given.missing, 1)] if given.missing else ():
            print(f"    {line}")
    return 0


def _tags(folder: Path) -> dict[str, list[Tag]]:
    command = ["ctags", "-R", "--output-format=json", "--fields=+nKs", "--sort=no", "-f", "-", "."]
    done = subprocess.run(
        command, cwd=folder, check=True, capture_output=True, encoding="utf-8", errors="replace"
    )
    tags: dict[str, list[Tag]] = defaultdict(list)
    for row in _rows(done.stdout):
        name, kind = row["name"].replace(" ", ""), row.get("kind", "")
        local = row.get("scopeKind") == "function" and kind != "function"
        if kind in NO_DEFINITION or local or "__anon" in name or (kind == "function" and name.isupper()):
            continue
        tags[row["path"].removeprefix("./")].append(Tag(name, kind, row.get("line", 0)))
    return tags


def _rows(output: str) -> Iterator[dict[str, Any]]:
    for line in output.splitlines():
        try:
            row = json.loads(line)
        except ValueError:  # a name that is no UTF-8
            continue
        if row.get("_type") == "tag":
            yield row


def _count(counted: Counted, source: SourceFile, tags: list[Tag]) -> None:
    began = time.process_time()
    file = split(source)
    counted.seconds += time.process_time() - began
    counted.files += 1
    ours: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for one in file.definitions:
        for name in {one.name, one.name.split("<")[0], one.qualified.rsplit(".", 1)[-1]}:
            ours[name.replace(" ", "")].append((one.start_line, one.end_line))
    for tag in tags:
        counted.listed[tag.kind] += 1
        name = tag.name.rsplit("::", 1)[-1].rsplit(".", 1)[-1]
        if any(first - NEAR <= tag.line <= max(last, first + 1) for first, last in ours[name]):
            counted.found[tag.kind] += 1
        else:
            counted.missing.append(f"{source.path}:{tag.line} {tag.kind} {tag.name}")


if __name__ == "__main__":
    raise SystemExit(main())
