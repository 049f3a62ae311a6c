"""The register of roots: first identity kept, later ones become aliases."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from codebase_server.store import IndexTooNewError, Registry


def test_a_root_is_remembered_with_its_repository(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.add_root(Path("/src/one"), "r_one")
    assert [(r.path, r.repository) for r in Registry(tmp_path).roots()] == [(Path("/src/one"), "r_one")]
    assert registry.root_at(Path("/src/two")) is None


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
    with pytest.raises(IndexTooNewError, match="schema 99"):
        Registry(tmp_path).roots()
