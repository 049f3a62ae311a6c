"""A host for MCP apps, built from the official app bridge with npm, in Chromium."""

from __future__ import annotations

import functools
import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

if find_spec("playwright") is None:  # the group that needs it is run by name, where it is installed
    collect_ignore_glob = ["test_*.py"]

HERE = Path(__file__).parent
PACKAGES = (
    "@modelcontextprotocol/ext-apps@2.0.4",
    "@modelcontextprotocol/client@2.4.0",
    "zod@4.6.7",
    "esbuild@0.28.2",
)
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' data:; connect-src 'none'"
)
"""What the protocol tells a host to enforce for a page that asks for nothing."""


class _Pages(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def end_headers(self) -> None:
        if self.path.startswith("/sandbox"):
            self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Not into the tests' output."""


@pytest.fixture(scope="session")
def host_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port at which the host's page and its sandbox are served: as 127.0.0.1 and as localhost they are
    two origins.
    """
    folder = tmp_path_factory.mktemp("host")
    for name in ("host.js", "host.html", "sandbox.html"):
        shutil.copy(HERE / name, folder / name)
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES]
    subprocess.run(install, check=True, timeout=300)
    esbuild = str(folder / "node_modules/.bin/esbuild")
    bundle = [esbuild, "host.js", "--bundle", "--outfile=host.js", "--allow-overwrite"]
    subprocess.run(bundle, cwd=folder, check=True, capture_output=True, timeout=120)
    server = http.server.ThreadingHTTPServer(("", 0), functools.partial(_Pages, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
