"""From a root and a question to a pool of candidates with their features: the stages before ranking."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.agreed import system
from codebase_server.search import verbatim
from codebase_server.search.candidates import lexical
from codebase_server.search.candidates.best import best, best_of_files, by_place
from codebase_server.search.candidates.in_memory import VectorsInMemory, vectors_in_memory
from codebase_server.search.candidates.reader import SegmentReader
from codebase_server.search.candidates.vectors import Vectors, newest_block
from codebase_server.search.corpus import Corpus, RootTable
from codebase_server.search.defining import definers, likeliest
from codebase_server.search.places import chunks_at
from codebase_server.search.query import Query
from codebase_server.search.rank.features import Pool, features
from codebase_server.search.rank.spelt import spelt
from codebase_server.search.rank.standing import Standing, standing
from codebase_server.search.rank.versions import Versions
from codebase_server.search.rank.vocabulary import vocabulary
from codebase_server.search.views import Gather, RootView, next_table, next_text
from codebase_server.terms import QueryTerms

BY_WORDS, BY_WORDS_OF_A_NAME = 120, 200
"""A bare name has few words to tell candidates apart."""
BY_NAME = 40
"""A short function may hold one word of the question, but in its name."""
BY_QUOTE = 200
BY_FILE = 24
"""Files; the best chunk by words of each is a candidate."""
BY_MEANING = 120

SMALL = 4_000
"""Chunks of a root of which all that no question changes is worked out with the first one: it takes 20 ms for
a thousand and is kept in 100 bytes each. In a larger root each question does it for its own candidates."""

MOST_MET = 80_000
"""Names that are met before anybody asks for them: some 40 MB."""

_VIEWS_KEPT = 2

LARGE = 20_000
"""Chunks of a root from which work on the whole of it leaves much freed memory behind."""


class QueryEncoder(Protocol):
    """The part of an embedder that searching needs."""

    @property
    def model_id(self) -> str:
        """The tag of the vectors it can be compared with."""

    def encode_query(self, text: str, analysed: QueryTerms) -> NDArray[np.float32]:
        """The vector of a question."""


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates of a question: indices into ``live``, features, and how many chunks matched in all.

    ``pointed_at``: those at a place that the question names, in its order, each with the line named.
    ``holding``: those that have every word of the question, spelt as it is, as indices into ``live``.
    """

    view: RootView
    pool: Pool
    features: NDArray[np.float32]
    total: int
    pointed_at: dict[int, int] = field(default_factory=dict)
    holding: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, dtype=np.intp))


