"""How a reference to code is written.

====================  ============================================
``c_`` + 12 base-32   a chunk id
``path::Symbol``      a definition; split at the first ``::``
``path:7``            a line (``path:7:3`` too, as compilers print it)
``path:7-20``         a range of lines (``path#L7-L20`` too)
``path``              a whole file
====================  ============================================

A URL is never a path. A search result, pasted as its JSON or as its printed
line, stands for its chunk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args
from urllib.parse import unquote

from bridge.agreed.errors import TandemError, did_you_mean

Role: TypeAlias = Literal["about", "test", "evidence", "introduced-by"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

Form: TypeAlias = Literal["chunk", "symbol", "lines", "path", "commit", "url"]
"""What a reference's text looks like; ``lines`` covers one line and a range."""

MAX_REFERENCE_CHARACTERS: Final = 1_000
"""No path with a symbol is longer; more is a paste gone wrong."""

_CHUNK_ID = r"c_[a-z2-7]{12}"
_IS_CHUNK = re.compile(rf"{_CHUNK_ID}\Z")
_HAS_CHUNK = re.compile(rf"(?<![\w-]){_CHUNK_ID}(?!\w)")
_IS_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*://|mailto:|urn:|data:|www\.)", re.IGNORECASE)
_IS_COMMIT = re.compile(r"[0-9a-f]{7,64}\Z")
_LINES = re.compile(
    r"(?P<path>.+?)(?::L?|#L)(?P<start>\d{1,9})(?:-L?(?P<end>\d{1,9})|:\d+(?::.*)?)?\Z", re.DOTALL
)

FORGES_FOLDER: Final = "(?:blob|blame|src/branch|src/commit)"
"""What stands between a repository and a revision in a forge's link to code: a regular expression."""

_FORGE = re.compile(rf"https?://[^/]+/.*?/{FORGES_FOLDER}/[^/]+/(?P<path>[^?]+)", re.DOTALL)
_ANCHOR = re.compile(r"L(?P<start>\d{1,9})(?:C\d+)?(?:-L?(?P<end>\d{1,9})(?:C\d+)?)?")


@dataclass(frozen=True, slots=True)
class ParsedReference:
    """A reference taken apart.

    ``path`` uses ``/`` and is relative to the root unless it was given absolute.
    ``start_line`` and ``end_line`` are 1-based, inclusive, 0 when no line is named.
    """

    form: Form
    chunk_id: str = ""
    path: str = ""
    symbol: str = ""
    start_line: int = 0
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class GivenReference:
    """A reference as somebody gave it: its text kept exactly, its role, and its repository if named."""

    ref: str
    role: Role = "about"
    repository: str = ""


def parse(text: str) -> ParsedReference:
    """Take a reference's text apart. Every text has a form; whether code is there is another question."""
    text = text.strip()
    if _IS_CHUNK.match(text):
        return ParsedReference("chunk", chunk_id=text)
    if _IS_URL.match(text):
        return ParsedReference("url")
    path, separator, symbol = text.partition("::")
    if separator and path and symbol.strip():
        return ParsedReference("symbol", path=_portable(path), symbol=symbol.strip())
    if lines := _LINES.match(text):
        start = int(lines["start"])
        end = int(lines["end"] or start)
        if start > 0:
            return ParsedReference(
                "lines", path=_portable(lines["path"]), start_line=min(start, end), end_line=max(start, end)
            )
    if _IS_COMMIT.match(text):
        return ParsedReference("commit")
    return ParsedReference("path", path=_portable(text))


def code_of_link(url: str) -> str:
    """What to write instead of a forge's link to code, so that it can be checked: ``path:start-end``, or the
    path; empty for any other URL."""
    found = _FORGE.match(url.strip())
    if found is None:
        return ""
    path, _, anchor = unquote(found["path"]).partition("#")
    lines = _ANCHOR.fullmatch(anchor)
    if lines is None:
        return path
    return f"{path}:{lines['start']}" + (f"-{lines['end']}" if lines["end"] else "")


def _portable(path: str) -> str:
    path = path.strip().replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    return path


def given(value: object) -> GivenReference:
    """A reference out of a tool argument: a string, ``{ref, role, repository}``, or a search result.

    Raises `TandemError` ``invalid_reference`` that shows the value and the accepted forms.
    """
    if isinstance(value, str):
        return GivenReference(_text(value))
    if isinstance(value, Mapping):
        return _from_object(value)
    raise _invalid(f"A reference must be text or an object, not {value!r:.80}.")


def _from_object(value: Mapping[str, Any]) -> GivenReference:
    if "ref" not in value and isinstance(value.get("chunk_id"), str):  # a search result, pasted whole
        return GivenReference(_text(value["chunk_id"]), repository=_repository(value))
    unknown = sorted(set(value) - {"ref", "role", "repository"})
    if unknown:
        suggestion = did_you_mean(unknown[0], ("ref", "role", "repository"))
        raise _invalid(f"Unknown field `{unknown[0]}` in a reference.{suggestion}")
    if not isinstance(value.get("ref"), str):
        raise _invalid(f"`ref` of a reference must be text, not {value.get('ref')!r:.80}.")
    role = value.get("role") or "about"
    if role not in ROLES:
        suggestion = did_you_mean(str(role), ROLES)
        raise _invalid(
            f"`role` of a reference must be one of {', '.join(ROLES)}, not {role!r:.40}.{suggestion}"
        )
    return GivenReference(_text(value["ref"]), role, _repository(value))


def _repository(value: Mapping[str, Any]) -> str:
    repository = value.get("repository") or ""
    if not isinstance(repository, str):
        raise _invalid(f"`repository` of a reference must be text, not {repository!r:.80}.")
    return repository


def _text(text: str) -> str:
    """The text to keep: as given, but a pasted search result becomes its chunk id."""
    stripped = text.strip()
    if not stripped:
        raise _invalid("A reference is empty.")
    if stripped.startswith("{"):
        try:
            pasted = json.loads(stripped)
        except (ValueError, RecursionError):
            pasted = None
        if isinstance(pasted, dict) and isinstance(pasted.get("chunk_id"), str):
            return _text(pasted["chunk_id"])
    if any(space in stripped for space in " \n\t"):
        ids = _HAS_CHUNK.findall(stripped)
        if len(set(ids)) == 1:
            return str(ids[0])
        if len(ids) > 1:
            raise _invalid(
                f"One reference names several chunks: {', '.join(dict.fromkeys(ids))}.",
                "Give each by itself.",
            )
    if len(stripped) > MAX_REFERENCE_CHARACTERS:
        raise _invalid(
            f"A reference has {len(stripped):,} characters; at most {MAX_REFERENCE_CHARACTERS:,} are kept."
        )
    if "\n" in stripped:
        raise _invalid(f"A reference has {stripped.count(chr(10)) + 1} lines and names no chunk.")
    _check_order(stripped)
    return text


def _check_order(text: str) -> None:
    """A range that ends before it begins has a slip in one of its numbers: in which, nobody else knows."""
    if parse(text).form != "lines" or (lines := _LINES.match(text)) is None or not lines["end"]:
        return
    start, end = int(lines["start"]), int(lines["end"])
    if end < start:
        raise _invalid(
            f"The lines of '{text}' end before they begin.",
            f"Did you mean {lines['path']}:{end}-{start}?",
        )


def _invalid(message: str, hint: str = "") -> TandemError:
    accepted = (
        "Accepted: a chunk id, path::Qualified.symbol, path:line, path:start-end, path, "
        "or {ref, role, repository}."
    )
    return TandemError("invalid_reference", message, hint or accepted)
