"""When no definition bears a name: what it is called where it is defined, what it inherits, what is near."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from codebase_server.search.pool import Pools
from codebase_server.store import Snapshot, StoredDefinition
from codebase_server.symbols import spelling
from codebase_server.symbols.assigned import first_assignments
from codebase_server.symbols.bases import generations
from codebase_server.symbols.definitions import asked, in_order
from codebase_server.symbols.inner import by_line
from codebase_server.symbols.keys import where_set
from codebase_server.symbols.past import became
from codebase_server.symbols.places import places_ending
from codebase_server.symbols.postings import Holders
from codebase_server.symbols.renames import definitions_behind, members_behind
from codebase_server.symbols.wanted import Wanted, letters_of

MOST_OFFERED: Final = 3
_COMPARED: Final = 5_000
"""Names that begin like one that nothing bears."""

_LANGUAGE_BEHIND: Final = re.compile(r"[.-](?:jl|js|py|rb|rs|go|nvim|vim|el|ex|net|swift|kt)$", re.IGNORECASE)
"""What the folder of a package has behind its name."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Definitions under another name or in a base class, and a sentence for the reader that says so."""

    definitions: list[StoredDefinition] = field(default_factory=list)
    said: str = ""


def look(snapshot: Snapshot, pools: Pools, name: str) -> Elsewhere:
    """What a name may be whose definition was not found. Never guesses: near names are only offered."""
    wanted = asked(snapshot, name)
    if not wanted.last or wanted.members:
        return Elsewhere()
    holders = Holders(snapshot, pools)
    if not wanted.prefix:
        if (found := _by_its_names(snapshot, wanted)).definitions:
            return found
        inner = by_line(holders, wanted)
        if inner:
            said = (
                f"No outline lists {name}: shown is the line that makes it. It stands inside other code, "
                "or its file could not be read to the end."
            )
            return Elsewhere(in_order(((0, one) for one in inner), Wanted((wanted.last,))), said)
        if wanted.is_qualified:
            behind, rename = members_behind(snapshot, pools, holders, wanted)
            if behind and rename is not None:
                said = f"{wanted.segments[-2]} is {rename.original} here ({rename.path}:{rename.line})."
                return Elsewhere(in_order(((0, one) for one in behind), wanted), said)
        behind, rename = definitions_behind(snapshot, pools, holders, wanted)
        if behind and rename is not None:
            place = f"{rename.path}:{rename.line}"
            said = (
                f"{name} is {behind[0].qualified} under another name ({place})."
                if behind[0].name != wanted.last and behind[0].symbol_kind != "module"
                else f"{name} is brought in by {place}."
            )
            return Elsewhere(in_order(((0, one) for one in behind), Wanted((behind[0].name,))), said)
        if resources := _of_type(snapshot, holders, wanted):
            said = f"{name} is a type of resource: shown are those of it."
            return Elsewhere(in_order(((0, one) for one in resources), wanted), said)
        attributes = first_assignments(holders, wanted)
        if attributes:
            is_set = all(one.language == "elixir" for one in attributes)
            said = (
                f"{name} is an attribute of a module: shown is where it is set."
                if is_set
                else f"{name} is declared nowhere: shown is where it is first assigned."
            )
            return Elsewhere(attributes, said)
        otherwise = _written_otherwise(snapshot, holders, name, wanted)
        if otherwise.definitions or otherwise.said:
            return otherwise
    place = _as_place(holders.view.table.paths, name)
    return Elsewhere(said=place or _near(snapshot, holders, name, wanted))


def _of_type(snapshot: Snapshot, holders: Holders, wanted: Wanted) -> list[StoredDefinition]:
    """The resources and data sources of Terraform of a type: ``aws_instance``, ``data.aws_ami``."""
    if "_" not in wanted.last:
        return []
    owner = ".".join(wanted.segments)
    return [
        one
        for path in sorted(holders.defining_paths(wanted.last))
        for one in snapshot.definitions(path=path)
        if one.language == "hcl" and f".{one.qualified}".rpartition(".")[0].endswith(f".{owner}")
    ]


def _written_otherwise(snapshot: Snapshot, holders: Holders, name: str, wanted: Wanted) -> Elsewhere:
    for other, why in _otherwise(snapshot, wanted):
        fits = [(fit, one) for one in snapshot.definitions(other.last) if (fit := other.fit(one)) is not None]
        if fits:
            return Elsewhere(in_order(fits, other), f"{'.'.join(other.segments)} is shown: {why}.")
    if told := _told(snapshot, holders, name, wanted):
        return Elsewhere(said=told)
    spelt = in_order(spelling.respelt(snapshot, holders, wanted), wanted)
    return (
        Elsewhere(spelt, f"No definition is named {name}: {spelt[0].name} is shown.")
        if spelt
        else Elsewhere()
    )


def _told(snapshot: Snapshot, holders: Holders, name: str, wanted: Wanted) -> str:
    """That configuration sets the name, or what became of its definition; empty where neither is known."""
    if told := where_set(holders, wanted):
        return f"No definition is named {name}. {told}"
    return became(snapshot, name, wanted)


