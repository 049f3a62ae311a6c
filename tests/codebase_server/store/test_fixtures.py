"""Indexes that earlier schemas wrote: opened by this release, with every chunk id and tombstone as it was."""

from __future__ import annotations

import gzip
import json
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.codebase_server.store.fixtures.make import HERE, ROOT, SECOND, ids, lay

from codebase_server.index import IndexOptions, RootIndex, changes, passes, prepare
from codebase_server.index.audit import audit
from codebase_server.search.engine import Engine
from codebase_server.search.request import SearchRequest
from codebase_server.search.stored import StoredCorpus
from codebase_server.store import Registry
from codebase_server.store.schema import NEWEST, version_of

REPOSITORY = "r_of_the_fixture"


def unpacked(version: int, folder: Path) -> RootIndex:
    """The fixture of a schema version, in a data folder of its own, beside the files it was made of."""
    root, registry = folder / "root", Registry(folder / "data")
    root.mkdir()
    lay(root, SECOND)
    registry.add_root(root, REPOSITORY)
    file = registry.folder_of(REPOSITORY) / "index.sqlite3"
    file.parent.mkdir(parents=True)
    file.write_bytes(gzip.decompress((HERE / f"schema-{version}.sqlite3.gz").read_bytes()))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE root SET path = ? WHERE path = ?", (str(root), ROOT))
        connection.commit()
    return RootIndex(root, registry, IndexOptions(watch=False))


def found(index: RootIndex, query: str) -> list[str]:
    """The symbols that a search comes to."""
    with index.snapshot() as snapshot:
        answer = Engine().search(StoredCorpus(snapshot), SearchRequest(query=query), None)
    return [hit.symbol for hit in answer.results]


def known_to(index: RootIndex) -> dict[str, str]:
    """Chunk ids by place, as the database has them."""
    with index.database.reading() as connection:
        return ids(connection)


@pytest.mark.parametrize("version", range(1, NEWEST + 1))
def test_an_index_of_each_schema_is_opened_with_its_ids_and_its_dead(version: int, tmp_path: Path) -> None:
    recorded: dict[str, str] = json.loads((HERE / f"schema-{version}.json").read_text())
    index = unpacked(version, tmp_path)
    index.run_pass()
    with index.database.reading() as connection:
        assert version_of(connection) == NEWEST
        dead = connection.execute("SELECT chunk_id FROM tombstone").fetchall()
    assert known_to(index) == recorded
    assert dead == [(recorded["src/garden.py::count_the_bees"],)]
    assert recorded["src/saw.py::sharpen_the_saw"] == recorded["src/tools/saw.py::sharpen_the_saw"]
    assert found(index, "sharpen the saw")[0] == "sharpen_the_saw"
    assert audit(index.database, against_disk=True) == []
    index.close()


def test_the_index_of_the_newest_schema_answers_before_anything_is_read_anew(tmp_path: Path) -> None:
    index = unpacked(NEWEST, tmp_path)
    assert found(index, "water the plants")[0] == "water_the_plants"
    before = index.status().generation
    index.run_pass()
    assert index.status().generation.split(".")[0] == before.split(".")[0], "the same epoch: nothing rebuilt"
    index.close()


def test_files_parsed_by_older_rules_are_parsed_again_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index = unpacked(NEWEST, tmp_path)
    index.run_pass()
    before = known_to(index)
    with closing(sqlite3.connect(index.database.file)) as connection:
        connection.execute("UPDATE file SET format = 0 WHERE path LIKE 'src/%'")
        connection.commit()
    with caplog.at_level(logging.WARNING):
        index.run_pass()
    assert "2 files were parsed by an older release's rules" in caplog.text
    assert known_to(index) == before
    caplog.clear()
    index.run_pass()
    assert "older release" not in caplog.text, "it is done once"
    assert audit(index.database, against_disk=True) == []
    index.close()


def test_of_two_releases_on_one_root_the_older_leaves_what_the_newer_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while an upgrade is under way: each would else undo what the other did, at every look."""
    index = unpacked(NEWEST, tmp_path)

    def as_release(rules: int) -> int:
        for module in (prepare, passes, changes):
            monkeypatch.setattr(module, "FORMAT", rules)
        index.refresh()
        return index.run_pass().changed_files

    as_release(prepare.FORMAT)
    ids_before = known_to(index)
    newer = prepare.FORMAT + 1
    as_release(newer)
    settled = index.status().generation
    assert [as_release(rules) for rules in (newer - 1, newer, newer - 1)] == [0, 0, 0]
    assert index.status().generation == settled, "nothing was published by turns"
    with (index.root / "README.md").open("a") as file:
        file.write("\n## Wasps\n\nHow wasps are kept away.\n")
    as_release(newer - 1)
    assert found(index, "wasps are kept away")[0] == "Garden.Wasps", "the older one folds in what is edited"
    as_release(newer)
    settled = index.status().generation
    as_release(newer - 1)
    assert index.status().generation == settled
    assert {place: one for place, one in known_to(index).items() if place in ids_before} == ids_before
    assert audit(index.database, against_disk=True) == []
    index.close()


def test_a_text_index_by_older_rules_is_made_again_from_the_stored_code_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index = unpacked(NEWEST, tmp_path)
    index.run_pass()
    with closing(sqlite3.connect(index.database.file)) as connection:
        connection.execute("UPDATE segment SET terms_version = 0")
        connection.commit()
    assert found(index, "water the plants") == [], "what other rules wrote is not read"
    with caplog.at_level(logging.WARNING):
        index.run_pass()
    assert "by another release's rules: they are indexed again from the stored code" in caplog.text
    assert found(index, "water the plants")[0] == "water_the_plants"
    assert audit(index.database, against_disk=True) == []
    index.close()
