"""The user's token: made once, by whoever comes first, and never taken from a file that is not right."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bridge.agreed.errors import TandemError
from bridge.loopback import tokens


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "run"
    monkeypatch.setenv("TANDEM_RUNTIME_DIR", str(folder))
    return folder


def test_the_token_is_made_once_and_private(runtime: Path) -> None:
    token = tokens.user_token()
    assert len(token) == 43, "256 bits"
    assert tokens.user_token() == token == (runtime / "token").read_text()
    assert tokens.token_file() == runtime / "token"
    if os.name == "posix":
        assert (runtime / "token").stat().st_mode & 0o777 == 0o600
        assert runtime.stat().st_mode & 0o777 == 0o700


def test_all_who_come_at_once_get_the_same(runtime: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: tokens.user_token(), range(64)))) == 1


def test_a_file_that_another_process_is_just_filling_is_waited_for(runtime: Path) -> None:
    runtime.mkdir(mode=0o700)
    file = runtime / "token"
    file.touch(0o600)
    threading.Timer(0.1, file.write_text, ["its token\n"]).start()
    assert tokens.user_token() == "its token"


@pytest.mark.parametrize(("content", "why"), [(b"", "is empty"), (b"\xff\xfe", "Cannot read")])
def test_a_file_without_a_token_is_refused_with_the_remedy(
    runtime: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, why: str
) -> None:
    monkeypatch.setattr(tokens, "_OTHERS_WRITE_S", 0.05)
    runtime.mkdir(mode=0o700)
    (runtime / "token").write_bytes(content)
    with pytest.raises(TandemError) as refused:
        tokens.user_token()
    assert refused.value.code == "token_unreadable"
    assert why in refused.value.message
    assert str(runtime / "token") in refused.value.message
    assert refused.value.hint.startswith("Remove it")


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_no_token_is_put_into_a_folder_that_others_can_write(runtime: Path) -> None:
    runtime.mkdir()
    runtime.chmod(0o777)
    with pytest.raises(TandemError) as refused:
        tokens.user_token()
    assert refused.value.code == "unsafe_folder"
    assert refused.value.message == f"The folder {runtime} is open to other users (mode 0777)."
    assert not (runtime / "token").exists()
    runtime.rmdir()
    runtime.symlink_to(runtime.parent)
    with pytest.raises(TandemError, match="is not a folder"):
        tokens.user_token()
    runtime.unlink()
    runtime.write_text("a file")
    with pytest.raises((TandemError, FileExistsError)):
        tokens.user_token()


def test_a_session_tells_nothing_of_the_token_and_is_of_one_door() -> None:
    session = tokens.session_of("t" * 43, "workflow")
    assert len(session) == 43
    assert session == tokens.session_of("t" * 43, "workflow"), "a page outlives a restart of its server"
    assert (
        len({session, tokens.session_of("t" * 43, "codebase"), tokens.session_of("u" * 43, "workflow")}) == 3
    )
