"""Code is edited, moved and removed; the item tells each apart and shows what it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio.to_thread
import pytest
from tests.scenarios.conftest import Server, World
from tests.workflow_server.references.linked import LinkedDesk, chunk_of, index, only_detail

from bridge.agreed.errors import TandemError

FEED = '''def {name}(basket, rate):
    """Sum up the basket and add the tax of {name}."""
    total = sum(item.price * item.count for item in basket)
    discount = basket.voucher.value if basket.voucher else 0
    return round((total - discount) * (1 + rate), 2)
'''


async def reindex(codebase: Server) -> None:
    await anyio.to_thread.run_sync(index, codebase)


async def test_an_edited_function_is_changed_and_the_diff_shows_how(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    world.write("src/edit.py", FEED.format(name="edited"))
    await reindex(codebase)
    item = await linked.create(entity_references=["src/edit.py::edited"])
    world.write("src/edit.py", FEED.format(name="edited").replace(", 2)", ", 3)"))
    await reindex(codebase)
    seen = await linked.get(item["id"], "code")
    detail = only_detail(seen)
    assert seen["valid_references"] == ["src/edit.py::edited"]
    assert detail["state"] == "changed"
    assert 0.5 < detail["similarity"] < 1
    assert "-    return round((total - discount) * (1 + rate), 2)" in detail["diff"]
    assert "+    return round((total - discount) * (1 + rate), 3)" in detail["diff"]
    assert seen["warnings"] == []


async def test_moved_code_is_moved_and_both_places_are_given(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    world.write("src/before.py", FEED.format(name="wandering"))
    await reindex(codebase)
    item = await linked.create(entity_references=["src/before.py::wandering"])
    (world.repository / "src/before.py").unlink()
    world.write("src/deep/after.py", "import tax\n\n\n" + FEED.format(name="wandering"))
    await reindex(codebase)
    seen = await linked.get(item["id"])
    detail = only_detail(seen)
    assert detail["state"] == "moved"
    assert detail["was"]["file_path"] == "src/before.py"
    assert detail["moved_to"]["file_path"] == detail["file_path"] == "src/deep/after.py"
    assert seen["valid_references"] == ["src/before.py::wandering"]


async def test_other_lines_do_not_matter(linked: LinkedDesk, world: World, codebase: Server) -> None:
    world.write("src/shift.py", FEED.format(name="shifted"))
    await reindex(codebase)
    item = await linked.create(entity_references=["src/shift.py:3"])
    world.write("src/shift.py", "import tax\n" * 30 + "\n\n" + FEED.format(name="shifted"))
    await reindex(codebase)
    detail = only_detail(await linked.get(item["id"]))
    assert (detail["state"], detail["start_line"]) == ("valid", 33)


async def test_the_only_reference_is_gone(linked: LinkedDesk, world: World, codebase: Server) -> None:
    world.write("src/gone.py", FEED.format(name="doomed"))
    await reindex(codebase)
    chunk = chunk_of(codebase, "src/gone.py", "doomed")
    item = await linked.create(entity_references=[chunk])
    (world.repository / "src/gone.py").unlink()
    await reindex(codebase)
    seen = await linked.get(item["id"])
    assert seen["entity_references"] == seen["stale_references"] == [chunk]
    (warning,) = seen["warnings"]
    assert warning.startswith(
        f"Entity reference '{chunk}' not found in codebase-mcp. Code may have been deleted or re-indexed."
        " It was last seen in src/gone.py:1-5 (doomed)."
    )
    assert "basket.voucher" in only_detail(seen)["was"]["content"]


async def test_a_finished_item_does_not_nag_but_its_evidence_does(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    world.write("src/done.py", FEED.format(name="finished"))
    world.write("tests/test_done.py", FEED.format(name="test_finished"))
    await reindex(codebase)
    proof = "tests/test_done.py::test_finished"
    item = await linked.create(
        entity_references=["src/done.py::finished", {"ref": proof, "role": "evidence"}], status="active"
    )
    await linked.update(item["id"], status="completed")
    (world.repository / "src/done.py").unlink()
    world.write("tests/test_done.py", FEED.format(name="test_finished").replace("round(", "str("))
    await reindex(codebase)
    seen = await linked.get(item["id"])
    assert seen["status"] == "completed"
    assert seen["stale_references"] == ["src/done.py::finished"]
    (warning,) = seen["warnings"]
    assert warning.startswith(f"Evidence '{proof}' is not the code that was accepted.")


async def test_a_file_that_moved_and_was_accepted_is_followed_where_it_is(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    world.write("src/former.py", FEED.format(name="feed"))
    await reindex(codebase)
    item = await linked.create(entity_references=["src/former.py"])
    (world.repository / "src/former.py").rename(world.repository / "src/latter.py")
    await reindex(codebase)
    assert states(await linked.get(item["id"])) == ["moved"]
    accept = [{"id": item["id"], "ref": "src/former.py", "to": "accept"}]
    await linked.service.check_references(linked.call, relink=accept)
    seen = await linked.get(item["id"])
    assert states(seen) == ["valid"]
    assert seen["reference_details"][0]["file_path"] == "src/latter.py"

    world.write("src/former.py", "OTHER = 1\n")  # another file of its former name is not meant
    await reindex(codebase)
    assert states(await linked.get(item["id"])) == ["valid"]
    world.write("src/latter.py", FEED.format(name="feed").replace("2)", "4)"))
    await reindex(codebase)
    assert states(await linked.get(item["id"])) == ["changed"]
    (world.repository / "src/latter.py").rename(world.repository / "src/third.py")
    await reindex(codebase)
    assert states(await linked.get(item["id"])) == ["changed"]


async def test_proposals_are_applied_and_taken_back_at_once(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    world.write(
        "src/relink.py", FEED.format(name="kept") + "\n\n" + FEED.format(name="lost").replace("sum", "max")
    )
    await reindex(codebase)
    references = ["src/relink.py::kept", "src/relink.py::lost"]
    item = await linked.create(entity_references=references)
    world.write(
        "src/relink.py", FEED.format(name="kept").replace("2)", "4)") + "\n\ndef other():\n    return 1\n"
    )
    await reindex(codebase)
    assert states(await linked.get(item["id"])) == ["changed", "stale"]

    answer = await linked.service.check_references(
        linked.call,
        ids=[item["id"]],
        relink=[
            {"id": item["id"], "ref": references[0], "to": "accept"},
            {"id": item["id"], "ref": references[1], "to": "src/relink.py::other"},
        ],
    )
    assert answer["counts"]["valid"] == 2
    seen = await linked.get(item["id"])
    assert seen["valid_references"] == [references[0], "src/relink.py::other"]
    assert states(seen) == ["valid", "valid"]

    await linked.service.undo(linked.call, event=answer["event"])
    seen = await linked.get(item["id"])
    assert seen["entity_references"] == references
    assert states(seen) == ["changed", "stale"]


async def test_all_that_moved_or_changed_is_accepted_at_once_and_what_is_gone_dropped(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    names = ["first", "second", "lost"]
    for name in names:
        world.write(f"src/every_{name}.py", FEED.format(name=name))
    await reindex(codebase)
    one = await linked.create(entity_references=[f"src/every_{name}.py::{name}" for name in names])
    two = await linked.create(entity_references=["src/every_second.py::second"])
    world.write("src/every_first.py", FEED.format(name="first").replace("2)", "4)"))
    (world.repository / "src/every_second.py").unlink()
    world.write("src/moved/every_second.py", FEED.format(name="second"))
    (world.repository / "src/every_lost.py").unlink()
    await reindex(codebase)
    assert states(await linked.get(one["id"])) == ["changed", "moved", "stale"]

    async def check(*orders: dict[str, str], **options: Any) -> Any:
        return await linked.service.check_references(linked.call, relink=orders, **options)

    every = {"id": "*", "ref": "*", "to": "accept"}
    only_moved = await check(every, ids=[two["id"]], state=["moved"])
    assert [(order["id"], order["to"]) for order in only_moved["relinked"]] == [(two["id"], "accept")]
    assert states(await linked.get(one["id"])) == ["changed", "moved", "stale"]

    answer = await check(
        {**every, "id": one["id"]}, {**every, "id": one["id"], "to": "drop"}, ids=[one["id"]]
    )
    assert [(order["ref"], order["to"]) for order in answer["relinked"]] == [
        ("src/every_first.py::first", "accept"),
        ("src/every_second.py::second", "accept"),
        ("src/every_lost.py::lost", "drop"),
    ]
    assert states(await linked.get(one["id"])) == ["valid", "valid"]
    nothing = await check(every, ids=[one["id"]])
    assert nothing["relinked"] == []
    (told,) = nothing["warnings"]
    assert told.startswith("Nothing to accept: ref * means what is moved or changed, ")
    assert "and there is 2 valid in the items checked." in told
    assert "state=[...]" in told

    await linked.service.undo(linked.call, event=answer["event"])
    assert states(await linked.get(one["id"])) == ["changed", "moved", "stale"]


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"id": "*", "ref": "*", "to": "src/door.py::login"}, "Write accept or drop"),
        ({"id": "*", "ref": "src/door.py::login", "to": "drop"}, "Name the item"),
    ],
)
async def test_an_order_for_every_reference_that_makes_no_sense_is_refused(
    linked: LinkedDesk, order: dict[str, str], said: str
) -> None:
    with pytest.raises(TandemError) as refused:
        await linked.service.check_references(linked.call, relink=[order])
    assert said in refused.value.hint


async def test_a_change_of_what_is_gone_cannot_be_accepted(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    world.write("src/never.py", FEED.format(name="never"))
    await reindex(codebase)
    item = await linked.create(entity_references=["src/never.py::never"])
    (world.repository / "src/never.py").unlink()
    await reindex(codebase)
    order = {"id": item["id"], "ref": "src/never.py::never", "to": "accept"}
    answer = await linked.service.check_references(linked.call, ids=[item["id"]], relink=[order])
    assert any("is stale and cannot be accepted" in warning for warning in answer["warnings"])
    assert answer["counts"]["stale"] == 1
    assert (answer["relinked"], answer["event"]) == ([], None)


@pytest.mark.parametrize("reference", ["src/door.py::login", "src/door.py:6"])
async def test_the_code_is_shown_though_the_server_is_gone(
    codebase: Server, open_linked: Callable[..., LinkedDesk], reference: str
) -> None:
    item = await open_linked().create(entity_references=[reference])
    alone = open_linked(url="http://127.0.0.1:1")
    seen = await alone.get(item["id"], "code")
    detail = only_detail(seen)
    assert detail["state"] == "unchecked"
    assert detail["last"]["state"] == "valid"
    assert "account.matches(word)" in detail["code"]
    assert seen["entity_references"] == [reference]


def states(item: Any) -> list[str]:
    return [detail["state"] for detail in item["reference_details"]]


async def test_an_order_for_every_reference_that_meets_none_says_what_would(linked: LinkedDesk) -> None:
    item = await linked.create(entity_references=["src/nosuch.py::a", "src/nosuch.py::b"])
    order = {"id": item["id"], "ref": "*", "to": "drop"}
    answer = await linked.service.check_references(linked.call, ids=[item["id"]], relink=[order])
    (told,) = answer["warnings"]
    assert told.startswith("Nothing to drop: ref * means what is stale, and there is 2 unresolved in")
    again = await linked.service.check_references(
        linked.call, ids=[item["id"]], relink=[order], state=["unresolved"]
    )
    assert len(again["relinked"]) == 2
    assert again["warnings"] == []


async def test_an_item_is_found_by_the_place_that_its_code_has_moved_to_before_anybody_accepts_it(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    world.write("src/cache.py", FEED.format(name="digest"))
    await reindex(codebase)
    item = await linked.create(entity_references=["src/cache.py::digest"])
    (world.repository / "src/cache.py").unlink()
    world.write("src/caching.py", "import os\n\n\n" + FEED.format(name="digest"))
    await reindex(codebase)
    assert states(await linked.get(item["id"])) == ["moved"]
    for place in ("src/caching.py", "src/caching.py::digest", "src/caching.py:5-6", "src/cache.py"):
        assert await linked.ids(reference=place) == [item["id"]], place
    assert await linked.ids(reference="src/caching.py:1-2") == []
    (row,) = (await linked.update(item["id"], priority=1))["items"]
    assert row["item"]["reference_details"][0]["file_path"] == "src/caching.py"
    order = {"id": item["id"], "ref": "src/cache.py::digest", "to": "accept"}
    await linked.service.check_references(linked.call, relink=[order])
    assert await linked.ids(reference="src/caching.py") == [item["id"]]
    (world.repository / "src/caching.py").unlink()
    await reindex(codebase)
