"""What no question changes: worked out once for a small root, for each question's candidates otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.retrieval.memory import MemoryCorpus, parse

from codebase_server.embed.static import StaticEmbedder
from codebase_server.search import roots
from codebase_server.search.engine import Engine
from codebase_server.search.rank import vocabulary
from codebase_server.search.request import SearchAnswer, SearchRequest

FILES = {
    "src/doors.py": "class Door:\n    def open_door(self):\n        '''Open it.'''\n        return 1\n",
    "tests/test_doors.py": "def test_open_door():\n    assert Door().open_door()\n",
    "docs/doors.md": "# Doors\n\nHow a door is opened.\n",
    "examples/deep/down/_knock.py": "def _knock(door):\n    return door.open_door()\n",
}
ASKED = ("open a door", "tests of opening doors", "Door.open_door", "example of a knock")


@pytest.fixture
def corpus(tmp_path: Path) -> MemoryCorpus:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return MemoryCorpus(parse(tmp_path), StaticEmbedder.shipped())


def answers(corpus: MemoryCorpus, engine: Engine) -> list[SearchAnswer]:
    """All results of all questions with their features."""
    requests = [SearchRequest(text, explain=True) for text in ASKED]
    return [engine.search(corpus, request, StaticEmbedder.shipped()) for request in requests]


def test_a_small_root_is_answered_as_a_large_one(
    corpus: MemoryCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_small = answers(corpus, Engine())
    monkeypatch.setattr(roots, "SMALL", 0)
    assert answers(corpus, Engine()) == as_small
    assert any(answer.results for answer in as_small)


def test_answers_stay_when_the_vocabulary_was_begun_anew(
    corpus: MemoryCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "_shipped", [])
    engine = Engine()
    before = answers(corpus, engine)
    other = vocabulary.Vocabulary(StaticEmbedder.shipped())
    other.numbers(["Elsewhere.first", "open_something", "Elsewhere"])
    monkeypatch.setattr(vocabulary, "_shipped", [other])
    assert answers(corpus, engine) == before
