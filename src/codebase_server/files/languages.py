"""The language of a file, by its name, its extension, or its first line."""

from __future__ import annotations

import re

_BY_EXTENSION_OF = {
    "python": "py pyi pyw pyx pxd wsgi",
    "starlark": "bzl star bazel",
    "javascript": "js mjs cjs jsx es6",
    "typescript": "ts mts cts",
    "tsx": "tsx",
    "go": "go",
    "rust": "rs",
    "java": "java",
    "c": "c",
    "cpp": "cc cpp cxx c++ h hh hpp hxx h++ ipp inl tpp ixx cppm cu cuh ino",
    "objc": "m mm",
    "csharp": "cs csx",
    "ruby": "rb rake gemspec ru podspec jbuilder",
    "php": "php phtml php5 inc",
    "kotlin": "kt kts",
    "swift": "swift",
    "scala": "scala sc sbt",
    "elixir": "ex exs",
    "erlang": "erl hrl",
    "lua": "lua rockspec",
    "bash": "sh bash zsh ksh bats",
    "powershell": "ps1 psm1 psd1",
    "batch": "bat cmd",
    "haskell": "hs lhs",
    "zig": "zig zon",
    "dart": "dart",
    "ocaml": "ml mli",
    "fsharp": "fs fsi fsx",
    "julia": "jl",
    "r": "r",
    "perl": "pl pm t",
    "clojure": "clj cljs cljc edn",
    "scheme": "scm ss sld",
    "racket": "rkt",
    "commonlisp": "lisp lsp cl asd",
    "elisp": "el",
    "nix": "nix",
    "solidity": "sol",
    "fortran": "f for ftn f77 f90 f95 f03 f08",
    "groovy": "groovy gradle",
    "vim": "vim",
    "nim": "nim nims",
    "crystal": "cr",
    "d": "d di",
    "pascal": "pas pp dpr",
    "ada": "adb ads",
    "verilog": "v sv svh vh",
    "vhdl": "vhd vhdl",
    "assembly": "s asm",
    "cobol": "cob cbl cpy",
    "vbnet": "vb bas",
    "tcl": "tcl",
    "awk": "awk",
    "gleam": "gleam",
    "elm": "elm",
    "purescript": "purs",
    "idris": "idr",
    "agda": "agda",
    "lean": "lean",
    "coq": "coq",
    "glsl": "glsl vert frag comp hlsl metal wgsl",
    "proto": "proto",
    "thrift": "thrift",
    "graphql": "graphql gql",
    "sql": "sql ddl psql",
    "prisma": "prisma",
    "html": "html htm xhtml",
    "embedded_template": "erb ejs eex leex",
    "heex": "heex",
    "jinja2": "j2 jinja jinja2 njk",
    "gotmpl": "tmpl gotmpl",
    "template": "hbs mustache liquid twig pug haml slim mako",
    "vue": "vue",
    "svelte": "svelte",
    "astro": "astro",
    "css": "css",
    "scss": "scss less sass styl",
    "xml": "xml xsd xsl xslt plist csproj vbproj fsproj props targets resx xaml wsdl svg storyboard xib pom",
    "json": "json jsonl ndjson geojson webmanifest topojson har",
    "json5": "json5 jsonc",
    "yaml": "yaml yml",
    "toml": "toml",
    "ini": "ini cfg conf desktop service editorconfig",
    "properties": "properties",
    "xcode": "pbxproj xcconfig",
    "hcl": "hcl tf",
    "jsonnet": "jsonnet libsonnet",
    "kdl": "kdl",
    "cmake": "cmake",
    "make": "mk mak",
    "just": "just",
    "markdown": "md markdown mdx mdown mkd qmd rmd",
    "rst": "rst rest",
    "asciidoc": "adoc asciidoc asc",
    "rdoc": "rdoc",
    "org": "org",
    "latex": "tex sty cls bib",
    "typst": "typ",
    "text": "txt text log",
    "notebook": "ipynb",
    "gitignore": "dockerignore gitignore npmignore",
    "csv": "csv tsv psv",
    "diff": "diff patch",
}

