"""Names that no outline lists: made within functions, in classes without a name, in code half understood."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from codebase_server.service import CodebaseService
from codebase_server.store import Snapshot
from codebase_server.symbols.inner import places

from .conftest import Indexed

FILES = {
    "a.py": """def outer(rows):
    def weigh(row):
        return row.mass * row.pull

    shorten = lambda row: row.text[:9]
    return sorted(rows, key=weigh), [shorten(row) for row in rows]
""",
    "b.ts": """export function transform(node: Node) {
  function checkTwice() {
    return node.seen
  }
  const visit = async (child: Node): Promise<void> => {
    await child.done
  }
  return {
    leave(child: Node) {
      return visit(child)
    },
    limit: checkTwice(),
  }
}
""",
    "C.kt": """class Cache {
  fun body(): RequestBody {
    return object : RequestBody() {
      override fun contentLength(): Long {
        return size
      }
    }
  }
}
""",
    "D.java": """class Door {
    Runnable opener(Hinge hinge) {
        return new Runnable() {
            @Override
            public void swing() throws IOException {
                hinge.turn();
            }
        };
    }
}
""",
    "e.go": """package e

func Serve(list []string) {
	closeAll := func(reason string) {
		drop(list, reason)
	}
	closeAll("end")
}
""",
    "f.ex": """defmodule Sock do
  @callback handle_join(term) :: :ok

  defmacro __using__(_) do
    quote do
      def push_out(event) do
        send(self(), event)
      end
    end
  end
end
""",
    "g.rb": """def setup(app)
  define = proc do
    def create_page(app)
      app.page
    end
  end
  define.call
end
""",
    "h.cs": """class Map {
    int Count(int[] rows) {
        bool IsEven(int row)
#if FAST
            => (row & 1) == 0;
#else
            => row % 2 == 0;
#endif
        return rows.Count(IsEven);
    }
}
""",
    "spoken.py": '''"""How to write it:

def only_told():
    pass
