"""One repository to training examples: questions beside the code that answers them.

Run over all repositories by `mine`, one file of arrays a repository, so that
experiments read arrays and parse nothing.
"""

from __future__ import annotations

import pickle
import re
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

from codebase_server.chunks import split
from codebase_server.records import Chunk, SourceFile
from codebase_server.terms import TermDocument, documents, identifiers, stem, subwords
from training import corpus
from training.sentences import clean, inner_comments, sentences, without

_WORD = re.compile(r"\w+")

DOCUMENTED, NAMED = 6_000, 1_500
"""Most examples of a repository with a doc comment or an inner comment, and without either."""

DOC, MORE, COMMENT, NAME = range(4)
"""Where a question comes from: first doc sentence, a later one, a comment inside, the name in words."""
ORIGINS = ("first doc sentence", "later doc sentence", "comment inside", "name in words")


@dataclass(slots=True)
class Example:
    """A definition whose comments were cut out, and the questions it answers."""

    document: TermDocument
    questions: list[tuple[int, str]]
    path: str
    symbol: str
    lines: tuple[int, int]
    text: str
    language: str
    symbol_kind: str
    file_kind: str


@dataclass(slots=True)
class Mined:
    """What one repository gives. ``surfaces``: how each term is written, by frequency."""

    name: str
    split: str
    files: int = 0
    digest: list[str] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)
    frequency: Counter[int] = field(default_factory=Counter)
    surfaces: dict[int, str] = field(default_factory=dict)


def mine(
    folder: Path, out: Path, workers: int, *, partial_corpus: bool = False
) -> list[tuple[Path, corpus.Repository]]:
    """Mine every repository of corpus.csv that is not mined yet; the files of all, with their lines.

    Raises `FileNotFoundError` if a checkout is missing: a model of another corpus would be another model.
    With ``partial_corpus`` those that are there will do, as long as one is to be trained on.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows = corpus.repositories()
    missing = [row.name for row in rows if not row.folder(folder).is_dir()]
    if missing and not partial_corpus:
        raise FileNotFoundError(
            f"{len(missing)} of {len(rows)} checkouts are missing in {folder}, first {missing[0]}: "
            "put each at owner+name, at the commit that corpus.csv gives; or try the command on those that "
            "are there with --partial --out FILE."
        )
    rows = [row for row in rows if row.name not in missing]
    if not any(row.split == "train" for row in rows):
        raise FileNotFoundError(
            f"No checkout in {folder} is one to train on: put some repositories of {corpus.LIST.name} there, "
            "each at owner+name."
        )
    todo = [row for row in rows if not _file(out, row).exists()]
    with ProcessPoolExecutor(workers) as pool:
        for row, count in zip(todo, pool.map(partial(_mine_one, folder=folder, out=out), todo), strict=True):
            print(f"{row.name}: {count}", flush=True)
    return [(_file(out, row), row) for row in rows]


def read(file: Path) -> Mined:
    """What `mine` wrote."""
    mined: Mined = pickle.loads(file.read_bytes())
    return mined


def _file(out: Path, row: corpus.Repository) -> Path:
    return out / f"{row.name.replace('/', '+')}.pickle"


def _mine_one(row: corpus.Repository, folder: Path, out: Path) -> str:
    mined = mine_repository(row, folder)
    target = _file(out, row)
    part = target.with_suffix(".part")
    part.write_bytes(pickle.dumps(mined, protocol=5))
    part.rename(target)
    return f"{mined.files} files, {len(mined.examples)} examples"


def mine_repository(row: corpus.Repository, folder: Path) -> Mined:
    """All examples of one checkout, up to the caps (held-out repositories: all definitions)."""
    mined = Mined(row.name, row.split)
    documented = named = 0
    words: Counter[str] = Counter()
    for file in corpus.files(row, folder):
        mined.files += 1
        mined.languages[file.language] += 1
        mined.digest.append(file.content_hash)
        for example in _examples(file):
            rich = any(kind != NAME for kind, _ in example.questions)
            if row.split == "train":
                if file.kind == "tests" and not rich:
                    continue
                documented, named = documented + rich, named + (not rich)
                if (documented if rich else named) > (DOCUMENTED if rich else NAMED):
                    continue
            mined.examples.append(example)
            mined.frequency.update(example.document.terms.tolist())
            for text in (example.symbol, example.text, *(question for _, question in example.questions)):
                words.update(_WORD.findall(text))
    mined.surfaces = _surfaces(words)
    return mined


def _examples(file: SourceFile) -> list[Example]:
    """The definitions of a file that answer a question, their comments cut out."""
    asked = []
    for chunk in split(file).chunks:
        if chunk.symbol and not chunk.part:
            content, questions = _asked(chunk)
            if content.count("\n") >= 1 or any(kind == DOC for kind, _ in questions):
                asked.append((chunk._replace(doc="", content=content), questions))
    if not asked:
        return []
    counted = documents([(bare, file.path) for bare, _ in asked]).documents()
    return [
        Example(
            document,
            questions,
            file.path,
            bare.symbol,
            (bare.start_line, bare.end_line),
            bare.content,
            file.language,
            bare.symbol_kind,
            file.kind,
        )
        for (bare, questions), document in zip(asked, counted, strict=True)
    ]


def _asked(chunk: Chunk) -> tuple[str, list[tuple[int, str]]]:
    """A definition without the comments that questions were made of, and those questions."""
    name = chunk.symbol.rsplit(".", 1)[-1]
    questions: list[tuple[int, str]] = []
    content = chunk.content
    if chunk.doc:
        found = sentences(chunk.doc, name)
        questions += [(DOC if i == 0 else MORE, q) for i, q in enumerate(found[:4])]
        content = without(content, chunk.doc)
    for comment in inner_comments(content)[:6]:
        question = clean(comment)
        if question and len(question.split()) >= 5:
            questions.append((COMMENT, question))
            content = without(content, comment)
            if len(questions) > 5:
                break
    words = subwords(name)
    if len(words) > 1 and sum(map(len, words)) > 6:
        questions.append((NAME, " ".join(words)))
    return content, questions


def _surfaces(words: Counter[str]) -> dict[int, str]:
    """How each term of some words is written most; the same in every run."""
    surfaces: dict[int, Counter[str]] = {}
    for word, count in words.items():
        parts = subwords(word)
        if not parts or len(parts) > 8 or len(word) > identifiers.LONGEST_IDENTIFIER:
            continue
        stems = [stem(part) for part in parts]
        forms: list[tuple[identifiers.Kind, str, str]] = [
            ("whole", word.replace("_", "").casefold(), " ".join(parts))
        ]
        forms += [("word", stemmed, part) for stemmed, part in zip(stems, parts, strict=True)]
        forms += [
            ("pair", left[0] + right[0], f"{left[1]} {right[1]}")
            for left, right in pairwise(zip(stems, parts, strict=True))
        ]
        for kind, text, form in forms:
            surfaces.setdefault(identifiers.term_id(kind, text), Counter())[form] += count
    return {term: forms.most_common(1)[0][0] for term, forms in surfaces.items()}
