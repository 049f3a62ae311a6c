"""What is on disk counts, also before the watcher has been told of it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.codebase_server.service.serving import served

from codebase_server.index import changes, denial
from codebase_server.index.denial import MOMENT_SECONDS, Standing
from codebase_server.index.plan import KnownFile
from codebase_server.service import CodebaseService
from codebase_server.service.answers import Resolved
from codebase_server.service.current import MOST_LOOKS
from codebase_server.settings import load
from codebase_server.store.lock import SystemLock

CODE = '''def total(lines, rate):
    """Sum up the lines and add the tax of version {n}."""
    net = sum(line.price * line.count for line in lines)
    return round(net * (1 + rate), 2)
'''


@pytest.fixture
def service(tmp_path: Path) -> Iterator[CodebaseService]:
    root = tmp_path / "root"
    root.mkdir()
    (root / "basket0.py").write_text(CODE.format(n=0))
    service = CodebaseService(load({"root": (root,), "data_dir": str(tmp_path / "data")}, {}))
    service.index_repository()
    service.warm_up()
    until = time.monotonic() + 20
    while not service.opened(None).index.status().watching and time.monotonic() < until:
        time.sleep(0.05)
    service.search_code("total")  # what changed before the watch stood is looked at
    yield service
    service.close()


def asked(service: CodebaseService, ref: str) -> Resolved:
    (entry,) = service.resolve({"references": [{"ref": ref}], "content": True})["references"]
    return entry


def is_too_early(entry: Resolved) -> bool:
    """A pass that takes longer than anybody waits for is said, never passed over."""
    return entry["state"] == "unchecked" and entry["reason"].endswith("is being indexed; ask again.")


def test_a_file_moved_this_very_moment_is_found_where_it_is(service: CodebaseService) -> None:
    root = service.served_roots()[0].path
    (found,) = service.find_symbol("total")["results"]
    for number in range(5):
        (root / f"basket{number}.py").rename(root / f"basket{number + 1}.py")
        entry = asked(service, found["chunk_id"])
        assert entry["file_path"] == f"basket{number + 1}.py" or is_too_early(entry)


def test_code_edited_this_very_moment_is_told_as_it_is(service: CodebaseService) -> None:
    root = service.served_roots()[0].path
    (found,) = service.find_symbol("total")["results"]
    for number in range(1, 6):
        (root / "basket0.py").write_text(CODE.format(n=number))
        entry = asked(service, found["chunk_id"])
        assert f"version {number}" in str(entry.get("content", "")) or is_too_early(entry)
    (root / "basket0.py").unlink()
    time.sleep(0.2)  # of a file written this very moment no stat is kept
    entry = asked(service, found["chunk_id"])
    assert entry["state"] == "stale" or is_too_early(entry)


def test_a_symbol_of_a_file_edited_this_very_moment_is_where_it_is(service: CodebaseService) -> None:
    root = service.served_roots()[0].path
    (root / "use.py").write_text("from basket0 import total\n\n\ndef bill():\n    return total([], 1)\n")
    service.index_repository()
    for number in range(1, 6):
        (root / "basket0.py").write_text("\n" * number + CODE.format(n=number))
        (root / "use.py").write_text("\n" * number + "from basket0 import total\n\n\ntotal([], 1)\n")
        answer = service.find_symbol("total", usages=True)
        assert [one["start_line"] for one in answer["results"]] == [number + 1]
        assert [one["line"] for one in answer["usages"]] == [number + 4, number + 1]
        (first, *_) = service.outline("basket0.py")["entries"]
        assert first["start_line"] == number + 1
        (root / "basket0.py").write_text(CODE.format(n=number))
        (first, *_) = service.outline("basket0.py")["entries"]
        assert first["start_line"] == 1


def by_its_name(service: CodebaseService, name: str) -> bool:
    return [one["symbol"] for one in service.find_symbol(name)["results"]] == [name]


def by_its_mentions(service: CodebaseService, name: str) -> bool:
    return bool(service.find_symbol(name, usages=True)["results"])


def by_a_search(service: CodebaseService, name: str) -> bool:
    return [one["symbol"] for one in service.search_code(name)["results"][:1]] == [name]


def by_its_letters(service: CodebaseService, name: str) -> bool:
    return [one["symbol"] for one in service.search_code(f'"def {name}("')["results"]] == [name]


@pytest.mark.parametrize("path", ["basket0.py", "new.py", "later/new.py"])
def test_a_name_that_was_denied_is_found_in_the_moment_it_is_written(
    service: CodebaseService, path: str
) -> None:
    """Asked again and again while nothing changes, it is denied without a look at the files."""
    root = service.served_roots()[0].path
    for _ in range(3):
        assert not by_its_name(service, "zorbquark")
        time.sleep(MOMENT_SECONDS + 0.05)
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text("def zorbquark():\n    return 1\n")
    assert by_its_name(service, "zorbquark")


def test_the_first_denial_already_looks_at_no_file(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel has been asked to note changes since nobody asked anything."""
    looked: list[Path] = []

    def noted(root: Path, paths: Iterable[str], ends: float) -> float:
        looked.append(root)
        return denial.latest_change(root, paths, ends)

    monkeypatch.setattr("codebase_server.index.root.latest_change", noted)
    met = service.opened(None)._acquaintance
    until = time.monotonic() + 20
    while not met._done and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(MOMENT_SECONDS + 0.1)
    assert not by_its_name(service, "zorbquark")
    assert not looked
    (service.served_roots()[0].path / "basket0.py").write_text("def zorbquark():\n    return 1\n")
    assert not by_its_name(service, "zorbquack")
    assert looked, "something was written"


