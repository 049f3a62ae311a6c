"""C, C++, Objective-C, Go, Rust, Zig, Swift."""

from __future__ import annotations

from dataclasses import replace

from codebase_server.chunks.spec import (
    Assignment,
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

_C_RULES = {
    "function_definition": function("function", "@declarator"),
    "struct_specifier": container("struct", "@bodied"),
    "union_specifier": container("struct", "@bodied"),
    "enum_specifier": container("enum", "@bodied"),
    "enumerator": member("member"),
    "type_definition": Rule("type", "@declarator", "", members=True, own="large"),
    "declaration": Rule("variable", "@declarator", "", own="large"),
    "field_declaration": Rule("field", "@declarator", "", own="never"),
    "preproc_function_def": Rule("macro", "name", "value", own="large"),
    "preproc_def": Rule("macro", "@macro", "value", own="large"),
    "expression_statement": Rule("test", "@test_call", ""),
}

_C = Spec(
    grammar="c",
    rules=_C_RULES,
    transparent=words(
        "translation_unit preproc_ifdef preproc_if preproc_else"
        " preproc_elif preproc_elifdef linkage_specification"
        " declaration_list field_declaration_list enumerator_list ERROR"
    ),
    beside=words("compound_statement"),
)

_CPP = replace(
    _C,
    grammar="cpp",
    rules={
        **_C_RULES,
        "class_specifier": container("class", "@bodied"),
        "namespace_definition": scope(),
        "alias_declaration": value("type"),
        "concept_definition": value("type"),
    },
    wrappers=words("template_declaration friend_declaration"),
)

_OBJC = replace(
    _C,
    grammar="objc",
    rules={
        **_C_RULES,
        "class_interface": Rule("class", "@first", "", members=True),
        "class_implementation": Rule("implementation", "@first", "", members=True, define=False),
        "category_interface": Rule("extension", "@first", "", members=True),
        "category_implementation": Rule("implementation", "@first", "", members=True, define=False),
        "protocol_declaration": Rule("protocol", "@first", "", members=True),
        "method_definition": Rule("method", "@selector"),
        "method_declaration": Rule("method", "@selector", "", own="never"),
        "property_declaration": Rule("property", "@last", "", own="never"),
    },
    transparent=_C.transparent | words("implementation_definition"),
)

_GO = Spec(
    grammar="go",
    rules={
        "function_declaration": function(),
        "method_declaration": function("method", "@receiver"),
        "type_spec": Rule("type", "name", "type", members=True),
        "type_alias": value("type"),
        "method_elem": Rule("method", "name", "", own="never"),
        "method_spec": Rule("method", "name", "", own="never"),
        "field_declaration": Rule("field", "@names", "", own="never"),
        "const_spec": Rule("constant", "@names", "", own="large"),
        "var_spec": Rule("variable", "@names", "", own="large"),
    },
    transparent=words(
        "source_file type_declaration const_declaration var_declaration"
        " struct_type interface_type field_declaration_list"
        " var_spec_list ERROR"
    ),
    wrappers=words("type_declaration const_declaration var_declaration"),
    refined={"struct_type": "struct", "interface_type": "interface"},
)

_TESTING = r"^#\[\s*(?:\w+::)*(?:test|\w+_test|test_case|rstest|proptest|quickcheck|bench)\s*[\](]"
"""The attribute of a test, the language's own or a library's: ``#[test]``, ``#[tokio::test(...)]``."""

_FOR_TESTS = r"^#\[\s*cfg\(\s*(?:all\((?:(?:[^()]|\([^()]*\))*,)?\s*)?test\s*[,)]"
"""``#[cfg(test)]``, ``#[cfg(all(unix, test))]``; ``any(test, feature = "...")`` is in other builds too."""

_RUST = Spec(
    grammar="rust",
    rules={
        "function_item": function(),
        "function_signature_item": function(),
        "struct_item": container("struct"),
        "union_item": container("struct"),
        "enum_item": container("enum"),
        "enum_variant": member("member"),
        "field_declaration": member("field"),
        "trait_item": container("trait"),
        "impl_item": continuing(container("implementation", "@type")),
        "mod_item": scope("module"),
        "macro_definition": Rule("macro", "name", "macro_rule"),
        "macro_invocation": Rule("test", "@test_macro", ""),
        "const_item": value("constant"),
        "static_item": value("variable"),
        "type_item": value("type"),
        "associated_type": value("type"),
    },
    transparent=words(
        "source_file declaration_list field_declaration_list enum_variant_list foreign_mod_item ERROR"
    ),
    wrappers=words("expression_statement"),
    leading=words("attribute_item"),
    comments=words("line_comment block_comment"),
    testing=_TESTING,
    for_tests=_FOR_TESTS,
)

_ZIG_TYPE = Rule("struct", "name", "", members=True)

_ZIG = Spec(
    grammar="zig",
    rules={
        "function_declaration": Rule("function", "name", "body", members=True),
        "test_declaration": Rule("test", "@string", "block"),
        "container_field": member("field"),
    },
    transparent=words(
        "source_file block struct_declaration enum_declaration union_declaration"
        " opaque_declaration expression_statement"
        " return_expression comptime_declaration ERROR"
    ),
    assignments={
        "variable_declaration": Assignment(
            "identifier",
            "struct_declaration enum_declaration union_declaration opaque_declaration error_set_declaration",
        )
    },
    values={
        "struct_declaration": _ZIG_TYPE,
        "enum_declaration": replace(_ZIG_TYPE, kind="enum"),
        "union_declaration": replace(_ZIG_TYPE, kind="struct"),
        "opaque_declaration": replace(_ZIG_TYPE, kind="struct"),
        "error_set_declaration": replace(_ZIG_TYPE, kind="enum", own="large"),
    },
    block_comments=(),
    importing=r'@import\("[^"]*"\)',
)

_SWIFT = Spec(
    grammar="swift",
    rules={
        "class_declaration": container(),
        "protocol_declaration": container("protocol"),
        "function_declaration": function(),
        "protocol_function_declaration": function("method"),
        "init_declaration": Rule("constructor", "@init"),
        "deinit_declaration": Rule("method", "@deinit"),
        "subscript_declaration": Rule("method", "@subscript", "computed_property"),
        "property_declaration": Rule("property", "name", "computed_property", own="large"),
        "protocol_property_declaration": member("property", "@bound"),
        "enum_entry": Rule("member", "@names", "", own="never"),
        "typealias_declaration": value("type"),
        "associatedtype_declaration": value("type"),
        "macro_declaration": Rule("macro"),
    },
    transparent=words(
        "source_file class_body protocol_body enum_class_body statements if_config_directive ERROR"
    ),
    comments=words("comment multiline_comment"),
    refined={"struct": "struct", "enum": "enum", "extension": "extension"},
)

SPECS: dict[str, Spec] = {
    "c": _C,
    "cpp": _CPP,
    "objc": _OBJC,
    "go": _GO,
    "rust": _RUST,
    "zig": _ZIG,
    "swift": _SWIFT,
}
