"""Search: a question to the chunks that answer it.

``query`` reads the question, ``candidates`` finds chunks by words and by
meaning, ``rank`` orders them over explainable features, ``answer`` joins,
thins out and packs what is shown. `Engine` runs the stages on any corpus.
"""

from typing import TYPE_CHECKING

from codebase_server.search.request import (
    Contribution,
    InvalidSearchError,
    SearchAnswer,
    SearchHit,
    SearchRequest,
)

if TYPE_CHECKING:
    from codebase_server.search.engine import Engine

__all__ = [
    "Contribution",
    "Engine",
    "InvalidSearchError",
    "SearchAnswer",
    "SearchHit",
    "SearchRequest",
]


def __getattr__(name: str) -> object:
    # numpy comes with it, and the server must answer its first message before that is loaded.
    if name == "Engine":
        from codebase_server.search.engine import Engine

        return Engine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
