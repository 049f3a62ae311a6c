"""One table is set or taken out; the rest of the document stays as it was."""

from __future__ import annotations

import tomllib

import pytest

from bridge.hosts import toml

TEXT = """# my settings
model = "x"

[mcp_servers.other]  # mine
command = "other"

[profiles.a]
b = 1
"""
PATH = ("mcp_servers", "codebase")
ENTRY = {"command": "/bin/codebase-server", "args": ["--root", "/p"]}


def test_a_table_is_added_and_the_rest_stays() -> None:
    after = toml.with_table(TEXT, PATH, ENTRY)
    assert after.startswith(TEXT)
    assert tomllib.loads(after)["mcp_servers"] == {"other": {"command": "other"}, "codebase": ENTRY}


def test_a_table_is_replaced_with_its_nested_tables() -> None:
    once = toml.with_table(TEXT, PATH, {**ENTRY, "env": {"A": "1"}})
    twice = toml.with_table(once, PATH, ENTRY)
    assert tomllib.loads(twice)["mcp_servers"]["codebase"] == ENTRY
    assert "# mine" in twice


def test_taking_out_gives_the_document_back() -> None:
    assert toml.without_table(toml.with_table(TEXT, PATH, ENTRY), PATH) == TEXT


def test_an_inline_table_is_refused() -> None:
    with pytest.raises(toml.NotTomlError, match="inline"):
        toml.without_table('mcp_servers = { codebase = { command = "x" } }\n', PATH)


def test_what_is_not_toml_is_refused() -> None:
    with pytest.raises(toml.NotTomlError):
        toml.with_table("= nonsense", PATH, ENTRY)


def test_a_table_that_would_not_read_back_is_refused() -> None:
    """The name stands as a value beside its table: written anew it would be another document."""
    with pytest.raises(toml.NotTomlError):
        toml.with_table("mcp_servers.codebase.command = 'x'\n", PATH, ENTRY)


def test_a_document_that_is_only_this_table_becomes_empty() -> None:
    assert toml.without_table(toml.with_table("", PATH, ENTRY), PATH) == ""
    assert toml.value_at("a = 1\n", ("a", "b")) is None
