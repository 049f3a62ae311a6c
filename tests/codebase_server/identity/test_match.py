"""The matching ladder, rung by rung, and what holds for every assignment."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from codebase_server.identity import DEAD, Piece, Rules, normal_hash
from codebase_server.identity.match import Assignment, match
from codebase_server.identity.similarity import profile, similarity

Side = list[tuple[str, str, str]]
"""Path, symbol and code of each chunk."""

SUM = "def {name}(rows):\n    total = 0\n    for row in rows:\n        total += row.amount\n    return total"
SEND = (
    "def {name}(mail, server):\n    with server.connect() as line:\n        line.login(mail.user)\n"
    "        line.deliver(mail.body, retries=3)\n    return mail.number"
)
LOAD = (
    "def {name}(path):\n    if not path.exists():\n        raise MissingFile(path)\n"
    "    text = path.read_text()\n    return parse(text, strict=True)"
)


def pieces(side: Side, owner: str = "") -> list[Piece]:
    made = []
    for key, (path, symbol, code) in enumerate(side):
        made.append(
            Piece(
                key=key,
                owner=f"{owner}{key}" if owner else "",
                path=path,
                symbol=symbol,
                part=0,
                ordinal=0,
                position=key,
                normal_hash=normal_hash(code, "python"),
                size=len(code),
                language="python",
            )
        )
    return made


def assign(before: Side, after: Side, rules: Rules | None = None) -> Assignment:
    def code_of(wanted: Sequence[Piece]) -> list[str]:
        return [(before if piece.owner else after)[piece.key][2] for piece in wanted]

    return match(pieces(before, "old"), pieces(after), code_of, rules)


def pairs(found: Assignment) -> dict[int, tuple[int, str]]:
    return {pair.vanished: (pair.appeared, pair.rung) for pair in found.matches}


def test_same_path_and_symbol_comes_first_whatever_the_body() -> None:
    before = [("a.py", "f", SUM.format(name="f"))]
    after = [("b.py", "g", SUM.format(name="f")), ("a.py", "f", SEND.format(name="f"))]
    assert pairs(assign(before, after)) == {0: (1, "place")}


def test_same_content_elsewhere() -> None:
    before = [("a.py", "f", SUM.format(name="f")), ("a.py", "g", SEND.format(name="g"))]
    after = [("b.py", "f", SUM.format(name="f")), ("a.py", "g", SEND.format(name="g"))]
    assert pairs(assign(before, after)) == {0: (0, "content"), 1: (1, "place")}


def test_same_symbol_elsewhere_with_a_similar_body() -> None:
    before = [("a.py", "load", LOAD.format(name="load"))]
    after = [("b.py", "load", LOAD.format(name="load").replace("strict=True", "strict=False"))]
    assert pairs(assign(before, after)) == {0: (0, "symbol")}


def test_same_symbol_elsewhere_with_another_body_is_other_code() -> None:
    before = [("a.py", "run", LOAD.format(name="run"))]
    after = [("b.py", "run", SUM.format(name="run"))]
    assert pairs(assign(before, after)) == {}


def test_a_renamed_function_is_known_by_its_body() -> None:
    before = [("a.py", "send", SEND.format(name="send"))]
    after = [("b.py", "deliver_mail", SEND.format(name="deliver_mail").replace("retries=3", "retries=5"))]
    assert pairs(assign(before, after)) == {0: (0, "body")}


def test_a_renamed_function_whose_comments_were_written_anew_is_known_by_its_body() -> None:
    """A comment is none of what code is known by, in the signs of its language."""
    said = "    # {0} goes over {0} line after {0} line, as {0} as {0} can be said of {0} here\n"
    head, rest = SEND.split("\n", 1)
    before = [("a.py", "send", f"{head}\n{said.format('this')}{rest}".format(name="send"))]
    after = [("b.py", "post", f"{head}\n{said.format('other') * 3}{rest}".format(name="post"))]
    after[0] = (*after[0][:2], after[0][2].replace("retries=3", "retries=5"))
    assert pairs(assign(before, after)) == {0: (0, "body")}


def test_another_name_needs_less_likeness_in_its_own_file_than_elsewhere() -> None:
    """What is too unlike for another file is passed over, and what comes after it is still looked at."""
    body = SEND.format(name="send")
    less = body.replace("line.login(mail.user)", "line.hello()").replace("retries=3", "retries=5")
    before = [("a.py", "send", body), ("b.py", "other", LOAD.format(name="other"))]
    similar = similarity(profile(body, "python", "send"), profile(less, "python", "post"))
    assert Rules().similar_in_file < similar < Rules().similar_body
    assert pairs(assign(before[:1], [("c.py", "post", less)])) == {}
    assert pairs(assign(before[:1], [("a.py", "post", less)])) == {0: (0, "body")}
    lesser = (
        LOAD.format(name="fetch")
        .replace("raise MissingFile(path)", "return None")
        .replace("strict=True", "1")
        .replace("if not", "unless")
    )
    second = similarity(profile(before[1][2], "python", "other"), profile(lesser, "python", "fetch"))
    assert Rules().similar_in_file <= second < similar
    found = pairs(assign(before, [("c.py", "post", less), ("b.py", "fetch", lesser)]))
    assert found == {1: (1, "body")}


def test_equals_that_differ_in_symbol_are_told_apart_by_it() -> None:
    before = [("a.py", "A.sum", SUM.format(name="sum")), ("a.py", "B.sum", SUM.format(name="sum"))]
    after = [("b.py", "B.sum", SUM.format(name="sum")), ("b.py", "A.sum", SUM.format(name="sum"))]
    assert {old: new for old, (new, _) in pairs(assign(before, after)).items()} == {0: 1, 1: 0}


def test_two_equal_heirs_get_nothing_and_are_named() -> None:
    before = [("a.py", "f", SUM.format(name="f"))]
    after = [("b.py", "g", SUM.format(name="g")), ("c.py", "h", SUM.format(name="h"))]
    found = assign(before, after)
    assert pairs(found) == {}
    assert {key for key, _ in found.successors[0]} == {0, 1}


def test_a_split_leaves_the_id_with_the_name_and_a_merge_names_the_heir() -> None:
    whole = SUM.format(name="work") + "\n" + "\n".join(SEND.format(name="x").split("\n")[1:])
    split = [("a.py", "work", SUM.format(name="work")), ("a.py", "send", SEND.format(name="send"))]
    assert pairs(assign([("a.py", "work", whole)], split)) == {0: (0, "place")}
    merged = assign(split, [("a.py", "work", whole)])
    assert pairs(merged) == {0: (0, "place")}
    assert [key for key, _ in merged.successors[1]] == [0]


def test_swapped_functions_keep_to_their_names() -> None:
    before = [("a.py", "f", SUM.format(name="f")), ("a.py", "g", SEND.format(name="g"))]
    assert pairs(assign(before, before[::-1])) == {0: (1, "place"), 1: (0, "place")}


def test_tiny_code_is_not_known_by_its_body() -> None:
    before = [("a.py", "A.close", "def close(self):\n    pass")]
    after = [("b.py", "B.stop", "def close(self):\n    pass")]
    assert pairs(assign(before, after)) == {}


def test_a_renamed_file_takes_its_small_chunks_along() -> None:
    tiny = "def ok(self):\n    pass"
    before = [("a.py", "", "import os"), ("a.py", "f", SEND.format(name="f")), ("a.py", "A.ok", tiny)]
    before += [("z.py", "", "import os"), ("z.py", "A.ok", tiny)]
    after = [("b.py", path, code) for _, path, code in before[:3]] + before[3:]
    assert {old: new for old, (new, _) in pairs(assign(before, after)).items()} == {n: n for n in range(5)}


def test_the_dead_must_be_recognised_by_their_body() -> None:
    before = [("a.py", "f", SUM.format(name="f"))]
    assert pairs(assign(before, [("a.py", "f", SEND.format(name="f"))], DEAD)) == {}
    assert pairs(assign(before, [("a.py", "f", SUM.format(name="f") + "  # kept")], DEAD)) == {
        0: (0, "place")
    }


bodies = st.lists(
    st.sampled_from(["x = load(y)", "return x", "for a in b:", "if not x:", "log(x, y)", "y += x * 2"]),
    min_size=0,
    max_size=12,
).map("\n    ".join)
chunks = st.tuples(
    st.sampled_from(["a.py", "b.py", "c/d.py"]), st.sampled_from(["", "f", "g", "A.f", "A.g"]), bodies
)


@given(st.lists(chunks, max_size=12), st.lists(chunks, max_size=12))
def test_each_piece_is_matched_at_most_once_and_scores_are_shares(before: Side, after: Side) -> None:
    found = assign(before, after)
    assert len({pair.vanished for pair in found.matches}) == len(found.matches)
    assert len({pair.appeared for pair in found.matches}) == len(found.matches)
    assert all(0.0 <= pair.score <= 1.0 for pair in found.matches)
    matched = {pair.vanished for pair in found.matches}
    assert not matched & found.successors.keys()


@given(st.lists(chunks, max_size=10))
def test_nothing_changed_means_everything_keeps_its_place(side: Side) -> None:
    distinct = list(dict.fromkeys(side))
    found = pairs(assign(distinct, distinct))
    for key, (path, symbol, code) in enumerate(distinct):
        if normal_hash(code, "python") or symbol:
            new = found[key][0]
            assert distinct[new][:2] == (path, symbol)


@given(st.lists(chunks, max_size=10), st.lists(chunks, max_size=10), st.randoms())
def test_the_order_of_the_input_does_not_matter(before: Side, after: Side, random) -> None:  # type: ignore[no-untyped-def]
    old, new = pieces(before, "old"), pieces(after)

    def code_of(wanted: Sequence[Piece]) -> list[str]:
        return [(before if piece.owner else after)[piece.key][2] for piece in wanted]

    shuffled_old, shuffled_new = list(old), list(new)
    random.shuffle(shuffled_old)
    random.shuffle(shuffled_new)
    first, second = match(old, new, code_of), match(shuffled_old, shuffled_new, code_of)
    assert pairs(first) == pairs(second)


@given(st.lists(chunks, max_size=12), st.lists(chunks, max_size=12))
def test_what_died_is_only_taken_for_what_has_its_name_or_nearly_all_of_its_code(
    before: Side, after: Side
) -> None:
    for pair in assign(before, after, DEAD).matches:
        was, now = before[pair.vanished], after[pair.appeared]
        in_place, of_its_name = was[:2] == now[:2], was[1] == now[1]
        least = (DEAD.same_place if was[1] else DEAD.same_run) if in_place else 0.75 if of_its_name else 0.9
        alike = similarity(*(profile(code, "python", symbol) for _, symbol, code in (was, now)))
        equal = normal_hash(was[2], "python") == normal_hash(now[2], "python")
        assert alike >= least or (equal and (in_place or was[2].strip()))


STAT = "def {name}(path):\n    return os.stat(path)"


def test_a_definition_of_two_lines_that_was_renamed_in_its_file() -> None:
    before = [("a.py", "load", STAT.format(name="load")), ("a.py", "f", SUM.format(name="f"))]
    after = [("a.py", "f", SUM.format(name="f")), ("a.py", "read", STAT.format(name="read"))]
    assert pairs(assign(before, after)) == {0: (1, "short"), 1: (0, "place")}


def test_a_short_body_says_nothing_in_another_file_in_another_class_or_of_the_dead() -> None:
    before = [("a.py", "A.load", STAT.format(name="load")), ("a.py", "f", SUM.format(name="f"))]
    kept = ("a.py", "f", SUM.format(name="f"))
    for path, symbol in (("b.py", "A.read"), ("a.py", "B.read")):
        after = [kept, (path, symbol, STAT.format(name="read"))]
        assert pairs(assign(before, after)) == {1: (0, "place")}
    after = [kept, ("a.py", "A.read", STAT.format(name="read"))]
    assert pairs(assign(before, after)) == {1: (0, "place"), 0: (1, "short")}
    assert pairs(assign(before, after, DEAD)) == {1: (0, "place")}


def test_of_a_short_body_that_came_twice_both_are_named_and_neither_is_it() -> None:
    before = [("a.py", "load", STAT.format(name="load"))]
    after = [("a.py", name, STAT.format(name=name)) for name in ("read", "fetch")]
    found = assign(before, after)
    assert pairs(found) == {}
    assert found.successors == {0: [(0, 1.0), (1, 1.0)]}


def test_the_one_line_of_a_class_says_nothing_where_its_members_are_others() -> None:
    before = [("a.py", "A", "class A:"), ("a.py", "A.send", SEND.format(name="send"))]
    after = [("a.py", "B", "class B:"), ("a.py", "B.load", LOAD.format(name="load"))]
    assert pairs(assign(before, after)) == {}
    bare = [("a.py", "Missing", "class Missing(KeyError):\n    pass")]
    called = [("a.py", "Lost", "class Lost(KeyError):\n    pass")]
    assert pairs(assign(bare, called)) == {0: (0, "short")}
