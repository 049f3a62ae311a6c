"""The size from which a file is skipped as ``huge``, by what it is."""

from __future__ import annotations

from codebase_server.files.languages import DATA_LANGUAGES, language_of
from codebase_server.files.limits import DATA_SHARE, NOTEBOOK_SHARE


def size_limit(path: str, max_file_bytes: int) -> int:
    """The most bytes that a file of this name may have."""
    return limit_of_language(language_of(path), max_file_bytes)


def limit_of_language(language: str, max_file_bytes: int) -> int:
    """The most bytes that a file of a language may have."""
    if language in DATA_LANGUAGES:
        return max_file_bytes // DATA_SHARE
    return max_file_bytes * NOTEBOOK_SHARE if language == "notebook" else max_file_bytes
