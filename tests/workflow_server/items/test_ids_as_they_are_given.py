"""An id is taken as people paste it; one that nothing has is told with what may have been meant."""

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError


async def refused(desk: Desk, identifier: str) -> str:
    with pytest.raises(TandemError) as error:
        await desk.update(identifier, priority=1)
    assert error.value.code == "work_item_not_found"
    return error.value.text


async def test_blanks_capitals_and_a_sign_before_it_do_not_matter(desk: Desk) -> None:
    item = await desk.create("Mend the door")
    for given in (f" {item['id']} ", item["id"].upper(), f"#{item['id']}"):
        assert (await desk.get(given))["id"] == item["id"]


async def test_an_id_with_a_slip_or_without_its_end_is_offered_the_one_that_is_near(desk: Desk) -> None:
    item = await desk.create("Mend the door")
    await desk.create("Paint the wall")
    offered = f"Did you mean {item['id']} 'Mend the door'?"
    known = item["id"]
    wrong = known[:-1] + ("a" if known[-1] != "a" else "b")
    for given in (wrong, known[:-1], known + "a", known[:5] + known[6:], known[:7]):
        assert offered in await refused(desk, given)
    assert "Did you mean" not in await refused(desk, "wi_2222222")


async def test_a_title_in_place_of_an_id_is_offered_its_item(desk: Desk) -> None:
    item = await desk.create("Mend the door")
    assert f"Did you mean {item['id']} 'Mend the door'?" in await refused(desk, "mend the door")
    with pytest.raises(TandemError) as error:
        await desk.service.get_work_items(desk.call, ["Mend the door"])
    assert item["id"] in error.value.text


async def test_a_key_that_no_item_of_the_plan_has_is_told_as_one(desk: Desk) -> None:
    with pytest.raises(TandemError) as error:
        await desk.service.create_work_items(
            desk.call, [{"key": "a", "title": "A"}, {"key": "b", "title": "B", "blocked_by": ["c"]}]
        )
    assert "It is no `key` of an item of the same plan either." in error.value.text
    with pytest.raises(TandemError) as named:
        await desk.create("C", blocked_by=["wi_2222222"])
    assert "`key`" not in named.value.text
