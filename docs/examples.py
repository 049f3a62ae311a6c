"""The examples of a page, run as a reader would: files saved, commands typed, output compared.

    python docs/examples.py docs/tutorial.md     # write what the commands print now into the page

In a page, a block with a title (```` ```python title="shop/orders.py" ````) is a
file to save, and a ```` ```console ```` block holds commands after ``$`` with what
they print. Ids, times and sizes differ from run to run: they are compared by
kind, and an id that a command prints is put into later commands where the page
shows its own; what is one id to the commands must be one in the page. A line
``…`` stands for any lines. A command that ends in ``&`` keeps running to the end
of the page.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

BLOCK = re.compile(
    r"^(?P<fence>`{3,})(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<body>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
IDS = re.compile(
    r"\b(?:c_[a-z2-7]{12}|r_[a-z2-7]{16}|wi_[a-z2-7]{7}|ct_[\w-]{20,}|ev_[a-z2-7]{8,}|[0-9a-f]{8}\.\d+)"
)
VARYING = re.compile(r"\d[\d,.]*")
SCORE = re.compile(r"(?<![\d.])[01]\.\d{4}(?!\d)")
DRIFT = 0.1
DURATION = re.compile(r"\b\d[\d,.]* (ms|s)\b")
"""What a page never shows as it was: it tells of the machine and its load."""
ANY = "…"
START_DEADLINE_S = 60.0
PROGRAMS = Path(sys.executable).parent


@dataclass
class Step:
    """One command of a page, what the page says it prints, and what it printed."""

    command: str
    told: str
    printed: str = ""
    ids_differ: bool = False
    """Whether the page shows one id as two, or two as one."""


@dataclass
class World:
    """Where a page is run: a home, a data folder and ports of its own."""

    folder: Path
    known: dict[str, str] = field(default_factory=dict)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    work: Path = field(init=False)

    def __post_init__(self) -> None:
        self.work = self.folder / "shop"

    def environment(self) -> dict[str, str]:
        """Nothing of the user's own."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {
            "PATH": os.pathsep.join([str(PROGRAMS), os.environ.get("PATH", os.defpath)]),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "COLUMNS": "100",
            "TANDEM_RUNTIME_DIR": str(self.folder / "runtime"),
            "CODEBASE_HTTP_PORT": "0",
            "WORKFLOW_HTTP_PORT": "0",
            "WORKFLOW_ACTOR": "you",
            "BRIDGE_TIMEOUT_MS": "10000",
            "GIT_AUTHOR_NAME": "Docs",
            "GIT_AUTHOR_EMAIL": "docs@localhost",
            "GIT_COMMITTER_NAME": "Docs",
            "GIT_COMMITTER_EMAIL": "docs@localhost",
        }

    def save(self, name: str, text: str) -> None:
        target = self.work / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def run(self, step: Step) -> None:
        """Type a command, its ids exchanged for those of this run. Raises `AssertionError` when it fails."""
        command = IDS.sub(lambda found: self.known.get(found[0], found[0]), step.command)
        if command.endswith("&"):
            self._start(command.rstrip("& "))
            return
        done = subprocess.run(
            ["sh", "-c", command],
            check=False,
            cwd=self.work,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
        )
        step.printed = done.stdout.decode().rstrip("\n")
        shown = {
            self.work: "/home/you/shop",
            self.folder / "home": "/home/you",
            PROGRAMS: "/home/you/tandem/bin",
        }
        for folder, told in shown.items():
            step.printed = step.printed.replace(str(folder), told)
        assert done.returncode == 0, f"$ {command}\nended with {done.returncode}:\n{step.printed}"
        back = {printed: told for told, printed in self.known.items()}
        pairs = zip(IDS.findall(step.told), IDS.findall(step.printed), strict=False)
        for told, printed in pairs if ANY not in step.told.splitlines() else ():
            if back.setdefault(printed, told) != told or self.known.setdefault(told, printed) != printed:
                step.ids_differ = True
        step.printed = IDS.sub(lambda found: back.get(found[0], found[0]), step.printed)

    def _start(self, command: str) -> None:
        self.running.append(
            subprocess.Popen(
                ["sh", "-c", f"exec {command}"],
                cwd=self.work,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        deadline = time.monotonic() + START_DEADLINE_S
        while self._answering() < len(self.running):
            assert time.monotonic() < deadline, f"{command} did not come up"
            time.sleep(0.05)

    def _answering(self) -> int:
        """How many servers told where they are, and answer."""
        told = [json.loads(file.read_text()) for file in (self.folder / "runtime").glob("*-endpoint*.json")]
        try:
            for one in told:
                headers = {"Authorization": f"Bearer {one['token']}"}
                httpx.get(f"{one['url']}/health", headers=headers, timeout=30, trust_env=False)
        except httpx.TransportError:
            return 0
        return len(told)

    def close(self) -> None:
        for process in self.running:
            process.terminate()
            process.wait(timeout=30)


def steps_of(console: str) -> list[Step]:
    """The commands of a console block; a command goes on behind a trailing backslash."""
    steps: list[Step] = []
    going_on = False
    for line in console.splitlines():
        if line.startswith("$ "):
            steps.append(Step(line[2:], ""))
            going_on = line.endswith("\\")
        elif going_on:
            steps[-1].command += f"\n{line}"
            going_on = line.endswith("\\")
        elif steps:
            steps[-1].told += f"{line}\n"
    for step in steps:
        step.told = step.told.rstrip("\n")
    return steps


def run_page(text: str, folder: Path) -> Iterator[tuple[re.Match[str], list[Step]]]:
    """Run a page's blocks in order; after each console block, the block and its steps."""
    world = World(folder)
    world.work.mkdir(parents=True)
    try:
        for block in BLOCK.finditer(text):
            language, title, body = block["language"], block["title"], block["body"]
            if title:
                world.save(title, body)
            elif language == "console":
                steps = steps_of(body)
                for step in steps:
                    world.run(step)
                yield block, steps
    finally:
        world.close()


def same(told: str, printed: str) -> bool:
    """Whether the page tells what was printed, but for what differs from run to run."""
    pattern = []
    for line in told.splitlines():
        if line.strip() == ANY:
            pattern.append(r"(?:.*\n)*")
        else:
            kinds = re.escape(VARYING.sub("0", IDS.sub("@", line))).replace(re.escape(ANY), ".*")
            pattern.append(kinds + r"\n")
    shown = VARYING.sub("0", IDS.sub("@", printed))
    if ANY not in told.splitlines() and not _alike(SCORE.findall(told), SCORE.findall(printed)):
        return False
    return re.fullmatch("".join(pattern), f"{shown}\n" if shown else "") is not None


def _alike(told: list[str], printed: list[str]) -> bool:
    """Whether scores are about what they were: a word more in the code moves them a little."""
    return len(told) == len(printed) and all(
        abs(float(one) - float(other)) <= DRIFT for one, other in zip(told, printed, strict=True)
    )


def rewritten(text: str, folder: Path) -> str:
    """The page with what its commands print now; what a page tells stays while it holds."""
    parts, end = [], 0
    for block, steps in run_page(text, folder):
        parts.append(text[end : block.start("body")])
        for step in steps:
            holds = same(step.told, step.printed) and not step.ids_differ
            printed = step.told if holds else DURATION.sub(rf"{ANY} \1", step.printed)
            parts.append(f"$ {step.command}\n" + (f"{printed}\n" if printed else ""))
        end = block.end("body")
    return "".join([*parts, text[end:]])


def main() -> None:
    """Bring the named pages up to date."""
    for name in sys.argv[1:]:
        page = Path(name)
        with tempfile.TemporaryDirectory() as folder:
            page.write_text(rewritten(page.read_text("utf-8"), Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
