"""The areas whose tests are tried, and the tests that each has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Area:
    """``code`` are globs of files that are changed, ``tests`` what is asked whether it notices."""

    code: tuple[str, ...]
    tests: tuple[str, ...]


_ITEMS = ("tests/workflow_server/items", "tests/workflow_server/history/test_undo.py")

AREAS = {
    "bridge": Area(
        ("src/bridge/agreed/*.py", "src/bridge/client/*.py"),
        ("tests/bridge/agreed", "tests/bridge/client"),
    ),
    "identity": Area(
        ("src/codebase_server/identity/*.py",),
        (
            "tests/codebase_server/identity",
            "tests/codebase_server/index/test_carrying.py",
            "tests/codebase_server/index/test_refactorings.py",
            "tests/codebase_server/index/test_judging.py",
            "tests/codebase_server/index/test_near_misses.py",
            "tests/codebase_server/index/test_resolving.py",
            "tests/codebase_server/index/test_resolving_files.py",
            "tests/codebase_server/index/test_resolving_text.py",
            "tests/codebase_server/index/test_whole_definitions.py",
            "tests/codebase_server/index/test_copied_then_deleted.py",
            "tests/codebase_server/index/test_returned.py",
            "tests/codebase_server/index/test_drifting.py",
            "tests/codebase_server/index/test_constants.py",
            "tests/codebase_server/index/test_references_as_written.py",
        ),
    ),
    "claims": Area(("src/workflow_server/claims/*.py",), ("tests/workflow_server/claims", *_ITEMS)),
    "dependencies": Area(
        ("src/workflow_server/dependencies/*.py",), ("tests/workflow_server/dependencies", *_ITEMS)
    ),
    "projects": Area(
        ("src/workflow_server/store/*.py",),
        (
            "tests/workflow_server/store",
            "tests/workflow_server/test_complaints.py",
            "tests/workflow_server/history/test_who_and_when.py",
            "tests/workflow_server/projects/test_care.py",
            *_ITEMS,
        ),
    ),
    "codebase": Area(
        ("src/codebase_server/store/*.py",),
        (
            "tests/codebase_server/store",
            "tests/codebase_server/index/test_account.py",
            "tests/codebase_server/index/test_carrying.py",
            "tests/codebase_server/index/test_maintenance.py",
            "tests/codebase_server/index/test_resolving.py",
        ),
    ),
}
