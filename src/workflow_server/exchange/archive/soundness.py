"""Whether what an archive brought holds together with what was there, asked before it is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from bridge.agreed.errors import TandemError
from workflow_server.dependencies.refusals import refuse_dependency_cycle, refuse_parent_cycle
from workflow_server.exchange.foreign import UnreadableFile
from workflow_server.items.model import MAX_DEPTH
from workflow_server.items.rows import as_json


def refuse_what_does_not_hold_together(connection: sqlite3.Connection, touched: Sequence[str]) -> None:
    """Raise for rows that name what is nowhere, items in a circle or too deep, a history that ends elsewhere.

    :param touched: the items that were made or changed.
    :raises UnreadableFile: with the first problem; the transaction is to be taken back.
    """
    problem = next(_problems(connection, as_json(list(touched))), "")
    try:
        if not problem:
            _refuse_circles(connection, touched)
    except TandemError as circle:
        problem = circle.message.rstrip(".")
    if problem:
        raise UnreadableFile(
            f"The file does not hold together: {problem}; nothing was stored",
            "Export the project again; if items were moved on both sides, put one side right first.",
        )


def _problems(connection: sqlite3.Connection, touched: str) -> Iterator[str]:
    for table, _, referred, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"a row of {table} names one of {referred} that is neither in the file nor here"
    rows = connection.execute(
        """SELECT item.id, item.path, parent.path AS above FROM json_each(?) AS wanted
           JOIN item ON item.id = wanted.value LEFT JOIN item AS parent ON parent.id = item.parent_id""",
        (touched,),
    )
    for row in rows:
        if row["path"] != f"{row['above'] or '/'}{row['id']}/":
            yield f"{row['id']} lies below itself"
    # Of all items: what moved may have taken some along that the file does not know.
    for row in connection.execute("SELECT id, path FROM item"):
        if row["path"].count("/") - 1 > MAX_DEPTH:
            yield f"{row['id']} would lie deeper than {MAX_DEPTH} levels"
    rows = connection.execute(
        """SELECT item.id, item.version, max(change.version) AS last FROM json_each(?) AS wanted
           JOIN item ON item.id = wanted.value LEFT JOIN change ON change.item_id = item.id
           GROUP BY item.id HAVING last IS NULL OR last <> item.version""",
        (touched,),
    )
    for row in rows:
        yield f"{row['id']} is at version {row['version']}, its history ends at {row['last']}"


def _refuse_circles(connection: sqlite3.Connection, touched: Sequence[str]) -> None:
    among = "IN (SELECT value FROM json_each(?))"
    wanted = (as_json(list(touched)),)
    rows = connection.execute(f"SELECT item_id, blocker_id FROM dependency WHERE item_id {among}", wanted)
    for item, blocker in rows.fetchall():
        refuse_dependency_cycle(connection, item, [blocker])
    rows = connection.execute(
        f"SELECT id, parent_id FROM item WHERE parent_id NOTNULL AND id {among}", wanted
    )
    for item, parent in rows.fetchall():
        refuse_parent_cycle(connection, item, parent)
