"""A claim whose answer was lost, over real connections: its own gets the token again, no other does."""

from __future__ import annotations

from .conftest import Connect


async def test_one_connection_gets_its_token_again_and_another_of_the_same_host_does_not(
    connect: Connect,
) -> None:
    async with connect() as mine, connect() as window:
        item = (await mine("create_work_item", title="Work"))["id"]
        first = await mine("claim_work_item", id=item)
        refused = await window("claim_work_item", id=item)
        assert (refused["claimed"], refused["claim_token"]) == (False, None)
        again = await mine("claim_work_item", id=item)
        assert again["claim_token"] == first["claim_token"]
        assert "Claimed already at" in again["reason"]
        there = await mine("claim_work_item", id=item, project="tests")
        assert there["claim_token"] == first["claim_token"]
