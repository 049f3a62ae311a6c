"""How fast the shipped embedder loads and encodes."""
