"""The board as one self-contained HTML file, for hosts that show MCP apps: no request leaves it.

The modules are written in one plain style (`import { a, b } from "./x.js"` on lines of their own,
`export` before functions, classes and constants), so joining them needs no JavaScript tool: each
becomes a function that returns what it exports. A module that strays from the style is refused, and a
test bundles the page.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path, PurePosixPath

PAGE = Path(__file__).parent / "page"

_IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "(\.{1,2}/[\w./-]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (async function|function|class|const) (\w+)", re.MULTILINE)
_STRAY = re.compile(r"^(?:import|export)\b", re.MULTILINE)


@cache
def bundled() -> str:
    """The page as one text, which takes its data from the host around it."""
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    style = (PAGE / "style.css").read_text(encoding="utf-8")
    script = _script("main.js")
    # the text of a script element ends at the first `</script`, wherever it stands
    script = script.replace("</script", "<\\/script")
    html = re.sub(r"<link rel=\"icon\"[^>]*>\n", "", html)
    html = html.replace('<link rel="stylesheet" href="/board/style.css">', f"<style>\n{style}</style>")
    html = html.replace('<script type="module" src="/board/main.js"></script>\n', "")
    html = html.replace('<html lang="en">', '<html lang="en" data-data="host">')
    return html.replace("</body>", f"<script>\n{script}</script>\n</body>")


def _script(entry: str) -> str:
    order: list[str] = []
    sources: dict[str, str] = {}
    _collect(entry, order, sources, ())
    names = {path: f"module_{number}" for number, path in enumerate(order)}
    parts = [_wrapped(path, sources[path], names) for path in order]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "\n})();\n"


def _collect(path: str, order: list[str], sources: dict[str, str], above: tuple[str, ...]) -> None:
    """Put `path` behind everything it imports."""
    if path in above:
        raise ValueError(f"modules of the board import each other in a circle: {' → '.join((*above, path))}")
    if path in sources:
        return
    source = (PAGE / path).read_text(encoding="utf-8")
    sources[path] = source
    for match in _IMPORT.finditer(source):
        _collect(_resolved(path, match[2]), order, sources, (*above, path))
    order.append(path)


def _resolved(importer: str, target: str) -> str:
    parts: list[str] = list(PurePosixPath(importer).parent.parts)
    for part in PurePosixPath(target).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _wrapped(path: str, source: str, names: dict[str, str]) -> str:
    exported = [match[2] for match in _EXPORT.finditer(source)]
    body = _IMPORT.sub(lambda match: f"const {{ {match[1]} }} = {names[_resolved(path, match[2])]};", source)
    body = _EXPORT.sub(r"\1 \2", body)
    stray = _STRAY.search(body)
    if stray:
        line = body.count("\n", 0, stray.start()) + 1
        raise ValueError(f"{path} line {line}: an import or export that the bundle does not know")
    return f"const {names[path]} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();"
