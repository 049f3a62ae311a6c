"""Code without a name, whose id goes with what is left of it: a reference means the code, not the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.codebase_server.index.test_resolving import NOTIFY, TOTAL, ask, linked, taken

from bridge.agreed.resolution import ReferenceQuery

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

FILE = ".github/workflows/build.yml"


def steps(job: str) -> str:
    """A job, in words that no other has."""
    each = (f"      - {job}: {job}_{n} {job} | {job}_{n} {job}.txt --{job}_quietly\n" for n in range(28))
    return f"  {job}:\n    {job}_steps:\n{''.join(each)}"


EMULATOR, LOOM = steps("emulator"), steps("loom")


def split(text: str) -> tuple[str, str]:
    lines = text.splitlines(keepends=True)
    return "".join(lines[: len(lines) // 2]), "".join(lines[len(lines) // 2 :])


@pytest.fixture
def query(project: Project) -> ReferenceQuery:
    """A reference to a job whose id has another by now: half of it was replaced, then the other half."""
    upper, lower = split(LOOM)
    write(project, EMULATOR)
    found = ask(project, ReferenceQuery(project.chunks()[0].chunk_id), content=True)
    for text in (upper + split(EMULATOR)[1], upper + lower):
        write(project, text)
    assert [one.chunk_id for one in project.chunks()] == [found.chunk_id], "the id slid along"
    return ReferenceQuery(found.chunk_id, snapshot=taken(found))


def write(project: Project, *jobs: str) -> None:
    project.write(FILE, "\n".join(jobs))
    project.build()


def test_steps_that_stand_further_down_are_valid_there(project: Project, query: ReferenceQuery) -> None:
    write(project, LOOM, EMULATOR)
    found = ask(project, query, content=True)
    assert (found.state, found.file_path) == ("valid", FILE)
    assert "emulator_7" in found.content
    assert "loom_7" not in found.content


def test_steps_that_were_edited_there_are_changed_there(project: Project, query: ReferenceQuery) -> None:
    write(project, LOOM, EMULATOR.replace("emulator_7 emulator |", "emulator_7 quickly |"))
    found = ask(project, query, content=True, diff=True)
    assert found.state == "changed"
    assert found.similarity is not None
    assert found.similarity > 0.9
    assert "emulator_7 quickly |" in found.diff


def test_of_two_that_are_about_as_much_like_it_neither_is_it(project: Project, query: ReferenceQuery) -> None:
    once, twice = (EMULATOR.replace("emulator_7", word) for word in ("quick", "slow"))
    write(project, LOOM, once, twice)
    found = ask(project, query)
    assert (found.state, found.chunk_id) == ("changed", query.ref)


def test_where_nothing_else_is_like_it_the_id_decides(project: Project, query: ReferenceQuery) -> None:
    other = steps("android").splitlines(keepends=True)
    write(project, LOOM, "".join([*other[:20], *EMULATOR.splitlines(keepends=True)[20:]]))
    found = ask(project, query)
    assert (found.state, found.chunk_id) == ("changed", query.ref)


def test_what_is_still_like_it_is_it_whatever_stands_beside_it(project: Project) -> None:
    """Half of the steps are others now, and somebody wrote the old ones once more."""
    write(project, EMULATOR)
    found = ask(project, ReferenceQuery(project.chunks()[0].chunk_id), content=True)
    mixed = split(LOOM)[0] + split(EMULATOR)[1]
    write(project, mixed)
    write(project, mixed, EMULATOR)
    now = ask(project, ReferenceQuery(found.chunk_id, snapshot=taken(found)))
    assert (now.state, now.chunk_id) == ("changed", found.chunk_id)


def test_what_has_a_name_is_known_by_it(project: Project) -> None:
    """What the function was is written under another name; the reference means the function."""
    project.write("shop.py", TOTAL)
    project.build()
    query = linked(project, "total")
    project.write("shop.py", NOTIFY.replace("notify", "total") + TOTAL.replace("total", "total_before"))
    project.build()
    found = ask(project, query)
    assert (found.state, found.symbol) == ("changed", "total")


def test_a_reference_of_which_no_code_was_kept_goes_with_its_id(
    project: Project, query: ReferenceQuery
) -> None:
    write(project, LOOM, EMULATOR)
    found = ask(project, ReferenceQuery(query.ref))
    assert (found.state, found.chunk_id) == ("valid", query.ref)
