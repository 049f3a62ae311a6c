"""Each line of the threat model, and the table of results, name tests that exist; licences fit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bench.licences import ALLOWED, licences

HERE = Path(__file__).parents[2]
MODEL = (HERE / "docs" / "security.md").read_text("utf-8")
RESULTS = (HERE / "docs" / "benchmarks" / "trust.md").read_text("utf-8")
NAMES = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", MODEL + RESULTS)))


def test_the_model_names_many_tests() -> None:
    assert len(NAMES) > 25


@pytest.mark.parametrize(("file", "test"), NAMES)
def test_each_named_test_exists(file: str, test: str) -> None:
    assert re.search(rf"^(?:async )?def {test}\(", (HERE / file).read_text("utf-8"), re.MULTILINE)


def test_every_line_of_a_table_names_its_test() -> None:
    rows = [line for line in MODEL.splitlines() if line.startswith("| ") and line.count("|") == 4]
    bare = [row for row in rows if "::test_" not in row and not row.endswith("| test |")]
    assert bare == []


def test_every_dependency_has_a_licence_that_may_be_shipped_with() -> None:
    found = licences()
    assert len(found) > 20
    assert {name: licence for name, licence in found.items() if not ALLOWED.search(licence)} == {}
