"""What the parser is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tree_sitter import Tree

from codebase_server.chunks import grammars


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[int, int], ...]]:
    """The stretches of each parse from now on; none for a whole file."""
    seen: list[tuple[tuple[int, int], ...]] = []
    original = grammars.parse

    def recorded(
        grammar: str,
        data: bytes,
        stretches: Sequence[tuple[int, int]] = (),
        allowance: grammars.Allowance | None = None,
    ) -> Tree | None:
        seen.append(tuple(stretches))
        return original(grammar, data, stretches, allowance)

    monkeypatch.setattr(grammars, "parse", recorded)
    return seen
