"""One method per tool, shared by the MCP, HTTP and command-line doors. No door decides anything."""

from codebase_server.service.codebase import CodebaseService

__all__ = ["CodebaseService"]
