"""Forgetting a root and purging: an exact name, once, and never more than was named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codebase_server.service import CodebaseService, maintenance
from codebase_server.service.errors import InvalidArgumentError, RootUnknownError
from codebase_server.service.roots import Root
from codebase_server.settings import load
from codebase_server.store import Registry


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "src" / "keys.py").write_text("def secret():\n    return 'hunter2hunter2'\n")
    return root


@pytest.fixture
def service(tmp_path: Path, root: Path) -> Iterator[CodebaseService]:
    service = CodebaseService(load({"root": (root,), "data_dir": str(tmp_path / "data")}, {}))
    service.index_repository()
    yield service
    service.close()


def test_a_root_that_another_process_forgot_meanwhile_is_unknown(
    service: CodebaseService, tmp_path: Path, root: Path
) -> None:
    listed = service._roots.everything()
    service.forget(str(root))
    with pytest.raises(RootUnknownError, match=str(root)):
        maintenance.forget(Registry(tmp_path / "data"), str(root), listed)


@pytest.mark.parametrize("given", ["src", "root/src", "r_aaaaaaaaaaaaaaaa", "\ud800", "a\x00b"])
def test_what_is_no_name_of_a_root_costs_none(service: CodebaseService, root: Path, given: str) -> None:
    with pytest.raises(RootUnknownError):
        service.forget(given)
    assert service.find_symbol("secret", root=str(root))["total_count"] == 1


def test_two_checkouts_of_a_repository_are_told_apart_by_their_paths(
    service: CodebaseService, tmp_path: Path, root: Path
) -> None:
    repository = service.opened(None).root.repository
    (one,) = service._roots.everything()
    other = Root(tmp_path / "clone", repository)
    with pytest.raises(InvalidArgumentError) as refused:
        maintenance.meant(repository, [one, other])
    assert f"{root}, {tmp_path / 'clone'}" in refused.value.text


@pytest.mark.parametrize("what", ["", "  "])
def test_nothing_is_not_purged_and_says_what_to_give(service: CodebaseService, what: str) -> None:
    with pytest.raises(InvalidArgumentError, match="give a chunk id or a text"):
        service.purge(what)


def test_a_purged_text_is_found_no_more_and_other_code_is(service: CodebaseService, root: Path) -> None:
    (root / "src" / "other.py").write_text("def plain():\n    return 1\n")
    service.index_repository()
    (root / "src" / "keys.py").unlink()
    service.index_repository()
    done = service.purge("hunter2hunter2")
    assert (done["repositories"], done["removed_versions"]) == (1, 1)
    assert service.purge("hunter2hunter2")["removed_versions"] == 0
    assert service.find_symbol("plain")["total_count"] == 1
