"""Doc sentence to function on held-out repositories: does the model help, and more than chance would?

For every repository all definitions compete, their comments cut out; the
question is the first sentence of a function's doc comment. MRR@10 of words alone, vectors
alone, and both, the control being vectors of random numbers with the same terms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from codebase_server.embed.static import StaticEmbedder, StaticWeights
from codebase_server.terms import of_query
from training.arrays import Lexical, lexical
from training.mining import DOC, Example, Mined
from training.questions import terms_of

QUESTIONS = 200
"""At most so many of a repository, drawn once and for all; repositories with fewer than `FEWEST` sit out."""
FEWEST = 20
_FUNCTIONS = frozenset({"function", "method", "constructor"})
_LINES = range(3, 121)
_WORDS = range(4, 41)
SHARES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""Parts of the sum that vectors get; the best of them is the one that the table shows."""

Scores = Callable[["Bench"], NDArray[np.float32]]
"""One row a question, one column a definition."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One repository made ready. ``questions``: text, language, number of the answer."""

    name: str
    examples: list[Example]
    questions: list[tuple[str, str, int]]
    lexical: Lexical


def benches(mined: Sequence[Mined]) -> list[Bench]:
    """Held-out repositories with enough documented functions, as benchmarks."""
    return [made for made in map(_bench, mined) if len(made.questions) >= FEWEST]


def _bench(mined: Mined) -> Bench:
    asked = [
        (text, example.language, number)
        for number, example in enumerate(mined.examples)
        for kind, text in example.questions
        if kind == DOC and _is_function(example) and len(text.split()) in _WORDS
    ]
    often = Counter(text for text, _, _ in asked)
    asked = [question for question in asked if often[question[0]] == 1]
    order = np.random.default_rng(11).permutation(len(asked))[:QUESTIONS]
    asked = [asked[i] for i in sorted(order)]
    terms = [terms_of(text) for text, _, _ in asked] or [np.zeros(0, dtype=np.uint64)]
    return Bench(mined.name, mined.examples, asked, lexical([[e.document for e in mined.examples]], terms))


def _is_function(example: Example) -> bool:
    return (
        example.file_kind == "code"
        and example.symbol_kind in _FUNCTIONS
        and example.text.count("\n") + 1 in _LINES
    )


def by_words(bench: Bench) -> NDArray[np.float32]:
    """BM25F over sub-words, whole identifiers and pairs."""
    return bench.lexical.scores(np.arange(len(bench.questions)), np.arange(len(bench.examples)))


def by_vectors(weights: StaticWeights) -> Scores:
    """Cosine of the static model, vectors rounded as they are stored."""
    embedder = StaticEmbedder(weights, weights.digest())

    def scores(bench: Bench) -> NDArray[np.float32]:
        stored = embedder.encode_documents([e.document for e in bench.examples])
        asked = [embedder.encode_query(text, of_query(text)) for text, _, _ in bench.questions]
        cosines: NDArray[np.float32] = np.stack(asked) @ (stored / np.float32(127)).T
        return cosines

    return scores


def random_like(weights: StaticWeights, seed: int = 3) -> StaticWeights:
    """The control: the same terms and scales, vectors of noise."""
    noise = np.random.default_rng(seed).normal(0, 40, weights.vectors.shape)
    return replace(weights, vectors=np.clip(np.rint(noise), -127, 127).astype(np.int8))


def gains(bench: Bench, scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """1 / rank of each question's answer, 0 beyond the tenth; among equals the middle rank."""
    right = scores[np.arange(len(scores)), [answer for _, _, answer in bench.questions]][:, None]
    rank = 1 + (scores > right).sum(axis=1) + ((scores == right).sum(axis=1) - 1) / 2
    return np.where(rank <= 10, 1 / rank, 0.0)


Table = dict[str, dict[str, float]]
"""MRR@10 by ranking, then by ``all`` and language."""


def compare(benches: Sequence[Bench], rankings: dict[str, Scores]) -> Table:
    """Words, each ranking by meaning alone, and its best weighted sum with words.

    Repositories count alike in ``all``, questions alike in a language.
    """
    found: dict[str, list[NDArray[np.float64]]] = {}
    for bench in benches:
        words = _of_best(by_words(bench))
        found.setdefault("words", []).append(gains(bench, words))
        for name, ranking in rankings.items():
            meaning = ranking(bench)
            found.setdefault(name, []).append(gains(bench, meaning))
            for share in SHARES:
                both = (1 - share) * words + share * _of_best(meaning)
                found.setdefault(f"words + {name} ({share})", []).append(gains(bench, both))
    table = {name: _means(benches, rows) for name, rows in found.items()}
    for name in rankings:
        sums = [f"words + {name} ({share})" for share in SHARES]
        best = max(sums, key=lambda row: table[row]["all"])
        for worse in (row for row in sums if row != best):
            del table[worse]
    return table


def _of_best(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    shares: NDArray[np.float32] = scores / np.maximum(scores.max(axis=1, keepdims=True), 1e-6)
    return shares


def _means(benches: Sequence[Bench], rows: list[NDArray[np.float64]]) -> dict[str, float]:
    by_language: dict[str, list[float]] = {}
    for bench, row in zip(benches, rows, strict=True):
        for (_, language, _), gain in zip(bench.questions, row.tolist(), strict=True):
            by_language.setdefault(language, []).append(gain)
    means = {"all": float(np.mean([row.mean() for row in rows]))}
    return means | {
        language: float(np.mean(values))
        for language, values in sorted(by_language.items())
        if len(values) >= 40
    }
