"""Clojure, Scheme, Racket, Common Lisp, Emacs Lisp: languages whose code is lists."""

from __future__ import annotations

from codebase_server.chunks.spec import Lists, Rule, Spec, words

_DECIDED = Rule("", "@listed")
"""What is given the name decides: parameters or a function make a function, else it is a variable."""

_FUNCTION = Rule("function", "@listed", "")
_MACRO = Rule("macro", "@listed", "")
_TYPE = Rule("type", "@listed", "", own="large")
_STRUCT = Rule("struct", "@listed", "", own="large")
_VARIABLE = Rule("variable", "@listed", "", own="large")
_CONSTANT = Rule("constant", "@listed", "", own="large")
_METHOD = Rule("method", "@listed", "")
_TEST = Rule("test", "@listed", "")
_CLASS = Rule("class", "@listed", "@last", members=True)

_MARGIN = r"^\("

_CLOJURE = Spec(
    grammar="clojure",
    rules={},
    transparent=words("source read_cond_lit splicing_read_cond_lit ERROR"),
    lists=Lists(
        nodes=words("list_lit"),
        symbols=words("sym_lit"),
        heads={
            **dict.fromkeys(["defn", "defn-", "defnc", "defn-spec", ">defn", ">defn-"], _FUNCTION),
            **dict.fromkeys(["defmacro", "defmacro-"], _MACRO),
            **dict.fromkeys(["def", "defonce", "defonce-"], _DECIDED),
            "ns": Rule("module", "@listed", "", own="never"),
            "defmulti": _FUNCTION,
            "defmethod": _METHOD,
            **dict.fromkeys(["defprotocol", "definterface"], Rule("protocol", "@listed", "", members=True)),
            **dict.fromkeys(["defrecord", "deftype"], Rule("struct", "@listed", "", members=True)),
            **dict.fromkeys(
                ["extend-type", "extend-protocol"],
                Rule("implementation", "@listed", "", members=True, define=False),
            ),
            **dict.fromkeys(["deftest", "defspec"], _TEST),
        },
        convention=r"def(?!ault|er|inite|late)[\w*+!?<>=-]*|reg-[\w-]+",
        otherwise=_VARIABLE,
        parameters=words("vec_lit"),
        inside=words("do let when when-not if if-not binding letfn with-redefs"),
        members={
            "protocol": Rule("method", "@head", "", own="never"),
            "struct": Rule("method", "@head", ""),
            "implementation": Rule("method", "@head", ""),
        },
    ),
    margin=_MARGIN,
    line_comments=(";",),
    block_comments=(),
)

_RECORDS = words("define-record-type define-struct struct struct/contract define-record define-structure")

_DEFINE = {
    "define": _DECIDED,
    **dict.fromkeys(
        "define-syntax define-syntax-rule define-syntaxes define-syntax-parameter define-macro defmacro"
        " define-simple-macro define-syntax-parser define-syntax-parse-rule define-er-macro"
        " define-match-expander".split(),
        _MACRO,
    ),
    **dict.fromkeys(
        "define-record-type define-struct struct struct/contract define-record define-structure"
        " define-class define-condition-type".split(),
        _STRUCT,
    ),
    **dict.fromkeys("define-type define-signature define-interface".split(), _TYPE),
    **dict.fromkeys(
        "define-values define-values/invoke-unit".split(), Rule("variable", "@values", "", own="large")
    ),
    **dict.fromkeys("define-generic define-method define-generics".split(), _FUNCTION),
    "define-constant": _CONSTANT,
}

_SCHEME = Spec(
    grammar="scheme",
    rules={},
    transparent=words("program ERROR"),
    comments=words("comment block_comment"),
    lists=Lists(
        nodes=words("list"),
        symbols=words("symbol"),
        heads={
            **_DEFINE,
            **dict.fromkeys(
                ["library", "define-library"], Rule("module", "@library", "", members=True, own="never")
            ),
            "define-module": Rule("module", "@library", "", own="never"),
        },
        convention=r"define[\w/*+!?<>=-]*",
        otherwise=_VARIABLE,
        parameters=words("list"),
        behind=_RECORDS,
        inside=words("begin let let* letrec letrec* cond-expand when unless if"),
    ),
    margin=_MARGIN,
    line_comments=(";",),
    block_comments=(("#|", "|#"),),
)

