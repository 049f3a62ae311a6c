"""What the service says in the words of the tools, said in those of the command line."""

from __future__ import annotations

import re
from typing import Final

_SAID: Final = tuple(
    (re.compile(tool), shell)
    for tool, shell in (
        (r"\bindex_status (?=lists|names)", "codebase-server status --skipped "),
        (r"\bindex_status\b", "codebase-server status"),
        (r"\bindex_repository\b", "codebase-server index"),
        (r"\bsearch_code\b", "codebase-server search"),
        (r"\bfind_symbol\b", "codebase-server symbol"),
        (r"\bget_chunks\b", "codebase-server show"),
        (r"(?<![\w-])outline (?=shows|maps|takes|without)", "codebase-server outline "),
        (r"\bPass `root` as one of\b", "Give --root one of"),
        (r"\bsymbol_kind (?=')", "--kind "),
        (r"`(limit|path|language|kind|max_tokens|content)`", lambda found: "--" + found[1].replace("_", "-")),
    )
)


def of_the_shell(text: str) -> str:
    """`text` with commands and options where it names tools and their arguments."""
    for tool, shell in _SAID:
        text = tool.sub(shell, text)
    return text
