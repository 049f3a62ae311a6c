"""Where a project is kept: one SQLite file, opened, migrated and written in whole transactions.

Nothing outside this package opens a database. The rest of the server hands
synchronous functions to `Store.read` and `Store.write`, each of which runs in
one transaction and one hop to the database thread.
"""

from workflow_server.store.connection import Store, set_aside
from workflow_server.store.errors import DamagedError
from workflow_server.store.schema import PROJECT_FILE, REGISTRY_FILE, Schema

__all__ = ["PROJECT_FILE", "REGISTRY_FILE", "DamagedError", "Schema", "Store", "set_aside"]
