"""The eleven tools as data: names, words for the model, typed arguments, and the service call behind each.

The MCP door publishes them, the REST door maps routes onto them; both check arguments with
`bridge.hosting.arguments`, so that a mistake reads the same everywhere.
"""

from workflow_server.doors.operations.operation import Operation
from workflow_server.doors.operations.table import OPERATIONS

__all__ = ["OPERATIONS", "Operation"]
