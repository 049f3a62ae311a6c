"""Ids through a whole pass: what keeps its id, what gets a tombstone, what finds its id again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

PRICE = """
def price(basket, rates):
    total = 0
    for line in basket.lines:
        total += line.amount * rates[line.currency]
    return round(total, 2)
"""

SHIP = """
def ship(order, carrier):
    label = carrier.label(order.address, order.weight)
    order.mark_sent(label.number)
    notify(order.customer, "sent", label=label)
    return label
"""

AUDIT = '''
def audit(entries):
    """Say which entries do not add up."""
    wrong = []
    for entry in entries:
        if entry.debit != entry.credit:
            wrong.append((entry.number, entry.debit - entry.credit))
    return wrong
'''


def shop(*functions: str) -> str:
    return "import math\n\n" + "\n\n".join(function.strip() for function in functions) + "\n"


def test_an_edit_in_place_keeps_the_id_and_makes_a_new_version(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP))
    project.build()
    before = project.id_of("price")
    project.write("shop.py", shop(PRICE.replace("round(total, 2)", "math.floor(total)"), SHIP))
    project.build()
    assert project.id_of("price") == before
    with project.index.snapshot() as snapshot:
        assert len(snapshot.versions([before])[before]) == 2
        assert [entry.event for entry in snapshot.history(before)] == ["born", "changed"]


def test_a_shift_of_lines_alone_makes_no_new_version(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP))
    project.build()
    before = {c.chunk_id: c.version_id for c in project.chunks() if c.symbol}
    project.write("shop.py", "# one more line\n" + shop(PRICE, SHIP))
    project.build()
    assert {c.chunk_id: c.version_id for c in project.chunks() if c.symbol} == before


def test_a_renamed_function_keeps_its_id(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP, AUDIT))
    project.build()
    before = project.id_of("price")
    project.write("shop.py", shop(PRICE.replace("price", "total_price"), SHIP, AUDIT))
    project.build()
    assert project.place_of(before) == ("shop.py", "total_price")


def test_a_moved_function_keeps_its_id_and_what_stays_keeps_its_own(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP, AUDIT))
    project.write("books.py", shop("def close(year):\n    return year.sealed"))
    project.build()
    audit, price = project.id_of("audit"), project.id_of("price")
    project.write("shop.py", shop(PRICE, SHIP))
    project.write("books.py", shop("def close(year):\n    return year.sealed", AUDIT))
    project.build()
    assert project.place_of(audit) == ("books.py", "audit")
    assert project.place_of(price) == ("shop.py", "price")


def test_a_renamed_file_keeps_all_its_ids(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP, AUDIT))
    project.build()
    before = {c.symbol: c.chunk_id for c in project.chunks()}
    (project.folder / "trade").mkdir()
    (project.folder / "shop.py").rename(project.folder / "trade/market.py")
    project.build()
    assert {c.symbol: c.chunk_id for c in project.chunks()} == before
    assert {c.path for c in project.chunks()} == {"trade/market.py"}


def test_a_function_that_becomes_a_method_keeps_its_id(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP))
    project.build()
    before = project.id_of("ship")
    method = "\n".join("    " + line for line in SHIP.strip().replace("(order", "(self, order").splitlines())
    project.write("shop.py", shop(PRICE, f"class Desk:\n    counter = 0\n\n{method}"))
    project.build()
    assert project.place_of(before) == ("shop.py", "Desk.ship")


def test_a_copy_gets_a_new_id_and_the_original_keeps_its_own(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP))
    project.build()
    before = project.id_of("price")
    project.write("market.py", shop(PRICE))
    project.build()
    assert project.id_of("price", "shop.py") == before
    assert project.id_of("price", "market.py") != before


def test_a_deleted_function_leaves_a_tombstone_with_its_last_code(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP))
    project.build()
    before = project.id_of("price")
    project.write("shop.py", shop(SHIP))
    project.build()
    with project.index.snapshot() as snapshot:
        assert before not in snapshot.live_chunks([before])
        stone = snapshot.tombstones([before])[before]
        assert stone.generation == snapshot.generation
        assert (stone.version.path, stone.version.symbol, stone.start_line) == ("shop.py", "price", 3)
        assert (
            snapshot.contents([stone.version.version_id])[stone.version.version_id].strip() == PRICE.strip()
        )


def test_a_revert_finds_the_id_again(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP))
    project.build()
    before = project.id_of("price")
    project.write("shop.py", shop(SHIP))
    project.build()
    project.write("shop.py", shop(PRICE, SHIP))
    project.build()
    assert project.id_of("price") == before
    with project.index.snapshot() as snapshot:
        assert [entry.event for entry in snapshot.history(before)] == ["born", "died", "returned"]
        assert not snapshot.tombstones([before])


def test_code_that_stands_again_where_it_died_has_its_id_and_not_that_of_what_it_was_merged_into(
    project: Project,
) -> None:
    first = PRICE.replace("price", "remote_price")
    second = PRICE.replace("price", "local_price").replace("amount", "weight").replace(", 2)", ")")
    project.write("shop.py", shop(first, second, SHIP))
    project.build()
    before = project.id_of("local_price")
    merged = PRICE.replace("price", "both_prices") + second.strip().partition("\n")[2]
    project.write("shop.py", shop(merged, SHIP))
    project.build()
    with project.index.snapshot() as snapshot:
        assert before in snapshot.tombstones([before])
    between = project.id_of("both_prices")
    project.write("shop.py", shop(second, SHIP))
    project.build()
    assert project.id_of("local_price") == before
    assert project.place_of(between) is None


def test_other_code_at_a_dead_place_does_not_inherit_the_id(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP))
    project.build()
    before = project.id_of("price")
    project.write("shop.py", shop(SHIP))
    project.build()
    project.write("shop.py", shop(AUDIT.replace("audit", "price"), SHIP))
    project.build()
    assert project.id_of("price") != before


def test_a_function_that_was_rewritten_and_grew_beyond_a_chunk_keeps_its_id(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP))
    project.build()
    before = project.id_of("price")
    lines = (f"    shelf_{at} = stock.take(wanted_{at}, limit={at}, late=True)" for at in range(150))
    project.write("shop.py", shop("\n".join(["def price(stock):", *lines]), SHIP))
    project.build()
    assert len([one for one in project.chunks() if one.symbol == "price"]) > 1
    assert project.place_of(before) == ("shop.py", "price")
    project.write("shop.py", shop(AUDIT.replace("audit", "price"), SHIP))
    project.build()
    assert project.id_of("price") == before


HOOK = """
def on_{name}(block):
    \"\"\"{said}\"\"\"
    process_hook("{name}", None, block, {more})
