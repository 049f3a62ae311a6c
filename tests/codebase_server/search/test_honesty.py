"""Nothing in the ranking knows a repository on which search is judged.

Stop words, verbs, synonyms, path patterns and weights are module-level constants of
``search`` and the content of ``weights.json``: all their words are looked at.
"""

import ast
import json
import re
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SEARCH = ROOT / "src" / "codebase_server" / "search"
QUERIES = ROOT.parent / "shared" / "retrieval"

ALSO_PLAIN_WORDS = {"json", "framework"}
"""On the list of names, and words of any program too: not taken for a name unless they stand alone."""


def _judged() -> set[str]:
    lines = (ROOT / "training" / "never_train_on.txt").read_text(encoding="utf-8").splitlines()
    names = {name.casefold() for line in lines if not line.startswith("#") for name in line.split()}
    return names - ALSO_PLAIN_WORDS


def _constants(module: Path) -> Iterator[str]:
    """The string constants of a module's own assignments; docstrings and code are left out."""
    for statement in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            for node in ast.walk(statement.value):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def _words() -> dict[str, str]:
    """Every word of a constant of the search stages and of the weights, with where it stands."""
    found: dict[str, str] = {}
    for module in SEARCH.rglob("*.py"):
        for text in _constants(module):
            for word in re.findall(r"[\w.\-]+", text):
                found.setdefault(word.casefold(), module.name)
    weights = json.loads((SEARCH / "rank" / "weights.json").read_text(encoding="utf-8"))
    for word in re.findall(r"[\w.\-]+", json.dumps(weights)):
        found.setdefault(word.casefold(), "weights.json")
    return found


def test_the_constants_of_ranking_are_seen() -> None:
    words = _words()
    assert {"where", "conftest", "stem_share", "return"} <= words.keys()


def test_no_constant_of_ranking_names_a_judged_repository() -> None:
    words = _words()
    named = {name: words[name] for name in _judged() & words.keys()}
    assert not named, f"Search must not know the repositories it is judged on: {named}"


OFTEN = 10
"""A word that marks a repository stands in it at least so often; one found once or twice is chance."""


def test_no_constant_of_ranking_is_peculiar_to_a_development_repository() -> None:
    if not (QUERIES / "trees.tar.xz").exists():
        pytest.skip(f"the development trees are not in {QUERIES}")
    wanted = {word for word in _words() if re.fullmatch(r"[a-z_]{3,}", word)}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    with tarfile.open(QUERIES / "trees.tar.xz") as archive:
        for member in archive:
            if member.isfile() and (file := archive.extractfile(member)) is not None:
                tree = member.name.removeprefix("./").split("/")[0]
                for word in re.findall(r"[a-z_]{3,}", file.read().decode("utf-8", "replace").casefold()):
                    if word in wanted:
                        counts[word][tree] += 1
    peculiar = {
        word: tree
        for word, trees in counts.items()
        if len(trees) == 1
        for tree in trees
        if trees[tree] >= OFTEN
    }
    assert not peculiar, f"These mark one development repository each: {peculiar}"
