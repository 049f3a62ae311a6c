"""Real idioms of each language: what is named how, with which signature and documentation."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import pytest

from codebase_server.chunks import split
from codebase_server.records import Chunk, ParsedFile, SourceFile


@dataclass(frozen=True)
class Named:
    """A chunk as a reader would describe it; what is empty is not looked at."""

    symbol: str
    kind: str
    signature: str = ""
    doc: str = ""


CASES: dict[str, tuple[str, str, list[Named]]] = {
    "python": (
        "python",
        '''
        """Guarding of doors."""
        LIMITS = {
            "a": 1,
            "b": 2,
            "c": 3,
        }

        class Guard(Base):
            """Keeps a door."""

            @property
            def name(self) -> str:
                """Who it is."""
                return "x"

            async def admit(self, who: str, *, loudly: bool = False) -> bool:
                # Nobody else may.
                return True
        ''',
        [
            Named("LIMITS", "constant"),
            Named("Guard", "class", "class Guard(Base)", "Keeps a door."),
            Named("Guard.name", "method", "def name(self) -> str", "Who it is."),
            Named(
                "Guard.admit", "method", "async def admit(self, who: str, *, loudly: bool = False) -> bool"
            ),
        ],
    ),
    "javascript prototypes": (
        "javascript",
        """
        'use strict'

        /**
         * Tells those who listen.
         */

        Emitter.prototype.on =
        Emitter.prototype.addListener = function (event, fn) {
          return this;
        };

        module.exports = function build (options) {
          return options
        }
        """,
        [
            Named(
                "Emitter.prototype.on",
                "function",
                "Emitter.prototype.on = Emitter.prototype.addListener = function (event, fn)",
                "Tells those who listen.",
            ),
            Named("build", "function"),
        ],
    ),
    "javascript wrapped in a function": (
        "javascript",
        """
        $(function () {
          var FADE = 150

          // Sends what was typed.
          function sendMessage (text) {
            socket.emit('new message', text)
          }

          function log (message) {
            console.log(message)
          }
        })
        """,
        [Named("sendMessage", "function", doc="Sends what was typed."), Named("log", "function")],
    ),
    "javascript behind a loader for every kind of module": (
        "javascript",
        """
        (function (global, factory) {
          typeof exports === 'object' && typeof module !== 'undefined' ? factory(exports) :
          typeof define === 'function' && define.amd ? define(['exports'], factory) :
          (global = global || self, factory(global.store = {}));
        }(this, (function (exports) { 'use strict';

          // Keeps a value.
          function keep (value) {
            return value
          }

          class Reaction {
            schedule () {
              return 1
            }
          }

          exports.keep = keep;
        })));
        """,
        [
            Named("keep", "function", doc="Keeps a value."),
            Named("Reaction", "class"),
            Named("Reaction.schedule", "method"),
        ],
    ),
    "javascript in functions called at once": (
        "javascript",
        """
        !function () {
          function behindASign (key) {
            return key
          }
        }();

        (() => {
          function inAnArrow (a) {
            return a + 1
          }
        })();

        (async function () {
          function calledWithThis (y) {
            return y
          }
        }).call(this);
        """,
        [
            Named("behindASign", "function"),
            Named("inAnArrow", "function"),
            Named("calledWithThis", "function"),
        ],
    ),
    "javascript tests": (
        "javascript",
        """
        describe('the door', () => {
          it('opens v1.2', async () => {
            expect(1).toBe(1)
          })
          it.skip("stays shut", () => {})
          describe.each([1, 2])('knock %d', (n) => {
            it('answers', () => {})
          })
        })
        """,
        [
            Named("the door", "test"),
            Named("the door.opens v1 2", "test"),
            Named("the door.stays shut", "test"),
            Named("the door.knock %d.answers", "test"),
        ],
    ),
    "typescript": (
        "typescript",
        """
        /** What a door is. */
        export interface Door<T> extends Base {
          open(who: string): Promise<T>
          readonly width: number
        }

        export abstract class Wooden implements Door<number> {
          private hinges = 3
          static of(width: number): Wooden { return new Wooden() }
          get wide(): boolean { return this.width > 3 }
        }

        export const knock = async (door: Door<number>, times = 3): Promise<void> => {
          await door.open('me')
        }

        export enum Side { Left, Right }
        """,
        [
            Named("Door", "interface", "export interface Door<T> extends Base", "What a door is."),
            Named("Wooden", "class", "export abstract class Wooden implements Door<number>"),
            Named("Wooden.of", "method", "static of(width: number): Wooden"),
            Named("knock", "function"),
            Named("Side", "enum"),
        ],
    ),
    "go": (
        "go",
        """
        package door

        // Store keeps doors.
        type Store[T any] struct {
        \tall []T
        }

        // Opener opens.
        type Opener interface {
        \tOpen(name string) error
        }

        type Kind int

        // Get finds one.
        func (s *Store[T]) Get(name string) (*T, error) {
        \treturn nil, nil
        }

        func New() *Store[int] { return nil }
        """,
        [
            Named("Store", "struct", "type Store[T any] struct", "Store keeps doors."),
            Named("Opener", "interface", "type Opener interface", "Opener opens."),
            Named("Store.Get", "method", "func (s *Store[T]) Get(name string) (*T, error)", "Get finds one."),
            Named("New", "function", "func New() *Store[int]"),
        ],
    ),
    "rust": (
        "rust",
        """
        /// A door.
        #[derive(Clone)]
        pub struct Door<'a> {
            name: &'a str,
        }

        pub trait Opens {
            /// Opens it.
            fn open(&mut self, who: &str) -> Result<(), Error>;
        }

        impl<'a> Opens for &mut Door<'a> {
            fn open(&mut self, who: &str) -> Result<(), Error> {
                Ok(())
            }
        }

        macro_rules! knock {
            ($x:expr) => { $x };
        }

        mod tests {
            #[test]
            fn opens() {}
        }
        """,
        [
            Named("Door", "struct", "pub struct Door<'a>", "A door."),
            Named("Opens", "trait"),
            Named(
                "Opens.open",
                "method",
                "fn open(&mut self, who: &str) -> Result<(), Error>;",
                "Opens it.",
            ),
            Named("Door.open", "method"),
            Named("knock", "macro"),
            Named("tests.opens", "test"),
        ],
    ),
    "java": (
        "java",
        """
        package doors;

        /** Keeps doors. */
        public final class Store<T> extends Base implements Closer {
          private final int size = 3;

          @Override
          public Store(int size) { this.size = size; }

          /** Finds one. */
          public <R> R find(String name,
                            int depth) throws IOException {
            return null;
          }

          interface Listener {
            void opened(Door door);
          }

          enum Side { LEFT, RIGHT }
        }
        """,
        [
            Named(
                "Store", "class", "public final class Store<T> extends Base implements Closer", "Keeps doors."
            ),
            Named("Store.Store", "constructor"),
            Named(
                "Store.find",
                "method",
                "public <R> R find(String name, int depth) throws IOException",
                "Finds one.",
            ),
            Named("Store.Listener", "interface"),
            Named("Store.Listener.opened", "method", "void opened(Door door);"),
            Named("Store.Side", "enum"),
        ],
    ),
    "c": (
        "c",
        """
        #include <door.h>

        struct evdoor;

        struct door {
          int width;
        };

        /**
         * Opens a door.
         * @return 0 when it did
         */
        DOOR_EXPORT_SYMBOL
        int door_open(struct door *door, const char *who);

        #ifndef NDEBUG
        static struct door *
        door_new(size_t width)
        {
          return 0;
        }
        #endif
        """,
        [
            Named("door", "struct"),
            Named(
                "door_open",
                "function",
                "int door_open(struct door *door, const char *who);",
                "Opens a door.\n@return 0 when it did",
            ),
            Named("door_new", "function", "static struct door * door_new(size_t width)"),
        ],
    ),
    "c++": (
        "cpp",
        """
        namespace doors {

        // Keeps doors.
        template <typename T>
        class DOOR_API Store : public Base {
         public:
          explicit Store(int n) : n_(n) {}
          bool Open(const std::string& who) const;
          T operator[](int at) { return all_[at]; }
        };

        template <typename T>
        bool Store<T>::Open(const std::string& who) const {
          return true;
        }

        TEST(StoreTest, Opens) {
          EXPECT_TRUE(true);
        }

        }  // namespace doors
        """,
        [
            Named("doors.Store", "class", doc="Keeps doors."),
            Named("doors.Store.Store", "method"),
            Named("doors.Store.Open", "method", "bool Store<T>::Open(const std::string& who) const"),
            Named("doors.StoreTest.Opens", "test"),
        ],
    ),
    "c#": (
        "csharp",
        """
        namespace Doors;

        /// <summary>Keeps doors.</summary>
        public sealed class Store<T> : IStore where T : class
        {
            public string Name { get; set; }

            public Store(int size) { }

            [Obsolete]
            public async Task<T?> FindAsync(string name, int depth = 3) => null;
        }

        public record Door(string Name);
        """,
        [
            Named("Store", "class", doc="<summary>Keeps doors.</summary>"),
            Named("Store.Store", "constructor"),
            Named("Store.FindAsync", "method"),
            Named("Door", "class"),
        ],
    ),
    "ruby": (
        "ruby",
        """
        module Doors
          class Store < Base
            # Finds one.
            def find(name, depth: 3)
              name
            end

            def self.open(path)
              new
            end

            class << self
              def cached
                1
              end
            end
          end

          # An environment.
          Env = Struct.new(:method, :url) do
            # Whether it went well.
            def success?
              true
            end
          end
        end

        RSpec.describe Doors::Store do
          context 'when open' do
            it 'lets in' do
              expect(1).to eq(1)
            end
          end
        end
        """,
        [
            Named("Doors.Store", "class", "class Store < Base"),
            Named("Doors.Store.find", "method", "def find(name, depth: 3)", "Finds one."),
            Named("Doors.Store.open", "method", "def self.open(path)"),
            Named("Doors.Store.cached", "method"),
            Named("Doors.Env", "class", doc="An environment."),
            Named("Doors.Env.success?", "method", "def success?", "Whether it went well."),
            Named("Doors.Store.when open.lets in", "test"),
        ],
    ),
    "php": (
        "php",
        """
        <?php
        namespace Doors;

        /** Keeps doors. */
        final class Store implements Keeper
        {
            private array $all = [];

            public function __construct(private int $size) {}

            /**
             * Finds one.
             */
            public function find(string $name, int $depth = 3): ?Door
            {
                return null;
            }
        }

        it('lets in', function () {
            expect(1)->toBe(1);
        });
        """,
        [
            Named("Store", "class", "final class Store implements Keeper", "Keeps doors."),
            Named("Store.__construct", "method"),
            Named(
                "Store.find",
                "method",
                "public function find(string $name, int $depth = 3): ?Door",
                "Finds one.",
            ),
            Named("lets in", "test"),
        ],
    ),
    "kotlin": (
        "kotlin",
        """
        package doors

        /** Keeps doors. */
        class Store(private val size: Int) : Base() {
          @get:JvmName("all")
          val all: List<Door>
            get() {
              val found = load()
              return found
            }

          suspend fun find(name: String): Door? = null

          companion object {
            fun open() = Store(1)
          }
        }

        interface Keeper {
          fun keep(door: Door)
        }

        /**
         * Returns a sink.
         */
        @Throws(IOException::class)
        fun Socket.sink(): Sink {
          return Sink(this)
        }
        """,
        [
            Named("Store", "class", "class Store(private val size: Int) : Base()", "Keeps doors."),
            Named("Store.all", "property"),
            Named("Store.find", "method", "suspend fun find(name: String): Door?"),
            Named("Store.Companion.open", "method"),
            Named("Keeper", "interface"),
            Named("Keeper.keep", "method"),
            Named(
                "Socket.sink",
                "function",
                "fun Socket.sink(): Sink",
                "Returns a sink.",
            ),
        ],
    ),
    "swift": (
        "swift",
        """
        /// Keeps doors.
        public struct Store<T>: Keeper {
            let size: Int

            public init(size: Int) { self.size = size }

            /// Finds one.
            func find(_ name: String, depth: Int = 3) throws -> T? {
                return nil
            }
        }

        extension Store {
            var isEmpty: Bool {
                let none = size == 0
                return none
            }
        }

        protocol Keeper {
            func keep(door: Door)
        }

        enum Side { case left, right }
        """,
        [
            Named("Store", "struct", "public struct Store<T>: Keeper", "Keeps doors."),
            Named("Store.init", "constructor"),
            Named(
                "Store.find",
                "method",
                "func find(_ name: String, depth: Int = 3) throws -> T?",
                "Finds one.",
            ),
            Named("Keeper", "protocol"),
            Named("Side", "enum"),
        ],
    ),
    "scala": (
        "scala",
        """
        package doors

        /** Keeps doors. */
        final class Store[F[_]](size: Int) extends Base {
          def find(name: String): F[Door] = ???
          type Key = String
        }

        object Store {
          def open: Store[IO] = ???
        }

        class StoreSuite extends Suite {
          test("lets in") {
            assert(true)
          }
        }
        """,
        [
            Named("Store", "class", "final class Store[F[_]](size: Int) extends Base", "Keeps doors."),
            Named("Store.find", "method", "def find(name: String): F[Door]"),
            Named("Store.open", "method"),
            Named("StoreSuite.lets in", "test"),
        ],
    ),
    "elixir": (
        "elixir",
        '''
        defmodule Doors.Store do
          @moduledoc """
          Keeps doors.
          """

          @doc """
          Finds one.
          """
          @spec find(String.t(), integer()) :: t()
          def find(name, depth \\\\ 3)

          def find(name, depth) when depth > 0 do
            name
          end

          defp hidden(x), do: x

          defmacro knock(x) do
            x
          end
        end

        defmodule Doors.StoreTest do
          describe "find" do
            test "lets in" do
              assert true
            end
          end
        end
        ''',
        [
            Named("Doors.Store", "module", "defmodule Doors.Store", "Keeps doors."),
            Named("Doors.Store.find", "function", doc="Finds one."),
            Named("Doors.Store.hidden", "function"),
            Named("Doors.Store.knock", "macro"),
            Named("Doors.StoreTest.find.lets in", "test"),
        ],
    ),
    "lua": (
        "lua",
        """
        local Store = {}

        --- Finds one.
        -- @param name which
        function Store:find(name)
          return name
        end

        local function hidden(x)
          return x
        end

        Store.open = function(path)
          return path
        end

        for _, side in ipairs(sides) do
          describe("door " .. side, function()
            it("opens", function()
              assert.is_true(true)
            end)
          end)
        end
        """,
        [
            Named("Store.find", "function", "function Store:find(name)", "Finds one.\n@param name which"),
            Named("hidden", "function", "local function hidden(x)"),
            Named("Store.open", "function"),
        ],
    ),
    "bash": (
        "bash",
        """
        #!/usr/bin/env bash
        set -e

        # Opens a door.
        open_door() {
          local name=$1
          echo "$name"
        }

        function close_door {
          true
        }
        """,
        [Named("open_door", "function", "open_door()", "Opens a door."), Named("close_door", "function")],
    ),
    "haskell": (
        "haskell",
        """
        module Doors where

        -- | Finds one.
        find ::
          Store ->
          String ->
          Maybe Door
        find (Store all) name = lookup name all
        find _ _ = Nothing

        -- | A door.
        data Door = Door
          { width :: Int
          , name :: String
          }

        class Keeper a where
          -- | Keeps it.
          keep :: a -> IO ()

        instance Keeper Door where
          keep _ = pure ()
        """,
        [
            Named("find", "function", "find :: Store -> String -> Maybe Door", "Finds one."),
            Named("Door", "type", doc="A door."),
            Named("Keeper", "class"),
            Named("Keeper.keep", "method", "keep :: a -> IO ()", "Keeps it."),
            Named("Keeper Door.keep", "method"),
        ],
    ),
    "zig": (
        "zig",
        """
        const std = @import("std");

        /// Keeps doors.
        pub const Store = struct {
            size: usize,

            pub fn find(self: *Store, name: []const u8) ?Door {
                const local = name;
                return local;
            }
        };

        test "lets in" {
            try std.testing.expect(true);
        }
        """,
        [
            Named("Store", "struct", "pub const Store = struct", "Keeps doors."),
            Named("Store.find", "method", "pub fn find(self: *Store, name: []const u8) ?Door"),
            Named("lets in", "test"),
        ],
    ),
    "markdown": (
        "markdown",
        """
        # Doors

        Intro.

        ## Opening v1.2

        ```sh
        # not a heading
        open
        ```

        Closing
        -------

        More.
        """,
        [
            Named("Doors", "section"),
            Named("Doors.Opening v1 2", "section"),
            Named("Doors.Closing", "section"),
        ],
    ),
}


def parsed(language: str, text: str) -> ParsedFile:
    body = textwrap.dedent(text).lstrip("\n")
    return split(SourceFile("file", body, "", language, "code", len(body)))


def found(file: ParsedFile, symbol: str) -> Chunk:
    chunks = [chunk for chunk in file.chunks if chunk.symbol == symbol]
    assert chunks, f"{symbol} is not among {[chunk.symbol for chunk in file.chunks]}"
    return chunks[0]


@pytest.mark.parametrize("case", CASES)
def test_an_idiom_is_named_as_its_readers_name_it(case: str) -> None:
    language, text, wanted = CASES[case]
    file = parsed(language, text)
    for named in wanted:
        chunk = found(file, named.symbol)
        assert chunk.symbol_kind == named.kind, named.symbol
        if named.signature:
            assert chunk.signature == named.signature
        if named.doc:
            assert chunk.doc == named.doc


def test_a_licence_at_the_head_of_a_file_is_not_the_documentation_of_what_follows() -> None:
    file = parsed("javascript", "/**\n * Licensed under X.\n */\n\nfunction f() {\n  return 1\n}\n")
    assert found(file, "f").doc == ""


def test_a_directive_alone_makes_no_chunk() -> None:
    file = parsed(
        "c", "#ifdef A\nint f(void) {\n  return 1;\n}\n#else\nint f(void) {\n  return 2;\n}\n#endif\n"
    )
    assert [chunk.symbol for chunk in file.chunks] == ["f", "f"]


def test_variables_inside_a_function_are_nobody_s_definitions() -> None:
    file = parsed("zig", "pub fn main() void {\n    const x = 1;\n    const y = struct { a: u8 };\n}\n")
    assert "main.x" not in {definition.qualified for definition in file.definitions}


def test_a_structure_that_is_only_announced_is_no_definition() -> None:
    assert parsed("c", "struct later;\n").definitions == ()


def test_fields_of_php_are_found_without_their_sign() -> None:
    file = parsed("php", "<?php\nclass A {\n    private int $size = 1;\n}\n")
    assert "A.size" in {definition.qualified for definition in file.definitions}
