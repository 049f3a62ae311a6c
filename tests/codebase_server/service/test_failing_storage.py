"""The storage fails below a running service: the message names file and remedy, search goes on with what
is left, and nothing is overwritten silently."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge.agreed.errors import TandemError
from codebase_server.index.writing import Writer
from codebase_server.service import CodebaseService
from codebase_server.settings import load
from codebase_server.store.database import Database
from codebase_server.store.errors import IndexCorruptError

ONE = "def water_the_plants(garden):\n    return [plant.drink() for plant in garden]\n"
TWO = "def sharpen_the_saw(saw):\n    return saw.teeth\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "garden.py").write_text(ONE)
    return folder


@pytest.fixture
def opened(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], CodebaseService]]:
    """Makes services over the root; each is a process of its own as far as the store can tell."""
    monkeypatch.setenv("TANDEM_RUNTIME_DIR", str(tmp_path / "runtime"))
    made: list[CodebaseService] = []

    def make() -> CodebaseService:
        environment = {"CODEBASE_ROOT": str(root), "CODEBASE_DATA_DIR": str(tmp_path / "data")}
        settings = load({}, environment, tmp_path / "no-config.toml")
        made.append(CodebaseService(settings, working_folder=tmp_path, environment={}))
        return made[-1]

    yield make
    for service in made:
        service.close()


@pytest.fixture
def service(opened: Callable[[], CodebaseService]) -> CodebaseService:
    made = opened()
    made.index_repository()
    return made


def database_of(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "data").glob("repositories/*/index.sqlite3")
    return file


def found(service: CodebaseService, query: str = "water the plants") -> list[str]:
    return [result["symbol"] for result in service.search_code(query)["results"]]


def problem_of(call: Callable[[], object]) -> TandemError | None:
    """What a call complains of; None when it answers."""
    try:
        call()
    except TandemError as problem:
        return problem
    return None


def message(problem: TandemError) -> str:
    return f"{problem.message} {problem.hint}"


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """No file of this process may grow above so many bytes: what a full disk looks like to a writer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def fill(root: Path, files: int = 400) -> None:
    for number in range(files):
        lines = "\n".join(f"    step_{number}_{line}(saw, {number * line})" for line in range(40))
        (root / f"m{number}.py").write_text(f"def work_{number}(saw):\n{lines}\n")


def test_no_room_left_is_said_with_the_file_and_what_was_indexed_still_answers(
    service: CodebaseService, root: Path, tmp_path: Path
) -> None:
    file = database_of(tmp_path)
    fill(root)
    with at_most(file.stat().st_size + 8192):
        with pytest.raises(TandemError) as raised:
            service.index_repository()
        assert raised.value.code == "storage_full"
        assert str(file) in message(raised.value)
        assert "Free some disk space" in message(raised.value)
        answer = service.search_code("water the plants")
        assert "water_the_plants" in [result["symbol"] for result in answer["results"]]
        assert any("could not grow" in warning for warning in answer["warnings"])
    service.index_repository()
    assert found(service, "work_7")[0] == "work_7"
    assert service.index_status()["last_error"] == ""


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting wants root")
def test_a_disk_that_is_really_full(tmp_path: Path, root: Path) -> None:
    data = tmp_path / "small"
    data.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(data)], check=False, capture_output=True
    ).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        settings = load(
            {}, {"CODEBASE_ROOT": str(root), "CODEBASE_DATA_DIR": str(data)}, tmp_path / "no-config.toml"
        )
        service = CodebaseService(settings, working_folder=tmp_path, environment={})
        service.index_repository()
        fill(root, 900)
        with pytest.raises(TandemError) as raised:
            service.index_repository()
        assert raised.value.code == "storage_full", message(raised.value)
        assert "water_the_plants" in found(service)
        service.close()
    finally:
        subprocess.run(["umount", "-l", str(data)], check=True)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting wants root")
