"""The six tools: their arguments, words and annotations. What they do is the service's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from mcp.server.mcpserver import Context
from pydantic import Field

from bridge.hosting.toolset import ADDS, READS, ToolSet
from codebase_server.doors.mcp import outputs
from codebase_server.doors.mcp.calls import Calls
from codebase_server.service import text
from codebase_server.service.answers import (
    ChunksAnswer,
    IndexAnswer,
    OutlineAnswer,
    SearchAnswer,
    StatusAnswer,
    SymbolsAnswer,
)

if TYPE_CHECKING:
    from codebase_server.service import CodebaseService

Root = Annotated[str | None, Field(description="Served root: path or repository id", max_length=4096)]
PathGlob = Annotated[str | None, Field(description="Glob or folder, e.g. 'src/**/*.py'", max_length=1024)]
Budget = Annotated[int | None, Field(description="Fit the answer into this many tokens", ge=100, le=200_000)]
ChunkId = Annotated[str, Field(min_length=1, max_length=200)]


def build(service: CodebaseService) -> ToolSet:
    """The tools of one server, over one service."""
    tools = ToolSet()
    calls = Calls(service)

    @tools.tool(title="Search code", annotations=READS, output=outputs.SEARCH, render=text.of_search)
    async def search_code(
        query: Annotated[
            str,
            Field(
                description='What the code does, words or names; "quoted" is literal',
                min_length=1,
                max_length=2000,
            ),
        ],
        ctx: Context,
        limit: Annotated[int, Field(ge=1, le=50)] = 10,
        path: PathGlob = None,
        language: Annotated[str | None, Field(description="e.g. python", max_length=40)] = None,
        kind: Literal["code", "tests", "docs", "config", "any"] = "any",
        max_tokens: Budget = None,
        content: Literal["full", "preview", "none"] = "full",
        root: Root = None,
    ) -> SearchAnswer:
        """Find code by meaning, words or names: the first step when you don't know where something is. Ranked, complete functions with stable chunk ids. `index.state` other than "ready" means the index is unfinished."""  # noqa: E501 - one line for the model
        return await calls.read(
            ctx,
            lambda: service.search_code(
                query,
                root=root,
                limit=limit,
                path=path,
                language=language,
                kind=kind,
                max_tokens=max_tokens,
                content=content,
            ),
        )

    @tools.tool(title="Get chunks", annotations=READS, output=outputs.CHUNKS, render=text.of_chunks)
    async def get_chunks(
        chunk_ids: Annotated[list[ChunkId], Field(min_length=1, max_length=100)],
        ctx: Context,
        context_lines: Annotated[int, Field(description="Lines around each", ge=0, le=200)] = 0,
        history: Annotated[bool, Field(description="Earlier versions too")] = False,
        diff_from: Annotated[
            str | None, Field(description="content_hash of the version to diff from", max_length=128)
        ] = None,
        root: Root = None,
    ) -> ChunksAnswer:
        """Read chunks by id. Ids outlive edits, moves and renames; for code that is gone you get its last place, its code and likely successors."""  # noqa: E501
        return await calls.read(
            ctx,
            lambda: service.get_chunks(
                chunk_ids, root=root, context_lines=context_lines, history=history, diff_from=diff_from
            ),
        )

    @tools.tool(title="Find symbol", annotations=READS, output=outputs.SYMBOLS, render=text.of_symbols)
    async def find_symbol(
        name: Annotated[
            str, Field(description="Name, Class.method, or prefix*", min_length=1, max_length=500)
        ],
        ctx: Context,
        symbol_kind: Annotated[str | None, Field(description="e.g. function, class", max_length=40)] = None,
        path: PathGlob = None,
        usages: Annotated[bool, Field(description="Also the lines that mention it")] = False,
        limit: Annotated[int, Field(ge=1, le=200)] = 20,
        root: Root = None,
    ) -> SymbolsAnswer:
        """Where a name you know is defined and, with `usages`, every line that mentions it. Exact, where search_code ranks."""  # noqa: E501
        return await calls.read(
            ctx,
            lambda: service.find_symbol(
                name, root=root, symbol_kind=symbol_kind, path=path, usages=usages, limit=limit
            ),
        )

    @tools.tool(title="Outline", annotations=READS, output=outputs.OUTLINE, render=text.of_outline)
    async def outline(
        ctx: Context,
        path: Annotated[
            str, Field(description="File or folder; empty: the whole root", max_length=1024)
        ] = "",
        depth: Annotated[int | None, Field(description="Levels of symbols or folders", ge=1, le=20)] = None,
        max_tokens: Budget = None,
        root: Root = None,
    ) -> OutlineAnswer:
        """Symbols of a file with lines and chunk ids; for a folder a map of its most important files. Cheaper than reading files."""  # noqa: E501
        return await calls.read(
            ctx, lambda: service.outline(path, root=root, depth=depth, max_tokens=max_tokens)
        )

    @tools.tool(title="Index repository", annotations=ADDS, output=outputs.INDEXED, render=text.of_index)
    async def index_repository(
        ctx: Context,
        force: Annotated[bool, Field(description="Read every file anew; ids are kept")] = False,
        root: Root = None,
    ) -> IndexAnswer:
        """Bring the index up to date and wait for it. Seldom needed: searches fold in changes by themselves."""
        return await calls.index(ctx, root=root, force=force)

    @tools.tool(title="Index status", annotations=READS, output=outputs.STATUS, render=text.of_status)
    async def index_status(ctx: Context, root: Root = None) -> StatusAnswer:
        """What is indexed: coverage, languages, files skipped and why, last error."""
        return await calls.read(ctx, lambda: service.index_status(root=root))

    return tools
