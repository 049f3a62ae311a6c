"""Where things lie, and files that others write: what is not as it must be is refused or passed over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bridge.agreed import endpoint, places, settings, snapshots, syntax, system
from bridge.agreed.endpoint import Endpoint, EndpointRoot
from bridge.agreed.errors import TandemError


def test_the_runtime_folder_is_the_users_own_unless_it_is_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_RUNTIME_DIR", "~/moved")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert places.runtime_folder() == tmp_path / "moved"
    monkeypatch.delenv("TANDEM_RUNTIME_DIR")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    assert places.runtime_folder().name == "tandem"
    assert places.cache_folder().name == "tandem"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("codebase = 3\n", r"\[codebase\] in .* is no table"),
        ("[codebase\n", "cannot be read"),
    ],
)
def test_a_settings_file_that_is_none_is_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(TandemError, match=words) as refused:
        settings.Sources("codebase", environment={}, file=file)
    assert refused.value.hint == "Correct or remove it."


def test_a_snapshot_whose_lists_hold_anything_else_is_refused() -> None:
    with pytest.raises(ValueError, match="'chunk_ids' must hold text only"):
        snapshots.from_json({"chunk_ids": ["c_a", 3]})


def test_pasted_json_that_names_no_chunk_is_taken_as_text() -> None:
    assert syntax.given('{"path":"a.py"}').ref == '{"path":"a.py"}'
    assert syntax.given('{"chunk_id": "c_abcdefghijkl", "score": 1}').ref == "c_abcdefghijkl"


GOOD: dict[str, Any] = {
    "url": "http://127.0.0.1:8020", "token": "t", "pid": 7, "data_dir_id": "d",
    "roots": [{"root": "/a", "repository": "r"}],
}  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [{"pid": "7"}, {"pid": True}, {"roots": {}}, {"url": 3}, {"token": None}, {"data_dir_id": []}],
)
def test_an_endpoint_file_with_a_field_of_another_kind_is_not_read(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    file = tmp_path / "codebase-endpoint.json"
    file.write_text(json.dumps(GOOD))
    file.chmod(0o600)
    assert endpoint.read(file) is not None
    file.write_text(json.dumps(GOOD | wrong))
    assert endpoint.read(file) is None


def test_roots_of_an_endpoint_that_are_none_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "codebase-endpoint.json"
    file.write_text(
        json.dumps(GOOD | {"roots": ["x", {"root": 3}, {"root": "/a", "repository": 3}, *GOOD["roots"]]})
    )
    file.chmod(0o600)
    found = endpoint.read(file)
    assert found is not None
    assert found.roots == (EndpointRoot("/a", "r"),)


def test_an_endpoint_file_goes_only_with_the_process_that_stands_in_it(tmp_path: Path) -> None:
    file = tmp_path / "codebase-endpoint.json"
    endpoint.write(file, Endpoint("http://127.0.0.1:1", "t", os.getpid(), "d", (), file))
    assert not endpoint.remove(file, pid=os.getpid() + 1)
    assert file.exists()
    assert endpoint.remove(file)
    assert not file.exists()
    assert not endpoint.remove(file), "there is none any more"


def test_only_files_of_free_ports_whose_process_is_gone_are_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_RUNTIME_DIR", str(tmp_path / "run"))
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        pass
    pids = {None: ended.pid, 1111: ended.pid, 2222: os.getpid()}
    for port, pid in pids.items():
        file = endpoint.file_of("codebase", port)
        endpoint.write(file, Endpoint("http://127.0.0.1:1", "t", pid, "d", (), file))
    other = endpoint.file_of("workflow", 1111)
    endpoint.write(other, Endpoint("http://127.0.0.1:1", "t", ended.pid, "d", (), other))
    assert endpoint.sweep("codebase") == [endpoint.file_of("codebase", 1111)]
    assert endpoint.file_of("codebase").exists(), "the next holder of the agreed port writes over it"
    assert endpoint.file_of("codebase", 2222).exists()
    assert other.exists()
    assert endpoint.sweep("codebase") == []


def test_what_is_not_there_yet_is_on_the_file_system_of_its_folder(tmp_path: Path) -> None:
    assert system.read_only(tmp_path / "not" / "there" / "yet") is False
    assert system.read_only(Path("/proc/self/no such")) in (True, False)


def test_each_program_has_a_folder_of_data_and_both_one_of_settings_and_of_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATA", "CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    if sys.platform == "linux":
        assert places.data_folder("codebase-server") == tmp_path / "DATA" / "tandem" / "codebase-server"
        assert places.config_file() == tmp_path / "CONFIG" / "tandem" / "config.toml"
        assert places.cache_folder() == tmp_path / "CACHE" / "tandem"
        assert tmp_path / "STATE" / "tandem" in (places.log_folder(), *places.log_folder().parents)
    assert places.data_folder("workflow-server").name == "workflow-server"


def test_code_that_is_no_text_of_any_encoding_is_kept_all_the_same() -> None:
    """A lone surrogate stands for a byte that was no UTF-8."""
    assert snapshots.keepable("x = '\udc80'") == ("x = '\udc80'", False)
    long = "y = '\udc80'\n" * 1_000
    kept, cut = snapshots.keepable(long)
    assert cut
    assert 0 < len(kept) <= snapshots.MAX_CODE_BYTES


@pytest.mark.parametrize(
    ("field", "meant"),
    [("colour", ""), ("repo", "repository"), ("repositry", "repository"), ("roles", "role"), ("reff", "ref")],
)
def test_a_field_that_a_reference_does_not_have_is_told_with_what_was_meant(field: str, meant: str) -> None:
    with pytest.raises(TandemError) as refused:
        syntax.given({"ref": "a.py", field: "x"})
    assert refused.value.message == f"Unknown field `{field}` in a reference." + (
        f" Did you mean `{meant}`?" if meant else ""
    )


def test_as_many_characters_as_are_kept_may_be_given() -> None:
    most = syntax.MAX_REFERENCE_CHARACTERS
    assert syntax.given("a" * most).ref == "a" * most
    with pytest.raises(TandemError, match=f"has {most + 1:,} characters; at most {most:,} are kept"):
        syntax.given("a" * (most + 1))


@pytest.mark.skipif(not hasattr(os, "statvfs"), reason="Windows does not say")
def test_what_is_not_there_yet_is_asked_of_the_nearest_folder_that_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Mounting takes root; here the system's answers are given."""

    class Answer:
        f_flag = os.ST_RDONLY

    def asked(place: Path) -> Answer:
        if len(place.parts) > 3:
            raise NotADirectoryError if len(place.parts) == 4 else FileNotFoundError
        return Answer()

    monkeypatch.setattr(os, "statvfs", asked)
    assert system.read_only(Path("/mounted/folder/not/there/yet"))

    def refused(place: Path) -> Answer:
        raise PermissionError

    monkeypatch.setattr(os, "statvfs", refused)
    assert not system.read_only(Path("/mounted"))


