"""References of one call may be of several roots: each is judged in the one that it names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codebase_server.service import CodebaseService
from codebase_server.settings import load

REF = "src/auth.py::login"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[CodebaseService]:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "src" / "auth.py").write_text("def login(name):\n    return find(name)\n")
    service = CodebaseService(load({"root": (root,), "data_dir": str(tmp_path / "data")}, {}))
    service.index_repository()
    yield service
    service.close()


@pytest.mark.parametrize("known_first", [True, False])
def test_a_root_that_is_not_served_costs_only_the_references_whose_repository_is_not_known(
    service: CodebaseService, tmp_path: Path, known_first: bool
) -> None:
    """As after a checkout was moved: what was kept before knows its repository, a text does not."""
    repository = service.opened(None).root.repository
    elsewhere = str(tmp_path / "elsewhere")
    known = {"ref": REF, "root": elsewhere, "repository": repository}
    unknown = {"ref": REF, "root": elsewhere}
    asked = [known, unknown] if known_first else [unknown, known]
    answered = service.resolve({"references": asked})["references"]
    found, unasked = answered if known_first else reversed(answered)
    assert (found["state"], found["file_path"]) == ("valid", "src/auth.py")
    assert (unasked["state"], unasked["root"]) == ("unchecked", elsewhere)
    assert unasked["reason"].startswith(f"Root '{elsewhere}' is not served here.")


def test_what_names_nothing_is_answered_beside_what_does(service: CodebaseService) -> None:
    refs = [REF, "::", "c_!!", "a\x00b", "src/auth.py:0", "../x", "x" * 5_000]
    answered = service.resolve({"references": [{"ref": ref} for ref in refs]})["references"]
    assert [one["ref"] for one in answered] == refs
    assert [one["state"] for one in answered] == ["valid", *["unresolved"] * 6]
