"""Python, Ruby, PHP, Lua, Bash, R, Perl, Julia."""

from __future__ import annotations

from codebase_server.chunks.spec import (
    Assignment,
    Calls,
    Rule,
    Spec,
    container,
    function,
    member,
    scope,
    value,
    words,
)

_TEST = Rule("test", "@string")
_SUITE = Rule("test", "@string", members=True)

_PYTHON = Spec(
    grammar="python",
    rules={
        "function_definition": function(),
        "class_definition": container(),
        "type_alias_statement": value("type", "left"),
    },
    transparent=words(
        "module block if_statement elif_clause else_clause try_statement"
        " except_clause except_group_clause finally_clause"
        " with_statement ERROR"
    ),
    wrappers=words("decorated_definition expression_statement"),
    assignments={"assignment": Assignment("left", "right")},
    line_comments=("#",),
    block_comments=(),
    docstrings=True,
)

_RUBY = Spec(
    grammar="ruby",
    rules={
        "method": function(),
        "singleton_method": function("method", "@self"),
        "class": container(),
        "module": container("module"),
        "singleton_class": Rule("class", "@nameless", members=True, own="never", define=False),
        "alias": member("method"),
    },
    transparent=words("program body_statement begin if unless if_modifier unless_modifier then else ERROR"),
    assignments={"assignment": Assignment("left", "right")},
    values={"lambda": function(), "call": Rule("class", "", "", members=True)},
    calls=Calls(
        nodes=words("call"),
        callee="method",
        rules={
            **dict.fromkeys(["describe", "context", "feature", "shared_examples", "shared_context"], _SUITE),
            **dict.fromkeys(["it", "specify", "scenario", "test", "should"], _TEST),
            **dict.fromkeys(["define_method", "scope", "task"], Rule("method", "@argument", own="large")),
            "namespace": Rule("namespace", "@argument", members=True, own="never"),
            "create_table": Rule("table", "@argument"),
            "alias_method": member("method", "@argument"),
            **dict.fromkeys(
                ["private", "protected", "public", "module_function", "private_class_method"],
                Rule("", "@wrapped"),
            ),
            **dict.fromkeys(
                ["attr_reader", "attr_writer", "attr_accessor"], Rule("property", "@arguments", own="never")
            ),
        },
    ),
    line_comments=("#",),
    block_comments=(("=begin", "=end"),),
    enters_blocks=True,
)

_PHP = Spec(
    grammar="php",
    rules={
        "function_definition": function(),
        "method_declaration": function("method"),
        "class_declaration": container(),
        "interface_declaration": container("interface"),
        "trait_declaration": container("trait"),
        "enum_declaration": container("enum"),
        "enum_case": member("member"),
        "const_declaration": Rule("constant", "@elements", "", own="large"),
        "property_declaration": Rule("property", "@elements", "", own="never"),
    },
    transparent=words(
        "program declaration_list enum_declaration_list namespace_definition"
        " compound_statement if_statement ERROR"
    ),
    wrappers=words("expression_statement"),
    assignments={"assignment_expression": Assignment("left", "right", bare=False)},
    values={
        "anonymous_function": function(),
        "arrow_function": function(),
        "anonymous_function_creation_expression": function(),
    },
    calls=Calls(
        nodes=words("function_call_expression"),
        callee="function",
        rules={
            **dict.fromkeys(["describe", "context"], _SUITE),
            **dict.fromkeys(["it", "test"], _TEST),
            "define": Rule("constant", "@argument", own="never"),
        },
    ),
    line_comments=("//", "#"),
)

