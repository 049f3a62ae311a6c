"""The board: one client-side page, served by the REST door and shown by hosts as an MCP app.

`page/` holds its parts (HTML, style, ES modules), served as they are; `bundle` makes the self-contained file.
"""
