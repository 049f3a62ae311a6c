"""How long a search over stdio takes, and what an index of a large repository costs."""
