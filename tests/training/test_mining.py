"""What is mined of a checkout: the same in every run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from training.mining import DOC, mine_repository

from training import corpus

ROOT = Path(__file__).parents[2]
SOURCE = '''"""Pools of sockets that are kept for reuse."""


def {name}_socket(pool):
    """{verb} the socket that was idle for longest."""
    connected = connecting = connects = pool.connections
    parsed, parsing, parses = pool.parsers(connected)
    return closing(closed, closes, parsing, connecting, parsed, connects, parses)
'''
DIGEST = """
import hashlib, sys
from pathlib import Path
from training.corpus import Repository
from training.mining import mine_repository
mined = mine_repository(Repository("a/one", "0", "MIT", "train"), Path(sys.argv[1]))
print(hashlib.sha256(repr((mined.surfaces, mined.examples)).encode()).hexdigest())
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "a+one"
    folder.mkdir()
    for name, verb in (("close", "Closes"), ("drop", "Drops")):
        (folder / f"{name}.py").write_text(SOURCE.format(name=name, verb=verb))
    return folder


def test_two_runs_mine_the_same(checkout: Path) -> None:
    """Strings hash differently in every process: no order may depend on it."""
    made = {
        subprocess.run(
            [sys.executable, "-c", DIGEST, str(checkout.parent)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(1, 6)
    }
    assert len(made) == 1


def test_the_first_sentence_of_a_doc_comment_is_a_question_and_no_part_of_its_answer(checkout: Path) -> None:
    mined = mine_repository(corpus.Repository("a/one", "0", "MIT", "train"), checkout.parent)
    asked = {text for example in mined.examples for kind, text in example.questions if kind == DOC}
    assert asked == {f"{verb} the socket that was idle for longest" for verb in ("Closes", "Drops")}
    assert not any(question in example.text for example in mined.examples for question in asked)
