"""What files that define nothing hand on: ``export * from './x'``, ``export { a as b } from './y'``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from codebase_server.store import Snapshot, StoredDefinition

KIND: Final = "export"
_LANGUAGES: Final = frozenset({"javascript", "typescript", "tsx"})
_FROM: Final = re.compile(
    r"""^export\s+(?:type\s+)?(?P<what>\*(?:\s+as\s+(?P<space>\w+))?|\{(?P<names>[^}]{0,20000})\})"""
    r"""\s*from\s*["'](?P<module>[^"'\n]+)["']""",
    re.MULTILINE,
)
_NAME: Final = re.compile(r"(?:type\s+)?([\w$]+)(?:\s+as\s+([\w$]+))?\s*(?:,|$)")
_COMMENT: Final = re.compile(r"//[^\n]*")
MOST: Final = 1_000


def handed_on(snapshot: Snapshot, path: str, language: str) -> list[StoredDefinition]:
    """What a file exports of other files, by line; all of a module under the module's own name."""
    if language not in _LANGUAGES:
        return []
    chunks = snapshot.chunks_in(path)
    contents = snapshot.contents(one.version_id for one in chunks)
    found: list[StoredDefinition] = []
    for chunk in chunks:
        text = contents.get(chunk.version_id, "")
        for match in _FROM.finditer(text):
            first = chunk.start_line + text.count("\n", 0, match.start())
            for name, at in _names(match):
                line = chunk.start_line + text.count("\n", 0, at)
                shown = f"export {match['what'] if match['names'] is None else name} from '{match['module']}'"
                found.append(
                    StoredDefinition(path, language, name, name, KIND, max(first, line), line, shown, "")
                )
    return found[:MOST]


def _names(match: re.Match[str]) -> Iterator[tuple[str, int]]:
    """Each name that is exported and where it stands."""
    if match["names"] is None:
        yield match["space"] or match["module"], match.start()
        return
    plain = _COMMENT.sub(lambda comment: " " * len(comment[0]), match["names"])
    for one in _NAME.finditer(plain):
        yield one[2] or one[1], match.start("names") + one.start(1)