"""


def told():
    return "def only_said():"
''',
}


@pytest.fixture
def service(indexed: Indexed) -> CodebaseService:
    return indexed(FILES)


@pytest.mark.parametrize(
    ("name", "place", "symbol"),
    [
        ("weigh", "a.py:2", "outer.weigh"),
        ("outer.weigh", "a.py:2", "outer.weigh"),
        ("shorten", "a.py:5", "outer.shorten"),
        ("checkTwice", "b.ts:2", "transform.checkTwice"),
        ("visit", "b.ts:5", "transform.visit"),
        ("leave", "b.ts:9", "transform.leave"),
        ("contentLength", "C.kt:4", "Cache.body.contentLength"),
        ("swing", "D.java:5", "Door.opener.swing"),
        ("closeAll", "e.go:4", "Serve.closeAll"),
        ("push_out", "f.ex:6", "Sock.__using__.push_out"),
        ("create_page", "g.rb:3", "setup.create_page"),
        ("IsEven", "h.cs:3", "Map.Count.IsEven"),
    ],
)
def test_what_is_made_within_other_code_is_found_by_its_line(
    service: CodebaseService, name: str, place: str, symbol: str
) -> None:
    answer = service.find_symbol(name)
    assert [f"{one['file_path']}:{one['start_line']}" for one in answer["results"]] == [place]
    (found,) = answer["results"]
    assert found["symbol"] == symbol
    assert found["chunk_id"].startswith("c_")
    assert name.rpartition(".")[2] in found["signature"]
    assert any("shown is the line that makes it" in warning for warning in answer["warnings"])


@pytest.mark.parametrize(
    "name",
    [
        "only_told",  # in a docstring
        "only_said",  # in a string
        "limit",  # a value
        "turn",  # called
        "Serve.weigh",  # in another function
    ],
)
def test_what_only_mentions_a_name_makes_none(service: CodebaseService, name: str) -> None:
    assert service.find_symbol(name)["results"] == []


@pytest.mark.timeout(60)
def test_lines_made_to_hurt_come_to_an_end() -> None:
    stars = "/" + "*" * 400 + "\n"
    text = (
        "int hard(\n"
        + "#if A\n" * 400
        + stars * 20
        + "*" * 5_000
        + " hard(\n"
        + "hard x, hard * hard;\n" * 200
    )
    assert list(places(text, "hard", "c")) == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", ["hard(", "int hard(", "hard(){", "hard = (", "hard:a", "hard "])
def test_a_line_longer_than_anybody_writes_defines_nothing_and_is_not_tried_a_thousand_times(
    unit: str,
) -> None:
    text = unit * 30_000 + "\ndef hard(x):\n    return x\n"
    for language in ("c", "javascript", "python"):
        assert [kind for kind, _, _ in places(text, "hard", language)] == ["function"]


def test_files_that_can_neither_define_nor_call_anything_are_not_told_of(indexed: Indexed) -> None:
    service = indexed(
        {
            "a.go": "package a\n\nfunc Kept() {}\n",
            "go.sum": "example.org/x v1.0.0 h1:abc=\n",
            "uv.lock": "version = 1\n",
            "web/package-lock.json": "{}\n",
        }
    )
    (warning,) = service.find_symbol("GetAddr", usages=True)["warnings"]
    assert "not indexed" not in warning
    assert service.find_symbol("Kept", usages=True)["warnings"] == []
    skipped = {row["reason"]: row["count"] for row in service.index_status()["skipped"]}
    assert skipped == {"generated": 3}


def test_files_left_out_are_told_where_a_name_is_not_found(indexed: Indexed) -> None:
    service = indexed(
        {
            "a.go": "package a\n\nfunc Kept() {}\n",
            "b.pb.go": "// Code generated by protoc. DO NOT EDIT.\npackage a\n\nfunc GetAddr() {}\n",
        }
    )
    (warning,) = service.find_symbol("GetAddr")["warnings"]
    assert warning.endswith("1 generated file is not indexed: index_status lists them.")
    (warning,) = service.find_symbol("GetAddr", path="b.pb.go")["warnings"]
    assert warning == "'b.pb.go' is not indexed: generated. index_status lists what is skipped."
    assert service.search_code("GetAddr", path="b.pb.go")["warnings"] == [warning]
    (warning,) = service.find_symbol("GetAddr", path="a.go")["warnings"]
    assert warning.startswith("No outline lists GetAddr, also without the filter")


def test_a_name_that_nothing_bears_has_its_chunks_read_once(
    indexed: Indexed, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = indexed({f"{n}.py": f"def f{n}(self):\n    return self.lost + {n}\n" for n in range(9)})
    looks: list[
        tuple[Snapshot, list[int]]
    ] = []  # a denial may look again, each time at a snapshot of its own
    original = Snapshot.contents

    def counted(snapshot: Snapshot, version_ids: Iterable[int]) -> dict[int, str]:
        wanted = list(version_ids)
        if not looks or looks[-1][0] is not snapshot:
            looks.append((snapshot, []))
        looks[-1][1].extend(wanted)
        return original(snapshot, wanted)

    monkeypatch.setattr(Snapshot, "contents", counted)
    assert service.find_symbol("lost")["total_count"] == 0
    assert looks
    for _, read in looks:
        assert sorted(read) == sorted(set(read))
        assert len(read) == 9


@pytest.mark.parametrize(
    "text", ["lost", "lost lost", "def lostly(): pass", "xlost = lambda: 1", "", "lost("]
)
def test_a_text_that_only_has_a_name_makes_nothing(text: str) -> None:
    assert list(places(text, "lost", "python")) == []


def test_a_name_is_found_wherever_it_stands_in_a_text() -> None:
    text = "def lost():\n    pass\n" * 3
    assert [start for _, start, _ in places(text, "lost", "python")] == [4, 25, 46]


LOST = "void first(void)\n{\n    if (1) {\n    CLOSE_IT\n}\n\nvoid FAST open_door(int a)\n{\n    a++;\n}\n"


def test_a_definition_in_code_that_breaks_the_grammar_stands_before_its_prototype(indexed: Indexed) -> None:
    service = indexed({"door.h": "void open_door(int a);\n", "door.c": LOST})
    answer = service.find_symbol("open_door")
    assert [f"{one['file_path']}:{one['start_line']}" for one in answer["results"]] == [
        "door.c:7",
        "door.h:1",
    ]
    assert answer["warnings"] == [
        "No outline lists door.c:7: shown is the line that makes open_door, inside other code or where "
        "the grammar lost its way."
    ]


def test_a_function_of_a_test_hides_no_function_that_no_outline_lists(indexed: Indexed) -> None:
    service = indexed(
        {
            "tests/test_a.py": "def make_door():\n    pass\n",
            "door.ts": "export function outer() {\n  function make_door() { return 1 }\n}\n",
        }
    )
    places = [
        f"{one['file_path']}:{one['start_line']}" for one in service.find_symbol("make_door")["results"]
    ]
    assert places == ["door.ts:2", "tests/test_a.py:1"]


def test_a_pattern_behind_the_word_function_defines_nothing_in_ocaml(indexed: Indexed) -> None:
    service = indexed({"a.ml": "let f = function Outside -> 1 | _ -> 2\nlet g = fun given -> given\n"})
    assert service.find_symbol("Outside")["results"] == []
    assert service.find_symbol("given")["results"] == []
