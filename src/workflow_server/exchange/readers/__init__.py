"""One module a foreign format; each has `read(path) -> ForeignFile`, and this finds the one that fits."""

import importlib
from collections.abc import Mapping
from pathlib import Path

from workflow_server.exchange.foreign import ForeignFile, UnreadableFile

FORMATS: Mapping[str, str] = {
    "beads": "issues.jsonl of beads",
    "backlog": "the backlog folder of Backlog.md",
    "taskmaster": "tasks.json of Task Master",
    "github": "issues of the GitHub API or of `gh issue list --json`",
    "checklist": "a Markdown file with `- [ ]` lines",
    "csv": "a table with a title column",
}
"""The formats by the name a caller gives, each with what it reads. The lossless archive is not foreign."""


def read_foreign(path: Path, format_name: str | None = None) -> ForeignFile:
    """Read `path` as `format_name`, or as what it looks like.

    :raises UnreadableFile: when the file is missing, of another format, or of none that is known.
    """
    if not path.exists():
        raise UnreadableFile(
            f"{path} does not exist", "Give the path of an exported file or folder.", "file_not_found"
        )
    if path.is_dir():
        path = _file_of(path, format_name)
    name = format_name or guess_format(path)
    if name not in FORMATS:
        raise UnreadableFile(f"{name!r} is not a format", f"Formats: jsonl, {', '.join(FORMATS)}.")
    module = importlib.import_module(f"workflow_server.exchange.readers.{name}")
    try:
        found: ForeignFile = module.read(path)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        # Exports are written by others' programs and by hand: a field may be missing or of another kind.
        raise UnreadableFile(
            f"{path} is not what {name} writes ({type(error).__name__}: {error!s:.200})",
            f"It was read as {FORMATS[name]}; export it again, or name another format.",
        ) from error
    return found


_KEPT_AT = {
    "beads": (".beads/issues.jsonl",),
    "taskmaster": (".taskmaster/tasks/tasks.json", "tasks/tasks.json"),
}
"""Where a tracker keeps its file below a project's folder."""


def _file_of(folder: Path, format_name: str | None) -> Path:
    """The one file that a tracker keeps in a project's folder, or the folder itself."""
    if format_name is None and any((folder / name).is_dir() for name in ("backlog/tasks", ".backlog/tasks")):
        return folder
    for name, places in _KEPT_AT.items():
        for place in places:
            if format_name in (None, name) and (folder / place).is_file():
                return folder / place
    return folder


def guess_format(path: Path) -> str:
    """The format that a path looks like, by its kind and name, then by its first characters."""
    if path.is_dir():
        return "backlog"
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return "csv"
    if suffix in (".md", ".markdown"):
        return "checklist"
    if suffix == ".jsonl":
        return "beads"
    if suffix == ".json":
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            start = file.read(64).lstrip()
        return "github" if start.startswith("[") else "taskmaster"
    raise UnreadableFile(
        f"cannot tell the format of {path} from its name", f"Give --format: jsonl, {', '.join(FORMATS)}."
    )
