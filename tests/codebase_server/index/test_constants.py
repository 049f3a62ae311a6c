"""References to definitions without a chunk of their own: constants that stand among others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.codebase_server.index.test_resolving import TOTAL, ask, taken

from bridge.agreed.resolution import ReferenceQuery, Resolution
from bridge.agreed.snapshots import Snapshot as Kept

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project


LIMITS = "import math\n\nMOST_TRIES = 3\nPAUSE = 0.5\n"


def of(project: Project, name: str, kept: Kept | None = None) -> Resolution:
    return ask(project, ReferenceQuery(f"limits.py::{name}", snapshot=kept), content=True)


@pytest.fixture
def limits(project: Project) -> dict[str, Kept]:
    """References to two constants that share a chunk."""
    project.write("limits.py", LIMITS + TOTAL)
    project.build()
    linked = {name: of(project, name) for name in ("MOST_TRIES", "PAUSE")}
    return {name: taken(one) for name, one in linked.items()}


def of_constant(project: Project, limits: dict[str, Kept], name: str) -> Resolution:
    project.build()
    return of(project, name, limits[name])


def test_a_constant_is_as_it_was_whatever_its_neighbours_became(
    project: Project, limits: dict[str, Kept]
) -> None:
    project.write("limits.py", LIMITS.replace("import math", "import math\nimport os").replace("0.5", "0.7"))
    assert of_constant(project, limits, "MOST_TRIES").state == "valid"
    assert of_constant(project, limits, "PAUSE").state == "changed"


def test_a_constant_that_went_to_another_file_with_its_chunk_has_moved(
    project: Project, limits: dict[str, Kept]
) -> None:
    (project.folder / "limits.py").unlink()
    project.write("bounds.py", LIMITS.replace("0.5", "0.7") + TOTAL)
    found = of_constant(project, limits, "MOST_TRIES")
    assert (found.state, found.file_path) == ("moved", "bounds.py")


def test_a_line_that_holds_a_constants_line_is_not_that_line(
    project: Project, limits: dict[str, Kept]
) -> None:
    project.write("limits.py", LIMITS.replace("MOST_TRIES = 3", "MOST_TRIES = 30"))
    assert of_constant(project, limits, "MOST_TRIES").state == "changed"
    project.write("limits.py", LIMITS.replace("MOST_TRIES = 3\n", ""))
    found = of_constant(project, limits, "MOST_TRIES")
    assert (found.state, found.reason.split(".")[0]) == ("changed", "'MOST_TRIES' is no longer defined in it")
