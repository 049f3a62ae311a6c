"""Dart: signatures and bodies stand side by side, and every member is found."""

from __future__ import annotations

import textwrap

import pytest

from codebase_server.chunks import split
from codebase_server.records import ParsedFile, SourceFile

DOORS = """
abstract class Door<State> implements Closable {
  /// A door that stands somewhere.
  Door(this._state) {
    observer.onCreate(this);
  }
  Door.open({required this.at}) : super(at);
  factory Door.of(int at) => Door(at);
  static const int most = 3, least = 1;
  State _state;
  late final StreamController<State> _controller = StreamController.broadcast();

  State get state => _state;
  set state(State value) { _state = value; }

  /// Opens it.
  @override
  @mustCallSuper
  Future<void> open(int width) async {
    await hinge(width);
  }

  void slam();

  @override
  bool operator ==(Object other) => true;
}

mixin Locking on Door { void lock() {} }
extension Doors on List<Door> { int get opened => 1; }
enum Side { left, right; Side get other => left; }
typedef Opened = void Function(Door door);
const most = 9;
int count = 0;

void main() {
  run();
}
"""


@pytest.fixture(scope="module")
def doors() -> ParsedFile:
    text = textwrap.dedent(DOORS).lstrip("\n")
    return split(SourceFile("lib/door.dart", text, "0" * 32, "dart", "code", len(text)))


def test_all_that_a_file_defines_is_listed_by_its_kind(doors: ParsedFile) -> None:
    assert {(one.qualified, one.kind) for one in doors.definitions} == {
        ("Door", "class"),
        ("Door.Door", "constructor"),
        ("Door.open", "constructor"),
        ("Door.of", "constructor"),
        ("Door.most", "constant"),
        ("Door.least", "constant"),
        ("Door._state", "field"),
        ("Door._controller", "field"),
        ("Door.state", "method"),
        ("Door.open", "method"),
        ("Door.slam", "method"),
        ("Door.operator ==", "method"),
        ("Locking", "class"),
        ("Locking.lock", "method"),
        ("Doors", "class"),
        ("Doors.opened", "method"),
        ("Side", "enum"),
        ("Side.left", "member"),
        ("Side.right", "member"),
        ("Side.other", "method"),
        ("Opened", "type"),
        ("most", "constant"),
        ("count", "variable"),
        ("main", "function"),
    }


def test_a_method_is_one_chunk_with_its_comment_annotations_and_body(doors: ParsedFile) -> None:
    (found,) = [one for one in doors.chunks if one.symbol == "Door.open" and one.symbol_kind == "method"]
    assert found.content.strip().startswith("/// Opens it.")
    assert found.content.strip().endswith("await hinge(width);\n  }")
    assert (found.doc, found.signature) == ("Opens it.", "Future<void> open(int width)")


def test_a_function_ends_where_its_body_does(doors: ParsedFile) -> None:
    lines = textwrap.dedent(DOORS).strip("\n").split("\n")
    (main,) = [one for one in doors.definitions if one.qualified == "main"]
    assert lines[main.start_line - 1 : main.end_line] == ["void main() {", "  run();", "}"]
