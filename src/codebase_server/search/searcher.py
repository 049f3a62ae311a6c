"""The search of one root as the service uses it: fold in what changed, take a snapshot, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codebase_server.search.engine import Engine
from codebase_server.search.pool import QueryEncoder
from codebase_server.search.request import SearchAnswer, SearchRequest
from codebase_server.search.stored import StoredCorpus

if TYPE_CHECKING:
    from codebase_server.index import RootIndex


class Searcher:
    """Searches one root. Thread-safe; made once for a `RootIndex` and kept as long as that is open.

    Without an ``encoder``, or where its vectors are not there yet, words alone decide.
    """

    def __init__(self, root_index: RootIndex, encoder: QueryEncoder | None = None) -> None:
        self._index = root_index
        self._encoder = encoder
        self._engine = Engine()

    def search(self, request: SearchRequest) -> SearchAnswer:
        """Answer from what the root holds now; `InvalidSearchError` for arguments that cannot be honoured."""
        request.checked()
        with self._index.snapshot() as snapshot:
            return self._engine.search(StoredCorpus(snapshot), request, self._encoder)
