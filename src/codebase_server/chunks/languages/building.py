"""Build files and the languages of configuration: Make, Just, CMake, Dockerfile, Nix, Jsonnet, SCSS.

Of what only configures (``enable = true``, ``image: x``) nothing is named: it would stand before the
definition that somebody asks for.
"""

from __future__ import annotations

from codebase_server.chunks.spec import Assignment, Calls, Rule, Spec, member, value, words

_MAKE = Spec(
    grammar="make",
    rules={
        "rule": Rule("function", "@targets", "recipe", own="bodied"),
        "define_directive": Rule("macro", "name", "value", own="large"),
        "variable_assignment": Rule("variable", "@make_variable", "value", own="large"),
    },
    transparent=words("makefile conditional else_directive elsif_directive ERROR"),
    wrappers=words("export_directive override_directive private_directive"),
    line_comments=("#",),
    block_comments=(),
    commented_inside="##",
    padded=True,
)

_JUST = Spec(
    grammar="just",
    headed="recipe_header",
    rules={
        "recipe": Rule("function", "@recipe", "recipe_body"),
        "alias": member("function", "left"),
        "assignment": value("variable", "left", "right"),
    },
    transparent=words("source_file ERROR"),
    wrappers=words("export"),
    line_comments=("#",),
    block_comments=(),
    padded=True,
)

_TARGET = Rule("element", "@cmake_target", "", own="large")

_CMAKE = Spec(
    grammar="cmake",
    rules={
        "function_def": Rule("function", "@cmake_function", "body"),
        "macro_def": Rule("macro", "@cmake_function", "body"),
    },
    transparent=words("source_file if_condition body block_def foreach_loop else_if_block else_block ERROR"),
    comments=words("line_comment bracket_comment"),
    calls=Calls(
        nodes=words("normal_command"),
        callee="identifier",
        rules={
            **dict.fromkeys(["add_library", "add_executable", "add_custom_target"], _TARGET),
            "option": member("variable", "@cmake_target"),
        },
    ),
    line_comments=("#",),
    block_comments=(("#[==[", "]==]"), ("#[=[", "]=]"), ("#[[", "]]")),
)

_DOCKERFILE = Spec(
    grammar="dockerfile",
    rules={"from_instruction": Rule("element", "@stage", "")},
    transparent=words("source_file ERROR"),
    line_comments=("#",),
    block_comments=(),
    until=words("from_instruction"),
)

_ATTRIBUTES = Rule("namespace", "name", "", members=True, own="large", define=False)

_NIX = Spec(
    grammar="nix",
    rules={},
    transparent=words(
        "source_code function_expression let_expression binding_set attrset_expression rec_attrset_expression"
        " with_expression assert_expression parenthesized_expression apply_expression binary_expression ERROR"
    ),
    assignments={"binding": Assignment("attrpath", "expression", "field", bare=False)},
    values={
        "function_expression": Rule("function", "name", "@innermost", members=True, own="large"),
        "attrset_expression": _ATTRIBUTES,
        "rec_attrset_expression": _ATTRIBUTES,
        "apply_expression": _ATTRIBUTES,
        "with_expression": _ATTRIBUTES,
        "let_expression": _ATTRIBUTES,
    },
    beginning=((r"(?:\w+\.)*mk(?:\w*Option|PackageOption)\b", Rule("property", "name", "", own="large")),),
    line_comments=("#",),
)

_JSONNET = Spec(
    grammar="jsonnet",
    rules={
        "bind": Rule("function", "@jsonnet_function", "body"),
        "field": Rule("function", "@jsonnet_function", "", members=True),
    },
    transparent=words("document local_bind object member objlocal parenthesis binary implicit_plus ERROR"),
    line_comments=("//", "#"),
)

_SCSS = Spec(
    grammar="scss",
    rules={
        "mixin_statement": Rule("macro", "name", "block"),
        "function_statement": Rule("function", "name", "block"),
        "placeholder": Rule("element", "name", "block", own="large"),
        "declaration": Rule("variable", "@scss_variable", "", own="large"),
    },
    transparent=words("stylesheet if_statement ERROR"),
    comments=words("comment single_line_comment js_comment"),
    line_comments=("///", "//"),
)

SPECS: dict[str, Spec] = {
    "make": _MAKE,
    "just": _JUST,
    "cmake": _CMAKE,
    "dockerfile": _DOCKERFILE,
    "nix": _NIX,
    "jsonnet": _JSONNET,
    "scss": _SCSS,
}
