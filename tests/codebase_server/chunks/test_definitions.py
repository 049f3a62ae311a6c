"""What an outline lists: each thing once, by the name that its readers use, with what it is called with."""

from __future__ import annotations

import textwrap

import pytest

from codebase_server.chunks import split
from codebase_server.records import SourceFile


def listed(language: str, text: str) -> list[str]:
    body = textwrap.dedent(text).lstrip("\n")
    file = split(SourceFile("file", body, "", language, "code", len(body)))
    return [f"{one.start_line} {one.kind} {one.qualified}: {one.signature}" for one in file.definitions]


CASES: dict[str, tuple[str, str, list[str]]] = {
    "pages of documentation among parameters are left out, what follows them is not": (
        "python",
        """
        def run(
            name: Annotated[str, Doc(
                '''
                The name, with a (bracket), and more.
                '''
            )] = "a",
            last: Annotated[int, Doc("A sentence that is longer than sixty characters, in one string.")] = 3,
        ) -> None:
            pass

        LIMIT = "what is given a value is shown with it, also where it is as long as this text is"
        """,
        [
            '1 function run: def run( name: Annotated[str, Doc( "…" )] = "a", '
            'last: Annotated[int, Doc("…")] = 3, ) -> None',
            '11 constant LIMIT: LIMIT = "what is given a value is shown with it, also where it is as long as '
            'this text is"',
        ],
    ),
    "a type that is named behind its members shows its name": (
        "c",
        """
        typedef struct {
          int x;
        } point_t;
        typedef struct tag { int y; } tag_t;
        """,
        [
            "1 type point_t: typedef struct point_t",
            "2 field point_t.x: int x;",
            "4 type tag_t: typedef struct tag { int y; } tag_t;",
            "4 struct tag_t.tag: struct tag",
            "4 field tag_t.tag.y: int y;",
        ],
    ),
    "what is only brought in is no definition": (
        "javascript",
        """
        const Koa = require('../..')
        const { a, b } = require('x')
        const y = await import('y')
        const debug = require('debug')('koa')
        """,
        ["4 variable debug: const debug = require('debug')('koa')"],
    ),
    "nor in Lua": (
        "lua",
        """
        local utils = require 'pl.utils'
        local List = require('pl.List').List
        local LIMIT = 3
        """,
        ["3 constant LIMIT: local LIMIT = 3"],
    ),
    "nor in Zig, unless it is handed on": (
        "zig",
        """
        const std = @import("std");
        pub const request = @import("request.zig");
        """,
        ['2 variable request: pub const request = @import("request.zig");'],
    ),
    "what is exported has the name that it has of its own, once": (
        "javascript",
        """
        module.exports = class Application extends Emitter {
          use (fn) {}
        }
        const proto = module.exports = {
          inspect () {
            return 1
          }
        }
        """,
        [
            "1 class Application: module.exports = class Application extends Emitter",
            "2 method Application.use: use (fn)",
            "4 object proto: const proto = module.exports",
            "5 method proto.inspect: inspect ()",
        ],
    ),
    "a structure with a typedef of the same name is one thing": (
        "c",
        """
        typedef struct point {
          int x;
        } point;
        """,
        ["1 type point: typedef struct point", "2 field point.x: int x;"],
    ),
    "a header guard defines nothing": (
        "c",
        """
        #ifndef POINT_H
        #define POINT_H
        #define LIMIT 3
        int f(void);
        int g(void);
        int h(void);
        #endif
        """,
        [
            "3 macro LIMIT: #define LIMIT 3",
            "4 function f: int f(void);",
            "5 function g: int g(void);",
            "6 function h: int h(void);",
        ],
    ),
    "fields of records, and a type behind its comment": (
        "haskell",
        """
        data Bundle e = Bundle
          { -- | Sorted.
            errors :: NonEmpty e,
            first, last :: Int
          }
        newtype Wrapped = Wrapped { unwrap :: Int }
        parse ::
          -- | What to run
          Parsec e s a ->
          String ->
          Int
        parse = 1
        """,
        [
            "1 type Bundle: data Bundle e = Bundle",
            "3 field Bundle.errors: errors :: NonEmpty e",
            "4 field Bundle.first: first, last :: Int",
            "4 field Bundle.last: first, last :: Int",
            "6 type Wrapped: newtype Wrapped = Wrapped { unwrap :: Int }",
            "6 field Wrapped.unwrap: unwrap :: Int",
            "7 function parse: parse :: Parsec e s a -> String -> Int",
        ],
    ),
    "what a protocol wants": (
        "swift",
        """
        public protocol TargetType {
            /// The base.
            var baseURL: URL { get }
        }
        """,
        [
            "1 protocol TargetType: public protocol TargetType",
            "3 property TargetType.baseURL: var baseURL: URL { get }",
        ],
    ),
    "methods in a block of the class body": (
        "ruby",
        """
        class String
          rake_extension("ext") do
            def ext(suffix)
              suffix
            end
          end
        end
        """,
        ["1 class String: class String", "3 method String.ext: def ext(suffix)"],
    ),
    "annotations and comments are no part of a signature": (
        "kotlin",
        """
        class Context(
            /** If this is the child of another. */
            val parent: Context?, // may be null
        ) {
            @Deprecated("use (other)") fun old(at: String = "http://x") = 1
        }
        """,
        [
            "1 class Context: class Context( val parent: Context?, )",
            '5 method Context.old: fun old(at: String = "http://x")',
        ],
    ),
    "a field is not its annotation": (
        "java",
        """
        class Entry {
          @SuppressWarnings("FieldCanBeLocal")
          private volatile int state = 0;
        }
        """,
        ["1 class Entry: class Entry", "2 field Entry.state: private volatile int state = 0;"],
    ),
    "parameters of a type go on over lines": (
        "typescript",
        """
        export type H<
          E extends Env = any,
          P extends string = any
        > = Handler<E, P> | Middleware
        type Options = {
          retries: number
        }
        """,
        [
            "1 type H: export type H< E extends Env = any, P extends string = any >"
            " = Handler<E, P> | Middleware",
            "5 type Options: type Options",
        ],
    ),
    "a declaration that goes on in a branch of the preprocessor": (
        "csharp",
        """
        public interface ILogger
        {
            void Write(int level)
        #if DEFAULTS
            {
                Write(level, 0);
            }
        #else
                ;
        #endif
            [Pure(true)] bool IsEnabled(int level);
        }
        """,
        [
            "1 interface ILogger: public interface ILogger",
            "3 method ILogger.Write: void Write(int level)",
            "11 method ILogger.IsEnabled: bool IsEnabled(int level);",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_file_lists(case: str) -> None:
    language, text, wanted = CASES[case]
    assert listed(language, text) == wanted


def test_a_signature_that_is_cut_says_so() -> None:
    parameters = ", ".join(f"parameter_{n}: int = {n}" for n in range(40))
    (line,) = listed("python", f"def f({parameters}):\n    pass\n")
    assert line.endswith(" …")
    assert len(line) < 430
