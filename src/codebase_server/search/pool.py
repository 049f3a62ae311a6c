"""From a root and a question to a pool of candidates with their features: the stages before ranking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from codebase_server.search import spelling, verbatim
from codebase_server.search.candidates import lexical
from codebase_server.search.candidates.best import best, best_of_files, by_place
from codebase_server.search.corpus import Corpus, Defined, RootTable
from codebase_server.search.defining import definers, likeliest
from codebase_server.search.places import MOST_OF_A_FILE, chunks_at, files_named
from codebase_server.search.query import WHOLE, Query
from codebase_server.search.rank.features import Pool, features
from codebase_server.search.rank.spelt import spelt
from codebase_server.search.rank.versions import Versions
from codebase_server.search.roots import Roots, standing_of
from codebase_server.search.views import RootView
from codebase_server.terms import QueryTerms

BY_WORDS, BY_WORDS_OF_A_NAME = 120, 200
"""A bare name has few words to tell candidates apart."""
BY_NAME = 40
"""A short function may hold one word of the question, but in its name."""
BY_QUOTE = 200
BY_FILE = 24
"""Files; the best chunk by words of each is a candidate."""
BY_MEANING = 120


class QueryEncoder(Protocol):
    """The part of an embedder that searching needs."""

    @property
    def model_id(self) -> str:
        """The tag of the vectors it can be compared with."""

    def encode_query(self, text: str, analysed: QueryTerms) -> NDArray[np.float32]:
        """The vector of a question."""


class Found(NamedTuple):
    """The candidates of a question: indices into ``live``, features, and how many chunks matched in all.

    ``pointed_at``: those at a place that the question names, in its order, each with the line named.
    ``holding``: those that have every word of the question, spelt as it is, as indices into ``live``.
    ``defining``: definitions of the name that the question is, each with its chunk as an index into ``live``.
    ``files``: those that the question names without a line, in its order, as numbers of the root's table.
    """

    view: RootView
    pool: Pool
    features: NDArray[np.float32]
    total: int
    pointed_at: dict[int, int]
    holding: NDArray[np.intp]
    files: list[int]
    defining: list[tuple[int, Defined]]
    lacks_word: bool
    """Whether the question is one word, and no chunk has it as it is."""
    pasted: verbatim.Pasted | None
    """The question as a piece of the code, if it may be one."""


class Pools(Roots):
    """The roots with their candidates for questions."""

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
        chosen = _by_words(query, scores, having, view.table, mask)
        cosines = vector = None
        if encoder is not None and view.vectors is not None and query.terms:
            vector = encoder.encode_query(query.text, query.analysed)
            near, _ = view.vectors.nearest(vector, BY_MEANING, mask)
            chosen.append(near.astype(np.intp))
        quoted = mask if query.literals else None
        if quoted is not None:  # whatever has the quoted part is an answer, be it a fragment that is no word
            chosen.append(np.flatnonzero(quoted)[:BY_QUOTE])
        pointed_at = dict(chunks_at(view.table, query.places, mask, corpus)) if query.places else {}
        if pointed_at:
            chosen.append(np.array(list(pointed_at), dtype=np.intp))
        files = files_named(view.table, query.places) if query.places else []
        chosen += [_of_file(view.table, file, mask) for file in files]
        defining = definers(corpus, view.table, query, scores.hits.counts, mask)
        if defining:
            chosen.append(likeliest(defining, scores.chunk))
        is_chosen = np.zeros(len(view.table.live), dtype=bool)
        is_chosen[np.concatenate(chosen)] = True
        holding = having[:0]
        text = verbatim.pasted(query)
        if text is not None:
            holding = text.having_all(scores.hits, len(view.table.live))
        if text is not None and len(holding):
            holding = best(holding, scores.chunk[holding], verbatim.MOST_READ, view.table)
            unread = holding[~is_chosen[holding]]
            is_chosen[text.among(unread, view.table.live, corpus.contents)] = True
        at = by_place(is_chosen.nonzero()[0], view.table)
        asked = vector
        if view.vectors is not None and vector is not None:
            cosines = view.vectors.cosines(vector, at)
        versions = self.versions_known()
        words = versions.vocabulary
        if vector is None or encoder is None or encoder.model_id != words.vectors.model_id:
            vector = words.vectors.encode_query(query.text, query.analysed)
        of_name = spelt(query, at, defining) if defining else None
        pool = _pool(scores, view, at, versions, corpus, cosines, asked, vector, of_name)
        matched = scores.matched if quoted is None else quoted
        total = int(np.count_nonzero(matched | is_chosen))
        whole = [number for number, term in enumerate(query.terms) if term.kind == WHOLE]
        lacks = len(whole) == 1 and not scores.hits.counts[whole[0]]
        made = features(query, scores, pool)
        return Found(view, pool, made, total, pointed_at, holding, files, defining, lacks, text)

    def slips(self, corpus: Corpus, query: Query, model: str) -> dict[str, str]:
        """The words of a question that must be slips of the fingers, each with what was meant.

        Most questions have none. Quoted text is meant as it stands.
        """

        def in_code(terms: Sequence[int]) -> NDArray[np.intp]:
            text = self.view(corpus, model).text
            return lexical.hits_of(corpus.connection, self.reader, text, terms).counts

        vectors = self.versions_known().vocabulary.vectors
        if query.literals or vectors.knows_parts(query.analysed):  # as nearly always
            return {}
        return spelling.meant(query, vectors.knows, in_code)


def _by_words(
    query: Query,
    scores: lexical.LexicalScores,
    having: NDArray[np.intp],
    table: RootTable,
    mask: NDArray[np.bool_] | None,
) -> list[NDArray[np.intp]]:
    """The best of the chunks ``having`` words of a question: by all words, by their names, by their files."""
    (named,) = (scores.name > 0).nonzero()
    by_name = scores.name[named] + 1e-3 * scores.chunk[named]  # ties by all the words
    most = BY_WORDS_OF_A_NAME if query.is_symbol else BY_WORDS
    return [
        best(having, scores.chunk[having], most, table),
        best(named, by_name, BY_NAME, table),
        best_of_files(scores, having, table, BY_FILE, mask),
    ]


def _pool(
    scores: lexical.LexicalScores,
    view: RootView,
    at: NDArray[np.intp],
    versions: Versions,
    corpus: Corpus,
    cosines: NDArray[np.float32] | None,
    asked: NDArray[np.float32] | None,
    question: NDArray[np.float32],
    of_name: NDArray[np.float32] | None,
) -> Pool:
    """``asked`` is the question's vector by the chunks' model, ``question`` by the vocabulary's."""
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
    files = numbers.searchsorted(file_of)
    known, whole = view.standing, view.whole_files
    if known is not None and known.vocabulary is versions.vocabulary:
        known = known.of(at, numbers)
    else:
        known = standing_of(view, at, files, numbers.tolist(), versions, corpus)
    return Pool(
        at=at,
        codes=codes,
        files=files,
        paths=[table.paths[i] for i in numbers.tolist()],
        standing=known,
        body_words=view.text.lengths[at, -1],
        file_scores=scores.file.take(numbers),
        cosines=cosines,
        file_cosines=None if whole is None or asked is None else whole.cosines(asked, numbers),
        question=question,
        spelt=of_name,
    )


def _of_file(table: RootTable, file: int, mask: NDArray[np.bool_] | None) -> NDArray[np.intp]:
    inside = table.file_of == file
    return np.flatnonzero(inside if mask is None else inside & mask)[:MOST_OF_A_FILE]
