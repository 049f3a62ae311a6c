"""The command line: one command for each thing a tool does, for people and for scripts.

Exit codes, the same for every command:

===  =====================================================================
0    done
1    refused, with the reason: an unknown status, a cycle, open criteria, …
2    the command line was wrong: unknown word, missing value
3    there is no such item, project, event or file
4    somebody else was first: a version conflict, an item already claimed
5    ``check --fail-on``: references in a state that was named
6    ``check --fail-on``: not one reference could be checked, so nothing is known
70   an unforeseen error; the traceback is in the log
130  interrupted with Ctrl-C
===  =====================================================================
"""

from typing import Final

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
CONFLICT: Final = 4
CHECK_FAILED: Final = 5
NOTHING_CHECKED: Final = 6
INTERNAL: Final = 70
INTERRUPTED: Final = 130
