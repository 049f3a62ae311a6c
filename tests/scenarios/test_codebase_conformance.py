"""The official conformance suite and the Inspector against codebase-server; needs Node 22 and npm."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bench.conformance.eras import OWN_CHECKS, REVISIONS, requirements, why_inapplicable
from bench.conformance.suite import ACTIVE_SCENARIOS, APPLICABLE, conformance, free_port, inspect, serving

from .conftest import World

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


@pytest.mark.parametrize("scenario", APPLICABLE)
def test_the_server_passes_what_applies_to_it(world: World, scenario: str) -> None:
    port = free_port()
    command = ["-m", "codebase_server", "serve", "--no-token", "--port", str(port)]
    with serving(command, port, world.environment(), world.folder) as url:
        (result,) = conformance(url, scenario)
    assert result.failed == 0


def test_a_server_with_the_suites_fixtures_on_our_transport_passes_all_of_it(tmp_path: Path) -> None:
    port = free_port()
    command = ["-m", "bench.conformance.fixture_server", str(port)]
    with serving(command, port, {"PYTHONPATH": str(Path(__file__).parents[2])}, tmp_path) as url:
        results = conformance(url)
        # the suite's clients wait a moment only: what failed in the crowd of thirty is asked again alone
        failed = [one.name for one in results if one.failed and conformance(url, one.name)[0].failed]
    assert len(results) == ACTIVE_SCENARIOS
    assert failed == []


def test_the_inspector_finds_the_schemas_portable_and_calls_a_tool(world: World) -> None:
    target = [sys.executable, "-m", "codebase_server"]
    environment = world.environment()
    strict = inspect(target, environment, "--method", "tools/list", "--strict")
    assert strict.returncode == 0, strict.stderr
    assert "warning" not in strict.stderr.lower().replace("npm warn", ""), strict.stderr
    arguments = ("--tool-name", "search_code", "--tool-arg", "query=authentication")
    called = inspect(target, environment, "--method", "tools/call", *arguments)
    assert called.returncode == 0, called.stderr
    assert "authenticate" in called.stdout


@pytest.mark.parametrize("revision", REVISIONS)
def test_nothing_that_a_revision_requires_fails_but_what_needs_the_suites_fixtures(
    world: World, revision: str
) -> None:
    port = free_port()
    command = ["-m", "codebase_server", "serve", "--no-token", "--port", str(port)]
    with serving(command, port, world.environment(), world.folder) as url:
        rows = requirements(url, revision)
    failed = [row.name for row in rows if row.failed > OWN_CHECKS.get(row.name, 0)]
    assert [name for name in failed if not why_inapplicable(name)] == []
    assert len(rows) - len(failed) >= 10, "most of what applies was run"
