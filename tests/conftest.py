"""What holds for every test: endurance runs are run by name only."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests marked ``soak`` unless ``-m`` speaks of them."""
    if "soak" in (config.getoption("markexpr") or ""):
        return
    endurance = [item for item in items if item.get_closest_marker("soak")]
    if endurance:
        config.hook.pytest_deselected(items=endurance)
        items[:] = [item for item in items if not item.get_closest_marker("soak")]