_BY_NAME = {
    "dockerfile": "dockerfile",
    "containerfile": "dockerfile",
    "makefile": "make",
    "gnumakefile": "make",
    "justfile": "just",
    ".justfile": "just",
    "cmakelists.txt": "cmake",
    "rakefile": "ruby",
    "gemfile": "ruby",
    "podfile": "ruby",
    "fastfile": "ruby",
    "vagrantfile": "ruby",
    "brewfile": "ruby",
    "guardfile": "ruby",
    "jenkinsfile": "groovy",
    "build": "starlark",
    "workspace": "starlark",
    "build.bazel": "starlark",
    "tiltfile": "starlark",
    "go.mod": "gomod",
    "go.work": "gomod",
    "sconstruct": "python",
    "sconscript": "python",
    "wscript": "python",
    "procfile": "yaml",
    ".bashrc": "bash",
    ".bash_profile": "bash",
    ".profile": "bash",
    ".zshrc": "bash",
    ".vimrc": "vim",
    "_vimrc": "vim",
    "vimrc": "vim",
    ".gvimrc": "vim",
    ".gitignore": "gitignore",
    ".dockerignore": "gitignore",
    ".ignore": "gitignore",
    ".codebaseignore": "gitignore",
    ".gitattributes": "ini",
    ".gitmodules": "ini",
    ".gitconfig": "ini",
    ".clang-format": "yaml",
    ".clang-tidy": "yaml",
    ".prettierrc": "json",
    ".eslintrc": "json",
    ".babelrc": "json",
    "license": "text",
    "licence": "text",
    "copying": "text",
    "authors": "text",
    "changelog": "text",
    "changes": "text",
    "news": "text",
    "history": "text",
    "todo": "text",
    "thanks": "text",
    "contributors": "text",
    "maintainers": "text",
    "unlicense": "text",
    "readme": "text",
    "notice": "text",
    "codeowners": "text",
    "rebar.config": "erlang",
}

_BY_INTERPRETER = {
    "python": "python",
    "pypy": "python",
    "sh": "bash",
    "bash": "bash",
    "dash": "bash",
    "zsh": "bash",
    "ksh": "bash",
    "bats": "bash",
    "node": "javascript",
    "nodejs": "javascript",
    "bun": "typescript",
    "deno": "typescript",
    "ts-node": "typescript",
    "ruby": "ruby",
    "perl": "perl",
    "php": "php",
    "lua": "lua",
    "luajit": "lua",
    "rscript": "r",
    "julia": "julia",
    "elixir": "elixir",
    "escript": "erlang",
    "groovy": "groovy",
    "swift": "swift",
    "kotlin": "kotlin",
    "scala": "scala",
    "runhaskell": "haskell",
    "ocaml": "ocaml",
    "racket": "racket",
    "awk": "awk",
    "gawk": "awk",
    "tclsh": "tcl",
    "make": "make",
    "pwsh": "powershell",
    "nix-shell": "nix",
}

_EXTENSIONS = {
    extension: language
    for language, extensions in _BY_EXTENSION_OF.items()
    for extension in extensions.split()
}

LANGUAGES: tuple[str, ...] = tuple(
    sorted({*_BY_EXTENSION_OF, *_BY_NAME.values(), *_BY_INTERPRETER.values(), "text", "matlab", "unknown"})
)
"""Every word that `language_of` may answer."""

DATA_LANGUAGES = frozenset({"json", "json5", "xml", "csv", "text", "yaml", "diff"})
"""Formats whose large files are data."""

PROSE_LANGUAGES = frozenset({"markdown", "rst", "asciidoc", "rdoc", "org", "latex", "typst", "text"})

