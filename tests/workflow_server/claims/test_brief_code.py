"""The code that comes with a claim: capped, whole lines, and what is left out is said."""

from __future__ import annotations

from typing import Any

from workflow_server.service.brief_code import MOST_IN_ALL, MOST_OF_ONE, shorten

LONG = "".join(f"    line {number} of a long function\n" for number in range(400))


def test_long_code_is_cut_at_a_line_and_says_how_to_get_the_rest() -> None:
    details: list[dict[str, Any]] = [
        {"ref": "a.py::main", "content": LONG},
        {"ref": "b.py", "content": "short\n"},
    ]
    shorten(details, "wi_abc2def")
    assert LONG.startswith(details[0]["content"])
    assert details[0]["content"].endswith("\n")
    assert MOST_OF_ONE - 100 < len(details[0]["content"]) <= MOST_OF_ONE
    shown = details[0]["content"].count("\n")
    assert details[0]["left_out"].startswith(f"{400 - shown} more lines")
    assert 'get_work_item(ids=["wi_abc2def"], include=["code"])' in details[0]["left_out"]
    assert details[1] == {"ref": "b.py", "content": "short\n"}


def test_many_references_share_one_limit_and_what_changed_comes_first() -> None:
    details: list[dict[str, Any]] = [{"ref": f"{n}.py", "content": LONG} for n in range(9)]
    details[0]["diff"] = "-old\n+new\n"
    shorten(details, "wi_abc2def")
    assert details[0]["diff"] == "-old\n+new\n"
    assert sum(len(one.get("content", "")) + len(one.get("diff", "")) for one in details) <= MOST_IN_ALL
    assert "content" not in details[8]
    assert details[8]["left_out"].startswith("400 more lines")


def test_a_signature_below_many_decorators_is_not_what_is_left_out() -> None:
    options = "".join(f'@option("--number-{number}", help="Some words")\n' for number in range(200))
    code = f"{options}def main(ctx):\n    run(ctx)\n"
    details: list[dict[str, Any]] = [{"ref": "a.py::main", "symbol": "main", "content": code}]
    shorten(details, "wi_abc2def")
    assert details[0]["content"] == "def main(ctx):\n    run(ctx)\n"
    assert details[0]["left_out"].startswith("200 more lines")
