"""The chunks of one file before and after an edit: overloads, parts, and code that has no name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codebase_server.identity import DEAD, Match, Piece, Rules, normal_hash
from codebase_server.identity.align import align_file
from codebase_server.identity.pieces import Profiles


@dataclass(frozen=True)
class Part:
    """A chunk of the file: its symbol (none: a run), its code, and which of several it is."""

    symbol: str
    code: str
    part: int = 0
    ordinal: int = 0
    owner: str = ""


def pieces(side: Sequence[Part], old: bool) -> list[Piece]:
    return [
        Piece(
            key=at,
            owner=(one.owner or f"c_{at}") if old else "",
            path="a.py",
            symbol=one.symbol,
            part=one.part,
            ordinal=one.ordinal,
            position=at,
            normal_hash=normal_hash(one.code, "text"),
            size=len(one.code),
            language="text",
        )
        for at, one in enumerate(side)
    ]


def align(before: Sequence[Part], after: Sequence[Part], rules: Rules | None = None) -> list[Match]:
    def code_of(wanted: Sequence[Piece]) -> list[str]:
        return [(before if piece.owner else after)[piece.key].code for piece in wanted]

    return align_file(pieces(before, True), pieces(after, False), Profiles(code_of), rules or Rules())


def pairs(found: Sequence[Match]) -> dict[int, int]:
    return {match.vanished: match.appeared for match in found}


ADD = "int add ( int a , int b ) { return a + b ; }"
JOIN = "text add ( text a , text b ) { buffer . put ( a ) ; buffer . put ( b ) ; return buffer . text ( ) ; }"
MERGE = "map add ( map a , map b ) { for key in b . keys ( ) { a [ key ] = b [ key ] ; } return a ; }"
USES = "import os import sys import json from pathlib import Path from typing import Any"
LIMITS = "MOST = 12 LEAST = 3 NAMES = ( one , two , three ) FOLDER = Path ( home )"


def test_overloads_go_by_likeness_wherever_they_went() -> None:
    before = [Part("add", code, ordinal=at) for at, code in enumerate((ADD, JOIN, MERGE))]
    edited = (MERGE.replace("return a", "return dict ( a )"), ADD.replace("a + b", "b + a"), JOIN + " # now")
    after = [Part("add", code, ordinal=at) for at, code in enumerate(edited)]
    assert pairs(align(before, after)) == {0: 1, 1: 2, 2: 0}


def test_overloads_that_are_equally_alike_keep_their_order() -> None:
    before = [Part("add", ADD, ordinal=0), Part("add", ADD.replace("int", "long"), ordinal=1)]
    after = [
        Part("add", ADD.replace("int", "short"), ordinal=0),
        Part("add", ADD.replace("int", "byte"), ordinal=1),
    ]
    assert pairs(align(before, after)) == {0: 0, 1: 1}
    assert pairs(align(before[::-1], after[::-1])) == {0: 0, 1: 1}


def test_the_last_of_several_overloads_is_paired_whatever_its_code_and_the_others_are_not() -> None:
    before = [Part("add", ADD, ordinal=0), Part("add", JOIN, ordinal=1)]
    after = [Part("add", ADD.replace("a + b", "b + a"), ordinal=0), Part("add", LIMITS, ordinal=1)]
    found = align(before, after)
    assert pairs(found) == {0: 0, 1: 1}
    assert next(match.score for match in found if match.vanished == 1) < 0.3
    assert pairs(align(before, [*after, Part("add", USES, ordinal=2)])) == {0: 0}, (
        "one of two heirs is a guess"
    )
    more = [*before, Part("add", MERGE, ordinal=2)]
    many = [*after, Part("add", USES, ordinal=2)]
    assert pairs(align(more, many)) == {0: 0}, "two that are like none of two are nobody's"


def test_a_symbol_that_stands_once_is_the_same_whatever_its_code_but_not_for_the_dead() -> None:
    before, after = [Part("add", ADD)], [Part("add", LIMITS)]
    assert align(before, after) == [Match(0, 0, "place", 1.0)]
    assert align(before, after, DEAD) == []
    edited = [Part("add", ADD.replace("a + b", "b + a"))]
    found = align(before, edited, DEAD)
    assert pairs(found) == {0: 0}
    assert 0.5 <= found[0].score < 1.0


def test_of_versions_of_one_id_the_likest_is_taken_and_only_that_one() -> None:
    before = [Part("add", JOIN, owner="c_one"), Part("add", ADD, owner="c_one")]
    after = [Part("add", ADD.replace("a + b", "b + a"))]
    assert pairs(align(before, after, DEAD)) == {1: 0}
    both = [*after, Part("add", JOIN.replace("text", "string"), ordinal=1)]
    assert len(align(before, both)) == 1, "one id lives in one place"


def test_the_parts_of_a_long_definition_go_by_likeness() -> None:
    before = [Part("work", code, part=at + 1) for at, code in enumerate((JOIN, MERGE))]
    after = [Part("work", code, part=at + 1) for at, code in enumerate((USES, JOIN + " x", MERGE + " y"))]
    assert pairs(align(before, after)) == {0: 1, 1: 2}


def test_what_is_unchanged_is_paired_first_with_the_first_of_its_equals() -> None:
    before = [Part("add", ADD), Part("add", ADD, ordinal=1), Part("", USES)]
    after = [Part("", USES), Part("add", ADD), Part("add", ADD, ordinal=1)]
    found = align(before, after)
    assert pairs(found) == {0: 1, 1: 2, 2: 0}
    assert {match.score for match in found} == {1.0}
    assert {match.rung for match in found} == {"place"}


def test_runs_without_a_name_go_by_likeness() -> None:
    before = [Part("", USES), Part("f", ADD), Part("", LIMITS)]
    after = [Part("", LIMITS + " MORE = 1"), Part("f", ADD), Part("", USES + " , cast")]
    assert pairs(align(before, after)) == {0: 2, 1: 1, 2: 0}


def test_a_run_that_is_only_a_little_alike_is_the_one_between_the_same_neighbours() -> None:
    fewer = " ".join(USES.split()[:4]) + " import other as another from elsewhere import things"
    before = [Part("f", ADD), Part("", USES), Part("g", JOIN)]
    after = [Part("f", ADD), Part("", fewer), Part("g", JOIN)]
    found = align(before, after)
    assert pairs(found) == {0: 0, 1: 1, 2: 2}
    assert next(match.score for match in found if match.vanished == 1) < Rules().same_run
    assert pairs(align(before, after, DEAD)) == {0: 0, 2: 2}, "the dead have no neighbours"
    elsewhere = [Part("", fewer), Part("f", ADD), Part("g", JOIN)]
    assert pairs(align(before, elsewhere)) == {0: 1, 2: 2}
    behind = [Part("f", ADD), Part("g", JOIN), Part("", fewer)]
    assert pairs(align(before, behind)) == {0: 0, 2: 1}
    two = [Part("f", ADD), Part("", fewer), Part("", fewer + " x"), Part("g", JOIN)]
    assert pairs(align(before, two)) == {0: 0, 2: 3}, "of two between them neither is taken"


def test_of_the_dead_even_a_run_that_is_rather_alike_is_not_taken_for_lying_between_neighbours() -> None:
    half = " ".join(USES.split()[:8]) + " import other as another from elsewhere import things"
    before = [Part("f", ADD), Part("", USES), Part("g", JOIN)]
    after = [Part("f", ADD), Part("", half), Part("g", JOIN)]
    (alike,) = [match.score for match in align(before, after) if match.vanished == 1]
    assert DEAD.same_run / 2 <= alike < DEAD.same_run
    assert pairs(align(before, after, DEAD)) == {0: 0, 2: 2}


def test_a_run_between_the_same_neighbours_with_nothing_in_common_is_another() -> None:
    before = [Part("f", ADD), Part("", USES), Part("g", JOIN)]
    after = [Part("f", ADD), Part("", LIMITS), Part("g", JOIN)]
    assert pairs(align(before, after)) == {0: 0, 2: 2}


def test_the_ends_of_a_file_are_neighbours_too() -> None:
    fewer = " ".join(USES.split()[:4]) + " import other as another from elsewhere import things"
    assert pairs(align([Part("", USES), Part("f", ADD)], [Part("", fewer), Part("f", ADD)])) == {0: 0, 1: 1}
    assert pairs(align([Part("f", ADD), Part("", USES)], [Part("f", ADD), Part("", fewer)])) == {0: 0, 1: 1}
    assert pairs(align([Part("", USES)], [Part("", fewer)])) == {0: 0}


def test_of_very_many_runs_only_the_equal_ones_are_paired() -> None:
    before = [Part("", f"{USES} {at}") for at in range(20)]
    after = [Part("", f"{USES} {at} ; done") for at in range(20)]
    assert len(align(before, after)) == 20, "four hundred pairs are compared"
    assert align(before, [*after, Part("", f"{USES} 20 ; done")]) == []
    with_equal = align([*before, Part("", LIMITS)], [*after, *after[:1], Part("", LIMITS)])
    assert pairs(with_equal) == {20: 21}


def test_a_definition_that_was_rewritten_and_is_cut_into_parts_now_is_the_first_of_them() -> None:
    """And the other way round; whatever the code, its name stands where it stood."""
    whole = [Part("work", "open ( file ) ; read ( file ) ; close ( file ) ;")]
    parts = [
        Part("work", "for each in all : send ( each , now ) ;", 1),
        Part("work", "wait ( done ) ; stop ( )", 2),
    ]
    assert pairs(align(whole, parts)) == {0: 0}
    assert pairs(align(parts, whole)) == {0: 0}
    assert pairs(align(whole, parts, DEAD)) == {}


def test_parts_that_are_known_keep_to_themselves_and_the_rest_goes_in_order() -> None:
    before = [Part("work", "one two three", 1), Part("work", ADD, 2), Part("work", "four five six", 3)]
    after = [Part("work", ADD, 1), Part("work", "a b c d", 2), Part("work", "e f g h", 3)]
    assert pairs(align(before, after)) == {1: 0, 0: 1, 2: 2}


def test_of_several_definitions_of_one_name_none_is_taken_for_what_it_is_not_like() -> None:
    one = [Part("add", "open ( file ) ; read ( file ) ;")]
    two = [Part("add", JOIN, 0, 0), Part("add", MERGE, 0, 1)]
    assert pairs(align(one, two)) == {}
    assert pairs(align(two, one)) == {}
