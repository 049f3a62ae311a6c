"""The static embedder: a chunk has the vector it has alone, whatever it stands in a table with."""

from __future__ import annotations

from codebase_server import embed, terms
from codebase_server.embed.static import StaticEmbedder
from codebase_server.records import Chunk

CHUNKS = [
    (
        Chunk(1, 2, f"def parse_header_{n}(line):\n    return split_line(line, {n})", f"parse_header_{n}"),
        "a.py",
    )
    for n in range(150)
]


def test_a_table_has_the_vectors_of_its_documents() -> None:
    embedder = embed.load("static")
    assert isinstance(embedder, StaticEmbedder)
    table = terms.documents(CHUNKS)
    vectors = embedder.encode_table(table)
    assert vectors.shape == (150, embedder.dimensions)
    assert vectors.any(axis=1).all()
    assert vectors.tolist() == embedder.encode_documents(table.documents()).tolist()
    alone = embedder.encode_table(terms.documents(CHUNKS[149:]))
    assert abs(vectors[149].astype(int) - alone[0]).max() <= 1  # another order of the same sum
    assert embedder.encode_documents([]).shape == (0, embedder.dimensions)
