"""The questions that weights are learnt from: development queries, doc sentences of held-out repositories.

The first want files, the second functions; see ``docs/benchmarks/retrieval.md``.
"""

from __future__ import annotations

import hashlib
import pickle
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.retrieval import dataset, docsentences
from bench.retrieval.memory import Embedder, MemoryCorpus, ParsedTree, parse

import codebase_server
from codebase_server.search.query import understand
from training.ranking import definitions, naming
from training.ranking.drawn import drawn
from training.ranking.examples import Example, examples

HERE = Path(__file__).parent
DOC_WEIGHT = 0.2
"""Of a doc sentence beside a development query: there are some four times as many of them."""
NAME_WEIGHT = 0.05
"""Of a name drawn from a repository: it is easier than what people ask, and there are many."""
SENTENCES = 60
"""Drawn from one repository at most."""
MORE_SENTENCES = 250
"""... to learn from what features say together."""
FEWEST, LARGEST = 12, 9_000
"""Doc sentences and chunks: of many repositories those with fewer, or with more, are left out."""
FOREIGN = 20
"""Questions of other repositories that each development repository is asked."""


@dataclass(frozen=True, slots=True)
class Development:
    """What the development trees are asked.

    ``own`` questions, ``foreign`` ones, names ``drawn`` from the code; and, of the own, those that are names
    as if no definition were known (``unknown``).
    """

    own: list[Example]
    foreign: list[Example]
    drawn: list[Example]
    unknown: list[Example]


