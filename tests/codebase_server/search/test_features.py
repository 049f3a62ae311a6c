"""The features of candidates, of code written for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bench.retrieval.memory import MemoryCorpus, parse

from codebase_server.embed.static import StaticEmbedder
from codebase_server.search.engine import Engine
from codebase_server.search.query import understand
from codebase_server.search.rank.features import NAMES
from codebase_server.search.rank.spelt import SPELT
from codebase_server.search.request import SearchRequest

CODE = {
    "src/store/folders.py": """
class Folders:
    def remove_folder(self, path):
        for entry in path.entries():
            entry.remove()
        path.folder.remove()

    def folder_of(self, thing):
        place = thing.place or self.fallback
        while place.kind != "plain" and place.above is not None:
            place = place.above
        remembered = self.known.get(place, None)
        return remembered or self.remove_folder(place)

    def _hidden(self):
        return None
""",
    "tests/test_folders.py": """
def test_remove_folder():
    assert Folders().remove_folder(None)
""",
    "examples/clean_up.py": """
def clean_up_a_folder():
    Folders().remove_folder(None)
""",
    "vendor/folders_legacy.py": """
def drop_folder(path):
    path.drop()
""",
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> MemoryCorpus:
    root = tmp_path_factory.mktemp("features")
    for path, code in CODE.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        Path(root / path).write_text(code)
    return MemoryCorpus(parse(root), StaticEmbedder.shipped())


def features(corpus: MemoryCorpus, question: str) -> dict[str, dict[str, float]]:
    """By symbol, then by feature."""
    found = Engine().candidates(
        corpus, understand(question), StaticEmbedder.shipped(), SearchRequest(question)
    )
    symbols = [corpus.chunks[at].symbol for at in found.pool.at.tolist()]
    return {
        symbol: dict(zip((*NAMES, *SPELT), map(float, row), strict=False))
        for symbol, row in zip(symbols, found.features, strict=True)
    }


def test_code_that_speaks_of_little_else_is_denser_than_code_that_mentions_it(corpus: MemoryCorpus) -> None:
    of = features(corpus, "remove a folder")
    assert of["Folders.remove_folder"]["density"] > 2 * of["Folders.folder_of"]["density"] > 0


def test_what_is_done_is_read_from_the_first_words(corpus: MemoryCorpus) -> None:
    of = features(corpus, "remove a folder")
    assert of["Folders.remove_folder"]["first_like"] == pytest.approx(1)
    assert of["drop_folder"]["first_like"] > of["Folders.folder_of"]["first_like"]


def test_a_name_that_is_asked_for_is_known_with_and_without_the_names_around_it(corpus: MemoryCorpus) -> None:
    of = features(corpus, "Folders.remove_folder")
    assert of["Folders.remove_folder"]["defines_name"] == 1
    assert of["Folders.remove_folder"]["defines_qualified"] == 1
    assert of["Folders.folder_of"]["defines_name"] == 0


def test_tests_and_foreign_code_are_marked_unless_tests_are_asked_for(corpus: MemoryCorpus) -> None:
    of = features(corpus, "remove a folder")
    assert of["test_remove_folder"]["tests"] == 1
    assert of["drop_folder"]["vendored"] == 1
    assert of["Folders.remove_folder"]["tests"] == 0
    assert features(corpus, "tests of removing a folder")["test_remove_folder"]["tests"] == 0


def test_examples_are_marked_unless_examples_are_asked_for(corpus: MemoryCorpus) -> None:
    assert features(corpus, "remove a folder")["clean_up_a_folder"]["examples"] == 1
    assert features(corpus, "an example that removes a folder")["clean_up_a_folder"]["examples"] == 0


def test_names_that_begin_with_an_underscore_are_private(corpus: MemoryCorpus) -> None:
    of = features(corpus, "hidden folder")
    assert of["Folders._hidden"]["private"] == 1
    assert of["Folders.folder_of"]["private"] == 0


def test_a_file_of_several_near_chunks_is_more_about_a_question_than_one_of_a_single_one(
    corpus: MemoryCorpus,
) -> None:
    """One chunk can be near by chance; one that is not there speaks neither for its file nor against it."""
    request = SearchRequest("remove a folder")
    found = Engine().candidates(corpus, understand(request.query), StaticEmbedder.shipped(), request)
    near, three = (found.features[:, NAMES.index(name)] for name in ("dense", "file_dense_three"))
    for file in range(len(found.pool.paths)):
        own = found.pool.files == file
        best = sorted(near[own], reverse=True)[:3]
        assert three[own] == pytest.approx(sum(best) / 3, abs=1e-6)
    sizes = np.bincount(found.pool.files)
    assert sizes.max() > 3, "a file of more chunks is there to be seen"
    assert sizes.min() < 3, "a file of fewer is there to be seen"


def test_a_file_that_is_about_the_question_as_a_whole_stands_before_one_with_a_single_chunk_about_it(
    tmp_path: Path,
) -> None:
    """The largest file has a near chunk to every question."""
    other = ["parse_header", "encode_body", "open_socket", "render_page", "log_event", "hash_password"]
    everything = [*other, "retry_request", "send_mail"]
    (tmp_path / "base.py").write_text(
        "\n\n".join(f"def {name}(value):\n    return value.{name}_now() or None" for name in everything)
    )
    (tmp_path / "retrying.py").write_text(
        "def retry_request(request):\n    for attempt in range(3):\n        request.retry(attempt)\n\n\n"
        "def wait_before_retry(attempt):\n    return 2**attempt\n"
    )
    corpus = MemoryCorpus(parse(tmp_path), StaticEmbedder.shipped())
    request = SearchRequest("how requests are retried")
    found = Engine().candidates(corpus, understand(request.query), StaticEmbedder.shipped(), request)
    whole = found.features[:, NAMES.index("file_dense_whole")]
    of_file = {path: set(whole[found.pool.files == i]) for i, path in enumerate(found.pool.paths)}
    assert of_file["retrying.py"] == {1.0}, "the nearest file, said of each of its chunks alike"
    assert max(of_file["base.py"]) < 0
