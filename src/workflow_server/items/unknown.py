"""An id that a project does not have: what may have been meant."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from bridge.agreed.errors import TandemError
from bridge.agreed.wording import first_of
from workflow_server.store.identifiers import ITEM_ID

_MOST_OFFERED: Final = 3
_LENGTH: Final = len("wi_abc2def")


def not_found(
    connection: sqlite3.Connection, identifier: str, field: str = "", told: Sequence[str] = ()
) -> TandemError:
    """The error for an id that this project has never had.

    :param field: what named the item, where the call itself did not. :param told: what there is to say of
        the project.
    """
    near = _near(connection, identifier)
    named = first_of([f"{one} '{title[:60]}'" for one, title in near], _MOST_OFFERED, "; ")
    where = f"named by `{field}` " if field else ""
    hints = [*told, f"Did you mean {named}?"] if near else list(told)
    if field and ITEM_ID.match(identifier) is None:
        hints.append("It is no `key` of an item of the same plan either.")
    hints.append("Ids look like wi_abc2def; find them with list_work_items, or name another `project`.")
    return TandemError(
        "work_item_not_found",
        f"Work item '{identifier}' {where}is not in this project.",
        " ".join(hints),
        details={"id": identifier},
    )


def _near(connection: sqlite3.Connection, identifier: str) -> list[tuple[str, str]]:
    """Ids and titles of the items that a text may mean: an id with a slip or without its end, or a title."""
    plain = identifier.strip().lstrip("#").casefold()
    titled = connection.execute(
        "SELECT id, title FROM item WHERE deleted_at IS NULL AND title = ? COLLATE NOCASE LIMIT ?",
        (identifier.strip(), _MOST_OFFERED + 1),
    )
    if found := titled.fetchall():
        return [(row[0], row[1]) for row in found]
    if not plain.startswith("wi_") or not 5 <= len(plain) <= _LENGTH + 1:
        return []
    rows = connection.execute("SELECT id, title FROM item WHERE deleted_at IS NULL ORDER BY n DESC")
    near = [(row[0], row[1]) for row in rows if _is_near(plain, row[0])]
    return near[: _MOST_OFFERED + 1]


def _is_near(given: str, known: str) -> bool:
    """Whether one is the other but for a letter: another one, one more or one less; or its beginning."""
    if known.startswith(given):
        return True
    if len(given) == len(known):
        return sum(one != other for one, other in zip(given, known, strict=True)) <= 1
    shorter, longer = sorted((given, known), key=len)
    if len(longer) - len(shorter) != 1:
        return False
    return any(shorter == longer[:at] + longer[at + 1 :] for at in range(len(longer)))
