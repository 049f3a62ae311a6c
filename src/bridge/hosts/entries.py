"""What the hosts of this machine were told of a server, and whether they can start it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bridge.agreed import reading
from bridge.hosts import jsonc, toml
from bridge.hosts.known import Host, Surroundings, installed

MAX_BYTES: Final = 16 * 1024 * 1024
"""Of a settings file; some hosts keep their history in it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A server as one host's settings name it. ``problem`` is empty when the host can start it;
    else ``remedy`` says what to do.
    """

    host: str
    file: Path
    command: str = ""
    problem: str = ""
    remedy: str = ""


def entries(name: str, around: Surroundings) -> Iterator[Entry]:
    """The entries of server ``name`` in the settings of every host that this user has.

    A host without such an entry has none here: that nobody told it is no fault.
    Settings that cannot be read are an entry with that problem.
    """
    for host in installed(around):
        file = host.file(around)
        try:
            held = _held(host, file, name)
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError, jsonc.NotJsonError, toml.NotTomlError) as fault:
            yield Entry(host.title, file, problem=f"cannot be read: {fault}", remedy=f"Mend {file}.")
            continue
        if held is not None:
            yield _judged(host, file, held)


def _held(host: Host, file: Path, name: str) -> Any:
    text = reading.whole(file, MAX_BYTES).decode("utf-8")
    path = (*host.section, name)
    return toml.value_at(text, path) if host.syntax == "toml" else jsonc.value_at(text, path)


def _judged(host: Host, file: Path, held: Any) -> Entry:
    command = held.get("command") if isinstance(held, Mapping) else None
    if isinstance(command, Mapping):  # Zed's older form
        command = command.get("path")
    if not isinstance(command, str) or not command:
        return Entry(host.title, file, "", "names no command", "Run `setup` again.")
    if not Path(command).is_absolute():
        problem = f"starts `{command}`, which is no absolute path: hosts have hardly a PATH"
        return Entry(host.title, file, command, problem, "Run `setup` again: it writes the absolute path.")
    if not Path(command).exists():
        problem = f"starts {command}, which is not there any more"
        return Entry(host.title, file, command, problem, "Run `setup` again: it writes today's path.")
    return Entry(host.title, file, command)
