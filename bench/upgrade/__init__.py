"""Two releases of codebase-server on the same files at once."""
