"""One search from question to answer: understand, find, rank, select, show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from codebase_server.search import filters, verbatim
from codebase_server.search.answer.budget import BRIEF_CHARACTERS, as_asked
from codebase_server.search.answer.in_order import Contents, ranked
from codebase_server.search.answer.selection import Group, select
from codebase_server.search.answer.telling import (
    AS_MESSAGE,
    BY_WORDS_INSTEAD,
    MENDED,
    MORE_HAVE_IT,
    NO_WORD,
    NOTHING_ANSWERS,
    PREVIEWS,
    no_literal_has,
    quoted,
)
from codebase_server.search.answer.worth import line_worth
from codebase_server.search.candidates.in_memory import vectors_in_memory
from codebase_server.search.corpus import Corpus, RootTable, VersionFacts
from codebase_server.search.literal import containing
from codebase_server.search.messages import FEWEST_APART
from codebase_server.search.pinned import asked_for, put_first, tests_last
from codebase_server.search.pool import Found, Pools, QueryEncoder
from codebase_server.search.query import Query, understand
from codebase_server.search.rank.model import Calibration, Ranker, shipped
from codebase_server.search.request import Contribution, SearchAnswer, SearchHit, SearchRequest
from codebase_server.search.spelling import rewritten
from codebase_server.search.views import Gather

DOUBTED = 3
"""Results of which as much is shown as otherwise: one in twenty such answers is right after all."""


class Engine:
    """Searches the roots of one repository database. Thread-safe; one for as long as the database is open."""

    def __init__(self, ranker: Ranker | None = None, gather: Gather = vectors_in_memory) -> None:
        self.pools = Pools(gather)
        """Which chunks there are and what they hold; asked for names as well."""
        self._ranker = ranker
        self._gather = gather

    def anew(self) -> Engine:
        """The same engine without what it remembers of generations."""
        return Engine(self._ranker, self._gather)

    def holds(self, corpus: Corpus, encoder: QueryEncoder | None) -> bool:
        """Whether the root was read before, so that a question need not read all of it first."""
        return self.pools.holds(corpus.root, encoder.model_id if encoder else "")

    def read(self, corpus: Corpus, encoder: QueryEncoder | None) -> None:
        """Read what every question needs."""
        self.pools.view(corpus, encoder.model_id if encoder else "")

    def ranker(self, encoder: QueryEncoder | None) -> Ranker:
        """What orders candidates: what was learnt beside such vectors, unless another ranker was given."""
        return self._ranker or shipped(encoder.model_id if encoder else "")

    def candidates(
        self, corpus: Corpus, query: Query, encoder: QueryEncoder | None, request: SearchRequest
    ) -> Found:
        """The candidates of a question with their features, before any order."""

        def allowed(table: RootTable) -> NDArray[np.bool_] | None:
            mask = filters.allowed(request, table)
            if not query.literals:
                return mask
            view = self.pools.view(corpus, encoder.model_id if encoder else "")
            return containing(corpus, self.pools.reader, view.text, table, query.literals, mask)

        return self.pools.find(corpus, query, encoder, allowed)

    def _understood(self, corpus: Corpus, text: str, encoder: QueryEncoder | None) -> tuple[Query, list[str]]:
        """A question without slips of the fingers, and a warning for each that it had."""
        query = understand(text)
        slips = self.pools.slips(corpus, query, encoder.model_id if encoder else "")
        if not slips:
            return query, []
        return understand(rewritten(text, slips)), [MENDED.format(*both) for both in slips.items()]

    def _as_message(
        self, corpus: Corpus, query: Query, encoder: QueryEncoder | None, request: SearchRequest
    ) -> Found | None:
        """The candidates of a question that is a message with a value in quotes; None if it is none.

        It is one where the code says what stands around the quotes: ``the door "front" could not be opened``.
        """
        message = query.without_quotes() if query.literals else None
        text = verbatim.pasted(message, beside_quotes=True) if message is not None else None
        if message is None or text is None or len(text.message.together) < FEWEST_APART:
            return None
        found = self.candidates(corpus, message, encoder, request)
        contents = corpus.contents(found.view.table.live[found.holding].tolist())
        says = any(text.message.said_in(content.casefold())[0] for content in contents.values())
        return found if says else None

    def _by_words(
        self,
        corpus: Corpus,
        request: SearchRequest,
        query: Query,
        encoder: QueryEncoder | None,
        doubtful: float,
    ) -> tuple[Query, Found, list[SearchHit]] | None:
        """The answer to all words of a question with quotes, where it is not doubtful; else None.

        For a value that a message was printed with (``invalid int for PORT ("abc")``) and that stands,
        by chance, within other code.
        """
        words = query.without_quotes()
        if words is None:
            return None
        found, ranker = self.candidates(corpus, words, encoder, request), self.ranker(encoder)
        hits, _ = _results(corpus, request, words, found, ranker, ranker.calibrated(found.features))
        return (words, found, hits) if hits and hits[0].score >= doubtful else None

    def meet(self, corpus: Corpus, encoder: QueryEncoder | None, most: int) -> bool:
        """Work out beforehand what questions would have to; whether anything is left. See `Pools.meet`."""
        return self.pools.meet(corpus, encoder.model_id if encoder else "", most)

    @np.errstate(invalid="ignore")  # as in `rank.features.features`
    def search(
        self, corpus: Corpus, request: SearchRequest, encoder: QueryEncoder | None = None
    ) -> SearchAnswer:
        """Answer a request. Raises `InvalidSearchError` for arguments that cannot be honoured."""
        request.checked()
        filters.check(request)
        query, told = self._understood(corpus, request.query, encoder)
        found = self._as_message(corpus, query, encoder, request)
        if found is not None:
            told.append(AS_MESSAGE.format(quoted(query.literals)))
            query = query._replace(literals=())
        else:
            found = self.candidates(corpus, query, encoder, request)
        no_literal = ""
        if query.literals and not len(found.pool.at):
            unquoted = query.without_quotes()
            no_literal = no_literal_has(query.literals, by_words=unquoted is not None)
            if unquoted is not None:  # a question in words is answered by its words
                query, found = unquoted, self.candidates(corpus, unquoted, encoder, request)
        ranker = self.ranker(encoder)
        calibration = ranker.calibrated(found.features)
        hits, more = _results(corpus, request, query, found, ranker, calibration)
        if query.literals and hits and hits[0].score < calibration.doubtful:
            better = self._by_words(corpus, request, query, encoder, calibration.doubtful)
            if better is not None:
                told.append(BY_WORDS_INSTEAD.format(quoted(query.literals)))
                query, found, hits = better
                calibration = ranker.calibrated(found.features)
        warnings = list(told)
        denies = not hits or found.lacks_word or bool(told or no_literal)
        if nothing := filters.explain_nothing(request, found.view.table):
            warnings.append(nothing)
        elif no_literal:
            warnings.append(no_literal)
        elif not query.terms and not query.literals:
            warnings.append(NO_WORD)
        if more:
            warnings.append(MORE_HAVE_IT.format(more))
        later: list[SearchHit] = []
        # what has the quoted part is what was asked for, however little else it has of the question
        if hits and not query.literals and hits[0].score < calibration.doubtful:
            denies = True
            warnings.append(NOTHING_ANSWERS.format(hits[0].score) + (PREVIEWS if request.is_brief else ""))
            if request.is_brief:  # functions that nobody asked for cost an agent's context
                later = as_asked(
                    hits[DOUBTED:], replace(request, content="preview"), line_worth(query), warnings
                )
        hits = [*as_asked(hits[: -len(later) or None], request, line_worth(query), warnings), *later]
        return SearchAnswer(tuple(hits), found.total, corpus.generation, tuple(warnings), denies)


def _results(
    corpus: Corpus,
    request: SearchRequest,
    query: Query,
    found: Found,
    ranker: Ranker,
    calibration: Calibration,
) -> tuple[list[SearchHit], int]:
    """The candidates ranked, and of the first ones the results, whole and best first; and how many more
    chunks have the text that was pasted than were put first for it.
    """
    applied = ranker.linear.apply(query, defined=found.pool.spelt is not None)
    scores = ranker.scores(applied, found.features)
    chances = calibration.chances(found.features, scores)
    scores = tests_last(query, found, scores)
    order = (-scores).argsort(kind="stable")  # candidates are in the order of paths and lines
    versions = found.view.table.live.take(found.pool.at)
    content = Contents(corpus, versions, order, first=request.limit)
    pinned = asked_for(query, found, order, content)
    first = pinned.lines
    if first:
        scores, chances = put_first(pinned, scores, chances)
        order = (-scores).argsort(kind="stable")
    in_order = ranked(found, scores, order)
    # where not all of a result is shown, what joined it would be in no result at all
    longest = None if request.content == "full" else 0
    if request.is_brief:
        longest = BRIEF_CHARACTERS
    wants_files = applied.description < 0.5
    groups = select(in_order, request.limit, applied.crowding, content, longest, spread=wants_files)
    members = [[group.best.row, *(member.row for member in group.members)] for group in groups]
    shown = [versions[rows].tolist() for rows in members]
    facts = corpus.facts([version for some in shown for version in some[1:]])
    hits: list[SearchHit] = []
    for group, of_group in zip(groups, shown, strict=True):
        # a later result is never called likelier than an earlier one
        chance = min(chances.item(group.best.row), hits[-1].score if hits else 1.0)
        named = [facts[version] for version in of_group]
        hit = _hit(found, group, named, content, chance, first.get(group.best.row, 0))
        if request.explain:
            parts = ranker.contributions(applied, found.features[group.best.row])
            hit = hit._replace(contributions=_explained(parts))
        hits.append(hit)
    return hits, pinned.more


def _hit(
    found: Found,
    group: Group,
    named: Sequence[VersionFacts],
    content: Callable[[int], str],
    chance: float,
    focus: int,
) -> SearchHit:
    """A result; ``named``: the facts of its best chunk, then of all its chunks."""
    table, best, members = found.view.table, group.best, group.members
    file = table.file_of.item(found.pool.at.item(best.row))
    code = content(best.row) if len(members) == 1 else "\n".join([content(one.row) for one in members])
    return SearchHit(
        chunk_id=named[0].chunk_id,
        chunk_ids=tuple([facts.chunk_id for facts in named[1:]]),
        file_path=best.path,
        start_line=group.start_line,
        end_line=group.end_line,
        content=code,
        score=chance,
        language=table.languages[file],
        kind=table.kind_of(found.pool.at.item(best.row)),
        symbol=named[0].symbol,
        focus=focus,
        best=(best.start_line, best.end_line),
        twins=tuple([f"{one.path}:{one.start_line}-{one.end_line}" for one in group.twins]),
    )


def _explained(parts: Sequence[tuple[str, float, float]]) -> tuple[Contribution, ...]:
    return tuple(Contribution(*part) for part in sorted(parts, key=lambda part: (-abs(part[2]), part[0])))
