"""The training corpus: the committed list of repositories, and the files of their checkouts."""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from codebase_server.files import is_vendored, kind_of, language_of
from codebase_server.records import SourceFile

LIST = Path(__file__).with_name("corpus.csv")
_KEPT_FOR_EVALUATION = Path(__file__).with_name("never_train_on.txt")
_KEPT_FOR_RANKING = (
    Path(__file__).parent / "ranking" / "evaluation_repositories.txt",
    Path(__file__).parent / "ranking" / "weights_repositories.txt",
    Path(__file__).parent / "ranking" / "more_repositories.txt",
)

LANGUAGES = frozenset(
    "python javascript typescript tsx go rust java c cpp csharp ruby php kotlin swift scala elixir lua bash"
    " haskell zig".split()
)
FILE_BYTES = 120_000
REPOSITORY_BYTES = 3_000_000
"""Of each repository at most this much text is read, files drawn by the hash of their path, so that no
large repository outweighs the others."""

_BUNDLED = re.compile(
    r"(^|/)(vendor|vendored|_vendor|third[_-]?party|3rdparty|external|node_modules|bundled|deps|dist|"
    r"migrations|locales?|generated|gen|\.yarn)/"
)
_OF_ONE = {  # copies of other projects that a repository brings along under other names
    "RustPython/RustPython": re.compile(r"^Lib/"),
    "micropython/micropython": re.compile(r"^lib/"),
    "psf/black": re.compile(r"^(profiling|tests/data)/"),
    "python/mypy": re.compile(r"typeshed/stubs/"),
}


@dataclass(frozen=True, slots=True)
class Repository:
    """A line of corpus.csv. ``split`` is ``train`` or ``held-out``."""

    name: str
    commit: str
    licence: str
    split: Literal["train", "held-out"]

    def folder(self, corpus: Path) -> Path:
        """Where its checkout lies: ``owner+name`` inside the corpus folder."""
        return corpus / self.name.replace("/", "+")


def repositories() -> list[Repository]:
    """All of corpus.csv; raises `ValueError` if one that is trained on is kept for evaluation."""
    with LIST.open(newline="") as lines:
        rows = [
            Repository(r["repository"], r["commit"], r["licence"], _split(r["split"]))
            for r in csv.DictReader(lines)
        ]
    kept = kept_out()
    for row in rows:
        if row.split == "train" and not kept.isdisjoint((row.name.lower(), row.name.split("/")[1].lower())):
            raise ValueError(f"{row.name} is kept for evaluation and must not be trained on: take it out.")
    return rows


def _split(word: str) -> Literal["train", "held-out"]:
    return "held-out" if word == "held-out" else "train"


def evaluation_names() -> frozenset[str]:
    """Bare names, lower-cased, of the repositories that nothing shipped may have seen."""
    lines = _KEPT_FOR_EVALUATION.read_text().splitlines()
    return frozenset(word.lower() for line in lines if not line.startswith("#") for word in line.split())


def kept_out() -> frozenset[str]:
    """`evaluation_names`, and with their owners the repositories of which the ranking makes use."""
    lines = [line for path in _KEPT_FOR_RANKING for line in path.read_text().splitlines()]
    ranking = {line.split()[0].lower() for line in lines if line and not line.startswith("#")}
    return evaluation_names() | ranking


def files(repository: Repository, corpus: Path) -> Iterator[SourceFile]:
    """Source files of a checkout in the trained languages, vendored copies left out, up to the caps."""
    root = repository.folder(corpus)
    skip = _OF_ONE.get(repository.name)
    paths = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(d for d in subfolders if d != ".git")
        for name in names:
            path = (Path(folder) / name).relative_to(root).as_posix()
            if not (is_vendored(path) or _BUNDLED.search(path) or (skip and skip.search(path))):
                paths.append(path)
    paths.sort(key=lambda path: hashlib.blake2b(path.encode(), digest_size=8).digest())
    left = REPOSITORY_BYTES
    for path in paths:
        file = _read(root, path)
        if file is not None:
            left -= file.size
            if left < 0:
                return
            yield file


def _read(root: Path, path: str) -> SourceFile | None:
    full = root / path
    if full.is_symlink() or not full.is_file() or not 80 <= full.stat().st_size <= FILE_BYTES:
        return None
    data = full.read_bytes()
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None
    language = language_of(path, text.split("\n", 1)[0])
    if language not in LANGUAGES or max(map(len, text.split("\n"))) > 1_000 or _is_generated(text[:600]):
        return None
    digest = hashlib.blake2b(data, digest_size=16).hexdigest()
    return SourceFile(path, text, digest, language, kind_of(path, language), len(data))


def _is_generated(head: str) -> bool:
    return bool(re.search(r"(?i)@generated|do not edit|auto-?generated|generated by", head))
