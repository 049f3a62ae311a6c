"""Hostile input by the million: parsers under a coverage-guided fuzzer, tools and routes of real servers."""
