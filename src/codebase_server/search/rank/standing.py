"""What is true of chunks and their files whatever is asked, ready to be taken for a question's candidates.

Of a small root it is worked out once for all chunks, and a question takes some columns; of a larger one
for the candidates of each question.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.rank.versions import VersionRows
from codebase_server.search.rank.vocabulary import FLAGS, Vocabulary

OF_CHUNKS: Final = (
    "symbolless",  # module-level code
    "type_like",  # defines a class, trait, interface, struct, ...
    "private",  # its name begins with an underscore
    "body_length",  # log2 of its words / 12
    "length",  # log2 of the lines, per 8
    "has_doc",
)
OF_KINDS: Final = (
    "tests",  # unless tests are asked for
    "docs",
    "config",
    "vendored",  # and what was built: see `facts`
    "examples",  # and other code beside the product, but no prose
    "compat",
    "entry",  # package entry files that mostly re-export
    "stub",
    "depth",
)
STANDING: Final = (*OF_CHUNKS, *OF_KINDS)
"""The features that no question changes, but for `OF_KINDS` that it asks for."""
assert ("tests", *OF_KINDS[3:]) == FLAGS

_KINDS: Final = ("tests", "docs", "config")
_DOCS, _EXAMPLES = OF_KINDS.index("docs"), OF_KINDS.index("examples")
_DEEPEST: Final = 8


class Standing(NamedTuple):
    """Of some chunks and the files that they are in.

    ``names``: the columns of their symbols, see `Vocabulary.columns`. ``features``: a row for each of
    `STANDING`, a column a chunk. ``paths``: two rows, the lists of words of files' names and of their folders
    in `Vocabulary.lists`, a column a file. Numbers are those of ``vocabulary``.
    """

    vocabulary: Vocabulary
    names: NDArray[np.intp]
    features: NDArray[np.float32]
    paths: NDArray[np.intp]

    def of(self, chunks: NDArray[np.intp], files: NDArray[np.integer]) -> Standing:
        """That of some of the chunks and files, by their places here."""
        return Standing(
            self.vocabulary,
            self.names.take(chunks, axis=1),
            self.features.take(chunks, axis=1),
            self.paths.take(files, axis=1),
        )


def standing(
    vocabulary: Vocabulary,
    versions: VersionRows,
    lines: NDArray[np.integer],
    body_words: NDArray[np.uint16],
    file_of: NDArray[np.integer],
    paths: Sequence[str],
    kinds: Sequence[str],
    tests: NDArray[np.bool_],
) -> Standing:
    """Work it out for chunks with these versions; the other arrays are parallel to those.

    ``file_of`` gives each chunk's place in ``paths`` and ``kinds``; ``tests``: those in files of code.
    """
    with vocabulary.lock:
        columns = vocabulary.columns(versions.names)
        is_private = vocabulary.is_private(columns)
        rows = vocabulary.paths(paths)
    of_files = np.zeros((len(OF_KINDS), len(paths)), dtype=np.float32)
    for row, kind in enumerate(_KINDS):
        of_files[row] = [one == kind for one in kinds]
    np.maximum(of_files[0], rows.flags[0], out=of_files[0])
    of_files[3:] = rows.flags[1:]
    of_files[_EXAMPLES, of_files[_DOCS] == 1] = 0  # prose is prose wherever it stands
    np.minimum(of_files[-1], _DEEPEST, out=of_files[-1])
    of_files[-1] /= _DEEPEST
    features = np.empty((len(STANDING), len(versions.names)), dtype=np.float32)
    features[0] = ~versions.has_symbol
    features[1] = versions.is_type
    features[2] = is_private
    features[3] = np.log2(1 + body_words.astype(np.float32)) / 12
    features[4] = np.log2(np.maximum(lines, 1)) / 8
    features[5] = versions.has_doc
    features[len(OF_CHUNKS) :] = of_files.take(file_of, axis=1)
    np.maximum(features[len(OF_CHUNKS)], tests, out=features[len(OF_CHUNKS)])
    return Standing(vocabulary, columns, features, np.stack((rows.stems, rows.folders)))