class Pools:
    """Makes pools for the roots of one repository database; remembers what stays true."""

    def __init__(self, gather: Gather = vectors_in_memory) -> None:
        self.reader = SegmentReader()
        self._gather = gather
        self._views: OrderedDict[tuple[str, str, str], RootView] = OrderedDict()
        self._versions: Versions | None = None
        self._database = ""
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def view(self, corpus: Corpus, model: str) -> RootView:
        """The root at the corpus's generation, from memory if it was asked before.

        Who needs no vectors (``model`` empty) is given a view with those of whatever model was asked for.
        """
        self._follow(corpus.database)
        segments = self.reader.segments(corpus.connection)
        block = newest_block(corpus.connection, model) if model else 0
        key = (corpus.root, corpus.generation, model)
        known = self._known(key, segments, block)
        return known or self._made(corpus, model, key, segments, block)

    def holds(self, root: str, model: str) -> bool:
        """Whether a root was read at any generation, from which another is soon made."""
        with self._lock:
            return any(key[0] == root and model in ("", key[2]) for key in self._views)

    def _known(self, key: tuple[str, str, str], segments: tuple[int, ...], block: int) -> RootView | None:
        with self._lock:
            known = self._views.get(key)
            if known is None and not key[2]:
                known = next((view for other, view in self._views.items() if other[:2] == key[:2]), None)
        if known is None or known.segments != segments or (key[2] and known.block != block):
            return None
        return known

    def _made(
        self,
        corpus: Corpus,
        model: str,
        key: tuple[str, str, str],
        segments: tuple[int, ...],
        block: int,
    ) -> RootView:
        """A view from an earlier generation's, or from nothing; who wants the same waits for it."""
        with self._making:
            known = self._known(key, segments, block)
            if known is not None:
                return known
            with self._lock:
                earlier = [
                    item for item in self._views.items() if item[0][0] == key[0] and model in ("", item[0][2])
                ]
            made = None
            for (_, generation, _), view in reversed(earlier):
                touched = corpus.touched_since(generation)
                if touched is not None:
                    made = self._stepped(corpus, model, view, touched, segments, block)
                    break
            if made is None:
                made = self._read(corpus, model, segments, block)
            made = self._with_standing(made, corpus)
            self._keep(key, made)
            return made

    def _with_standing(self, view: RootView, corpus: Corpus) -> RootView:
        """The view with what questions take of its chunks, if it is small."""
        table = view.table
        if len(table.live) > SMALL:
            return view
        versions, every = self._known_versions(), np.arange(len(table.live))
        return replace(
            view, standing=_standing(view, every, table.file_of, range(len(table.paths)), versions, corpus)
        )

    def _read(self, corpus: Corpus, model: str, segments: tuple[int, ...], block: int) -> RootView:
        table = corpus.table()
        headers = self.reader.headers(corpus.connection, segments)
        text = lexical.text_view(table.live, table.file_of, len(table.paths), headers)
        vectors = self._gather(corpus.connection, model, table.live) if model else None
        if len(table.live) > LARGE:
            system.give_back_memory()
        return RootView(table, text, vectors, segments, block)

    def meet(self, corpus: Corpus, model: str, most: int) -> bool:
        """Meet up to ``most`` names or paths of a root that no question has met; whether any are left.

        Questions are then spared what they would otherwise have to work out first.
        """
        table = self.view(corpus, model).table
        versions = self._known_versions()
        words = versions.vocabulary
        unmet = versions.unmet(table.live)
        if len(unmet) and len(words) < MOST_MET:
            versions.rows(unmet[:most], corpus.facts)
            return True
        for start in range(0, min(len(table.paths), MOST_MET), most):
            with words.lock:
                if words.meet_paths(table.paths[start : start + most]):
                    return True
        return False

    def _follow(self, database: str) -> None:
        """Forget everything when the database is another one: its segments and versions are numbered anew."""
        with self._lock:
            if database == self._database:
                return
            if self._database:
                self.reader = SegmentReader()
                self._views.clear()
                self._versions = None
            self._database = database

    def _keep(self, key: tuple[str, str, str], view: RootView) -> None:
        with self._lock:
            self._views.pop((*key[:2], ""), None)  # the same, without vectors
            self._views[key] = view
            self._views.move_to_end(key)
            while len(self._views) > _VIEWS_KEPT:
                # an older generation of this root goes before the only one of another
                own = (other for other in self._views if other[::2] == key[::2] and other != key)
                del self._views[next(own, next(iter(self._views)))]

    def _stepped(
        self,
        corpus: Corpus,
        model: str,
        view: RootView,
        touched: Sequence[str],
        segments: tuple[int, ...],
        block: int,
    ) -> RootView:
        """The view of a later generation: what the touched files did not change is taken over."""
        connection = corpus.connection
        table, moved = next_table(view.table, touched, corpus.files(touched))
        text = next_text(view.text, table, moved, self.reader.headers(connection, segments))
        vectors: Vectors | None = None
        if model and isinstance(view.vectors, VectorsInMemory):
            vectors = view.vectors.stepped(connection, model, table.live, moved.to, moved.added, view.block)
        if model and vectors is None:
            vectors = self._gather(connection, model, table.live)
        return RootView(table, text, vectors, segments, block)

    def find(
        self,
        corpus: Corpus,
        query: Query,
        encoder: QueryEncoder | None,
        allowed: Callable[[RootTable], NDArray[np.bool_] | None] = lambda _: None,
    ) -> Found:
        """The candidates of a question among the chunks that ``allowed`` leaves (None: all).

        The chunks at places that the question names are candidates whatever else they hold.
        """
        view = self.view(corpus, encoder.model_id if encoder else "")
        mask = allowed(view.table)
        scores = lexical.score(corpus.connection, self.reader, view.text, query, mask)
        (having,) = (scores.chunk > 0).nonzero()
        (named,) = (scores.name > 0).nonzero()
        by_name = scores.name[named] + 1e-3 * scores.chunk[named]  # ties by all the words
        by_words = BY_WORDS_OF_A_NAME if query.is_symbol else BY_WORDS
        chosen = [
            best(having, scores.chunk[having], by_words, view.table),
            best(named, by_name, BY_NAME, view.table),
            best_of_files(scores, having, view.table, BY_FILE, mask),
        ]
        cosines = vector = None
        if encoder is not None and view.vectors is not None and query.terms:
            vector = encoder.encode_query(query.text, query.analysed)
            near, _ = view.vectors.nearest(vector, BY_MEANING, mask)
            chosen.append(near.astype(np.intp))
        quoted = mask if query.literals else None
        if quoted is not None:  # whatever has the quoted part is an answer, be it a fragment that is no word
            chosen.append(np.flatnonzero(quoted)[:BY_QUOTE])
        pointed_at = dict(chunks_at(view.table, query.places, mask)) if query.places else {}
        chosen.append(np.array(list(pointed_at), dtype=np.intp))
        defining = definers(corpus, view.table, query, scores.hits.counts, mask)
        chosen.append(likeliest(defining, scores.chunk))
        is_chosen = np.zeros(len(view.table.live), dtype=bool)
        is_chosen[np.concatenate(chosen)] = True
        holding = having[:0]
        text = verbatim.pasted(query)
        if text is not None:
            holding = verbatim.having_all(query, scores.hits, len(view.table.live))
            holding = best(holding, scores.chunk[holding], verbatim.MOST_READ, view.table)
            unread = holding[~is_chosen[holding]]
            is_chosen[text.among(unread, view.table.live, corpus.contents)] = True
        at = by_place(is_chosen.nonzero()[0], view.table)
        if view.vectors is not None and vector is not None:
            cosines = view.vectors.cosines(vector, at)
        versions = self._known_versions()
        words = versions.vocabulary
        if vector is None or encoder is None or encoder.model_id != words.vectors.model_id:
            vector = words.vectors.encode_query(query.text, query.analysed)
        pool = _pool(scores, view, at, versions, corpus, cosines, vector)
        if defining:
            pool = replace(pool, spelt=spelt(query, at, defining))
        matched = scores.matched if quoted is None else quoted
        total = int(np.count_nonzero(matched | is_chosen))
        return Found(view, pool, features(query, scores, pool), total, pointed_at, holding)

    def _known_versions(self) -> Versions:
        with self._lock:
            if self._versions is None or self._versions.vocabulary is not vocabulary():
                self._versions = Versions(vocabulary())
                for key, view in self._views.items():  # numbers of the one before, which can now be let go of
                    self._views[key] = replace(view, standing=None)
            return self._versions


