"""The operations as the MCP and HTTP doors offer them: names, arguments and words, once for both.

Docstrings are what a model reads as the tool's description; every word of
them is paid for in each of its conversations. What an operation does is the
service's business.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field

from codebase_server.service import CodebaseService
from codebase_server.service.answers import (
    ChunksAnswer,
    OutlineAnswer,
    SearchAnswer,
    StatusAnswer,
    SymbolsAnswer,
)

Root = Annotated[str | None, Field(description="Served root: path or repository id", max_length=4096)]
PathGlob = Annotated[
    str | None, Field(description="Globs or folders, e.g. 'src/**/*.py,!tests'", max_length=1024)
]
Budget = Annotated[int | None, Field(description="Fit the answer into this many tokens", ge=100, le=200_000)]
ChunkId = Annotated[str, Field(min_length=1, max_length=200)]
Force = Annotated[bool, Field(description="Read every file anew; ids are kept")]

Operation = Callable[..., Any]


class Operations:
    """The operations of one service that read. Each method's signature is its published arguments."""

    def __init__(self, service: CodebaseService) -> None:
        self._service = service

    def search_code(
        self,
        query: Annotated[
            str,
            Field(
                description='What the code does, words or names; "quoted" is literal',
                min_length=1,
                max_length=2000,
            ),
        ],
        limit: Annotated[int, Field(ge=1, le=50)] = 10,
        path: PathGlob = None,
        language: Annotated[str | None, Field(description="e.g. python", max_length=40)] = None,
        kind: Literal["code", "tests", "docs", "config", "any"] = "any",
        max_tokens: Budget = None,
        content: Literal["full", "preview", "none"] = "full",
        root: Root = None,
    ) -> SearchAnswer:
        """Find code by meaning, words or names: the first step when you don't know where something is.
        Ranked functions with stable chunk ids, long ones cut to the lines that matter. An `index.state` other
        than "ready" means the index is unfinished."""
        return self._service.search_code(
            query,
            root=root,
            limit=limit,
            path=path,
            language=language,
            kind=kind,
            max_tokens=max_tokens,
            content=content,
        )

    def get_chunks(
        self,
        chunk_ids: Annotated[list[ChunkId], Field(min_length=1, max_length=100)],
        context_lines: Annotated[int, Field(description="Lines around each", ge=0, le=200)] = 0,
        history: Annotated[bool, Field(description="Earlier versions too")] = False,
        diff_from: Annotated[
            str | None, Field(description="content_hash of the version to diff from", max_length=128)
        ] = None,
        root: Root = None,
    ) -> ChunksAnswer:
        """Read chunks by id. Ids outlive edits, moves and renames; for code that is gone you get its last
        place, its text and likely successors."""
        return self._service.get_chunks(
            chunk_ids, root=root, context_lines=context_lines, history=history, diff_from=diff_from
        )

    def find_symbol(
        self,
        name: Annotated[
            str,
            Field(
                description="Name, Class.method, module.name, Class.*, or prefix*",
                min_length=1,
                max_length=500,
            ),
        ],
        symbol_kind: Annotated[str | None, Field(description="e.g. function, class", max_length=40)] = None,
        path: PathGlob = None,
        usages: Annotated[bool, Field(description="Also the lines that mention it")] = False,
        limit: Annotated[int, Field(ge=1, le=200)] = 20,
        root: Root = None,
    ) -> SymbolsAnswer:
        """Where a name you know is defined and, with `usages`, each line that mentions it, calls first.
        Exact, where search_code ranks."""
        return self._service.find_symbol(
            name, root=root, symbol_kind=symbol_kind, path=path, usages=usages, limit=limit
        )

    def outline(
        self,
        path: Annotated[
            str, Field(description="File or folder; empty: the whole root", max_length=1024)
        ] = "",
        depth: Annotated[
            int | None, Field(description="Levels of symbols; 1 for a folder, else all", ge=1, le=20)
        ] = None,
        max_tokens: Budget = None,
        root: Root = None,
    ) -> OutlineAnswer:
        """Symbols of a file with lines and chunk ids; for a folder a map of its most important files. Cheaper
        than reading files."""
        return self._service.outline(path, root=root, depth=depth, max_tokens=max_tokens)

    def index_status(self, root: Root = None) -> StatusAnswer:
        """What is indexed: coverage, languages, files skipped and why, last error."""
        return self._service.index_status(root=root)
