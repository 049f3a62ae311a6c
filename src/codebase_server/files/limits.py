"""How much of a file, and how large a file, is worth indexing."""

from __future__ import annotations

DEFAULT_MAX_FILE_BYTES = 2 * 1024 * 1024
"""Larger files are skipped as ``huge``. Hand-written sources above 2 MB are rarities."""

DATA_SHARE = 8
"""Data formats (JSON, XML, CSV, ...) are ``huge`` from this fraction on: a big one is a fixture."""

NOTEBOOK_SHARE = 8
"""A notebook may be so many times larger than other files: most of it are pictures that are left out."""

LONG_LINE = 1_000
"""Characters from which a line counts as long: by hand one holds a picture's path or a table, no code."""

LONG_PROSE_LINE = 5_000
"""The same in prose, where one paragraph is often one line."""

LONGEST_LINE = 200_000
"""Characters above which one line alone makes a file ``minified``."""

LONG_LINES_SHARE = 0.5
"""A file is ``minified`` when long lines hold more than this share of it..."""

SHORT_TO_A_LONG_LINE = 4
"""... unless it has this many short lines of code for each long one: those a person has written."""

KEPT_OF_A_LONG_LINE = (700, 200)
"""Characters of its beginning and end that are kept of a long line in such a file; its end closes what the
beginning opens, quotes and tags."""
