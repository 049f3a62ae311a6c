"""Repositories made to hurt, served by a real codebase-server."""
