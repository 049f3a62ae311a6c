"""A feature that was added since the weights were learnt is learnt beside them; they stay."""

import json
from importlib import resources

import numpy as np
import pytest
from training.ranking import added
from training.ranking.examples import Example

from codebase_server.search.rank import model
from codebase_server.search.rank.features import NAMES

NEW = "file_dense_whole"


def content_without(name: str) -> dict:  # type: ignore[type-arg]  # as json has it
    """The shipped weights as they would be had the feature never been there."""
    text = resources.files("codebase_server.search.rank").joinpath(model.WEIGHTS).read_text(encoding="utf-8")
    content = json.loads(text)
    for part in (*model.OF_MANNERS, "interplay"):
        for values in (content[part], *(v for v in content[part].values() if isinstance(v, dict))):
            values.pop(name, None)
    return dict(content)


def topic(seed: int, *, says: float) -> Example:
    """Four files of one chunk each, alike but for the new feature, which is ``says`` for the right one."""
    features = np.zeros((4, len(NAMES)), dtype=np.float32)
    right = np.arange(4) == seed % 4
    features[right, NAMES.index(NEW)] = says
    unit = np.arange(4)
    text, gain = "how sockets are closed", right.astype(np.float32)
    return Example(f"r{seed}", text, False, features, unit, gain, 0, 1.0, "semantic", True, unit, right)


def kept() -> added.Kept:
    return added.Kept(model.from_json(added.widened(content_without(NEW))))


def test_what_a_file_of_weights_lacks_is_told() -> None:
    assert added.lacking(content_without(NEW)) == [NEW]


def test_every_other_weight_stays_and_what_is_new_weighs_nothing_at_first() -> None:
    before = content_without(NEW)
    after = added.widened(before)
    for manner in model.OF_MANNERS:
        assert after[manner] == {**before[manner], NEW: 0.0}
    assert after["interplay"]["hidden"][NEW] == [0.0] * len(before["interplay"]["offset"])
    assert {**after["interplay"]["hidden"], **before["interplay"]["hidden"]} == after["interplay"]["hidden"]


@pytest.mark.parametrize("says", [1.0, -1.0])
def test_a_feature_weighs_what_it_says_about_the_right_files(says: float) -> None:
    (weight,) = added.fit([topic(i, says=says) for i in range(12)], kept(), [NEW])
    assert weight * says > 0.5


def test_a_feature_that_says_nothing_weighs_nothing() -> None:
    asked = [topic(i, says=1.0) for i in range(8)] + [topic(i, says=-1.0) for i in range(8)]
    (weight,) = added.fit(asked, kept(), [NEW])
    assert abs(weight) < 0.3


def test_the_scores_are_those_of_the_ranker_that_was_kept() -> None:
    example = topic(1, says=1.0)
    assert added.Kept(model.shipped()).scores(example)[1] > added.Kept(model.shipped()).scores(example)[0]
    assert kept().scores(example)[1] == kept().scores(example)[0]


def test_what_is_learnt_is_what_a_feature_weighs_beside_what_it_weighed() -> None:
    """Right files are stubs here, against which the shipped weights speak."""
    at = NAMES.index("stub")
    asked = [topic(i, says=0.0) for i in range(12)]
    for example in asked:
        example.features[example.right, at] = 1
    ranker = added.Kept(model.shipped())
    (more,) = added.fit(asked, ranker, ["stub"], for_topics_alone=False)
    assert more + ranker.ranker.linear.topic[at] > 0


def test_a_repository_left_out_teaches_nothing_about_itself() -> None:
    usual = [topic(i, says=1.0) for i in range(4)]
    odd = topic(4, says=-1.0)
    rankers = added.left_out([*usual, odd], kept(), [NEW], folds=5)
    assert rankers[id(odd)].weights[0] == pytest.approx(
        added.fit(usual, kept(), [NEW], for_topics_alone=False)[0]
    )
    assert rankers[id(odd)].scores(odd).argmin() == odd.right.argmax()
    assert rankers[id(odd)].loss(odd) == kept().loss(odd)


def test_what_is_held_firmly_moves_less_than_what_is_new() -> None:
    """Two features that say the same: what the new one can tell, the old one need not."""
    asked = [topic(i, says=1.0) for i in range(12)]
    for example in asked:
        example.features[example.right, NAMES.index("file_dense")] = 1.0
    new, old = added.fit(asked, kept(), [NEW, "file_dense"], firm={"file_dense"})
    alike = added.fit(asked, kept(), [NEW, "file_dense"])
    assert new > 2 * old > 0
    assert alike[0] == pytest.approx(alike[1])


def test_what_is_learnt_for_topics_counts_less_the_more_a_question_describes() -> None:
    asked = [topic(i, says=1.0) for i in range(5)]
    described = topic(9, says=1.0)
    described.text = "Closes the socket when the connection was lost and returns it."
    rankers = added.left_out([*asked, described], kept(), [NEW], folds=2, for_topics_alone=True)

    def gained(example: Example) -> float:
        gain = rankers[id(example)].scores(example) - kept().scores(example)
        return float(gain.max() / rankers[id(example)].weights[0])

    assert gained(described) == pytest.approx(1 - kept().applied(described).description)
    assert gained(described) < gained(asked[0])
