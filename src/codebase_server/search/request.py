"""What is asked of `Engine`, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Content = Literal["full", "preview", "none"]
KindFilter = Literal["code", "tests", "docs", "config", "any"]

LONGEST_QUERY = 2_000
MOST_RESULTS = 50


class InvalidSearchError(ValueError):
    """An argument of a search that cannot be honoured; the message says which, and what would do."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search.

    ``path`` is a glob relative to the root; ``language`` a language name as
    results carry it. ``max_tokens`` bounds the answer's text at four characters
    a token. ``explain`` adds each result's features and contributions.
    """

    query: str
    limit: int = 10
    path: str | None = None
    language: str | None = None
    kind: KindFilter = "any"
    max_tokens: int | None = None
    content: Content = "full"
    explain: bool = False

    @property
    def is_brief(self) -> bool:
        """Whether each result is cut to what is worth reading: code is wanted, and no budget was named."""
        return self.content == "full" and self.max_tokens is None

    def checked(self) -> SearchRequest:
        """Itself. Raises `InvalidSearchError` where it is empty, too long or asks for too much."""
        if not self.query.strip():
            raise InvalidSearchError(
                "The query is empty; ask for something, for example a name or a question."
            )
        if len(self.query) > LONGEST_QUERY:
            raise InvalidSearchError(
                f"The query has {len(self.query):,} characters, at most {LONGEST_QUERY:,} are allowed."
            )
        if not 1 <= self.limit <= MOST_RESULTS:
            raise InvalidSearchError(f"limit is {self.limit}, it must be from 1 to {MOST_RESULTS}.")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise InvalidSearchError(f"max_tokens is {self.max_tokens}, it must be at least 1.")
        return self


@dataclass(frozen=True, slots=True)
class Contribution:
    """One feature of a result: its value, and what it added to the score before calibration."""

    feature: str
    value: float
    contribution: float


class SearchHit(NamedTuple):
    """One result: a chunk, or chunks of one file that adjoin, in the order of their lines.

    ``chunk_id`` is the best one's. ``score`` is the probability that this answers
    the question. ``content`` is empty with ``content="none"``; ``trimmed`` says that
    the lines given are only part of the chunk. ``focus`` is the line in the file that was asked for
    (a place, a pasted text); 0 for none. ``best`` are the first and last line of the best chunk.
    ``twins`` are places, as ``path:start-end``, of code that is nearly the same and therefore not shown.
    (A tuple is made in a third of the time of a frozen dataclass: a question has ten, and four are cut.)
    """

    chunk_id: str
    chunk_ids: tuple[str, ...]
    file_path: str
    start_line: int
    end_line: int
    content: str
    score: float
    language: str
    kind: str
    symbol: str
    trimmed: bool = False
    focus: int = 0
    best: tuple[int, int] = (0, 0)
    contributions: tuple[Contribution, ...] = ()
    twins: tuple[str, ...] = ()

    def cut(self, content: str, start: int, end: int, *, trimmed: bool) -> SearchHit:
        """The same result with only its lines from ``start`` up to ``end``, counted from 0 in itself."""
        return SearchHit(  # `_replace` takes three times as long, and four results of ten are cut
            self.chunk_id,
            self.chunk_ids,
            self.file_path,
            self.start_line + start,
            self.start_line + end - 1,
            content,
            self.score,
            self.language,
            self.kind,
            self.symbol,
            trimmed,
            self.focus,
            self.best,
            self.contributions,
            self.twins,
        )


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The results, how many chunks matched in all, and what the reader should know.

    ``denies``: whether it says, in whatever words, that what was asked for is not here.
    """

    results: tuple[SearchHit, ...]
    total_count: int
    generation: str
    warnings: tuple[str, ...] = field(default=())
    denies: bool = False
