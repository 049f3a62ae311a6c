"""Nothing in the ranking knows a repository on which search is judged.

Stop words, verbs, synonyms, path patterns and weights are strings of the modules that a question passes
through, and the content of the weights' files: all their words are looked at, and the parts of those words.
"""

import ast
import re
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SERVER = ROOT / "src" / "codebase_server"
SEARCH = SERVER / "search"
PLACES = (SEARCH, SERVER / "terms", SERVER / "embed", SERVER / "symbols", SERVER / "files", SERVER / "chunks")
"""What decides between results: the search stages, and what terms, vectors and kinds of files are made of."""
QUERIES = ROOT.parent / "shared" / "retrieval"

ALSO_PLAIN_WORDS = {"json", "framework", "zig"}
"""On the list of names, and words of any program, or a language, too."""


def _judged() -> set[str]:
    lines = (ROOT / "training" / "never_train_on.txt").read_text(encoding="utf-8").splitlines()
    names = {name.casefold() for line in lines if not line.startswith("#") for name in line.split()}
    return names - ALSO_PLAIN_WORDS


def _constants(module: Path) -> Iterator[str]:
    """The strings of a module, wherever they stand; those that stand alone document it, and are left out."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value


def _words(*places: Path) -> dict[str, str]:
    """Every word in the strings and data files of some folders, and its parts, with where it stands."""
    found: dict[str, str] = {}
    for place in places or PLACES:
        texts = [(module.name, text) for module in place.rglob("*.py") for text in _constants(module)]
        texts += [(data.name, data.read_text(encoding="utf-8")) for data in place.rglob("*.json")]
        for name, text in texts:
            for word in re.findall(r"[\w.\-]+", text.casefold()):
                for part in {word, *re.split(r"[_.\-]+", word)}:
                    found.setdefault(part, name)
    return found


def test_all_data_that_the_package_ships_for_search_is_looked_at() -> None:
    """A new data file would be a new place for such a name."""
    kinds = {path.suffix for path in SERVER.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert kinds == {".py", ".typed", ".json", ".npz", ".js", ".css", ".html"}
    of_search = {
        path.name for place in PLACES for path in place.rglob("*") if path.suffix in (".json", ".npz")
    }
    assert of_search == {"weights.json", "weights_of_texts.json", "model.npz"}, (
        "the model's terms are numbers, learnt from no judged tree"
    )


def test_the_constants_of_ranking_are_seen() -> None:
    words = _words()
    assert {"where", "conftest", "stem_share", "return"} <= words.keys()


def test_no_constant_of_ranking_names_a_judged_repository() -> None:
    named = _named(_words())
    assert not named, f"Search must not know the repositories it is judged on: {named}"


def _named(words: dict[str, str]) -> dict[str, str]:
    return {name: words[name] for name in _judged() & words.keys()}


@pytest.mark.parametrize(
    "planted",
    [
        'BOOSTED = frozenset("router flask".split())\n',
        'def boost(path):\n    return 2.0 if "fastapi" in path else 1.0\n',
        'PATTERN = r"(?:^|/)(?:starlette|web)/"\n',
        'WEIGHTS = {"pydantic_models": 1.5}\n',
    ],
    ids=["a set", "in a function", "in a pattern", "part of a word"],
)
def test_a_name_that_was_planted_is_found(tmp_path: Path, planted: str) -> None:
    (tmp_path / "rank.py").write_text(planted)
    assert len(_named(_words(tmp_path))) == 1


def test_a_name_planted_in_data_is_found(tmp_path: Path) -> None:
    (tmp_path / "weights.json").write_text('{"synonyms": {"client": ["httpx"]}}')
    assert _named(_words(tmp_path)) == {"httpx": "weights.json"}


OFTEN = 10
"""A word that marks a repository stands in it at least so often; one found once or twice is chance."""


def test_no_constant_of_ranking_is_peculiar_to_a_development_repository() -> None:
    peculiar = _peculiar({word for word in _words(SEARCH) if re.fullmatch(r"[a-z_]{3,}", word)})
    assert not peculiar, f"These mark one development repository each: {peculiar}"


def test_a_word_that_marks_one_repository_is_found() -> None:
    """Such words, were they in the ranker, would be seen; a word of several repositories is nobody's."""
    assert _peculiar({"telescope", "mux", "router"}) == {"telescope": "telescope.nvim", "mux": "chi"}


def _peculiar(wanted: set[str]) -> dict[str, str]:
    """Those of some words that stand often in one development tree and nowhere in the others."""
    if not (QUERIES / "trees.tar.xz").exists():
        pytest.skip(f"the development trees are not in {QUERIES}")
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    with tarfile.open(QUERIES / "trees.tar.xz") as archive:
        for member in archive:
            if member.isfile() and (file := archive.extractfile(member)) is not None:
                tree = member.name.removeprefix("./").split("/")[0]
                for word in re.findall(r"[a-z_]{3,}", file.read().decode("utf-8", "replace").casefold()):
                    if word in wanted:
                        counts[word][tree] += 1
    return {
        word: tree
        for word, trees in counts.items()
        if len(trees) == 1
        for tree in trees
        if trees[tree] >= OFTEN
    }