def test_a_file_system_that_became_read_only_is_called_so(tmp_path: Path, root: Path) -> None:
    data = tmp_path / "mounted"
    data.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "tmpfs", str(data)], check=False, capture_output=True
    ).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        settings = load(
            {}, {"CODEBASE_ROOT": str(root), "CODEBASE_DATA_DIR": str(data)}, tmp_path / "no-config.toml"
        )
        service = CodebaseService(settings, working_folder=tmp_path, environment={})
        service.index_repository()
        service.close()
        subprocess.run(["mount", "-o", "remount,ro", str(data)], check=True)
        (root / "saw.py").write_text(TWO)
        with pytest.raises(TandemError) as raised:
            service.index_repository()
        assert raised.value.code == "storage_denied"
        assert "is on a read-only file system" in message(raised.value)
        assert "No permission" not in message(raised.value)
        assert "water_the_plants" in found(service)
        subprocess.run(["mount", "-o", "remount,rw", str(data)], check=True)
        service.index_repository()
        assert "sharpen_the_saw" in found(service, "sharpen the saw")
        service.close()
    finally:
        subprocess.run(["umount", "-l", str(data)], check=True)


def test_a_damaged_database_is_set_aside_and_never_overwritten(
    service: CodebaseService, opened: Callable[[], CodebaseService], tmp_path: Path
) -> None:
    file = database_of(tmp_path)
    service.close()
    garbage = b"this is no database " * 500
    file.write_bytes(garbage)
    again = opened()
    with pytest.raises(TandemError) as raised:
        again.outline()
    assert raised.value.code == "index_corrupt"
    assert str(file) in message(raised.value)
    done = again.index_repository()
    (aside,) = file.parent.glob("index.damaged-*.sqlite3")
    assert any(str(aside) in warning for warning in done["warnings"])
    assert aside.read_bytes() == garbage
    assert "water_the_plants" in found(again)


