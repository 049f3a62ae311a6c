"""The three doors onto the service: MCP, loopback HTTP, the command line. They decide nothing."""
