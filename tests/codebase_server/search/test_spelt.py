"""Names land on their definitions: constants, fields and aliases too, spelt as they were asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from bench.retrieval.memory import MemoryCorpus, parse

from codebase_server.embed.static import StaticEmbedder
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.search.candidates import lexical
from codebase_server.search.candidates.reader import SegmentReader
from codebase_server.search.corpus import Defined
from codebase_server.search.defining import MOST_DEFINED, definers
from codebase_server.search.engine import Engine
from codebase_server.search.query import understand
from codebase_server.search.request import SearchRequest
from codebase_server.search.stored import StoredCorpus
from codebase_server.store import Registry

Answer = Callable[[str], tuple[str, int, int]]
MANY = "many.py"

FILES = {
    "pool.py": (
        "RELEASE_TIMEOUT = 30\n\nLeases = dict[str, float]\n\n\n"
        "class Pool:\n    idle_leases: int = 0\n\n    def release(self):\n        return RELEASE_TIMEOUT\n\n"
        "    def helpers(self):\n        return self.release()\n"
    ),
    "helpers.py": (
        "from pool import RELEASE_TIMEOUT, Pool\n\n\nclass Helpers:\n    '''What helpers use.'''\n\n"
        "    def idle(self, pool):\n        return pool.idle_leases < RELEASE_TIMEOUT\n"
    ),
    "session.py": (
        "from pool import RELEASE_TIMEOUT, Leases\n\n\n"
        "class Session:\n    def release(self, leases: Leases):\n"
        "        '''Wait RELEASE_TIMEOUT, RELEASE_TIMEOUT again, then release Leases.'''\n"
        "        return RELEASE_TIMEOUT * RELEASE_TIMEOUT + len(leases)\n"
    ),
    "buffer.h": (
        "#define BUFFER_LIMIT 64\ntypedef struct buffer_s buffer_t;\nint buffer_flush(buffer_t *b);\n"
        "template <class T> struct printer { int print(T); };\n"
        "template <> struct printer<int> {\n  int a;\n  int b;\n  int c;\n  int print(int);\n};\n"
    ),
    "buffer.c": (
        '#include "buffer.h"\n\nint buffer_flush(buffer_t *b) {\n  int n = BUFFER_LIMIT;\n'
        "  while (n > 0 && b) {\n    n--;\n  }\n  return n + BUFFER_LIMIT;\n}\n"
    ),
    MANY: "".join(
        f"class C{i}:\n    def crowd(self):\n        return {i}\n\n\n" for i in range(MOST_DEFINED + 1)
    ),
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> MemoryCorpus:
    root = tmp_path_factory.mktemp("tree")
    for path, text in FILES.items():
        (root / path).write_text(text)
    return MemoryCorpus(parse(root), StaticEmbedder.shipped())


@pytest.fixture(scope="module")
def first(corpus: MemoryCorpus) -> Answer:
    """The file and the lines of a question's best chunk."""
    engine = Engine()

    def answer(text: str) -> tuple[str, int, int]:
        hit = engine.search(corpus, SearchRequest(text), StaticEmbedder.shipped()).results[0]
        return hit.file_path, *(hit.best or (hit.start_line, hit.end_line))

    return answer


def defining(corpus: MemoryCorpus, text: str) -> list[tuple[int, Defined]]:
    query, table = understand(text), corpus.table()
    reader = SegmentReader()
    headers = reader.headers(corpus.connection, reader.segments(corpus.connection))
    view = lexical.text_view(table.live, table.file_of, len(table.paths), headers)
    return definers(
        corpus, table, query, lexical.score(corpus.connection, reader, view, query, None).hits.counts
    )


@pytest.mark.parametrize(
    ("asked", "path", "line"),
    [
        ("RELEASE_TIMEOUT", "pool.py", 1),
        ("release_timeout", "pool.py", 1),
        ("Leases", "pool.py", 3),
        ("idle_leases", "pool.py", 7),
        ("Pool.idle_leases", "pool.py", 7),
        ("Helpers", "helpers.py", 4),
        ("class Helpers", "helpers.py", 4),
        ("Pool.helpers", "pool.py", 12),
        ("Pool.release", "pool.py", 9),
        ("Session#release()", "session.py", 5),
        ("BUFFER_LIMIT", "buffer.h", 1),
        ("#define BUFFER_LIMIT", "buffer.h", 1),
        ("buffer_t", "buffer.h", 2),
        ("buffer_flush", "buffer.c", 3),
        ("bufferFlush", "buffer.c", 3),
        ("release_time", "pool.py", 1),
        ("printer", "buffer.h", 4),
    ],
)
def test_a_name_is_answered_with_its_definition(first: Answer, asked: str, path: str, line: int) -> None:
    file, start, end = first(asked)
    assert file == path
    assert start <= line <= end


def test_a_name_of_hundreds_of_things_says_nothing_by_itself(corpus: MemoryCorpus) -> None:
    assert defining(corpus, "crowd") == []
    (found,) = defining(corpus, "C7.crowd")[:1]
    assert found[1].qualified == "C7.crowd", "with its class it is one of few"


def test_only_a_name_is_looked_up_among_definitions(corpus: MemoryCorpus) -> None:
    assert defining(corpus, "how is the pool released") == []


def test_the_beginning_of_a_name_finds_it_unless_it_is_a_name_itself(corpus: MemoryCorpus) -> None:
    assert [found.name for _, found in defining(corpus, "release_time")] == ["RELEASE_TIMEOUT"]
    assert defining(corpus, "float") == [], "code uses it though nothing here defines it"
    assert defining(corpus, "rel") == [], "three letters are no beginning"


def test_a_folder_left_out_has_no_definition(corpus: MemoryCorpus) -> None:
    request = SearchRequest("RELEASE_TIMEOUT", path="helpers.py")
    hits = Engine().search(corpus, request, StaticEmbedder.shipped()).results
    assert {hit.file_path for hit in hits} == {"helpers.py"}


def test_what_is_said_of_a_name_is_told(corpus: MemoryCorpus) -> None:
    request = SearchRequest("Pool.release", explain=True)
    hit = Engine().search(corpus, request, StaticEmbedder.shipped()).results[0]
    told = {part.feature for part in hit.contributions}
    assert {"spelt", "defined_callable", "defined_whole"} <= told


def test_an_index_on_disk_lists_the_same_definitions(tmp_path: Path, corpus: MemoryCorpus) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    for path, text in FILES.items():
        (folder / path).write_text(text)
    options = IndexOptions(embedder="static", watch=False, workers=0)
    index = RootIndex(folder, Registry(tmp_path / "data"), options, repository="r_test")
    index.run_pass()
    with index.snapshot() as snapshot:
        stored = StoredCorpus(snapshot)
        for names, inside, begun in (
            (("release_timeout",), (), False),
            (("release", "Release"), ("session",), False),
            (("printer",), (), False),
            (("crowd",), ("c7",), False),
            (("release",), (), True),
            (("nothing_like_it",), (), False),
        ):
            found = stored.defined(names, inside, 700, begun=begun)
            assert found == corpus.defined(names, inside, 700, begun=begun), names
        assert [one.name for one in stored.defined(("printer",), (), 9)] == ["printer", "printer<int>"]
    index.close()
