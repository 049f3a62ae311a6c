"""The tables of all languages that have a grammar, by the words of `files.language_of`."""

from __future__ import annotations

from codebase_server.chunks.languages import (
    building,
    compiled,
    dynamic,
    functional,
    lisps,
    managed,
    scripting,
    web,
)
from codebase_server.chunks.spec import Spec

SPECS: dict[str, Spec] = {
    **dynamic.SPECS,
    **web.SPECS,
    **compiled.SPECS,
    **managed.SPECS,
    **functional.SPECS,
    **lisps.SPECS,
    **scripting.SPECS,
    **building.SPECS,
}
"""The table of each language."""
