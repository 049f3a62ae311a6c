"""What a stored reference is found by: its chunks, its file, its symbol, and the text it was given as."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bridge.agreed.syntax import parse


def reference_keys(record: Mapping[str, Any]) -> set[str]:
    """Keys of one stored reference. Two references about the same chunk share a ``chunk:`` key."""
    keys = {f"ref:{record['ref']}"}
    # what was never found yet is about the place that its text names
    snapshot: Mapping[str, Any] = record.get("snapshot") or _named(str(record["ref"]))
    for source in (record, snapshot, record.get("now") or {}):
        keys.update(f"chunk:{chunk}" for chunk in source.get("chunk_ids") or ())
        if chunk := source.get("chunk_id"):
            keys.add(f"chunk:{chunk}")
        path, symbol = source.get("file_path") or source.get("path"), source.get("symbol")
        if path:
            keys.add(f"file:{path}")
        if path and symbol:
            keys.add(f"symbol:{path}::{symbol}")
            keys.update((f"name:{symbol}", f"name:{_last_part(symbol)}"))
    return keys


def _named(ref: str) -> dict[str, str]:
    parsed = parse(ref)
    return {"path": parsed.path, "symbol": parsed.symbol}


def overlap_keys(record: Mapping[str, Any]) -> set[str]:
    """The keys that a reference to some of the same code has: of the same code, not merely of the same file
    or a symbol of the same name. A file as a whole shares code with all that is in it, either way round.
    """
    keys = reference_keys(record)
    files = {key for key in keys if key.startswith("file:")}
    same = {key for key in keys if not key.startswith(("file:", "name:"))}
    whole = {f"ref:{start}{key.removeprefix('file:')}" for key in files for start in ("", "./")}
    return same | whole | (files if parse(str(record["ref"])).form == "path" else set())


def _last_part(symbol: str) -> str:
    return re.split(r"[.#:]", symbol)[-1]
