"""Clojure, Scheme and their kin, scripts, build files: what each defines, and what it only configures."""

from __future__ import annotations

import textwrap

import pytest

from codebase_server.chunks import lines_of, split
from codebase_server.chunks.imports import imports_of
from codebase_server.records import ParsedFile, SourceFile


def parsed(language: str, text: str, path: str = "file") -> ParsedFile:
    body = textwrap.dedent(text).lstrip("\n")
    file = split(SourceFile(path, body, "", language, "code", len(body)))
    owned = [line for chunk in file.chunks for line in range(chunk.start_line, chunk.end_line + 1)]
    assert owned == list(range(1, len(lines_of(body)) + 1))
    return file


def listed(file: ParsedFile) -> list[str]:
    return [
        f"{one.start_line}-{one.end_line} {one.kind} {one.qualified}: {one.signature}"
        for one in file.definitions
    ]


CASES: dict[str, tuple[str, str, list[str]]] = {
    "clojure": (
        "clojure",
        """
        (ns ^{:doc "x"} acme.door-store
          "Doors."
          (:require [clojure.string :as str]))

        ;; Looks for one.
        (defn ^:private find-door
          "Finds a door."
          {:added "1.0"}
          ([x] (find-door x 1))
          ([x y] (+ x y)))

        (defn- open! [door] door)
        (def limit "How many." 12)
        (def ->key (comp keyword str/lower-case))
        (def twice (fn [x] (* 2 x)))
        (defmacro with-door [d & body] `(do ~@body))
        (defmulti area "Its area." :shape)
        (defmethod area :circle [c] 1)
        (defmethod area [:a :shape/b] [c] 1)

        (defprotocol Door
          "A door."
          (swing [this] "Swings")
          (close [this x] [this x y]))

        (defrecord Wooden [w h]
          Door
          (swing [this] 1)
          (close [this x] 2))

        (extend-type String
          Door
          (swing [this] 1))

        (deftest a-test (is (= 1 1)))
        (s/defn typed :- Long [x :- Long] x)
        (s/def ::width pos-int?)
        #?(:clj (defn only-clj [x] x)
           :cljs (defn only-cljs [x] x))
        (let [secret 1]
          (defn inside [y] secret))
        (comment (defn tried [x]))
        #_(defn dropped [] 1)
        (default-door 1)
        """,
        [
            "1-3 module acme.door-store: (ns acme.door-store",
            "6-10 function find-door: (defn find-door [x] [x y])",
            "12-12 function open!: (defn- open! [door])",
            '13-13 variable limit: (def limit "How many." 12)',
            "14-14 variable ->key: (def ->key (comp keyword str/lower-case))",
            "15-15 function twice: (def twice (fn [x] (* 2 x)))",
            "16-16 macro with-door: (defmacro with-door [d & body])",
            '17-17 function area: (defmulti area "Its area." :shape)',
            "18-18 method area.circle: (defmethod area :circle [c])",
            "19-19 method area.a b: (defmethod area [:a :shape/b] [c])",
            "21-24 protocol Door: (defprotocol Door",
            "23-23 method Door.swing: (swing [this])",
            "24-24 method Door.close: (close [this x])",
            "26-29 struct Wooden: (defrecord Wooden [w h])",
            "28-28 method Wooden.swing: (swing [this])",
            "29-29 method Wooden.close: (close [this x])",
            "33-33 method String.swing: (swing [this])",
            "35-35 test a-test: (deftest a-test (is (= 1 1)))",
            "36-36 function typed: (s/defn typed [x :- Long])",
            "37-37 variable width: (s/def ::width pos-int?)",
            "38-38 function only-clj: (defn only-clj [x])",
            "39-39 function only-cljs: (defn only-cljs [x])",
            "41-41 function inside: (defn inside [y])",
        ],
    ),
    "scheme": (
        "scheme",
        """
        ;; Opens it.
        (define (open-door name . rest)
          (let ((x 1))
            (define (local) x)
            x))

        (define limit 12)
        (define string->door (lambda (s) s))
        (define ((keeper door) key) key)
        (define-syntax while
          (syntax-rules ()
            ((_ c b) (if c b))))
        (define-record-type <door> (make-door w) door? (w door-w))
        (begin (define (begun) 1))

        (define-library (acme doors)
          (export close)
          (begin
            (define (close door) door)))
        """,
        [
            "2-5 function open-door: (define (open-door name . rest))",
            "7-7 variable limit: (define limit 12)",
            "8-8 function string->door: (define string->door (lambda (s) s))",
            "9-9 function keeper: (define ((keeper door) key))",
            "10-12 macro while: (define-syntax while",
            "13-13 struct <door>: (define-record-type <door> (make-door w))",
            "14-14 function begun: (define (begun))",
            "16-19 module acme.doors: (define-library (acme doors))",
            "19-19 function acme.doors.close: (define (close door))",
        ],
    ),
    "racket": (
        "racket",
        """
        #lang racket/base
        (require racket/list)

        (: open-door (-> String Door))
        (define (open-door name #:loud [loud #f])
          name)

        (define-syntax-rule (swap! a b) (let ([t a]) t))
        (struct door (width height) #:transparent)
        (define/contract (check x) (-> any/c any/c) x)

        (define door%
          (class object%
            (super-new)
            (define/public (swing x) x)))

        (define-values (left right) (values 1 2))
        (module+ test
          (define (helper) 1))
        """,
        [
            "5-6 function open-door: (define (open-door name #:loud [loud #f]))",
            "8-8 macro swap!: (define-syntax-rule (swap! a b))",
            "9-9 struct door: (struct door (width height))",
            "10-10 function check: (define/contract (check x))",
            "12-15 class door%: (define door%",
            "15-15 method door%.swing: (define/public (swing x))",
            "17-17 variable left: (define-values (left right))",
            "17-17 variable right: (define-values (left right))",
            "18-19 module test: (module+ test",
            "19-19 function test.helper: (define (helper))",
        ],
    ),
    "emacs lisp": (
        "elisp",
        """
        ;;;###autoload
        (defun door-open (name &optional loud)
          "Open the door NAME."
          (interactive)
          (insert ?\\" ?\\( "a\\
        b"))

        (defcustom door-limit 12
          "How many."
          :type 'integer)
        (cl-defmethod door-swing ((door wooden) n) n)
        (defmacro door-with (&rest body) `(progn ,@body))
        (define-minor-mode door-mode "Doors." :lighter " D")
        (define-key map "x" 'door-open)
        """,
        [
            "2-6 function door-open: (defun door-open (name &optional loud))",
            "8-10 variable door-limit: (defcustom door-limit 12",
            "11-11 method door-swing: (cl-defmethod door-swing ((door wooden) n))",
            "12-12 macro door-with: (defmacro door-with (&rest body))",
            '13-13 function door-mode: (define-minor-mode door-mode "Doors." :lighter " D")',
        ],
    ),
    "powershell": (
        "powershell",
        """
        function Open-Door {
            <#
            .SYNOPSIS
            Opens a door.
            #>
            [CmdletBinding()]
            param(
                # Which.
                [Parameter(Mandatory)]
                [string] $Name
            )
            begin { $x = 1 }
            process { Write-Output $Name }
        }

        function script:Get-Key($door, $owner) { return $door }
        filter Select-Odd { if ($_ % 2) { $_ } }

        enum Color { Red }

        class Door : Base {
            [string] $Name = "x"
            Door([string] $name) { $this.Name = $name }
            [void] Swing([int] $n) { Write-Host $n }
        }

        $script:Limit = 12
        $local = 1
        if ($local) { function Test-Inner { 1 } }
        Describe "A door" {
            BeforeAll { function New-Helper { 1 } }
            It "swings" { 1 | Should -Be 1 }
        }
        """,
        [
            "1-14 function Open-Door: function Open-Door { [CmdletBinding()] param("
            " [Parameter(Mandatory)] [string] $Name )",
            "16-16 function Get-Key: function script:Get-Key($door, $owner)",
            "17-17 function Select-Odd: filter Select-Odd",
            "19-19 enum Color: enum Color { Red }",
            "19-19 member Color.Red: Red",
            "21-25 class Door: class Door : Base",
            '22-22 property Door.Name: [string] $Name = "x"',
            "23-23 method Door.Door: Door([string] $name)",
            "24-24 method Door.Swing: [void] Swing([int] $n)",
            "27-27 variable Limit: $script:Limit = 12",
            "29-29 function Test-Inner: function Test-Inner",
            '30-33 test A door: Describe "A door"',
            "31-31 function A door.New-Helper: function New-Helper",
            '32-32 test A door.swings: It "swings"',
        ],
    ),
    "vim": (
        "vim",
        """
        let s:limit = 12
        let g:door_options = {
              \\ 'a': 1,
              \\ }

        " Opens a door.
        function! s:open(name, ...) abort
          let local = 1
          return a:name
        endfunction

        func door#util#close(name) range
          echo "x"
        endfunc

        function s:table.swing() dict
        endfunction

        if has('x')
          function! Inner()
          endfunction
        endif

        command! -nargs=1 OpenDoor call s:open(<f-args>)
        """,
        [
            "1-1 variable limit: let s:limit = 12",
            "2-4 variable door_options: let g:door_options",
            "7-10 function open: function! s:open(name, ...) abort",
            "12-14 function door.util.close: func door#util#close(name) range",
            "16-17 function table.swing: function s:table.swing() dict",
            "20-21 function Inner: function! Inner()",
            "24-24 function OpenDoor: command! -nargs=1 OpenDoor call s:open(<f-args>)",
        ],
    ),
    "vim9": (
        "vim",
        """
        vim9script
        const LIMIT = 3

        # Opens a door.
        export def Open(name: string, times = 1,
            loud = false): number
          var x = 1
          return x
        enddef

        def Close()
        enddef
        """,
        [
            "2-2 constant LIMIT: const LIMIT = 3",
            "5-9 function Open: def Open(name: string, times = 1",
            "11-12 function Close: def Close()",
        ],
    ),
    "batch": (
        "batch",
        """
        @echo off
        call :build
        goto :eof

        rem Builds all.
        :build
        echo hi
        exit /b 0
        :test
        echo test
        """,
        ["6-8 function build: :build", "9-10 function test: :test"],
    ),
    "fortran": (
        "fortran",
        """
        !> Doors.
        module doors
          use iso_fortran_env, only: int64
          implicit none
          integer, parameter :: limit = 12, most(3) = 1

          !> A door.
          type, extends(base) :: door_t
            real :: width
          contains
            procedure :: open => door_open
          end type door_t

          interface area
            module procedure area_round
          end interface area

          enum, bind(c)
            enumerator :: red = 1, green
          end enum

        contains

          !> Opens it.
          !! For all.
          pure subroutine door_open(self, n)
            class(door_t), intent(inout) :: self
            integer :: n
          end subroutine door_open

          recursive integer function area_round(x) result(r)
            integer, intent(in) :: x
            r = x
          end function
        end module doors

        submodule (doors) doors_sub
        contains
          module procedure later
            x = 1
          end procedure
        end submodule doors_sub

        program main
          integer :: local
          print *, 1
        end program main
        """,
        [
            "2-35 module doors: module doors",
            "5-5 variable doors.limit: integer, parameter :: limit = 12, most(3) = 1",
            "5-5 variable doors.most: integer, parameter :: limit = 12, most(3) = 1",
            "8-12 struct doors.door_t: type, extends(base) :: door_t",
            "9-9 field doors.door_t.width: real :: width",
            "11-11 method doors.door_t.open: procedure :: open => door_open",
            "14-16 interface doors.area: interface area",
            "19-19 member doors.red: enumerator :: red = 1, green",
            "19-19 member doors.green: enumerator :: red = 1, green",
            "26-29 function doors.door_open: pure subroutine door_open(self, n)",
            "31-34 function doors.area_round: recursive integer function area_round(x) result(r)",
            "37-42 module doors_sub: submodule (doors) doors_sub",
            "39-41 function doors_sub.later: module procedure later",
            "44-47 module main: program main",
        ],
    ),
    "make": (
        "make",
        """
        CC ?= gcc
        export ROOT = /opt

        .PHONY: all clean
        all: build test ## Builds all

        ## Builds.
        build: $(OBJ)
        \t$(CC) -o $@ $^

        %.o: %.c
        \t$(CC) -c $<

        define run_one
        \techo $(1)
        endef

        ifeq ($(X),1)
        clean:
        \trm -rf x
        endif
        $(BIN)/door: build
        \tcp x $@
        clean: DEBUG = 1
        """,
        [
            "1-1 variable CC: CC ?= gcc",
            "2-2 variable ROOT: export ROOT = /opt",
            "5-5 function all: all: build test",
            "8-9 function build: build: $(OBJ)",
            "14-16 macro run_one: define run_one",
            "19-20 function clean: clean",
        ],
    ),
    "just": (
        "just",
        """
        version := "1.0"
        alias b := build

        # Builds it.
        build target="all" *args:
          echo {{target}}

        [private]
        @test: build
            cargo test
        """,
        [
            '1-1 variable version: version := "1.0"',
            "2-2 function b: alias b := build",
            '5-6 function build: build target="all" *args',
            "9-10 function test: @test: build",
        ],
    ),
    "cmake": (
        "cmake",
        """
        project(doors C)
        # Adds a door.
        function(add_door NAME)
          set(X 1)
        endfunction()

        #[[ With one. ]]
        macro(with_door name)
          message("x")
        endmacro()

        if(WIN32)
          function(inner)
          endfunction()
        endif()
        option(BUILD_DOORS "x" ON)
        add_library(door STATIC a.c b.c)
        add_executable(${NAME} main.c)
        set(LIST a b)
        """,
        [
            "3-5 function add_door: function(add_door NAME)",
            "8-10 macro with_door: macro(with_door name)",
            "13-14 function inner: function(inner)",
            '16-16 variable BUILD_DOORS: option(BUILD_DOORS "x" ON)',
            "17-17 element door: add_library(door STATIC a.c b.c)",
        ],
    ),
    "dockerfile": (
        "dockerfile",
        """
        ARG V=1
        FROM golang:1.20 AS builder
        RUN go build && \\
            go test

        # The last.
        FROM --platform=linux/amd64 scratch as final
        COPY --from=builder /x /x

        FROM alpine
        RUN x
        """,
        [
            "2-4 element builder: FROM golang:1.20 AS builder",
            "7-8 element final: FROM --platform=linux/amd64 scratch as final",
        ],
    ),
    "nix": (
        "nix",
        """
        { lib, pkgs, ... }:
        let
          # Opens.
          open = name: loud: "x${name}";
          inherit (lib) mkOption;
          limit = 1;
        in
        {
          options.services.door = {
            enable = lib.mkEnableOption "doors";
          };
          config = lib.mkIf true { services.door.enable = true; };
          mkDoor = { a, b ? 1 }:
            let
              inner = x: x;
            in
            inner a + b;
        }
        """,
        [
            "4-4 function open: open = name: loud",
            '10-10 property options.services.door.enable: enable = lib.mkEnableOption "doors";',
            "13-17 function mkDoor: mkDoor = { a, b ? 1 }",
            "15-15 function mkDoor.inner: inner = x",
        ],
    ),
    "jsonnet": (
        "jsonnet",
        """
        local k = import 'k.libsonnet';
        local open(name, x=1) = { a: name };
        {
          // Adds.
          add(a, b):: a + b,
          _config+:: { x: 1 },
          withName: function(name) { name: name },
          panels: { deep(x):: x },
        }
        """,
        [
            "2-2 function open: open(name, x=1)",
            "5-5 function add: add(a, b):: a + b",
            "7-7 function withName: withName: function(name) { name: name }",
            "8-8 function deep: deep(x):: x",
        ],
    ),
    "scss": (
        "scss",
        """
        @use "x";
        $width: 12px;
        /// Opens.
        @mixin open($x, $y: 1) {
          $local: 1px;
          width: $x;
        }
        @function double($n) { @return $n * 2; }
        %handle { color: red; }
        .door {
          &:hover { color: blue; }
        }
        """,
        [
            "2-2 variable $width: $width: 12px;",
            "4-7 macro open: @mixin open($x, $y: 1)",
            "8-8 function double: @function double($n)",
            "9-9 element handle: %handle",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_reader_s_list_of_what_a_file_defines(case: str) -> None:
    language, text, wanted = CASES[case]
    assert listed(parsed(language, text)) == wanted


DOCUMENTED: dict[str, tuple[str, str, str, str]] = {
    "clojure: comments and the string behind the name": (
        "clojure",
        ';; Looks.\n(defn find-door\n  "Finds."\n  [x]\n  x)\n',
        "find-door",
        "Looks.\nFinds.",
    ),
    "clojure: metadata": ("clojure", '(defn ^{:doc "In \\"meta\\"."} f [x]\n  x)\n', "f", 'In "meta".'),
    "emacs lisp, without its cookie": (
        "elisp",
        ';;;###autoload\n(defun f (x)\n  "Open X."\n  x)\n',
        "f",
        "Open X.",
    ),
    "a string that is what a function answers is none": ("clojure", '(defn f [x]\n  "answer")\n', "f", ""),
    "powershell, above": (
        "powershell",
        "<#\n.SYNOPSIS\nOpens.\n.PARAMETER Name\nWhich.\n#>\nfunction Open-Door($Name) { $Name }\n",
        "Open-Door",
        "Opens.\n.PARAMETER Name\nWhich.",
    ),
    "powershell, inside": (
        "powershell",
        "function Open-Door {\n    <#\n    .SYNOPSIS\n    Opens.\n    #>\n    param($x)\n    $x\n}\n",
        "Open-Door",
        "Opens.",
    ),
    "vim": ("vim", '" Opens.\nfunction! s:open()\n  echo 1\nendfunction\n', "open", "Opens."),
    "fortran in fixed form": (
        "fortran",
        "*> Adds.\nC     Twice.\n      SUBROUTINE ADD(A,\n     $               B)\n      A = B\n      END\n",
        "ADD",
        "Adds.\nTwice.",
    ),
    "make, behind the target": ("make", "build: x ## Builds all\n\ttrue\n", "build", "Builds all"),
    "scss": (
        "scss",
        "/// Opens.\n/// @param $x\n@mixin open($x) {\n  a: $x;\n}\n",
        "open",
        "Opens.\n@param $x",
    ),
}


@pytest.mark.parametrize("case", DOCUMENTED)
def test_documentation_is_found_where_a_language_puts_it(case: str) -> None:
    language, text, symbol, doc = DOCUMENTED[case]
    file = parsed(language, text, "file.f" if language == "fortran" else "file")
    assert {chunk.symbol: chunk.doc for chunk in file.chunks}[symbol] == doc
    assert not file.had_errors


def test_a_stage_owns_all_its_lines_and_a_stage_without_a_name_no_others_lines() -> None:
    file = parsed("dockerfile", CASES["dockerfile"][1])
    assert [(chunk.symbol, chunk.start_line, chunk.end_line) for chunk in file.chunks] == [
        ("", 1, 1),
        ("builder", 2, 5),
        ("final", 6, 8),
        ("", 9, 11),
    ]


def test_a_recipe_has_a_chunk_and_a_target_without_one_has_none() -> None:
    symbols = [chunk.symbol for chunk in parsed("make", CASES["make"][1]).chunks]
    assert "build" in symbols
    assert "all" not in symbols


BROKEN: dict[str, tuple[str, str, set[str]]] = {
    "lisp": (
        "clojure",
        "(defn a [] 1)\n\n(defn broken [x] (let [y 1\n\n(defn b [] 2)\n\n(defn c [] 3)\n",
        {"a", "b", "c"},
    ),
    "powershell": (
        "powershell",
        'function Get-A { 1 }\n$x = "(?m)^- \\*(?:$y" + @{ = )\nfunction Get-B {\n    2\n}\n',
        {"Get-A", "Get-B"},
    ),
    "vim": (
        "vim",
        "python3 << EOF\nif x:\n  y = (\nEOF\nfunction! A()\nendfunction\n\nfunction! B()\nendfunction\n",
        {"A", "B"},
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_a_grammar_does_not_understand_costs_one_definition_not_the_rest(case: str) -> None:
    language, text, names = BROKEN[case]
    file = parsed(language, text)
    assert file.had_errors
    assert names <= {one.name for one in file.definitions}


def test_fortran_with_statements_in_the_first_column_is_in_free_form() -> None:
    file = parsed(
        "fortran", "module m\ncontains\nsubroutine a()\ncall b()\nend subroutine\nend module\n", "old.f"
    )
    assert [one.name for one in file.definitions] == ["m", "a"]
    assert not file.had_errors


@pytest.mark.parametrize(
    ("language", "text", "imported"),
    [
        (
            "clojure",
            "(ns a.b\n  (:require [clojure.string :as str]\n            [acme.door-store :refer [f]]))\n",
            ("clojure.string", "acme.door-store"),
        ),
        ("elisp", "(require 'cl-lib)\n(require 'magit-git)\n", ("cl-lib", "magit-git")),
        ("racket", '(require racket/list)\n(require "doors.rkt")\n', ("racket/list", "doors.rkt")),
        ("fortran", "  USE doors, ONLY: x\n  use, intrinsic :: iso_c_binding\n", ("doors", "iso_c_binding")),
        (
            "powershell",
            '. "$PSScriptRoot/doors.ps1"\nImport-Module Pester\n',
            ("doors.ps1", "Pester"),
        ),
        ("vim", "call door#util#close('x')\nruntime plugin/a.vim\n", ("door/util", "plugin/a.vim")),
        ("nix", "{ x = import ./x.nix; y = callPackage ./y { }; }\n", ("./x.nix", "./y")),
        ("scss", '@use "doors/knob";\n@import "x";\n', ("doors/knob", "x")),
        ("jsonnet", "local k = import 'k.libsonnet';\n", ("k.libsonnet",)),
    ],
)
def test_imports_are_read_in_each_language_s_own_form(
    language: str, text: str, imported: tuple[str, ...]
) -> None:
    assert imports_of(text, language) == imported


@pytest.mark.parametrize(
    "language", ["nix", "racket", "scheme", "scss", "elisp", "fortran", "powershell", "vim"]
)
def test_blank_lines_cost_what_they_are_long(language: str) -> None:
    """Reading imports from each blank line to the last would take minutes here, where it takes none."""
    assert imports_of("\n" * 1_000_000, language) == ()
    assert imports_of("a#" * 200_000, language) == ()


def test_a_file_of_blank_lines_is_not_given_to_a_grammar_that_reads_them_again_and_again() -> None:
    text = "function(a)\nendfunction()\n" + "\n" * 500_000  # an hour, were it parsed
    assert parsed("cmake", text).definitions == ()
