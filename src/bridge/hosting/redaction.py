"""Taking out of a report what tells who and where, before it is attached anywhere."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from bridge.loopback.tokens import token_file

_SHORT = 2
"""A name of so few letters would be found in every other word."""


def redacted(text: str, more: Mapping[str, str] | None = None) -> str:
    """`text` without the home folder, the folder one stands in, the user's name and the tokens.

    ``more``: further secrets, each with what is shown instead. Longer ones go first, so that a
    folder inside the home folder is not left half named.
    """
    hidden = {str(Path.home()): "~", str(Path.cwd()): "(cwd)", **(more or {})}
    with contextlib.suppress(OSError):  # no token was made yet
        hidden[token_file().read_text("utf-8").strip()] = "(token)"
    hidden[os.environ.get("CODEBASE_TOKEN", "")] = "(token)"
    for secret in list(hidden):
        hidden.setdefault(json.dumps(secret)[1:-1], hidden[secret])  # as it stands in JSON
    for secret, shown in sorted(hidden.items(), key=lambda pair: -len(pair[0])):
        if len(secret) > _SHORT:
            text = text.replace(secret, shown)
    with contextlib.suppress(OSError, KeyError):  # a process may run as nobody in particular
        user = getpass.getuser()
        if len(user) > _SHORT:
            text = re.sub(rf"\b{re.escape(user)}\b", "(user)", text)
    return text
