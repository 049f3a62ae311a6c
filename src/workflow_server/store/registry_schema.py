"""Schema of the registry: which projects there are. All of it can be read again out of the project files."""

FIRST = (
    """CREATE TABLE project (
        slug TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        created_at TEXT NOT NULL,
        archived_at TEXT,
        problem TEXT
    )""",
    """CREATE TABLE repository (
        identity TEXT PRIMARY KEY,
        slug TEXT NOT NULL REFERENCES project (slug)
    )""",
    "CREATE INDEX repository_project ON repository (slug)",
)

STEPS = (FIRST,)
