"""Java, C#, Kotlin, Scala, Dart, Groovy."""

from __future__ import annotations

from codebase_server.chunks.spec import (
    Assignment,
    Calls,
    Rule,
    Spec,
    container,
    continuing,
    function,
    member,
    value,
    words,
)

_JAVA = Spec(
    grammar="java",
    rules={
        "class_declaration": container(),
        "interface_declaration": container("interface"),
        "enum_declaration": container("enum"),
        "record_declaration": container(),
        "annotation_type_declaration": container("interface"),
        "method_declaration": function("method"),
        "constructor_declaration": function("constructor"),
        "compact_constructor_declaration": function("constructor"),
        "annotation_type_element_declaration": member("method"),
        "field_declaration": Rule("field", "@declarators", "", own="large"),
        "constant_declaration": Rule("constant", "@declarators", "", own="large"),
        "enum_constant": member("member"),
    },
    transparent=words(
        "program class_body interface_body enum_body enum_body_declarations annotation_type_body ERROR"
    ),
    comments=words("line_comment block_comment"),
)

_CSHARP = Spec(
    grammar="csharp",
    rules={
        "class_declaration": container(),
        "struct_declaration": container("struct"),
        "record_declaration": container(),
        "record_struct_declaration": container("struct"),
        "interface_declaration": container("interface"),
        "enum_declaration": container("enum"),
        "enum_member_declaration": member("member"),
        "method_declaration": function("method"),
        "local_function_statement": function(),
        "constructor_declaration": function("constructor"),
        "destructor_declaration": Rule("method", "@destructor"),
        "operator_declaration": Rule("method", "@operator"),
        "conversion_operator_declaration": Rule("method", "@operator"),
        "indexer_declaration": Rule("property", "@this", "accessors"),
        "property_declaration": Rule("property", "name", "accessors", own="large"),
        "field_declaration": Rule("field", "@nested", "", own="large"),
        "event_field_declaration": Rule("field", "@nested", "", own="large"),
        "event_declaration": Rule("field", "name", "accessors", own="large"),
        "delegate_declaration": value("type"),
    },
    transparent=words(
        "compilation_unit namespace_declaration file_scoped_namespace_declaration declaration_list"
        " enum_member_declaration_list preproc_if preproc_else"
        " preproc_elif preproc_region global_statement ERROR"
    ),
)

_KOTLIN = Spec(
    grammar="kotlin",
    rules={
        "class_declaration": Rule("class", "name", "class_body enum_class_body", members=True),
        "object_declaration": Rule("object", "name", "class_body", members=True),
        "companion_object": Rule("object", "@companion", "class_body", members=True),
        "function_declaration": function("function", "@extended", "function_body"),
        "secondary_constructor": Rule("constructor", "@constructor", "block"),
        "property_declaration": Rule("property", "@variable", "", own="large"),
        "type_alias": value("type", "type"),
        "enum_entry": Rule("member", "@first", "", own="never"),
    },
    transparent=words("source_file class_body enum_class_body ERROR"),
    comments=words("comment line_comment block_comment multiline_comment"),
    # The grammar takes an annotation with arguments before a function for an expression.
    leading=words("annotated_expression"),
    refined={"interface": "interface", "enum": "enum"},
)

_SCALA = Spec(
    grammar="scala",
    rules={
        "class_definition": container(),
        "object_definition": container("object"),
        "package_object": container("object"),
        "trait_definition": container("trait"),
        "enum_definition": container("enum"),
        "extension_definition": continuing(Rule("extension", "@extension", "body", members=True)),
        "function_definition": function(),
        "function_declaration": function(),
        "given_definition": Rule("constant", "name", "body", members=True, own="large"),
        "val_definition": Rule("constant", "pattern", "value", own="large"),
        "val_declaration": Rule("constant", "name", "", own="never"),
        "var_definition": Rule("variable", "pattern", "value", own="large"),
        "type_definition": value("type"),
        "enum_case_definitions": Rule("member", "@cases", "", own="never"),
    },
    transparent=words(
        "compilation_unit template_body enum_body package_clause with_template_body block ERROR"
    ),
    comments=words("comment block_comment"),
    calls=Calls(
        nodes=words("call_expression"),
        callee="function",
        rules=dict.fromkeys(["test", "property", "testAsync", "check"], Rule("test", "@string")),
    ),
)

_DART = Spec(
    grammar="dart",
    rules={
        "class_definition": container(),
        "mixin_declaration": Rule("class", "identifier", "class_body", members=True),
        "extension_declaration": container(),  # it has a name of its own, as a class has
        "extension_type_declaration": container(),
        "enum_declaration": container("enum"),
        "enum_constant": member("member"),
        **dict.fromkeys(["function_signature", "getter_signature", "setter_signature"], function(body="")),
        **dict.fromkeys(
            words(
                "constructor_signature constant_constructor_signature factory_constructor_signature"
                " redirecting_factory_constructor_signature"
            ),
            function("constructor", "@dart_constructor", ""),
        ),
        "operator_signature": function("function", "@dart_operator", ""),
        "initialized_identifier": Rule("variable", "@initialized", "", own="large"),
        "static_final_declaration": Rule("constant", "@first", "", own="large"),
        "type_alias": Rule("type", "type_identifier", "", own="large"),
    },
    transparent=words("program class_body extension_body enum_body ERROR"),
    wrappers=words("method_signature declaration initialized_identifier_list static_final_declaration_list"),
    leading=words("annotation"),
    comments=words("comment documentation_comment"),
    beside=words("function_body"),
)

_GROOVY = Spec(
    grammar="groovy",
    rules={
        "class_definition": container(),
        "class_declaration": container(),
        "interface_declaration": container("interface"),
        "enum_declaration": container("enum"),
        "function_definition": Rule("function", "function"),
        "function_declaration": Rule("function", "function"),
        "method_declaration": function("method"),
        "constructor_declaration": function("constructor"),
    },
    transparent=words("source_file class_body closure ERROR"),
    comments=words("comment line_comment block_comment groovy_doc"),
    assignments={"declaration": Assignment("name", "value")},
)

SPECS: dict[str, Spec] = {
    "java": _JAVA,
    "csharp": _CSHARP,
    "kotlin": _KOTLIN,
    "scala": _SCALA,
    "dart": _DART,
    "groovy": _GROOVY,
}
