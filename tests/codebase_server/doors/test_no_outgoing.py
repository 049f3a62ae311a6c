"""codebase-server asks nobody: from start to end no process of it connects anywhere or looks up a name."""

from __future__ import annotations

import http.client
import textwrap
from pathlib import Path
from urllib.parse import urlsplit

from .conftest import server_environment
from .processes import endpoint, stdio_server

SPY = textwrap.dedent(
    """
    import os, sys
    def spy(event, arguments):
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
                     "socket.gethostbyname", "urllib.Request", "http.client.connect"):
            if event == "socket.connect" and arguments[0].family not in (2, 10):
                return
            line = f"{event} {arguments[1:]!r}\\n".encode()
            file = os.open(os.environ["SPY_FILE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.write(file, line)
            os.close(file)
    sys.addaudithook(spy)
    """
)


def test_no_connection_is_opened_by_indexing_searching_or_answering_the_bridge(
    tmp_path: Path, repository: Path
) -> None:
    spies = tmp_path / "spies"
    spies.mkdir()
    (spies / "sitecustomize.py").write_text(SPY)
    seen = tmp_path / "seen.txt"
    environment = server_environment(
        tmp_path, repository, PYTHONPATH=str(spies), SPY_FILE=str(seen), CODEBASE_HTTP_PORT="0"
    )
    with stdio_server(environment, tmp_path) as server:
        server.initialize()
        server.record("index_repository")
        chunk_id = server.record("search_code", query="revoke_session")["results"][0]["chunk_id"]
        server.record("get_chunks", chunk_ids=[chunk_id])
        server.record("find_symbol", name="Guard", usages=True)
        server.record("outline")
        told = endpoint(tmp_path)
        place = urlsplit(told["url"])
        assert place.hostname is not None
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
        headers = {"Authorization": f"Bearer {told['token']}"}
        connection.request("GET", f"/mcp/chunks/{chunk_id}", headers=headers)
        assert connection.getresponse().status == 200
        connection.close()
        server.close_stdin()
        server.process.wait(timeout=20)
    assert not seen.exists(), seen.read_text()


def test_the_spy_would_see_one(tmp_path: Path, repository: Path) -> None:
    """The test above can fail: a connection made under the same spy is written down."""
    import subprocess
    import sys

    (tmp_path / "sitecustomize.py").write_text(SPY)
    seen = tmp_path / "seen.txt"
    environment = server_environment(tmp_path, repository, PYTHONPATH=str(tmp_path), SPY_FILE=str(seen))
    script = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    assert "socket.connect" in seen.read_text()
