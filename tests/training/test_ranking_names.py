"""Names drawn to learn from in the manners of people, and what is learnt from them."""

from pathlib import Path

import numpy as np
from bench.retrieval.memory import parse
from training.ranking import naming
from training.ranking.drawn import drawn
from training.ranking.examples import Example

from codebase_server.search.rank.features import NAMES
from codebase_server.search.rank.spelt import SPELT

FILES = {
    "pool.py": (
        "RELEASE_TIMEOUT = 3\n\n\nclass ConnectionPool:\n    idle_leases = 0\n\n"
        "    def release_all(self):\n        return 1\n"
    ),
    "other.py": "class Twice:\n    x = 1\n\n\ndef helpers():\n    return 2\n",
    "again.py": "class Twice:\n    y = 2\n\n\nclass Helpers:\n    z = 3\n",
    "flush.h": "int flush_all(int n);\n",
    "flush.c": "int flush_all(int n) {\n  while (n > 0) {\n    n--;\n  }\n  return n;\n}\n",
    "tests/test_pool.py": "class OnlyInTests:\n    pass\n",
}


def asked(tmp_path: Path) -> dict[str, set[tuple[str, int]]]:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return {text: {(t.path, t.start_line) for t in targets} for text, targets, _ in drawn(parse(tmp_path))}


def test_a_name_is_asked_for_as_spelt_in_lower_case_and_with_its_class(tmp_path: Path) -> None:
    found = asked(tmp_path)
    assert found["ConnectionPool"] == found["connectionpool"] == {("pool.py", 4)}
    assert found["connection_pool"] == {("pool.py", 4)}, "in the other custom"
    assert found["release_all"] == found["ConnectionPool.release_all"] == {("pool.py", 7)}
    assert found["release_all()"] == {("pool.py", 7)}
    assert found["RELEASE_TIMEOUT"] == {("pool.py", 1)}
    assert found["idle_leases"] == {("pool.py", 5)}


def test_names_that_differ_in_case_are_each_asked_for_as_spelt(tmp_path: Path) -> None:
    found = asked(tmp_path)
    assert found["Helpers"] == {("again.py", 5)}
    assert found["helpers"] == {("other.py", 5)}, "the function, not the class in lower case"


def test_what_one_file_declares_is_where_another_has_its_code(tmp_path: Path) -> None:
    assert asked(tmp_path)["flush_all"] == {("flush.c", 1)}


def test_what_two_files_define_or_only_tests_is_not_asked_for(tmp_path: Path) -> None:
    assert not {"Twice", "OnlyInTests"} & asked(tmp_path).keys()


def question(seed: int) -> Example:
    """Forty candidates; the one that defines the name is right, though another has more of all else."""
    chance = np.random.default_rng(seed)
    features = chance.random((40, len(NAMES) + len(SPELT))).astype(np.float32)
    features[:, len(NAMES) :] = 0
    best = seed % 40
    features[best, len(NAMES) + SPELT.index("spelt")] = 1
    right = np.arange(40) == best
    unit = np.arange(40, dtype=np.int32)
    return Example(
        "r", "name", True, features, unit, right.astype(np.float32), 0, 1.0, "c", False, unit, right
    )


def test_what_decides_among_names_gets_the_weight_and_the_rest_stays_near_its_beginning() -> None:
    base = np.linspace(-1, 1, len(NAMES))
    learnt = naming.fit([question(i) for i in range(80)], base)
    assert learnt[len(NAMES) + SPELT.index("spelt")] > 2
    assert np.abs(learnt[: len(NAMES)] - base).max() < 0.5 * learnt[len(NAMES) + SPELT.index("spelt")]


def test_without_names_nothing_is_learnt() -> None:
    base = np.ones(len(NAMES))
    assert naming.fit([], base).tolist() == [*base, *([0.0] * len(SPELT))]
