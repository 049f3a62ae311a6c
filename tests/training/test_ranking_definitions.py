"""Names as questions: which are drawn, and which file is their answer."""

from pathlib import Path

from bench.retrieval.memory import parse
from training.ranking import definitions

FILES = {
    "pool.py": "class ConnectionPool:\n    def release_all(self):\n        return 1\n",
    "tests/test_pool.py": "class ConnectionPool:\n    pass\n\n\ndef test_one():\n    ConnectionPool()\n",
    "twice.py": "class Twice:\n    x = 1\n",
    "again.py": "class Twice:\n    y = 2\n\n\ndef run():\n    return Twice()\n",
}


def asked(tmp_path: Path) -> dict[str, str]:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return {name: target.path for name, (target,), _ in definitions.asked(parse(tmp_path))}


def test_a_type_and_a_method_are_asked_for_by_name(tmp_path: Path) -> None:
    found = asked(tmp_path)
    assert found["ConnectionPool"] == "pool.py", "a class of the tests is not another definition"
    assert found["release_all"] == "pool.py"


def test_a_name_that_two_files_define_is_not_asked_for(tmp_path: Path) -> None:
    assert "Twice" not in asked(tmp_path)


def test_a_word_too_short_to_be_a_name_is_not_asked_for(tmp_path: Path) -> None:
    assert "run" not in asked(tmp_path)
