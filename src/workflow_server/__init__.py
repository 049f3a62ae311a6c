"""Projects, work items, claims, history, and references from work to code."""

__version__ = "0.1.0"
