"""The board with many items in Debian's Chromium: first paint, frames while dragging, live changes.

    python -m bench.board [--items 10000]

Needs ``chromium`` on PATH and ``pip install playwright``. Server and browser share the machine.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright
from tests.workflow_server.doors.web import Web, serving

BATCH = 200
FIRST = """() => new Promise((resolve) => {
  const wanted = (each) => each.name.includes("/mcp/work_items");
  const answer = () => performance.getEntriesByType("resource").find(wanted);
  const look = () => {
    const card = document.querySelector(".card");
    if (card && answer()) requestAnimationFrame(() => resolve([answer().responseEnd, performance.now()]));
    else requestAnimationFrame(look);
  };
  look();
})"""
FRAMES = """() => {
  window.frames_ = [];
  let last = performance.now();
  const step = (now) => {
    window.frames_.push(now - last);
    last = now;
    window.stepping = requestAnimationFrame(step);
  };
  window.stepping = requestAnimationFrame(step);
}"""


def fill(web: Web, count: int) -> None:
    """Items in fives: four of them wait for the first, some carry labels, people and criteria."""
    for start in range(0, count, BATCH):
        items = [
            {
                "key": f"k{n}",
                "title": f"Item {n} with a title of ordinary length",
                "priority": n % 5,
                "status": ("planned", "planned", "active", "planned", "planned")[n % 5],
                "labels": ["backend", "bug"][: n % 3],
                "blocked_by": [f"k{n - n % 5}"] if n % 5 else [],
                "acceptance_criteria": ["it holds"] if n % 4 == 0 else [],
            }
            for n in range(start, min(start + BATCH, count))
        ]
        answer = web.ask("POST", "/mcp/work_items/batch", {"items": items})
        assert answer.status_code == 201, answer.text


def dragged(page: Page) -> list[float]:
    """Milliseconds of each frame while a card is carried over the columns and back."""
    box = page.locator(".column.planned .card").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 15)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 30, steps=3)
    page.evaluate(FRAMES)
    for turn in range(4):
        page.mouse.move(box["x"] + (900 if turn % 2 == 0 else 60), box["y"] + 200, steps=60)
    page.evaluate("cancelAnimationFrame(window.stepping)")
    page.keyboard.press("Escape")
    page.mouse.up()
    frames: list[float] = page.evaluate("window.frames_")
    return frames[2:]


def seen_after(page: Page, web: Web, rounds: int) -> list[float]:
    """Seconds from another client's request until the card shows the change."""
    card = page.locator(".column.planned .card").first
    item_id = card.get_attribute("data-id")
    times = []
    for number in range(rounds):
        started = time.perf_counter()
        web.ask("PATCH", f"/mcp/work_items/{item_id}", {"title": f"Changed {number}"})
        page.wait_for_selector(f'.card[data-id="{item_id}"] >> text="Changed {number}"')
        times.append(time.perf_counter() - started)
    return times


def measure(folder: Path, count: int) -> list[tuple[str, str]]:
    """The rows of the table."""
    chromium = shutil.which("chromium") or sys.exit("chromium was not found")
    with serving(folder) as web, sync_playwright() as driver:
        fill(web, count)
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(web.link)
        page.wait_for_selector(".card")
        paints: list[Any] = []
        for _ in range(5):
            page.reload(wait_until="commit")
            paints.append(page.evaluate(FIRST))
        started = time.perf_counter()
        page.reload(wait_until="commit")
        page.locator(".counted", has_text=re.compile(rf"^{count} items$")).wait_for(timeout=120_000)
        loaded = time.perf_counter() - started
        page.wait_for_selector(".live.is-live")
        frames = sorted(dragged(page))
        live = seen_after(page, web, 8)
        cards = page.locator(".card").count()
        heap = page.evaluate("performance.memory?.usedJSHeapSize ?? 0") / 1e6
        browser.close()
    after = [card - answer for answer, card in paints]
    middle = statistics.median
    return [
        ("first answer, from navigation, median", f"{middle(answer for answer, _ in paints):.0f} ms"),
        ("first cards painted after that answer, median", f"{middle(after):.0f} ms"),
        ("first cards painted after that answer, worst of 5", f"{max(after):.0f} ms"),
        (f"all {count} rows loaded, from navigation", f"{loaded:.1f} s"),
        ("cards in the page then", str(cards)),
        ("script memory", f"{heap:.0f} MB"),
        (
            "frame while dragging, median / 95 of 100 / longest",
            f"{middle(frames):.1f} / {frames[int(len(frames) * 0.95)]:.1f} / {frames[-1]:.1f} ms",
        ),
        ("a change by another client seen, median / worst of 8", f"{middle(live):.2f} / {max(live):.2f} s"),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, value in measure(Path(folder), given.items):
            print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
