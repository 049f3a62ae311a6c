"""The command line: one command a tool, for people and for scripts.

Exit codes, the same for every command:

==  =====================================================================
0   done; for ``search``, ``show``, ``symbol``: something was found
1   done, and nothing was found
2   the command line was wrong: unknown word, bad value
3   no repository to work on, or it may not be indexed
4   it was tried and failed: disk, database, port; the message says what
70  an error that nobody foresaw; the log has its stack trace
130 interrupted with Ctrl-C
==  =====================================================================
"""

from __future__ import annotations

from typing import Final

FOUND: Final = 0
NOTHING: Final = 1
USAGE: Final = 2
NO_ROOT: Final = 3
FAILED: Final = 4
INTERNAL: Final = 70
INTERRUPTED: Final = 130
