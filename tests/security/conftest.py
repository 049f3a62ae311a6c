"""The same world of real processes that the scenarios have."""

from tests.scenarios.conftest import world

__all__ = ["world"]
