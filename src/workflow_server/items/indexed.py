"""What an item is found by: the full text of the living and the sketches of their titles."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from workflow_server.find.forms import forms, title_forms
from workflow_server.find.likeness import title_bands
from workflow_server.items.model import Item

_PUT_TEXT = """INSERT INTO item_text (rowid, title, description, criteria, notes, title_forms, forms)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
_PUT_BAND = "INSERT OR IGNORE INTO title_band (band, n) VALUES (?, ?)"
_DROP_BAND = "DELETE FROM title_band WHERE band = ? AND n = ?"


def put(connection: sqlite3.Connection, living: Sequence[tuple[int, Item]]) -> None:
    """Index new items, which have no notes yet."""
    connection.executemany(_PUT_TEXT, [(n, *_texts(item, "")) for n, item in living])
    # in the order of their tree: each of its pages is looked for once
    bands = sorted([(band, n) for n, item in living for band in title_bands(item.title)])
    connection.executemany(_PUT_BAND, bands)


def follow(connection: sqlite3.Connection, n: int, before: Item, after: Item) -> None:
    """Index what an item has become. Deleted items are found neither by their text nor as alike."""
    was, is_now = before.deleted_at is None, after.deleted_at is None
    if was and not is_now:
        connection.execute("DELETE FROM item_text WHERE rowid = ?", (n,))
        connection.executemany(_DROP_BAND, [(band, n) for band in title_bands(before.title)])
        return
    if is_now and not was:
        connection.execute(_PUT_TEXT, (n, *_texts(after, _notes(connection, after.id))))
    elif is_now and _written(before) != _written(after):
        _put_again(connection, n, after)
    if is_now and (not was or before.title != after.title):
        if was:
            connection.executemany(_DROP_BAND, [(band, n) for band in title_bands(before.title)])
        connection.executemany(_PUT_BAND, [(band, n) for band in title_bands(after.title)])


def notes_changed(connection: sqlite3.Connection, item: Item) -> None:
    """Index the notes that an item has now."""
    _put_again(connection, item.n, item)


def _put_again(connection: sqlite3.Connection, n: int, item: Item) -> None:
    connection.execute(
        """UPDATE item_text
           SET title = ?, description = ?, criteria = ?, notes = ?, title_forms = ?, forms = ?
           WHERE rowid = ?""",
        (*_texts(item, _notes(connection, item.id)), n),
    )


def _written(item: Item) -> tuple[str, str, str]:
    criteria = "\n".join(criterion["text"] for criterion in item.acceptance_criteria)
    return item.title, item.description, criteria


def _texts(item: Item, notes: str) -> tuple[str, ...]:
    """The columns of the full text, in their order."""
    title, *others = _written(item)
    return (title, *others, notes, title_forms(title), forms(*others, notes))


def _notes(connection: sqlite3.Connection, item_id: str) -> str:
    rows = connection.execute(
        "SELECT text FROM note WHERE item_id = ? AND withdrawn = 0 ORDER BY id", (item_id,)
    )
    return "\n".join(text for (text,) in rows)
