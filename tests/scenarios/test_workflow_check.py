"""`workflow-server check` in a pipeline: which references are gone, as an exit code and as SARIF."""

from __future__ import annotations

import json
import subprocess
import sys

from .conftest import AUTH, World, without_function


def run(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workflow_server", *arguments],
        cwd=world.repository,
        env=world.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_pipeline_fails_on_what_is_gone_and_says_where_it_was(world: World) -> None:
    world.start_codebase()
    added = run(
        world, "add", "Sessions end", "-r", "src/auth.py::revoke_session", "-r", "src/auth.py::authenticate"
    )
    assert added.returncode == 0, added.stderr
    item_id = added.stdout.split()[0]
    clean = run(world, "check", "--fail-on", "stale,changed")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert "2 valid" in clean.stdout

    world.write("src/auth.py", without_function(AUTH, "revoke_session"))

    failed = run(world, "check", "--fail-on", "stale", "--format", "sarif")
    assert failed.returncode == 5, failed.stdout + failed.stderr
    (result,) = json.loads(failed.stdout)["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("reference-stale", "error")
    assert item_id in result["message"]["text"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "src/auth.py"
    shown = run(world, "show", item_id, "--code")
    assert "sessions.pop" in shown.stdout, "the item must still show the code it was about"

    dropped = run(world, "check", "--drop", f"{item_id}=src/auth.py::revoke_session", "--fail-on", "stale")
    assert dropped.returncode == 0, dropped.stdout + dropped.stderr


def test_without_a_codebase_server_nothing_is_called_gone_nor_fine(world: World) -> None:
    assert run(world, "check", "--fail-on", "stale").returncode == 0, "no reference, nothing to check"
    assert run(world, "add", "About code", "-r", "src/auth.py::login").returncode == 0
    assert run(world, "check").returncode == 0, "nobody asked for a verdict"
    checked = run(world, "check", "--fail-on", "stale", "--wait", "0")
    assert checked.returncode == 6
    assert "The reference could not be checked" in checked.stderr
    assert "code_search_unavailable" in checked.stderr
    assert run(world, "check", "--fail-on", "unchecked", "--wait", "0").returncode == 5


def test_a_pipeline_that_has_just_started_the_server_waits_for_it_and_its_index(world: World) -> None:
    """`codebase-server serve &` and the check on the next line."""
    added = run(world, "add", "Sessions end", "-r", "src/auth.py::revoke_session")
    assert added.returncode == 0, added.stderr
    server = subprocess.Popen(
        [sys.executable, "-m", "codebase_server", "serve"],
        cwd=world.repository,
        env=world.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        checked = run(world, "check", "--fail-on", "stale", "--wait", "60")
    finally:
        server.terminate()
        server.wait(timeout=30)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "1 valid" in checked.stdout
