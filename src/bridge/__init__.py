"""What both servers agree on, and the client through which workflow tools probe code.

Imports neither server. `codebase_server` may import everything here except `bridge.client`.
"""
