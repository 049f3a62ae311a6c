"""PowerShell, Vim script, batch files, and Fortran."""

from __future__ import annotations

from codebase_server.chunks.spec import Calls, Rule, Spec, container, member, scope, words

_SUITE = Rule("test", "@ps_test", "@block", members=True)
_TEST = Rule("test", "@ps_test", "@block")

_LOOKED_INTO = Rule("", "@nameless", "@block", members=True)

_POWERSHELL = Spec(
    grammar="powershell",
    rules={
        "function_statement": Rule("function", "@ps_function", "@parameters"),
        "class_statement": container("class", "simple_name", ""),
        "class_method_definition": Rule("method", "simple_name", "script_block"),
        "class_property_definition": Rule("property", "@ps_property", "", own="never"),
        "enum_statement": container("enum", "simple_name", ""),
        "enum_member": member("member", "simple_name"),
        "assignment_expression": Rule("variable", "@ps_variable", "value", own="large"),
    },
    transparent=words(
        "program statement_list if_statement else_clause elseif_clauses elseif_clause statement_block"
        " try_statement script_block script_block_body named_block_list named_block ERROR"
    ),
    wrappers=words("pipeline pipeline_chain"),
    calls=Calls(
        nodes=words("command"),
        callee="command_name",
        rules={
            **dict.fromkeys(["Describe", "Context", "describe", "context"], _SUITE),
            **dict.fromkeys(["It", "it"], _TEST),
            **dict.fromkeys(["BeforeAll", "BeforeDiscovery", "BeforeEach", "InModuleScope"], _LOOKED_INTO),
        },
    ),
    margin=r"^(?:function|filter|class|enum)\b",
    line_comments=("#",),
    block_comments=(("<#", "#>"),),
    commented_inside=r"<#|#\s*\.",
    unsaid=r"^\.(?:synopsis|description)[ \t]*\n?",
)

_VIM = Spec(
    grammar="vim",
    rules={
        "function_definition": Rule("function", "@vim_function", "body"),
        "command_statement": Rule("function", "@vim_command", "", own="never"),
        "let_statement": Rule("variable", "@vim_variable", "", own="large"),
        "const_statement": Rule("constant", "@vim_variable", "", own="large"),
    },
    transparent=words("script_file if_statement else_statement elseif_statement body try_statement ERROR"),
    margin=r"^(?:fu(?:n|nc|nction)?!?|command!?|let)\s",
    line_comments=('"', "#"),
    block_comments=(),
    one_line=True,
)

_BATCH = Spec(
    grammar="batch",
    rules={"label": Rule("function", "@label", "")},
    transparent=words("program ERROR"),
    line_comments=("::", "REM ", "rem ", "@REM ", "@rem "),
    block_comments=(),
    until=words("label"),
)

_PROCEDURE = Rule("function", "@statement", "@second")

_FORTRAN = Spec(
    grammar="fortran",
    rules={
        "module": scope("module", "@statement", ""),
        "submodule": scope("module", "@submodule", ""),
        "program": Rule("module", "@statement", "", members=True),
        "subroutine": _PROCEDURE,
        "function": _PROCEDURE,
        "module_procedure": _PROCEDURE,
        "derived_type_definition": Rule("struct", "@statement", "", members=True),
        "interface": Rule("interface", "@statement", "", members=True, own="large"),
        "procedure_statement": Rule("method", "@bound_procedures", "", own="never"),
        "variable_declaration": Rule("variable", "@fortran_variables", "", own="large"),
        "enumerator_statement": Rule("member", "@fortran_declared", "", own="never"),
    },
    transparent=words(
        "translation_unit internal_procedures enum derived_type_procedures"
        " preproc_if preproc_ifdef preproc_else ERROR"
    ),
    line_comments=("!>", "!<", "!!", "!"),
    block_comments=(),
    padded=True,
)

SPECS: dict[str, Spec] = {
    "powershell": _POWERSHELL,
    "vim": _VIM,
    "batch": _BATCH,
    "fortran": _FORTRAN,
}
