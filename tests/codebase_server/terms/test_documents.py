"""A chunk's term counts per field."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from codebase_server.records import Chunk
from codebase_server.terms import (
    FIELDS,
    TermDocument,
    TermTable,
    document,
    documents,
    of_query,
    vocabulary,
)
from codebase_server.terms.identifiers import term_id


def chunk(content: str, symbol: str = "", signature: str = "", doc: str = "", derived: str = "") -> Chunk:
    return Chunk(
        1, content.count("\n") + 1, content, symbol=symbol, signature=signature, doc=doc, derived=derived
    )


def count(found: TermDocument, word: str, field: str) -> int:
    at = np.searchsorted(found.terms, np.uint64(term_id("word", word)))
    if at == len(found.terms) or found.terms[at] != term_id("word", word):
        return 0
    return int(found.counts[at, FIELDS.index(field)])


def test_each_field_counts_its_own_text() -> None:
    found = document(
        chunk("def send(self):\n    retry(); retry()", "Session.send", "def send(self)", "Sends it."),
        "net/http.py",
    )
    assert [count(found, "send", field) for field in FIELDS] == [1, 0, 1, 1, 1]
    assert count(found, "net", "path") == 1
    assert count(found, "retri", "body") == 2
    assert count(found, "retri", "symbol") == 0


def test_a_class_is_found_by_the_signatures_of_its_members() -> None:
    found = document(chunk("class Pool:", "Pool", "class Pool:", derived="def acquire(self)"), "pool.py")
    assert count(found, "acquir", "signature") == 1
    assert count(found, "acquir", "body") == 0


def test_lengths_are_identifiers_per_field() -> None:
    found = document(chunk("a = parseHeaders(b)", "f.g", doc="one two three"), "x/y.py")
    assert found.lengths.tolist() == [2, 3, 0, 3, 3]


def test_a_table_of_data_saturates_instead_of_overflowing() -> None:
    names = " ".join(f"value_{i}{'abcdefghijklmnopqrstuvwxyz'[i % 26]}" * 1 for i in range(20_000))
    found = document(chunk(names), "table.py")
    assert count(found, "valu", "body") == 255
    repeated = document(
        chunk(" ".join(f"v{c}X{d}" * 1 + (" " + f"v{c}X{d}") * 300 for c in "ab" for d in "cd")), "t.py"
    )
    assert count(repeated, "va", "body") == 255


def test_counts_of_neighbouring_fields_never_mix() -> None:
    found = document(chunk("word " * 4000, doc="word " * 300, symbol="word"), "a.py")
    assert [count(found, "word", field) for field in FIELDS] == [1, 0, 0, 255, 255]


@given(st.text(max_size=400), st.text(max_size=40))
def test_any_text_gives_sorted_distinct_terms(content: str, symbol: str) -> None:
    found = document(chunk(content, symbol), "a/b.py")
    assert (np.diff(found.terms.astype(object)) > 0).all()
    assert found.counts.shape == (len(found.terms), len(FIELDS))
    assert (found.counts.sum(axis=1, dtype=int) > 0).all()


def test_every_term_can_be_explained() -> None:
    code = chunk("async def openWebSocket(url): ...", "Client.openWebSocket")
    names = vocabulary(code, "ws/client.py")
    assert {int(term) for term in document(code, "ws/client.py").terms} == set(names)
    assert names[term_id("pair", "websocket")] == "pair:websocket"


def test_a_question_has_the_terms_of_the_code_it_asks_for() -> None:
    asked = of_query('where is "max retries" in WebSocketClient.connect?')
    assert asked.literals == ("max retries",)
    token = next(token for token in asked.tokens if token.text == "WebSocketClient")
    assert token.parts == ("web", "socket", "client")
    assert token.whole == term_id("whole", "websocketclient")
    assert term_id("pair", "websocket") in token.pairs
    assert set(document(chunk("WebSocketClient"), "a.py").terms) & set(asked.terms)


texts = st.lists(
    st.sampled_from(["parseHeaders", "parse_headers", "send", "HTTPServer2", "x", "42", "Größe"])
)


@given(st.lists(st.tuples(texts, texts, texts, st.sampled_from(["net/http.py", "a/b/parse.go", "x"]))))
def test_chunks_analysed_together_have_the_terms_they_have_alone(
    given_chunks: list[tuple[list[str], list[str], list[str], str]],
) -> None:
    chunks = [
        (chunk(" ".join(body), ".".join(symbol), doc=" ".join(doc)), path)
        for body, symbol, doc, path in given_chunks
    ]
    table = documents(chunks)
    assert len(table) == len(chunks)
    for one, together in zip(chunks, table.documents(), strict=True):
        alone = document(*one)
        assert together.terms.tolist() == alone.terms.tolist()
        assert together.counts.tolist() == alone.counts.tolist()
        assert together.lengths.tolist() == alone.lengths.tolist()
    middle = table.part(len(chunks) // 3, len(chunks))
    assert [d.terms.tolist() for d in middle.documents()] == [
        d.terms.tolist() for d in table.documents()[len(chunks) // 3 :]
    ]
    assert as_lists(TermTable.joined([table.part(0, len(chunks) // 3), middle])) == as_lists(table)
    assert as_lists(TermTable.of(table.documents())) == as_lists(table)
    assert table.vocabulary is not None
    distinct, place = table.vocabulary
    assert distinct[place].tolist() == table.terms.tolist()


def as_lists(table: TermTable) -> list[list[object]]:
    return [part.tolist() for part in (table.terms, table.counts, table.lengths, table.starts)]


def test_some_chunks_of_a_table_are_chosen_by_their_places() -> None:
    table = documents([(chunk(body), "a.py") for body in ("one", "two three", "four")])
    chosen = table.chosen([2, 0])
    assert [one.terms.tolist() for one in chosen.documents()] == [
        table.document(at).terms.tolist() for at in (2, 0)
    ]
    assert table.chosen([0, 1, 2]) is table
    assert len(table.chosen([])) == 0


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=40), max_size=6))
def test_an_identifier_is_a_run_of_word_characters_in_any_text(contents: list[str]) -> None:
    table = documents([(Chunk(1, 1, content), "a.py") for content in contents])
    wanted = [len(re.findall(r"\w+", content)) for content in contents]
    assert table.lengths[:, FIELDS.index("body")].tolist() == wanted


def test_control_characters_part_identifiers() -> None:
    made = documents([(Chunk(1, 1, "one\x01two\x1cthree\x85four"), "a.py"), (Chunk(2, 2, "\x01"), "a.py")])
    assert made.lengths[:, FIELDS.index("body")].tolist() == [4, 0]