_RACKET = Spec(
    grammar="racket",
    rules={},
    transparent=_SCHEME.transparent,
    comments=_SCHEME.comments,
    lists=Lists(
        nodes=words("list"),
        symbols=words("symbol"),
        heads={
            **_DEFINE,
            **dict.fromkeys(
                ["module", "module+", "module*"], Rule("module", "@listed", "", members=True, own="never")
            ),
            **dict.fromkeys(["test-case", "test-suite"], Rule("test", "@listed", "")),
        },
        convention=r"define[\w/*+!?<>=-]*|define-.*",
        otherwise=_VARIABLE,
        parameters=words("list"),
        behind=_RECORDS,
        inside=words(
            "begin begin-for-syntax begin-encourage-inline let let* letrec cond when unless if with-handlers"
        ),
        leading=words(": provide:"),
        valued=dict.fromkeys(["class", "class*", "mixin", "unit", "interface"], _CLASS),
    ),
    margin=_MARGIN,
    line_comments=(";",),
    block_comments=(("#|", "|#"),),
)

_LISP_HEADS = {
    **dict.fromkeys(
        "defun defsubst cl-defun defun* cl-defsubst defalias cl-defgeneric defgeneric define-inline"
        " define-minor-mode define-globalized-minor-mode define-derived-mode define-compilation-mode"
        " transient-define-prefix transient-define-suffix transient-define-infix transient-define-argument"
        " define-obsolete-function-alias".split(),
        _FUNCTION,
    ),
    **dict.fromkeys(
        "defmacro cl-defmacro defmacro* define-compiler-macro define-modify-macro".split(), _MACRO
    ),
    **dict.fromkeys("cl-defmethod defmethod define-method-combination".split(), _METHOD),
    **dict.fromkeys(
        "defvar defvar-local defcustom defparameter defface defgroup define-symbol-macro".split(), _VARIABLE
    ),
    **dict.fromkeys("defconst defconstant".split(), _CONSTANT),
    **dict.fromkeys("cl-defstruct defstruct".split(), _STRUCT),
    **dict.fromkeys("defclass define-condition".split(), Rule("class", "@listed", "")),
    **dict.fromkeys("deftype cl-deftype".split(), _TYPE),
    **dict.fromkeys("ert-deftest deftest define-test".split(), _TEST),
    **dict.fromkeys(["defpackage", "define-package"], Rule("module", "@listed", "", own="never")),
}

_EMACS_LISP = Spec(
    # Its own grammar is not carried; that of Clojure reads lists, strings, ``?\\(`` and ``'quoted`` alike.
    grammar="clojure",
    rules={},
    transparent=words("source ERROR"),
    lists=Lists(
        nodes=words("list_lit"),
        symbols=words("sym_lit"),
        heads=_LISP_HEADS,
        convention=r"(?:[\w-]+-)?def(?:un|macro|var|custom|subst|face|const|struct|class|method|generic|hydra)[\w*-]*"
        r"|(?:[\w-]+-)?define-(?!key|abbrev|prefix)[\w-]+",
        otherwise=_VARIABLE,
        parameters=words("list_lit"),
        inside=words("progn eval-when-compile eval-and-compile when unless if let let* with-eval-after-load"),
    ),
    margin=_MARGIN,
    line_comments=(";",),
    block_comments=(),
    unsaid=r"^###autoload[^\n]*\n?",
)

_COMMON_LISP = Spec(
    grammar="scheme",
    rules={},
    transparent=_SCHEME.transparent,
    comments=_SCHEME.comments,
    lists=Lists(
        nodes=words("list"),
        symbols=words("symbol"),
        heads=_LISP_HEADS,
        convention=r"(?:[\w:-]+[:-])?def(?!ault|er)[\w*-]*",
        otherwise=_VARIABLE,
        parameters=words("list"),
        inside=words("progn eval-when let let* when unless"),
    ),
    margin=_MARGIN,
    line_comments=(";",),
    block_comments=(("#|", "|#"),),
)

SPECS: dict[str, Spec] = {
    "clojure": _CLOJURE,
    "scheme": _SCHEME,
    "racket": _RACKET,
    "elisp": _EMACS_LISP,
    "commonlisp": _COMMON_LISP,
}
