"""The learnt ranker as it ships: what it loads, how it reads a question, what its scores mean."""

import json
from importlib import resources

import numpy as np
import pytest
from numpy.typing import NDArray

from codebase_server.search.engine import Engine
from codebase_server.search.query import understand
from codebase_server.search.rank import model
from codebase_server.search.rank.features import NAMES
from codebase_server.search.rank.model import EVIDENCE, Calibration, description_share, from_json, shipped
from codebase_server.search.rank.spelt import SPELT
from codebase_server.terms import QueryTerms


@pytest.mark.parametrize("model_id", ["", "static-1-256", "sentence-transformers:any-model"])
def test_the_shipped_weights_are_of_this_programs_features(model_id: str) -> None:
    ranker = shipped(model_id)
    for weights in (ranker.linear.topic, ranker.linear.description, ranker.linear.symbol):
        assert weights.shape == (len(NAMES),)
        assert np.isfinite(weights).all()
    assert ranker.linear.defined.shape == (len(NAMES) + len(SPELT),)


def test_models_that_read_texts_have_weights_of_their_own() -> None:
    assert shipped("static-1-256") is shipped()
    of_texts = shipped("sentence-transformers:any-model")
    assert of_texts is shipped("sentence-transformers:another")
    assert of_texts is not shipped()


def test_a_search_is_ranked_by_what_was_learnt_beside_its_vectors() -> None:
    class Encoder:
        model_id = "sentence-transformers:any-model"

        def encode_query(self, text: str, analysed: QueryTerms) -> NDArray[np.float32]:
            raise AssertionError("no question is asked here")

    assert Engine().ranker(Encoder()) is shipped(Encoder.model_id)
    assert Engine().ranker(None) is shipped()
    assert Engine(shipped()).ranker(Encoder()) is shipped(), "a ranker that was given is kept"


def test_weights_of_other_features_are_refused_by_name() -> None:
    data = json.loads(resources.files(model.__package__).joinpath("weights.json").read_text())
    data["topic"] = {"unheard_of": 1.0, **data["topic"]}
    with pytest.raises(ValueError, match="unheard_of"):
        from_json(data)


@pytest.mark.parametrize(
    ("topic", "description"),
    [
        ("connection pool eviction", "Removes a connection from the pool if it was idle for too long."),
        ("how are requests signed?", "Add the signature to the headers of a request."),
        ("parsing of command line flags", "Return the flags that were given on the command line."),
    ],
)
def test_the_description_of_a_function_is_told_from_a_topic(topic: str, description: str) -> None:
    manner = shipped().linear.manner
    assert description_share(topic, manner) < 0.5 < description_share(description, manner)


def test_a_bare_name_has_weights_of_its_own() -> None:
    linear = shipped().linear
    assert linear.apply(understand("ConnectionPool")).weights is linear.symbol
    assert linear.apply(understand("ConnectionPool"), defined=True).weights is linear.defined
    assert linear.apply(understand("connection pool eviction")).weights is not linear.symbol


def test_a_definition_of_the_name_asked_for_counts_for_more_than_any_mention() -> None:
    at = {name: i for i, name in enumerate(NAMES)}
    assert shipped().linear.symbol[at["defines_name"]] > 0


def test_a_chance_is_a_probability_and_falls_behind_the_best() -> None:
    calibration = Calibration(
        0.5, -1.0, np.zeros(len(EVIDENCE), dtype=np.float32), doubtful=0.1, spelt=2.0, defined=0.0
    )
    chances = calibration.chances(
        np.zeros((3, len(NAMES)), dtype=np.float32), np.array([2.0, 1.0, -50.0], np.float32)
    )
    assert chances[0] > chances[1] > chances[2]
    assert ((chances >= 0) & (chances <= 1)).all()


def test_the_definition_of_the_very_name_asked_for_is_trusted_whatever_else_is_missing() -> None:
    calibration = Calibration(
        -3.0, -1.0, np.zeros(len(EVIDENCE), dtype=np.float32), doubtful=0.1, spelt=2.0, defined=0.0
    )
    features = np.zeros((3, len(NAMES) + len(SPELT)), dtype=np.float32)
    features[0, [len(NAMES) + SPELT.index(name) for name in ("defined", "spelt")]] = 1
    features[1, len(NAMES) + SPELT.index("defined")] = 1
    chances = calibration.chances(features, np.array([1.0, 1.0, 1.0], np.float32))
    assert chances[0] > 0.8 > 0.6 > chances[1] > 0.4 > 0.1 > chances[2]


def test_no_candidates_have_no_chances() -> None:
    none = np.zeros((0, len(NAMES)), dtype=np.float32)
    assert len(shipped().calibration.chances(none, np.zeros(0, dtype=np.float32))) == 0


def test_without_vectors_a_chance_is_read_from_words_alone() -> None:
    features = np.zeros((2, len(NAMES)), dtype=np.float32)
    features[:, NAMES.index("lexical_share")] = 0.6
    ranker = shipped()
    assert ranker.calibrated(features) is ranker.by_words
    features[0, NAMES.index("dense_cosine")] = 0.4
    assert ranker.calibrated(features) is ranker.calibration


@pytest.mark.parametrize(
    "question", ["ConnectionPool", "how are requests signed?", "Return the flags that were given."]
)
def test_what_is_told_of_a_score_adds_up_to_it(question: str) -> None:
    ranker = shipped()
    features = np.random.default_rng(4).random((5, len(NAMES))).astype(np.float32)
    applied = ranker.linear.apply(understand(question))
    told = [sum(part for _, _, part in ranker.contributions(applied, row)) for row in features]
    assert np.allclose(told, ranker.scores(applied, features), atol=1e-3)


def test_what_is_told_of_a_definition_adds_up_to_its_score() -> None:
    ranker = shipped()
    features = np.random.default_rng(4).random((5, len(NAMES) + len(SPELT))).astype(np.float32)
    applied = ranker.linear.apply(understand("ConnectionPool"), defined=True)
    told = [sum(part for _, _, part in ranker.contributions(applied, row)) for row in features]
    assert np.allclose(told, ranker.scores(applied, features), atol=1e-3)


def test_only_descriptions_are_ranked_by_what_features_say_together() -> None:
    ranker = shipped()
    features = np.random.default_rng(4).random((5, len(NAMES))).astype(np.float32)

    def together(question: str) -> float:
        applied = ranker.linear.apply(understand(question))
        return float(np.abs(ranker.scores(applied, features) - features @ applied.weights).max())

    assert together("ConnectionPool") == 0
    assert together("connection pool eviction") < 0.3 * together("Return the flags that were given.")
