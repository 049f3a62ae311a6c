"""Prisma's schema as blocks of HCL, which its grammar reads; every byte stays where it was.

What stands in a model or an enum is blanked: fields have names that stand in every second model.
"""

from __future__ import annotations

import re
from typing import Final

LANGUAGES: Final = frozenset({"prisma"})

_HEAD: Final = re.compile(rb"[ \t]*(?:model|enum|type|view)[ \t]+\w+[ \t]*\{[ \t]*\r?")
_COMMENT: Final = re.compile(rb"[ \t]*//")
_END: Final = re.compile(rb"[ \t]*\}")
_BLANKED: Final = re.compile(rb"[^\r\n]")


def as_blocks(source: bytes) -> bytes:
    """The heads and ends of models, enums, types and views, and the comments between them; all else blank.

    A bracket ends a block only where it begins a line, as the formatter of the language writes it.
    """
    kept: list[bytes] = []
    is_open = False
    for line in source.split(b"\n"):
        begins = not is_open and _HEAD.fullmatch(line) is not None
        ends = is_open and _END.match(line) is not None
        stays = begins or (not is_open and _COMMENT.match(line) is not None)
        whole = len(line) if stays else line.index(b"}") + 1 if ends else 0
        kept.append(line[:whole] + _BLANKED.sub(b" ", line[whole:]))
        is_open = (is_open or begins) and not ends
    return b"\n".join(kept)
