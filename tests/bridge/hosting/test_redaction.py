"""A report can be attached to an issue: it does not say who made it, where, or with which token."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import pytest

from bridge.hosting.redaction import redacted
from bridge.loopback.tokens import user_token


def test_home_folder_user_and_tokens_are_taken_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("CODEBASE_TOKEN", "another-token")
    monkeypatch.setattr(getpass, "getuser", lambda: "margaret")
    work = tmp_path / "home" / "work"
    work.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.chdir(work)
    token = user_token()
    text = f"{work}/x and {tmp_path}/home/y of margaret, Bearer {token}, another-token, plan of Atlantis"
    told = redacted(text, {"Atlantis": "(project)"})
    assert told == "(cwd)/x and ~/y of (user), Bearer (token), (token), plan of (project)"


def test_a_path_with_a_quote_is_taken_out_of_json_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_RUNTIME_DIR", str(tmp_path / "runtime"))
    odd = tmp_path / 'a "home"'
    odd.mkdir()
    monkeypatch.setenv("HOME", str(odd))
    monkeypatch.setenv("USERPROFILE", str(odd))
    assert json.loads(redacted(json.dumps({"folder": f"{odd}/data"}))) == {"folder": "~/data"}


def test_a_user_of_two_letters_is_left_as_part_of_every_other_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "al")
    assert redacted("all of al") == "all of al"
    monkeypatch.setenv("LOGNAME", "alina")
    assert redacted("all of alina, not of alinas") == "all of (user), not of alinas"
