"""Full text: titles, descriptions, notes and criteria; beginnings; snippets; words never read as syntax."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.workflow_server.desk import Desk

from workflow_server.find.likeness import BANDS, likeness, title_bands
from workflow_server.find.text import all_of, any_in_title, as_written, in_title, terms

COLUMNS = ("title", "description", "criteria", "notes", "title_forms", "forms")


async def test_every_text_of_an_item_is_searched(desk: Desk) -> None:
    title = await desk.create("Zebra crossing")
    description = await desk.create("A", description="the zebra runs")
    criterion = await desk.create("B", acceptance_criteria=["zebras are counted"])
    note = await desk.create("C")
    await desk.update(note["id"], note="saw a zebra")
    found = await desk.ids(text="zebra")
    assert found == [title["id"], note["id"], criterion["id"], description["id"]]


async def test_titles_come_first_then_the_newest(desk: Desk) -> None:
    old_title = await desk.create("Parser timeout")
    in_text = await desk.create("Other", description="parser timeout")
    new_title = await desk.create("Timeout of the parser")
    assert await desk.ids(text="parser timeout") == [new_title["id"], old_title["id"], in_text["id"]]


async def test_beginnings_stems_accents_and_identifiers_match(desk: Desk) -> None:
    item = await desk.create("Authentication fails in parse_config", description="Größe prüfen")
    for text in ("auth", "authentications", "config", "parse_conf", "große", "PRUFEN"):
        assert await desk.ids(text=text) == [item["id"]], text


async def test_a_quoted_part_is_literal(desk: Desk) -> None:
    item = await desk.create("open the door")
    await desk.create("the open door")
    assert await desk.ids(text='"open the door"') == [item["id"]]


@pytest.mark.parametrize(
    "text", ["a AND (b", "x NOT y", "NEAR(a b)", "title:x", "a* OR *", '"unclosed', "-x ^y", "a'; DROP"]
)
async def test_search_syntax_of_the_engine_is_only_words(desk: Desk, text: str) -> None:
    await desk.create("nothing of the kind here")
    assert await desk.ids(text=text) == []


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"label": ["secutity"]}, "no item has the label 'secutity'. Did you mean `Security`?"),
        ({"assignee": "an"}, "no item has the assignee 'an'. Did you mean `ann`?"),
        ({"reference": "gate.py"}, "no item is about 'gate.py'. Did you mean src/gate.py?"),
        ({"reference": "gate.py::shut"}, "no item is about 'gate.py::shut'. Did you mean src/gate.py?"),
        ({"reference": "wall.py"}, "no item is about 'wall.py'."),
        ({"similar_to": "Water the tulips"}, "no title is like this one."),
    ],
)
async def test_a_filter_that_lets_nothing_through_says_so(
    desk: Desk, query: dict[str, Any], told: str
) -> None:
    await desk.create(
        "Shut the gate", labels=["Security"], assignee="ann", entity_references=["src/gate.py::Gate.shut"]
    )
    answer = await desk.page(**query)
    assert answer["total_count"] == 0
    (warning,) = answer["warnings"]
    assert warning.startswith(f"no_match: {told}")


@pytest.mark.parametrize(
    "query", [{"label": ["security"], "status": ["completed"]}, {"assignee": "none"}, {"status": ["blocked"]}]
)
async def test_filters_that_name_what_there_is_need_no_word(desk: Desk, query: dict[str, Any]) -> None:
    await desk.create("Shut the gate", labels=["Security"], assignee="ann")
    answer = await desk.page(**query)
    assert (answer["total_count"], answer["warnings"]) == (0, [])


async def test_a_star_makes_a_beginning_of_one_and_two_letters_too(desk: Desk) -> None:
    page = await desk.create("page 031")
    assert (
        await desk.ids(text="pa*") == await desk.ids(text="03*") == await desk.ids(text="p*") == [page["id"]]
    )
    assert await desk.ids(text="pa") == await desk.ids(text="page 03") == []


async def test_nothing_found_says_which_word_is_to_blame(desk: Desk) -> None:
    await desk.create("login works")
    answer = await desk.page(text="login timeoutt")
    assert answer["total_count"] == 0
    assert '"login" in 1, "timeoutt" in 0' in answer["warnings"][0]


async def test_snippets_show_the_match_and_totals_count_all(desk: Desk) -> None:
    for number in range(30):
        await desk.create(f"Item {number}", description="before " * 20 + "needle" + " after" * 20)
    answer = await desk.page(text="needle", limit=3)
    assert answer["total_count"] == 30
    assert "**needle**" in answer["items"][0]["snippet"]
    assert len(answer["items"][0]["snippet"]) < 200


async def test_search_follows_edits_deletes_and_withdrawn_notes(desk: Desk) -> None:
    item = await desk.create("Before")
    await desk.update(item["id"], title="After")
    assert (await desk.ids(text="before"), await desk.ids(text="after")) == ([], [item["id"]])
    await desk.update(item["id"], note="walrus")
    assert await desk.ids(text="walrus") == [item["id"]]
    await desk.service.undo(desk.call, id=item["id"])
    assert await desk.ids(text="walrus") == []


async def test_filters_hold_in_search(desk: Desk) -> None:
    await desk.create("Needle one", status="completed")
    item = await desk.create("Needle two", labels=["x"])
    assert await desk.ids(text="needle", label=["x"]) == [item["id"]]
    assert (await desk.page(text="needle", view="ready"))["total_count"] == 1


async def test_similar_items_are_scored_most_alike_first(desk: Desk) -> None:
    same = await desk.create("Fix timeout in the login parser")
    near = await desk.create("Fix timeout in the board")
    await desk.create("Write the manual")
    answer = await desk.page(similar_to="Fixing login parser timeouts")
    assert [row["id"] for row in answer["items"]] == [same["id"], near["id"]]
    assert answer["items"][0]["similarity"] == 1.0
    by_id = await desk.page(similar_to=same["id"])
    assert [row["id"] for row in by_id["items"]] == [near["id"]]


titles = st.lists(
    st.sampled_from("parser login timeout board search index token page fast slow".split()),
    min_size=1,
    max_size=6,
)


@given(titles, st.randoms())
def test_likeness_knows_no_order_and_the_sketch_agrees(words: list[str], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = random.sample(words, len(words))
    assert likeness(" ".join(words), " ".join(shuffled)) == 1.0
    assert title_bands(" ".join(words)) == title_bands(" ".join(shuffled))
    assert len(title_bands(" ".join(words))) == BANDS
    assert 0.0 <= likeness(" ".join(words), "search the token") <= 1.0


@given(st.text())
def test_any_text_becomes_harmless_terms(text: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE VIRTUAL TABLE t USING fts5 ({', '.join(COLUMNS)})")
        found = terms(text)
        for term in found:
            assert re.fullmatch(r'\(?"[^"]+"\*?(?: OR "[^"]+"\*?)*\)?', term.match), term
        for query in (
            (all_of(found), in_title(found), any_in_title(found), as_written(found)) if found else ()
        ):
            connection.execute("SELECT * FROM t WHERE t MATCH ?", (query,)).fetchall()


async def test_sketches_follow_the_titles_of_the_living(desk: Desk, tmp_path: Path) -> None:
    titles = ("Sort the mails", "Count the mails", "Print the mails")
    first, second, third = [(await desk.create(title))["id"] for title in titles]
    await desk.update(first, title="Something else entirely")
    await desk.service.delete_work_item(desk.call, second)
    await desk.service.delete_work_item(desk.call, third)
    await desk.service.delete_work_item(desk.call, third, restore=True)
    with closing(sqlite3.connect(tmp_path / "data" / "projects" / "demo.sqlite3")) as connection:
        kept = set(connection.execute("SELECT band, n FROM title_band"))
        living = connection.execute("SELECT n, title FROM item WHERE deleted_at IS NULL").fetchall()
    assert kept == {(band, n) for n, title in living for band in title_bands(title)}
    assert len(living) == 2


async def test_whoever_looks_for_a_title_need_not_know_its_number(desk: Desk) -> None:
    second = await desk.create("Task 2: signed cookies")
    third = await desk.create("Task 3: signed cookies")
    assert await desk.ids(similar_to="signed cookies") == [third["id"], second["id"]]
    assert await desk.ids(similar_to="Task 2 signed cookies") == [second["id"]]


async def test_words_that_other_filters_leave_out_are_not_said_to_be_nowhere(desk: Desk) -> None:
    item = await desk.create("Grandchild of all", labels=["red"])
    (told,) = (await desk.page(text="grandchild", view="blocked"))["warnings"]
    assert told == "no_match: 1 item has all of these words; the other filters (view) leave it out."
    (told,) = (await desk.page(text=item["id"]))["warnings"]
    assert told.startswith(f"no_match: {item['id']} is the id of an item; get_work_item")
    (told,) = (await desk.page(text="grandchild nowhere"))["warnings"]
    assert told.endswith("items with each: grandchild in 1, nowhere in 0. Use fewer words.") or "in 0" in told


WRITTEN = [
    ("添加登录页面", ["登录", "登录页面", "页面", "添加登录页面", "录", '"登录"']),
    ("ログイン画面を追加する", ["画面", "ログイン", "追加"]),
    ("로그인페이지를 고치다", ["페이지", "로그인", "고치다"]),
    ("แก้ไขหน้าเข้าสู่ระบบ", ["หน้า", "ระบบ"]),
    ("Fix登录bug", ["登录", "bug", "fix登录", "登录bug"]),
    ("Release v1.2.3-rc1", ["1.2.3", "v1.2.3", "1.2", "v1.2", "v1.2.3-rc1", "rc1", '"1.2.3"']),
    ("Upgrade to python3 and utf8", ["python 3", "python3", "utf-8", "UTF8"]),
    ("Straße im Menü", ["strasse", "Straße", "STRASSE", "Straß", "menu"]),
    ("Grosse Strasse", ["Straße", "große"]),
    ("The e-mail auto-save", ["email", "e-mail", "autosave", "auto-save", "auto-sav", "save", "mail"]),
    ("An email autosaves", ["e-mail", "auto-save"]),
    (
        "Read read_me and max_retry_count",
        ["readme", "read_me", "retry_count", "max_retry", "_retry_", "count"],
    ),
    (
        "Call parseConfig in HTTPServer",
        ["config", "parse_config", "parseConf", "http", "server", "HTTPServer"],
    ),
    (
        "Move src/auth/login_form.py here",
        ["src/auth/login_form.py", "login_form.py", "auth/login", "form.py", ".py"],
    ),
    ("Don't drop Node.js", ["dont", "don't", "don’t", "nodejs", "node.js"]),
    ("ﬁle in ＡＢＣ", ["file", "abc"]),
    ("Cafe\u0301 und Résumé", ["café", "resume", "re\u0301sume\u0301"]),
]


@pytest.mark.parametrize(("title", "looked_for"), WRITTEN, ids=[title for title, _ in WRITTEN])
async def test_what_stands_in_a_title_is_found_by_its_parts(
    desk: Desk, title: str, looked_for: list[str]
) -> None:
    await desk.create("Of something else, 1 and 2 or 3: 页")
    described = await desk.create("Another", description=f"see {title}, please")
    titled = await desk.create(title)
    noted = await desk.create("Further")
    await desk.update(noted["id"], note=title)
    for text in looked_for:
        assert await desk.ids(text=text) == [titled["id"], noted["id"], described["id"]], text


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Release 1.2.3", "1.2.4"),
        ("3 fixes of 1 and 2", "1.2.3"),
        ("添加页面", "加面"),
        ("a1b2c3d4e5f6", "c3"),
    ],
)
async def test_parts_that_do_not_stand_together_are_not_found(desk: Desk, title: str, other: str) -> None:
    await desk.create(title)
    assert await desk.ids(text=other) == []


async def test_forms_are_shown_to_nobody_and_follow_changes(desk: Desk) -> None:
    item = await desk.create("v1.2.3", description="the e-mail and parseConfig of v2.0.1")
    (row,) = await desk.rows(text="email parse_config")
    assert "\ue000" not in row.get("snippet", "")
    (row,) = await desk.rows(text="2.0.1 and")
    assert "**and**" in row["snippet"]
    await desk.update(item["id"], title="v1.3", description="")
    assert await desk.ids(text="1.2.3") == await desk.ids(text="email") == []
    assert await desk.ids(text="1.3") == [item["id"]]
    await desk.update(item["id"], note="e-mails")
    await desk.update(item["id"], description="plain")
    assert await desk.ids(text="emails") == [item["id"]]


BEGUN = [
    "running", "authentication", "completing", "happily", "generalizations", "universities", "payment",
    "analyzing", "systems", "prüfungen", "relational", "queries", "agencies", "dependency", "y2038",
    "polygons", "categories", "happiness", "controllers", "writer", "monitoring", "failed", "stopped",
    "agreed",
    "summary", "broken", "tables", "houses", "caches", "indices", "analyses", "databases", "locale", "typing",
]  # fmt: skip


@pytest.mark.parametrize("word", BEGUN)
async def test_a_word_of_a_title_is_found_while_it_is_typed(desk: Desk, word: str) -> None:
    item = await desk.create(f"Some {word} of it")
    for end in range(3, len(word) + 1):
        assert await desk.ids(text=word[:end]) == [item["id"]], word[:end]
    (row,) = await desk.rows(text=word[:4])
    assert "q" not in row.get("snippet", "").replace(word, "")
