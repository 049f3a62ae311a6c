"""A project as JSON Lines without loss: types, items with their notes and references, and the whole history.

The first line says what the file is and counts the others, so that a part of a file does not pass for the
whole; then one object a line: `type`, `event` with its changes, `item`, `retry` (an idempotency key). Every
import of it into an empty project gives the same items, versions and history.
"""

from workflow_server.exchange.archive.form import is_archive
from workflow_server.exchange.archive.reading import imported
from workflow_server.exchange.archive.writing import exported

__all__ = ["exported", "imported", "is_archive"]
