"""An index that an older release made: its vectors are of another model, and are made anew, never mixed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from codebase_server.embed import load
from codebase_server.search.candidates.vectors import blocks

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

CODE = "def {name}(lines):\n    return [line.strip() for line in lines]\n"
OLDER = "static-000000000000-256"


def test_vectors_of_an_older_model_are_made_anew_by_the_next_pass(
    make_project: Callable[..., Project],
) -> None:
    project = make_project(embedder="static")
    for name in ("strip", "parse", "send"):
        project.write(f"{name}.py", CODE.format(name=name))
    project.build()
    embedder = load("static")
    assert embedder is not None
    fresh = stored(project, embedder.model_id)
    assert len(fresh) == 3

    connection = project.index.database.writer()
    with connection:
        connection.execute("UPDATE vector_block SET model = ?, vectors = zeroblob(length(vectors))", (OLDER,))
    connection.close()
    project.write("late.py", CODE.format(name="late"))
    again = project.open()
    try:
        again.run_pass()
    finally:
        again.close()

    made = stored(project, embedder.model_id)
    assert len(made) == 4, "those of files that did not change, too"
    for version, row in fresh.items():
        assert np.array_equal(made[version], row)


def stored(project: Project, model: str) -> dict[int, np.ndarray[tuple[int], np.dtype[np.int8]]]:
    """The vectors of a model, by version."""
    with project.index.database.reading() as connection:
        return {
            version: row
            for _, ids, rows in blocks(connection, model)
            for version, row in zip(ids.tolist(), rows.copy(), strict=True)
        }
