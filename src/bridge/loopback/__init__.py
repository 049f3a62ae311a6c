"""What both loopback doors stand behind.

- `serving`: the server under both, with few connections
- `guard`: Host, Origin, bearer token and body size, checked on every route
- `tokens`: the one token of this user
- `errors`: every failure as ``{"error", "message", "hint", "see"}``
"""
