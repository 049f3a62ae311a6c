"""Path, language and kind: which live chunks a search may answer with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codebase_server.files.languages import language_named
from codebase_server.search.corpus import RootTable
from codebase_server.search.globs import compile_glob
from codebase_server.search.request import InvalidSearchError, SearchRequest

_HEADERS = (".h", ".hh", ".hpp", ".hxx", ".h++")
_KINDS = ("code", "tests", "docs", "config", "any")


def check(request: SearchRequest) -> None:
    """`InvalidSearchError` for a glob that is none or a kind that does not exist."""
    if request.kind not in _KINDS:
        raise InvalidSearchError(f"kind is {request.kind!r}; choose one of {', '.join(_KINDS)}.")
    if request.path is not None:
        try:
            compile_glob(request.path)
        except ValueError as error:
            raise InvalidSearchError(str(error)) from error


def allowed(request: SearchRequest, table: RootTable) -> NDArray[np.bool_] | None:
    """A mask over the live chunks, or None when every chunk may be answered with."""
    if request.path is None and request.language is None and request.kind == "any":
        return None
    of_file = np.ones(len(table.paths), dtype=bool)
    if request.path is not None:
        matches = compile_glob(request.path).match
        of_file &= np.fromiter((bool(matches(path)) for path in table.paths), bool, len(table.paths))
    if request.language is not None:
        of_file &= _in_languages(request.language, table)
    mask: NDArray[np.bool_] = of_file[table.file_of]
    if request.kind == "any":
        return mask
    of_kind = np.fromiter((kind == request.kind for kind in table.kinds), bool, len(table.paths))
    has_kind = of_kind[table.file_of]
    return mask & (has_kind | table.tests if request.kind == "tests" else has_kind & ~table.tests)


def _in_languages(asked: str, table: RootTable) -> NDArray[np.bool_]:
    """Which files are in one of the languages that are named, with commas between them.

    ``h`` is no language but every header: whether one is of C or of C++ only its text tells.
    """
    named = [word.strip() for word in asked.split(",") if word.strip()]
    endings = tuple(_HEADERS if any(word.lower() in ("h", ".h") for word in named) else ())
    languages = {language_named(word) for word in named if word.lower() not in ("h", ".h")}
    return np.fromiter(
        (
            language in languages or path.lower().endswith(endings)
            for path, language in zip(table.paths, table.languages, strict=True)
        ),
        bool,
        len(table.paths),
    )


def explain_nothing(request: SearchRequest, table: RootTable) -> str | None:
    """Why a filter leaves no file, with what there is; None when it leaves some."""
    mask = allowed(request, table)
    if mask is None or mask.any():
        return None
    if request.language is not None and not _in_languages(request.language, table).any():
        there = ", ".join(sorted(set(table.languages)))
        return f"No indexed file is in the language {request.language!r}; there are: {there or 'none'}."
    if request.path is not None:
        return (
            f"No indexed file matches the path {request.path!r}; paths are relative to the root, "
            "* stays in a folder, ** crosses folders, commas divide several, what begins with ! leaves out."
        )
    return "No indexed file passes the filters."
