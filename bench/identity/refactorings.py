"""Refactorings whose outcome is known: what keeps its id, what dies, what is new."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.identity.madeup import NOUNS, Function, Program, Style, program
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.store import Registry


@dataclass
class Touched:
    """``tags``: functions that an operation chose already, left alone by later ones. ``dead``: those gone."""

    tags: set[int] = field(default_factory=set)
    dead: set[int] = field(default_factory=set)

    def choose(self, program: Program, *, free: bool | None = None) -> tuple[str, Function] | None:
        """A function that nothing was done to; ``free``: not a method, or only methods."""
        open_ = [
            (path, one)
            for path, one in program.all()
            if one.tag not in self.tags and (free is None or free != bool(one.owner))
        ]
        if not open_:
            return None
        path, one = program.random.choice(open_)
        self.tags.add(one.tag)
        return path, one


def edit(program: Program, touched: Touched) -> None:
    """Change one or two statements of seven or more."""
    if chosen := touched.choose(program):
        _, one = chosen
        for _ in range(program.random.randrange(1, 3)):
            one.body[program.random.randrange(len(one.body))] = program.statement()


def rename_symbol(program: Program, touched: Touched) -> None:
    if chosen := touched.choose(program):
        chosen[1].name = program.name()


def rename_and_edit(program: Program, touched: Touched) -> None:
    if chosen := touched.choose(program):
        chosen[1].name = program.name()
        chosen[1].body[program.random.randrange(len(chosen[1].body))] = program.statement()


def rename_file(program: Program, touched: Touched) -> None:
    _move(program, lambda path: f"new_{path}")


def move_file(program: Program, touched: Touched) -> None:
    _move(program, lambda path: f"inner/{path}")


def _move(program: Program, to: Callable[[str], str]) -> None:
    path = program.random.choice([path for path in program.files if "/" not in path])
    if to(path) not in program.files:
        program.files[to(path)] = program.files.pop(path)


def move_function(program: Program, touched: Touched) -> None:
    """A free function goes to another file."""
    if chosen := touched.choose(program, free=True):
        path, one = chosen
        target = program.random.choice([other for other in program.files if other != path])
        program.files[path].remove(one)
        program.files[target].append(one)


def move_into_class(program: Program, touched: Touched) -> None:
    """A function or method becomes a method of another class, in whatever file that is."""
    owners = sorted({(path, one.owner) for path, one in program.all() if one.owner})
    chosen = touched.choose(program)
    if not chosen or not owners:
        return
    path, one = chosen
    target, owner = program.random.choice(owners)
    if owner != one.owner:
        program.files[path].remove(one)
        program.files[target].append(one)
        one.owner = owner


def change_signature(program: Program, touched: Touched) -> None:
    if chosen := touched.choose(program):
        chosen[1].parameters = [*chosen[1].parameters, "extra"][program.random.randrange(2) :]


def reindent(program: Program, touched: Touched) -> None:
    path = program.random.choice(list(program.files))
    program.styles[path] = replace(program.styles.get(path, program.style), indent=2)


def reformat(program: Program, touched: Touched) -> None:
    """A formatter runs over everything."""
    program.style, program.styles = Style(indent=2, brace_below=True, spaced=True), {}


def change_comment(program: Program, touched: Touched) -> None:
    if chosen := touched.choose(program):
        chosen[1].comment = f"now {program.random.choice(NOUNS)} after all {program.random.choice(NOUNS)}"


def split(program: Program, touched: Touched) -> None:
    """The second half of a function becomes one of its own; the name keeps the id."""
    if chosen := touched.choose(program):
        path, one = chosen
        half = len(one.body) // 2 + 1
        other = program.function(one.owner)
        other.body, one.body = one.body[half:], one.body[:half]
        touched.tags.add(other.tag)
        program.files[path].append(other)


def merge(program: Program, touched: Touched) -> None:
    """A function takes in another one, which is gone then."""
    first, second = touched.choose(program), touched.choose(program)
    if first and second and len(second[1].body) <= len(first[1].body):
        first[1].body += second[1].body
        program.files[second[0]].remove(second[1])
        touched.dead.add(second[1].tag)


def copy(program: Program, touched: Touched) -> None:
    """The original keeps its id, the copy has one of its own."""
    if chosen := touched.choose(program, free=True):
        path, one = chosen
        program.tags += 1
        twin = replace(one, tag=program.tags, name=program.name(), body=list(one.body))
        touched.tags.add(twin.tag)
        target = program.random.choice([other for other in program.files if other != path])
        program.files[target].append(twin)


def swap(program: Program, touched: Touched) -> None:
    """Two functions that differ in two statements change places."""
    if chosen := touched.choose(program):
        path, one = chosen
        near = [other for other in program.files[path] if other.owner == one.owner and other is not one]
        if near and near[0].tag not in touched.tags:
            touched.tags.add(near[0].tag)
            functions = program.files[path]
            a, b = functions.index(one), functions.index(near[0])
            functions[a], functions[b] = functions[b], functions[a]


def delete(program: Program, touched: Touched) -> None:
    if chosen := touched.choose(program):
        program.files[chosen[0]].remove(chosen[1])
        touched.dead.add(chosen[1].tag)


OPERATIONS: dict[str, Callable[[Program, Touched], None]] = {
    one.__name__: one
    for one in (
        edit, rename_symbol, rename_and_edit, rename_file, move_file, move_function, move_into_class,
        change_signature, reindent, reformat, change_comment, split, merge, copy, swap, delete,
    )
}  # fmt: skip


class Case:
    """A made-up program on disk beside its index."""

    def __init__(self, program: Program, folder: Path, index: RootIndex) -> None:
        self.program, self.folder, self._index = program, folder, index
        self._written: set[str] = set()
        self.publish()

    def publish(self) -> None:
        """Write the program as it is now and bring the index up to it."""
        for path in self._written - set(self.program.files):
            (self.folder / path).unlink()
        self._written = set()
        for path, functions in self.program.files.items():
            if functions:
                (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / path).write_text(self.program.text(path))
                self._written.add(path)
            else:
                (self.folder / path).unlink(missing_ok=True)
        self._index.run_pass()

    def ids(self) -> dict[int, str]:
        """The chunk id of each function by its tag. Raises if the index has no or several such chunks."""
        with self._index.snapshot() as snapshot:
            placed = snapshot.placements(snapshot.live.tolist())
        at = {(one.path, one.symbol.rsplit(".", 1)[-1]): one.chunk_id for one in placed if one.symbol}
        return {one.tag: at[path, one.name] for path, one in self.program.all()}

    def living(self) -> set[str]:
        """Every id that lives."""
        with self._index.snapshot() as snapshot:
            return {one.chunk_id for one in snapshot.placements(snapshot.live.tolist())}


def failures(case: Case, names: list[str]) -> list[str]:
    """Do the named operations in one pass; what is then not as it must be, in words."""
    before = case.ids()
    touched = Touched()
    for name in names:
        OPERATIONS[name](case.program, touched)
    case.publish()
    after, living = case.ids(), case.living()
    told = []
    for tag, chunk_id in before.items():
        if tag in touched.dead:
            if chunk_id in living:
                told.append(f"dead function {tag} is told to live")
        elif after[tag] != chunk_id:
            heir = next((other for other, id_ in after.items() if id_ == chunk_id), None)
            told.append(f"function {tag} lost its id" + (f" to function {heir}" if heir else ""))
    told += [
        f"new function {tag} has an id that was another's"
        for tag in after.keys() - before.keys()
        if after[tag] in before.values()
    ]
    return told


def run(language: str, cases: int) -> dict[str, list[str]]:
    """Failures by operation: ``cases`` programs for each, and as many with up to four operations."""
    found = {}
    with tempfile.TemporaryDirectory() as world:
        for number, operation in enumerate([*OPERATIONS, SEVERAL]):
            told: list[str] = []
            for seed in range(cases):
                made = program(language, seed * 1000 + number)
                names = [operation]
                if operation == SEVERAL:
                    names = made.random.choices(list(OPERATIONS), k=made.random.randrange(2, 5))
                told += _fresh(Path(world) / f"{number}-{seed}", made, names)
            found[operation] = told
    return found


SEVERAL = "several at once"


def _fresh(base: Path, made: Program, names: list[str]) -> list[str]:
    folder = base / "project"
    folder.mkdir(parents=True)
    options = IndexOptions(embedder="none", watch=False, workers=0)
    index = RootIndex(folder, Registry(base / "data"), options, repository="r_bench")
    try:
        told = failures(Case(made, folder, index), names)
    finally:
        index.close()
        shutil.rmtree(base)
    return [f"{made.language}, {base.name}: {', '.join(names)}: {one}" for one in told]
