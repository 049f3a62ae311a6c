"""``python -m bench.retrieval`` on a made-up benchmark of one small tree."""

import json
import sys
import tarfile
from pathlib import Path

import pytest
from bench.retrieval import __main__ as command
from bench.retrieval import dataset, rivals


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


def test_written_topics_are_asked_of_the_checkouts_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "corner+shop").mkdir()
    (tmp_path / "corner+shop" / "basket.py").write_text("def total(prices):\n    return sum(prices)\n")
    written = tmp_path / "written.txt"
    written.write_text(
        "# A remark\n## corner/shop\nprices in total | basket.py\npaper | no.py, basket.py\n"
        "## not/there\nprices | basket.py\n"
    )
    monkeypatch.setattr(dataset, "WRITTEN", written)
    assert run(monkeypatch, "--memory", "--written", str(tmp_path)) == 0
    assert "(2 questions)" in capsys.readouterr().out


def test_without_the_questions_it_says_that_it_was_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--data", str(tmp_path), "--floor", "0.9") == 0
    assert "skipped" in capsys.readouterr().out


def test_a_machine_without_ripgrep_is_told_so_and_keeps_what_was_measured(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = rivals.SembleRun([[], []], [1.0, 1.0], {"shop": 1.0}, {"shop": 2})
    monkeypatch.setattr(rivals, "semble", lambda *_, **__: nothing)  # it is not installed where tests run
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(monkeypatch, "--data", str(data), "--memory", "--semble", sys.executable) == 0
    assert "there is no rg in PATH" in capsys.readouterr().out


def documented(folder: Path) -> Path:
    """A benchmark whose only tree has two documented functions."""
    tree = folder / "tree" / "shop"
    tree.mkdir(parents=True)
    (tree / "basket.py").write_text(
        'def total(prices):\n    """Add up what everything in the basket costs."""\n'
        "    sum_ = 0\n    for price in prices:\n        sum_ += price\n    return sum_\n\n\n"
        'def post(letter):\n    """Send the printed letter to its receiver."""\n'
        "    stamp = letter.stamp()\n    stamp.glue()\n    return stamp\n"
    )
    (folder / "queries.json").write_text(json.dumps({"shop": {"language": "python", "queries": []}}))
    with tarfile.open(folder / "trees.tar.xz", "w:xz") as archive:
        archive.add(tree, "shop")
    return folder


def test_doc_sentences_of_the_development_trees_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = documented(tmp_path)
    assert run(monkeypatch, "--data", str(data), "--memory", "--docs", "--floor", "0.9") == 0
    shown = capsys.readouterr().out
    assert "MRR@10, doc sentence to function   1.0000  (2 questions)" in shown
    assert run(monkeypatch, "--data", str(data), "--memory", "--docs", "--floor", "1.1") == 1


def test_embedders_are_compared_on_the_same_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = documented(tmp_path)
    assert run(monkeypatch, "--data", str(data), "--memory", "--docs", "--embedder", "static", "none") == 0
    shown = capsys.readouterr().out
    assert shown.index("\nstatic\n") < shown.index("\nnone\n")
    assert shown.count("(2 questions)") == 2


@pytest.mark.transformers
@pytest.mark.timeout(600)
def test_minilm_answers_through_the_shipped_backend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = documented(tmp_path)
    assert run(monkeypatch, "--data", str(data), "--docs", "--embedder", "minilm", "--floor", "0.9") == 0
    assert "(2 questions)" in capsys.readouterr().out
