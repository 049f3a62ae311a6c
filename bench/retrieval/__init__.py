"""How well and how fast search finds code. Run ``python -m bench.retrieval --help``."""
