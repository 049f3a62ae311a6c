"""Every code that an error can have is explained in a section of the troubleshooting page, and no other."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.agreed.errors import TandemError

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "troubleshooting.md"
CODE = re.compile(r"[a-z]+(_[a-z]+)*")
HEADINGS = re.findall(r"^#+ `([a-z_]+)`$", PAGE.read_text("utf-8"), re.MULTILINE)
OF_ANSWERS = {"code_search_unavailable"}
"""Warnings within an answer: explained there too, and raised by nobody."""

TREES = [ast.parse(file.read_text("utf-8")) for file in sorted((ROOT / "src").rglob("*.py"))]


def kinds() -> set[str]:
    """The names of `TandemError` and of all classes below it."""
    found = {"TandemError"}
    classes = [node for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    while True:
        below = {node.name for node in classes if {ast.unparse(base) for base in node.bases} & found} - found
        if not below:
            return found
        found |= below


def codes_of(tree: ast.Module, makers: set[str]) -> Iterator[str]:
    """The codes written in a module: given to an error, fixed by its class, set on it, or in a table."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=given, keywords=named) if name in makers:
                yield from words([*given[:2], *(one.value for one in named if one.arg == "code")])
            case ast.ClassDef(name=name) if name in makers:
                for inner in ast.walk(node):
                    if isinstance(inner, ast.FunctionDef):
                        yield from words(standing_for_code(inner.args))
                    if isinstance(inner, ast.Call) and ast.unparse(inner.func) == "super().__init__":
                        yield from words(inner.args[:2])
            case ast.Assign(targets=[ast.Attribute(attr="code")], value=value):
                yield from words([value])
            case ast.Assign(targets=[ast.Name(id="_CODES")], value=ast.Dict(values=values)):
                yield from words(values)
            case ast.AnnAssign(target=ast.Name(id="error_code"), value=ast.expr() as value):
                yield from words([value])
            case ast.Assign(targets=[ast.Name(id="error_code")], value=value):
                yield from words([value])
            case _:
                pass


def standing_for_code(arguments: ast.arguments) -> list[ast.expr]:
    """The default of an argument `code`: what is raised where nobody gives one."""
    by_place = zip(
        reversed([*arguments.posonlyargs, *arguments.args]), reversed(arguments.defaults), strict=False
    )
    by_name = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return [default for one, default in (*by_place, *by_name) if one.arg == "code" and default is not None]


def words(given: list[ast.expr]) -> Iterator[str]:
    for one in given:
        match one:
            case ast.Constant(value=str() as text) if CODE.fullmatch(text):
                yield text
            case ast.Call(func=ast.Attribute(attr="get"), args=[*_, ast.Constant(value=str() as text)]):
                yield text


MAKERS = kinds() | {"cycle_error", "RootError"}
"""`RootError` is no `TandemError`: the service passes its code on."""

RAISED = {code for tree in TREES for code in codes_of(tree, MAKERS)} - {"error"}


def test_the_codes_are_found_however_they_are_given() -> None:
    assert {
        "claimed",
        "root_needed",
        "index_corrupt",
        "invalid_metadata",
        "dependency_cycle",
        "not_found",
        "unreadable_file",
    } <= RAISED


@pytest.mark.parametrize("code", sorted(RAISED))
def test_a_code_has_one_section(code: str) -> None:
    assert HEADINGS.count(code) == 1
    assert TandemError(code, "").section == f"{PAGE.relative_to(ROOT).as_posix()}#{code}"


def test_no_section_tells_of_a_code_that_is_gone() -> None:
    assert set(HEADINGS) - RAISED - OF_ANSWERS == set()


@pytest.mark.parametrize(
    ("server", "arguments", "code"),
    [
        ("codebase_server", ["status", "--root", "/nowhere/at/all"], "root_not_found"),
        ("codebase_server", ["status", "--root", "/"], "root_refused"),
        ("codebase_server", ["status", "--root", "/dev/null"], "root_not_a_folder"),
        ("workflow_server", ["show", "wi_nobody2"], "project_unresolved"),
    ],
)
def test_a_command_that_refuses_names_the_section(
    server: str, arguments: list[str], code: str, tmp_path: Path
) -> None:
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "XDG_DATA_HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", server, *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ended.returncode != 0
    told = re.search(r"^More: (\w+)-server doctor --explain (\w+)$", ended.stderr, re.MULTILINE)
    assert told is not None, ended.stderr
    assert told[2] == code
    shown = subprocess.run(
        [sys.executable, "-m", f"{told[1]}_server", "doctor", "--explain", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.startswith(f"#### `{code}`\n\n")
    assert shown.stdout.strip() in PAGE.read_text("utf-8")
    assert code in RAISED
