"""Reading files the way exporters write them: UTF-8 with or without a mark, JSON whole or by line."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workflow_server.exchange.foreign import UnreadableFile


def read_text(path: Path) -> str:
    """The file as text: UTF-8, or UTF-16 where it begins with the mark of that.

    :raises UnreadableFile: when it is neither.
    """
    data = path.read_bytes()
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return _lines(data.decode(encoding))
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"{path} is not {encoding.upper()[:6].rstrip('-')} text (byte {error.start})", "Save it as UTF-8."
        ) from error


def read_table_text(path: Path) -> tuple[str, bool]:
    """The file as text, and whether it was taken for Windows' own encoding: that of a table which a
    spreadsheet saved as "CSV" and not as "CSV UTF-8".

    :raises UnreadableFile: when it is no text.
    """
    try:
        return read_text(path), False
    except UnreadableFile:
        data = path.read_bytes()
        if b"\0" in data:  # no text in any of these
            raise
        return _lines(data.decode("cp1252", errors="replace")), True


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


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