@pytest.mark.skipif(os.name == "nt", reason="modes say nothing there")
@pytest.mark.parametrize("what", ["link", "open to others"])
def test_a_folder_for_secrets_that_others_can_change_is_refused_with_what_to_do(
    tmp_path: Path, what: str
) -> None:
    folder = tmp_path / "runtime"
    if what == "link":
        (tmp_path / "elsewhere").mkdir()
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.mkdir()
        folder.chmod(0o777)
    with pytest.raises(TandemError, match=f"The folder {folder} ") as refused:
        places.private_folder(folder)
    assert refused.value.code == "unsafe_folder"
    assert refused.value.hint == (
        "Remove it, correct its owner and mode (0700), or set TANDEM_RUNTIME_DIR to your own folder."
    )
    assert places.private_folder(tmp_path / "new" / "one").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.name == "nt", reason="modes say nothing there")
@pytest.mark.parametrize("there", [("", "-wal", "-shm"), ("", "-wal"), ("",)])
def test_a_database_is_closed_to_others_with_its_log_and_what_was_opened_by_hand_stays(
    tmp_path: Path, there: Sequence[str]
) -> None:
    """The log holds what the file will hold."""
    for name, mode, becomes in (("left", 0o644, 0o600), ("group", 0o660, 0o660), ("own", 0o600, 0o600)):
        files = [tmp_path / f"{name}.sqlite3{ending}" for ending in there]
        for file in files:
            file.write_bytes(b"kept")
            file.chmod(mode)
        places.own_file(files[0])
        assert [(file.stat().st_mode & 0o777, file.read_bytes()) for file in files] == [
            (becomes, b"kept")
        ] * len(files)


