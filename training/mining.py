"""One repository to training examples: questions beside the code that answers them.

Run over all repositories by `mine`, one file of arrays a repository, so that
experiments read arrays and parse nothing.
"""

from __future__ import annotations

import pickle
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

from codebase_server.chunks import split
from codebase_server.records import Chunk, SourceFile
from codebase_server.terms import TermDocument, document, identifiers, of_query, stem, subwords
from training import corpus
from training.sentences import clean, inner_comments, sentences, without

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
    surfaces: dict[int, Counter[str]] = {}
    for file in corpus.files(row, folder):
        mined.files += 1
        mined.languages[file.language] += 1
        mined.digest.append(file.content_hash)
        for chunk in split(file).chunks:
            if not chunk.symbol or chunk.part:
                continue
            example = _example(chunk, file)
            if example is None:
                continue
            rich = any(kind != NAME for kind, _ in example.questions)
            if row.split == "train":
                if file.kind == "tests" and not rich:
                    continue
                documented, named = documented + rich, named + (not rich)
                if (documented if rich else named) > (DOCUMENTED if rich else NAMED):
                    continue
            mined.examples.append(example)
            mined.frequency.update(example.document.terms.tolist())
            _note_surfaces(surfaces, chunk, [q for _, q in example.questions])
    mined.surfaces = {term: forms.most_common(1)[0][0] for term, forms in surfaces.items()}
    return mined


def _example(chunk: Chunk, file: SourceFile) -> Example | None:
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
    if content.count("\n") < 1 and not any(kind == DOC for kind, _ in questions):
        return None
    bare = replace(chunk, doc="", content=content)
    return Example(
        document(bare, file.path),
        questions,
        file.path,
        chunk.symbol,
        (chunk.start_line, chunk.end_line),
        content,
        file.language,
        chunk.symbol_kind,
        file.kind,
    )


def _note_surfaces(surfaces: dict[int, Counter[str]], chunk: Chunk, questions: list[str]) -> None:
    for token in set(of_query(f"{chunk.symbol} {chunk.content} {' '.join(questions)}").tokens):
        parts = subwords(token.text)
        if not parts or len(parts) > 8:
            continue
        whole = " ".join(parts)
        _note(surfaces, token.whole, whole)
        for part in parts:
            _note(surfaces, identifiers.term_id("word", stem(part)), part)
        for left, right in pairwise(parts):
            _note(surfaces, identifiers.term_id("pair", stem(left) + stem(right)), f"{left} {right}")


def _note(surfaces: dict[int, Counter[str]], term: int, form: str) -> None:
    forms = surfaces.get(term)
    if forms is None:
        forms = surfaces[term] = Counter()
    if len(forms) < 8 or form in forms:
        forms[form] += 1
