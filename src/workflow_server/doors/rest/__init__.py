"""The HTTP door for people and scripts: REST twins of the tools, live events, the board, and MCP at
`/mcp`.
"""
