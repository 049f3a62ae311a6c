"""Every rule of the work tracker, one method per thing a caller can do.

MCP tools, REST routes and the command line all call `WorkflowService`; none of
them decides anything. Failures are `bridge.agreed.errors.TandemError` with a
``code``, a ``message`` that holds the offending value, and a ``hint`` that says
what to do next.
"""

from workflow_server.service.workflow import WorkflowService

__all__ = ["WorkflowService"]
