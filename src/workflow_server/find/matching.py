"""Pages of a full text search."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from workflow_server.find import pages, questions
from workflow_server.find import text as full_text
from workflow_server.find.filters import compiled, text_terms
from workflow_server.find.ordered import DEFAULT_LIMIT, Page, in_order, numbered
from workflow_server.items.rows import as_json, load
from workflow_server.records import BriefItem
from workflow_server.store.identifiers import ITEM_ID
from workflow_server.types.filters import Condition


def matching(connection: sqlite3.Connection, query: Mapping[str, Any], now: str) -> Page:
    """Full text: items with every word in the title first, then those with every word anywhere, newest
    first in each.

    The order rests on the item alone. Scores such as BM25 shift with every
    write, and pages cut by them would repeat and lose items.
    """
    asked = query["text"]
    query, left_out = _without_small_words(connection, query)
    terms = text_terms(query)
    everywhere, titled = full_text.all_of(terms), full_text.in_title(terms)
    where = compiled(connection, query, now)
    filtered = bool(query.keys() - {"text", "sort", "limit", "cursor"})
    if query.get("sort", "relevance") != "relevance":
        sql, parameters = where
        matching = f"{sql} AND item.n IN (SELECT rowid FROM item_text WHERE item_text MATCH ?)"
        found = in_order(connection, query, (matching, [*parameters, everywhere]), now)
    else:
        found = _by_relevance(connection, query, where if filtered else None, (everywhere, titled), now)
    _add_snippets(connection, found.items, full_text.as_written(terms))
    hint = questions.operators(asked) if left_out or not found.total else ""
    if not found.total:
        found.warnings.append(_why_nothing(connection, query, terms, everywhere) + hint)
    elif left_out:
        found.warnings.append(
            f"small_words: no item has all of the words; left out: {', '.join(left_out)}. "
            f"Looked for: {query['text']}.{hint}"
        )
    return found


def _without_small_words(
    connection: sqlite3.Connection, query: Mapping[str, Any]
) -> tuple[Mapping[str, Any], list[str]]:
    """The query, or where no item has all of its words and the small ones do not help, the query without
    them, and which these are.
    """
    subject, left_out = questions.subject(query["text"])
    if not left_out or not full_text.terms(subject):
        return query, []
    found = connection.execute(
        """SELECT EXISTS (SELECT 1 FROM item_text CROSS JOIN item ON item.n = item_text.rowid
           WHERE item_text MATCH ? AND item.deleted_at IS NULL)""",
        (full_text.all_of(text_terms(query)),),
    ).fetchone()[0]
    return (query, []) if found else ({**query, "text": subject}, left_out)


def _by_relevance(
    connection: sqlite3.Connection,
    query: Mapping[str, Any],
    where: Condition | None,
    matches: tuple[str, str],
    now: str,
) -> Page:
    everywhere, titled = matches
    joined = "item_text CROSS JOIN item ON item.n = item_text.rowid" if where else "item_text"
    sql, parameters = where or ("1", [])
    total = connection.execute(
        f"SELECT count(*) FROM {joined} WHERE item_text MATCH ? AND {sql}", [everywhere, *parameters]
    ).fetchone()[0]
    tier, last = pages.decode(query, 2) or (0, None)
    limit = query.get("limit", DEFAULT_LIMIT)
    numbers: list[tuple[int, int]] = []
    for number, match in enumerate((titled, f"({everywhere}) NOT ({titled})")):
        if number < tier or len(numbers) > limit:
            continue
        behind, values = (
            (" AND item_text.rowid < ?", [last]) if number == tier and last is not None else ("", [])
        )
        rows = connection.execute(
            f"""SELECT item_text.rowid FROM {joined} WHERE item_text MATCH ?{behind} AND {sql}
                ORDER BY item_text.rowid DESC LIMIT ?""",
            [match, *values, *parameters, limit + 1 - len(numbers)],
        )
        numbers += [(number, row[0]) for row in rows]
    cursor = None
    if len(numbers) > limit:
        numbers = numbers[:limit]
        cursor = pages.encode(query, list(numbers[-1]))
    return Page(numbered(connection, [n for _, n in numbers], now), total, cursor)


def _add_snippets(connection: sqlite3.Connection, items: list[BriefItem], match: str) -> None:
    if not items:
        return
    among = as_json([item["id"] for item in items])
    numbers = dict(
        connection.execute(
            "SELECT id, n FROM item WHERE id IN (SELECT value FROM json_each(?))", (among,)
        ).fetchall()
    )
    # One walk over the matches: joined to the items, the full-text index would start anew for each.
    found = dict(
        connection.execute(
            """SELECT rowid, snippet(item_text, -1, '**', '**', '…', 12) FROM item_text
               WHERE item_text MATCH ? AND rowid >= ? AND rowid <= ?
                 AND +rowid IN (SELECT value FROM json_each(?))""",
            (match, min(numbers.values()), max(numbers.values()), as_json(list(numbers.values()))),
        ).fetchall()
    )
    for item in items:
        if snippet := found.get(numbers[item["id"]]):
            item["snippet"] = snippet.replace("\n", " ")


def _why_nothing(
    connection: sqlite3.Connection, query: Mapping[str, Any], terms: list[full_text.Term], match: str
) -> str:
    """Why no item has all the words: one is named by its id, other filters leave out those that have them, or
    which words there are.
    """
    given = query["text"].strip()
    if ITEM_ID.match(given) and load(connection, [given]):
        return f"no_match: {given} is the id of an item; get_work_item shows it. `text` looks for words."
    elsewhere = connection.execute(
        """SELECT count(*) FROM item_text CROSS JOIN item ON item.n = item_text.rowid
           WHERE item_text MATCH ? AND item.deleted_at IS NULL""",
        (match,),
    ).fetchone()[0]
    if elsewhere:
        have, filters = ("item has", "it") if elsewhere == 1 else ("items have", "them")
        others = [name for name in query if name not in ("text", "sort", "limit", "cursor")]
        return (
            f"no_match: {elsewhere} {have} all of these words; the other filters ({', '.join(others)}) leave "
            f"{filters} out."
        )
    counts = {
        term.shown: connection.execute(
            "SELECT count(*) FROM item_text WHERE item_text MATCH ?", (term.match,)
        ).fetchone()[0]
        for term in terms
    }
    told = ", ".join(f"{shown} in {count}" for shown, count in counts.items())
    return f"no_match: no item has all of these words; items with each: {told}. Use fewer words."
