"""``python -m bench.retrieval`` on a made-up benchmark of one small tree."""

import json
import sys
import tarfile
from pathlib import Path

import pytest
from bench.retrieval import __main__ as command


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two questions of a tree of two files; the second one's target is not there."""
    folder = tmp_path / "data"
    tree = tmp_path / "tree" / "shop"
    tree.mkdir(parents=True)
    (tree / "basket.py").write_text("def total(prices):\n    return sum(prices)\n")
    (tree / "invoice.py").write_text("def send_invoice(customer):\n    customer.mail('invoice')\n")
    folder.mkdir()
    with tarfile.open(folder / "trees.tar.xz", "w:xz") as archive:
        archive.add(tree, "shop")
    queries = [
        {"query": "send_invoice", "category": "symbol", "relevant": ["invoice.py"]},
        {"query": "shipping labels", "category": "semantic", "relevant": ["nowhere.py"]},
    ]
    entry = {"language": "python", "url": "", "revision": "", "queries": queries}
    (folder / "queries.json").write_text(json.dumps({"shop": entry}))
    return folder


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["bench.retrieval", *arguments])
    return command.main()


@pytest.mark.parametrize("where", [["--memory"], []], ids=["in memory", "the real server over stdio"])
def test_half_of_the_questions_find_their_file(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], where: list[str]
) -> None:
    assert run(monkeypatch, "--data", str(data), *where) == 0
    shown = capsys.readouterr().out
    assert "NDCG@10                 0.5000  (2 questions)" in shown
    assert "question p50" in shown


def test_a_missed_floor_fails(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--data", str(data), "--memory", "--floor", "0.6") == 1
    assert "below the floor of 0.6" in capsys.readouterr().out


def test_without_the_questions_it_says_that_it_was_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--data", str(tmp_path), "--floor", "0.9") == 0
    assert "skipped" in capsys.readouterr().out
