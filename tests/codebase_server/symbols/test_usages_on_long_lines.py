"""A line that has a name hundreds of times is one usage, and is not read hundreds of times for it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.codebase_server.symbols.conftest import Indexed

from codebase_server.symbols import context, usages


def test_of_a_line_that_has_a_name_many_times_the_first_are_looked_at(
    indexed: Indexed, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    real = context.manner_of

    def counted(text: str, start: int, end: int, language: str) -> Any:
        looked.append(start)
        return real(text, start, end, language)

    monkeypatch.setattr(usages, "manner_of", counted)
    line = "x = 'name' + " + "name(" * 150 + "\n"
    service = indexed({"a.py": "def name(x):\n    return x\n", "b.py": line * 30})
    told = service.find_symbol("name", usages=True, limit=50)
    assert sorted(one["line"] for one in told["usages"]) == list(range(1, 31)), "each line once"
    assert {one["manner"] for one in told["usages"]} == {"call"}, "the plainest of them, not the first"
    assert len(looked) <= 30 * usages.MOST_OF_A_LINE
