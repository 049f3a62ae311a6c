"""A grammar that ends the process that parses ends a worker: the server lives on and tells of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import server_environment
from .processes import StdioServer, stdio_server

ENDING = "print <<EOF;\n" + "QUJD" * 1_000 + "\nEOF\n" + "$parcels += 1;\n" * 1_000
"""Sound Perl, which the grammar's scanner copies to a place for a thousand letters."""

AS_WRITTEN = """
from codebase_server.chunks import scanners
scanners.readable = lambda grammar, data: data
"""
"""What a process begins with that shows grammars the text itself, also what is known to end them."""


@pytest.fixture
def environment(tmp_path: Path, repository: Path) -> dict[str, str]:
    (tmp_path / "begins").mkdir()
    (tmp_path / "begins" / "sitecustomize.py").write_text(AS_WRITTEN)
    return server_environment(tmp_path, repository, PYTHONPATH=str(tmp_path / "begins"))


def left_out(server: StdioServer) -> dict[str, list[str]]:
    return {one["reason"]: one["examples"] for one in server.record("index_status")["skipped"]}


def test_a_server_outlives_an_edit_that_ends_a_grammar(
    tmp_path: Path, repository: Path, environment: dict[str, str]
) -> None:
    script = repository / "src" / "ship.pl"
    script.write_text("sub ship_parcel {\n    return 1;\n}\n")
    with stdio_server(environment, tmp_path) as server:
        server.initialize()
        server.record("index_repository")
        found = server.record("search_code", query="ship_parcel")
        assert found["results"][0]["symbol"] == "ship_parcel"

        script.write_text(ENDING)
        (repository / "src" / "other.sh").write_text("send_letter() {\n  echo sent\n}\n")
        found = server.record("search_code", query="send_letter")
        assert found["results"][0]["symbol"] == "send_letter", "what was changed with it is found"
        assert left_out(server) == {"unreadable": ["src/ship.pl"]}

        script.write_text("sub ship_parcel_again {\n    return 2;\n}\n")
        found = server.record("search_code", query="ship_parcel_again")
        assert found["results"][0]["symbol"] == "ship_parcel_again"
        assert left_out(server) == {}
