"""Which grammars end the process that parses: broken texts in each language, in processes of their own.

    python -m bench.fuzz grammars [--texts 20000] [--languages bash,perl] [--trees FOLDER] [--seed 1]

A text is constructs that scanners count or copy (here-documents, raw strings, interpolation, indentation),
with characters of every length among them; or code of ``--trees``, mutilated. Of each text that ends a
process its language and how the process ended is told, and the text is kept in the temporary folder.
POSIX alone.
"""

from __future__ import annotations

import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.fuzz import constructs
from codebase_server.chunks import grammars, split
from codebase_server.chunks.languages import SPECS
from codebase_server.files.languages import language_of
from codebase_server.records import SourceFile

SECONDS: Final = 20
"""Of the processor, after which a text counts as one that the parser is not done with."""
_SAMPLE_BYTES: Final = 300_000
_LARGEST_FILE: Final = 60_000
_BEYOND: Final = ((0x20, 0x7F), (0, 0x80), (0x80, 0x250), (0x250, 0xD800), (0x10000, 0x110000))


@dataclass(slots=True)
class Outcome:
    """What came of the texts of a language."""

    language: str
    texts: int = 0
    ended: list[tuple[int, Path]] = field(default_factory=list)
    """Exit codes, below zero a signal's number, each with the text."""


def samples(trees: Path | None) -> dict[str, str]:
    """Code by language, of some folder."""
    found: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    for folder, _, names in os.walk(trees) if trees else ():
        for name in names:
            language = language_of(name)
            file = Path(folder) / name
            if language in SPECS and sizes.get(language, 0) < _SAMPLE_BYTES and _is_small(file):
                text = file.read_text("utf-8", "replace")
                found.setdefault(language, []).append(text)
                sizes[language] = sizes.get(language, 0) + len(text)
    return {language: "\n".join(texts) for language, texts in found.items()}


def _is_small(file: Path) -> bool:
    return file.is_file() and not file.is_symlink() and file.stat().st_size < _LARGEST_FILE


def texts(language: str, count: int, sample: str, seed: int) -> Iterator[str]:
    """The known killers of scanners first, then so many texts by chance, the same for the same seed."""
    yield from constructs.killers()
    source = random.Random(f"{language} {seed}")
    for _ in range(count):
        built = not sample or source.random() < 0.5
        yield (_built(source) if built else _mutilated(source, sample)).replace("\r", "")


def _character(source: random.Random) -> str:
    return chr(source.randrange(*source.choice(_BEYOND)))


def _built(source: random.Random) -> str:
    parts: list[str] = []
    for _ in range(source.randrange(1, 50)):
        if source.random() < 0.7:
            parts.append(source.choice(constructs.OPENERS) * source.choice((1, 1, 1, 2, 20)))
        else:
            parts += [_character(source) for _ in range(source.randrange(6))]
    return "".join(parts)


def _mutilated(source: random.Random, sample: str) -> str:
    start = source.randrange(len(sample))
    text = list(sample[start : start + source.randrange(20, 900)])
    for _ in range(source.randrange(1, 12)):
        at, size = source.randrange(len(text) + 1), source.randrange(1, 40)
        match source.randrange(4):
            case 0:
                del text[at : at + size]
            case 1:
                text[at:at] = source.choice(constructs.OPENERS) * source.choice((1, 1, 2, 30))
            case 2:
                text[at:at] = text[size : size + at]
            case _:
                text[at : at + 1] = _character(source)
    return "".join(text)


def tried(language: str, count: int, sample: str, seed: int) -> Outcome:
    """Have texts parsed in a child, and in another one after each that ended it."""
    grammars.parser_of(SPECS[language].grammar)
    outcome = Outcome(language)
    start, total = 0, count + sum(1 for _ in constructs.killers())
    while start < total:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            _parse_all(language, texts(language, count, sample, seed), start, writing)
        os.close(writing)
        last = start
        with os.fdopen(reading, "rb") as said:
            for line in said:
                last = int(line)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        outcome.texts += last - start + 1
        if not code:
            break
        ending = next(text for at, text in enumerate(texts(language, count, sample, seed)) if at == last)
        file = Path(tempfile.gettempdir()) / f"ends-{language}-{seed}-{last}.txt"
        file.write_text(ending, "utf-8", "surrogateescape")
        outcome.ended.append((code, file))
        start = last + 1
    return outcome


def _parse_all(language: str, given: Iterator[str], start: int, writing: int) -> None:
    """In a child: parse all from one on, telling the number of each before."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (3 << 30, resource.RLIM_INFINITY))
    for at, text in enumerate(given):
        if at < start:
            continue
        os.write(writing, b"%d\n" % at)
        allowed = int(time.process_time()) + SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.RLIM_INFINITY))
        try:
            split(SourceFile("file", text, "", language, "code", len(text)))
        except BaseException:
            os._exit(1)
    os._exit(0)
