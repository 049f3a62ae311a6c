"""Names that a language writes in a way of its own: operators, casts, selectors, macros, labels."""

from __future__ import annotations

import textwrap

import pytest

from codebase_server.chunks import split
from codebase_server.records import SourceFile

CASES: dict[str, tuple[str, str, set[str]]] = {
    "Julia: a called name, with and without a module": (
        "julia",
        """
        function Base.show(io::IO, x::Point) where T
            print(io, x)
            return nothing
        end

        macro twice(body)
            quote
                $body
            end
        end
        """,
        {"Base.show", "twice"},
    ),
    "Julia: functions in one line, for types, operators and values too": (
        "julia",
        """
        "How many it holds."
        capacity(D::Deque) = D.capacity
        Base.length(D::Deque{T}) where T = D.n
        Base.:(==)(a::Deque, b::Deque) = true
        @inline pop!(h::Heap)::Int = h[1]
        x::Int = 3
        +(a::Deque, b::Deque) = merge(a, b)
        D[1] = 2
        """,
        {"capacity", "Base.length", "Base.==", "pop!", "x", "+"},
    ),
    "Ruby: what the blocks of a file's calls define, not their variables": (
        "ruby",
        """
        ActiveRecord::Schema[7.1].define(version: 2024_01_01_000000) do
          enable_extension "plpgsql"

          create_table "users", force: :cascade do |t|
            t.string "email", null: false
          end

          create_table :order_items, id: :uuid do |t|
            t.bigint "user_id"
          end
        end

        Plugin.create do
          interval = 5

          def start(launcher)
            in_background { run(launcher) }
          end

          Store.class_eval do
            def stop = nil
          end
        end
        """,
        {"users", "order_items", "start", "stop"},
    ),
    "Prisma: models, enums, types and views": (
        "prisma",
        """
        datasource db {
          provider = "postgresql"
        }

        /// Who gets a document.
        model Recipient {
          id    Int    @id @default(autoincrement())
          role  Role   @default(SIGNER)
          meta  Json   @default("{}")

          @@index([id])
        }

        enum Role {
          SIGNER
        }

        view Recent {
          id Int @unique
        }
        """,
        {"Recipient", "Role", "Recent"},
    ),
    "SQL: an index has a name of its own, or none": (
        "sql",
        """
        CREATE TABLE "Recipient" (id int, email text);
        CREATE INDEX "Recipient_email_idx" ON "Recipient"("email");
        CREATE UNIQUE INDEX IF NOT EXISTS by_id ON public.recipient USING btree (id);
        CREATE INDEX ON recipient (email);
        """,
        {"Recipient", "Recipient_email_idx", "by_id"},
    ),
    "Elixir: types and callbacks, and no other attribute": (
        "elixir",
        """
        defmodule Shop.Worker do
          @typedoc "Who works."
          @type t :: module()
          @doc "Does it."
          @callback perform(job :: t) :: :ok when t: term
          @macrocallback unless(x) :: Macro.t()
          @timeout 500
          @spec run(t) :: t
          def run(x), do: x
        end
        """,
        {
            "Shop.Worker",
            "Shop.Worker.t",
            "Shop.Worker.perform",
            "Shop.Worker.unless",
            "Shop.Worker.run",
        },
    ),
    "Haskell: an operator between its arguments, in brackets, and a name": (
        "haskell",
        """
        module A where

        (+++) :: Int -> Int -> Int
        a +++ b = a + b

        twice :: Int -> Int
        twice x = x * 2

        instance Show Foo where
          show _ = "foo"
        """,
        {"+++", "twice", "Show Foo"},
    ),
    "Ruby: a method of another object, accessors": (
        "ruby",
        """
        class Shop
          attr_reader :name, :place

          def self.make(name)
            new(name)
          end

          def Registry.find(name)
            @all[name]
          end
        end
        """,
        {"Shop", "Shop.name", "Shop.place", "Shop.make"},
    ),
    "Elixir: implementations, types, guards": (
        "elixir",
        """
        defmodule Shop do
          @type order :: map()
          @doc false

          def total(lines) when is_list(lines) do
            Enum.sum(lines)
          end

          def empty, do: []
        end

        defimpl String.Chars, for: Order do
          def to_string(order) do
            order.name
          end
        end
        """,
        {"Shop", "Shop.total", "Shop.empty", "String.Chars Order"},
    ),
    "HCL: the labels of a block": (
        "hcl",
        """
        resource "aws_instance" "web" {
          ami           = "abc"
          instance_type = "t3"
        }
        """,
        {"resource.aws_instance.web"},
    ),
    "Objective-C: selectors and properties": (
        "objc",
        """
        @interface Robot : NSObject
        @property (nonatomic) int height;
        - (void)move:(int)x to:(int)y;
        - (void)stop;
        @end

        @implementation Robot
        - (void)move:(int)x to:(int)y {
          self.x = x;
          self.y = y;
        }
        - (void)stop {
          self.x = 0;
          self.y = 0;
        }
        @end
        """,
        {"Robot", "Robot.move.to", "Robot.stop", "Robot.height"},
    ),
    "C++: qualified names, casts, specialisations, tests": (
        "cpp",
        """
        template <> int shop::Store<int>::size() const {
          return 1;
        }

        Money::operator double() const {
          return amount;
        }

        template <> void serve<int>(int guest) {
          pour(guest);
          bow(guest);
        }

        TEST_F(StoreTest, CountsEachPiece) {
          EXPECT_EQ(1, 1);
          EXPECT_EQ(2, 2);
        }
        """,
        {"shop.Store.size", "Money.operator double", "StoreTest.CountsEachPiece"},
    ),
    "Scala 3: what an extension adds to": (
        "scala",
        """
        extension (s: String)
          def shout: String =
            s.toUpperCase + "!"
        """,
        {"String"},
    ),
    "Go: the type a method belongs to, with arguments of its own": (
        "go",
        """
        package a

        func (s *Store[K, V]) Get(key K) V {
            return s.rows[key]
        }

        func (Store) Name() string {
            return "store"
        }
        """,
        {"Store.Get", "Store.Name"},
    ),
    "Kotlin: extensions of a type that may be nothing": (
        "kotlin",
        """
        fun String?.orNone(): String {
            return this ?: "none"
        }

        val (left, right) = pair()
        """,
        {"String.orNone"},
    ),
    "Zig: tests by their string": (
        "zig",
        """
        test "adds up" {
            try expect(1 + 1 == 2);
            try expect(2 + 2 == 4);
        }
        """,
        {"adds up"},
    ),
    "JavaScript: functions that calls are given by name, and those that only wrap others": (
        "javascript",
        """
        /** The remote address. */
        defineGetter(req, 'ip', function ip() {
          var trust = this.app.get('trust proxy fn');
          return proxyaddr(this, trust);
        });

        define(function factory(require) {
          function inner() { return 1; }
          return inner;
        });
        """,
        {"ip", "inner"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_name_is_what_its_readers_would_search_for(case: str) -> None:
    language, text, wanted = CASES[case]
    body = textwrap.dedent(text).lstrip("\n")
    file = split(SourceFile("file", body, "", language, "code", len(body)))
    named = {chunk.symbol for chunk in file.chunks} | {one.qualified for one in file.definitions}
    assert wanted <= named, f"missing {wanted - named} in {sorted(named)}"
    lines = sorted((chunk.start_line, chunk.end_line) for chunk in file.chunks)
    assert [start for start, _ in lines] == [1, *(end + 1 for _, end in lines[:-1])], (
        "each line has one owner"
    )


def test_a_model_of_prisma_has_its_comment_and_its_fields() -> None:
    text = textwrap.dedent(CASES["Prisma: models, enums, types and views"][1]).lstrip("\n")
    file = split(SourceFile("schema.prisma", text, "", "prisma", "code", len(text)))
    model = next(one for one in file.chunks if one.symbol == "Recipient")
    assert model.content.startswith("/// Who gets a document.\nmodel Recipient {\n  id    Int")
    assert model.signature == "model Recipient"
    assert "Who gets a document." in model.doc
    names = [(one.name, one.kind) for one in file.definitions]
    assert names == [("Recipient", "type"), ("Role", "type"), ("Recent", "type")]
