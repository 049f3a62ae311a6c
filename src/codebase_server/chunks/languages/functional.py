"""Haskell, OCaml, Elixir, Erlang; and the formats of schemas and queries."""

from __future__ import annotations

from dataclasses import replace

from codebase_server.chunks.spec import (
    Calls,
    Rule,
    Spec,
    container,
    continuing,
    function,
    member,
    scope,
    value,
    words,
)

_HASKELL = Spec(
    grammar="haskell",
    rules={
        "function": Rule("function", "@equation", "match"),
        "bind": Rule("function", "@equation", "match"),
        "signature": Rule("function", "@equation", ""),
        "data_type": Rule("type", "name", "", members=True),
        "newtype": Rule("type", "name", "", members=True),
        "type_synomym": value("type"),
        "type_family": value("type"),
        "class": Rule("class", "name", "declarations", members=True),
        "instance": continuing(Rule("implementation", "@instance", "declarations", members=True)),
        "data_constructor": Rule("member", "@first", "", members=True, own="never"),
        "newtype_constructor": Rule("member", "@first", "", members=True, own="never"),
        "field": Rule("field", "@fields", "", own="never"),
        "pattern_synonym": value("function", "@first"),
    },
    transparent=words(
        "haskell declarations class_declarations instance_declarations data_constructors record fields ERROR"
    ),
    leading=words("pragma"),
    comments=words("comment haddock"),
    line_comments=("-- |", "-- ^", "--"),
    block_comments=(("{-", "-}"),),
    continued=words("signature function bind"),
)

_OCAML = Spec(
    grammar="ocaml",
    rules={
        "let_binding": Rule("function", "pattern", "body"),
        "type_binding": Rule("type", "name", "", members=True),
        "constructor_declaration": Rule("member", "@first", "", own="never"),
        "field_declaration": Rule("field", "@first", "", own="never"),
        "module_binding": Rule("module", "module_name", "body", members=True),
        "module_type_definition": Rule("interface", "module_type_name", "body", members=True),
        "class_binding": Rule("class", "class_name", "body", members=True),
        "method_definition": Rule("method", "method_name", "body"),
        "value_specification": value("function", "value_name"),
        "exception_definition": value("type", "@first"),
        "external": value("function", "value_name"),
    },
    transparent=words(
        "compilation_unit structure signature object_expression"
        " value_definition type_definition module_definition"
        " class_definition functor variant_declaration record_declaration ERROR"
    ),
    wrappers=words("value_definition type_definition module_definition class_definition"),
    line_comments=(),
    block_comments=(("(*", "*)"),),
)

_DEFINED = Rule("function", "@defined", "do_block")

_ELIXIR = Spec(
    grammar="elixir",
    rules={},
    transparent=words("source do_block ERROR"),
    wrappers=words("unary_operator"),
    leading=words("unary_operator"),
    calls=Calls(
        nodes=words("call"),
        callee="target",
        rules={
            **dict.fromkeys(["type", "typep", "opaque"], Rule("type", "@attribute", "", own="never")),
            **dict.fromkeys(["callback", "macrocallback"], Rule("function", "@attribute", "", own="large")),
            "defmodule": Rule("module", "@argument", "do_block", members=True),
            "defprotocol": Rule("protocol", "@argument", "do_block", members=True),
            "defimpl": Rule("implementation", "@implemented", "do_block", members=True),
            **dict.fromkeys(
                ["def", "defp", "defdelegate", "defguard", "defguardp", "defn", "defnp"], _DEFINED
            ),
            **dict.fromkeys(["defmacro", "defmacrop"], replace(_DEFINED, kind="macro")),
            **dict.fromkeys(["defstruct", "defexception"], Rule("struct", "@nameless", "", own="never")),
            "describe": Rule("test", "@string", members=True),
            "test": Rule("test", "@string"),
            "property": Rule("test", "@string"),
            "feature": Rule("test", "@string"),
        },
    ),
    line_comments=("#",),
    block_comments=(),
    documenting=r'@(?:module|type)?doc\s+~?[a-zA-Z]?(?:"""|"|\')(.*?)(?:"""|"|\')\s*$',
    continued=words("call"),
)

