"""Files → chunks → identity → store → search: the code-search server."""

__version__ = "0.1.0"
