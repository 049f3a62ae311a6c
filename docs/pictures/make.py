"""Recordings of the terminal and screenshots of the board, made from running programs.

    pip install playwright && python docs/pictures/make.py

Needs a Chromium on PATH for the board; `--terminal` leaves the board out. The
world is that of the tutorial, with a few more items.
"""

from __future__ import annotations

import fcntl
import importlib.util
import io
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).parent
COLUMNS, ROWS = 100, 40
PLAN: list[dict[str, Any]] = [
    {"key": "shop", "title": "Orders that never oversell", "item_type": "project", "priority": 1},
    {
        "key": "stock",
        "title": "Reserve stock without races",
        "parent_id": "shop",
        "priority": 0,
        "labels": ["stock"],
        "entity_references": ["shop/orders.py::reserve_stock"],
        "acceptance_criteria": ["Two orders for the last piece: one fails", "What was taken is put back"],
    },
    {
        "key": "price",
        "title": "Round prices per line, not per order",
        "parent_id": "shop",
        "labels": ["prices"],
        "entity_references": ["shop/orders.py::total_of"],
    },
    {
        "key": "mail",
        "title": "Confirmations in the customer's language",
        "parent_id": "shop",
        "blocked_by": ["price"],
        "entity_references": ["shop/mail.py::send_confirmation"],
    },
    {"key": "again", "title": "Tell customers when they may order again", "blocked_by": ["stock", "mail"]},
    {"key": "load", "title": "Try it with a thousand orders a minute", "item_type": "research"},
]
COMMANDS = {
    "search": 'codebase-server search "take all lines of an order from the shelves or nothing" --limit 2',
    "ready": "workflow-server list",
    "check": "workflow-server check",
    "doctor": "codebase-server doctor",
}


def _examples() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_examples", HERE.parent / "examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_examples"] = module
    spec.loader.exec_module(module)
    return module


def typed(command: str, world: Any) -> str:
    """What a command shows in a terminal of 100 columns, colours and all."""
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = world.environment() | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with subprocess.Popen(
        ["sh", "-c", command], cwd=world.work, env=environment, stdin=inner, stdout=inner, stderr=inner
    ):
        os.close(inner)
        shown = bytearray()
        while True:
            try:
                piece = os.read(outer, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
    os.close(outer)
    return shown.decode("utf-8", "replace").replace("\r\n", "\n")


def record(name: str, command: str, world: Any) -> None:
    """Write ``terminal-NAME.svg``."""
    shown = typed(command, world).replace(str(world.work), "/home/you/shop")
    shown = shown.replace(str(world.folder / "home"), "/home/you").replace(str(world.folder), "/home/you")
    shown = shown.replace(str(Path(sys.executable).parents[2]), "/home/you/tandem")
    shown = re.sub(r"Linux-[\w.+-]+", "Linux-6.1-x86_64-with-glibc2.36", shown)
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "bold green"), command))
    console.print(Text.from_ansi(shown))
    picture = console.export_svg(title="", theme=MONOKAI, unique_id=name)
    # Fonts stay those of the reader: nothing is fetched.
    lines = [line for line in picture.splitlines() if "cdnjs" not in line]
    (HERE / f"terminal-{name}.svg").write_text("\n".join(lines) + "\n", encoding="utf-8")


def board(world: Any) -> None:
    """Write ``board*.png``: columns, an item, the graph, dark, and a telephone."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    (told,) = (
        json.loads(one.read_text()) for one in (world.folder / "runtime").glob("workflow-endpoint.json")
    )
    web = httpx.Client(
        base_url=told["url"],
        headers={"Authorization": f"Bearer {told['token']}"},
        timeout=60,
        trust_env=False,
    )
    project = web.get("/mcp/projects").json()["projects"][0]["name"]
    items = web.get("/mcp/work_items", params={"project": project}).json()["items"]
    stock = next(one["id"] for one in items if one["title"].startswith("Reserve"))
    with sync_playwright() as driver:
        browser: Any = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        wide, narrow = {"width": 1300, "height": 760}, {"width": 390, "height": 800}
        for name, view, size, scheme in (
            ("board", "board", wide, "light"),
            ("board-dark", "board", wide, "dark"),
            ("board-item", f"item/{stock}", wide, "light"),
            ("board-graph", "graph", wide, "light"),
            ("board-phone", "board", narrow, "light"),
        ):
            context = browser.new_context(viewport=size, color_scheme=scheme)
            page = context.new_page()
            page.set_default_timeout(60_000)
            page.goto(f"{told['url']}{web.post('/mcp/tickets').json()['path']}")
            page.wait_for_selector("nav a")
            page.goto(f"{told['url']}/#/{view}")
            page.wait_for_selector(".live.is-live")
            page.wait_for_timeout(1_500)  # references are asked for, transitions end
            page.screenshot(path=str(HERE / f"{name}.png"))
            context.close()
        browser.close()


def main() -> None:
    """Make all pictures."""
    examples = _examples()
    tutorial = (HERE.parent / "tutorial.md").read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        world = examples.World(Path(folder))
        world.work.mkdir()
        for block in examples.BLOCK.finditer(tutorial):
            if block["title"]:
                world.save(block["title"], block["body"])
        (world.folder / "plan.json").write_text(json.dumps(PLAN))
        try:
            for command in (
                "git init -q && git add -A && git commit -q -m Orders",
                "codebase-server index",
                "codebase-server serve &",
                f"workflow-server plan {world.folder}/plan.json",
                "workflow-server claim",
                "mkdir stock && git mv shop/orders.py stock/reserving.py && git commit -q -m 'Tidy up'",
            ):
                world.run(examples.Step(command, ""))
            for name, command in COMMANDS.items():
                record(name, command, world)
            if "--terminal" not in sys.argv:
                world.run(examples.Step("workflow-server web &", ""))
                board(world)
        finally:
            world.close()


if __name__ == "__main__":
    main()
