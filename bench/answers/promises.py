"""The promises of an answer, each checked against the files on disk."""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codebase_server.files import language_of
from codebase_server.service import CodebaseService
from codebase_server.service.answers import SearchAnswer, SearchResult
from codebase_server.service.text import of_search, tokens

LONGEST_BRIEF = 1_000
PREVIEW_LINES = 6
ALIKE = 0.85
"""Share of lines in common from which two results are the same code for a reader."""


@dataclass(frozen=True)
class Asked:
    """One call of search_code: the arguments as the tool takes them."""

    arguments: dict[str, Any]

    def __str__(self) -> str:
        return ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())


class Tree:
    """The files of a tree as they lie on disk, and which of them a glob means to git."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lines: dict[str, list[str]] = {}
        self._matching: dict[str, frozenset[str]] = {}

    def lines(self, path: str) -> list[str]:
        """The lines of a file."""
        if path not in self._lines:
            text = (self.root / path).read_bytes().decode("utf-8-sig", "replace")
            self._lines[path] = re.sub(r"\r\n?", "\n", text).split("\n")
        return self._lines[path]

    def matching(self, glob: str) -> frozenset[str]:
        """The tracked files that git's own globs find."""
        if glob not in self._matching:
            pattern = glob if "/" in glob else f"**/{glob}"
            command = ["git", "-c", "core.quotePath=false", "ls-files", "-z", f":(glob){pattern}"]
            found = subprocess.run(command, cwd=self.root, check=True, capture_output=True).stdout
            self._matching[glob] = frozenset(found.decode("utf-8", "surrogateescape").split("\0")) - {""}
        return self._matching[glob]


def broken(service: CodebaseService, tree: Tree, asked: Asked) -> list[str]:
    """What an answer does not keep, in words."""
    answer = service.search_code(**asked.arguments)
    checks = (_within_budget, _lines_are_whole, _filters_hold, _none_twice, _shown_as_asked)
    found = [problem for check in checks for problem in check(answer, tree, asked.arguments)]
    found += _joined_adjoin(service, answer)
    found += _whole_first(service, answer, asked.arguments)
    if str(asked.arguments["query"]).startswith('"'):
        found += _literal_is_there(service, answer, tree, asked.arguments)
    return found


def _within_budget(answer: SearchAnswer, tree: Tree, asked: dict[str, Any]) -> Iterator[str]:
    most = asked.get("max_tokens")
    if most is None:
        return
    used = tokens(of_search(answer))
    code = sum(len(result.get("content", "")) for result in answer["results"])
    bare = len(answer["results"]) == 1 and not code
    if used > most and not bare:
        yield f"{used} tokens of text where {most} are allowed"
    if code > 4 * most:
        yield f"{code} characters of code in the record where {4 * most} are allowed"


def _lines_are_whole(answer: SearchAnswer, tree: Tree, asked: dict[str, Any]) -> Iterator[str]:
    for result in answer["results"]:
        content = result.get("content", "")
        there = "\n".join(tree.lines(result["file_path"])[result["start_line"] - 1 : result["end_line"]])
        if content and content != there:
            yield f"{_place(result)} does not show those lines of the file"


def _filters_hold(answer: SearchAnswer, tree: Tree, asked: dict[str, Any]) -> Iterator[str]:
    for result in answer["results"]:
        path = result["file_path"]
        if asked.get("path") and path not in tree.matching(asked["path"]):
            yield f"{path} does not match {asked['path']}"
        if asked.get("language"):
            language = language_of(path, "\n".join(tree.lines(path)))
            if asked["language"] not in (language, result["language"]) or language != result["language"]:
                yield f"{path} is {language}, not {asked['language']}"
        if asked.get("kind", "any") not in ("any", result["kind"]):
            yield f"{path} is {result['kind']}, not {asked['kind']}"


