"""A reference is judged by the checkout that is meant, and by no other that happens to be served."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from .conftest import AUTH, World, run_git

AUTHENTICATE = "src/auth.py::authenticate"
SHOP = '''def total(prices: list[float], tax: float = 0.19) -> float:
    """What a customer pays for all of it."""
    return round(sum(prices) * (1 + tax), 2)
'''


def _calls(
    world: World, folder: Path, *calls: tuple[str, dict[str, Any]], options: Sequence[str] = (), **env: str
) -> list[Any]:
    """What a workflow-server that a host starts in ``folder`` answers to some calls."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "workflow_server", *options],
        env={**world.environment(), **env},
        cwd=str(folder),
    )

    async def ask() -> list[Any]:
        async with Client(server) as client:
            answers = [await client.call_tool(name, arguments) for name, arguments in calls]
            assert not [answer for answer in answers if answer.is_error], answers
            return [answer.structured_content for answer in answers]

    return anyio.run(ask)


def _made(world: World, folder: Path, *references: str, **how: Any) -> Any:
    order = {"title": "Look", "entity_references": list(references)}
    (answer,) = _calls(world, folder, ("create_work_item", order), **how)
    return answer


def _got(world: World, folder: Path, identifier: str, **how: Any) -> Any:
    (answer,) = _calls(world, folder, ("get_work_item", {"ids": [identifier]}), **how)
    return answer["items"][0]


def _index(world: World, root: Path) -> None:
    words = [sys.executable, "-m", "codebase_server", "index", "--root", str(root)]
    subprocess.run(words, env=world.environment(), cwd=root, check=True, capture_output=True)


def _other_repository(world: World, name: str, path: str, text: str) -> Path:
    folder = world.folder / name
    (folder / path).parent.mkdir(parents=True)
    (folder / path).write_text(text)
    run_git(folder, "init", "-q", "-b", "main")
    run_git(folder, "add", "-A")
    run_git(folder, "commit", "-q", "-m", f"first of {name}")
    return folder


@pytest.mark.parametrize("kind", ["worktree beside it", "worktree within it", "clone"])
def test_a_checkout_without_an_index_is_not_judged_by_another_of_its_repository(
    world: World, kind: str
) -> None:
    world.start_codebase()
    _index(world, world.repository)
    item = _made(world, world.repository, AUTHENTICATE)["id"]
    other = world.repository / ".trees" / "other" if kind == "worktree within it" else world.folder / "other"
    if kind == "clone":
        run_git(world.folder, "clone", "-q", str(world.repository), str(other))
    else:
        run_git(world.repository, "worktree", "add", "-q", str(other), "-b", "other")
    source = AUTH.replace("def authenticate", "def admit").replace(
        "stored = load_hash(user)", "stored = None"
    )
    (other / "src" / "auth.py").write_text(source)

    seen = _got(world, other, item)
    assert (seen["valid_references"], seen["stale_references"]) == ([], [])
    (detail,) = seen["reference_details"]
    assert detail["state"] == "unchecked"
    assert f"The checkout {other} has no index" in detail["reason"]
    assert detail["last"]["state"] == "valid"
    made = _made(world, other, "src/auth.py::admit")
    assert [one["state"] for one in made["references"]] == ["unchecked"]
    assert f"The checkout {other} has no index" in made["warnings"][0]
    assert _got(world, world.repository, item)["valid_references"] == [AUTHENTICATE]

    _index(world, other)
    assert _got(world, other, made["id"])["valid_references"] == ["src/auth.py::admit"]
    (detail,) = _got(world, other, item)["reference_details"]
    assert detail["state"] != "valid"


def test_a_project_that_is_named_looks_in_its_own_repository(world: World) -> None:
    """As a host starts it that works in no folder."""
    shop = _other_repository(world, "shop", "lib/shop.py", SHOP)
    world.start_codebase()  # for the first repository
    _index(world, world.repository)
    _index(world, shop)
    _made(world, shop, WORKFLOW_PROJECT="")

    answer = _made(
        world,
        Path("/"),
        "lib/shop.py::total",
        AUTHENTICATE,
        options=["--project", "shop"],
        WORKFLOW_PROJECT="",
    )
    assert [one["state"] for one in answer["references"]] == ["valid", "unresolved"]
    item = _got(world, Path("/"), answer["id"], options=["--project", "shop"], WORKFLOW_PROJECT="")
    assert item["reference_details"][0]["root"] == str(shop)


def test_a_named_project_of_another_repository_goes_before_the_one_that_is_worked_in(world: World) -> None:
    shop = _other_repository(world, "shop", "src/auth.py", AUTH.replace("stored hash", "shop's list"))
    world.start_codebase()
    _index(world, world.repository)
    _index(world, shop)
    _made(world, shop, WORKFLOW_PROJECT="")

    made = _made(world, world.repository, AUTHENTICATE, WORKFLOW_PROJECT="shop")
    item = _got(world, world.repository, made["id"], WORKFLOW_PROJECT="shop")
    assert item["reference_details"][0]["root"] == str(shop)


def test_what_is_in_several_repositories_is_taken_from_none_where_nothing_says_which(world: World) -> None:
    other = _other_repository(world, "other", "src/auth.py", AUTH)
    (other / "shop.py").write_text(SHOP)
    world.start_codebase()
    _index(world, world.repository)
    _index(world, other)

    answer = _made(world, Path("/"), AUTHENTICATE, "shop.py::total")
    assert [one["state"] for one in answer["references"]] == ["unresolved", "valid"]
    (warning,) = answer["warnings"]
    assert str(world.repository) in warning
    assert str(other) in warning


def test_with_the_bridge_off_nothing_is_called_valid(world: World) -> None:
    world.start_codebase()
    _index(world, world.repository)
    item = _made(world, world.repository, AUTHENTICATE)["id"]
    (world.repository / "src" / "auth.py").unlink()

    got, claimed, checked, changed = _calls(
        world,
        world.repository,
        ("get_work_item", {"ids": [item]}),
        ("claim_work_item", {"id": item}),
        ("check_references", {"ids": [item]}),
        ("update_work_item", {"ids": [item], "title": "Look again"}),
        BRIDGE="off",
    )
    for seen in (got["items"][0], claimed["item"]):
        assert seen["valid_references"] == []
        (detail,) = seen["reference_details"]
        assert (detail["state"], detail["last"]["state"]) == ("unchecked", "valid")
        assert detail["was"]["file_path"] == "src/auth.py"
    assert checked["references"][0]["last"]["state"] == "valid"
    assert [answer["warnings"] for answer in (got, claimed, checked)] == [[], [], []]
    assert changed["items"][0]["version"] > 1


def test_what_keeps_many_references_from_being_checked_is_said_once(world: World) -> None:
    world.start_codebase()
    _index(world, world.repository)
    other = _other_repository(world, "other", "src/auth.py", AUTH)
    references = [f"src/auth.py:{line}" for line in range(1, 20)]
    answer = _made(world, other, *references)
    (warning,) = answer["warnings"]
    assert warning.startswith(
        "19 references ('src/auth.py:1', 'src/auth.py:2', ...) could not be checked yet: "
    )
