"""The static model while it learns, in torch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from codebase_server.embed.static import StaticWeights
from training.vocabulary import Vocabulary

SIF = 1e-3
"""a of the weight a / (a + share) with which a term starts (Arora et al. 2017, smooth inverse frequency)."""


class StaticModel(nn.Module):
    """One vector a term, one factor a term for code, one weight a field, one saturation.

    ``temperature`` and ``words`` serve the training alone: the logarithms of
    what a cosine and a BM25F score are worth against each other.
    """

    def __init__(self, vocabulary: Vocabulary, start: NDArray[np.float32]) -> None:
        super().__init__()
        weight = SIF / (SIF + vocabulary.share)
        self.vectors = nn.Parameter(torch.from_numpy(start * np.sqrt(weight)[:, None]))
        self.factor = nn.Parameter(torch.zeros(len(weight)))
        self.fields = nn.Parameter(torch.log(torch.tensor([3.0, 1.0, 1.0, 1.0, 1.0])))
        self.saturation = nn.Parameter(torch.tensor(0.0))
        self.temperature = nn.Parameter(torch.tensor(3.0))
        self.words = nn.Parameter(torch.tensor(-1.0))

    def documents(self, rows: Tensor, counts: Tensor, offsets: Tensor) -> Tensor:
        """Unit vectors of definitions."""
        amount = counts @ self.fields.exp()
        weight = amount / (amount + self.saturation.exp()) * self.factor[rows].exp()
        sums = functional.embedding_bag(
            rows, self.vectors, offsets, mode="sum", per_sample_weights=weight, include_last_offset=True
        )
        return functional.normalize(sums, dim=1)

    def questions(self, rows: Tensor, offsets: Tensor) -> Tensor:
        """Unit vectors of questions."""
        sums = functional.embedding_bag(rows, self.vectors, offsets, mode="sum", include_last_offset=True)
        return functional.normalize(sums, dim=1)

    def weights(self, vocabulary: Vocabulary) -> StaticWeights:
        """What ships: vectors in 8 bits with one scale a row."""
        vectors = self.vectors.detach().numpy()
        scales = np.maximum(np.abs(vectors).max(axis=1), 1e-8) / 127
        factor = self.factor.detach().exp().numpy()
        # float16 holds no number under 6e-8 exactly; only the proportions of the scales matter
        norm = scales.mean()
        return StaticWeights(
            terms=vocabulary.terms,
            vectors=np.rint(vectors / scales[:, None]).astype(np.int8),
            scales=(scales / norm).astype(np.float16).astype(np.float32),
            document_scales=(scales / norm * factor).astype(np.float16).astype(np.float32),
            fields=self.fields.detach().exp().numpy(),
            half=float(self.saturation.detach().exp()),
        )
