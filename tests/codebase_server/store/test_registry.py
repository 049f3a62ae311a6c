"""The register of roots: first identity kept, later ones become aliases."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from codebase_server.store import IndexCorruptError, IndexTooNewError, Registry


def test_a_root_is_remembered_with_its_repository(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.add_root(Path("/src/one"), "r_one")
    assert [(r.path, r.repository) for r in Registry(tmp_path).roots()] == [(Path("/src/one"), "r_one")]
    assert registry.root_at(Path("/src/two")) is None


@pytest.mark.parametrize("age_seconds", [0, 60])
def test_what_another_process_registers_or_forgets_is_seen_at_once(tmp_path: Path, age_seconds: int) -> None:
    """However often it was asked before, and however long the file had been left alone."""
    here, there = Registry(tmp_path), Registry(tmp_path)
    there.add_root(Path("/src/one"), "r_one")
    before = here.file.stat().st_mtime - age_seconds
    os.utime(here.file, (before, before))
    for _ in range(3):
        assert [root.repository for root in here.roots()] == ["r_one"]
    there.add_root(Path("/src/two"), "r_two")
    assert [root.repository for root in here.roots()] == ["r_one", "r_two"]
    there.forget(Path("/src/one"))
    assert [root.repository for root in here.roots()] == ["r_two"]


def test_a_quiet_register_is_not_opened_again_and_a_new_one_has_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(tmp_path)
    name = registry.data_dir_id
    os.utime(registry.file, (1, 1))
    assert (registry.data_dir_id, registry.roots()) == (name, [])
    with monkeypatch.context() as shut:
        shut.setattr(sqlite3, "connect", None)
        assert (registry.data_dir_id, registry.roots()) == (name, [])
    registry.file.unlink()
    assert registry.data_dir_id != name


def test_a_later_identity_becomes_an_alias(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.add_root(Path("/src/one"), "r_shallow")
    assert registry.add_root(Path("/src/one"), "r_deep").repository == "r_shallow"
    assert registry.canonical("r_deep") == "r_shallow"
    assert registry.add_root(Path("/src/clone"), "r_deep").repository == "r_shallow"


def test_two_repositories_are_never_joined_by_an_alias(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.add_root(Path("/src/one"), "r_one")
    registry.add_root(Path("/src/two"), "r_two")
    assert registry.add_root(Path("/src/one"), "r_two").repository == "r_one"
    assert registry.canonical("r_two") == "r_two"


def test_the_id_of_a_data_folder_is_made_once_even_by_many_at_once(tmp_path: Path) -> None:
    found: set[str] = set()
    threads = [threading.Thread(target=lambda: found.add(Registry(tmp_path).data_dir_id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert Registry(tmp_path / "other").data_dir_id not in found


def test_an_identity_cannot_leave_the_data_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.\./x"):
        Registry(tmp_path).folder_of("../x")


def test_a_newer_register_is_refused_and_left_alone(tmp_path: Path) -> None:
    Registry(tmp_path).add_root(Path("/src/one"), "r_one")
    with sqlite3.connect(tmp_path / "registry.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(IndexTooNewError, match="schema 99") as told:
        Registry(tmp_path).roots()
    assert told.value.details == {"file": str(tmp_path / "registry.sqlite3")}


def test_roots_are_told_by_path_and_found_by_it(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "deep" / "data")
    for name in ("two", "one"):
        assert registry.add_root(Path(f"/src/{name}"), f"r_{name}").path == Path(f"/src/{name}")
    assert [(root.path, root.repository) for root in registry.roots()] == [
        (Path("/src/one"), "r_one"), (Path("/src/two"), "r_two"),
    ]  # fmt: skip
    found = registry.root_at(Path("/src/two"))
    assert found is not None
    assert (found.path, found.repository) == (Path("/src/two"), "r_two")
    with sqlite3.connect(registry.file) as connection:
        (added,) = connection.execute("SELECT min(added_at) FROM root").fetchone()
    connection.close()
    assert abs(added - time.time()) < 3_600


def test_the_same_identity_again_changes_nothing(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.add_root(Path("/src/one"), "r_one")
    assert registry.add_root(Path("/src/one"), "r_one").repository == "r_one"
    assert registry.canonical("r_one") == "r_one"
    with sqlite3.connect(registry.file) as connection:
        assert connection.execute("SELECT count(*) FROM alias").fetchone() == (0,)
    connection.close()


def test_an_alias_stays_with_the_repository_that_had_it_first(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.add_root(Path("/src/one"), "r_one")
    registry.add_root(Path("/src/two"), "r_two")
    registry.add_root(Path("/src/one"), "r_deep")
    assert registry.add_root(Path("/src/two"), "r_deep").repository == "r_two"
    assert registry.canonical("r_deep") == "r_one"


def test_a_forgotten_root_is_told_once_and_leaves_the_others(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.add_root(Path("/src/one"), "r_one")
    registry.add_root(Path("/src/two"), "r_two")
    gone = registry.forget(Path("/src/one"))
    assert gone is not None
    assert (gone.path, gone.repository) == (Path("/src/one"), "r_one")
    assert registry.forget(Path("/src/one")) is None
    assert [root.path for root in registry.roots()] == [Path("/src/two")]


def test_an_index_lies_in_a_folder_of_its_repositorys_name(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    for name in ("r_abc-1.2", "x" * 100):
        assert registry.folder_of(name) == tmp_path / "repositories" / name
    for name in ("", ".", "..", ".hidden", "a/b", "a b", "x" * 101, "a\n"):
        with pytest.raises(ValueError, match="is not a repository identity"):
            registry.folder_of(name)


def test_the_id_of_a_data_folder_is_random_and_stays(tmp_path: Path) -> None:
    first = Registry(tmp_path).data_dir_id
    assert re.fullmatch("[0-9a-f]{16}", first)
    assert Registry(tmp_path).data_dir_id == first


def test_a_register_that_cannot_be_made_leaves_none_behind(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "registry.sqlite3") as connection:
        connection.execute("CREATE TABLE alias (something TEXT)")
    connection.close()
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        Registry(tmp_path).roots()
    with sqlite3.connect(tmp_path / "registry.sqlite3") as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
        assert names == ["alias"]
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    connection.close()


def test_a_damaged_register_is_told_as_such_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "registry.sqlite3"
    file.write_bytes(b"no register " * 100)
    with pytest.raises(IndexCorruptError, match=r"registry\.sqlite3"):
        Registry(tmp_path).roots()
    assert file.read_bytes().startswith(b"no register")
