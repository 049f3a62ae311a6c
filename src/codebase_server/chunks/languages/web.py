"""JavaScript, TypeScript and TSX; the scripts of Vue and Svelte use them too."""

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
_MANNERS = words(
    "only skip todo concurrent sequential serial parallel fails failing fixme each for skipIf runIf"
)


def _called(names: str) -> list[str]:
    """How test libraries call what makes a test or a suite: ``it``, ``it.skip``, ``it.concurrent.each``."""
    manners = ["", *(f".{one}" for one in _MANNERS)]
    manners += [f".{one}.{each}" for one in ("only", "skip", "concurrent") for each in ("each", "for")]
    return [name + manner for name in names.split() for manner in manners]


_OBJECT = Rule("object", "name", "", members=True, own="large")

_RULES = {
    "function_declaration": function(),
    "generator_function_declaration": function(),
    "function_signature": function(),
    "class_declaration": container(),
    "abstract_class_declaration": container(),
    "method_definition": function("method"),
    "method_signature": function("method"),
    "abstract_method_signature": function("method"),
    "interface_declaration": container("interface"),
    "type_alias_declaration": value("type", body="value"),
    "enum_declaration": container("enum"),
    "enum_assignment": member("member"),
    "property_identifier": member("member", "@text"),  # of an enum, where it has no value
    "property_signature": member("property"),
    "internal_module": scope(),
    "module": scope(),
}

_SPEC = Spec(
    grammar="javascript",
    rules=_RULES,
    transparent=words(
        "program class_body interface_body enum_body statement_block if_statement else_clause try_statement"
        " for_statement for_in_statement"
        " lexical_declaration variable_declaration object ERROR"
    ),
    wrappers=words(
        "export_statement expression_statement ambient_declaration lexical_declaration variable_declaration"
    ),
    leading=words("decorator"),
    assignments={
        "variable_declarator": Assignment("name", "value"),
        "assignment_expression": Assignment("left", "right", bare=False),
        "public_field_definition": Assignment("name", "value", "field"),
        "field_definition": Assignment("property", "value", "field"),
        "pair": Assignment("key", "value", "field", bare=False),
    },
    values={
        "arrow_function": function(),
        "function_expression": function(),
        "function": function(),
        "generator_function": function(),
        "class": container(),
        "object": _OBJECT,
    },
    calls=Calls(
        nodes=words("call_expression"),
        callee="function",
        rules={
            **dict.fromkeys(_called("describe suite context xdescribe fdescribe test.describe"), _SUITE),
            **dict.fromkeys(_called("it test specify bench xit fit xtest ftest Deno.test"), _TEST),
        },
    ),
)

SPECS: dict[str, Spec] = {
    language: Spec(
        grammar=grammar,
        rules=_SPEC.rules,
        transparent=_SPEC.transparent,
        wrappers=_SPEC.wrappers,
        leading=_SPEC.leading,
        comments=words("comment html_comment hash_bang_line"),
        assignments=_SPEC.assignments,
        values=_SPEC.values,
        calls=_SPEC.calls,
        importing=r"(?:await\s+)?(?:require|import)\(\s*[^()]*\)(?:\.[\w$]+)*",
        enters_calls=True,
    )
    for language, grammar in {"javascript": "javascript", "typescript": "typescript", "tsx": "tsx"}.items()
}
