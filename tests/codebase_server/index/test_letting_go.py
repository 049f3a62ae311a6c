"""A root of very many files: what is made and let go of for each holds up no other thread for long."""

from __future__ import annotations

import gc
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from codebase_server.files import FileEntry
from codebase_server.files.listing import list_with_walk
from codebase_server.index import passes, preparing, writing
from codebase_server.index.plan import KnownFile
from codebase_server.runtime.collecting import let_go
from codebase_server.search.stored import StoredCorpus


class _Row:
    """Notes, as it dies, how many rows there still are."""

    def __init__(self, held: Any, left: Counter[int]) -> None:
        self._held, self._left = held, left

    def __del__(self) -> None:
        self._left[len(self._held)] += 1


@pytest.mark.parametrize("held", [[], {}])
def test_of_very_many_objects_few_die_in_one_step(held: Any) -> None:
    """Between two steps other threads have their turn."""
    left: Counter[int] = Counter()
    for number in range(20_000):
        row = _Row(held, left)
        if isinstance(held, dict):
            held[number] = row
        else:
            held.append(row)
    del row
    let_go(held)
    assert not held
    assert left.total() == 20_000
    assert max(left.values()) <= 5_000


def test_what_a_pass_made_of_each_file_is_let_go_of_by_its_last_holder(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go_of: dict[type, int] = {}

    def watched(held: Any) -> None:
        one = next(iter(held.values() if isinstance(held, dict) else held), None)
        if (
            one is not None and sys.getrefcount(one) == 3
        ):  # the container, this function, the count's argument
            let_go_of[type(one)] = len(held)
        let_go(held)
        assert not held

    for module in (passes, preparing, writing):
        monkeypatch.setattr(module, "let_go", watched)
    for number in range(30):
        project.write(f"file{number}.py", f"def f{number}():\n    return {number}\n")
    project.build()
    assert let_go_of == {FileEntry: 30, tuple: 30}, "the look at the disk, and what workers were given"
    let_go_of.clear()
    project.build()
    assert let_go_of == {FileEntry: 30, KnownFile: 30}, "the look at the disk, and what was known before"


def test_the_words_that_files_share_are_kept_once(project: Any) -> None:
    for number in range(30):
        project.write(f"file{number}.py", f"def f{number}():\n    return {number}\n")
    project.build()
    with project.index.snapshot() as snapshot:
        table = StoredCorpus(snapshot).table()
    assert (len(table.languages), len(table.kinds)) == (30, 30)
    assert len({id(word) for word in (*table.languages, *table.kinds)}) == 2


def test_a_walk_leaves_no_pile_of_records_to_the_next_collection(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"{number}.py").touch()
    gc.collect()
    listing = list_with_walk(tmp_path, ())
    assert len(listing.entries) == 10_000
    assert len(gc.get_objects(generation=0)) < 2 * gc.get_threshold()[0]


def test_a_collection_looks_through_few_objects_and_hardly_ever_through_all() -> None:
    script = """
        import gc
        from codebase_server.runtime.collecting import collect_rarely

        def note(phase, told):
            if phase == "start":
                generation = told["generation"]
                looked_through = sum(len(gc.get_objects(n)) for n in range(generation + 1))
                most[generation] = max(most[generation], looked_through)

        most = [0, 0, 0]
        collect_rarely()
        gc.callbacks.append(note)
        kept = [[] for _ in range(500_000)]
        print(*most)
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], check=True, capture_output=True, text=True
    ).stdout.split()
    youngest, young, old = map(int, told)
    assert 0 < youngest <= young < 25_000
    assert old == 0
