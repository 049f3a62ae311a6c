"""What becomes of a reference that is given: resolved at once if possible, kept exactly as it was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import anyio.to_thread
import pytest
from tests.scenarios.conftest import Server, World, run_git
from tests.workflow_server.desk import HandClock
from tests.workflow_server.references.linked import LinkedDesk, chunk_of, index, only_detail

from bridge.agreed.errors import TandemError
from bridge.agreed.resolution import ReferenceQuery
from bridge.client.probe import Outcome, Probe
from workflow_server.references import References


@pytest.mark.parametrize(
    ("reference", "symbol", "lines"),
    [
        ("src/door.py::login", "login", (4, 9)),
        ("src/meter.py::Meter.add", "Meter.add", (8, 13)),
        ("src/door.py:6", "login", (4, 9)),
        ("src/door.py:5-7", "login", (4, 9)),
        ("./src/door.py#L5-L7", "login", (4, 9)),
        ("notes.md", None, (1, 3)),
    ],
)
async def test_each_form_finds_its_code(
    linked: LinkedDesk, reference: str, symbol: str | None, lines: tuple[int, int]
) -> None:
    created = await linked.create(entity_references=[reference])
    assert created["valid_references"] == [reference]
    item = await linked.get(created["id"])
    assert item["entity_references"] == item["valid_references"] == [reference]
    assert item["warnings"] == []
    detail = only_detail(item)
    assert (detail["state"], detail.get("symbol")) == ("valid", symbol)
    assert detail["start_line"] <= lines[0]
    assert detail["end_line"] >= lines[1]


async def test_a_chunk_id_and_a_pasted_result_mean_the_same(linked: LinkedDesk, codebase: Server) -> None:
    chunk = chunk_of(codebase, "src/door.py", "logout")
    pasted = {"chunk_id": chunk, "file_path": "src/door.py", "start_line": 1, "similarity_score": 0.8}
    item = await linked.create(entity_references=[chunk])
    other = await linked.create(entity_references=[pasted])
    assert item["entity_references"] == other["entity_references"] == [chunk]
    seen = [only_detail(await linked.get(one["id"])) for one in (item, other)]
    assert [detail["symbol"] for detail in seen] == ["logout", "logout"]


async def test_a_range_stands_for_all_the_chunks_it_touches(linked: LinkedDesk, codebase: Server) -> None:
    item = await linked.create(entity_references=["src/door.py:5-14"])
    for symbol in ("login", "logout"):
        assert await linked.ids(reference=chunk_of(codebase, "src/door.py", symbol)) == [item["id"]]
    assert await linked.ids(reference="src/door.py:13") == [item["id"]]
    assert await linked.ids(reference="src") == [item["id"]]
    assert await linked.ids(reference="src/meter.py") == []


async def test_the_answer_to_a_create_tells_what_each_reference_resolves_to(
    linked: LinkedDesk, codebase: Server
) -> None:
    login, logout = (chunk_of(codebase, "src/door.py", symbol) for symbol in ("login", "logout"))
    created = await linked.create(entity_references=[logout, "src/door.py:5-14"])
    seen = await linked.get(created["id"])
    for item in (created, seen):
        by_id, by_range = item["reference_details"]
        assert (by_id["chunk_id"], by_id["file_path"], by_id["symbol"]) == (logout, "src/door.py", "logout")
        assert set(by_range["chunk_ids"]) >= {login, logout}
        assert by_range["start_line"] <= 5
        assert by_range["end_line"] >= 14


async def test_the_same_code_given_twice_is_one_reference(linked: LinkedDesk, codebase: Server) -> None:
    chunk = chunk_of(codebase, "src/door.py", "logout")
    printed = f"1 of 9 matches (index ready, 4 files)\n\nsrc/door.py:12-17 logout 0.91 {chunk}\n```python\n"
    pasted = printed + "    audit.note()\n" * 400
    result = {"chunk_id": chunk, "file_path": "src/door.py", "content": "def logout(session): ..."}
    item = await linked.create(
        entity_references=[chunk, pasted, result, {"ref": chunk}, {"ref": chunk, "role": "test"}]
    )
    assert item["entity_references"] == [chunk, chunk], "once about, once as a test"
    assert [detail["role"] for detail in item["reference_details"]] == ["about", "test"]
    assert await linked.ids(reference=pasted) == [item["id"]]
    await linked.update(item["id"], remove_entity_references=[pasted])
    assert (await linked.get(item["id"]))["entity_references"] == []


async def test_an_ambiguous_name_is_answered_with_its_candidates(linked: LinkedDesk) -> None:
    answer = await linked.service.create_work_item(
        linked.call, {"title": "x", "entity_references": ["src/twins.py::open"]}
    )
    assert only_detail(answer["item"])["state"] == "unresolved"
    (warning,) = answer["warnings"]
    assert "'open' is ambiguous in 'src/twins.py': write one of Door.open, Window.open." in warning
    detail = only_detail(await linked.get(answer["item"]["id"]))
    assert [one["symbol"] for one in detail["candidates"]] == ["Door.open", "Window.open"]
    order = {
        "id": answer["item"]["id"],
        "ref": "src/twins.py::open",
        "to": detail["candidates"][1]["chunk_id"],
    }
    await linked.service.check_references(linked.call, relink=[order])
    assert only_detail(await linked.get(answer["item"]["id"]))["symbol"] == "Window.open"


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("src/door.py::lgoin", "login"),
        ("door.py::login", "Did you mean src/door.py?"),
        ("door.py", "Did you mean src/door.py?"),
        ("door.py:5", "Did you mean src/door.py?"),
        ("lib/meter.py::Meter.add", "Meter.add"),
    ],
)
async def test_a_slip_is_answered_with_what_may_have_been_meant(
    linked: LinkedDesk, reference: str, meant: str
) -> None:
    answer = await linked.service.create_work_item(
        linked.call, {"title": "x", "entity_references": [reference]}
    )
    assert only_detail(answer["item"])["state"] == "unresolved"
    assert any(meant in warning for warning in answer["warnings"]), answer["warnings"]


async def test_an_item_is_found_by_the_name_of_its_code_alone(linked: LinkedDesk) -> None:
    item = await linked.create(entity_references=["src/meter.py::Meter.add"])
    other = await linked.create(entity_references=["src/door.py::login"])
    for reference in ("Meter.add", "add", "./src/meter.py", "src/meter.py#L9"):
        assert await linked.ids(reference=reference) == [item["id"]], reference
    assert await linked.ids(reference="./src/") == [other["id"], item["id"]]
    assert await linked.ids(reference="https://example.org/src/meter.py") == []


async def test_roles_are_kept(linked: LinkedDesk) -> None:
    given = {"ref": "tests/test_door.py::test_login_refuses_a_wrong_word", "role": "test"}
    item = await linked.create(entity_references=["src/door.py::login", given])
    assert [detail["role"] for detail in item["reference_details"]] == ["about", "test"]


async def test_a_commit_is_looked_up_in_git(linked: LinkedDesk, world: World) -> None:
    head = run_git(world.repository, "rev-parse", "HEAD").strip()
    known = {"ref": head[:10], "role": "introduced-by"}
    item = await linked.create(entity_references=[known, {"ref": "0" * 12, "role": "introduced-by"}])
    assert [detail["state"] for detail in item["reference_details"]] == ["valid", "unresolved"]


async def test_a_url_is_no_path(linked: LinkedDesk) -> None:
    item = await linked.create(entity_references=["https://example.org/src/door.py:3"])
    assert only_detail(item)["state"] == "unresolved"
    assert item["stale_references"] == item["valid_references"] == []
    assert item["warnings"] == []


async def test_a_link_to_code_is_kept_and_how_its_code_is_followed_is_said(linked: LinkedDesk) -> None:
    link = "https://github.com/o/r/blob/main/src/door.py#L3-L5"
    answer = await linked.service.create_work_item(linked.call, {"title": "x", "entity_references": [link]})
    assert answer["item"]["entity_references"] == [link]
    (warning,) = answer["warnings"]
    assert warning == (
        f"Reference '{link}' is kept as a link, which is never checked: "
        "give 'src/door.py:3-5' to follow its code."
    )


async def test_a_text_that_names_nothing_is_kept_and_said(linked: LinkedDesk) -> None:
    answer = await linked.service.create_work_item(
        linked.call, {"title": "x", "entity_references": ["src/door.py::lgin"]}
    )
    assert only_detail(answer["item"])["state"] == "unresolved"
    assert any("'src/door.py::lgin' is kept as text" in warning for warning in answer["warnings"])


@pytest.mark.parametrize("bad", [{"ref": "a.py", "role": "tset"}, "", {"reff": "a.py"}])
async def test_what_is_no_reference_is_refused_and_nothing_is_stored(linked: LinkedDesk, bad: object) -> None:
    before = (await linked.page())["total_count"]
    with pytest.raises(TandemError):
        await linked.create(entity_references=[bad])
    assert (await linked.page())["total_count"] == before


async def test_a_repository_that_is_not_indexed_is_unchecked_and_says_what_to_do(linked: LinkedDesk) -> None:
    item = await linked.create(entity_references=[{"ref": "lib/x.py::f", "repository": "r_aaaaaaaaaaaaaaaa"}])
    detail = only_detail(await linked.get(item["id"]))
    assert detail["state"] == "unchecked"
    assert "r_aaaaaaaaaaaaaaaa" in detail["reason"]


async def test_a_plan_links_all_its_items_with_one_request(
    codebase: Server, open_linked: Callable[..., LinkedDesk]
) -> None:
    linked = open_linked()
    plan = await linked.plan(
        {"key": "a", "title": "A", "entity_references": ["src/door.py::login"]},
        {
            "key": "b",
            "title": "B",
            "entity_references": ["src/meter.py::Meter", "notes.md"],
            "parent_id": "a",
        },
    )
    assert (await linked.get(plan["a"]["id"]))["valid_references"] == ["src/door.py::login"]
    assert (await linked.get(plan["b"]["id"]))["valid_references"] == ["src/meter.py::Meter", "notes.md"]


class CountingProbe(Probe):
    """Notes how many questions each request has."""

    asked: list[int]

    async def resolve(
        self, queries: Sequence[ReferenceQuery], *, content: bool = False, timeout_ms: int | None = None
    ) -> Outcome:
        self.asked.append(len(queries))
        return await super().resolve(queries, content=content, timeout_ms=timeout_ms)


async def test_code_that_many_items_name_is_asked_about_once(
    world: World, codebase: Server, tmp_path: Path
) -> None:
    probe = CountingProbe(timeout_ms=10_000, folder=world.runtime)
    probe.asked = []
    linked = LinkedDesk(tmp_path / "data", HandClock(), References(probe), world.repository)
    references = ["src/door.py::login", "src/meter.py::Meter", "src/never.py::nothing"]
    await linked.plan(*({"title": f"No. {place}", "entity_references": references} for place in range(20)))
    answer = await linked.service.check_references(linked.call)
    assert (answer["counts"]["valid"], answer["counts"]["unresolved"]) == (40, 20)
    assert probe.asked == [3, 3]
    await linked.service.close()


async def test_references_are_added_and_removed(linked: LinkedDesk) -> None:
    item = await linked.create(entity_references=["src/door.py::login"])
    answer = await linked.update(item["id"], add_entity_references=["src/meter.py::Meter.report"])
    (resolved,) = answer["items"][0]["references"]
    assert (resolved["ref"], resolved["state"], resolved["symbol"]) == (
        "src/meter.py::Meter.report", "valid", "Meter.report",
    )  # fmt: skip
    assert (await linked.get(item["id"]))["valid_references"] == [
        "src/door.py::login",
        "src/meter.py::Meter.report",
    ]
    await linked.update(item["id"], remove_entity_references=["src/door.py::login"])
    assert (await linked.get(item["id"]))["entity_references"] == ["src/meter.py::Meter.report"]


async def test_a_plan_says_of_each_item_which_of_its_references_are_not_found(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    answer = await linked.service.create_work_items(
        linked.call,
        [
            {"key": "well", "title": "Found", "entity_references": ["src/door.py::login"]},
            {"key": "ill", "title": "Not found", "entity_references": ["src/door.py::logni"]},
            {"key": "shown", "title": "No test", "acceptance_criteria": [
                {"text": "It is shown", "done": True, "evidence": "tests/test_none.py::test_none"}
            ]},
        ],
    )  # fmt: skip
    well, ill, shown = answer["items"]
    assert well["warnings"] == []
    assert [told.split(":")[0] for told in ill["warnings"]] == ["Reference 'src/door.py"]
    assert "logni" in ill["warnings"][0]
    assert "test_none" in shown["warnings"][0]
    assert answer["warnings"] == [*ill["warnings"], *shown["warnings"]]


async def test_the_references_that_somebody_must_put_right_are_listed_first(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    made = []
    for name in ("worn", "lost"):
        world.write(f"src/order_{name}.py", f"def {name}(a, b):\n    total = a + b\n    return total * 2\n")
    await anyio.to_thread.run_sync(index, codebase)
    for name in ("worn", "lost"):
        made.append(await linked.create(entity_references=[f"src/order_{name}.py::{name}"]))
    made.append(await linked.create(entity_references=["src/never.py::written"]))
    world.write("src/order_worn.py", "def worn(a, b):\n    total = a + b\n    return total * 3\n")
    (world.repository / "src/order_lost.py").unlink()
    await anyio.to_thread.run_sync(index, codebase)
    answer = await linked.service.check_references(linked.call, ids=[item["id"] for item in made])
    assert [each["state"] for each in answer["references"]] == ["stale", "unresolved", "changed"]
    listed = await linked.service.list_work_items(linked.call, {"limit": 200})
    rows = {row["id"]: row for row in listed["items"]}
    worn, lost, never = (rows[item["id"]] for item in made)
    assert (lost.get("stale"), never.get("unresolved")) == (1, 1)  # as last heard of: a list checks nothing
    assert not {"stale", "unresolved"} & worn.keys()
