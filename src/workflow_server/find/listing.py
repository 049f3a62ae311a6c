"""One page of a list."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from bridge.agreed.wording import first_of
from workflow_server.dependencies.surroundings import verdicts
from workflow_server.find import nothing
from workflow_server.find import text as full_text
from workflow_server.find.filters import compiled
from workflow_server.find.likeness import nearness
from workflow_server.find.matching import matching
from workflow_server.find.ordered import DEFAULT_LIMIT, Page, in_order, numbered, open_first
from workflow_server.find.similar import alike
from workflow_server.items import duplicated
from workflow_server.items.rows import as_json, load
from workflow_server.items.written import existing
from workflow_server.store.identifiers import ITEM_ID

_LEAST_LIKENESS = 0.2
"""Jaccard similarity below which a title is not shown as similar."""

_MOST_NAMED = 3
"""Deferred items that a list of ready ones names."""


def page(connection: sqlite3.Connection, query: Mapping[str, Any], now: str) -> Page:
    """The page of a checked query. Rows of the blocked view say why."""
    if "similar_to" in query:
        found = _similar(connection, query, now)
    elif "text" in query:
        found = matching(connection, query, now)
    elif query.get("view", "all") == "all" and not query.keys() & {
        "sort",
        "status",
        "changed_since",
        "changed_by",
    }:
        found = open_first(connection, query, compiled(connection, query, now), now)
    else:
        found = in_order(connection, query, compiled(connection, query, now), now)
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
    items = numbered(connection, ordered[: query.get("limit", DEFAULT_LIMIT)], now)
    for item, n in zip(items, ordered, strict=False):
        item["similarity"] = round(scores[n], 3)
    return Page(items, len(ordered))
