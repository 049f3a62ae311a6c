"""The documentation says what the programs do: examples are run, references compared, links followed."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from codebase_server.settings import TABLE as CODEBASE_SETTINGS
from workflow_server.settings import TABLE as WORKFLOW_SETTINGS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def loaded(name: str, file: Path) -> ModuleType:
    """A script of the documentation, imported from its file."""
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


examples = loaded("docs_examples", DOCS / "examples.py")
RUN = [page for page in PAGES if "```console\n$ git init" in page.read_text("utf-8")]


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_the_commands_of_a_page_print_what_it_says(page: Path, tmp_path: Path) -> None:
    """To accept a change: python docs/examples.py docs/PAGE.md, and read the difference."""
    steps = [step for _, block in examples.run_page(page.read_text("utf-8"), tmp_path) for step in block]
    assert len(steps) > 2
    for step in steps:
        assert not step.ids_differ, f"$ {step.command}\nshows one id as two, or two as one:\n{step.printed}"
        assert examples.same(step.told, step.printed), (
            f"$ {step.command}\nthe page says:\n{step.told}\nit printed:\n{step.printed}"
        )


def test_the_tutorial_and_every_page_that_tells_how_are_run() -> None:
    guides = sorted((DOCS / "how-to").glob("*.md"))
    assert len(guides) > 5
    assert [page.name for page in (DOCS / "tutorial.md", *guides) if page not in RUN] == []


def test_every_decision_stands_in_their_index_under_its_title() -> None:
    decisions = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert len(decisions) > 50
    numbers = [page.name[:4] for page in decisions]
    assert len(set(numbers)) == len(numbers), "two decisions have one number"
    index = (DOCS / "decisions" / "README.md").read_text("utf-8").splitlines()
    titles = [page.read_text("utf-8").splitlines()[0] for page in decisions]
    assert [title[:8] for title in titles] == [f"# {number}: " for number in numbers]
    listed = [f"- [{page.name[:4]}]({page.name}): {t[8:]}" for page, t in zip(decisions, titles, strict=True)]
    assert [line for line in listed if line not in index] == []
    assert len([line for line in index if line.startswith("- ")]) == len(listed)


def test_the_recorded_session_is_what_happens() -> None:
    """To accept a change: python -m bench.references session > docs/sessions/references.md, and read it."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.references", "session"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    told = (DOCS / "sessions" / "references.md").read_text("utf-8")
    assert examples.same(told.rstrip("\n"), done.stdout.rstrip("\n")), done.stdout


@pytest.mark.timeout(600)
def test_the_session_of_the_readme_is_what_happens(tmp_path: Path) -> None:
    """In a clone of this repository, as it says."""
    readme = (ROOT / "README.md").read_text("utf-8")
    (block,) = re.findall(r"^## A session\n.*?^```console\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    world = examples.World(tmp_path)
    world.work = tmp_path / "tandem"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(world.work)], check=True)
    try:
        world.run(examples.Step("codebase-server index", ""))
        for step in examples.steps_of(block):
            world.run(step)
            assert examples.same(step.told, step.printed), (
                f"$ {step.command}\nthe README says:\n{step.told}\nit printed:\n{step.printed}"
            )
    finally:
        world.close()


def test_another_output_would_be_noticed() -> None:
    assert examples.same("wi_abc2def v2 done in 0.31 s", "wi_zzz2222 v3 done in 12.5 s")
    assert not examples.same("wi_abc2def planned", "wi_abc2def active")
    assert not examples.same("one line", "one line\nand another")
    assert examples.same("a.py:1-2 0.2307 c_abcdefgh2345", "a.py:1-3 0.2412 c_zzzzzzzz2222")
    assert not examples.same("a.py:1-2 0.2307 c_abcdefgh2345", "a.py:1-2 1.0000 c_abcdefgh2345")
    assert examples.same("first\n…\nlast", "first\nx\ny\nlast")


def test_the_reference_is_what_the_programs_say_of_themselves() -> None:
    """To accept a change: python docs/reference/make.py"""
    for name, text in loaded("docs_reference", DOCS / "reference" / "make.py").pages().items():
        assert (DOCS / "reference" / name).read_text("utf-8") == text, f"run docs/reference/make.py: {name}"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as MkDocs and GitHub make them."""
    found = set()
    for heading in HEADING.findall(page.read_text("utf-8")):
        given = re.search(r"\{#([\w-]+)\}", heading)
        plain = re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip().lower()
        found.add(given[1] if given else re.sub(r"[-\s]+", "-", plain))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), target


def test_the_readme_names_every_variable_of_the_servers() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    variables = [row.variable for row in CODEBASE_SETTINGS] + [row.variable for row in WORKFLOW_SETTINGS]
    ours = {"CODEBASE_HTTP", "CODEBASE_WANT_TOKEN", "CODEBASE_TOMBSTONE_DAYS", "WORKFLOW_LOG_LEVEL"}
    assert [name for name in variables if name not in readme and name not in ours] == []


@pytest.mark.skipif(sys.platform != "linux", reason="names the folder of this system by its variable")
def test_the_script_of_the_rest_page_finds_a_server_where_no_variable_moves_it(tmp_path: Path) -> None:
    page = (DOCS / "how-to" / "scripts.md").read_text("utf-8")
    (script,) = re.findall(r'```python title="rest.py"\n(.*?)```', page, re.DOTALL)
    (tmp_path / "rest.py").write_text(script)
    (tmp_path / "run").mkdir(mode=0o700)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "WORKFLOW_DATA_DIR": str(tmp_path / "data"),
        "WORKFLOW_PROJECT": "shop",
        "WORKFLOW_HTTP_PORT": "0",
        "BRIDGE": "off",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "workflow_server", "web"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        assert server.stdout is not None
        server.stdout.readline()  # the link is told once it serves
        try:
            done = subprocess.run(
                [sys.executable, "rest.py", "workflow", "POST", "/mcp/work_items", '{"title": "Here"}'],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                timeout=60,
            )
        finally:
            server.terminate()
    assert '"title":"Here"' in done.stdout, done.stderr
