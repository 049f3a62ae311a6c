"""A name that is remembered in another style, or without one of its words, leads to the definition."""

import pytest
from tests.codebase_server.symbols.conftest import Indexed

CODE = {
    "src/contacts.ts": "export class DestroyContact {\n  run(id: string) {\n    return id\n  }\n}\n\n"
    "export function randomId(): string {\n  return 'x'\n}\n",
    "src/stamp.py": "class Reader:\n    retry_limit = 3\n\n    def verify_notebook_stamp(self, text):\n"
    "        return text\n",
    "src/VCardReader.php": "<?php\nclass ImportVCardResource {\n  function go() {\n    return 1;\n  }\n}\n",
}


@pytest.mark.parametrize(
    ("asked", "symbol"),
    [
        ("destroy_contact", "DestroyContact"),
        ("destroy contact", "DestroyContact"),
        ("random-id", "randomId"),
        ("RandomID", "randomId"),
        ("Reader.verifyNotebookStamp", "Reader.verify_notebook_stamp"),
        ("retryLimit", "Reader.retry_limit"),
    ],
)
def test_the_same_letters_in_another_style(indexed: Indexed, asked: str, symbol: str) -> None:
    answer = indexed(CODE).find_symbol(asked)
    assert [one["symbol"] for one in answer["results"]] == [symbol]
    assert f"{symbol.rpartition('.')[2]} is shown" in answer["warnings"][0]


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("verify_stamp", "verify_notebook_stamp"),
        ("vcard", "ImportVCardResource"),
        ("contacts destroy", "DestroyContact"),
        ("contacts archive", ""),
    ],
)
def test_a_name_with_a_word_left_out_is_offered_those_that_have_all_of_its_words(
    indexed: Indexed, asked: str, offered: str
) -> None:
    answer = indexed(CODE).find_symbol(asked)
    assert not answer["results"]
    assert (f"Did you mean {offered}" in answer["warnings"][0]) is bool(offered)


def test_a_class_with_a_part_of_another_name_is_not_taken_for_it(indexed: Indexed) -> None:
    answer = indexed(CODE).find_symbol("Other.verifyNotebookStamp")
    assert not answer["results"]


@pytest.mark.parametrize("asked", ["\u202e\u2066evil\u2069", "@@@@", "éé", "__", "123", "\u2066 \u2069"])
def test_a_name_without_words_is_spelt_in_no_other_way(indexed: Indexed, asked: str) -> None:
    assert indexed(CODE).find_symbol(asked)["results"] == []
