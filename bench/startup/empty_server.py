"""The smallest server on the same SDK: one tool, nothing else. What a start costs at the least."""

from mcp.server import MCPServer

server = MCPServer("empty", version="1", log_level="WARNING")


@server.tool()
def nothing() -> str:
    """Answer at once."""
    return "ok"


if __name__ == "__main__":
    server.run()
