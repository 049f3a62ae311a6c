"""What was foreseen is told in one form, to programs and to people."""

from __future__ import annotations

import pytest

from bridge.agreed.errors import TandemError, did_you_mean, section_of


def test_an_error_says_what_happened_and_what_to_do() -> None:
    error = TandemError("chunk_not_found", "Chunk 'c_x' not found.", "Search again.", details={"was": [1]})
    assert (error.code, error.message, error.hint) == (
        "chunk_not_found", "Chunk 'c_x' not found.", "Search again.",
    )  # fmt: skip
    assert error.text == str(error) == "Chunk 'c_x' not found. Search again."
    assert error.args == ("Chunk 'c_x' not found.",)
    assert error.section == "docs/troubleshooting.md#chunk_not_found" == section_of("chunk_not_found")
    assert error.body == {
        "error": "chunk_not_found",
        "message": "Chunk 'c_x' not found.",
        "hint": "Search again.",
        "see": "docs/troubleshooting.md#chunk_not_found",
        "was": [1],
    }


def test_an_error_without_a_hint_has_nothing_after_its_message() -> None:
    error = TandemError("busy", "Wait.")
    assert (error.text, error.hint, error.details) == ("Wait.", "", {})


def test_details_are_the_error_s_own() -> None:
    given = {"file": "a"}
    error = TandemError("lost", "Gone.", details=given)
    given["file"] = "b"
    assert error.details == {"file": "a"}


def test_what_was_meant_is_offered_in_its_own_letters_when_it_is_close() -> None:
    words = ["Planned", "active", "completed"]
    assert did_you_mean("planed", words) == " Did you mean `Planned`?"
    assert did_you_mean("COMPLETE", words) == " Did you mean `completed`?"
    assert did_you_mean("acitve", iter(words)) == " Did you mean `active`?"
    assert did_you_mean("done", words) == " Did you mean `completed`?", "a word of other trackers"
    assert did_you_mean("zebra", words) == did_you_mean("done", ["x"]) == did_you_mean("x", []) == ""


@pytest.mark.parametrize(
    ("given", "meant"),
    [("kind", "symbol_kind"), ("symbol", "name"), ("query", "name"), ("file_path", "path"), ("repo", "root")],
)
def test_an_argument_of_another_tool_means_the_one_of_this(given: str, meant: str) -> None:
    arguments = ["name", "symbol_kind", "path", "usages", "limit", "root"]
    assert did_you_mean(given, arguments) == f" Did you mean `{meant}`?"


def test_only_what_is_three_fifths_alike_is_close() -> None:
    assert did_you_mean("abcxy", ["abcde"]) == " Did you mean `abcde`?"
    assert did_you_mean("abxyz", ["abcde"]) == ""


def test_a_value_of_any_length_makes_no_long_error() -> None:
    error = TandemError("project_not_found", f"There is no project '{'x' * 9_000_000}'.", "y" * 5_000)
    assert len(error.text) < 4_200
    assert error.message.startswith("There is no project 'xxx")
    assert error.message.endswith("xxx'.")
    assert "characters)" in error.message
    assert error.body["message"] == error.message
