"""Reading files the way exporters write them: UTF-8 with or without a mark, JSON whole or by line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workflow_server.exchange.foreign import UnreadableFile


def read_text(path: Path) -> str:
    """The file as text.

    :raises UnreadableFile: when it is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path} is not UTF-8 text (byte {error.start})") from error


def read_json(path: Path) -> Any:
    """The file as one JSON value.

    :raises UnreadableFile: with the line of the fault.
    """
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise UnreadableFile(f"{path} is not JSON: {error.msg} in line {error.lineno}") from error
    except (RecursionError, ValueError) as error:  # nested or numbered beyond what Python reads
        raise UnreadableFile(f"{path} cannot be read as JSON: {error}") from error


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line that is not empty, as (line number, object).

    :raises UnreadableFile: with the line that is no JSON object.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise UnreadableFile(f"{path} line {number} is not JSON: {error.msg}") from error
        except (RecursionError, ValueError) as error:
            raise UnreadableFile(f"{path} line {number} cannot be read as JSON: {error}") from error
        if not isinstance(value, dict):
            raise UnreadableFile(f"{path} line {number} is not a JSON object")
        yield number, value
