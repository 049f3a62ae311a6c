"""One page of a list."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.agreed.wording import first_of
from workflow_server.dependencies.surroundings import verdicts
from workflow_server.find import nothing, pages
from workflow_server.find import text as full_text
from workflow_server.find.filters import compiled, text_terms
from workflow_server.find.likeness import nearness
from workflow_server.find.similar import alike
from workflow_server.items import duplicated
from workflow_server.items.rows import as_json, load
from workflow_server.items.whole import brief
from workflow_server.items.written import existing
from workflow_server.records import BriefItem
from workflow_server.store.identifiers import ITEM_ID
from workflow_server.types.filters import Condition

DEFAULT_LIMIT = 25
_LEAST_LIKENESS = 0.2
"""Jaccard similarity below which a title is not shown as similar."""

_MOST_NAMED = 3
"""Deferred items that a list of ready ones names."""

_CLOSED = "('completed', 'cancelled')"

_LIST_COLUMNS = (
    "item.id, item.n, item.title, item.item_type, item.status, item.priority, item.version, item.updated_at,"
    " item.parent_id, item.labels, item.assignee, item.due, item.waits, item.claim, item.acceptance_criteria,"
    " item.deleted_at"
)


@dataclass
class Page:
    """Brief rows with the number of all matches and the way on."""

    items: list[BriefItem]
    total: int
    cursor: str | None = None
    warnings: list[str] = field(default_factory=list)


def page(connection: sqlite3.Connection, query: Mapping[str, Any], now: str) -> Page:
    """The page of a checked query. Rows of the blocked view say why."""
    if "similar_to" in query:
        found = _similar(connection, query, now)
    elif "text" in query:
        found = _matching(connection, query, now)
    elif query.get("view", "all") == "all" and not query.keys() & {
        "sort",
        "status",
        "changed_since",
        "changed_by",
    }:
        found = _open_first(connection, query, compiled(connection, query, now), now)
    else:
        found = _sorted(connection, query, compiled(connection, query, now), now)
    if query.get("view") == "blocked":
        judged = verdicts(connection, load(connection, [item["id"] for item in found.items]), now)
        for item in found.items:
            item["why_blocked"] = list(judged[item["id"]].reasons)
    if query.get("view") == "ready":
        found.warnings += duplicated.told(connection, [item["id"] for item in found.items])
    if not found.total and "cursor" not in query:
        found.warnings += nothing.why(connection, query)
    if query.get("view") == "ready" and not query.keys() & {"cursor", "text", "similar_to"}:
        found.warnings += _deferred(connection, query, now)
    return found


def _deferred(connection: sqlite3.Connection, query: Mapping[str, Any], now: str) -> list[str]:
    """What could be started but for its time: it is in neither of the views ready and blocked."""
    sql, parameters = compiled(connection, {**query, "view": "all"}, now)
    # the index is named, since the planner would rather read every item in the order of another one
    rows = connection.execute(
        f"""SELECT item.id, item.deferred_until FROM item INDEXED BY item_ready WHERE item.takeable = 1
            AND item.claim_key IS NULL AND item.deferred_until > ? AND {sql}
            ORDER BY item.deferred_until, item.n""",
        [now, *parameters],
    ).fetchall()
    if not rows:
        return []
    named = first_of([f"{row['id']} until {row['deferred_until']}" for row in rows], _MOST_NAMED)
    return [f"deferred: not shown, and startable but for their time: {named}."]


def _sorted(connection: sqlite3.Connection, query: Mapping[str, Any], where: Condition, now: str) -> Page:
    view = query.get("view", "all")
    latest = view == "deleted" or "changed_since" in query or "changed_by" in query
    usual = "updated" if latest else "created"
    sort = query.get("sort") or (usual if view in ("all", "deleted") else "priority")
    order = pages.ORDERS["created" if sort == "relevance" else sort]
    sql, parameters = where
    total = connection.execute(f"SELECT count(*) FROM item WHERE {sql}", parameters).fetchone()[0]
    values = pages.decode(query, len(order.columns))
    if values is not None:
        behind, more = order.behind(values)
        sql, parameters = f"{sql} AND {behind}", [*parameters, *more]
    limit = query.get("limit", DEFAULT_LIMIT)
    rows = connection.execute(
        f"SELECT {_LIST_COLUMNS}, {order.keys} FROM item WHERE {sql} ORDER BY {order.sql} LIMIT ?",
        [*parameters, limit + 1],
    ).fetchall()
    cursor = None
    if len(rows) > limit:
        rows = rows[:limit]
        cursor = pages.encode(query, [rows[-1][f"key_{place}"] for place in range(len(order.columns))])
    return Page(brief(connection, rows, now), total, cursor)


def _open_first(connection: sqlite3.Connection, query: Mapping[str, Any], where: Condition, now: str) -> Page:
    """What is open, then what is finished, newest first in each: after a day of work a page in the order of
    creation alone is mostly of what nobody asks for any more.
    """
    sql, parameters = where
    total = connection.execute(f"SELECT count(*) FROM item WHERE {sql}", parameters).fetchone()[0]
    tier, last = pages.decode(query, 2) or (0, None)
    limit = query.get("limit", DEFAULT_LIMIT)
    found: list[tuple[int, sqlite3.Row]] = []
    for number, standing in enumerate((f"status NOT IN {_CLOSED}", f"status IN {_CLOSED}")):
        if number < tier or len(found) > limit:
            continue
        behind, values = (" AND item.n < ?", [last]) if number == tier and last is not None else ("", [])
        rows = connection.execute(
            f"""SELECT {_LIST_COLUMNS} FROM item WHERE {sql} AND item.{standing}{behind}
                ORDER BY item.n DESC LIMIT ?""",
            [*parameters, *values, limit + 1 - len(found)],
        )
        found += [(number, row) for row in rows]
    cursor = None
    if len(found) > limit:
        found = found[:limit]
        cursor = pages.encode(query, [found[-1][0], found[-1][1]["n"]])
    return Page(brief(connection, [row for _, row in found], now), total, cursor)


def _matching(connection: sqlite3.Connection, query: Mapping[str, Any], now: str) -> Page:
    """Full text: items with every word in the title first, then those with every word anywhere, newest
    first in each.

    The order rests on the item alone. Scores such as BM25 shift with every
    write, and pages cut by them would repeat and lose items.
    """
    terms = text_terms(query)
    everywhere, titled = full_text.all_of(terms), full_text.in_title(terms)
    where = compiled(connection, query, now)
    filtered = bool(query.keys() - {"text", "sort", "limit", "cursor"})
    if query.get("sort", "relevance") != "relevance":
        sql, parameters = where
        matching = f"{sql} AND item.n IN (SELECT rowid FROM item_text WHERE item_text MATCH ?)"
        found = _sorted(connection, query, (matching, [*parameters, everywhere]), now)
    else:
        found = _by_relevance(connection, query, where if filtered else None, (everywhere, titled), now)
    _add_snippets(connection, found.items, everywhere)
    if not found.total:
        found.warnings.append(_why_nothing(connection, query, terms, everywhere))
    return found


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
    return Page(_numbered(connection, [n for _, n in numbers], now), total, cursor)


def _numbered(connection: sqlite3.Connection, numbers: list[int], now: str) -> list[BriefItem]:
    """Brief rows in the order of ``numbers``."""
    rows = {
        row["n"]: row
        for row in connection.execute(
            f"SELECT {_LIST_COLUMNS} FROM item WHERE n IN (SELECT value FROM json_each(?))",
            (as_json(numbers),),
        )
    }
    return brief(connection, [rows[n] for n in numbers], now)


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
    connection: sqlite3.Connection, query: Mapping[str, Any], terms: list[str], match: str
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
        term: connection.execute(
            "SELECT count(*) FROM item_text WHERE item_text MATCH ?", (term,)
        ).fetchone()[0]
        for term in terms
    }
    told = ", ".join(f"{term.strip('*')} in {count}" for term, count in counts.items())
    return f"no_match: no item has all of these words; items with each: {told}. Use fewer words."


def _similar(connection: sqlite3.Connection, query: Mapping[str, Any], now: str) -> Page:
    given = query["similar_to"]
    source = None
    title = given
    if ITEM_ID.match(given):
        source = existing(connection, [given], deleted=True)[given]
        title = source.title
    (near_titles,) = alike(connection, [title], excluding=source.id if source else None)
    scores = {row["n"]: score for score, row in near_titles}
    terms = full_text.terms(title)
    if terms:
        rows = connection.execute(
            """SELECT item.n, item.title FROM item_text CROSS JOIN item ON item.n = item_text.rowid
               WHERE item_text MATCH ? ORDER BY rank LIMIT 200""",
            (full_text.any_in_title(terms),),
        )
        for row in rows:
            if source is None or row["n"] != source.n:
                scores.setdefault(row["n"], nearness(title, row["title"]))
    sql, parameters = compiled(connection, query, now)
    near = [n for n, score in scores.items() if score >= _LEAST_LIKENESS]
    allowed = {
        row[0]
        for row in connection.execute(
            f"SELECT item.n FROM item WHERE item.n IN (SELECT value FROM json_each(?)) AND {sql}",
            [as_json(near), *parameters],
        )
    }
    ordered = sorted(allowed, key=lambda n: (-scores[n], -n))
    items = _numbered(connection, ordered[: query.get("limit", DEFAULT_LIMIT)], now)
    for item, n in zip(items, ordered, strict=False):
        item["similarity"] = round(scores[n], 3)
    return Page(items, len(ordered))
