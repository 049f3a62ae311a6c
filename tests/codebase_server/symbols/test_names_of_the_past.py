"""A name that is no more: what became of its code is told by name, as it is by id."""

from __future__ import annotations

import subprocess
from pathlib import Path

from codebase_server.service import CodebaseService
from codebase_server.settings import load

from .conftest import Indexed

REMIND = '''def send_reminder(customer, days):
    """Write to a customer whose invoice is due in some days."""
    text = f"Your invoice is due in {days} days."
    customer.outbox.append(text)
    return len(customer.outbox)
'''
OTHER = '''def archive(letters, folder):
    """Move letters into a folder and say how many there were."""
    for letter in letters:
        folder.add(letter)
    return len(letters)
'''


def rewritten(service: CodebaseService, **files: str) -> None:
    root = service.served_roots()[0].path
    for stem, text in files.items():
        path = root / f"{stem}.py"
        path.write_text(text) if text else path.unlink()
    service.index_repository()


def told(service: CodebaseService, name: str) -> str:
    answer = service.find_symbol(name)
    assert answer["results"] == []
    return answer["warnings"][0]


def test_of_a_function_that_was_renamed_the_new_name_is_told(indexed: Indexed) -> None:
    service = indexed({"mailing.py": REMIND + "\n\n" + OTHER})
    rewritten(service, mailing=OTHER + "\n\n" + REMIND.replace("send_reminder", "remind_customer"))
    assert told(service, "send_reminder") == "send_reminder is remind_customer now (mailing.py:8)."


def test_of_a_method_whose_class_was_renamed_too(indexed: Indexed) -> None:
    methods = "".join(f"    {line}\n" if line else "\n" for line in REMIND.splitlines())
    service = indexed({"mailing.py": f"class Letters:\n{methods}"})
    rewritten(service, mailing=f"class Notes:\n{methods}")
    assert told(service, "Letters.send_reminder") == (
        "Letters.send_reminder is Notes.send_reminder now (mailing.py:2)."
    )


def test_of_a_function_that_was_deleted_its_last_place_is_told_and_the_id_that_shows_it(
    indexed: Indexed,
) -> None:
    service = indexed({"mailing.py": REMIND + "\n\n" + OTHER, "use.py": "import mailing\n"})
    (before,) = service.find_symbol("send_reminder")["results"]
    rewritten(service, mailing=OTHER)
    said = told(service, "send_reminder")
    assert said.startswith("send_reminder was deleted: it last stood in mailing.py:1-5 (")
    assert before["chunk_id"] in said
    (chunk,) = service.get_chunks([before["chunk_id"]])["chunks"]
    assert chunk["was"] is not None
    assert chunk["was"].get("content", "").rstrip() == REMIND.rstrip()


def test_of_two_that_were_deleted_each_is_told_as_one_of_the_name(indexed: Indexed) -> None:
    other = "def send_reminder(post):\n    post.close()\n    return post.sealed\n"
    service = indexed({"mailing.py": REMIND, "post.py": other, "archive.py": OTHER})
    rewritten(service, mailing="", post="")
    said = told(service, "send_reminder")
    assert said.count("deleted") == 2
    assert said.startswith("send_reminder was deleted: it last stood in ")
    assert "; another was deleted: it last stood in " in said


def test_of_a_file_that_was_deleted_as_well(indexed: Indexed) -> None:
    service = indexed({"mailing.py": REMIND, "archive.py": OTHER})
    rewritten(service, mailing="")
    assert "was deleted: it last stood in mailing.py:1-5" in told(service, "send_reminder")
    assert "was deleted" in told(service, "mailing.send_reminder")
    assert "was deleted" not in told(service, "archive.send_reminder")


def test_a_name_that_never_was_and_one_that_is_back_are_not_said_to_be_past(indexed: Indexed) -> None:
    service = indexed({"mailing.py": REMIND, "archive.py": OTHER})
    assert "was deleted" not in told(service, "send_remainders")
    rewritten(service, mailing="")
    rewritten(service, mailing=REMIND)
    (found,) = service.find_symbol("send_reminder")["results"]
    assert found["file_path"] == "mailing.py"


