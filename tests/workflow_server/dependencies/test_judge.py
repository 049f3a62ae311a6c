"""The one decision whether an item can be started: a table of surroundings and the words for each reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.agreed.errors import TandemError
from workflow_server.dependencies.readiness import Surroundings, Verdict, judge
from workflow_server.dependencies.refusals import refuse_depth, refuse_under_itself
from workflow_server.items.model import ClaimState, Item

NOW, BEFORE, AFTER = "2026-03-02T09:00:00.000Z", "2026-03-02T08:59:59.999Z", "2026-03-02T09:00:00.001Z"
ITEM = Item(id="wi_item", title="Item")
TOP, MIDDLE = Item(id="wi_top", title="Top"), Item(id="wi_middle", title="Middle")
ONE = Item(id="wi_one", title="One", status="active")
TWO = Item(id="wi_two", title="Two")
NOTHING = Surroundings((), {}, ())


def claim(until: str | None) -> ClaimState:
    return ClaimState("ann", "host", "mcp", BEFORE, "hash", lease_until=until)


def children(count: int) -> Surroundings:
    return Surroundings((), {}, [Item(id=f"wi_{number}", title="") for number in range(count)])


@pytest.mark.parametrize(
    ("item", "around", "reasons", "blockers"),
    [
        (ITEM, NOTHING, [], []),
        (replace(ITEM, status="active"), NOTHING, [], []),
        (replace(ITEM, status="completed"), NOTHING, ["it is completed"], []),
        (replace(ITEM, status="cancelled"), NOTHING, ["it is cancelled"], []),
        (replace(ITEM, deleted_at=BEFORE), NOTHING, [f"it was deleted at {BEFORE}"], []),
        (replace(ITEM, status="blocked"), NOTHING, ["its status is blocked"], []),
        (
            replace(ITEM, status="blocked", status_reason="no key"),
            NOTHING,
            ["its status is blocked: no key"],
            [],
        ),
        (
            ITEM,
            Surroundings((), {"wi_item": [ONE, TWO], "wi_other": [MIDDLE]}, ()),
            ["it waits for wi_one 'One' (active)", "it waits for wi_two 'Two' (planned)"],
            ["wi_one", "wi_two"],
        ),
        (
            ITEM,
            Surroundings([TOP, MIDDLE], {"wi_top": [ONE], "wi_middle": [ONE, TWO]}, ()),
            [
                "its ancestor wi_middle 'Middle' waits for wi_one 'One' (active)",
                "its ancestor wi_middle 'Middle' waits for wi_two 'Two' (planned)",
                "its ancestor wi_top 'Top' waits for wi_one 'One' (active)",
            ],
            ["wi_one", "wi_two"],
        ),
        (
            ITEM,
            Surroundings([replace(TOP, status="blocked", status_reason="money"), MIDDLE], {}, ()),
            ["its ancestor wi_top 'Top' is blocked: money"],
            ["wi_top"],
        ),
        (
            ITEM,
            Surroundings([replace(TOP, status="blocked")], {}, ()),
            ["its ancestor wi_top 'Top' is blocked"],
            ["wi_top"],
        ),
        (ITEM, Surroundings([replace(TOP, status="completed")], {}, ()), [], []),
        (ITEM, children(1), ["it has 1 open child: wi_0"], []),
        (ITEM, children(5), ["it has 5 open children: wi_0, wi_1, wi_2, wi_3, wi_4"], []),
        (ITEM, children(6), ["it has 6 open children: wi_0, wi_1, wi_2, wi_3, wi_4 and 1 more"], []),
        (replace(ITEM, claim=claim(None)), NOTHING, [f"it is claimed by ann since {BEFORE}"], []),
        (
            replace(ITEM, claim=claim(AFTER)),
            NOTHING,
            [f"it is claimed by ann since {BEFORE} until {AFTER}"],
            [],
        ),
        (replace(ITEM, claim=claim(NOW)), NOTHING, [], []),
        (replace(ITEM, defer_until=AFTER), NOTHING, [f"it is deferred until {AFTER}"], []),
        (replace(ITEM, defer_until=NOW), NOTHING, [], []),
        (replace(ITEM, defer_until="2026-03-03"), NOTHING, ["it is deferred until 2026-03-03"], []),
        (replace(ITEM, defer_until="2026-03-02"), NOTHING, [], []),
        (
            replace(ITEM, defer_until=AFTER),
            Surroundings([replace(TOP, defer_until=AFTER), replace(MIDDLE, defer_until=BEFORE)], {}, ()),
            [f"it is deferred until {AFTER}", f"its ancestor wi_top 'Top' is deferred until {AFTER}"],
            [],
        ),
    ],
)
def test_ready_means_no_reason_at_all(
    item: Item, around: Surroundings, reasons: list[str], blockers: list[str]
) -> None:
    assert judge(item, around, NOW) == Verdict(not reasons, tuple(reasons), tuple(blockers))


def test_reasons_come_in_one_order() -> None:
    item = replace(ITEM, status="blocked", defer_until=AFTER, claim=claim(None))
    around = Surroundings([TOP], {"wi_item": [ONE], "wi_top": [TWO]}, [MIDDLE])
    words = [reason.split(" wi_")[0] for reason in judge(item, around, NOW).reasons]
    assert words == [
        "it waits for",
        "its status is blocked",
        "its ancestor",
        "it has 1 open child:",
        f"it is claimed by ann since {BEFORE}",
        f"it is deferred until {AFTER}",
    ]


def placed(name: str, *above: str) -> Item:
    return Item(id=name, title="", path="/" + "/".join([*above, name]) + "/")


@pytest.mark.parametrize(
    ("parent", "ring"),
    [
        (placed("a", "top"), ["a", "a"]),
        (placed("b", "top", "a"), ["a", "b", "a"]),
        (placed("c", "top", "a", "b"), ["a", "b", "c", "a"]),
    ],
)
def test_an_item_does_not_go_below_itself(parent: Item, ring: list[str]) -> None:
    with pytest.raises(TandemError) as refused:
        refuse_under_itself(placed("a", "top"), parent)
    assert refused.value.code == "parent_cycle"
    assert refused.value.message == (
        f"a cannot become a child of {parent.id}, which is itself or lies below it: {' > '.join(ring)}."
    )
    assert refused.value.hint == "Choose a parent outside its own subtree."
    assert refused.value.details == {"cycle": ring}


def test_an_item_may_go_below_its_sibling_or_an_ancestor() -> None:
    refuse_under_itself(placed("a", "top"), placed("sibling", "top"))
    refuse_under_itself(placed("a", "top", "middle"), placed("top"))


@pytest.mark.parametrize(("height", "refused"), [(1, False), (5, False), (6, True)])
def test_the_deepest_level_is_eight(height: int, refused: bool) -> None:
    parent = placed("c", "a", "b")
    if not refused:
        refuse_depth("x", parent, height)
        return
    with pytest.raises(TandemError) as told:
        refuse_depth("x", parent, height)
    assert told.value.code == "too_deep"
    assert told.value.message == "x under c would reach level 9; the deepest is 8."
    assert told.value.hint == "Choose a parent higher up: a > b > c."
    assert told.value.details == {"depth": 9, "limit": 8}
