"""What ends the scanners of Bash, Just and Perl is shown to them in other words; names stay as written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, strategies

from codebase_server.chunks import split
from codebase_server.chunks.languages import SPECS
from codebase_server.chunks.scanners import PARSED_APART, readable
from codebase_server.records import SourceFile

SPLIT = """
import sys
from pathlib import Path
from codebase_server.chunks import split
from codebase_server.records import SourceFile
text = Path(sys.argv[2]).read_text("utf-8")
for _ in range(20):
    split(SourceFile("file", text, "", sys.argv[1], "code", len(text)))
"""


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("just", "a:\n\n\U0010ffff"),
        ("just", "a:\n \U0010fffe\n\U0010fffe\n"),
        ("bash", "a={\U0010ffff..9}\necho {" + "\U0010ffff" * 400 + "}\n"),
        ("perl", "print <<EOF;\n" + "QUJD" * 400 + "\nEOF\n"),
        ("perl", "print <<EOF;\n" + "é" * 40_000 + "\nEOF\n"),
        ("perl", f"print <<{'A' * 3_000};\nabc\n{'A' * 3_000}\n"),
    ],
)
def test_what_ended_a_process_no_longer_does(tmp_path: Path, language: str, text: str) -> None:
    file = tmp_path / "file"
    file.write_text(text, "utf-8")
    ended = subprocess.run([sys.executable, "-c", SPLIT, language, str(file)], check=False)
    assert ended.returncode == 0


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        (
            "bash",
            "грузить() {\n  echo '→ 荷物 \U0001f69a'\n}\n\nship() {\n  грузить\n}\n",
            ["грузить", "ship"],
        ),
        (
            "perl",
            '# → 店\nsub charge {\n    my ($café) = @_;\n    return "ж\U0001f600";\n}\n\nsub ship { 1 }\n',
            ["charge", "ship"],
        ),
        ("just", "# 配達 \U0001f69a\nship:\n    echo '→'\n\ncharge:\n    echo ж\n", ["ship", "charge"]),
    ],
)
def test_code_with_any_letters_is_read_as_before(language: str, text: str, names: list[str]) -> None:
    parsed = split(SourceFile("file", text, "", language, "code", len(text.encode())))
    assert [one.name for one in parsed.definitions] == names
    assert not parsed.had_errors
    assert "\n".join(chunk.content.rstrip("\n") for chunk in parsed.chunks).split() == text.split()


@given(
    strategies.sampled_from(sorted(PARSED_APART)), strategies.text(max_size=300), strategies.integers(1, 8)
)
def test_every_byte_stays_where_it_was_and_nothing_is_beyond_a_table(
    grammar: str, text: str, times: int
) -> None:
    data = (text * times).encode("utf-8", "replace")
    shown = readable(grammar, data)
    assert len(shown) == len(data)
    assert max(map(ord, shown.decode()), default=0) < 256
    assert shown.count(b"\n") >= data.count(b"\n")


@given(strategies.text(strategies.sampled_from("aж漢\U0010ffff \n\x01\x85"), min_size=0, max_size=40))
def test_a_word_that_perl_reads_is_shorter_than_its_place_for_one(text: str) -> None:
    shown = readable("perl", (text * 400).encode()).decode()
    assert max(map(len, shown.replace("\x00", " ").split()), default=0) < 1_000


def test_ascii_is_shown_as_it_is_and_so_is_anything_to_other_grammars() -> None:
    assert readable("bash", b"a" * 5_000) == b"a" * 5_000
    assert readable("python", "漢字".encode()) == "漢字".encode()


def test_each_language_of_such_a_grammar_is_parsed_apart() -> None:
    assert {name for name, spec in SPECS.items() if spec.grammar in PARSED_APART} == PARSED_APART