def test_what_another_checkout_calls_it_is_not_what_it_became_here(tmp_path: Path) -> None:
    """A clone shares the index and the ids: there the function bears another name."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    (here / "mailing.py").write_text(REMIND)
    git(here, "init", "-q")
    git(here, "add", ".")
    git(here, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "one")
    git(tmp_path, "clone", "-q", str(here), str(there))
    service = CodebaseService(load({"root": (here, there), "data_dir": str(tmp_path / "data")}, {}))
    try:
        for root in (here, there):
            service.index_repository(root=str(root))
        (there / "mailing.py").write_text(REMIND.replace("send_reminder", "remind_customer"))
        service.index_repository(root=str(there))
        gone, not_here = (
            service.find_symbol(name, root=str(root))["warnings"][0]
            for name, root in (("send_reminder", there), ("remind_customer", here))
        )
    finally:
        service.close()
    assert gone == "send_reminder is remind_customer now (mailing.py:1)."
    assert not_here.startswith("No definition is named remind_customer.")


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True)


def test_of_a_function_of_two_lines_that_was_renamed_where_it_stands(indexed: Indexed) -> None:
    tiny = "def tiny_load(path):\n    return os.stat(path)\n"
    service = indexed({"tiny.py": f"import os\n\n\n{tiny}"})
    (before,) = service.find_symbol("tiny_load")["results"]
    rewritten(service, tiny=f"import os\n\n\n{tiny.replace('tiny_load', 'small_read')}")
    assert told(service, "tiny_load") == "tiny_load is small_read now (tiny.py:4)."
    (now,) = service.find_symbol("small_read")["results"]
    assert now["chunk_id"] == before["chunk_id"]


def test_of_a_file_that_is_left_out_now_it_is_said_and_not_that_its_names_were_deleted(
    indexed: Indexed,
) -> None:
    service = indexed({"mailing.py": REMIND, "old/archive.py": OTHER})
    root = service.served_roots()[0].path
    (root / ".codebaseignore").write_text("mailing.py\nold/\n")
    service.index_repository()
    for name, place in (("send_reminder", "mailing.py:1-5"), ("archive_", "old/archive.py:1-5")):
        said = told(service, name.rstrip("_"))
        assert f"stood in {place}, which is not indexed any more: ignored (" in said
        assert "deleted" not in said


def test_of_an_untracked_file_that_git_ignores_now_as_well(indexed: Indexed) -> None:
    service = indexed({"mailing.py": REMIND})
    root = service.served_roots()[0].path
    git(root, "init", "-q")
    service.index_repository()
    (root / ".gitignore").write_text("mailing.py\n")
    service.index_repository()
    assert "mailing.py:1-5, which is not indexed any more: ignored (" in told(service, "send_reminder")


def test_a_denial_names_the_repositories_that_lie_within_the_root(indexed: Indexed) -> None:
    service = indexed({"mailing.py": REMIND, "nested/inner.py": "def nested_only(): pass\n"})
    root = service.served_roots()[0].path
    git(root / "nested", "init", "-q")
    git(root, "init", "-q")
    service.index_repository()
    said = " ".join(service.find_symbol("never_written")["warnings"])
    assert "nested is a repository of its own, not indexed with this root." in said


def test_what_shares_hardly_a_bracket_with_dead_code_is_not_named_as_what_it_became(
    indexed: Indexed,
) -> None:
    service = indexed({"mailing.py": REMIND, "web.ts": "export const send_reminder = {};\n"})
    (before,) = (
        one for one in service.find_symbol("send_reminder")["results"] if one["language"] == "python"
    )
    rewritten(service, mailing="")
    (chunk,) = service.get_chunks([before["chunk_id"]])["chunks"]
    assert chunk["candidates"] == []


def test_of_code_that_was_written_under_another_name_first_and_deleted_later_that_is_named(
    indexed: Indexed,
) -> None:
    ledger = "class Ledger:\n" + "".join(f"    {line}\n" for line in REMIND.splitlines())
    service = indexed({"ledger.py": f"{OTHER}\n\n{ledger}", "audit.py": OTHER})
    (before,) = service.find_symbol("send_reminder")["results"]
    copy = ledger.replace("Ledger", "Audit").replace("send_reminder", "send_audit_reminder")
    rewritten(service, audit=f"{OTHER}\n\n{copy}")
    rewritten(service, ledger=OTHER)
    (chunk,) = service.get_chunks([before["chunk_id"]])["chunks"]
    assert chunk["candidates"][0]["symbol"] == "Audit.send_audit_reminder"
    assert chunk["candidates"][0]["file_path"] == "audit.py"
    assert chunk["reason"].startswith("Gone where it stood. The same code stands in another place;")
