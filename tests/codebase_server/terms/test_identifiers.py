"""How identifiers become terms."""

import subprocess
import sys

import pytest
import Stemmer
from hypothesis import example, given
from hypothesis import strategies as st
from snowballstemmer.english_stemmer import EnglishStemmer

from codebase_server.terms import identifiers


@pytest.mark.parametrize(
    ("identifier", "parts"),
    [
        ("parseHeaders", ["parse", "headers"]),
        ("parse_headers", ["parse", "headers"]),
        ("HTTPServer2_run", ["http", "server", "2", "run"]),
        ("__init__", ["init"]),
        ("sha256", ["sha", "256"]),
        ("größeÄndern", ["grösse", "ändern"]),
        ("接続プール", ["接続", "続プ", "プー", "ール"]),
        ("log記録", ["log", "記録"]),
        ("字", ["字"]),
    ],
)
def test_an_identifier_is_cut_at_case_underscores_digits_and_scripts(
    identifier: str, parts: list[str]
) -> None:
    assert identifiers.subwords(identifier) == parts


def test_camel_and_snake_spelling_share_every_term() -> None:
    assert identifiers.ids("parseHeaders") == identifiers.ids("parse_headers")


def test_inflected_words_share_a_word_term_but_not_the_whole_term() -> None:
    assert identifiers.stem("timeouts") == identifiers.stem("timeout")
    assert identifiers.term_id("word", "timeout") in identifiers.ids("timeouts")
    assert identifiers.term_id("whole", "timeout") not in identifiers.ids("timeouts")


def test_a_compound_word_is_found_inside_a_longer_identifier() -> None:
    assert identifiers.term_id("pair", "websocket") in identifiers.ids("AsyncWebSocketClient")


def test_the_three_kinds_of_one_text_are_three_terms() -> None:
    assert len({identifiers.term_id(kind, "parse") for kind in ("word", "whole", "pair")}) == 3


def test_a_run_too_long_to_be_a_name_has_no_terms() -> None:
    assert identifiers.ids("A" * (identifiers.LONGEST_IDENTIFIER + 1)) == ()


def test_term_numbers_are_the_same_in_another_process_with_another_hash_seed() -> None:
    code = "from codebase_server.terms import identifiers; print(identifiers.ids('ConnectionPool'))"
    out = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == str(identifiers.ids("ConnectionPool"))


def test_term_numbers_never_change_without_a_new_version() -> None:
    """Stored segments hold these numbers: a change here must raise `TERMS_VERSION`."""
    assert identifiers.term_id("word", "parse") == 8087261616925666503
    assert identifiers.term_id("whole", "parse") == 15617885055530044476


@given(st.text(max_size=60))
def test_any_text_is_analysed_without_error_and_always_alike(text: str) -> None:
    first = identifiers.ids(text)
    assert identifiers.ids(text) == first
    assert first == tuple(identifiers.term_id(kind, string) for kind, string in identifiers.strings(text))
    assert all(0 <= term < 2**64 for term in first)


def test_what_is_remembered_is_bounded_and_what_is_asked_for_again_stays() -> None:
    memory: identifiers.Memory[int] = identifiers.Memory(most=10)
    memory.keep("common", 1)
    for number in range(1_000):
        memory.keep(f"rare{number}", number)
        assert memory.get("common") == 1
    assert memory.get("rare0") is None
    assert memory.get("rare999") == 999
    assert len(memory) <= 20


@given(
    st.from_regex(
        r"[a-z]{1,8}(ing|ed|edly|s|es|ies|ization|fulness|ical|ogi|y|ly|e|ll|ement|eed)?", fullmatch=True
    )
)
@example("skies")
@example("dying")
@example("generously")
def test_both_stemmers_stem_alike(word: str) -> None:
    """That in C is taken where it is installed; term numbers must not depend on it."""
    assert Stemmer.Stemmer("english", 0).stemWord(word) == EnglishStemmer().stemWord(word)
