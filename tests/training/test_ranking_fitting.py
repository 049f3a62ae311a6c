"""Learning to rank, on questions made so that the right weights are known."""

from dataclasses import replace

import numpy as np
import pytest
from training.ranking import calibrating, fitting, learning, logistic
from training.ranking.examples import Example

from codebase_server.search.rank.features import NAMES


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two draws instead of ten: what is specified here does not depend on their number."""
    monkeypatch.setattr(fitting, "DRAWS", 2)


GOOD, BAD = NAMES.index("coverage"), NAMES.index("tests")


def question(seed: int, *, by_file: bool, is_symbol: bool = False, sign: float = 1.0) -> Example:
    """Forty candidates in ten files; the answer has most of one feature and little of another."""
    chance = np.random.default_rng(seed)
    features = chance.random((40, len(NAMES))).astype(np.float32)
    worth = sign * features[:, GOOD] - features[:, BAD]
    file = np.arange(40, dtype=np.int32) % 10
    unit = file if by_file else np.arange(40, dtype=np.int32)
    best = int(np.argmax(worth))
    right = unit == unit[best]
    gain = np.zeros(int(unit.max()) + 1, dtype=np.float32)
    gain[unit[best]] = 1
    text = "parsing flags" if by_file else "Returns the flags of a command."
    return Example(f"r{seed % 5}", text, is_symbol, features, unit, gain, 0, 1.0, "c", by_file, file, right)


def test_the_features_that_decide_get_the_weight() -> None:
    weights = fitting.fit([question(i, by_file=True) for i in range(120)])
    others = np.delete(weights.topic, [GOOD, BAD])
    assert weights.topic[GOOD] > 2 * np.abs(others).max()
    assert weights.topic[BAD] < -2 * np.abs(others).max()


def test_the_same_examples_give_the_same_weights() -> None:
    examples = [question(i, by_file=i % 2 == 0) for i in range(40)]
    assert (fitting.fit(examples).topic == fitting.fit(examples).topic).all()


def test_names_may_weigh_a_feature_the_other_way() -> None:
    examples = [question(i, by_file=True) for i in range(80)]
    examples += [question(100 + i, by_file=True, is_symbol=True, sign=-1.0) for i in range(80)]
    weights = fitting.fit(examples)
    assert weights.topic[GOOD] > 0 > weights.symbol[GOOD]


def test_a_description_is_told_by_its_grammar() -> None:
    learnt = learning.learn([question(i, by_file=i % 2 == 0) for i in range(60)])
    topic, description = question(1, by_file=True), question(1, by_file=False)
    learnt.scores(topic), learnt.scores(description)
    assert topic.description < 0.5 < description.description


def test_a_fold_never_learns_from_the_repositories_it_is_judged_on() -> None:
    examples = [question(i, by_file=True) for i in range(40)]
    found = learning.left_out(examples, 5)
    assert set(found) == {id(e) for e in examples}
    for example in examples[:5]:
        again = learning.learn([e for e in examples if e.group != example.group])
        assert np.allclose(found[id(example)][1], again.scores(example))


def test_what_is_always_learnt_from_is_in_every_fold_and_never_judged() -> None:
    examples = [question(i, by_file=True) for i in range(20)]
    always = [replace(question(i, by_file=True), group="other") for i in range(20, 40)]
    found = learning.left_out(examples, 5, always=always)
    assert set(found) == {id(e) for e in examples}
    rest = [e for e in examples if e.group != examples[0].group]
    again = learning.learn([*rest, *always])
    assert np.allclose(found[id(examples[0])][1], again.scores(examples[0]))


def test_another_result_of_a_file_waits_for_the_best_of_the_next() -> None:
    example = question(3, by_file=True)
    scores = np.linspace(1, 0, 40)
    shown = learning.crowded(example, scores, crowding=10.0)
    assert len({int(example.file[at]) for at in shown}) == 10


def test_logistic_regression_finds_the_chances_that_made_the_data() -> None:
    chance = np.random.default_rng(1)
    rows = np.column_stack([np.ones(4000), chance.normal(size=4000)])
    truth = 1 / (1 + np.exp(-(0.5 + 2 * rows[:, 1])))
    found = logistic.fit(rows, (chance.random(4000) < truth).astype(float), np.ones(4000))
    assert np.allclose(found, [0.5, 2.0], atol=0.25)


def test_calibration_error_is_nothing_when_chances_come_true_and_half_when_they_never_do() -> None:
    half, yes = np.full(100, 0.5), np.tile([0.0, 1.0], 50)
    assert calibrating.calibration_error(half, yes, np.ones(100)) < 1e-9
    assert calibrating.calibration_error(half, np.zeros(100), np.ones(100)) == 0.5


def test_auroc_counts_pairs_and_halves_ties() -> None:
    own = np.array([True, True, False, False])
    assert calibrating.auroc(np.array([0.9, 0.5, 0.5, 0.1]), own) == (1 + 1 + 0.5 + 1) / 4


def test_weights_learnt_from_draws_are_the_same_every_time_and_say_the_same() -> None:
    examples = [question(i, by_file=True) for i in range(120)]
    weights = fitting.bagged(examples)
    assert (weights.topic == fitting.bagged(examples).topic).all()
    others = np.delete(weights.topic, [GOOD, BAD])
    assert weights.topic[GOOD] > 2 * np.abs(others).max()
