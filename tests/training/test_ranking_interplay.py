"""What features say together: questions whose answer no sum of features can tell, and one that can."""

import numpy as np
import pytest
from training.ranking import interplay
from training.ranking.examples import Example

from codebase_server.search.rank.features import NAMES
from codebase_server.search.rank.interplay import Interplay

ONE, OTHER = NAMES.index("coverage"), NAMES.index("body_length")


def question(seed: int, *, by_file: bool = False) -> Example:
    """Twelve candidates; the answer alone has both of two features or neither: no sum tells it."""
    chance = np.random.default_rng(seed)
    features = np.zeros((12, len(NAMES)), dtype=np.float32)
    features[:6, ONE] = 1
    features[6:, OTHER] = 1
    right = np.zeros(12, dtype=bool)
    answer = int(chance.integers(12))
    features[answer, [ONE, OTHER]] = float(seed % 2)
    right[answer] = True
    unit = np.arange(12, dtype=np.int32)
    gain = right.astype(np.float32)
    text = "Returns the flags of a command."
    return Example(
        f"r{seed % 5}", text, False, features, unit, gain, 0, 1.0, "c", by_file, unit, right, description=1.0
    )


def nothing(example: Example) -> np.ndarray:
    return np.zeros(len(example.features))


def found(net: Interplay, questions: list[Example]) -> float:
    return float(np.mean([q.right[int(np.argmax(net.of(q.features)))] for q in questions]))


def test_it_learns_what_no_sum_of_features_can_say() -> None:
    net = interplay.learn([question(i) for i in range(2_000)], nothing)
    assert found(net, [question(10_000 + i) for i in range(100)]) > 0.9


def test_the_same_examples_give_the_same_network() -> None:
    examples = [question(i) for i in range(200)]
    first, again = (interplay.learn(examples, nothing) for _ in range(2))
    assert (first.hidden == again.hidden).all()


def test_without_descriptions_it_adds_nothing() -> None:
    net = interplay.learn([question(i, by_file=True) for i in range(10)], nothing)
    assert not net.of(question(1).features).any()


def test_slopes_are_those_of_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    examples = [question(i) for i in range(8)]
    taken = [np.arange(12)] * 8
    plain = interplay.none()
    lists = interplay._lists(examples, taken, nothing, plain)
    chance = np.random.default_rng(3)
    net = [chance.normal(0, 0.5, shape).astype(np.float32) for shape in ((len(NAMES), 4), (4,), (4,))]

    def loss() -> float:
        units = np.maximum(lists.rows.astype(float) @ net[0] + net[1], 0) @ net[2]
        scores = np.where(lists.there, lists.linear + lists.share[:, None] * units, -1e9)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        per_question = -np.where(lists.there, lists.right * logs, 0).sum(axis=1)
        return float(per_question @ (lists.weight / lists.weight.sum()))

    monkeypatch.setattr(interplay, "DROPPED", 0.0)
    slopes = interplay._slopes(net, lists, np.arange(8), chance)
    for part, slope in zip(net, slopes, strict=True):
        at = np.unravel_index(int(np.abs(slope).argmax()), slope.shape)
        before = part[at]
        part[at] = before + 1e-3
        above = loss()
        part[at] = before - 1e-3
        below = loss()
        part[at] = before
        assert np.isclose((above - below) / 2e-3, slope[at], rtol=0.02, atol=1e-4)
