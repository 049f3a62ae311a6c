"""How alike a question and a name are where their words differ: *create a folder* and ``mkdir``.

Word by word and as a whole, by the vectors of the shipped static model, whatever model the chunks are
embedded with: names are short, and a model that reads sentences would take seconds for what this takes
a fraction of a millisecond.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.rank.asked import AskedWords
from codebase_server.search.rank.vocabulary import NameRows

LIKENESS = ("name_like", "name_like_covered", "first_like", "name_dense")
"""How alike the words of the question are to those of the innermost name, by rarity, each to the one most
like it, squared; the same of the name's words to the question's; of the first words of both, which say what
is done; the cosine of question and name."""


def likeness(
    asked: AskedWords, names: NameRows, question: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """Write the features of `LIKENESS` for each name into ``out``, shape (4, n); zeros for one without words.

    ``asked`` has the names' own lists as those whose words are likened; ``question`` is the question's vector
    by the vocabulary's model.
    """
    out[0], out[1], out[2] = asked.likeness()
    out[3] = (names.vectors.astype(np.float32) @ question) * names.scales
    out *= names.comparable
