"""A question is answered by the words that carry its subject, when no item has all of them."""

from __future__ import annotations

from tests.workflow_server.desk import Desk

QUESTION = "what did we decide about the cache last week?"


async def test_a_question_finds_what_has_its_subject_and_says_what_was_left_out(desk: Desk) -> None:
    item = await desk.create("Cache of pages", description="We decide to keep it in memory.")
    await desk.create("Something else")
    page = await desk.page(text=QUESTION)
    assert [row["id"] for row in page["items"]] == [item["id"]]
    (told,) = page["warnings"]
    assert told.startswith("small_words: no item has all of the words; left out: what, did, we")
    assert "Looked for: decide cache" in told


async def test_where_an_item_has_all_words_they_all_count(desk: Desk) -> None:
    title = "what did we decide about the cache last week"
    item = await desk.create(title)
    await desk.create("decide cache")
    page = await desk.page(text=title)
    assert ([row["id"] for row in page["items"]], page["warnings"]) == ([item["id"]], [])


async def test_what_is_quoted_is_never_left_out(desk: Desk) -> None:
    await desk.create("Cache")
    assert await desk.ids(text='"the cache"') == []


async def test_pages_of_a_question_go_on(desk: Desk) -> None:
    ids = [(await desk.create(f"decide cache {number}"))["id"] for number in range(5)]
    first = await desk.page(text=QUESTION, limit=3)
    rest = await desk.page(text=QUESTION, limit=3, cursor=first["next_cursor"])
    assert sorted(row["id"] for row in [*first["items"], *rest["items"]]) == sorted(ids)


async def test_operators_of_other_searches_are_told_to_be_words(desk: Desk) -> None:
    await desk.create("Cache")
    page = await desk.page(text="cache OR queue")
    assert page["items"] == []
    assert "OR is a word here" in page["warnings"][0]
