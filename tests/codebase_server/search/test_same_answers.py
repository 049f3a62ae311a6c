"""An answer depends on what lies on disk, never on how the index came to hold it.

A small project is edited at random while one index follows along, asked after every
step, folded, restarted and collected. Whenever it is asked, it must answer as an index made
from nothing does, and what it holds in memory must be what reading the database anew gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from codebase_server import embed
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.index.maintenance import collect
from codebase_server.search.candidates.in_memory import VectorsInMemory
from codebase_server.search.candidates.merging import merge_segments
from codebase_server.search.engine import Engine
from codebase_server.search.pool import Pools
from codebase_server.search.request import SearchRequest
from codebase_server.search.stored import StoredCorpus
from codebase_server.search.views import RootView
from codebase_server.store import Registry

WORDS = "parse config token reader cache session widget ledger invoice retry socket header".split()
PATHS = ["app.py", "core/app.py", "core/reader.py", "web/view.js", "notes.md", "zeta.go"]
QUESTIONS = ["parse config", "token reader cache", "where are invoices retried", "widget_session", '"ledger"']

Step = tuple[str, str, list[list[str]]]


def source(path: str, functions: list[list[str]]) -> str:
    """Code in the language of the path, a function for each list of words."""
    parts = []
    for words in functions:
        name, body = "_".join(words[:2]), " ".join(words)
        if path.endswith(".py"):
            parts.append(f"def {name}({words[0]}):\n    # {body}\n    return {words[-1]}({words[0]})\n")
        elif path.endswith(".js"):
            parts.append(f"function {name}({words[0]}) {{\n  // {body}\n  return {words[-1]};\n}}\n")
        elif path.endswith(".go"):
            parts.append(f"func {name}({words[0]} int) int {{\n\t// {body}\n\treturn {words[-1]}\n}}\n")
        else:
            parts.append(f"## {name}\n\n{body}\n")
    return "\n".join(parts)


FUNCTIONS = st.lists(st.lists(st.sampled_from(WORDS), min_size=2, max_size=6), max_size=5)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["write", "write", "write", "delete", "rename", "shift", "restart", "collect", "quiet"]
        ),
        st.sampled_from(PATHS),
        FUNCTIONS,
    ),
    min_size=1,
    max_size=8,
)


class Followed:
    """A project and the index that follows it."""

    def __init__(self, base: Path) -> None:
        self.folder, self.data = base / "project", base / "data"
        self.folder.mkdir()
        self.encoder = embed.load("static")
        self.open()

    def open(self) -> None:
        self.index = opened(self.folder, self.data)
        self.engine, self.pools = Engine(), Pools()

    def take(self, step: Step) -> None:
        what, path, functions = step
        target = self.folder / path
        if what == "write":
            target.parent.mkdir(exist_ok=True)
            target.write_text(source(path, functions))
        elif what == "delete":
            target.unlink(missing_ok=True)
        elif what == "rename" and target.exists():
            target.rename(target.with_name("moved_" + target.name))
        elif what == "shift" and target.exists():
            target.write_text("\n\n" + target.read_text())
        elif what == "restart":
            self.index.close()
            self.open()
        elif what == "collect":
            collect(Registry(self.data), 0)


def opened(folder: Path, data: Path) -> RootIndex:
    options = IndexOptions(embedder="static", watch=False, workers=0)
    return RootIndex(folder, Registry(data), options, repository="r_test")


def answers(index: RootIndex, engine: Engine) -> list[object]:
    """What all questions are answered with, but for the ids."""
    found: list[object] = []
    encoder = embed.load("static")
    with index.snapshot() as snapshot:
        for question in QUESTIONS:
            answer = engine.search(StoredCorpus(snapshot), SearchRequest(query=question, limit=8), encoder)
            found.append((question, answer.total_count, answer.warnings))
            found += [
                (hit.file_path, hit.start_line, hit.end_line, hit.symbol, hit.content, round(hit.score, 5))
                for hit in answer.results
            ]
    return found


@contextmanager
def view_of(index: RootIndex, pools: Pools) -> Iterator[tuple[RootView, RootView]]:
    """The view that was carried on, and one read anew."""
    encoder = embed.load("static")
    assert encoder is not None
    with index.snapshot() as snapshot:
        corpus = StoredCorpus(snapshot)
        yield pools.view(corpus, encoder.model_id), Pools().view(corpus, encoder.model_id)


def assert_same(carried: RootView, anew: RootView) -> None:
    for name in ("live", "file_of", "starts", "ends", "paths", "languages", "kinds"):
        assert list(getattr(carried.table, name)) == list(getattr(anew.table, name)), name
    assert [h.segment_id for h in carried.text.headers] == [h.segment_id for h in anew.text.headers]
    for mine, theirs in zip(carried.text.places, anew.text.places, strict=True):
        assert mine.tolist() == theirs.tolist()
    assert carried.text.lengths.tolist() == anew.text.lengths.tolist()
    assert type(carried.vectors) is type(anew.vectors)
    if isinstance(carried.vectors, VectorsInMemory) and isinstance(anew.vectors, VectorsInMemory):
        query = np.ones(256, dtype=np.float32)
        every = np.arange(len(anew.table.live), dtype=np.int32)
        np.testing.assert_allclose(
            carried.vectors.cosines(query, every), anew.vectors.cosines(query, every), atol=1e-6
        )
        assert (
            carried.vectors.nearest(query, 5)[1].round(5).tolist()
            == anew.vectors.nearest(query, 5)[1].round(5).tolist()
        )


# Each example makes several indexes: a failure is told as it was found, shrinking it would take minutes.
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(first=st.lists(FUNCTIONS, min_size=len(PATHS), max_size=len(PATHS)), steps=STEPS)
def test_answers_do_not_depend_on_the_way(
    tmp_path_factory: pytest.TempPathFactory, first: list[list[list[str]]], steps: list[Step]
) -> None:
    followed = Followed(tmp_path_factory.mktemp("same"))
    for path, functions in zip(PATHS, first, strict=True):
        followed.take(("write", path, functions))
    followed.index.run_pass()
    for number, step in enumerate([("quiet", "", []), *steps]):
        followed.take(step)
        followed.index.refresh(10.0)
        with view_of(followed.index, followed.pools) as (carried, anew):
            assert_same(carried, anew)
        fresh = opened(followed.folder, followed.data.with_name(f"fresh{number}"))
        fresh.run_pass()
        assert answers(followed.index, followed.engine) == answers(fresh, Engine())
        fresh.close()
    followed.index.close()


def test_segments_folded_between_two_questions_are_read_where_they_are_now(tmp_path: Path) -> None:
    followed = Followed(tmp_path)
    for number, words in enumerate(WORDS):
        (followed.folder / f"{words}.py").write_text(f"def {words}_{number}():\n    return '{words} only'\n")
        followed.index.run_pass()
    before = answers(followed.index, followed.engine)
    generation = followed.index.status().generation
    connection = followed.index.database.writer()
    segments = [row[0] for row in connection.execute("SELECT segment_id FROM segment")]
    assert len(segments) > 1
    connection.execute("BEGIN IMMEDIATE")
    merge_segments(connection, segments, lambda ids: ids >= 0)
    connection.execute("COMMIT")
    connection.close()
    assert followed.index.status().generation == generation
    with followed.index.snapshot() as snapshot:
        # a word that was not asked for before: its postings are in no cache
        found = followed.engine.search(
            StoredCorpus(snapshot), SearchRequest(query="header"), followed.encoder
        )
    assert found.results[0].file_path == "header.py"
    assert answers(followed.index, followed.engine) == before
    followed.index.close()
