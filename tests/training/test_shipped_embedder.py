"""The shipped model is the one that its card tells of, and was made without what search is judged on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from training.card import BEGIN, END, rendered, write_numbers
from training.ranking import gathering

from codebase_server.embed import load
from codebase_server.embed.composition import COMPOSITION
from codebase_server.embed.static import read_weights
from codebase_server.embed.static.embedder import SHIPPED
from training import corpus

ROOT = Path(__file__).parents[2]
NUMBERS = json.loads((ROOT / "training" / "embedder.json").read_text())
CARD = (ROOT / "docs" / "model-card.md").read_text()


def test_the_card_tells_of_the_shipped_model() -> None:
    weights, noted = read_weights(SHIPPED)
    assert weights.digest() == noted == NUMBERS["model"], "python -m training embedder --only-measure"
    assert noted in CARD
    assert NUMBERS["corpus"]["digest"] in CARD
    assert rendered(NUMBERS) in CARD


def test_it_is_small_enough_to_ship() -> None:
    assert SHIPPED.stat().st_size <= 16_000_000


def test_its_vectors_are_tagged_with_its_digest() -> None:
    embedder = load("static")
    assert embedder is not None
    assert NUMBERS["model"] in embedder.model_id


def test_the_ranker_was_learnt_beside_this_model() -> None:
    weights = json.loads((ROOT / "src/codebase_server/search/rank/weights.json").read_text())
    embedder = load("static")
    assert embedder is not None
    assert weights["learnt_with"] == embedder.model_id, "python -m training.ranking learns them anew"


def test_the_other_ranker_was_learnt_beside_texts_composed_as_now() -> None:
    weights = json.loads((ROOT / "src/codebase_server/search/rank/weights_of_texts.json").read_text())
    model, composed = weights["learnt_with"].rsplit(".", 1)
    assert model.startswith("sentence-transformers:")
    assert int(composed) == COMPOSITION, "python -m training.ranking --embedder minilm learns them anew"


def test_learning_beat_chance_on_repositories_it_has_not_seen() -> None:
    table = NUMBERS["mrr"]
    together = max(row["all"] for name, row in table.items() if name.startswith("words + static"))
    chance = max(row["all"] for name, row in table.items() if name.startswith("words + random"))
    assert together > table["words"]["all"] + 0.05
    assert together > chance + 0.05


def test_no_evaluation_repository_is_in_the_corpus() -> None:
    never = corpus.evaluation_names()
    assert {"flask", "axum", "zod", "newtonsoft.json"} <= never
    for row in corpus.repositories():
        assert row.name.lower() not in never
        assert row.name.split("/")[1].lower() not in never


def test_what_the_ranking_learns_from_is_not_trained_on() -> None:
    trained = {row.name.lower() for row in corpus.repositories() if row.split == "train"}
    kept = corpus.kept_out()
    assert {"tornadoweb/tornado", "caddyserver/caddy", "textualize/rich"} <= kept
    assert trained.isdisjoint(kept)


def test_no_weights_are_learnt_from_what_search_is_judged_on() -> None:
    measured = set(gathering.listed("evaluation_repositories.txt"))
    learnt = [*gathering.listed("weights_repositories.txt"), *gathering.listed("more_repositories.txt")]
    assert len(learnt) == len(set(learnt))
    assert measured.isdisjoint(learnt)
    never = corpus.evaluation_names()
    for name in learnt:
        assert never.isdisjoint({name.lower(), name.split("/")[1].lower()})


def test_a_repository_kept_for_evaluation_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    listed = tmp_path / "corpus.csv"
    listed.write_text("repository,commit,licence,split\nsomebody/flask,0,MIT,train\n")
    monkeypatch.setattr(corpus, "LIST", listed)
    with pytest.raises(ValueError, match="somebody/flask is kept for evaluation"):
        corpus.repositories()


def test_the_card_names_every_licence_of_the_corpus() -> None:
    named = {row.licence for row in corpus.repositories()}
    assert all(licence in CARD for licence in named)


def test_numbers_go_between_the_marks(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text(f"# Card\n\n{BEGIN}\nold\n{END}\n\nProse.\n")
    write_numbers(card, NUMBERS)
    write_numbers(card, NUMBERS)
    assert card.read_text() == f"# Card\n\n{BEGIN}\n\n{rendered(NUMBERS)}\n{END}\n\nProse.\n"
    card.write_text("# Card\n")
    with pytest.raises(ValueError, match="no place for the numbers"):
        write_numbers(card, NUMBERS)
