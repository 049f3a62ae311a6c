"""How a question is put: as a name, as a topic or question, or as the description of one function.

"http retries" and "how are requests retried?" ask for the place that deals with
something; "Sends the request again when the connection was lost." describes one
function. The first want the right file first of all, the second the right function,
so the ranker weighs its features differently. What tells them apart is the
grammar of the question, never what it is about.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

SIGNS = ("constant", "asks", "articles", "any_article", "verb_first", "words", "spells_code")
"""A constant; begins with a question word; articles and pronouns, per 3; has one; begins with what functions
do; words, per 20; has a word spelt as code."""

_ASKS = frozenset("how where what which why when who".split())
_ARTICLES = frozenset("a an the this that these its if whether".split())
_VERBS = frozenset(
    form
    for verb in (
        "add allow append apply build calculate call check clear close compute configure construct "
        "convert copy create decode delete determine disable emit enable encode ensure execute "
        "extract fetch find format generate get give handle initialize insert load make merge parse "
        "perform print process produce provide read register remove render replace reset resolve "
        "retrieve return run send set specify split start stop test transform try update validate "
        "verify wait wrap write "
    ).split()
    for form in (verb, verb + "s", verb + "es", verb.removesuffix("y") + "ies")
)
"""As a command and in the third person; "parsing of flags" is a topic."""
_WORD = re.compile(r"[A-Za-z_']+")
_CODE = re.compile(r"_|[a-z][A-Z]")


def signs(text: str) -> NDArray[np.float64]:
    """What a question shows of its manner, in the order of `SIGNS`."""
    words = _WORD.findall(text)
    lower = [word.casefold() for word in words]
    articles = sum(word in _ARTICLES for word in lower)
    return np.array(
        [
            1.0,
            bool(lower) and lower[0] in _ASKS,
            min(articles, 3) / 3,
            articles > 0,
            bool(lower) and lower[0] in _VERBS,
            min(len(lower), 20) / 20,
            _CODE.search(text) is not None,
        ],
        dtype=np.float64,
    )