_LUA = Spec(
    grammar="lua",
    rules={"function_declaration": function()},
    transparent=words(
        "chunk do_statement for_statement block if_statement return_statement"
        " expression_list table_constructor ERROR"
    ),
    wrappers=words("variable_declaration"),
    assignments={
        "assignment_statement": Assignment("variable_list", "expression_list"),
        "field": Assignment("name", "value", "field"),
    },
    values={
        "function_definition": function(),
        "table_constructor": Rule("object", "name", "", members=True, own="large"),
    },
    calls=Calls(
        nodes=words("function_call"),
        callee="name",
        rules={
            **dict.fromkeys(["describe", "context", "insulate", "expose"], _SUITE),
            **dict.fromkeys(["it", "test", "spec", "pending"], _TEST),
            "MiniTest.new_set": _SUITE,
        },
    ),
    line_comments=("--",),
    block_comments=(("--[[", "]]"), ("--[=[", "]=]")),
    importing=r"require\s*\(?\s*[^()]*\)?(?:\.\w+)*",
)

_BASH = Spec(
    grammar="bash",
    rules={"function_definition": function()},
    transparent=words("program if_statement else_clause elif_clause compound_statement list ERROR"),
    wrappers=words("declaration_command"),
    assignments={"variable_assignment": Assignment("name", "value")},
    line_comments=("#",),
    block_comments=(),
    margin=r"^(?:function[ \t]+[\w:.+-]+|[\w:.+-]+[ \t]*\(\))",
)

_R = Spec(
    grammar="r",
    rules={},
    transparent=words("program braced_expression ERROR"),
    assignments={
        "binary_operator": Assignment("lhs", "rhs"),
        "argument": Assignment("name", "value", "field", bare=False),
    },
    values={"function_definition": function()},
    calls=Calls(
        nodes=words("call"),
        callee="function",
        rules={
            **dict.fromkeys(["setClass", "R6Class", "setRefClass"], Rule("class", "@string_argument")),
            **dict.fromkeys(["setMethod", "setGeneric", "setValidity"], Rule("method", "@string_argument")),
            **dict.fromkeys(["test_that", "it"], _TEST),
            "describe": _SUITE,
        },
    ),
    line_comments=("#'", "#"),
    block_comments=(),
)

_PERL = Spec(
    grammar="perl",
    rules={
        "function_definition": function(),
        "subroutine_declaration_statement": function(),
        "package_statement": Rule("module", "package_name", own="never"),
    },
    transparent=words("source_file block ERROR"),
    leading=words("pod_statement pod"),
    comments=words("comment comments"),
    line_comments=("#",),
    block_comments=(("=pod", "=cut"), ("=head", "=cut"), ("=item", "=cut")),
)

_JULIA = Spec(
    grammar="julia",
    rules={
        "function_definition": function("function", "@call", "block"),
        "macro_definition": Rule("macro", "@call", "block"),
        "struct_definition": Rule("struct", "@first", "block", members=True),
        "abstract_definition": Rule("type", "@first", own="large"),
        "primitive_definition": Rule("type", "@first", own="large"),
        "module_definition": scope("module", body="block"),
    },
    transparent=words("source_file block if_statement let_statement ERROR"),
    wrappers=words("const_statement macrocall_expression macro_argument_list"),
    leading=words("string_literal"),
    comments=words("line_comment block_comment"),
    assignments={
        "assignment": Assignment(
            "call_expression identifier where_expression typed_expression",
            "",
            called=function(name="@call", body=""),
        )
    },
    line_comments=("#",),
    block_comments=(('"""', '"""'), ("#=", "=#")),
    documenting=r'(?:"""|")(.*?)(?:"""|")\s*$',
)

SPECS: dict[str, Spec] = {
    "python": _PYTHON,
    "starlark": Spec(
        grammar="starlark",
        rules=_PYTHON.rules,
        transparent=_PYTHON.transparent,
        wrappers=_PYTHON.wrappers,
        assignments=_PYTHON.assignments,
        line_comments=("#",),
        block_comments=(),
        docstrings=True,
    ),
    "ruby": _RUBY,
    "php": _PHP,
    "lua": _LUA,
    "bash": _BASH,
    "r": _R,
    "perl": _PERL,
    "julia": _JULIA,
}
