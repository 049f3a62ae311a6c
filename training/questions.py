"""Questions to their terms, each once."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from codebase_server.terms import of_query


@cache
def terms_of(text: str) -> NDArray[np.uint64]:
    """The terms of a question; remembered, since the vocabulary, the arrays and the evaluation all ask."""
    return of_query(text).terms
