"""The three ways in: MCP, REST and the command line, each a thin translation onto the same service.

`operations` says what MCP and REST may ask and with which arguments, `text` how an answer reads. Both are
shared; the doors do not know of one another, except to
start one: the command line starts the other two, and the web server carries MCP at `/mcp`.
"""
