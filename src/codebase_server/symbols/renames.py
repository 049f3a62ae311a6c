"""Other names of a definition: what imports and re-exports call it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from codebase_server.search.pool import Pools
from codebase_server.store import IndexedFile, Snapshot, StoredDefinition
from codebase_server.symbols.definitions import fitting
from codebase_server.symbols.places import paths_holding
from codebase_server.symbols.postings import Holders
from codebase_server.symbols.wanted import Wanted, module_of, within

MOST_MODULES: Final = 3
"""Files that a module's name may mean equally well, and are all answered."""

LONGEST_CHAIN: Final = 4
"""Renames followed: ``a as b`` in one file, ``b as c`` in the next."""

_FROM: Final = r"""(?:import|export)\s+(?P<js_names>[^;'"()]*?)\s*\bfrom\s*['"](?P<js>[^'"]+)['"]"""
_NOT_FROM: Final = r"(?P<js_names>(?!))(?P<js>)"
_ANY: Final = rf"""^[ \t]*(?:
      from\s+(?P<py>[\w.]+)\s+import\s+(?P<py_names>\([^)]*\)|[^\n]*)
    | {_FROM}
    | export\s*\{{(?P<own_names>[^{{}}]*)\}}
    | (?:const|let|var)\s+(?P<required>[\w$]+|\{{[^{{}}=]*\}})\s*=
      \s*(?:await\s+)?(?:require|import)\(\s*['"](?P<module>[^'"]+)['"]
    | (?:pub(?:\([^)]*\))?\s+)?use\s+(?P<use>[^;]+);
    | (?:global\s+)?using\s+(?P<using>\w+\s*=\s*[\w.:]+)
    | import\s+(?:static\s+)?(?P<import>[\w.]+(?:\s+as\s+\w+|\.\{{[^}}]*\}})?)
    )"""
_STATEMENT: Final = re.compile(_ANY, re.MULTILINE | re.VERBOSE)
_WITHOUT_FROM: Final = re.compile(_ANY.replace(_FROM, _NOT_FROM), re.MULTILINE | re.VERBOSE)
"""The same where no ``from`` follows: each import without one would be read on to the end of the text."""

_BEGINS: Final = re.compile(
    r"\n(?=[ \t]*(?:from\s|import\s|export[\s{]|const\s|let\s|var\s|pub[\s(]|use\s|global\s|using\s))"
)
"""The end of the line before a statement: a break is found ten times as fast as any of many words."""
_GIVEN: Final = ("py_names", "js_names", "own_names", "required", "use", "import")
_DEFAULT: Final = ("export default ", "module.exports = ")
_PARTS: Final = re.compile(r"[^\w$]+")
_ENDINGS: Final = frozenset({"js", "ts", "mjs", "cjs", "jsx", "tsx", "mts", "vue", "svelte"})
_NOT_MODULES: Final = frozenset({"crate", "super", "self", "static", "function", "const", "type", "as"})


@dataclass(frozen=True, slots=True)
class Rename:
    """A statement that gives a name: the name it had, the module that has it, and where it stands.

    ``whole``: the name stands for a module (``import * as z``) or for what it exports by default
    (``import z from``, ``z = require()``); then ``original`` is the module's own last name.
    """

    original: str
    module: tuple[str, ...]
    path: str
    line: int
    whole: Literal["", "module", "default"] = ""


def definitions_behind(
    snapshot: Snapshot, pools: Pools, holders: Holders, wanted: Wanted
) -> tuple[list[StoredDefinition], Rename | None]:
    """What a name means that is defined under another, and the statement that renames it."""
    asked = {wanted.last}
    names, first = [wanted], None
    for _ in range(LONGEST_CHAIN):
        renames = [one for name in names for one in _renames(holders, name)]
        for one in renames:
            first = first or one
            there = [
                found
                for _, found in fitting(snapshot, pools, Wanted((*one.module, one.original)))
                if found.name == one.original
            ]
            named = [found for found in snapshot.definitions(one.original) if found.name == one.original]
            if not one.whole and (there or len({found.qualified for found in named}) == 1):
                return there or named, first
        for one in renames:
            modules = _modules_behind(snapshot, holders, one)
            if modules:
                return modules, one
        names = [Wanted((one.original,)) for one in renames if one.original not in asked]
        asked.update(name.last for name in names)
        if not names:
            break
    return [], None


def members_behind(
    snapshot: Snapshot, pools: Pools, holders: Holders, wanted: Wanted
) -> tuple[list[StoredDefinition], Rename | None]:
    """What ``eng.start`` means where ``eng`` is another name of a module or class, and what renames it."""
    for one in _renames(holders, Wanted(wanted.segments[:-1])):
        behind = Wanted((*one.module, one.original, wanted.last))
        found = [d for _, d in fitting(snapshot, pools, behind) if d.name == wanted.last]
        if found:
            return found, one
    return [], None


