"""From spawn to the answer of ``initialize``."""
