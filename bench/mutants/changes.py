"""The changes that can be made to some files, and a copy of the tree in which one of them is made."""

from __future__ import annotations

import ast
import difflib
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import libcst
from mutmut.mutation.file_mutation import Mutation, create_mutations, deep_replace

HERE = Path(__file__).parents[2]


@dataclass(frozen=True, order=True)
class Change:
    """The ``number``-th change of a file, counted from 0; ``lines`` are those of the statement it is in."""

    path: str
    number: int
    lines: tuple[int, int]


def changes(code: Sequence[str]) -> list[Change]:
    """Every change that mutmut's operators make in functions without decorators of some files."""
    found = []
    for glob in code:
        for path in sorted(HERE.glob(glob)):
            name = path.relative_to(HERE).as_posix()
            module, mutations = _mutations(name)
            spans = _statements(path)
            for number, mutation in enumerate(mutations):
                changed = _lines(module, mutation)
                span = min(
                    (span for span in spans if span[0] <= changed <= span[1]),
                    key=lambda span: span[1] - span[0],
                    default=(changed, changed),
                )
                found.append(Change(name, number, span))
    return found


def changed_source(change: Change) -> str:
    """The file's text with the change made."""
    module, mutations = _mutations(change.path)
    mutation = mutations[change.number]
    changed = deep_replace(module, mutation.original_node, mutation.mutated_node)
    assert isinstance(changed, libcst.Module)
    text: str = changed.code
    return text


_SQL = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|AND|VALUES|ORDER|JOIN|SET|PRAGMA|BEGIN|COMMIT|ROLLBACK|RETURNING)\b"
)


def same_to_sqlite(change: Change) -> bool:
    """Whether the change is SQL in other letters, with no text in it that could tell: it means the same."""
    mutation = _mutations(change.path)[1][change.number]
    was, becomes = (
        node.value if isinstance(node, libcst.SimpleString | libcst.FormattedStringText) else ""
        for node in (mutation.original_node, mutation.mutated_node)
    )
    quoted = was.strip("\"'")
    return bool(_SQL.search(was)) and was.lower() == becomes.lower() and not set(quoted) & set("\"'")


def difference(change: Change) -> str:
    """The change as a patch, for ``git apply --unidiff-zero`` in the tree.

    It names the function that the lines are in: made by hand at the first place with the same words, it
    might be another change.
    """
    before = _mutations(change.path)[0].code.splitlines()
    told = difflib.unified_diff(
        before, changed_source(change).splitlines(), f"a/{change.path}", f"b/{change.path}", n=0, lineterm=""
    )
    inside = _function_around(change)
    return "\n".join(f"{line} {inside}" if line.startswith("@@") else line for line in told) + "\n"


def _function_around(change: Change) -> str:
    tree = ast.parse((HERE / change.path).read_text())
    around: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first <= change.lines[0] <= (node.end_lineno or first):
                around.append((first, node.name))
    return ".".join(name for _, name in sorted(around))


@contextmanager
def copied_tree(folder: Path) -> Iterator[Path]:
    """A copy of what git tracks or would track: neither edits nor tests of the meantime get in its way."""
    target = folder / "tree"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=HERE,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (HERE / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(HERE / name, target / name)
    try:
        yield target
    finally:
        shutil.rmtree(target, ignore_errors=True)


@contextmanager
def made(change: Change, tree: Path) -> Iterator[None]:
    """The change, made in a copy of the tree for as long as the block lasts."""
    target = tree / change.path
    before = target.read_text()
    target.write_text(changed_source(change))
    _forget_compiled(target)
    try:
        yield
    finally:
        target.write_text(before)
        _forget_compiled(target)


def _forget_compiled(source: Path) -> None:
    """Two texts of one length within one second would be taken for each other."""
    for compiled in (source.parent / "__pycache__").glob(f"{source.stem}.*.pyc"):
        compiled.unlink()


@cache
def _mutations(path: str) -> tuple[libcst.Module, list[Mutation]]:
    module, mutations, _, _ = create_mutations(path, (HERE / path).read_text())
    inside = [one for one in mutations if isinstance(one.contained_by_top_level_function, libcst.FunctionDef)]
    return module, inside


@cache
def _positions(module: libcst.Module) -> dict[libcst.CSTNode, int]:
    wrapper = libcst.MetadataWrapper(module, unsafe_skip_copy=True)
    ranges = wrapper.resolve(libcst.metadata.PositionProvider)
    return {node: where.start.line for node, where in ranges.items()}


def _lines(module: libcst.Module, mutation: Mutation) -> int:
    return _positions(module).get(mutation.original_node, 0)


def _statements(path: Path) -> list[tuple[int, int]]:
    """First and last line of each statement; of one with a body, of its head."""
    spans = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            spans.append((node.lineno, max(node.lineno, last)))
    return spans