def _modules_behind(snapshot: Snapshot, holders: Holders, rename: Rename) -> list[StoredDefinition]:
    """The module that a statement names, as a definition; what it exports by default, where it says so."""
    module = (*rename.module, rename.original.casefold())
    near = rename.path.split("/")
    paths = [
        path
        for path in paths_holding(holders.view.table.paths, "/" + rename.original)
        if within(path, module) == 1 and path != rename.path
    ]
    shared = {path: _same_start(near, path.split("/")) for path in paths}
    files = [path for path in paths if shared[path] == max(shared.values())]
    found = []
    for path in files[:MOST_MODULES]:
        inside = snapshot.definitions(path=path)
        default = (
            [one for one in inside if one.signature.startswith(_DEFAULT)] if rename.whole == "default" else []
        )
        found += default or [_as_definition(file, rename) for file in snapshot.files(path)]
    return found


def _same_start(one: list[str], other: list[str]) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)


def _as_definition(file: IndexedFile, rename: Rename) -> StoredDefinition:
    return StoredDefinition(
        path=file.path,
        language=file.language,
        name=rename.original,
        qualified=rename.original,
        symbol_kind="module",
        start_line=1,
        end_line=max(file.line_count, 1),
        signature=f"module {file.path}",
        parent="",
    )


def _renames(holders: Holders, wanted: Wanted) -> Iterator[Rename]:
    """Renames of a name, those without another original only in the module that was asked for."""
    module = tuple(segment.casefold() for segment in wanted.segments[:-1])
    placed = [one for one in holders.placed(wanted.last) if within(one.path, module) is not None]
    placed.sort(key=lambda one: (one.kind != "code", one.path, one.start_line))
    contents = holders.texts(placed)
    for one in placed:
        text = contents.get(one.version_id, "")
        for statement in _statements(text, wanted.last):
            line = one.start_line + text.count("\n", 0, statement.end())
            found = _renamed(statement, wanted.last, one.path, line)
            if found is not None and (found.original != wanted.last or wanted.is_qualified or found.whole):
                yield found


def _statements(text: str, name: str) -> Iterator[re.Match[str]]:
    """The statements with a name in them, each begun behind the end of the one before."""
    last, end = text.rfind(name), 0
    if last < 0:
        return
    last_from = text.rfind("from")
    for begins in _BEGINS.finditer("\n" + text[:last]):
        start = begins.start()  # of the line in the text, which has one break less
        if start < end:
            continue
        statement = (_STATEMENT if start < last_from else _WITHOUT_FROM).match(text, start)
        if statement is None:
            continue
        end = statement.end()
        if name in statement[0]:
            yield statement


def _renamed(statement: re.Match[str], name: str, path: str, line: int) -> Rename | None:
    """What a statement brings in as ``name``."""
    whole = re.escape(name)
    if statement["using"]:
        alias, _, target = statement["using"].partition("=")
        parts = _modules(target)
        if alias.strip() != name or not parts:
            return None
        return Rename(parts[-1], _folded(parts[:-1]), path, line)
    given = next(filter(None, (statement[group] for group in _GIVEN)), "")
    found = re.search(
        rf"(?:([\w$]+)\s+(?:as\s+|=>\s*))?(?<![\w$]){whole}(?![\w$])(?!\s+as\b|\s*=>|\s*::|\.)", given
    )
    if found is None:
        return None
    source = statement["py"] or statement["js"] or statement["module"]
    if statement["own_names"]:  # ``export { Inner as Outer }``
        return Rename(found[1] or name, tuple(module_of(path)), path, line)
    parts = _modules(source or given[: found.start()])
    if parts and not statement["py"] and source and (brought := _brings_whole(whole, given)):
        return Rename(parts[-1], _folded(parts[:-1]), path, line, brought)
    original = found[1] or name
    if original == "default":  # ``export { default as Name } from './Name'``
        original = name
    return Rename(original, _folded(parts), path, line)


def _brings_whole(name: str, given: str) -> Literal["", "module", "default"]:
    """``import * as name from``; ``import name, { other } from``, ``const name = require()``."""
    if re.search(rf"\*\s+as\s+{name}\b", given):
        return "module"
    return "default" if re.match(rf"\s*(?:type\s+)?{name}\s*(?:,|$)", given) else ""


def _modules(text: str) -> list[str]:
    """The names of a module path, without signs and endings: ``../lib/impl.js`` is lib, impl."""
    # Of a tree (``a::{b, c::{d``) only the way down is the path.
    text = re.sub(r"[^{},]*,", "", text)
    parts = [part for part in _PARTS.split(text) if part]
    while parts and parts[-1] in _ENDINGS:
        parts.pop()
    return [part for part in parts if part not in _NOT_MODULES]


def _folded(parts: list[str]) -> tuple[str, ...]:
    return tuple(part.casefold() for part in parts if part.casefold() not in ("index", "src", "mod"))