_ERLANG = Spec(
    grammar="erlang",
    rules={
        "fun_decl": Rule("function", "@first", ""),
        "record_decl": value("struct"),
        "type_alias": Rule("type", "@first", "", own="large"),
        "pp_define": Rule("macro", "@first", "", own="large"),
    },
    transparent=words("source_file ERROR"),
    leading=words("spec"),
    line_comments=("%",),
    block_comments=(),
    continued=words("fun_decl"),
)

_PROTO = Spec(
    grammar="proto",
    rules={
        "message": Rule("message", "message_name", "message_body", members=True),
        "enum": Rule("enum", "enum_name", "enum_body", members=True),
        "service": Rule("service", "service_name", "", members=True),
        "rpc": Rule("method", "rpc_name", "", own="never"),
        "field": Rule("field", "identifier", "", own="never"),
        "enum_field": Rule("member", "identifier", "", own="never"),
    },
    transparent=words("source_file message_body enum_body ERROR"),
)

_GRAPHQL_TYPE = Rule("type", "name", "", members=True)

_GRAPHQL = Spec(
    grammar="graphql",
    rules={
        "object_type_definition": _GRAPHQL_TYPE,
        "interface_type_definition": replace(_GRAPHQL_TYPE, kind="interface"),
        "input_object_type_definition": _GRAPHQL_TYPE,
        "enum_type_definition": replace(_GRAPHQL_TYPE, kind="enum"),
        "union_type_definition": _GRAPHQL_TYPE,
        "enum_value_definition": Rule("member", "@first", "", own="never"),
        "scalar_type_definition": value("type"),
        "operation_definition": Rule("function", "name", ""),
        "fragment_definition": Rule("function", "@first", ""),
    },
    transparent=words(
        "source_file document definition type_system_definition type_definition executable_definition"
        " enum_values_definition ERROR"
    ),
    line_comments=("#",),
    block_comments=(('"""', '"""'),),
)

_SOLIDITY = Spec(
    grammar="solidity",
    rules={
        "contract_declaration": container(),
        "interface_declaration": container("interface"),
        "library_declaration": container("module"),
        "function_definition": function(),
        "modifier_definition": function(),
        "constructor_definition": Rule("constructor", "@constructor"),
        "struct_declaration": container("struct"),
        "enum_declaration": container("enum"),
        "event_definition": member("member"),
        "enum_value": Rule("member", "@whole", "", own="never"),
        "state_variable_declaration": member("field"),
    },
    transparent=words("source_file contract_body enum_body ERROR"),
)

_SQL_OBJECT = Rule("table", "@first", "")

_SQL = Spec(
    grammar="sql",
    rules={
        "create_table": _SQL_OBJECT,
        "create_view": _SQL_OBJECT,
        "create_materialized_view": _SQL_OBJECT,
        "create_function": replace(_SQL_OBJECT, kind="function"),
        "create_procedure": replace(_SQL_OBJECT, kind="function"),
        "create_trigger": replace(_SQL_OBJECT, kind="function"),
        "create_type": replace(_SQL_OBJECT, kind="type"),
        # the grammar calls an index's own name "column"; one without a name defines nothing
        "create_index": replace(_SQL_OBJECT, kind="element", own="large", name="column"),
    },
    transparent=words("program ERROR"),
    wrappers=words("statement"),
    comments=words("comment marginalia"),
    line_comments=("--",),
)

_HCL = Spec(
    grammar="hcl",
    rules={
        "block": Rule("element", "@block", "body", members=True),
        "attribute": Rule("variable", "@local", "", own="never"),
    },
    transparent=words("config_file body ERROR"),
    line_comments=("#", "//"),
)

_PRISMA = Spec(
    grammar="hcl",
    rules={"block": Rule("type", "@labelled", "block_start")},
    transparent=words("config_file body ERROR"),
)

SPECS: dict[str, Spec] = {
    "haskell": _HASKELL,
    "ocaml": _OCAML,
    "elixir": _ELIXIR,
    "erlang": _ERLANG,
    "proto": _PROTO,
    "graphql": _GRAPHQL,
    "solidity": _SOLIDITY,
    "sql": _SQL,
    "hcl": _HCL,
    "prisma": _PRISMA,
}
_ = scope
