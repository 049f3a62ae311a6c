"""How many lines that look like definitions each language's table finds, in checkouts on this machine.

    python -m bench.symbols.languages FOLDER...                 # folders of checkouts, or single ones
    python -m bench.symbols.languages FOLDER --only fortran vim --missing

Counted is what a regular expression takes for the first line of a definition (comments and strings included:
that is why not all can be found), what the table lists under that name, files in which the grammar met
something that it does not understand, and processor time. Every line must be owned by one chunk.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from codebase_server.chunks import lines_of, split
from codebase_server.files import kind_of
from codebase_server.files.languages import language_of
from codebase_server.records import ParsedFile, SourceFile

LARGEST: Final = 400_000
SKIPPED: Final = frozenset({".git", "node_modules"})

LOOKS_DEFINED: Final = {
    language: re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for language, pattern in {
        "powershell": r"^[ \t]*(?:function|filter)\s+(?:\w+:)?([\w-]+)",
        "clojure": r"^\((?:\w+/)?def(?!ault)[\w-]*\s+(?:\^(?:\{[^}]*\}|\S+)\s+)*([^\s()\[\]^{}\"]+)",
        "fortran": r"^(?!\s*(?:end|!|[*c]\s))(?:[ \t\w()*=,]*?[ \t])?"
        r"(?:subroutine|function)[ \t]+(\w+)[ \t]*(?:\(|$)",
        "vim": r"^[ \t]*fu(?:n|nc|nction)?!?\s+(?:[sgl]:|<SID>)?([\w:#.]+)\s*\(",
        "make": r"^([A-Za-z0-9][\w-]*)\s*::?(?![=:])",
        "just": r"^@?([a-z_][\w-]*)(?:\s+[^:=\n]*)?:(?!=)",
        "cmake": r"^\s*(?:function|macro)\s*\(\s*(\w+)",
        "scheme": r"^\(define\S*\s+\(*([^\s()\"]+)",
        "racket": r"^\((?:define\S*|struct)\s+\(*([^\s()\"\[]+)",
        "elisp": r"^\((?:cl-)?def\S+\s+'?\(?([^\s()]+)",
        "nix": r"^[ \t]*([\w-]+)\s*=\s*(?:\w+:\s|\{[^}\n]*\}:)",
        "scss": r"^\s*@(?:mixin|function)\s+([\w-]+)",
        "jsonnet": r"^[ \t]*(?:local\s+)?(\w+)\([^()\n]*\)\s*(?:::?|=)",
        "dockerfile": r"^FROM\s+.*\sAS\s+(\S+)",
        "batch": r"^:([A-Za-z_][\w-]*)",
    }.items()
}


@dataclass(slots=True)
class Counted:
    """What the files of one language came to."""

    files: int = 0
    characters: int = 0
    with_errors: int = 0
    chunks: int = 0
    seconds: float = 0.0
    looked: int = 0
    found: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)


def main() -> int:
    """Print a row for each language; 1 when a file lost a line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--only", nargs="*", default=list(LOOKS_DEFINED))
    parser.add_argument("--missing", action="store_true", help="print the lines that were not found")
    given = parser.parse_args()
    counted: dict[str, Counted] = {}
    lost = 0
    for folder in given.folders:
        for path in _files(folder):
            language = language_of(path.name)
            if language in given.only:
                lost += not _count(counted.setdefault(language, Counted()), path, language)
    print(
        "| language | files | with errors | chunks | looks defined | found | ms per 100 kB |\n"
        + "|---" * 7
        + "|"
    )
    for language, one in sorted(counted.items()):
        speed = one.seconds / max(one.characters, 1) * 1e8
        print(
            f"| {language} | {one.files} | {one.with_errors} | {one.chunks} | {one.looked} | {one.found}"
            f" | {speed:.0f} |"
        )
        for line in one.missing if given.missing else ():
            print(f"    {line}")
    return int(lost > 0)


def _files(folder: Path) -> Iterator[Path]:
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - SKIPPED)
        yield from (Path(above, name) for name in sorted(names))


def _count(counted: Counted, path: Path, language: str) -> bool:
    """Whether each line of the file is owned by one chunk; files that are large or no text are left out."""
    try:
        if path.stat().st_size > LARGEST:
            return True
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        return True
    source = SourceFile(path.name, text, "", language, kind_of(path.name, language), len(text))
    began = time.process_time()
    file = split(source)
    counted.seconds += time.process_time() - began
    counted.files += 1
    counted.characters += len(text)
    counted.with_errors += file.had_errors
    counted.chunks += len(file.chunks)
    counted.kinds.update(one.kind for one in file.definitions)
    known = {name.casefold() for one in file.definitions for name in (one.name, one.qualified)}
    for match in LOOKS_DEFINED[language].finditer(text):
        name = match[1].replace("#", ".").lstrip(":").casefold()
        counted.looked += 1
        if name in known or name.rpartition(".")[2] in known or name.rpartition("/")[2] in known:
            counted.found += 1
        else:
            counted.missing.append(
                f"{path}:{text.count(chr(10), 0, match.start()) + 1} {match[0].strip()[:60]}"
            )
    return _is_whole(file, text)


def _is_whole(file: ParsedFile, text: str) -> bool:
    owned = [line for chunk in file.chunks for line in range(chunk.start_line, chunk.end_line + 1)]
    return owned == list(range(1, len(lines_of(text)) + 1))


if __name__ == "__main__":
    raise SystemExit(main())
