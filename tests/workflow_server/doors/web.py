"""A web server process of its own world, for tests of what is served."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.unhurried import unhurried

START_DEADLINE_S = 90.0


@dataclass
class Web:
    """A running server: where it is, its token, and the link it printed."""

    process: subprocess.Popen[str]
    url: str
    token: str
    link: str
    folder: Path

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """One request with the token."""
        headers = options.pop("headers", {})
        if self.token:
            headers = {"Authorization": f"Bearer {self.token}", **headers}
        return httpx.request(
            method, self.url + path, json=body, headers=headers, timeout=20, trust_env=False, **options
        )


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Nothing of the user's own: data, runtime files, settings and logs lie in `folder`."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "TANDEM_RUNTIME_DIR": str(folder / "runtime"),
        "WORKFLOW_DATA_DIR": str(folder / "data"),
        "WORKFLOW_HTTP_PORT": "0",
        "WORKFLOW_PROJECT": "tests",
        "BRIDGE": "off",
        **more,
    }


@contextmanager
def serving(folder: Path, *arguments: str, ends: bool = False, **more: str) -> Iterator[Web]:
    """Run `workflow-server web` until the block ends; with ``ends`` as `unhurried`, to see how it does."""
    begin = unhurried("workflow_server") if ends else ["-m", "workflow_server"]
    process = subprocess.Popen(
        [sys.executable, *begin, "web", *arguments],
        cwd=folder,
        env=environment(folder, **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=(folder / "web.err").open("w"),
        text=True,
    )
    try:
        assert process.stdout is not None
        link = process.stdout.readline().strip()
        assert link, (folder / "web.err").read_text()
        endpoint = json.loads((folder / "runtime" / "workflow-endpoint.json").read_text())
        web = Web(process, endpoint["url"], endpoint["token"], link, folder)
        _wait(web)
        yield web
    finally:
        process.terminate()
        try:
            process.communicate(timeout=60)
        finally:
            process.kill()


def _wait(web: Web) -> None:
    deadline = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < deadline:
        try:
            if web.ask("GET", "/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise AssertionError(f"no answer within {START_DEADLINE_S} s: {(web.folder / 'web.err').read_text()}")
