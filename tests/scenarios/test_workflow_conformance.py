"""The official conformance suite and the Inspector against workflow-server; needs Node 22 and npm."""

from __future__ import annotations

import json
import sys

import pytest
from bench.conformance.eras import OWN_CHECKS, REVISIONS, requirements, why_inapplicable
from bench.conformance.suite import APPLICABLE, conformance, free_port, inspect, serving

from .conftest import World

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


@pytest.mark.parametrize("scenario", APPLICABLE)
def test_the_server_passes_what_applies_to_it(world: World, scenario: str) -> None:
    port = free_port()
    command = ["-m", "workflow_server", "web", "--no-token", "--port", str(port)]
    with serving(command, port, world.environment(), world.folder) as url:
        (result,) = conformance(url, scenario)
    assert result.failed == 0


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_the_inspector_finds_the_schemas_portable_and_calls_a_tool(world: World, era: str) -> None:
    target = [sys.executable, "-m", "workflow_server"]
    environment = world.environment() | {"BRIDGE": "off"}
    strict = inspect(target, environment, "--protocol-era", era, "--method", "tools/list", "--strict")
    assert strict.returncode == 0, strict.stderr
    assert "warning" not in strict.stderr.lower().replace("npm warn", ""), strict.stderr
    arguments = ("--tool-name", "create_work_item", "--tool-arg", "title=Inspected")
    called = inspect(target, environment, "--protocol-era", era, "--method", "tools/call", *arguments)
    assert called.returncode == 0, called.stderr
    assert json.loads(called.stdout)["structuredContent"]["id"].startswith("wi_")


@pytest.mark.parametrize("revision", REVISIONS)
def test_nothing_that_a_revision_requires_fails_but_what_needs_the_suites_fixtures(
    world: World, revision: str
) -> None:
    port = free_port()
    command = ["-m", "workflow_server", "web", "--no-token", "--port", str(port)]
    with serving(command, port, world.environment(), world.folder) as url:
        rows = requirements(url, revision)
    failed = [row.name for row in rows if row.failed > OWN_CHECKS.get(row.name, 0)]
    assert [name for name in failed if not why_inapplicable(name)] == []
    assert len(rows) - len(failed) >= 10, "most of what applies was run"
