"""Doc sentence to function on held-out repositories: does the model help, and more than chance would?

For every repository all definitions compete, their comments cut out; the
question is the first sentence of a doc comment. MRR@10 of words alone, vectors
alone, and both, the control being vectors of random numbers with the same terms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codebase_server.embed.static import StaticEmbedder, StaticWeights
from codebase_server.terms import QueryTerms, of_query
from training.mining import DOC, Example, Mined

QUESTIONS = 300
"""At most so many of a repository, drawn once and for all."""
LONGEST = 120
_FIELDS = np.array([5.0, 0.5, 1.0, 0.0, 1.0], dtype=np.float32)
_K, _B = 1.2, 0.6

Scores = Callable[["Bench", str, QueryTerms], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Bench:
    """One repository made ready: definitions, questions with the number of their answer, postings."""

    name: str
    examples: list[Example]
    questions: list[tuple[str, int]]
    postings: dict[int, tuple[NDArray[np.int32], NDArray[np.float32]]]


def bench(mined: Mined) -> Bench:
    """A held-out repository as a benchmark."""
    examples = [e for e in mined.examples if e.lines[1] - e.lines[0] < LONGEST]
    asked = [(text, i) for i, e in enumerate(examples) for kind, text in e.questions if kind == DOC]
    order = np.random.default_rng(11).permutation(len(asked))[:QUESTIONS]
    return Bench(mined.name, examples, [asked[i] for i in sorted(order)], _postings(examples))


def _postings(examples: Sequence[Example]) -> dict[int, tuple[NDArray[np.int32], NDArray[np.float32]]]:
    lengths = np.array([e.document.lengths for e in examples], dtype=np.float32) @ _FIELDS
    norm = 1 - _B + _B * lengths / lengths.mean()
    terms = np.concatenate([e.document.terms for e in examples])
    owner = np.repeat(np.arange(len(examples)), [len(e.document.terms) for e in examples])
    amount = np.concatenate([e.document.counts for e in examples]).astype(np.float32) @ _FIELDS / norm[owner]
    order = np.argsort(terms, kind="stable")
    unique, start = np.unique(terms[order], return_index=True)
    parts = np.split(order, start[1:])
    found = {}
    for term, part in zip(unique.tolist(), parts, strict=True):
        idf = np.log(1 + (len(examples) - len(part) + 0.5) / (len(part) + 0.5))
        x = amount[part]
        found[term] = (owner[part].astype(np.int32), (idf * x * (_K + 1) / (x + _K)).astype(np.float32))
    return found


def by_words(bench: Bench, text: str, terms: QueryTerms) -> NDArray[np.float32]:
    """BM25F over sub-words and whole identifiers."""
    scores = np.zeros(len(bench.examples), dtype=np.float32)
    for term in terms.terms.tolist():
        if term in bench.postings:
            owner, gain = bench.postings[term]
            scores[owner] += gain
    return scores


def by_vectors(weights: StaticWeights) -> Scores:
    """Cosine of the static model, vectors rounded as they are stored."""
    embedder = StaticEmbedder(weights, weights.digest())
    known: dict[str, NDArray[np.float32]] = {}

    def scores(bench: Bench, text: str, terms: QueryTerms) -> NDArray[np.float32]:
        if bench.name not in known:
            known[bench.name] = embedder.encode_documents([e.document for e in bench.examples]) / np.float32(
                127
            )
        return known[bench.name] @ embedder.encode_query(text, terms)

    return scores


def random_like(weights: StaticWeights, seed: int = 3) -> StaticWeights:
    """The control: the same terms and scales, vectors of noise."""
    noise = np.random.default_rng(seed).normal(0, 40, weights.vectors.shape)
    return StaticWeights(
        weights.terms,
        np.clip(np.rint(noise), -127, 127).astype(np.int8),
        weights.scales,
        weights.document_scales,
        weights.fields,
        weights.half,
    )


def both(words: Scores, vectors: Scores, share: float) -> Scores:
    """Weighted sum, each first divided by its best score for the question."""

    def scores(bench: Bench, text: str, terms: QueryTerms) -> NDArray[np.float32]:
        a, b = words(bench, text, terms), vectors(bench, text, terms)
        return (1 - share) * a / max(float(a.max()), 1e-6) + share * b / max(float(b.max()), 1e-6)

    return scores


def reciprocal_rank(benches: Sequence[Bench], scores: Scores) -> dict[str, float]:
    """MRR@10 of each repository, and their mean under ``mean``."""
    found = {}
    for one in benches:
        gains = []
        for text, answer in one.questions:
            got = scores(one, text, of_query(text))
            ahead = int((got > got[answer]).sum())
            tied = int((got == got[answer]).sum()) - 1
            rank = 1 + ahead + tied / 2
            gains.append(1 / rank if rank <= 10 else 0.0)
        found[one.name] = float(np.mean(gains)) if gains else float("nan")
    found["mean"] = float(np.nanmean(list(found.values())))
    return found


def compare(
    benches: Sequence[Bench], weights: StaticWeights, others: dict[str, Scores]
) -> dict[str, dict[str, float]]:
    """All columns of the table.

    ``others``: further rankings by meaning, by name, each also summed with words.
    """
    table = {"words": reciprocal_rank(benches, by_words)}
    rankings = {"static": by_vectors(weights), "random": by_vectors(random_like(weights)), **others}
    for name, ranking in rankings.items():
        table[name] = reciprocal_rank(benches, ranking)
        for share in (0.3, 0.5, 0.7):
            table[f"words+{name}:{share}"] = reciprocal_rank(benches, both(by_words, ranking, share))
    return table
