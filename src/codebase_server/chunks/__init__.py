"""A source file cut along its syntax.

`split` is pure: the same text gives the same chunks on every machine that has
the grammar. Its input and output can be sent to other processes.
"""

from codebase_server.chunks.kinds import SYMBOL_KINDS
from codebase_server.chunks.splitting import lines_of, split

__all__ = ["SYMBOL_KINDS", "lines_of", "split"]
