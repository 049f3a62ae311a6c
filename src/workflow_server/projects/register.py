"""What the registry says of projects, and what the file of each says, out of which it can be made anew."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

from workflow_server.records import Call


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project as registered. ``problem`` says where its file went when it could not be read.

    One that is not ``here`` is named by a setting or a repository and has no file yet: it reads as empty,
    and the first write makes it. ``told`` are warnings about that.
    """

    slug: str
    name: str
    created_at: str
    archived_at: str | None
    problem: str | None
    repositories: tuple[str, ...]
    here: bool = True
    told: tuple[str, ...] = ()

    def of(self, call: Call) -> Call:
        """The call with this project's repositories; one without a commit is known by its place alone, and
        is none that code could be looked for in."""
        return replace(call, repositories=[one for one in self.repositories if not one.startswith("at:")])


def read_project_files(data_dir: Path) -> list[tuple[str, dict[str, str]]]:
    """What each project file says of itself; files that cannot be read are passed over here and
    told when opened.
    """
    found = []
    for path in sorted((data_dir / "projects").glob("*.sqlite3")):
        if ".set-aside-" in path.name:
            continue
        try:
            connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
            try:
                about = dict(connection.execute("SELECT key, value FROM about").fetchall())
            finally:
                connection.close()
        except sqlite3.Error:
            continue
        if "name" in about:
            found.append((path.stem, about))
    return found


def rows(connection: sqlite3.Connection) -> list[ProjectRow]:
    """All projects, archived ones last, by name."""
    repositories: dict[str, list[str]] = {}
    for identity, slug in connection.execute("SELECT identity, slug FROM repository ORDER BY identity"):
        repositories.setdefault(slug, []).append(identity)
    return [
        ProjectRow(
            row["slug"], row["name"], row["created_at"], row["archived_at"], row["problem"],
            tuple(repositories.get(row["slug"], ())),
        )
        for row in connection.execute("SELECT * FROM project ORDER BY archived_at IS NOT NULL, name")
    ]  # fmt: skip


def describe(connection: sqlite3.Connection, about: dict[str, str]) -> None:
    """Write into a project's own file what it says of itself, where it says nothing yet."""
    connection.executemany("INSERT OR IGNORE INTO about (key, value) VALUES (?, ?)", list(about.items()))


def put(connection: sqlite3.Connection, key: str, value: str | None) -> None:
    """Set what a project's file says of itself under ``key``; None takes it away."""
    connection.execute("DELETE FROM about WHERE key = ?", (key,))
    if value is not None:
        connection.execute("INSERT INTO about (key, value) VALUES (?, ?)", (key, value))


def add(
    connection: sqlite3.Connection, slug: str, about: dict[str, str], repository: str | None
) -> ProjectRow:
    """Add a project, with the repository it is for, unless it is there; its row."""
    connection.execute(
        "INSERT OR IGNORE INTO project (slug, name, created_at) VALUES (?, ?, ?)",
        (slug, about["name"], about["created_at"]),
    )
    if repository:
        connection.execute(
            "INSERT OR IGNORE INTO repository (identity, slug) VALUES (?, ?)", (repository, slug)
        )
    return next(row for row in rows(connection) if row.slug == slug)


def add_found(connection: sqlite3.Connection, found: list[tuple[str, dict[str, str]]]) -> None:
    """Add the projects whose files say what `read_project_files` read."""
    for slug, about in found:
        connection.execute(
            "INSERT OR IGNORE INTO project (slug, name, created_at, archived_at) VALUES (?, ?, ?, ?)",
            (slug, about["name"], about["created_at"], about.get("archived_at")),
        )
        for identity in json.loads(about.get("repositories", "[]")):
            connection.execute(
                "INSERT OR IGNORE INTO repository (identity, slug) VALUES (?, ?)", (identity, slug)
            )


def attach(connection: sqlite3.Connection, slug: str, identity: str, former: str | None) -> None:
    """Let a repository's identity, which replaces ``former``, mean this project."""
    connection.execute("INSERT OR IGNORE INTO repository (identity, slug) VALUES (?, ?)", (identity, slug))
    connection.execute("DELETE FROM repository WHERE identity = ?", (former,))


def repositories_in_file(connection: sqlite3.Connection) -> list[str]:
    """The identities of repositories that a project's own file says are its."""
    row = connection.execute("SELECT value FROM about WHERE key = 'repositories'").fetchone()
    return list(json.loads(row[0] if row else "[]"))


def attach_in_file(connection: sqlite3.Connection, identity: str, former: str | None) -> None:
    """The same in the project's own file, from which a lost registry is made anew."""
    known = [other for other in repositories_in_file(connection) if other not in (identity, former)]
    put(connection, "repositories", json.dumps([*known, identity]))


def problem_of(connection: sqlite3.Connection, slug: str) -> str | None:
    """Why a project's file could not be opened when that was last tried; None when it could."""
    row = connection.execute("SELECT problem FROM project WHERE slug = ?", (slug,)).fetchone()
    return row[0] if row else None


def mark(connection: sqlite3.Connection, slug: str, problem: str | None) -> None:
    """Note why a project's file cannot be opened; None when it can."""
    connection.execute("UPDATE project SET problem = ? WHERE slug = ?", (problem, slug))
