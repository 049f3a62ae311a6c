"""Candidates that stand first, or last, whatever they weigh, for what the question itself shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codebase_server.search import messages, verbatim
from codebase_server.search.answer.in_order import Contents
from codebase_server.search.defining import of_qualified
from codebase_server.search.pool import Found
from codebase_server.search.query import Query
from codebase_server.search.rank.features import NAMES

FEWEST_COVERED = 0.4
"""Share of the question's words, those of the file's name among them."""

CHANCE_OF_LITTLE = 0.5
"""... of a long message of which no more than three words in a row were found: many strings have as much."""

_COVERAGE, _DOCS, _TESTS = NAMES.index("coverage"), NAMES.index("docs"), NAMES.index("tests")


class Pinned(NamedTuple):
    """Candidates before all others, best first, with the line each is on; ``more`` have the same text.

    ``chance`` is how likely they are what was asked for.
    """

    lines: dict[int, int]
    more: int = 0
    chance: float = 1.0


def asked_for(query: Query, found: Found, order: NDArray[np.intp], content: Contents) -> Pinned:
    """The candidates that hold what the question itself shows.

    Those at places that it names come before those that have its own text; of a file it names, the likeliest.
    Of a name that nothing defines, a key of a configuration perhaps, those that have it as it is spelt.
    """
    if found.pointed_at:
        row_of = {at: row for row, at in enumerate(found.pool.at.tolist())}
        return Pinned({row_of[at]: line for at, line in found.pointed_at.items()})
    is_test = found.features[:, _TESTS] > 0  # what a test expects to be said is said by the code
    if query.is_symbol and (defining := of_qualified(query, found.defining)):
        return Pinned(_definitions(defining, found, order, is_test))
    text = found.pasted
    having = Pinned({})
    if text is not None and not text.is_nowhere(found.holding):
        having = _having(text, found, order, content, is_test)
    is_long = text is not None and len(text.words) >= verbatim.LONG_RUN
    if found.files and not (is_long and having.lines):  # a message may speak of a file
        best = (_best_of(file, found, order) for file in found.files)
        return Pinned({row: 0 for row in best if row is not None})
    if query.is_symbol and found.pool.spelt is None and verbatim.is_spelt_as_keys_are(query.text):
        likeliest = order[: verbatim.MOST_READ].tolist()
        content.read(likeliest)
        holding = [row for row in likeliest if query.text in content(row)]
        holding.sort(key=lambda row: bool(is_test[row]))
        return Pinned(dict.fromkeys(holding[: verbatim.MOST_PINNED], 0))
    return having


def _definitions(
    defining: dict[int, bool], found: Found, order: NDArray[np.intp], is_test: NDArray[np.bool_]
) -> dict[int, int]:
    """What a qualified name names: code before tests, bodies before declarations, the likeliest first."""
    chunk_of = found.pool.at.tolist()
    rows = [row for row in order.tolist() if chunk_of[row] in defining]
    rows.sort(key=lambda row: (bool(is_test[row]), not defining[chunk_of[row]]))
    return dict.fromkeys(rows[: verbatim.MOST_PINNED], 0)


def _having(
    text: verbatim.Pasted,
    found: Found,
    order: NDArray[np.intp],
    content: Contents,
    is_test: NDArray[np.bool_],
) -> Pinned:
    """The candidates that have most of a pasted text, each with the line on which it begins."""
    covered = found.features[:, _COVERAGE].take(order)
    if len(found.holding):
        holds = np.zeros(len(found.view.table.live), dtype=bool)
        holds[found.holding] = True
        covered += holds[found.pool.at[order]]
    likeliest = order[(-covered).argsort(kind="stable")[: verbatim.MOST_READ]]
    # prose that quotes a question or a message is not what was asked for
    possible = text.possible(found.pool.codes[:, likeliest]) & (found.features[likeliest, _DOCS] == 0)
    likely = likeliest[possible].tolist()
    content.read(likely)
    having = [(*text.found_in(content(row)), row) for row in likely]
    if not having:
        return Pinned({})
    longest = {
        kind: max((n for n, _, row in having if is_test[row] == kind), default=0) for kind in (False, True)
    }
    place = {row: rank for rank, row in enumerate(order.tolist())}
    rows = sorted(
        (bool(is_test[row]), place[row], row, line)
        for length, line, row in having
        if length == longest[bool(is_test[row])] > 0
    )
    starts = found.view.table.starts[found.pool.at]
    first = {row: int(starts[row]) + line for _, _, row, line in rows[: verbatim.MOST_PINNED]}
    said = max(longest.values())
    is_little = said <= messages.FEWEST and 2 * said < len(text.words)
    return Pinned(first, len(rows) - len(first), CHANCE_OF_LITTLE if is_little else 1.0)


def _best_of(file: int, found: Found, order: NDArray[np.intp]) -> int | None:
    """The likeliest candidate of a file that the question names; of one that is no code only if it has some
    of the question: "how are .gitignore files matched" does not ask for that of this repository."""
    table = found.view.table
    rows = order[table.file_of[found.pool.at[order]] == file]
    if len(rows) and table.kinds[file] not in ("code", "tests"):
        rows = rows[found.features[rows, _COVERAGE] >= FEWEST_COVERED]
    return int(rows[0]) if len(rows) else None


def tests_last(query: Query, found: Found, scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores with those of tests below all others, of a quotation: it is asked of the code that says it."""
    if not query.literals or not len(scores):
        return scores
    is_test = found.features[:, _TESTS] > 0
    lowered: NDArray[np.float32] = np.where(is_test, scores - (scores.max() - scores.min() + 1), scores)
    return lowered.astype(np.float32, copy=False)


def put_first(
    pinned: Pinned, scores: NDArray[np.float32], chances: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Scores and chances with some candidates before all others, in their order, as likely as is known."""
    scores, chances, top = scores.copy(), chances.copy(), float(scores.max())
    for place, row in enumerate(reversed(pinned.lines)):
        scores[row] = top + 1_000 * (place + 1)
        chances[row] = max(pinned.chance, chances.item(row))
    return scores, chances