def _pool(
    scores: lexical.LexicalScores,
    view: RootView,
    at: NDArray[np.intp],
    versions: Versions,
    corpus: Corpus,
    cosines: NDArray[np.float32] | None,
    question: NDArray[np.float32],
) -> Pool:
    table, hits = view.table, scores.hits
    place = np.full(len(table.live), -1, dtype=np.intp)
    place[at] = np.arange(len(at))
    placed = place.take(hits.at)
    (inside,) = (placed >= 0).nonzero()
    codes = np.zeros((len(hits.counts), len(at)), dtype=np.uint16)
    codes.reshape(-1)[hits.term.take(inside) * len(at) + placed.take(inside)] = hits.codes.take(inside)
    file_of = table.file_of.take(at)
    is_first = np.ones(len(at), dtype=bool)
    np.not_equal(file_of[1:], file_of[:-1], out=is_first[1:])
    numbers = file_of[is_first]
    files = is_first.cumsum(dtype=np.intp)
    files -= 1
    known = view.standing
    if known is not None and known.vocabulary is versions.vocabulary:
        known = known.of(at, numbers)
    else:
        known = _standing(view, at, files, numbers.tolist(), versions, corpus)
    return Pool(
        at=at,
        codes=codes,
        files=files,
        paths=[table.paths[i] for i in numbers.tolist()],
        standing=known,
        body_words=view.text.lengths[at, -1],
        file_scores=scores.file.take(numbers),
        cosines=cosines,
        question=question,
    )


def _standing(
    view: RootView,
    at: NDArray[np.intp],
    file_of: NDArray[np.integer],
    files: Sequence[int],
    versions: Versions,
    corpus: Corpus,
) -> Standing:
    """Of some chunks of a view; ``file_of`` gives the place of each one's file in ``files``."""
    table = view.table
    return standing(
        versions.vocabulary,
        versions.rows(table.live[at], corpus.facts),
        lines=table.ends[at] - table.starts[at] + 1,
        body_words=view.text.lengths[at, -1],
        file_of=file_of,
        paths=[table.paths[i] for i in files],
        kinds=[table.kinds[i] for i in files],
    )
