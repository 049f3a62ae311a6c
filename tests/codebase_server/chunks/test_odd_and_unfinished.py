"""What is odd or not finished yet: no name is made up for it, and what stands beside it is found."""

from __future__ import annotations

import textwrap

import pytest

from codebase_server.chunks import split
from codebase_server.records import SourceFile

CASES: dict[str, tuple[str, str, list[str]]] = {
    "clojure: forms without a name": (
        "clojure",
        """
        (ns)
        (def)
        (defmethod)
        (defn "no name" [x] x)
        (defprotocol Door (swing [this]) ("odd") ())
        (defn ok [x] x)
        """,
        ["protocol Door", "method Door.swing", "function ok"],
    ),
    "clojure: a macro of the project's own that defines": (
        "clojure",
        """
        (defwidget button [label] label)
        (defmethod area)
        (defmethod area [] [c] 1)
        """,
        ["function button", "method area", "method area"],
    ),
    "emacs lisp: a variable that is only announced is defined elsewhere": (
        "elisp",
        """
        (defvar announced)
        (defvar given 1)
        (defalias 'door-open #'door-swing)
        (defun)
        (defun ok (x) x)
        """,
        ["variable given", "function door-open", "function ok"],
    ),
    "common lisp: a macro of the project's own that defines": (
        "commonlisp",
        """
        (defwidget button (label) "Shows it." label)
        (defun ok (x) "Doc." x)
        """,
        ["function button", "function ok"],
    ),
    "scheme: names behind comments, in lists, and none at all": (
        "scheme",
        """
        (library)
        (define-library solo (export x))
        (define ("text" x) 1)
        (define ((((((deep a) b) c) d) e) f) 1)
        (define ((#| why |# adder n) m) (+ n m))
        (define-values (a b "c") (values 1 2 3))
        (define-values)
        (define (ok) 1)
        """,
        ["module solo", "function adder", "variable a", "variable b", "function ok"],
    ),
    "c: pointers to functions are variables, who returns one is a function": (
        "c",
        """
        int (*handlers[3])(int);
        int (*pick(int a))(int);
        int *(plain)(int a);
        void ok(void) { }
        """,
        ["variable handlers", "function pick", "function plain", "function ok"],
    ),
    "c: a header's guard is no macro, a short default and a nested one are": (
        "c",
        """
        #ifndef A_H
        #define A_H
        #ifdef FAST
        #define FAST
        #define OTHER
        #endif
        int a;
        int b;
        #endif
        #ifndef LIMIT
        #define LIMIT
        #endif
        """,
        ["macro FAST", "macro OTHER", "variable a", "variable b", "macro LIMIT"],
    ),
    "c++: conversions, specializations, names from the outermost scope": (
        "cpp",
        """
        Store::operator bool() const { return true; }
        template <> void put<int>(int x) { }
        void ::global(int x) { }
        int Doors::Store<int>::size = 3;
        MY_TEST(Store, Opens) { }
        """,
        [
            "method Store.operator bool",
            "function put",
            "function global",
            "variable Doors.Store.size",
            "test Store.Opens",
        ],
    ),
    "go: receivers without a name, with types, and none": (
        "go",
        """
        package a
        func (Store) Get() {}
        func (s *Store[K, V]) Put() {}
        func () Odd() {}
        """,
        ["method Store.Get", "method Store.Put", "method Odd"],
    ),
    "kotlin: what extends a type that may be missing or stands in brackets": (
        "kotlin",
        """
        fun String?.shout() = 1
        fun (Int).twice() = 2
        val (a, b) = pair
        fun plain() = 1
        """,
        ["function String.shout", "function Int.twice", "property a", "property b", "function plain"],
    ),
    "vim: made names and settings are none": (
        "vim",
        """
        function! {dynamic}()
        endfunction
        function! s:open()
        endfunction
        let &wrap = 1
        let g:table['x'] = 1
        let g:limit = 3
        """,
        ["function open", "variable limit"],
    ),
    "powershell: tests have their words, a bare word is none": (
        "powershell",
        """
        Describe
        Describe "A door" { It "opens" { } }
        $other = 3
        $script:Limit = 3
        """,
        ["test A door", "test A door.opens", "variable Limit"],
    ),
    "cmake: a name made of variables is none": (
        "cmake",
        """
        function()
        endfunction()
        add_library(${NAME} a.c)
        add_library(Door::Door ALIAS door)
        """,
        ["element Door.Door"],
    ),
    "make: what holds for one target alone is none": (
        "make",
        """
        all: CC = gcc
        CC ?= gcc
        """,
        ["variable CC"],
    ),
    "fortran: operators and bound procedures": (
        "fortran",
        """
        module m
         interface operator (+)
          module procedure add
         end interface
         interface assignment (=)
          module procedure set
         end interface
         type t
         contains
          procedure :: open => door_open, close
          procedure swing
         end type
        end module
        """,
        [
            "module m",
            "interface m.operator(+)",
            "interface m.assignment(=)",
            "struct m.t",
            "method m.t.open",
            "method m.t.close",
            "method m.t.swing",
        ],
    ),
    "ruby: a test without words, a class that is described": (
        "ruby",
        """
        RSpec.describe Doors::Store do
          it "opens" do
          end
          it do
          end
        end
        """,
        ["test Doors.Store", "test Doors.Store.opens", "test Doors.Store.test"],
    ),
    "javascript: a test without words, one for each of a table": (
        "javascript",
        """
        describe(Store, () => { it(() => {}); });
        describe.each([1])("with %s", () => {});
        """,
        ["test Store", "test Store.test", "test with %s"],
    ),
    "elixir: a definition without a name yet": (
        "elixir",
        """
        defmodule A.B do
          def bare, do: 1
          def
        end
        """,
        ["module A.B", "function A.B.bare"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_only_what_has_a_name_is_a_definition(case: str) -> None:
    language, text, expected = CASES[case]
    body = textwrap.dedent(text).lstrip("\n")
    file = split(SourceFile("file", body, "", language, "code", len(body)))
    assert [f"{one.kind} {one.qualified}" for one in file.definitions] == expected
