"""Constructs of many languages that the scanner of a grammar counts, copies or keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

OPENERS: Final = (
    *('"${', "`${", "#{", "$(", "$((", '"$(', "%{", "{{", "{%", '"\\(', "{|", "{a|", "(*", "/*", "/+", "{-"),
    *(
        "#|",
        "{-|",
        "<<A\n",
        "<<-A\n",
        "<<~A\n",
        '<<"A"\n',
        "<<'A'\n",
        "<<A ",
        "<<<A\n",
        "<<<'A'\n",
        "<<EOT\n",
    ),
    *("<<EOF;\n", "EOF\n", 'R"A(', "[[", "[=[", "--[[", "--[=[", "[[[", 'r#"', 'r##"', '"""', "'''", 'f"{'),
    *("f'{", 'f"""{', '$"{', '$@"{', '$"""{', "%q(", "%w[", "%(", "?(", '@"', '@("', "@(", '#"', '##"', "@@"),
    *(
        "q{",
        "qq{",
        "s{",
        "m{",
        "qw(",
        "s/a/",
        "tr/a/",
        "/a ",
        "<a>",
        "<div>",
        "<?php ",
        "<%",
        "{>",
        "|",
        "[|",
    ),
    *("begin ", "do ", "if x\n", "case x of\n", "where\n", " => ", "-> ", "${", "$$", "~s(", '~S"""', "<<"),
    *(
        '"\\u{',
        "(?",
        "\\(",
        "@{",
        "@",
        "#(",
        "#;",
        "#!",
        "'",
        '"',
        "`",
        "\\",
        ".(",
        "^",
        "=begin\n",
        "=pod\n",
    ),
    *("__END__\n", "---\n", "...\n", ":\n", "let ", "a\n  ", "\t", "macro ", "quote ", "::", "$a ", "%a "),
    *(
        '"a" ',
        "#if\n",
        "#else\n",
        "#define ",
        "#ifdef A\n",
        "[a] ",
        ">>>",
        "{",
        "}",
        "(",
        ")",
        "]",
        "\n",
        "  ",
    ),
    *("\U0010ffff", "\U0010ffff ", " \U0010ffff\n", "a\U0010ffff", "$\U0010ffff", "<<\U0010ffff\n"),
    *("\ufeff", "\x00", "\x0c", "\x1a", "\u2028", "\xa0", "\x85", "\u3000"),
)
"""What opens something, or may be looked at by a scanner of its own."""

_LONG: Final = ("A" * 300, "A" * 1_100, "A" * 5_000, "\U0010ffff" * 400, "_" * 70_000)
_AROUND: Final = (
    *("<<{0}\nx\n{0}\n", "<<~{0}\nx\n{0}\n", "<<-{0}\nx\n{0}\n", '<<"{0}"\nx\n{0}\n', "<<'{0}'\nx\n{0}\n"),
    *("cat <<{0} <<{0}\nx\n{0}\n", "x = <<~{0}\n #{{a}}\n{0}\n", "$a = <<<{0}\nx $b\n{0};\n"),
    *("<?php $a = <<<{0}\nx $b\n{0};\n", "RUN <<{0}\nx\n{0}\n", 'char *x = R"{0}(x){0}";', "[{0}[x]{0}]"),
    *('"{0}', "#{0}\n", "/*{0}", "`{0}`", "{0}", "{0}:\n", "let x = {{{0}|x|{0}}}", "${0}$ x ${0}$"),
    *('a = r"{0}" b', "print <<EOF;\n{0}\nEOF\n", "print <<{0};\n{0}\n{0}\n", "<{0}></{0}>"),
    *("<template><{0}></{0}></template>", "a = <<{0}\n%{{ if a }}\n{0}\n", "let x =<< {0}\n a\n{0}\n"),
    *("python << {0}\n a\n{0}\n", "%Q{0}x{0}", '"""{0}"""', "s{0}a{0}b{0}", "a={{{0}..9}}\n"),
)
_TIMES: Final = (1, 3, 40, 130, 300, 900)


def killers() -> Iterator[str]:
    """Each opener up to 900 times, long words at every place that takes one, and indentation without end."""
    for opener in OPENERS:
        for times in _TIMES:
            yield opener * times
            yield "a = " + opener * times
    for word in _LONG:
        for around in _AROUND:
            yield around.format(word)
    for line in ("if a:\n", "a where\n", "a do\n"):
        yield "".join(" " * depth + line for depth in range(400))
    yield "".join("\t" * depth + "a\n" for depth in range(400))
    yield "".join(" " * (depth * 70) + "if a:\n" for depth in range(100))
