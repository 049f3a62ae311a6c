"""One method per tool, shared by the MCP, HTTP and command-line doors. No door decides anything."""