_CALLED = {
    "c++": "cpp",
    "c#": "csharp",
    "f#": "fsharp",
    "objective-c": "objc",
    "golang": "go",
    "shell": "bash",
    "docker": "dockerfile",
    "terraform": "hcl",
    "node": "javascript",
    "vb": "vbnet",
}
"""What people call languages beside the words of `LANGUAGES` and the endings of files."""

_SHEBANG = re.compile(r"#!\s*(?:\S*/)?([^\s/]+)(?:\s+(?:-\S+\s+)*(?:\w+=\S*\s+)*([^\s]+))?")
_C_ONLY_HEADER = re.compile(
    r"^\s*(?:class\s+\w|namespace\b|template\s*<|public\s*:|private\s*:|protected\s*:|using\s+\w|enum\s+class\b"
    r"|#\s*include\s*<[a-z_]+>)|\bstd::|\bconstexpr\b|\bnullptr\b|\bvirtual\s|\boperator\s*[^\w\s]",
    re.MULTILINE,
)
_MATLAB = re.compile(r"^\s*(?:function\b|classdef\b|%)", re.MULTILINE)
_OBJECTIVE_C = re.compile(
    r"^\s*(?:@(?:interface|implementation|protocol|import|class)\b|#import\b)", re.MULTILINE
)
_PERL_TEST = re.compile(r"^\s*(?:use\s+\w|my\s+[$@%]|#!.*perl)", re.MULTILINE)


def language_of(path: str, head: str = "") -> str:
    """The language of a file as one lower-case word of `LANGUAGES`.

    ``path`` has ``/`` between its parts. ``head`` is the beginning of the
    text; without it a script with no extension is ``unknown``, and a ``.h``
    file is taken for C++ (whose grammar reads C as well).
    """
    name = path.rpartition("/")[2].lower()
    language = _BY_NAME.get(name) or _EXTENSIONS.get(name.rpartition(".")[2] if "." in name[1:] else "")
    if language is None:
        language = _by_affix(name)
    if head:
        return _settle(name, language, head)
    return language or "unknown"


def language_named(word: str) -> str:
    """The language that people call ``word``: ``ts``, ``C#`` and ``golang`` too; the word itself, folded,
    where there is none."""
    folded = word.strip().casefold()
    if folded in LANGUAGES:
        return folded
    return _CALLED.get(folded) or _EXTENSIONS.get(folded.lstrip(".")) or folded


def _by_affix(name: str) -> str | None:
    """``Dockerfile.dev``, ``dev.Dockerfile``, ``Makefile.am``, ``LICENSE-MIT``, ``README.fr``."""
    for affix in ("dockerfile", "makefile", "license", "licence", "readme", "changelog", "jenkinsfile"):
        if name.startswith((affix + ".", affix + "-", affix + "_")) or name.endswith("." + affix):
            return _BY_NAME[affix]
    return None


def _settle(name: str, language: str | None, head: str) -> str:
    """Decides by content where the name alone is ambiguous or says nothing."""
    if language is None:
        return _by_shebang(head) or ("xml" if head.startswith("<?xml") else "unknown")
    if language == "cpp" and name.endswith(".h"):
        if _OBJECTIVE_C.search(head):
            return "objc"
        return "cpp" if _C_ONLY_HEADER.search(head) else "c"
    if language == "objc" and name.endswith(".m") and not _OBJECTIVE_C.search(head) and _MATLAB.search(head):
        return "matlab"
    if name.endswith(".t") and not _PERL_TEST.search(head):
        return "text"
    if name.endswith(".inc") and "<?" not in head:
        return "text"
    return language


def _by_shebang(head: str) -> str | None:
    first_line = head.partition("\n")[0]
    if not first_line.startswith("#!"):
        return None
    match = _SHEBANG.match(first_line)
    if match is None:
        return None
    program = match[2] if match[1] == "env" and match[2] else match[1]
    program = program.rpartition("/")[2].lower()
    return _BY_INTERPRETER.get(program) or _BY_INTERPRETER.get(program.rstrip("0123456789."))
