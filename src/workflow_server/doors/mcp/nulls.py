"""What null means for an argument of a tool."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from workflow_server.doors.operations import Operation


def read(operation: Operation, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The arguments without null, and what to tell of those that were.

    Null empties a field, as it removes a key of metadata. But hosts exist that write null for whatever
    their model left out, and for them it must empty nothing. So it empties only where each null of the call
    can: one null that can mean nothing else than left out means that all were left out, and is
    told, unless the call names every argument, which no one does by hand.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    absent = [name for name in arguments if name not in given]
    meant = [name for name in absent if name in operation.emptied]
    if not meant or len(arguments) == len(operation.checker.schema["properties"]):
        return given, []
    if len(meant) == len(absent):
        return {**given, **{name: operation.emptied[name] for name in meant}}, []
    other = next(name for name in absent if name not in operation.emptied)
    named = ", ".join(f"`{name}`" for name in meant)
    emptying = ", ".join(f"`{name}`: {json.dumps(operation.emptied[name])}" for name in meant)
    return given, [
        f"null_ignored: {named} stayed as before: beside null for `{other}`, which empties nothing, null was"
        f" taken for left out. To empty: {emptying}."
    ]
