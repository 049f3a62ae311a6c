"""Which definitions a missing bracket or quote costs: ``python -m bench.symbols.breaks FOLDER…``."""

from __future__ import annotations

import random
import sys
from collections import Counter, defaultdict
from pathlib import Path

from codebase_server.chunks import split
from codebase_server.chunks.recovery.by_indentation import LANGUAGES
from codebase_server.files import language_of
from codebase_server.records import ParsedFile, SourceFile

FILES = 60
"""Files of one language; each loses one mark at random."""

LARGEST = 200_000


def parsed(path: Path, text: str) -> ParsedFile:
    """A text as it would be indexed under a path."""
    return split(SourceFile(str(path), text, "", language_of(str(path)), "code", len(text)))


def main(folders: list[str]) -> None:
    """Print, by language, how many of the definitions around the break are listed where they were."""
    draw = random.Random(1)
    paths: defaultdict[str, list[Path]] = defaultdict(list)
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if language_of(path.name) in LANGUAGES and path.is_file() and path.stat().st_size < LARGEST:
                paths[language_of(path.name)].append(path)
    for language, files in sorted(paths.items()):
        draw.shuffle(files)
        counts: Counter[str] = Counter()
        for path in files:
            text = path.read_text(errors="replace").replace("\r\n", "\n")
            marks = [at for at, character in enumerate(text) if character in '()[]{}"']
            sound = parsed(path, text)
            if counts["files"] == FILES or sound.had_errors or len(sound.definitions) < 3 or not marks:
                continue
            at = draw.choice(marks)
            line = text.count("\n", 0, at) + 1
            around = {
                (one.qualified, one.start_line)
                for one in sound.definitions
                if not one.start_line <= line <= one.end_line
            }
            listed = {
                (one.qualified, one.start_line)
                for one in parsed(path, text[:at] + text[at + 1 :]).definitions
            }
            counts.update(files=1, around=len(around), kept=len(around & listed))
        print(f"{language}: {counts['kept'] / max(counts['around'], 1):.3f} of {counts['around']:,} kept")


if __name__ == "__main__":
    main(sys.argv[1:])
