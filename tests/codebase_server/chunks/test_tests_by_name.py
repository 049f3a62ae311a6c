"""Tests have names: those that libraries make by a macro or a call, and those that an attribute makes."""

from __future__ import annotations

import textwrap

import pytest

from codebase_server.chunks import split
from codebase_server.files import language_of
from codebase_server.records import SourceFile

CASES: dict[str, tuple[str, str, list[tuple[str, str, int, int]]]] = {
    "Rust: by an attribute of the language or of a library": (
        "door.rs",
        """
        #[test]
        fn opens() {}

        #[tokio::test(flavor = "current_thread")]
        async fn shuts() {}

        #[latest]
        fn real() {}

        #[cfg(all(unix, test))]
        mod more {
            fn helper() {}
        }
        """,
        [
            ("test", "opens", 2, 2),
            ("test", "shuts", 5, 5),
            ("function", "real", 8, 8),
            ("module", "more", 11, 13),
            ("function", "more.helper", 12, 12),
        ],
    ),
    "Rust: by a macro that is given a name; other macros name nothing": (
        "door.rs",
        """
        rgtest!(opens, |dir: Dir, mut cmd: TestCommand| {
            cmd.arg("open");
        });

        criterion_group!(benches, shuts);
        shop::test_case!(shuts, 1);
        """,
        [("test", "opens", 1, 3), ("test", "shuts", 6, 6)],
    ),
    "C: by a macro in capitals": (
        "door.c",
        """
        TEST(Door, Opens) {
          int x = 1;
        }

        TEST_F(Door, Shuts)
        {
          shut();
        }

        ASSERT(Door, Opens);
        """,
        [("test", "Door.Opens", 1, 3), ("test", "Door.Shuts", 5, 8)],
    ),
    "C++: by a macro with a name or a description": (
        "door.cpp",
        """
        TEST_CASE("a door opens", "[door]") {
          REQUIRE(open() == 1);
        }

        SCENARIO("doors shut")
        {
          shut();
        }

        TEST_F(DoorTest, Shuts) {
          shut();
        }

        BENCHMARK(BM_Open);
        """,
        [
            ("test", "a door opens", 1, 3),
            ("test", "doors shut", 5, 8),
            ("test", "DoorTest.Shuts", 10, 12),
        ],
    ),
    "TypeScript: called in any manner": (
        "door.test.ts",
        """
        describe.skip("door", () => {
          it.each([1, 2])("opens %s", (n) => {
            open(n);
          });
          test.concurrent("shuts", async () => {});
          it.todo("locks");
        });
        xit("burns", () => {});
        Deno.test("rings", () => {});
        /a/.test("no test");
        """,
        [
            ("test", "door", 1, 7),
            ("test", "door.opens %s", 2, 4),
            ("test", "door.shuts", 5, 5),
            ("test", "door.locks", 6, 6),
            ("test", "burns", 8, 8),
            ("test", "rings", 9, 9),
        ],
    ),
    "Zig: with a description, or of a function": (
        "door.zig",
        """
        fn open() void {}

        test "a door opens" {
            open();
        }

        test open {
            open();
        }
        """,
        [("function", "open", 1, 1), ("test", "a door opens", 3, 5), ("test", "test open", 7, 9)],
    ),
    "Elixir": (
        "door_test.exs",
        """
        defmodule Shop.DoorTest do
          describe "open/1" do
            test "opens", %{door: door} do
              open(door)
            end
          end
        end
        """,
        [
            ("module", "Shop.DoorTest", 1, 7),
            ("test", "Shop.DoorTest.open/1", 2, 6),
            ("test", "Shop.DoorTest.open/1.opens", 3, 5),
        ],
    ),
    "Ruby": (
        "door_spec.rb",
        """
        RSpec.describe Door do
          describe "#open" do
            it "opens" do
              open
            end
          end
        end
        """,
        [("test", "Door", 1, 7), ("test", "Door.#open", 2, 6), ("test", "Door.#open.opens", 3, 5)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_test_is_a_definition_with_its_own_chunk(case: str) -> None:
    path, text, expected = CASES[case]
    text = textwrap.dedent(text).lstrip("\n")
    found = split(SourceFile(path, text, "", language_of(path), "code", len(text)))
    assert [(d.kind, d.qualified, d.start_line, d.end_line) for d in found.definitions] == expected
    owned = {chunk.symbol for chunk in found.chunks}
    assert {name for kind, name, start, end in expected if kind == "test" and end - start} <= owned
    for chunk in found.chunks:
        assert chunk.is_test or chunk.symbol_kind != "test"
