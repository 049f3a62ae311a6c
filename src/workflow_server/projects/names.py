"""Names of projects and of their files."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from workflow_server.items.checks import invalid, shown

MAX_NAME = 100
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
)
"""File names that Windows keeps for devices."""


def checked_name(name: object) -> str:
    """A usable project name, trimmed. Raises ``invalid_argument``."""
    if not isinstance(name, str) or not name.strip():
        raise invalid("name", f"is {shown(name)}.", "Give the project a name of 1 to 100 characters.")
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    if len(clean) > MAX_NAME or any(unicodedata.category(letter).startswith("C") for letter in clean):
        raise invalid(
            "name", f"is {shown(name)}.", f"At most {MAX_NAME} characters, none of them control characters."
        )
    return clean


_PATH = re.compile(r"(\.{1,2}|~|[A-Za-z]:)?[/\\]|\.{1,2}$")
"""What a path on this or another system begins with; `owner/name` is a name."""


def refuse_path(name: str) -> None:
    """Raise ``invalid_argument`` where a new project would be named as a path is: a folder was meant."""
    if _PATH.match(name):
        raise invalid(
            "name",
            f"is {shown(name)}, which is a path: a project has a name.",
            "Give it a name, or stand in the repository: its project is taken.",
        )


def slug_of(name: str) -> str:
    """The file name of a project, portable and the same for names that differ in case only.

    A name that loses something on the way (spaces, accents, length) gets a
    hash of itself at the end, so that different names keep different files.
    """
    folded = name.casefold()
    plain = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:50].strip("-")
    if plain == folded and plain not in _RESERVED:
        return plain
    mark = hashlib.blake2b(folded.encode(), digest_size=4).hexdigest()
    return f"{plain}-{mark}" if plain else mark
