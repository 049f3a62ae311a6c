"""Flags before environment, before config.toml, before defaults; every value knows its source."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.agreed.errors import TandemError
from codebase_server import settings


def loaded(
    tmp_path: Path, flags: dict[str, object] | None = None, toml: str = "", **environment: str
) -> settings.Settings:
    config = tmp_path / "config.toml"
    config.write_text(toml)
    return settings.load(flags, environment, config)


def test_defaults_are_those_of_the_documentation(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    assert (found.port, found.http, found.token, found.embedder) == (8020, True, True, "static")
    assert found.tombstone_days == 180
    assert found.root == ()
    assert set(found.sources.values()) == {"default"}


def test_each_source_wins_over_the_next(tmp_path: Path) -> None:
    toml = "[codebase]\nport = 1111\n"
    assert loaded(tmp_path, toml=toml).port == 1111
    assert loaded(tmp_path, toml=toml, CODEBASE_HTTP_PORT="2222").port == 2222
    found = loaded(tmp_path, {"port": "3333"}, toml, CODEBASE_HTTP_PORT="2222")
    assert found.port == 3333
    assert found.sources["port"] == "flag --port"


def test_a_flag_that_was_not_given_hides_nothing(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"port": None, "root": ()}, CODEBASE_HTTP_PORT="2222", CODEBASE_ROOT="/a")
    assert found.port == 2222
    assert found.root == (Path("/a"),)


def test_several_roots_come_from_one_variable(tmp_path: Path) -> None:
    assert loaded(tmp_path, CODEBASE_ROOT=os.pathsep.join(["/a", "/b"])).root == (Path("/a"), Path("/b"))


def test_a_file_may_list_what_a_variable_has_to_join(tmp_path: Path) -> None:
    found = loaded(tmp_path, toml='[codebase]\nexclude = ["*.gen.py", "out/"]\nroot = ["/a", "/b"]\n')
    assert found.exclude == ("*.gen.py", "out/")
    assert found.root == (Path("/a"), Path("/b"))
    assert loaded(tmp_path, toml="[codebase]\nvectors = 'memory'\n").vectors == "memory"


def test_a_list_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TandemError, match="give a text or a list of texts"):
        loaded(tmp_path, toml="[codebase]\nexclude = 3\n")


@pytest.mark.parametrize(("value", "wanted"), [("1", False), ("true", False), ("0", True), ("", True)])
def test_no_token_switches_the_token_off(tmp_path: Path, value: str, wanted: bool) -> None:
    assert loaded(tmp_path, CODEBASE_NO_TOKEN=value).token is wanted


@pytest.mark.parametrize(
    ("variable", "value", "valid"),
    [
        ("CODEBASE_HTTP_PORT", "eighty", "eighty"),
        ("CODEBASE_HTTP_PORT", "70000", "from 0 to 65535"),
        ("CODEBASE_HTTP", "perhaps", "1, true, yes, on"),
        ("CODEBASE_EMBEDDER", "word2vec", "static, none, or sentence-transformers:"),
        ("CODEBASE_EMBEDDER", "sentence-transformers:", "static, none, or sentence-transformers:"),
        ("CODEBASE_VECTORS", "disk", "auto, memory or sqlite-vec"),
    ],
)
def test_an_unusable_value_is_named_with_its_source_and_what_is_valid(
    tmp_path: Path, variable: str, value: str, valid: str
) -> None:
    with pytest.raises(TandemError) as raised:
        loaded(tmp_path, None, **{variable: value})
    assert variable in raised.value.message
    assert value in raised.value.message
    assert valid in raised.value.message


def test_every_setting_is_shown_with_its_source(tmp_path: Path) -> None:
    rows = loaded(tmp_path, CODEBASE_EMBEDDER="none").rows()
    assert [row[0] for row in rows] == [row.name for row in settings.TABLE]
    assert ("embedder", "none", "environment CODEBASE_EMBEDDER") in rows