@pytest.mark.skipif(os.name == "nt", reason="modes say nothing there")
def test_databases_are_this_users_alone_also_those_that_were_open_to_all(tmp_path: Path) -> None:
    """Code and work items, whatever the umask; earlier releases left them as it made them."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "a.py").write_text("def f():\n    return 1\n")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "TANDEM_RUNTIME_DIR": str(tmp_path / "run"),
        "WORKFLOW_PROJECT": "tests",
        "BRIDGE": "off",
    }
    commands = (
        ["workflow_server", "add", "An item"],
        ["workflow_server", "backup"],
        ["codebase_server", "index", "--root", str(code)],
    )

    def work() -> str:
        told = ""
        for command in commands:
            told += subprocess.run(
                [sys.executable, "-m", *command],
                env=environment, cwd=code, umask=0o022,
                check=True, capture_output=True, timeout=120, text=True,
            ).stderr  # fmt: skip
        return told

    def modes() -> dict[str, int]:
        data = tmp_path / "data" / "tandem"
        return {str(one.relative_to(data)): one.stat().st_mode & 0o777 for one in data.rglob("*")}

    work()
    found = modes()
    databases = [name for name in found if ".sqlite3" in name]
    assert len(databases) >= 5
    assert {found[name] for name in databases} == {0o600}
    assert {found[name] for name in ("workflow-server", "workflow-server/projects", "codebase-server")} == {
        0o700
    }
    folders = [name for name in found if (tmp_path / "data" / "tandem" / name).is_dir()]
    assert {found[name] for name in folders} == {0o700}
    opened = [name for name in databases if "backup" not in name]
    for file_mode, folder_mode in ((0o644, 0o755), (0o664, 0o775)):  # of the two usual umasks
        for name in databases:
            (tmp_path / "data" / "tandem" / name).chmod(file_mode)
        for name in (*folders, ""):
            (tmp_path / "data" / "tandem" / name).chmod(folder_mode)
        told = work()
        found = modes()
        assert {found[name] for name in opened} == {0o600}
        assert {found[name] for name in folders} == {0o700}
        assert (tmp_path / "data" / "tandem").stat().st_mode & 0o777 == 0o700
        assert "was open to other users" in told
        assert "was open to other users" not in work(), "it is said once"


@pytest.mark.skipif(os.name == "nt", reason="modes say nothing there")
def test_a_folder_that_the_user_named_stays_as_open_as_it_is_and_what_we_made_in_it_does_not(
    tmp_path: Path,
) -> None:
    """It may be shared on purpose, or hold other things; what was opened to a group by hand stays so."""
    shared, elsewhere = tmp_path / "shared", tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "WORKFLOW_DATA_DIR": str(shared),
        "TANDEM_RUNTIME_DIR": str(tmp_path / "run"),
        "WORKFLOW_PROJECT": "tests",
        "BRIDGE": "off",
    }

    def work(*command: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "workflow_server", *command],
            env=environment, cwd=tmp_path, check=True, capture_output=True, umask=0o022, timeout=120,
        )  # fmt: skip

    work("add", "An item")
    shared.chmod(0o755)
    (shared / "mine").mkdir(mode=0o755)
    (shared / "projects").chmod(0o755)
    work("add", "Another")
    work("backup", str(elsewhere / "copy.sqlite3"))
    assert shared.stat().st_mode & 0o777 == 0o755
    assert (shared / "mine").stat().st_mode & 0o777 == 0o755
    assert elsewhere.stat().st_mode & 0o777 == 0o755
    assert (shared / "projects").stat().st_mode & 0o777 == 0o700
    (shared / "projects").chmod(0o750)
    (shared / "registry.sqlite3").chmod(0o660)
    work("add", "A third")
    assert (shared / "projects").stat().st_mode & 0o777 == 0o750
    assert (shared / "registry.sqlite3").stat().st_mode & 0o777 == 0o660


@pytest.mark.skipif(os.name == "nt", reason="modes say nothing there")
def test_neither_a_link_nor_what_another_user_owns_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o755)
    (tmp_path / "data" / "tandem").mkdir(parents=True)
    link = tmp_path / "data" / "tandem" / "codebase-server"
    link.symlink_to(outside)
    places.own_folder(link)
    assert outside.stat().st_mode & 0o777 == 0o755
    linked = tmp_path / "data" / "tandem" / "a.sqlite3"
    (outside / "a.sqlite3").touch(mode=0o644)
    linked.symlink_to(outside / "a.sqlite3")
    places.own_file(linked)
    assert (outside / "a.sqlite3").stat().st_mode & 0o777 == 0o644
    if os.getuid() == 0:
        other = tmp_path / "data" / "tandem" / "workflow-server"
        other.mkdir(mode=0o755)
        os.chown(other, 12345, -1)
        places.own_folder(other)
        assert other.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    "command",
    [
        ["codebase_server", "forget", "~nobody-of-that-name"],
        ["codebase_server", "status", "--root", "~nobody-of-that-name/code"],
        ["codebase_server", "search", "x", "--embedder", "sentence-transformers:~nobody-of-that-name"],
        ["workflow_server", "--data-dir", "~nobody-of-that-name", "list"],
    ],
    ids=["forget", "root", "model", "data"],
)
def test_a_tilde_with_a_name_that_no_user_has_is_a_name(tmp_path: Path, command: list[str]) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TANDEM_RUNTIME_DIR": str(tmp_path / "run"),
        "CODEBASE_DATA_DIR": str(tmp_path / "data"),
        "CODEBASE_ROOT": str(tmp_path),
        "WORKFLOW_PROJECT": "tests",
        "BRIDGE": "off",
    }
    done = subprocess.run(
        [sys.executable, "-m", *command],
        env=environment, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1, 2, 3, 4), done.stderr
