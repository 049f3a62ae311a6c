"""The tables of all languages that have a grammar, by the words of `files.language_of`."""

from __future__ import annotations

from codebase_server.chunks.languages import compiled, dynamic, functional, managed, web
from codebase_server.chunks.spec import Spec

SPECS: dict[str, Spec] = {**dynamic.SPECS, **web.SPECS, **compiled.SPECS, **managed.SPECS, **functional.SPECS}
"""The table of each language."""