"""


@pytest.mark.parametrize(
    ("path", "name", "more"),
    [("shop.py", "on_worker_boot", "'on_worker_boot'"), ("other.py", "on_stop", "cluster=True, threads=4")],
)
def test_new_code_that_is_a_little_like_some_that_died_is_new(
    project: Project, path: str, name: str, more: str
) -> None:
    """One hook of many was deleted; months later another is written, of the same few words."""
    old = HOOK.format(name="stop", said="Code to run before the end.", more="'on_stop'")
    project.write("shop.py", shop(PRICE, old))
    project.build()
    dead = project.id_of("on_stop")
    project.write("shop.py", shop(PRICE))
    project.build()
    words = "Code to run before a worker begins."
    new = HOOK.format(name=name.removeprefix("on_"), said=words, more=more)
    project.write(path, shop(new) if path != "shop.py" else shop(PRICE, new))
    project.build()
    assert project.place_of(dead) is None
    assert project.id_of(name) != dead


@pytest.mark.parametrize(("path", "name"), [("shop.py", "send"), ("other.py", "ship"), ("other.py", "send")])
def test_code_that_died_is_known_again_where_hardly_a_word_is_another(
    project: Project, path: str, name: str
) -> None:
    project.write("shop.py", shop(PRICE, SHIP))
    project.build()
    dead = project.id_of("ship")
    project.write("shop.py", shop(PRICE))
    project.build()
    back = SHIP.replace("def ship", f"def {name}").replace('"sent"', '"shipped"')
    project.write(path, shop(back) if path != "shop.py" else shop(PRICE, back))
    project.build()
    assert project.place_of(dead) == (path, name)


def test_two_equal_candidates_leave_a_tombstone_that_names_them(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP))
    project.build()
    before = project.id_of("price")
    project.write("shop.py", shop(SHIP))
    project.write("east.py", shop(PRICE.replace("price", "price_east")))
    project.write("west.py", shop(PRICE.replace("price", "price_west")))
    project.build()
    with project.index.snapshot() as snapshot:
        assert before not in snapshot.live_chunks([before])
        named = {chunk_id for chunk_id, _ in snapshot.tombstones([before])[before].successors}
    assert named == {project.id_of("price_east"), project.id_of("price_west")}


def test_a_branch_switched_there_and_back_has_its_ids_again(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP))
    project.write("books.py", shop(AUDIT))
    project.git("init", "-q", "-b", "main")
    project.git("add", ".")
    project.git("commit", "-qm", "one")
    project.build()
    before = {c.chunk_id: (c.path, c.symbol, c.version_id) for c in project.chunks()}
    project.git("switch", "-qc", "other")
    project.write("shop.py", shop(SHIP.replace("carrier", "courier")))
    project.git("mv", "books.py", "ledger.py")
    project.git("add", ".")
    project.git("commit", "-qm", "two")
    project.build()
    assert {c.chunk_id: (c.path, c.symbol, c.version_id) for c in project.chunks()} != before
    project.git("switch", "-q", "main")
    project.build()
    assert {c.chunk_id: (c.path, c.symbol, c.version_id) for c in project.chunks()} == before


def test_force_reads_everything_again_and_keeps_ids_and_versions(project: Project) -> None:
    project.write("shop.py", shop(PRICE, SHIP))
    project.write("books.py", shop(AUDIT, PRICE.replace("price", "cost")))
    project.build()
    before = {c.chunk_id: c.version_id for c in project.chunks()}
    result = project.index.run_pass(force=True)
    assert result.changed_files == 2
    assert {c.chunk_id: c.version_id for c in project.chunks()} == before


def test_a_second_root_of_the_repository_shares_ids_versions_and_parsed_files(
    make_project: Callable[..., Project],
) -> None:
    one, two = make_project("one"), make_project("two")
    for project in (one, two):
        project.write("shop.py", shop(PRICE, SHIP))
    two.write("books.py", shop(AUDIT))
    one.build()
    two.build()
    shared = {c.chunk_id: c.version_id for c in one.chunks()}
    assert shared.items() <= {c.chunk_id: c.version_id for c in two.chunks()}.items()
    two.write("shop.py", shop(SHIP))
    two.build()
    assert {c.chunk_id: c.version_id for c in one.chunks()} == shared, "one root's edit is no other's"


def test_the_same_function_on_another_branch_of_a_second_root_has_the_same_id(
    make_project: Callable[..., Project],
) -> None:
    one, two = make_project("one"), make_project("two")
    one.write("shop.py", shop(PRICE, SHIP))
    two.write("shop.py", shop(PRICE.replace("2", "3"), SHIP))
    one.build()
    two.build()
    assert two.id_of("price") == one.id_of("price")


def test_an_id_never_lives_twice_in_a_root(project: Project) -> None:
    for name in ("a", "b", "c"):
        project.write(f"{name}.py", shop(PRICE, SHIP, AUDIT))
    project.build()
    (project.folder / "a.py").unlink()
    project.write("d.py", shop(AUDIT, PRICE))
    project.write("b.py", shop(SHIP, PRICE, PRICE))
    project.build()
    ids = [c.chunk_id for c in project.chunks()]
    assert len(ids) == len(set(ids)) > 8
