"""`git diff | workflow-server touched`: a real repository, real commits, the real command."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.scenarios.conftest import Server, World, run_git
from tests.workflow_server.references.linked import CODE, index

from workflow_server.references.touching import Commit, items_met


def workflow(world: World, *arguments: str, stdin: str = "") -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "workflow_server", *arguments, "--json"],
        cwd=world.repository, env=world.environment() | {"BRIDGE_TIMEOUT_MS": "5000"},
        input=stdin, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_a_diff_and_its_commits_find_their_work(world: World, codebase: Server) -> None:
    about_login = workflow(world, "add", "Slow login", "--reference", "src/door.py::login")["item"]["id"]
    workflow(world, "add", "Meters", "--reference", "src/meter.py::Meter.add")
    changed = CODE["src/door.py"].replace("lifetime=3600", "lifetime=60")
    world.write("src/door.py", changed)
    try:
        met = workflow(world, "touched", stdin=run_git(world.repository, "diff"))
        (found,) = met["items"]
        assert found["id"] == about_login
        assert found["proposals"] == [{"ids": [about_login], "status": "active"}], "work on it has begun"
        assert found["touches"][0].startswith("src/door.py:")

        world.commit(f"Shorter sessions\n\nTandem: {about_login}")
        head = run_git(world.repository, "rev-parse", "HEAD").strip()
        (found,) = workflow(world, "touched", "HEAD~..HEAD")["items"]
        assert found["commits"] == [head]
        assert found["proposals"][0] == {
            "ids": [about_login], "add_entity_references": [{"ref": head, "role": "introduced-by"}],
        }  # fmt: skip
        assert workflow(world, "show", about_login)["items"][0]["status"] == "planned", (
            "nothing is done unasked"
        )
    finally:
        world.write("src/door.py", CODE["src/door.py"])
        index(codebase)


async def test_a_trailer_that_names_nothing_is_told() -> None:
    async def nothing(_: str) -> Any:
        return ()

    async def none(_: str) -> Any:
        return None

    met = await items_met("", [Commit("a" * 40, "x\n\nTandem: wi_aaaaaaa")], nothing, none)
    assert met["items"] == []
    assert met["unknown"] == ["wi_aaaaaaa"]
    assert "wi_aaaaaaa" in met["warnings"][0]


async def test_a_commit_that_touches_an_items_code_is_offered_as_a_link_and_never_as_its_end() -> None:
    diff = "--- a/src/x.py\n+++ b/src/x.py\n@@ -3,2 +3,2 @@\n-a\n-b\n+c\n+d\n"

    async def find(reference: str) -> Any:
        held = {"id": "wi_aaaaaaa", "title": "X", "status": "active"}
        return [held] if reference == "src/x.py:3-4" else []

    async def none(_: str) -> Any:
        return None

    met = await items_met(diff, [Commit("b" * 40, "Tidy", diff), Commit("c" * 40, "Else", "")], find, none)
    (item,) = met["items"]
    assert (item["touches"], item["commits"]) == (["src/x.py:3-4"], ["b" * 40])
    link = {"ref": "b" * 40, "role": "introduced-by"}
    assert item["proposals"] == [{"ids": ["wi_aaaaaaa"], "add_entity_references": [link]}]


async def test_a_commit_that_only_touches_the_code_is_not_said_to_name_the_item() -> None:
    from workflow_server.doors.cli.commands.touching import _lines

    diff = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n"

    async def find(_: str) -> Any:
        return [{"id": "wi_aaaaaaa", "title": "X", "status": "active"}]

    async def get(identifier: str) -> Any:
        return {"id": identifier, "title": "X", "status": "active"}

    made = [Commit("a" * 40, "Touches", diff), Commit("b" * 40, "Names\n\nTandem: wi_aaaaaaa", diff)]
    met = await items_met(diff, made, find, get)
    (item,) = met["items"]
    assert (item["commits"], item["named_by"]) == (["a" * 40, "b" * 40], ["b" * 40])
    assert f"touched by {'a' * 12}" in _lines(met)
    assert f"named by {'b' * 12}" in _lines(met)


def test_no_message_of_a_commit_is_taken_for_another_commit_or_an_option(world: World) -> None:
    """Git lets a message hold every character but NUL."""
    world.write("a.py", "x = 1\n")
    world.commit("first")
    world.write("a.py", "x = 2\n")
    run_git(world.repository, "add", "-A")
    run_git(world.repository, "commit", "-q", "-m", "second\x01--output=planted\n\x01\x02end")
    met = workflow(world, "touched", "HEAD~..HEAD")
    assert met["items"] == []
    assert not (world.repository / "planted").exists()