def _otherwise(snapshot: Snapshot, wanted: Wanted) -> Iterator[tuple[Wanted, str]]:
    """How else a name may be written that no definition bears, each with why."""
    first, *rest = wanted.segments
    if rest and letters_of(first) == letters_of(re.sub(_LANGUAGE_BEHIND, "", Path(snapshot.root).name)):
        yield Wanted(tuple(rest)), f"{first} is this repository itself"
    if rest and first == "var":
        yield Wanted(("variable", *rest)), "Terraform's var is its variable"
    if rest and first == "local":
        yield Wanted(("locals", *rest)), "Terraform's local is what its locals hold"
    for joined in range(2, len(wanted.segments) + 1):  # ``7.1.5``, a heading
        heading = (*wanted.segments[:-joined], " ".join(wanted.segments[-joined:]))
        yield Wanted(heading), "the name of a heading has blanks for its dots"
    if not rest and first.startswith("@"):
        yield Wanted((first[1:],)), "@ calls a macro or a decorator, and is no part of its name"


def filtered(symbol_kind: str | None, path: str | None, others: list[StoredDefinition]) -> str:
    """What a filter leaves out, where it leaves nothing of what there is."""
    kinds = ", ".join(sorted({one.symbol_kind for one in others}))
    given = [f"symbol_kind {symbol_kind!r} (of these: {kinds})"] * bool(symbol_kind)
    given += [f"path {path!r}"] * bool(path)
    places = ", ".join(
        f"{one.symbol_kind} {one.qualified} ({one.path}:{one.start_line})" for one in others[:MOST_OFFERED]
    )
    return f"None of {len(others)} passes {' and '.join(given)}: {places}."


def _as_place(paths: Sequence[str], name: str) -> str:
    """What to ask instead where the name is that of a file, a folder, a module or a package."""
    given = [part for part in re.split(r"[/\\]|::", name.strip().rstrip("*/")) if part not in ("", ".", "..")]
    dotted = given[0].split(".") if len(given) == 1 else given
    for whole in (given, dotted) if dotted != given else (given,):
        # ``github.com/who/what/inner``, ``@/inner``: the host's part is no folder
        for first in range(len(whole)):
            ending = "/".join(whole[first:])
            if first and len(whole) - first < 2 and "/" not in name:
                break
            found = places_ending(paths, ending, MOST_OFFERED + 1)
            if found:
                shown = ", ".join(found[:MOST_OFFERED])
                return f"{name} is no symbol. outline shows what is in {shown}."
    return ""


def _by_its_names(snapshot: Snapshot, wanted: Wanted) -> Elsewhere:
    """What the names of definitions tell alone: a member of a base class, a sign that was left out."""
    inherited = _inherited(snapshot, wanted)
    return inherited if inherited.definitions else _with_sign(snapshot, wanted)


def _with_sign(snapshot: Snapshot, wanted: Wanted) -> Elsewhere:
    """The method whose name ends in a sign that was left out: Ruby's ``empty?``, Elixir's ``get!``."""
    found: list[tuple[int, StoredDefinition]] = []
    for sign in "?!":
        whole = Wanted((*wanted.segments[:-1], wanted.last + sign))
        named = snapshot.definitions(whole.last)
        found += [(fit, one) for one in named if (fit := whole.fit(one)) is not None]
    if not found:
        return Elsewhere()
    names = " and ".join(dict.fromkeys(one.name for _, one in found))
    return Elsewhere(
        in_order(found, wanted), f"No definition is named {wanted.last}: {names} is shown, sign and all."
    )


def _inherited(snapshot: Snapshot, wanted: Wanted) -> Elsewhere:
    """The member of a base class, where ``Class.member`` names one that the class does not define itself."""
    if not wanted.is_qualified:
        return Elsewhere()
    named = snapshot.definitions(wanted.last)
    for bases in generations(snapshot, [wanted.segments[-2]] if named else []):
        for base in bases:
            found = [one for one in named if Wanted((base, wanted.last)).fit(one) == 0]
            if found:
                said = f"{'.'.join(wanted.segments)} is inherited from {base}."
                return Elsewhere(in_order(((0, one) for one in found), wanted), said)
    return Elsewhere()


def _near(snapshot: Snapshot, holders: Holders, name: str, wanted: Wanted) -> str:
    """What else may have been meant."""
    if wanted.is_qualified:
        named = snapshot.definitions(wanted.last, prefix=wanted.prefix, limit=200)
        if named:
            shown = in_order(((0, one) for one in named), Wanted((wanted.last,), wanted.prefix))
            places = ", ".join(
                f"{one.qualified} ({one.path}:{one.start_line})" for one in shown[:MOST_OFFERED]
            )
            return f"No definition is {name}. Of this last name there are {len(named)}: {places}."
    names = snapshot.names_beginning(wanted.last[:3], _COMPARED)
    near = difflib.get_close_matches(wanted.last, names, n=MOST_OFFERED, cutoff=0.75)
    near = near or spelling.holding_its_words(holders, wanted, MOST_OFFERED)
    if near:
        return f"No definition is named {name}. Did you mean {', '.join(near)}?"
    return f'No definition is named {name}. search_code looks for what it does, or for "{name}" as text.'
