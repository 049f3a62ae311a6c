"""An item's code on the board: what changed side by side, what moved, what is gone with its last known
code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.scenarios.conftest import AUTH, Server, World, run_git, without_function

from .conftest import PATIENCE_MS


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.repository.mkdir()
    run_git(made.repository, "init", "-q", "-b", "main")
    made.write("src/auth.py", AUTH)
    made.commit("first")
    yield made
    for server in made.started:
        server.kill()


def chunk_of(codebase: Server, name: str) -> str:
    hits = codebase.request("POST", "/mcp/search", {"query": name}).json()["results"]
    found: str = next(hit["chunk_id"] for hit in hits if hit["symbol"] == name)
    return found


def test_states_code_and_decisions(world: World, chromium: Any, keep: Callable[[Any, str], None]) -> None:
    codebase, workflow = world.start_codebase(), world.start_workflow()
    names = ("authenticate", "revoke_session", "hash_password")
    ids = {name: chunk_of(codebase, name) for name in names}
    fields = {"title": "Harden the login", "entity_references": list(ids.values())}
    item = workflow.request("POST", "/mcp/work_items", fields).json()
    changed = AUTH.replace(
        "    stored = load_hash(user)\n", "    stored = load_hash(user.lower())\n    audit(user)\n"
    )
    assert changed != AUTH
    world.write("src/auth.py", without_function(changed, "revoke_session"))

    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(workflow.url + workflow.request("POST", "/mcp/tickets").json()["path"])
    page.wait_for_selector("nav a")
    page.goto(f"{workflow.url}/#/item/{item['id']}")
    gone = page.locator('.reference[data-state="stale"]')
    expect(gone).to_contain_text(ids["revoke_session"])
    expect(gone).to_contain_text("Last seen at src/auth.py")
    expect(gone.locator("pre")).to_contain_text("sessions.pop")
    differs = page.locator('.reference[data-state="changed"]')
    expect(differs.locator("td.gone", has_text="load_hash(user)")).to_be_visible()
    expect(differs.locator("td.come", has_text="load_hash(user.lower())")).to_be_visible()
    expect(differs.locator("td.come", has_text="audit(user)")).to_be_visible()
    expect(page.locator('.reference[data-state="valid"]')).to_contain_text(ids["hash_password"])
    expect(page.locator(".warnings")).to_contain_text("2 of 3 entity references remain valid.")
    # a person knows code by its name, not by an id
    expect(differs.locator("header strong")).to_have_text("authenticate")
    expect(gone.locator("header strong")).to_have_text("revoke_session")
    keep(page, "references")
    board = context.new_page()  # whoever plans sees which cards have lost their code
    board.goto(f"{workflow.url}/#/board")
    lost = board.locator(f'.card[data-id="{item["id"]}"] .pill')
    expect(lost).to_have_text("1 gone")
    keep(board, "board-with-lost-code")
    board.close()
    told = page.locator(".warnings p", has_text="Entity reference").first
    told.get_by_role("link", name="What to do").click()
    expect(page.locator(".help .wanted")).to_contain_text("not found in codebase-mcp")
    page.go_back()

    differs.get_by_role("button", name="Accept as it is now").click()
    expect(page.locator('.reference[data-state="valid"]')).to_have_count(2)
    gone.get_by_role("button", name="Drop").click()
    expect(page.locator(".reference")).to_have_count(2)
    read = workflow.request("GET", f"/mcp/work_items/{item['id']}").json()
    assert read["entity_references"] == [ids["authenticate"], ids["hash_password"]]
    assert read["warnings"] == []
    context.close()
