"""Where the head of a definition went whose name is gone: told by its members, through the whole match."""

from __future__ import annotations

from collections.abc import Sequence

from tests.codebase_server.identity.test_match import LOAD, SEND, SUM

from codebase_server.identity import Piece, normal_hash
from codebase_server.identity.match import match

Chunk = tuple[str, int, str]
"""Symbol, part and code of a chunk of ``a.py``."""

KEPT: Chunk = ("work", 0, "def work():\n    return start(1) or stop(2) or start(3) or stop(4)")
"""What stays as it is, so that the file is there before and after."""


def heads(before: Sequence[Chunk], after: Sequence[Chunk]) -> dict[str, str]:
    """Which name each name became, of the chunks that were known by the members of a class."""

    def code_of(wanted: Sequence[Piece]) -> list[str]:
        return [(before if piece.owner else after)[piece.key][2] for piece in wanted]

    found = match(_pieces(before, "old"), _pieces(after), code_of)
    return {
        f"{before[pair.vanished][0]}#{before[pair.vanished][1]}": (
            f"{after[pair.appeared][0]}#{after[pair.appeared][1]}"
        )
        for pair in found.matches
        if pair.rung == "members"
    }


def _pieces(side: Sequence[Chunk], owner: str = "") -> list[Piece]:
    return [
        Piece(
            key=key,
            owner=f"{owner}{key}" if owner else "",
            path="a.py",
            symbol=symbol,
            part=part,
            ordinal=0,
            position=key,
            normal_hash=normal_hash(code, "python"),
            size=len(code),
            language="python",
        )
        for key, (symbol, part, code) in enumerate(side)
    ]


def class_of(name: str, *members: tuple[str, str]) -> list[Chunk]:
    return [
        (name, 0, f"class {name}:"),
        *((f"{name}.{member}", 0, code.format(name=member)) for member, code in members),
    ]


def test_of_two_classes_that_became_one_the_one_that_gave_more_is_it() -> None:
    small, large = class_of("Small", ("send", SEND)), class_of("Large", ("load", LOAD), ("sum", SUM))
    both = class_of("Both", ("send", SEND), ("load", LOAD), ("sum", SUM))
    for before in ([*small, *large], [*large, *small]):
        assert heads([KEPT, *before], [KEPT, *both]) == {"Large#0": "Both#0"}


def test_of_a_class_that_became_two_the_one_that_took_more_is_it() -> None:
    whole = class_of("Whole", ("send", SEND), ("load", LOAD), ("sum", SUM))
    some, most = class_of("Some", ("send", SEND)), class_of("Most", ("load", LOAD), ("sum", SUM))
    for after in ([*some, *most], [*most, *some]):
        assert heads([KEPT, *whole], [KEPT, *after]) == {"Whole#0": "Most#0"}


def test_at_least_half_of_the_members_code_must_be_in_it() -> None:
    send = SEND.format(name="send")
    rest = LOAD.format(name="rest").ljust(len(send), "#")
    assert len(rest) == len(send)
    for code, became in ((rest, {"Old#0": "New#0"}), (f"{rest}#", {})):
        before = [KEPT, *class_of("Old", ("send", send)), ("Old.rest", 0, code)]
        assert heads(before, [KEPT, *class_of("New", ("send", send))]) == became


def test_one_member_at_least_must_be_known_for_sure() -> None:
    """Many classes have a method of the same name and much the same shape."""
    for edited, became in (("retries=5", {"Old#0": "New#0"}), ("hurry=True, quiet=False, wait=9", {})):
        other = SEND.replace("retries=3", edited)
        if not became:
            other = other.replace("server.connect()", "open_line(server, 7)").replace("login", "greet")
        before, after = class_of("Old", ("send", SEND)), class_of("New", ("send", other))
        assert heads([KEPT, *before], [KEPT, *after]) == became, edited


def test_the_parts_of_a_long_head_go_along_one_by_one() -> None:
    """The new head is shorter and half of it is other code: its first part is the old one's first, and the
    old one's second is gone."""
    fields = [f"    name_{at}: str = read('{at}')" for at in range(6)]
    others = [f"    {kind}: int | None = None" for kind in ("size", "owner", "group")]
    send = ("send", SEND)
    before = [
        KEPT,
        *class_of("Old", send),
        ("Old", 1, "\n".join(f"    count_{at} = {at}" for at in range(9))),
    ]
    before[1] = ("Old", 0, "\n".join(["class Old:", *fields]))
    after = [KEPT, *class_of("New", send)]
    after[1] = ("New", 0, "\n".join(["class New:", *fields[:3], *others]))
    assert heads(before, after) == {"Old#0": "New#0"}


def test_a_head_that_says_something_else_is_another_one() -> None:
    fields = "\n".join(f"    name_{at}: str = read('{at}')" for at in range(4))
    before, after = class_of("Old", ("send", SEND)), class_of("New", ("send", SEND))
    before[0] = ("Old", 0, f"class Old:\n{fields}")
    after[0] = (
        "New",
        0,
        "class New(Base, kind='letters'):\n    sizes = {'small': 1, 'large': 20}\n    wait = None",
    )
    assert heads([KEPT, *before], [KEPT, *after]) == {}
