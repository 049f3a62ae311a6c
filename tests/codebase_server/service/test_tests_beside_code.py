"""Tests that stand in a file of code are tests: to the filter by kind, to ranking, and by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from codebase_server.service import CodebaseService
from codebase_server.settings import load

CODE = """use std::fs;

/// Waters one plant until the soil is wet.
pub fn water(plant: &mut Plant) -> u32 {
    plant.soil += 3;
    plant.soil
}

#[cfg(any(test, feature = "fakes"))]
pub fn fake_plant() -> Plant {
    Plant { soil: 0 }
}

#[cfg(not(test))]
pub fn real_plant() -> Plant {
    Plant { soil: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dry_plant() -> Plant {
        Plant { soil: 0 }
    }

    #[test]
    fn water_makes_soil_wet() {
        let mut plant = dry_plant();
        assert_eq!(water(&mut plant), 3);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn water_again() {
        water(&mut dry_plant());
    }
}
"""

FILES = {
    "src/plant.rs": CODE,
    "src/pond.zig": "pub fn fill(pond: *Pond) u32 {\n    return pond.level;\n}\n\n"
    'test "fill makes the pond full" {\n    try expect(fill(&pond) == 3);\n}\n\n'
    "test fill {\n    _ = fill(&pond);\n}\n",
    "tests/garden.rs": "#[test]\nfn garden_grows() {\n    assert!(water(&mut rose()) > 0);\n}\n",
}

OF_TESTS = {
    "tests",
    "tests.dry_plant",
    "tests.water_makes_soil_wet",
    "tests.water_again",
    "fill makes the pond full",
    "test fill",
    "garden_grows",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "garden"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def service(root: Path, tmp_path: Path) -> Iterator[CodebaseService]:
    service = CodebaseService(load({"root": (root,), "data_dir": str(tmp_path / "data")}, {}))
    service.index_repository()
    yield service
    service.close()


def symbols(service: CodebaseService, query: str, kind: Literal["code", "tests"]) -> set[str]:
    results = service.search_code(query, kind=kind, limit=30)["results"]
    assert {one["kind"] for one in results} <= {kind}
    return {one["symbol"] for one in results}


def test_the_filter_by_kind_tells_them_from_the_code_around_them(service: CodebaseService) -> None:
    asked = ["water plant soil", "dry plant", "multi_thread", "fill pond full", "_ = fill", "garden grows"]
    tests = {name for query in asked for name in symbols(service, query, "tests")}
    assert tests <= OF_TESTS | {""}
    assert {"tests.water_makes_soil_wet", "fill makes the pond full", "garden_grows"} <= tests
    code = {name for query in asked for name in symbols(service, query, "code")}
    assert not code & OF_TESTS
    assert "fake_plant" in symbols(service, "fake_plant", "code")
    assert "real_plant" in symbols(service, "real_plant", "code")


def test_the_code_comes_before_its_test(service: CodebaseService) -> None:
    results = service.search_code("water makes soil wet", limit=10)["results"]
    assert results[0]["symbol"] == "water"


def test_a_test_that_is_written_into_a_running_index_is_one_at_once(
    service: CodebaseService, root: Path
) -> None:
    service.search_code("water", kind="tests")
    more = "\n#[cfg(test)]\nmod more {\n    #[test]\n    fn roses_drink() {\n        water(rose);\n    }\n}\n"
    (root / "src/plant.rs").write_text(CODE + more, encoding="utf-8")
    assert "more.roses_drink" in symbols(service, "roses drink", "tests")
    assert "more.roses_drink" not in symbols(service, "roses drink", "code")


def test_the_outline_and_find_symbol_call_them_tests(service: CodebaseService) -> None:
    kinds = {one["symbol"]: one["symbol_kind"] for one in service.outline("src/plant.rs")["entries"]}
    assert kinds["tests.water_makes_soil_wet"] == kinds["tests.water_again"] == "test"
    assert kinds["tests.dry_plant"] == kinds["water"] == "function"
    assert [one["symbol_kind"] for one in service.find_symbol("test fill")["results"]] == ["test"]
