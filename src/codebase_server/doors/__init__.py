"""The three doors onto the service: MCP, loopback HTTP, and the command line. They translate and decide nothing."""
