"""The loopback door: REST routes and MCP over streamable HTTP, for the bridge, scripts and second hosts."""
