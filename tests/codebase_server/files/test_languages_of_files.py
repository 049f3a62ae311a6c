"""Which language a file is in: by its name, and by its beginning where the name leaves it open."""

from __future__ import annotations

import pytest

from codebase_server.files.languages import language_named, language_of


@pytest.mark.parametrize(
    ("path", "head", "language"),
    [
        ("src/a.py", "", "python"),
        ("deep/Dockerfile.dev", "", "dockerfile"),
        ("dev.Dockerfile", "FROM x", "dockerfile"),
        ("Makefile.am", "", "make"),
        ("GNUmakefile", "all:", "make"),
        ("bin/tool", "", "unknown"),
        ("bin/tool", "#!/usr/bin/env python3\nprint()", "python"),
        ("bin/tool", "#!/usr/bin/env -S python3 -u\n", "python"),
        ("bin/tool", "#!/usr/bin/python3.11\n", "python"),
        ("bin/tool", "#! /bin/sh\n", "bash"),
        ("bin/tool", "#!/usr/bin/env FOO=1 node\n", "javascript"),
        ("bin/tool", "#!/opt/unheard-of\n", "unknown"),
        ("bin/tool", "#!\n", "unknown"),
        ("bin/tool", "plain text", "unknown"),
        ("layout", '<?xml version="1.0"?>\n<a/>', "xml"),
        ("a.h", "", "cpp"),
        ("a.h", "int f(int a);\n", "c"),
        ("a.h", "namespace a {}\n", "cpp"),
        ("a.h", "#include <vector>\n", "cpp"),
        ("a.h", "#include <stdio.h>\n", "c"),
        ("a.h", "@interface A\n@end\n", "objc"),
        ("a.m", "@implementation A\n@end\n", "objc"),
        ("a.m", "function y = f(x)\n  y = x;\nend\n", "matlab"),
        ("a.m", "int x;\n", "objc"),
        ("t/basic.t", "use Test::More;\n", "perl"),
        ("t/basic.t", "$ run me\n", "text"),
        ("page.inc", "<?php f(); ?>", "php"),
        ("page.inc", "LD A, 3\n", "text"),
        (".gitignore", "*.o", language_of(".gitignore")),
    ],
)
def test_a_file_has_one_language(path: str, head: str, language: str) -> None:
    assert language_of(path, head) == language


@pytest.mark.parametrize(
    ("word", "language"),
    [
        ("python", "python"),
        ("TypeScript", "typescript"),
        ("ts", "typescript"),
        (".py", "python"),
        ("C#", "csharp"),
        ("c++", "cpp"),
        ("golang", "go"),
        ("shell", "bash"),
        ("r", "r"),
        ("klingon", "klingon"),
    ],
)
def test_a_language_is_known_by_what_people_call_it(word: str, language: str) -> None:
    assert language_named(word) == language
