"""What the definitions of an asked name say of the candidates that hold them: features of names alone.

The symbol of a chunk is folded and is that of what encloses it. The index also lists each definition as it
is spelt with its kind and its lines, constants, fields, macros and aliases included, which have no chunk of
their own. A question that is a name is compared with these.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.corpus import Defined
from codebase_server.search.query import Query
from codebase_server.search.rank.versions import TYPES

SPELT: Final = (
    "defined",  # a definition of the name, in whatever case, begins here; less, if of a longer name
    "spelt",  # ... to the letter
    "spelt_on_purpose",  # ... of a name that was asked with capitals or underscores
    "defined_type",  # it is a class, trait, interface, ...
    "defined_callable",  # ... a function, method, macro
    "defined_member",  # ... a field, property or constant of a type
    "defined_adding",  # ... only adds to a type: an implementation, an extension
    "defined_constructor",  # ... makes one
    "defined_special",  # ... is for some arguments of a template only
    "defined_outermost",  # ... inside of nothing that was not asked for
    "defined_qualified",  # ... inside of something that was asked for
    "defined_whole",  # ... all that was asked for, in its order
    "defined_lines",  # log2 of the lines of the function or the type, per 8
    "defined_body",  # a function of more than one line: a declaration has one
)

_ADDING: Final = frozenset({"implementation", "extension"})
_CALLABLE: Final = frozenset({"function", "method", "macro", "constructor"})
_DATA: Final = frozenset({"member", "field", "property", "constant", "variable"})
_SIGNS: Final = "$@"
"""What some names begin with; nobody needs to ask for it."""
PARTS: Final = re.compile(r"\.|::|#|->|/|\\")


def spelt(query: Query, at: NDArray[np.intp], definers: Sequence[tuple[int, Defined]]) -> NDArray[np.float32]:
    """The features of the candidates ``at``, shape (len(SPELT), len(at)).

    ``definers``: chunks, candidates or not, with a definition of the name that begins in each.
    """
    table = np.zeros((len(SPELT), len(at)), dtype=np.float32)
    place = {chunk: row for row, chunk in enumerate(at.tolist())} if definers else {}
    rows = [(place[chunk], defined) for chunk, defined in definers if chunk in place]
    for name in [name for name in query.names if name.alone]:
        for row, defined in rows:
            compared = np.array(_compared(name.spelt, defined), dtype=np.float32)
            table[:, row] = np.maximum(table[:, row], compared)
    return table


def _compared(asked: Sequence[str], defined: Defined) -> tuple[float, ...]:
    own, (name, *arguments) = asked[-1], defined.name.split("<", 1)
    if own[0] not in _SIGNS:
        name = name.lstrip(_SIGNS)
    wanted, found = folded(own), folded(name)
    if wanted != found:  # of a longer name the share that was asked for
        return (0.9 * min(len(wanted) / len(found), 1.0),) + (0.0,) * (len(SPELT) - 1)
    around_it = defined.parent or defined.qualified[: -len(defined.name)]
    outer = [folded(part) for part in PARTS.split(around_it.split("<", 1)[0]) if part]
    around = [folded(part) for part in asked[:-1]]
    is_type, is_callable = defined.kind in TYPES, defined.kind in _CALLABLE
    lines = max(defined.end_line - defined.start_line, 0) + 1
    return (
        1.0,
        float(name == own),
        float(name == own and (own != own.lower() or "_" in own.strip("_"))),
        float(is_type),
        float(is_callable),
        float(defined.kind in _DATA and bool(outer)),
        float(defined.kind in _ADDING),
        float(defined.kind == "constructor" or (bool(outer) and outer[-1] == found)),
        float(bool(arguments)),
        float(len(outer) <= len(around)),
        float(bool(set(around) & set(outer))),
        float(bool(around) and around == outer[-len(around) :]),
        math.log2(lines) / 8 * (is_type or is_callable),
        float(is_callable and lines > 1),
    )


def folded(name: str) -> str:
    """A part of a name, in whatever case and with or without what joins its words."""
    return name.replace("_", "").replace("-", "").casefold() or name
