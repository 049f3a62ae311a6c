"""Messages as a program prints them: with the error's class before them and values in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.codebase_server.service.serving import served

from codebase_server.service import CodebaseService
from codebase_server.service.answers import SearchAnswer

FILES = {
    "shop/types.py": (
        "def type_of(annotation):\n"
        '    """The type of an annotation."""\n'
        "    if annotation in KNOWN:\n        return KNOWN[annotation]\n"
        '    raise RuntimeError(f"Type not yet supported: {annotation}")\n'
    ),
    "shop/dates.py": (
        "class RuntimeErrorOfDates(RuntimeError):\n"
        '    """A datetime or timedelta whose type class is not supported."""\n\n\n'
        "def timedelta_of(datetime):\n"
        '    """The timedelta of a datetime class."""\n    return datetime.timedelta\n'
    ),
    "shop/Validator.cs": (
        "class AsyncInvoked : Exception {\n  static string Message(string name) {\n"
        '    return $"Validator \\"{name}\\" can\'t be used with automatic validation: it waits";\n  }\n}\n'
    ),
    "shop/x.py": 'LETTERS = ["X", "Y"]\n',
    "shop/levels.c": (
        "void set_level(int level) {\n  assert(level + 1 < config_levels);\n  current = level;\n}\n\n"
        "void assert_level(int level) {\n  check(level);\n}\n"
    ),
    "shop/ignoring.py": (
        "def matched_in_parents(path, directory):\n"
        '    """Match ignore files of the parent directories."""\n'
        '    return read(directory / ".gitignore")\n'
    ),
    ".gitignore": "build/\n*.pyc\n",
    "setup.cfg": "[mypy]\nstrict = true\n",
}


FILES |= {
    "shop/baskets.py": "\n\n".join(
        f"def load_{name}(number):\n    basket = {name}.get(number)\n    if basket is None:\n"
        f'        raise LookupError("Unable to load the basket with this number")\n    return basket\n'
        for name in ("open", "closed", "paid", "sent", "back", "lost", "old", "new", "other")
    ),
    "shop/settings.go": (
        "package shop\n\nfunc intOf(name, text string) (int, error) {\n\tvalue, err := strconv.Atoi(text)\n"
        '\tif err != nil {\n\t\treturn 0, fmt.Errorf("invalid int for %s (%q): %w", name, text, err)\n\t}\n'
        "\treturn value, nil\n}\n"
    ),
    "shop/token.go": 'package shop\n\nvar alphabet = []byte("0123456789abcdefghijklmnopqrstuvwxyz")\n',
    "shop/errors.rs": (
        "impl Display for Error {\n  fn fmt(&self, f: &mut Formatter) -> Result {\n"
        '    write!(f, "the literal {:?} is not allowed in a basket", self.lit)\n  }\n}\n'
    ),
    "shop/strip.rs": (
        "/// Fails since 'the letter' is not allowed in a basket.\nfn strip_literal(lit: u8) { lit; }\n"
    ),
    "shop/route.go": (
        "package shop\n\nfunc check(name string) error {\n"
        '\treturn fmt.Errorf("undefined receiver %q used in route", name)\n}\n'
    ),
    "shop/reader.cc": 'void Read() {\n  ReportCorruption(size, "checksum mismatch");\n}\n',
    "shop/revision.py": (
        "def revision_of(number):\n    if number not in KNOWN:\n"
        "        raise CommandError(\"Can't locate revision identified by '%s'\" % number)\n"
    ),
    "tests/test_revision.py": (
        "def test_unknown():\n"
        "    assert_raises(CommandError, \"Can't locate revision identified by 'invalid'\")\n"
    ),
    **{
        f"shop/total{n}.py": f"def total_{n}(rows):\n" + "".join(f"    rows.add({i})\n" for i in range(12))
        for n in range(6)
    },
    "tests/door_test.cc": "TEST_F(DoorTest, Opens) {\n  int door = 1;\n  ASSERT_TRUE(door);\n}\n",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodebaseService]:
    with served(tmp_path_factory.mktemp("messages"), FILES) as service:
        yield service


def place(answer: SearchAnswer) -> str:
    first = answer["results"][0]
    return f"{first['file_path']}:{first['start_line']}"


@pytest.mark.parametrize(
    "question",
    [
        "Type not yet supported",
        "RuntimeError: Type not yet supported",
        "Type not yet supported: <class 'datetime.timedelta'>",
        "RuntimeError: Type not yet supported: <class 'datetime.timedelta'>",
    ],
)
def test_a_message_is_found_with_its_class_before_it_and_a_value_behind(
    service: CodebaseService, question: str
) -> None:
    answer = service.search_code(question)
    assert place(answer) == "shop/types.py:1"
    assert answer["results"][0]["similarity_score"] == 1
    assert not answer["warnings"]


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ('the literal "x" is not allowed in a basket', "shop/errors.rs"),
        ('undefined receiver "foo" used in route', "shop/route.go"),
        ("Corruption: checksum mismatch", "shop/reader.cc"),
        ("alembic.CommandError: Can't locate revision identified by 'ae1027'", "shop/revision.py"),
        ("Assertion `level + 1 < config_levels' failed", "shop/levels.c"),
        ("TEST_F(DoorTest, Opens)", "tests/door_test.cc"),
    ],
)
def test_what_stands_between_the_values_is_found_in_the_code_before_its_tests(
    service: CodebaseService, question: str, path: str
) -> None:
    first = service.search_code(question)["results"][0]
    assert (first["file_path"], first["similarity_score"]) == (path, 1)


def test_quotes_in_a_message_hold_a_value_and_the_answer_says_so(service: CodebaseService) -> None:
    answer = service.search_code('Validator "X" can\'t be used with automatic validation: it waits')
    assert place(answer) == "shop/Validator.cs:1"
    assert any('around "X"' in warning for warning in answer["warnings"])


def test_a_value_that_stands_by_chance_in_other_code_hides_no_answer(service: CodebaseService) -> None:
    """As ``abc`` does in an alphabet."""
    answer = service.search_code('where is an int parsed from the text "abc" of a setting, with strconv.Atoi')
    assert place(answer).startswith("shop/settings.go:")
    assert any(warning.startswith('"abc" stands here only') for warning in answer["warnings"])
    alone = service.search_code('"abc"')
    assert [one["file_path"] for one in alone["results"]] == ["shop/token.go"]


def test_a_message_that_many_places_have_says_how_many_more(service: CodebaseService) -> None:
    answer = service.search_code("Unable to load the basket with this number", limit=10)
    assert {one["file_path"] for one in answer["results"][:3]} == {"shop/baskets.py"}
    assert answer["warnings"] == [
        '6 more chunks or so say the same words in a row: put these in "quotes" to see each.'
    ]
    every = service.search_code('"Unable to load the basket"', limit=20, content="none")
    assert len(every["results"]) == 9
    assert not service.search_code("RuntimeError: Type not yet supported")["warnings"]


@pytest.mark.parametrize(
    ("said", "symbol"),
    [
        ("Unknown input format foo", "render"),
        ("unknown input format", "render"),
        ("notes is not a known folder", "checked"),
        ("unknown input formats of the reader", "formats"),
    ],
)
def test_a_value_at_an_end_of_a_message_needs_no_marks(tmp_path: Path, said: str, symbol: str) -> None:
    files = {
        "errors.py": 'def render(error, kind):\n    return "Unknown input format " + kind\n\n\n'
        'def checked(name):\n    raise ValueError(name + " is not a known folder")\n',
        "formats.py": 'def formats(reader):\n    """The input formats of a reader, unknown ones too."""\n'
        "    return [format for format in reader.input_formats if format.unknown or format.input]\n\n\n"
        'def input_format(unknown):\n    """The input format of an unknown format."""\n'
        "    return unknown.format\n",
    }
    with served(tmp_path, files) as service:
        assert service.search_code(said)["results"][0]["symbol"] == symbol


def test_a_long_message_of_which_the_code_has_three_words_is_not_sure_to_be_of_it(tmp_path: Path) -> None:
    files = {
        "notes.py": 'OPTIONS = "#+OPTIONS: does-not-exist:t"\n',
        "other.py": "def read(path):\n    return path\n",
    }
    with served(tmp_path, files) as service:
        found = service.search_code("tool: notes.md: withFile: does not exist (No such file or directory)")
    assert found["results"][0]["similarity_score"] <= 0.5


def test_quotes_elsewhere_are_looked_for_letter_by_letter(service: CodebaseService) -> None:
    answer = service.search_code('which letters are like "X" in this shop')
    assert [one["file_path"] for one in answer["results"]] == ["shop/x.py"]


@pytest.mark.parametrize(
    "question", ["assert(level + 1 < config_levels)", "assert(level + 1 < config_levels);"]
)
def test_a_call_with_operators_in_it_is_a_piece_of_the_code(service: CodebaseService, question: str) -> None:
    assert place(service.search_code(question)) == "shop/levels.c:1"


def test_a_call_with_mere_parameters_asks_for_the_name(service: CodebaseService) -> None:
    assert service.search_code("assert_level(int level)")["results"][0]["symbol"] == "assert_level"


def test_a_file_that_a_sentence_only_speaks_of_is_not_its_answer(service: CodebaseService) -> None:
    answer = service.search_code("how are .gitignore files matched in parent directories")
    assert place(answer) == "shop/ignoring.py:1"


@pytest.mark.parametrize(
    ("question", "path"), [(".gitignore", ".gitignore"), ("setup.cfg mypy", "setup.cfg")]
)
def test_a_file_that_is_asked_for_is_the_answer(service: CodebaseService, question: str, path: str) -> None:
    assert service.search_code(question)["results"][0]["file_path"] == path


def test_an_answer_to_nothing_says_how_likely_its_best_is_and_shows_previews_of_the_later(
    service: CodebaseService,
) -> None:
    answer = service.search_code("photosynthesis adding rows underwater")
    (warning,) = answer["warnings"]
    assert warning.startswith("Perhaps nothing here answers this: no result is likelier than ")
    assert warning.endswith("Of those after the third, previews are shown.")
    shown = service.search_code("photosynthesis adding rows underwater", content="preview")
    whole, cut = ([one["content"] for one in given["results"]] for given in (answer, shown))
    assert whole[3:] == cut[3:]
    assert any(len(one) > len(other) for one, other in zip(whole[:3], cut[:3], strict=True))
