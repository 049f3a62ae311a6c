"""Flags before environment, environment before config.toml, the file before defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.agreed.errors import TandemError
from workflow_server.settings import TABLE, load


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "config.toml"
    written.write_text(
        '[workflow]\nproject = "from-file"\nport = 9000\nbridge = false\n[codebase]\nport = 1\n'
    )
    return written


def test_the_nearest_source_wins_and_is_told(file: Path) -> None:
    settings = load(
        {"project": "from-flag"}, {"WORKFLOW_PROJECT": "from-env", "WORKFLOW_HTTP_PORT": "9100"}, file
    )
    assert (settings.project, settings.port, settings.bridge) == ("from-flag", 9100, False)
    told = {name: source for name, _, source in settings.rows()}
    assert told["project"] == "flag --project"
    assert told["port"] == "environment WORKFLOW_HTTP_PORT"
    assert told["bridge"] == str(file)
    assert told["bridge_timeout"] == "default"


def test_defaults_are_the_documented_ones(tmp_path: Path) -> None:
    settings = load({}, {}, tmp_path / "none.toml")
    assert (settings.port, settings.bridge, settings.bridge_timeout, settings.no_token) == (
        8010,
        True,
        300,
        False,
    )
    assert settings.project is None
    assert settings.data_dir.is_absolute()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKFLOW_HTTP_PORT", "eighty"),
        ("WORKFLOW_HTTP_PORT", "70000"),
        ("BRIDGE", "maybe"),
        ("BRIDGE_TIMEOUT_MS", "0"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_source(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(TandemError) as refused:
        load({}, {name: value}, tmp_path / "none.toml")
    assert refused.value.code == "invalid_setting"
    assert name in refused.value.message
    assert value in refused.value.message


def test_bridge_off_and_no_token_are_switches(tmp_path: Path) -> None:
    settings = load({}, {"BRIDGE": "off", "WORKFLOW_NO_TOKEN": "1"}, tmp_path / "none.toml")
    assert (settings.bridge, settings.no_token) == (False, True)


def test_a_token_is_never_shown(tmp_path: Path) -> None:
    settings = load({}, {"CODEBASE_TOKEN": "secret-token"}, tmp_path / "none.toml")
    assert "secret-token" not in str(settings.rows())
    assert [name for name, _, _ in settings.rows()] == [row.name for row in TABLE]
