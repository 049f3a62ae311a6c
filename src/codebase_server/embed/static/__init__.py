"""The embedder that ships in the package: one learned vector a term, summed.

``model.npz`` beside this file is made by ``training/``; docs/model-card.md
says from what, how, and how well it does.
"""

from codebase_server.embed.static.embedder import StaticEmbedder
from codebase_server.embed.static.weights import StaticWeights, read_weights, write_weights

__all__ = ["StaticEmbedder", "StaticWeights", "read_weights", "write_weights"]
