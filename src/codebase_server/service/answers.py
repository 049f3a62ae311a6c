"""The JSON-ready answers of the service, field by field as the contract names them.

Doors hand them on unchanged: the MCP tools publish these types as their
output schemas. All lines are 1-based and inclusive, all paths are relative to
the root and use ``/``, all durations are milliseconds.
"""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from bridge.agreed.states import ReferenceState

IndexState = Literal["ready", "building", "partial"]


class IndexBlock(TypedDict):
    """How much of the root an answer rests on."""

    root: str
    repository: str
    generation: str
    state: IndexState
    files: int
    chunks: int
    pending_files: int
    pending_vectors: int


class SearchResult(TypedDict):
    """One place in the code; ``trimmed`` where the chunk has more lines than are shown.

    ``same_code_in``: places of nearly the same code, which are no results of their own.
    """

    chunk_id: str
    chunk_ids: NotRequired[list[str]]
    file_path: str
    start_line: int
    end_line: int
    content: NotRequired[str]
    similarity_score: float
    language: str
    kind: str
    symbol: str
    trimmed: NotRequired[bool]
    same_code_in: NotRequired[list[str]]
    why: NotRequired[dict[str, float]]


class SearchAnswer(TypedDict):
    """Answer of `search_code`."""

    results: list[SearchResult]
    total_count: int
    latency_ms: float
    index: IndexBlock
    warnings: list[str]


class Candidate(TypedDict):
    """Code that may be what an id or a reference once named."""

    chunk_id: str
    file_path: str
    symbol: str
    start_line: int
    end_line: int
    score: float


class LastKnown(TypedDict, total=False):
    """The last place and code of something, kept after it is gone."""

    file_path: str
    symbol: str
    start_line: int
    end_line: int
    content: str
    content_hash: str
    generation: str
    commit: str
    died_at: str


class Version(TypedDict):
    """A generation in which a chunk was born, changed, died or came back. ``current``: its present form."""

    event: str
    generation: str
    at: str
    commit: str
    content_hash: str
    file_path: str
    symbol: str
    current: bool


class Resolved(TypedDict):
    """What became of one reference: an entry of `resolve`."""

    ref: str
    state: ReferenceState
    chunk_id: str
    chunk_ids: list[str]
    chunk_hashes: list[str]
    repository: str
    root: str
    file_path: str
    symbol: str
    start_line: int
    end_line: int
    content_hash: str
    similarity: float | None
    was: LastKnown | None
    candidates: list[Candidate]
    reason: str


class ResolvedWithContent(Resolved):
    """An entry of `resolve` when code was asked for."""

    content: str


class ChunkEntry(ResolvedWithContent):
    """An entry of `get_chunks`: a resolved id with its code.

    ``content`` is empty unless the code is live; ``first_line`` is the line
    that ``content`` begins with when context lines were asked for.
    """

    first_line: int
    language: str
    kind: str
    diff: NotRequired[str]
    history: NotRequired[list[Version]]


class ChunksAnswer(TypedDict):
    """Answer of `get_chunks`: one entry an id, in the order asked."""

    chunks: list[ChunkEntry]
    latency_ms: float
    index: IndexBlock
    warnings: list[str]


class ResolveAnswer(TypedDict):
    """Answer of `resolve`: one entry a reference, in the order asked."""

    references: list[Resolved]
    generations: dict[str, str]
    latency_ms: float
    warnings: list[str]


class Usage(TypedDict):
    """One line that mentions a name, with the chunk around it.

    ``manner``: call, use, import, comment (or string), or text (prose, data). ``likely`` is false where
    another definition of the name is the likelier one.
    """

    file_path: str
    line: int
    text: str
    chunk_id: str
    symbol: str
    manner: Literal["call", "use", "import", "comment", "text"]
    likely: bool


class SymbolResult(TypedDict):
    """One definition."""

    chunk_id: str
    symbol: str
    symbol_kind: str
    file_path: str
    start_line: int
    end_line: int
    signature: str
    language: str


class SymbolsAnswer(TypedDict):
    """Answer of `find_symbol`."""

    results: list[SymbolResult]
    total_count: int
    usages: NotRequired[list[Usage]]
    latency_ms: float
    index: IndexBlock
    warnings: list[str]


class OutlineEntry(TypedDict):
    """One symbol, or one file of a repository map (then ``symbol`` is empty)."""

    file_path: str
    symbol: str
    symbol_kind: str
    start_line: int
    end_line: int
    depth: int
    chunk_id: str
    signature: str


class OutlineAnswer(TypedDict):
    """Answer of `outline`: symbols of a file, or a map of a folder."""

    path: str
    entries: list[OutlineEntry]
    total_count: int
    latency_ms: float
    index: IndexBlock
    warnings: list[str]


class Skipped(TypedDict):
    """Files left out of the index for one reason, the first few of them named."""

    reason: str
    count: int
    examples: list[str]


class IndexAnswer(TypedDict):
    """Answer of `index_repository`."""

    files: int
    chunks: int
    changed_files: int
    removed_files: int
    skipped: list[Skipped]
    generation: str
    duration_ms: float
    index: IndexBlock
    warnings: list[str]


class StatusAnswer(TypedDict):
    """Answer of `index_status`."""

    root: str
    repository: str
    state: IndexState
    generation: str
    coverage: float
    languages: dict[str, int]
    skipped: list[Skipped]
    embedder: str
    database_bytes: int
    writer_pid: int | None
    last_error: str
    index: IndexBlock
    latency_ms: float
    warnings: list[str]
