"""Values as one reads them in a line."""

from typing import Any


def plain(value: Any) -> str:
    """An object's fields behind their names, a list's entries parted by commas, a dash for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, dict):
        return " ".join(f"{name} {plain(entry)}" for name, entry in value.items() if entry is not None)
    if isinstance(value, list):
        return ",".join(plain(entry) for entry in value) or "–"
    return str(value)
