"""The long-running processes: which doors stand open in each, and how it begins and ends.

- `stdio`: launched by a host; MCP over stdio with the loopback door beside it
- `serving`: ``codebase-server serve``; the loopback door alone

Doors do not know of each other; here they are put together.
"""