def _none_twice(answer: SearchAnswer, tree: Tree, asked: dict[str, Any]) -> Iterator[str]:
    seen: list[tuple[SearchResult, frozenset[str]]] = []
    for result in answer["results"]:
        if result.get("trimmed") or not result.get("content"):
            continue
        lines = frozenset(filter(None, map(str.strip, result.get("content", "").split("\n"))))
        for other, known in seen:
            small, large = sorted((len(lines), len(known)))
            if small and len(lines & known) >= ALIKE * large and small >= ALIKE * large:
                yield f"{_place(result)} is the same code as {_place(other)}"
        seen.append((result, lines))
    places = [(r["file_path"], line) for r in answer["results"] for line in (r["start_line"], r["end_line"])]
    spans = sorted((r["file_path"], r["start_line"], r["end_line"]) for r in answer["results"])
    for (path, _, end), (next_path, start, _) in itertools.pairwise(spans):
        if path == next_path and start <= end:
            yield f"{path}:{start} is shown twice"
    scores = [result["similarity_score"] for result in answer["results"]]
    if scores != sorted(scores, reverse=True):
        yield "a later result is called likelier than an earlier one"
    if len(answer["results"]) > asked.get("limit", 10) or len(places) // 2 > answer["total_count"]:
        yield f"{len(answer['results'])} results of {answer['total_count']}"


def _shown_as_asked(answer: SearchAnswer, tree: Tree, asked: dict[str, Any]) -> Iterator[str]:
    manner = asked.get("content", "full")
    for result in answer["results"]:
        content = result.get("content", "")
        if manner == "none" and content:
            yield f"{_place(result)} shows code"
        if manner == "preview" and content.count("\n") >= PREVIEW_LINES:
            yield f"{_place(result)} shows more than a preview"
        is_brief = manner == "full" and asked.get("max_tokens") is None
        if is_brief and len(content) > LONGEST_BRIEF and "\n" in content:
            yield f"{_place(result)} shows {len(content)} characters"
        if is_brief and not content:
            yield f"{_place(result)} shows nothing"


def _joined_adjoin(service: CodebaseService, answer: SearchAnswer) -> Iterator[str]:
    for result in answer["results"]:
        ids = result.get("chunk_ids", [result["chunk_id"]])
        if result["chunk_id"] not in ids:
            yield f"{_place(result)}: its best chunk is not among its chunks"
        chunks = service.get_chunks(ids)["chunks"]
        if {chunk["file_path"] for chunk in chunks} != {result["file_path"]}:
            yield f"{_place(result)} joins chunks of several files"
        for one, following in itertools.pairwise(chunks):
            if one["end_line"] + 1 != following["start_line"]:
                yield f"{_place(result)} joins chunks that do not adjoin"
        first, last = chunks[0]["start_line"], chunks[-1]["end_line"]
        shown = (result["start_line"], result["end_line"])
        inside = first <= shown[0] <= shown[1] <= last
        if not inside or (not result.get("trimmed") and shown != (first, last)):
            yield f"{_place(result)} is not lines {first}-{last} of its chunks"


def _whole_first(service: CodebaseService, answer: SearchAnswer, asked: dict[str, Any]) -> Iterator[str]:
    """A result is cut only where the whole of it would not have fitted beside the others that are whole."""
    most = asked.get("max_tokens")
    if most is None or asked.get("content", "full") != "full":
        return
    whole = [result for result in answer["results"] if not result.get("trimmed")]
    for result in (one for one in answer["results"] if one.get("trimmed")):
        ids = result.get("chunk_ids", [result["chunk_id"]])
        content = "\n".join(chunk["content"] for chunk in service.get_chunks(ids)["chunks"])
        full: SearchResult = {**result, "content": content}
        instead: SearchAnswer = {**answer, "results": [*whole, full]}
        if tokens(of_search(instead)) <= 0.8 * most:
            yield f"{_place(result)} is cut, though all of it fits beside the whole ones"


def _literal_is_there(
    service: CodebaseService, answer: SearchAnswer, tree: Tree, asked: dict[str, Any]
) -> Iterator[str]:
    """A quoted part is found in every result, and in as many chunks as the files say."""
    literal = str(asked["query"]).strip('"')
    with service.opened(None).snapshot() as snapshot:
        files = snapshot.files()
        allowed = [
            file
            for file in files
            if (not asked.get("path") or file.path in tree.matching(asked["path"]))
            and asked.get("language") in (None, file.language)
            and asked.get("kind", "any") in ("any", file.kind)
        ]
        having = sum(
            any(literal in line for line in tree.lines(file.path)[chunk.start_line - 1 : chunk.end_line])
            for file in allowed
            if any(literal in line for line in tree.lines(file.path))
            for chunk in snapshot.chunks_in(file.path)
        )
    if answer["total_count"] != having:
        yield f"{answer['total_count']} chunks are said to have {literal!r}; the files have it in {having}"


def _place(result: SearchResult) -> str:
    return f"{result['file_path']}:{result['start_line']}-{result['end_line']}"
