"""Bundles for Claude Desktop: one ``.mcpb`` file for each server, installed by a double-click."""