def test_a_sound_database_is_kept_when_a_read_that_failed_looked_like_damage(
    service: CodebaseService,
    root: Path,
    opened: Callable[[], CodebaseService],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SQLite calls a page malformed that the disk failed to give once; what its ids remember must not go."""
    one_pass = Writer._one_pass
    failures = iter([True])

    def failing_once(writer: Writer, *arguments: Any) -> Any:
        if next(failures, False):
            raise IndexCorruptError(database_of(tmp_path), "database disk image is malformed")
        return one_pass(writer, *arguments)

    monkeypatch.setattr(Writer, "_one_pass", failing_once)
    (root / "late.py").write_text("def feed_the_cat():\n    return 'fed'\n")
    done = service.index_repository()
    assert done["warnings"] == []
    assert list(database_of(tmp_path).parent.glob("index.damaged-*")) == []
    assert "feed_the_cat" in found(opened(), "feed the cat")


@pytest.mark.parametrize("where", ["prepare", "damage"])
def test_a_sound_database_is_kept_when_the_look_at_it_failed(
    service: CodebaseService,
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    """Found by the endurance bench: what seemed damaged while a pass was prepared was set aside at once."""
    whole = getattr(Database, where)
    failures = iter([True])

    def failing_once(database: Database, *arguments: Any) -> Any:
        if next(failures, False):
            raise IndexCorruptError(database.file, "database disk image is malformed")
        return whole(database, *arguments)

    before = service.find_symbol("water_the_plants")["results"][0]["chunk_id"]
    monkeypatch.setattr(Database, where, failing_once)
    with pytest.raises(TandemError) as raised:
        service.index_repository(force=True)
    assert raised.value.code == "storage_lost"
    assert "one look found it damaged" in message(raised.value)
    assert list(database_of(tmp_path).parent.glob("index.damaged-*")) == []
    (root / "late.py").write_text("def feed_the_cat():\n    return 'fed'\n")
    service.index_repository()
    assert "feed_the_cat" in found(service, "feed the cat")
    assert service.find_symbol("water_the_plants")["results"][0]["chunk_id"] == before


def test_what_is_no_index_of_this_schema_is_not_sound(service: CodebaseService, tmp_path: Path) -> None:
    database = Database(database_of(tmp_path).parent)
    assert database.is_sound()
    connection = sqlite3.connect(database.file)
    connection.execute("DROP TABLE meta")
    connection.close()
    assert not database.is_sound(), "its pages are whole, its tables are not"
    database.close()


def test_whatever_is_read_of_an_index_a_failed_read_is_told_with_its_file(
    service: CodebaseService, tmp_path: Path
) -> None:
    database = Database(database_of(tmp_path).parent)
    failed = sqlite3.DatabaseError("database disk image is malformed")
    failed.sqlite_errorname = "SQLITE_CORRUPT"
    with pytest.raises(IndexCorruptError, match="malformed") as raised, database.reading():
        raise failed
    assert str(database_of(tmp_path)) in message(raised.value)
    database.close()


def test_a_search_over_a_damaged_database_says_so_and_the_next_answers(
    service: CodebaseService, opened: Callable[[], CodebaseService], tmp_path: Path
) -> None:
    file = database_of(tmp_path)
    service.close()
    file.write_bytes(b"\0" * 20_000)
    again = opened()
    problem = problem_of(lambda: again.search_code("water the plants"))
    if problem is not None:
        assert str(file) in message(problem)
        assert again.index_repository()["warnings"]
    assert "water_the_plants" in found(again)


def test_a_damaged_page_in_the_middle(
    service: CodebaseService, root: Path, opened: Callable[[], CodebaseService], tmp_path: Path
) -> None:
    fill(root, 200)
    service.index_repository()
    file = database_of(tmp_path)
    service.close()
    with file.open("r+b") as handle:
        for page in range(3, file.stat().st_size // 4096, 2):
            handle.seek(page * 4096)
            handle.write(os.urandom(4096))
    again = opened()
    problem = problem_of(lambda: again.search_code("water the plants"))
    if problem is not None:
        assert problem.code == "index_corrupt"
        assert str(file) in message(problem)
    done = again.index_repository(force=True)
    assert any("index.damaged-" in warning for warning in done["warnings"])
    assert "water_the_plants" in found(again)


def test_a_damaged_text_index_is_noticed_and_built_again(
    service: CodebaseService, opened: Callable[[], CodebaseService], tmp_path: Path
) -> None:
    file = database_of(tmp_path)
    service.close()
    connection = sqlite3.connect(file)
    connection.execute("UPDATE posting SET data = x'ff00ff'")
    connection.execute("UPDATE vector_block SET vectors = x'01'")
    connection.commit()
    connection.close()
    again = opened()
    problem = problem_of(lambda: again.search_code("water the plants"))
    if problem is not None:
        assert problem.code == "index_corrupt"
        assert str(file) in message(problem)
        assert problem.hint
    again.index_repository(force=True)
    assert "water_the_plants" in found(again)


def test_a_newer_database_is_left_alone(
    service: CodebaseService, opened: Callable[[], CodebaseService], tmp_path: Path
) -> None:
    file = database_of(tmp_path)
    service.close()
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = file.read_bytes()
    again = opened()
    for call in (again.index_repository, again.outline):
        with pytest.raises(TandemError) as raised:
            call()
        assert raised.value.code == "index_too_new"
        assert "Upgrade" in message(raised.value)
        assert str(file) in message(raised.value)
    assert file.read_bytes() == before


def test_a_data_folder_deleted_while_running_is_made_again(
    service: CodebaseService, root: Path, tmp_path: Path
) -> None:
    assert "water_the_plants" in found(service)
    shutil.rmtree(tmp_path / "data")
    answer = service.search_code("water the plants")
    assert answer["index"]["state"] in ("building", "ready", "partial")
    service.index_repository()
    assert "water_the_plants" in found(service)


def test_an_index_made_in_the_place_of_another_shows_no_ghost_of_it(
    service: CodebaseService, root: Path, tmp_path: Path
) -> None:
    old = service.search_code("water the plants")["results"][0]["chunk_id"]
    shutil.rmtree(tmp_path / "data")
    (root / "garden.py").unlink()
    (root / "saw.py").write_text(TWO)
    service.index_repository()
    (answer,) = service.search_code("sharpen the saw")["results"]
    assert (answer["file_path"], answer["symbol"]) == ("saw.py", "sharpen_the_saw")
    assert answer["chunk_id"] != old
    assert service.get_chunks([answer["chunk_id"]])["chunks"][0]["state"] == "valid"


def test_an_index_of_an_older_schema_is_brought_up_to_date_by_the_first_search(
    service: CodebaseService, opened: Callable[[], CodebaseService], root: Path, tmp_path: Path
) -> None:
    known = service.search_code("water the plants")["results"][0]["chunk_id"]
    file = database_of(tmp_path)
    service.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("ALTER TABLE generation DROP COLUMN paths")
        connection.execute("ALTER TABLE file DROP COLUMN tests")
        connection.execute("PRAGMA user_version = 1")
    again = opened()
    answer = again.search_code("water the plants")
    assert [result["chunk_id"] for result in answer["results"]] == [known]
    (root / "saw.py").write_text(TWO)
    again.index_repository()
    assert "sharpen_the_saw" in found(again, "sharpen the saw")
    assert not list(file.parent.glob("*damaged*"))


AS_NOBODY = """
import os, sys
from pathlib import Path
from bridge.agreed.errors import TandemError
from codebase_server.service import CodebaseService
from codebase_server.settings import load
world, what = Path(sys.argv[1]), sys.argv[2]
root, data = world / "root", world / "data"
environment = {"CODEBASE_ROOT": str(root), "CODEBASE_DATA_DIR": str(data)}
service = CodebaseService(load({}, environment, world / "none.toml"), working_folder=world, environment={})
def symbols():
    answer = service.search_code("water the plants")
    return [result["symbol"] for result in answer["results"]], answer["warnings"]
service.index_repository()
assert "water_the_plants" in symbols()[0]
if what == "read-only data folder":
    for path in [*data.rglob("*"), data]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    (root / "saw.py").write_text("def sharpen_the_saw(saw):\\n    return saw.teeth\\n")
    found, warnings = symbols()
    assert "water_the_plants" in found, (found, warnings)
    assert any("No permission" in text and str(data) in text for text in warnings), warnings
    try:
        service.index_repository()
    except TandemError as problem:
        assert problem.code == "storage_denied", problem
        assert "--data-dir" in problem.hint
    else:
        raise SystemExit("indexing into a read-only folder was not refused")
    for path in [data, *data.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    service.index_repository()
    assert "sharpen_the_saw" in [r["symbol"] for r in service.search_code("sharpen the saw")["results"]]
elif what == "permission of a file lost":
    (root / "garden.py").chmod(0)
    found, _ = symbols()
    assert "water_the_plants" not in found
    status = service.index_status()
    assert [row["reason"] for row in status["skipped"]] == ["unreadable"], status
    (root / "garden.py").chmod(0o644)
    assert "water_the_plants" in symbols()[0]
elif what == "permission of a folder lost":
    (root / "deep").mkdir()
    (root / "deep" / "saw.py").write_text("def sharpen_the_saw(saw):\\n    return saw.teeth\\n")
    service.index_repository()
    (root / "deep").chmod(0)
    service.index_repository()
    status = service.index_status()
    assert status["index"]["files"] == 1, status
    assert [row["reason"] for row in status["skipped"]] == ["unreadable"], status
    (root / "deep").chmod(0o755)
service.close()
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
@pytest.mark.parametrize(
    "what", ["read-only data folder", "permission of a file lost", "permission of a folder lost"]
)
def test_permissions_lost(what: str, tmp_path: Path) -> None:
    """To root everything is permitted, so as root the child gives up the power to override permissions."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "garden.py").write_text(ONE)
    command = [sys.executable, "-c", AS_NOBODY, str(tmp_path), what]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may do everything, and setpriv is missing")
        command = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *command]
    environment = {**os.environ, "TANDEM_RUNTIME_DIR": str(tmp_path / "runtime")}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
