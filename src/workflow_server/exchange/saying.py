"""Refusals of a plan in the words of the file it was made from.

The service names an item by its place in the call (`items[17].due`), which whoever gave a file of a thousand
rows has never seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from bridge.agreed.errors import TandemError
from workflow_server.exchange.foreign import ForeignFile, ForeignItem
from workflow_server.items.fields import CREATE_CHECKS, UPDATE_CHECKS, checked
from workflow_server.records import NewItem

_IN_PLAN: Final = re.compile(r"`items\[(\d+)\]\.?([\w\[\].]*)`")
_COLUMN_OF: Final = {
    "entity_references": "references",
    "acceptance_criteria": "criteria",
    "parent_id": "parent",
}


@dataclass(frozen=True)
class Saying:
    """What a file calls its items and their fields."""

    file: ForeignFile

    def check_fields(self, batch: Sequence[ForeignItem], plan: Sequence[NewItem]) -> None:
        """Raise for the first field that no item can have, before anything of the file is stored."""
        for place, (item, made) in enumerate(zip(batch, plan, strict=True)):
            with self.of(batch):
                checked(made, CREATE_CHECKS, f"items[{place}].")
                for number, note in enumerate(item.notes):
                    UPDATE_CHECKS["note"](f"items[{place}].notes[{number}]", note)

    @contextmanager
    def of(self, batch: Sequence[ForeignItem]) -> Iterator[None]:
        """Says refusals of a plan made of `batch` in the file's words."""
        try:
            yield
        except TandemError as error:

            def named(found: re.Match[str]) -> str:
                return self._named(batch[int(found[1])], found[2])

            message = _IN_PLAN.sub(named, error.message)
            raise TandemError(error.code, message, error.hint, details=error.details) from error

    def _named(self, item: ForeignItem, field: str) -> str:
        """`` `due` of ABC-2 (row 3, column "Due date")``."""
        bare = field.split("[")[0].split(".")[0]
        column = self.file.columns.get(_COLUMN_OF.get(bare, bare))
        places = [item.place, f'column "{column}"' if column else ""]
        where = ", ".join(place for place in places if place)
        of = f"{item.key[:80]}" + (f" ({where})" if where else "")
        return f"`{field}` of {of}" if field else of