@dataclass(frozen=True, slots=True)
class Gathering:
    """Reads trees, or what is remembered of them in ``cache`` since chunks and terms last changed."""

    embedder: Embedder | None
    cache: Path | None = None

    def development(self, data: Path, trees: Path) -> Development:
        """The development queries on their trees, and queries of other trees (nothing there is right).

        ``data`` holds ``queries.json``, ``trees`` a folder a repository.
        """
        questions = dataset.load(data)
        draw = random.Random(5)  # the same in every run
        found = Development([], [], [], [])
        for name in dict.fromkeys(question.repository for question in questions):
            tree, _ = self._remembered(f"dev-{name}", partial(_as_it_is, trees / name))
            corpus = MemoryCorpus(tree, self.embedder)
            put = partial(examples, corpus, name, by_file=True, weight=1.0, embedder=self.embedder)
            asked = [
                (q.text, q.targets, "no shared word" if q.shares_no_word else q.category)
                for q in questions
                if q.repository == name
            ]
            found.own.extend(put(asked))
            if self.embedder is not None:
                found.drawn.extend(self._drawn(tree, name, corpus))
            others = draw.sample([q for q in questions if q.repository != name], FOREIGN)
            asked = [(q.text, (), q.category) for q in others]
            found.foreign.extend(put(asked))
            corpus.forget_definitions()
            asked = [
                (q.text, q.targets, q.category)
                for q in questions
                if q.repository == name and understand(q.text).is_symbol
            ]
            found.unknown.extend(put(asked))
        return found

    def written(self, corpus: Path) -> list[Example]:
        """The topics written for checkouts in the folder ``corpus``."""
        questions = dataset.written()
        found: list[Example] = []
        for name in dict.fromkeys(question.repository for question in questions):
            tree, _ = self._remembered(f"as-{name}", partial(_as_it_is, corpus / name))
            asked = [
                (q.text, q.targets, "no shared word" if q.shares_no_word else q.category)
                for q in questions
                if q.repository == name
            ]
            corpus_of = MemoryCorpus(tree, self.embedder)
            found += examples(corpus_of, name, asked, by_file=True, weight=1.0, embedder=self.embedder)
        return found

    def _drawn(self, tree: ParsedTree, group: str, corpus: MemoryCorpus) -> list[Example]:
        return examples(
            corpus, group, drawn(tree), by_file=False, weight=naming.DRAWN_WEIGHT, embedder=self.embedder
        )

    def mined(
        self, corpus: Path, names: str, most: int = SENTENCES, *, middling: bool = False
    ) -> tuple[list[Example], list[Example], list[Example]]:
        """Doc sentences and names of the repositories in the list ``names`` beside this module.

        The names are asked where no definition is known, for `fitting`, and then others where all are, for
        `naming` (none when more than the usual number of sentences is asked for).
        Those that ``corpus`` lacks are named and left out; with ``middling``, so are those outside of
        `FEWEST` and `LARGEST`.
        """
        sentences: list[Example] = []
        named: list[Example] = []
        defined: list[Example] = []
        for repository in listed(names):
            root = corpus / repository.replace("/", "+")
            if not root.is_dir():
                print(f"not in {corpus}: {repository}", file=sys.stderr)
                continue
            tree, found = self._remembered(f"doc-{root.name}", partial(_without_docs, root))
            if middling and (len(found) < FEWEST or len(tree.chunks) > LARGEST):
                print(f"{repository}: {len(found)} doc sentences, {len(tree.chunks)} chunks", file=sys.stderr)
                continue
            indexed = MemoryCorpus(tree, self.embedder)
            questions = docsentences.drawn(found, most)
            asked = [(q.text, (q.target,), q.language) for q in questions if _stands(tree, q)]
            sentences += examples(
                indexed, repository, asked, by_file=False, weight=DOC_WEIGHT, embedder=self.embedder
            )
            if most == SENTENCES:
                defined += self._drawn(tree, repository, indexed)
            indexed.forget_definitions()
            named += examples(
                indexed,
                repository,
                definitions.asked(tree),
                by_file=True,
                weight=NAME_WEIGHT,
                embedder=self.embedder,
            )
        return sentences, named, defined

    def _remembered(
        self, name: str, make: Callable[[], tuple[ParsedTree, tuple[docsentences.DocQuestion, ...]]]
    ) -> tuple[ParsedTree, tuple[docsentences.DocQuestion, ...]]:
        if self.cache is None:
            return make()
        self.cache.mkdir(parents=True, exist_ok=True)
        file = self.cache / f"{name}-{_program()}.pickle"
        if file.exists():
            kept: tuple[ParsedTree, tuple[docsentences.DocQuestion, ...]] = pickle.loads(file.read_bytes())
            return kept
        made = make()
        file.write_bytes(pickle.dumps(made))
        return made


def _stands(tree: ParsedTree, question: docsentences.DocQuestion) -> bool:
    """Whether the function is still one: cutting a comment out may leave code that no grammar reads."""
    return any(
        chunk.symbol and question.target.covered_by(tree.sources[file].path, chunk.start_line, chunk.end_line)
        for chunk, file in zip(tree.chunks, tree.file_of, strict=True)
    )


def _as_it_is(root: Path) -> tuple[ParsedTree, tuple[docsentences.DocQuestion, ...]]:
    return parse(root), ()


def _without_docs(root: Path) -> tuple[ParsedTree, tuple[docsentences.DocQuestion, ...]]:
    questions, bare = docsentences.questions_of(root)
    return parse(root, lambda source: bare.get(source.path, source)), tuple(questions)


def _program() -> str:
    """What a parsed tree depends on besides the tree: its fields, the program that makes chunks and terms."""
    state = hashlib.blake2b(" ".join(ParsedTree.__slots__).encode(), digest_size=6)
    package = Path(codebase_server.__file__).parent
    for stage in ("chunks", "files", "terms", "search/candidates/postings.py"):
        for file in sorted([package / stage, *(package / stage).rglob("*")]):
            if file.is_file() and "__pycache__" not in file.parts:
                state.update(file.read_bytes())
    return state.hexdigest()


def listed(names: str) -> Iterator[str]:
    """The repositories of a list, as ``owner/name``."""
    for line in (HERE / names).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split()[0]