def test_a_name_written_this_very_moment_is_not_denied(service: CodebaseService) -> None:
    """A host that writes and asks at once is faster than a watcher. Before each write nothing has changed for
    so long that only this one can be the reason to look."""
    root = service.served_roots()[0].path
    asks = [by_its_name, by_a_search, by_its_mentions, by_its_letters]
    missed = []
    for number in range(20):
        time.sleep(MOMENT_SECONDS + 0.05)
        name = f"zorb{number}quark"
        path = root / ("basket0.py", f"new{number}.py", f"later/new{number}.py")[number % 3]
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"def {name}():\n    return {number}\n")
        if not asks[number % 4](service, name):
            missed.append((path.name, asks[number % 4].__name__))
    assert missed == []


def test_a_name_written_this_very_moment_is_not_denied_in_a_large_root_either(
    service: CodebaseService,
) -> None:
    """The number of files is that of the database, so that nobody has to write 30,000 of them."""
    root = service.served_roots()[0].path
    index = service.opened(None).index
    for number in range(5):
        time.sleep(MOMENT_SECONDS + 0.05)
        with closing(sqlite3.connect(index.database.file, timeout=20)) as connection, connection:
            connection.execute("UPDATE root SET files = 30000")
        name = f"of_many_{number}"
        (root / f"many{number}.py").write_text(f"def {name}():\n    return 1\n")
        assert [one["symbol"] for one in service.find_symbol(name)["results"]] == [name]


