"""Where prose is cut: at what is a heading in its own language, and at nothing else."""

from __future__ import annotations

import textwrap

import pytest

from codebase_server.chunks.sections import sections_of

CASES = {
    "Markdown: bullets, emphasis and equals signs are no headings": (
        "markdown",
        """
        # Guide

        * first bullet
        ** bold **
        = not a heading here
        *emphasis*

        ## Next ##
        """,
        ["1 Guide", "8 Guide.Next"],
    ),
    "Markdown: the fence behind a short last line of code does not underline it": (
        "markdown",
        """
        # Guide

        ```ruby
        # a comment
        end
        ```

        * bullet
        """,
        ["1 Guide"],
    ),
    "Markdown: a longer fence holds a shorter one": (
        "markdown",
        """
        # Guide
        ````md
        ```
        # inside
        ```
        ````
        # Behind
        """,
        ["1 Guide", "7 Behind"],
    ),
    "Markdown: underlined": (
        "markdown",
        """
        Guide
        =====

        Next
        ----
        """,
        ["1 Guide", "4 Guide.Next"],
    ),
    "reStructuredText: tildes underline, and open no fence": (
        "restructuredtext",
        """
        Guide
        =====

        Part
        ~~~~

        * bullet

        Other
        ~~~~~
        """,
        ["1 Guide", "4 Guide.Part", "9 Guide.Other"],
    ),
    "Org: stars": ("org", "* Guide\n- bullet\n# comment\n** Next\n", ["1 Guide", "4 Guide.Next"]),
    "AsciiDoc: equals signs": ("asciidoc", "= Guide\n\n* bullet\n\n== Next\n", ["1 Guide", "5 Guide.Next"]),
    "RDoc: equals signs": ("rdoc", "= Guide\n\n* bullet\n\n== Next\n", ["1 Guide", "5 Guide.Next"]),
}


@pytest.mark.parametrize(("language", "text", "expected"), CASES.values(), ids=CASES)
def test_only_headings_of_the_language_begin_sections(language: str, text: str, expected: list[str]) -> None:
    lines = textwrap.dedent(text).strip("\n").split("\n")
    assert [f"{item.start} {item.qualified}" for item in sections_of(lines, language)] == expected


def test_a_heading_is_named_by_what_a_reader_sees_of_it() -> None:
    text = """
    # Clinic [![Build](https://example.org/a.svg)](https://example.org/b) ![x][y]
    ## The [tutorial](docs/a.md) and [notes][n] of 2.1
    ## ![Logo](logo.png)
    ## [ ] unticked
    """
    items = sections_of(textwrap.dedent(text).strip().split("\n"))
    assert [item.name for item in items] == [
        "Clinic",
        "The tutorial and notes of 2 1",
        "Logo",
        "[ ] unticked",
    ]
