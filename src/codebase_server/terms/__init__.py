"""Text to terms: what the text index counts and the static embedder looks up.

A **term** is a 64-bit number. Three kinds stand for three ways in which a reader
may mean an identifier, and they never collide because each is hashed with a
salt of its own:

- ``word``: one part of an identifier or a word of prose, lower-cased and
  stemmed (``parseHeaders`` gives ``pars`` and ``header``);
- ``whole``: the identifier entire, lower-cased, underscores dropped, so that
  ``parse_headers`` and ``parseHeaders`` are the same (``parseheaders``);
- ``pair``: two neighbouring parts, stemmed and joined (``parsheader``), which is
  how *websocket* meets ``AsyncWebSocketClient``.

The numbers are the same in every process, on every platform.
"""

from codebase_server.terms.documents import (
    FIELDS,
    TERMS_VERSION,
    TermDocument,
    TermTable,
    document,
    documents,
    vocabulary,
)
from codebase_server.terms.identifiers import Kind, stem, subwords
from codebase_server.terms.queries import QueryTerms, QueryToken, of_query

__all__ = [
    "FIELDS",
    "TERMS_VERSION",
    "Kind",
    "QueryTerms",
    "QueryToken",
    "TermDocument",
    "TermTable",
    "document",
    "documents",
    "of_query",
    "stem",
    "subwords",
    "vocabulary",
]