def test_what_another_program_wrote_a_while_ago_costs_no_look_at_the_whole_root(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is nowhere is asked for often; a comparison of a large root takes half a second."""
    time.sleep(MOMENT_SECONDS + 0.2)
    looks = []
    index = service.opened(None).index
    monkeypatch.setattr(index._writer, "scan", lambda: looks.append("scan"))
    assert service.find_symbol("zorbquark")["results"] == []
    assert service.search_code('"zorbquark"')["results"] == []
    assert looks == []


def test_what_a_look_behind_publishes_between_judging_and_looking_counts(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look that a reference does not wait for any longer may end at any moment."""
    root = service.served_roots()[0].path
    (found,) = service.find_symbol("total")["results"]
    index = service.opened(None).index
    catch_up = index.catch_up

    def published_meanwhile(read: Mapping[str, KnownFile], generation: str) -> Standing:
        index.run_pass()
        return catch_up(read, generation)

    monkeypatch.setattr(index, "refresh", lambda *_, **__: False)  # no look is done in time
    monkeypatch.setattr(index, "catch_up", published_meanwhile)
    (root / "basket0.py").rename(root / "basket1.py")
    time.sleep(0.2)  # of a file written this very moment no stat is kept
    entry = asked(service, found["chunk_id"])
    assert entry["file_path"] == "basket1.py"


Ask = Callable[[CodebaseService, str], tuple[str, bool]]


def by_search(service: CodebaseService, _: str) -> tuple[str, bool]:
    answer = service.search_code("sum up the lines and add the tax")
    return str(answer["results"][0].get("content", "")), is_warned(answer["warnings"])


def by_name(service: CodebaseService, _: str) -> tuple[str, bool]:
    answer = service.find_symbol("total")
    return "\n" * (answer["results"][0]["start_line"] - 1), is_warned(answer["warnings"])


def by_outline(service: CodebaseService, _: str) -> tuple[str, bool]:
    answer = service.outline("basket0.py")
    return "\n" * (answer["entries"][0]["start_line"] - 1), is_warned(answer["warnings"])


def by_id(service: CodebaseService, chunk_id: str) -> tuple[str, bool]:
    answer = service.get_chunks([chunk_id])
    return str(answer["chunks"][0]["content"]), is_warned(answer["warnings"])


def by_reference(service: CodebaseService, chunk_id: str) -> tuple[str, bool]:
    entry = asked(service, chunk_id)
    return str(entry.get("content", "")), is_too_early(entry)


def is_warned(warnings: list[str]) -> bool:
    return any("not read again yet: basket0.py" in warning for warning in warnings)


@pytest.mark.parametrize("ask", [by_search, by_name, by_outline, by_id, by_reference])
@pytest.mark.parametrize("before_look", [(1,), (1, 2), (1, 2, 3)])
def test_what_is_saved_between_a_look_and_its_comparison_is_in_the_answer(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch, ask: Ask, before_look: tuple[int, ...]
) -> None:
    """Also when that comparison is of the second look, made because the first had been overtaken."""
    file = service.served_roots()[0].path / "basket0.py"
    (found,) = service.find_symbol("total")["results"]
    index = service.opened(None).index
    catch_up = index.catch_up
    looks = 0

    def saved_just_now(read: Mapping[str, KnownFile], generation: str) -> Standing:
        nonlocal looks
        looks += 1
        if looks in before_look:
            file.write_text("\n" * looks + CODE.format(n=looks))
        return catch_up(read, generation)

    monkeypatch.setattr(index, "catch_up", saved_just_now)
    told, is_behind = ask(service, found["chunk_id"])
    assert looks >= max(before_look) or is_behind, (
        "a slow machine may say that it is behind at an earlier look"
    )
    newest = "\n" * max(before_look)
    assert f"version {max(before_look)}" in told or told == newest or is_behind


@pytest.mark.parametrize("ask", [by_search, by_name, by_outline, by_id, by_reference])
def test_who_saves_a_file_without_end_is_answered_and_told(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    file = service.served_roots()[0].path / "basket0.py"
    (found,) = service.find_symbol("total")["results"]
    index = service.opened(None).index
    looks = 0

    def saved_again(method: Callable[..., Any]) -> Callable[..., Any]:
        def saving(*given: Any) -> Any:
            nonlocal looks
            looks += 1
            file.write_text("\n" * looks + CODE.format(n=looks))
            return method(*given)

        return saving

    monkeypatch.setattr(index, "catch_up", saved_again(index.catch_up))
    monkeypatch.setattr(index, "behind", saved_again(index.behind))
    _, is_behind = ask(service, found["chunk_id"])
    assert is_behind
    assert looks <= MOST_LOOKS + 1


@pytest.mark.parametrize("ask", [by_search, by_name, by_outline, by_id, by_reference])
def test_what_another_process_folds_in_meanwhile_is_in_the_answer(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    """Then the index is as the disk is, and the answer, of the generation before, is not."""
    file = service.served_roots()[0].path / "basket0.py"
    (found,) = service.find_symbol("total")["results"]
    index = service.opened(None).index
    catch_up = index.catch_up
    looks = 0

    def folded_in_elsewhere(read: Mapping[str, KnownFile], generation: str) -> Standing:
        nonlocal looks
        looks += 1
        if looks == 1:
            file.write_text("\n" + CODE.format(n=1))
            time.sleep(0.1)  # so that its stat is kept
            index.run_pass()
        return catch_up(read, generation)

    monkeypatch.setattr(index, "catch_up", folded_in_elsewhere)
    told, is_behind = ask(service, found["chunk_id"])
    assert not is_behind
    assert "version 1" in told or told == "\n"


@pytest.mark.parametrize("ask", [by_search, by_name, by_outline, by_id, by_reference])
def test_while_another_process_writes_the_answer_says_what_it_is_behind_of(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    root = service.served_roots()[0].path
    (found,) = service.find_symbol("total")["results"]
    index = service.opened(None).index
    with SystemLock(index.database.folder / "writer.lock").held(5.0):
        (root / "basket0.py").write_text("\n" + CODE.format(n=1))
        _, is_behind = ask(service, found["chunk_id"])
        assert is_behind
        (root / "basket0.py").write_text(CODE.format(n=0))  # as it was read, but for its times
        told, is_behind = ask(service, found["chunk_id"])
        assert not is_behind
        assert "version 0" in told or told == ""


@pytest.mark.parametrize("ask", [by_search, by_name, by_outline, by_id, by_reference])
def test_where_nothing_changed_a_file_of_an_answer_is_looked_at_once(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    (found,) = service.find_symbol("total")["results"]
    time.sleep(0.2)
    service.index_repository()
    looked_at = []
    entry_of = changes._entry

    def counted(root: Path, path: str) -> object:
        looked_at.append(path)
        return entry_of(root, path)

    monkeypatch.setattr(changes, "_entry", counted)
    ask(service, found["chunk_id"])
    assert len(looked_at) <= (2 if ask is by_outline else 1)


def test_a_root_that_was_away_and_is_back_is_not_told_as_failed(tmp_path: Path) -> None:
    with served(tmp_path, {"a.py": CODE.format(n=0), "b.py": "def second():\n    return 2\n"}) as there:
        root, away = tmp_path / "root", tmp_path / "away"
        root.rename(away)
        gone = _warnings_until(there, lambda said: "The last indexing failed: No folder" in said)
        assert "The last indexing failed: No folder" in gone
        away.rename(root)
        (root / "b.py").unlink()
        back = _warnings_until(there, lambda said: "failed" not in said)
        assert "failed" not in back
        assert not there.find_symbol("second")["results"]


def _warnings_until(service: CodebaseService, enough: Callable[[str], bool]) -> str:
    """The warnings of a call, made again until they are what is waited for, or for ten seconds."""
    ends = time.monotonic() + 10
    while True:
        said = " ".join(service.find_symbol("total")["warnings"])
        if enough(said) or time.monotonic() > ends:
            return said
        time.sleep(0.05)
