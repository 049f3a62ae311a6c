"""C# as the preprocessor would leave it: of each conditional the first branch.

``#if`` in the middle of a declaration (``void f()`` + ``#if X`` ``{ ... }`` ``#else`` ``;`` ``#endif``) is no
C# for a grammar, which then loses the class around it. Blanks in the place of the other branches keep every
byte where it was.
"""

from __future__ import annotations

import re
from typing import Final

LANGUAGES: Final = frozenset({"csharp"})

_DIRECTIVE: Final = re.compile(rb"\s*#\s*(if|elif|else|endif)\b")
_ANYTHING: Final = re.compile(rb"[^\r\n]")


def first_branches(source: bytes) -> bytes:
    """The source with directives and the branches behind ``#elif`` and ``#else`` blanked out."""
    kept: list[bytes] = []
    dropping: list[bool] = []
    for line in source.splitlines(keepends=True):
        found = _DIRECTIVE.match(line)
        if found is not None:
            word = found[1]
            if word == b"if":
                dropping.append(False)
            elif dropping and word == b"endif":
                dropping.pop()
            elif dropping:
                dropping[-1] = True
        blank = found is not None or any(dropping)
        kept.append(_ANYTHING.sub(b" ", line) if blank else line)
    return b"".join(kept)
