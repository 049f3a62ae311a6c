"""Segments hold exactly what was written, through any history of writing and merging."""

import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codebase_server.records import Chunk
from codebase_server.search.candidates import merging, postings
from codebase_server.search.candidates.codes import CAPS, pack, unpack
from codebase_server.search.candidates.reader import SegmentReader
from codebase_server.terms import TermDocument, document

WORDS = [f"word{chr(97 + i)}" for i in range(12)]


def opened() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for statement in postings.DDL:
        connection.execute(statement)
    return connection


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = opened()
    yield made
    made.close()


def terms_of(text: str) -> TermDocument:
    return document(Chunk(1, 1, text, symbol=text.split(" ", 1)[0]), "a/b.py")


def all_postings(connection: sqlite3.Connection) -> dict[tuple[int, int], int]:
    """(term, version id) to code, read block by block."""
    found = {}
    for segment_id, version_blob in connection.execute("SELECT segment_id, version_ids FROM segment"):
        versions = np.frombuffer(version_blob, np.int32)
        for (data,) in connection.execute("SELECT data FROM posting WHERE segment_id = ?", (segment_id,)):
            block = postings.Block(data)
            low = 0
            for term, high in zip(block.terms.tolist(), block.ends.tolist(), strict=True):
                for number, code in zip(block.documents[low:high], block.codes[low:high], strict=True):
                    key = (term, int(versions[number]))
                    assert key not in found, "a posting twice"
                    found[key] = int(code)
                low = high
    return found


def expected(documents: dict[int, TermDocument]) -> dict[tuple[int, int], int]:
    return {
        (int(term), version): int(code)
        for version, made in documents.items()
        for term, code in zip(made.terms.view(np.int64), pack(made.counts), strict=True)
    }


@settings(max_examples=40, deadline=None)
@given(
    batches=st.lists(
        st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8), min_size=1, max_size=6),
        min_size=1,
        max_size=6,
    ),
    data=st.data(),
)
def test_merging_keeps_every_posting_of_the_living_and_none_of_the_dead(
    batches: list[list[list[str]]], data: st.DataObject
) -> None:
    connection = opened()
    everything: dict[int, TermDocument] = {}
    segments = []
    for batch in batches:
        written = {len(everything) + i: terms_of(" ".join(words)) for i, words in enumerate(batch)}
        everything |= written
        segments += postings.write_segment(connection, list(written.items()))
    assert all_postings(connection) == expected(everything)

    dead = data.draw(st.sets(st.sampled_from(sorted(everything))))
    chosen = data.draw(st.sets(st.sampled_from(segments), min_size=1))
    alive = np.array(sorted(set(everything) - dead), dtype=np.int32)
    in_chosen = {
        int(v)
        for s in chosen
        for v in np.frombuffer(
            connection.execute("SELECT version_ids FROM segment WHERE segment_id = ?", (s,)).fetchone()[0],
            np.int32,
        )
    }
    merging.merge_segments(connection, sorted(chosen), lambda ids: np.isin(ids, alive))
    left = {v: made for v, made in everything.items() if v not in (dead & in_chosen)}
    assert all_postings(connection) == expected(left)
    connection.close()


def test_a_large_segment_is_found_term_by_term_through_its_blocks(connection: sqlite3.Connection) -> None:
    texts = {
        v: terms_of(" ".join(f"name{v % 7} id{v} other{v * 31 % 977}" for _ in range(2)))
        for v in range(3_000)
    }
    postings.write_segment(connection, list(texts.items()))
    assert connection.execute("SELECT count(*) FROM posting").fetchone()[0] > 3
    reader = SegmentReader()
    (header,) = reader.headers(connection, reader.segments(connection))
    wanted = expected(texts)
    by_term: dict[int, dict[int, int]] = {}
    for (term, version), code in wanted.items():
        by_term.setdefault(term, {})[version] = code
    for term, of_versions in by_term.items():
        [(_, *found)] = reader.postings(connection, header, [term])
        assert found is not None
        assert dict(zip(header.version_ids[found[0]].tolist(), found[1].tolist(), strict=True)) == of_versions
    for absent in (-(2**63), 0, 2**63 - 1):
        assert reader.postings(connection, header, [absent]) == []


def test_a_version_cannot_be_written_twice_in_a_batch(connection: sqlite3.Connection) -> None:
    with pytest.raises(ValueError, match="twice"):
        postings.write_segment(connection, [(1, terms_of("a")), (1, terms_of("b"))])


def test_an_empty_batch_writes_nothing(connection: sqlite3.Connection) -> None:
    assert postings.write_segment(connection, []) == []


def test_a_document_without_terms_is_known_by_its_length_alone(connection: sqlite3.Connection) -> None:
    postings.write_segment(connection, [(7, document(Chunk(1, 1, "+ - *"), ""))])
    ids, lengths = merging.read_header(connection, 1)
    assert ids.tolist() == [7]
    assert lengths.sum() == 0


def test_many_small_batches_stay_few_segments(connection: sqlite3.Connection) -> None:
    for version in range(300):
        postings.write_segment(connection, [(version, terms_of(f"a b{version}"))])
        while chosen := merging.plan_merge(connection):
            merging.merge_segments(connection, chosen, lambda ids: ids >= 0)
    assert connection.execute("SELECT count(*) FROM segment").fetchone()[0] < 32
    assert connection.execute("SELECT sum(documents) FROM segment").fetchone()[0] == 300


def test_segments_that_would_become_too_large_are_left_as_they_are(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "_LARGEST_MERGED", 10)
    for first in range(0, 80, 8):
        postings.write_segment(connection, [(first + n, terms_of(f"a b{n}")) for n in range(8)])
    assert merging.plan_merge(connection) == []
    monkeypatch.setattr(merging, "_LARGEST_MERGED", 20)
    assert merging.plan_merge(connection) == [1, 2]


def test_more_documents_than_a_segment_may_have_are_refused_and_nothing_is_lost(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    postings.write_segment(connection, [(1, terms_of("a")), (2, terms_of("b"))])
    postings.write_segment(connection, [(3, terms_of("c"))])
    before = all_postings(connection)
    monkeypatch.setattr(merging, "LARGEST_SEGMENT", 2)
    with pytest.raises(ValueError, match="3 documents do not fit into one segment of at most 2"):
        merging.merge_segments(connection, [1, 2], lambda ids: ids >= 0)
    assert all_postings(connection) == before
    with pytest.raises(ValueError, match="There is no segment 9"):
        merging.merge_segments(connection, [1, 9], lambda ids: ids >= 0)


def test_segments_of_other_terms_are_dropped_and_their_versions_named(connection: sqlite3.Connection) -> None:
    postings.write_segment(connection, [(1, terms_of("a")), (5, terms_of("b"))])
    connection.execute("UPDATE segment SET terms_version = terms_version - 1")
    postings.write_segment(connection, [(6, terms_of("c"))])
    assert merging.drop_outdated(connection).tolist() == [1, 5]
    assert merging.drop_outdated(connection).tolist() == []
    assert {version for _, version in all_postings(connection)} == {6}


@given(st.lists(st.tuples(*[st.integers(0, 255)] * 5), min_size=1))
def test_codes_keep_counts_up_to_their_caps(rows: list[tuple[int, ...]]) -> None:
    counts = np.array(rows, dtype=np.uint8)
    assert (unpack(pack(counts)) == np.minimum(counts, CAPS)).all()
