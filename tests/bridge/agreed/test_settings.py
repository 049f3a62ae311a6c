"""Flags before environment, environment before the file, the file before defaults; each with its source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.agreed.errors import TandemError
from bridge.agreed.settings import (
    KEYS,
    VARIABLES,
    Setting,
    Sources,
    misspelt,
    unknown,
    whole_number,
    yes_or_no,
)
from codebase_server import settings as codebase_settings
from workflow_server import settings as workflow_settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('[codebase]\nhttp_port = 3\nname = "größe"\n[workflow]\nhttp_port = 4\n', "utf-8")
    return path


def sources(file: Path, flags: dict[str, Any] | None = None, **environment: str) -> Sources:
    return Sources("codebase", flags=flags, environment=environment, file=file)


def read(found: Sources, default: int = 1) -> Setting[int]:
    return found.read("http_port", "CODEBASE_HTTP_PORT", default, whole_number(0, 65_535))


def test_each_place_wins_over_the_next_and_is_named(file: Path) -> None:
    assert read(sources(file, {"http_port": 5}, CODEBASE_HTTP_PORT="6")) == Setting(
        "http_port", 5, "flag --http-port"
    )
    assert read(sources(file, {"http_port": None}, CODEBASE_HTTP_PORT="6")) == Setting(
        "http_port", 6, "environment CODEBASE_HTTP_PORT"
    )
    assert read(sources(file)) == Setting("http_port", 3, str(file))
    assert read(sources(file.with_name("none.toml"))) == Setting("http_port", 1, "default")


def test_an_empty_variable_is_not_set_and_a_flag_of_zero_is(file: Path) -> None:
    assert read(sources(file, CODEBASE_HTTP_PORT="")).value == 3
    assert read(sources(file, {"http_port": 0}, CODEBASE_HTTP_PORT="6")).value == 0


def test_a_setting_without_a_variable_is_not_looked_for_in_the_environment(file: Path) -> None:
    found = sources(file, http_port="9").read("http_port", None, 1, whole_number(0, 9))
    assert found == Setting("http_port", 3, str(file))


def test_each_program_has_its_own_table_and_a_file_may_be_any_utf8(file: Path) -> None:
    theirs = Sources("workflow", environment={}, file=file)
    assert read(theirs).value == 4
    assert sources(file).read("name", None, "", str).value == "größe"
    nobody = Sources("other", environment={}, file=file)
    assert read(nobody).source == "default"


def test_the_environment_is_the_process_s_own_unless_given(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEBASE_HTTP_PORT", "7")
    assert read(Sources("codebase", file=file)).value == 7
    assert read(Sources("codebase", environment={}, file=file)).value == 3


def test_the_file_is_the_user_s_unless_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "tandem").mkdir()
    (tmp_path / "tandem" / "config.toml").write_text("[codebase]\nhttp_port = 11\n")
    assert read(Sources("codebase", environment={})).value == 11


@pytest.mark.parametrize(
    ("flags", "variable", "words"),
    [
        ({"http_port": 70_000}, "", "The setting http_port (flag --http-port) is 70000: "),
        ({}, "many", "The setting http_port (environment CODEBASE_HTTP_PORT) is 'many': "),
    ],
)
def test_a_value_that_will_not_do_is_told_with_its_source(
    file: Path, flags: dict[str, Any], variable: str, words: str
) -> None:
    with pytest.raises(TandemError) as refused:
        read(sources(file, flags, CODEBASE_HTTP_PORT=variable))
    assert refused.value.code == "invalid_setting"
    assert refused.value.message.startswith(words)
    assert refused.value.message.endswith(".")
    assert refused.value.hint == "Correct it there."


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    for content, words in (
        (b"[codebase\n", "cannot be read"),
        (b"codebase = 3", "[codebase] in"),
        (b"\xff", "cannot"),
    ):
        file.write_bytes(content)
        with pytest.raises(TandemError) as refused:
            sources(file)
        assert (refused.value.code, refused.value.hint) == ("invalid_settings", "Correct or remove it.")
        assert words in refused.value.message
        assert str(file) in refused.value.message


def test_whole_numbers_lie_within_their_bounds() -> None:
    convert = whole_number(2, 5)
    assert [convert(raw) for raw in (2, "5", " 3 ")] == [2, 5, 3]
    for wrong in (1, 6, "2.5", "", "two", None):
        with pytest.raises(ValueError, match=r"^give a whole number from 2 to 5$"):
            convert(wrong)


def test_a_switch_is_on_or_off_in_many_words_and_no_others() -> None:
    assert all(yes_or_no(raw) for raw in (1, True, "1", "true", " YES ", "On"))
    assert not any(yes_or_no(raw) for raw in (0, False, "0", "False", "no", "off"))
    for wrong in ("", "maybe", 2, None):
        with pytest.raises(ValueError, match=r"^give 1, true, yes, on or 0, false, no, off$"):
            yes_or_no(wrong)


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        ('[codebase]\nembedder = "none"\nno_token = true\n[workflow]\nactor = "me"\n', []),
        ('[codebase]\nembeder = "x"\n', ["embeder in [codebase] is no setting. Did you mean `embedder`?"]),
        ("[workflow]\nzzz = 1\n", ["zzz in [workflow] is no setting. There are project, "]),
        (
            "[workflo]\nport = 1\n",
            ["[workflo] is no section. Did you mean `workflow`? There are [codebase] and [workflow]."],
        ),
        ("port = 1\n", ["port stands above every section and is not read. It belongs below [codebase] or ["]),
        ("[codebase\n", []),
    ],
)
def test_what_no_server_reads_is_named_with_what_was_meant(
    file: Path, content: str, sentences: list[str]
) -> None:
    file.write_text(content)
    found = unknown(file)
    assert len(found) == len(sentences)
    assert all(one.startswith(words) for one, words in zip(found, sentences, strict=True))


def test_the_sections_hold_what_both_servers_read() -> None:
    read_by_codebase = {row.name for row in codebase_settings.TABLE} | {"no_token"}
    assert set(KEYS["codebase"]) == read_by_codebase
    assert set(KEYS["workflow"]) == {row.name for row in workflow_settings.TABLE}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("WORKFLOW_PORJECT", "WORKFLOW_PROJECT"),
        ("CODEBASE_ROT", "CODEBASE_ROOT"),
        ("WORKFOLW_ACTOR", "WORKFLOW_ACTOR"),
        ("CODEBASE-DATA-DIR", "CODEBASE_DATA_DIR"),
        ("workflow_project", "WORKFLOW_PROJECT"),
    ],
)
def test_a_variable_that_looks_like_a_setting_of_ours_is_named(name: str, meant: str) -> None:
    assert misspelt({name: "x", meant: "y"}) == [f"{name} is read by no server. Did you mean {meant}?"]


def test_variables_of_others_are_no_mistake_of_anybody_and_the_known_are_those_that_are_read() -> None:
    others = ("WORKFLOW_ENGINE_URL", "CODEBASE", "BRIDGE_NAME", "PATH", "HOME", "GITHUB_WORKFLOW_REF")
    assert misspelt(dict.fromkeys(others, "x")) == []
    assert misspelt(dict.fromkeys(VARIABLES, "x")) == []
    for table in (workflow_settings.TABLE, codebase_settings.TABLE):
        assert {row.variable for row in table if row.variable} <= {*VARIABLES}
