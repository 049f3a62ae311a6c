"""Code, names of files, symbols and projects beside an item, made to become a script. The security policy is
switched off here: it is the second wall, and what is tested is the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.scenarios.conftest import World, run_git

from .conftest import PATIENCE_MS, VIEWS

IMAGE = "<img src=x onerror=window.hit=1>"
SCRIPT = "</pre><script>window.hit=1</script>"
NAMES = (
    f"{IMAGE}.py",
    '"onmouseover=window.hit=1 x=".py',
    "javascript:window.hit=1;.js",
    "'><svg onload=hit=1>.md",
)
CODE = f'''"""{SCRIPT} {IMAGE}"""


def shown(value: str = "{IMAGE}") -> str:
    """[x](javascript:window.hit=1) `{IMAGE}`"""
    return "</code></td></table><script>window.hit=1</script>" + value  # {IMAGE}
'''


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.repository.mkdir()
    run_git(made.repository, "init", "-q", "-b", "main")
    for name in NAMES:
        made.write(name, CODE if name.endswith(".py") else f"{IMAGE}\n{SCRIPT}\n")
    made.write("src/plain.py", CODE)
    made.commit(f"{IMAGE} {SCRIPT}")
    yield made
    for server in made.started:
        server.kill()


def test_no_code_and_no_name_becomes_a_script(world: World, chromium: Any) -> None:
    codebase, workflow = world.start_codebase(), world.start_workflow()
    codebase.request("POST", "/mcp/index", {})
    project = f"{IMAGE} {SCRIPT}"[:60]
    assert workflow.request("POST", "/mcp/projects", {"name": project}).status_code in (200, 201)
    found = codebase.request("POST", "/mcp/search", {"query": "shown", "limit": 20}).json()["results"]
    chunks = [hit["chunk_id"] for hit in found]
    assert len({hit["file_path"] for hit in found}) >= 3
    fields = {"title": IMAGE, "entity_references": [*chunks, *NAMES, "src/plain.py::shown"]}
    item = workflow.request("POST", "/mcp/work_items", fields).json()
    world.write("src/plain.py", CODE.replace("+ value", f"+ value + '{IMAGE}'"))
    (world.repository / NAMES[0]).unlink()
    workflow.request("POST", "/mcp/references/check", {})

    context = chromium.new_context(viewport={"width": 1400, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(workflow.url + workflow.request("POST", "/mcp/tickets").json()["path"])
    page.wait_for_selector("nav a")
    for view in (f"item/{item['id']}", *VIEWS, f"item/{IMAGE}", f"help/{SCRIPT}", IMAGE, f"item/../{SCRIPT}"):
        page.goto(f"{workflow.url}/#/{view}")
        page.wait_for_timeout(400)
        if view == f"item/{item['id']}":
            page.wait_for_selector('.reference[data-state="stale"]')
            page.wait_for_selector('.reference[data-state="changed"]')
        assert page.evaluate("window.hit") is None, view
        strange = "main img, main iframe, main script, [onerror], [onmouseover], a[href^='javascript:']"
        assert page.locator(strange).count() == 0, view
    page.goto(f"{workflow.url}/?project={quote(project)}#/board")
    page.wait_for_selector("nav a")
    page.wait_for_timeout(400)
    assert project in page.content().replace("&lt;", "<").replace("&gt;", ">")
    assert page.evaluate("window.hit") is None, "the name of the project"
    assert problems == []
    context.close()
