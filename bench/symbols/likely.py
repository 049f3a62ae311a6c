"""How many usages of names are told less likely: ``python -m bench.symbols.likely FOLDER…``.

Names are drawn by chance among those that one definition bears and that two lines of code at least mention. A
name such as ``options`` is rightly told to mean other things most of the time: the share never is nothing.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from codebase_server.chunks import split
from codebase_server.files import language_of
from codebase_server.records import SourceFile
from codebase_server.service import CodebaseService
from codebase_server.settings import load

SHORTEST = 5
LARGEST = 200_000
MOST_USAGES = 300


def names_of(folder: Path) -> list[str]:
    """Names that one definition in the files of a folder bears, in an order of chance."""
    counts: Counter[str] = Counter()
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.stat().st_size > LARGEST or language_of(path.name) == "unknown":
            continue
        text = path.read_text(errors="replace").replace("\r\n", "\n")
        file = split(SourceFile(str(path), text, "", language_of(path.name), "code", len(text)))
        counts.update(one.name for one in file.definitions if one.kind not in ("section", "test"))
    names = sorted(one for one, count in counts.items() if count == 1 and len(one) >= SHORTEST)
    random.Random(folder.name).shuffle(names)
    return names


def measured(folder: Path, data: Path, most: int) -> Counter[str]:
    """Names, their usages in code, those told less likely, and the names of which all are."""
    environment = {"CODEBASE_ROOT": str(folder), "CODEBASE_DATA_DIR": str(data), "CODEBASE_EMBEDDER": "none"}
    service = CodebaseService(
        load({}, environment, data / "none.toml"), working_folder=folder, environment={}
    )
    found: Counter[str] = Counter()
    try:
        service.index_repository()
        for name in names_of(folder):
            answer = service.find_symbol(name, usages=True, limit=MOST_USAGES)
            used = [one for one in answer.get("usages", []) if one["manner"] in ("call", "use")]
            if answer["total_count"] != 1 or len(used) < 2:
                continue
            less = sum(not one["likely"] for one in used)
            found.update(names=1, usages=len(used), less=less, wholly=less == len(used))
            if found["names"] == most:
                break
    finally:
        service.close()
    return found


def main() -> int:
    """Print the share for each folder."""
    parser = argparse.ArgumentParser(prog="bench.symbols.likely", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--names", type=int, default=30)
    arguments = parser.parse_args()
    for folder in arguments.folders:
        with tempfile.TemporaryDirectory() as data:
            os.environ["TANDEM_RUNTIME_DIR"] = data
            found = measured(folder.resolve(), Path(data), arguments.names)
        share = found["less"] / max(found["usages"], 1)
        print(
            f"{folder.name}: {share:.2f} of {found['usages']:,} usages of {found['names']} names, "
            f"all of {found['wholly']}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
