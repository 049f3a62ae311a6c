"""`search_code`: freshness first, then the search engine, then the answer's shape."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from codebase_server.search.request import InvalidSearchError, SearchHit, SearchRequest
from codebase_server.service import paths, text
from codebase_server.service.answers import SearchAnswer, SearchResult
from codebase_server.service.current import answered
from codebase_server.service.errors import InvalidArgumentError

if TYPE_CHECKING:
    from codebase_server.service.opened import OpenRoot


def search(opened: OpenRoot, request: SearchRequest, told: Sequence[str] = ()) -> SearchAnswer:
    """Search one root. Raises `InvalidArgumentError` and `PathOutsideRootError`.

    :param told: warnings that the answer begins with.
    """
    started, began = time.perf_counter(), time.monotonic()
    try:
        request.checked()
    except InvalidSearchError as problem:
        raise InvalidArgumentError(str(problem)) from problem
    root = opened.root.path
    request = replace(
        request,
        query=paths.within(request.query, root),
        path=None if request.path is None else paths.glob_inside(request.path, root),
        language=request.language if (request.language or "").strip() else None,
    )
    warnings = [*told, *opened.freshen()]
    try:
        now = answered(
            opened, lambda: opened.search(request), began=began, denies=lambda answer: answer[0].denies
        )
    except InvalidSearchError as problem:
        raise InvalidArgumentError(str(problem)) from problem
    found, index = now.answer
    answer: SearchAnswer = {
        "results": [_result(hit, request) for hit in found.results],
        "total_count": found.total_count,
        "latency_ms": round((time.perf_counter() - started) * 1000, 3),
        "index": index,
        "warnings": [*warnings, *now.warnings(opened), *opened.model.about_search(), *found.warnings],
    }
    if request.max_tokens is not None:
        _fit(answer, request.max_tokens)
    return answer


def _fit(answer: SearchAnswer, max_tokens: int) -> None:
    """Drop what is still too much: the engine budgets code, the text has a head and warnings as well."""
    results = answer["results"]
    while results and text.tokens(text.of_search(answer)) > max_tokens:
        if len(results) > 1:
            results.pop()
        elif results[0].get("content"):
            results[0]["content"] = ""
        else:
            return


def _result(hit: SearchHit, request: SearchRequest) -> SearchResult:
    result: SearchResult = {
        "chunk_id": hit.chunk_id,
        "file_path": hit.file_path,
        "start_line": hit.start_line,
        "end_line": hit.end_line,
        "similarity_score": round(hit.score, 4),
        "language": hit.language,
        "kind": hit.kind,
        "symbol": hit.symbol,
        "content": hit.content,
    }
    if len(hit.chunk_ids) > 1:
        result["chunk_ids"] = list(hit.chunk_ids)
    if hit.twins:
        result["same_code_in"] = list(hit.twins)
    if hit.trimmed:
        result["trimmed"] = True
    if request.explain:
        result["why"] = {part.feature: round(part.contribution, 4) for part in hit.contributions}
    return result
