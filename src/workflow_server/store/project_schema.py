"""Schema of a project file.

History of the format:
1. first release.
2. sketches of titles by a cheaper formula, in one tree instead of a table with an index over it.
3. what is equal in the order of work is in the order in which it was made.
4. full text with the other forms of words, so that parts of Chinese and of ``v1.2.3`` are found.

``item.n`` orders items by creation and keys the full-text index; it never
leaves the store. The columns under *kept* follow from other rows; they are
maintained by `workflow_server.dependencies.kept` and can be recomputed.
"""

import json
import sqlite3

from workflow_server.find.forms import forms, title_forms
from workflow_server.find.likeness import title_bands

ITEM = """CREATE TABLE item (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    item_type TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('planned', 'active', 'blocked', 'completed', 'cancelled')),
    status_reason TEXT,
    priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 4),
    parent_id TEXT REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED,
    path TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    labels TEXT NOT NULL DEFAULT '[]',
    assignee TEXT,
    acceptance_criteria TEXT NOT NULL DEFAULT '[]',
    due TEXT,
    defer_until TEXT,
    metadata TEXT NOT NULL DEFAULT '{}',
    version INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    completed_at TEXT,
    deleted_at TEXT,
    deleted_by TEXT,
    claim TEXT,
    claim_key TEXT,
    lease_until TEXT,
    -- kept
    waits INTEGER NOT NULL DEFAULT 0,
    frees INTEGER NOT NULL DEFAULT 0,
    open_children INTEGER NOT NULL DEFAULT 0,
    held INTEGER NOT NULL DEFAULT 0,
    deferred_until TEXT,
    closed INTEGER GENERATED ALWAYS AS (status IN ('completed', 'cancelled')) VIRTUAL,
    takeable INTEGER GENERATED ALWAYS AS (
        deleted_at IS NULL AND status IN ('planned', 'active') AND held = 0 AND open_children = 0
    ) VIRTUAL,
    waiting INTEGER GENERATED ALWAYS AS (
        deleted_at IS NULL AND status IN ('planned', 'active', 'blocked') AND held = 1
    ) VIRTUAL
)"""

FIRST = (
    "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ITEM,
    """CREATE INDEX item_ready
       ON item (priority, created_at, frees DESC, id, claim_key, lease_until, deferred_until)
       WHERE takeable = 1""",
    """CREATE INDEX item_waiting ON item (priority, created_at, frees DESC, id)
       WHERE waiting = 1""",
    "CREATE INDEX item_live ON item (n, status) WHERE deleted_at IS NULL",
    "CREATE INDEX item_status ON item (status, n) WHERE deleted_at IS NULL",
    "CREATE INDEX item_type_of ON item (item_type, n) WHERE deleted_at IS NULL",
    "CREATE INDEX item_parent ON item (parent_id, n) WHERE parent_id IS NOT NULL",
    "CREATE INDEX item_updated ON item (updated_at, n) WHERE deleted_at IS NULL",
    "CREATE INDEX item_priority ON item (priority, created_at, frees DESC, id) WHERE deleted_at IS NULL",
    "CREATE INDEX item_assignee ON item (assignee, n) WHERE assignee IS NOT NULL",
    "CREATE INDEX item_due ON item (coalesce(due, '9999'), n DESC) WHERE deleted_at IS NULL",
    "CREATE INDEX item_claimed ON item (claim_key, n) WHERE claim_key IS NOT NULL",
    "CREATE INDEX item_deleted ON item (deleted_by) WHERE deleted_by IS NOT NULL",
    """CREATE TABLE dependency (
        item_id TEXT NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED,
        blocker_id TEXT NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED,
        PRIMARY KEY (item_id, blocker_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX dependency_blocker ON dependency (blocker_id, item_id)",
    """CREATE TABLE link (
        item_id TEXT NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED,
        kind TEXT NOT NULL,
        other_id TEXT NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED,
        PRIMARY KEY (item_id, kind, other_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX link_other ON link (other_id, kind, item_id)",
    """CREATE TABLE label (
        label TEXT NOT NULL COLLATE NOCASE,
        n INTEGER NOT NULL REFERENCES item (n),
        PRIMARY KEY (label, n)
    ) WITHOUT ROWID""",
    "CREATE INDEX label_item ON label (n)",
    """CREATE TABLE note (
        id INTEGER PRIMARY KEY,
        item_id TEXT NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED,
        text TEXT NOT NULL,
        author TEXT NOT NULL,
        at TEXT NOT NULL,
        withdrawn INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE INDEX note_item ON note (item_id, id)",
    """CREATE TABLE reference (
        item_id TEXT NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED,
        position INTEGER NOT NULL,
        given TEXT NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (item_id, position)
    ) WITHOUT ROWID""",
    """CREATE TABLE reference_key (
        key TEXT NOT NULL,
        item_id TEXT NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED,
        PRIMARY KEY (key, item_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX reference_key_item ON reference_key (item_id)",
    """CREATE TABLE metadata_value (
        path TEXT NOT NULL,
        kind TEXT NOT NULL,
        number REAL NOT NULL DEFAULT 0,
        text TEXT NOT NULL DEFAULT '',
        n INTEGER NOT NULL REFERENCES item (n),
        PRIMARY KEY (path, kind, number, text, n)
    ) WITHOUT ROWID""",
    "CREATE INDEX metadata_value_item ON metadata_value (n)",
    """CREATE TABLE title_band (
        band INTEGER NOT NULL,
        n INTEGER NOT NULL REFERENCES item (n),
        PRIMARY KEY (band, n)
    ) WITHOUT ROWID""",
    "CREATE INDEX title_band_item ON title_band (n)",
    """CREATE VIRTUAL TABLE item_text USING fts5 (
        title, description, criteria, notes, tokenize = "porter unicode61 remove_diacritics 2"
    )""",
    """CREATE TABLE event (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        client TEXT NOT NULL,
        door TEXT NOT NULL,
        action TEXT NOT NULL,
        undoes TEXT,
        override_reason TEXT
    )""",
    "CREATE INDEX event_undoes ON event (undoes) WHERE undoes IS NOT NULL",
    # With rows in the order they come: kept in the order of random ids, each would dirty a page of its own.
    """CREATE TABLE change (
        item_id TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES event (seq),
        version INTEGER,
        before TEXT,
        after TEXT
    )""",
    "CREATE UNIQUE INDEX change_item ON change (item_id, seq)",
    "CREATE INDEX change_event ON change (seq)",
    *(
        f"""CREATE TRIGGER {table}_is_append_only_{verb.lower()} BEFORE {verb} ON {table}
            BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"""
        for table in ("event", "change")
        for verb in ("UPDATE", "DELETE")
    ),
    """CREATE TABLE idempotency (
        key TEXT PRIMARY KEY,
        item_id TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        at TEXT NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE item_type (
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        description TEXT NOT NULL,
        schema TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (name, version)
    ) WITHOUT ROWID""",
)


def sketch_titles(connection: sqlite3.Connection) -> None:
    """Fill ``title_band`` from the titles of living items, in its own order: each page is written once."""
    rows = connection.execute("SELECT n, title FROM item WHERE deleted_at IS NULL")
    pairs = sorted({(band, n) for n, title in rows for band in title_bands(title)})
    connection.executemany("INSERT INTO title_band (band, n) VALUES (?, ?)", pairs)


SECOND = (
    "DROP TABLE title_band",
    # No index by item: an item's bands follow from its title. No foreign key: items are never removed, and
    # checking it would look every new item up six times.
    """CREATE TABLE title_band (
        band INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (band, n)
    ) WITHOUT ROWID""",
    sketch_titles,
)

THIRD = (
    # Of items that are equal otherwise the first that was made comes first, as a plan says; ids are random.
    *(f"DROP INDEX {name}" for name in ("item_ready", "item_waiting", "item_priority")),
    """CREATE INDEX item_ready
       ON item (priority, created_at, frees DESC, n, claim_key, lease_until, deferred_until)
       WHERE takeable = 1""",
    "CREATE INDEX item_waiting ON item (priority, created_at, frees DESC, n) WHERE waiting = 1",
    "CREATE INDEX item_priority ON item (priority, created_at, frees DESC, n) WHERE deleted_at IS NULL",
)


def index_texts(connection: sqlite3.Connection) -> None:
    """Fill ``item_text`` from living items and their notes."""
    notes: dict[str, list[str]] = {}
    for item_id, text in connection.execute("SELECT item_id, text FROM note WHERE withdrawn = 0 ORDER BY id"):
        notes.setdefault(item_id, []).append(text)
    for n, item_id, title, description, criteria in connection.execute(
        "SELECT n, id, title, description, acceptance_criteria FROM item WHERE deleted_at IS NULL ORDER BY n"
    ):
        told = "\n".join(criterion["text"] for criterion in json.loads(criteria))
        noted = "\n".join(notes.get(item_id, ()))
        connection.execute(
            "INSERT INTO item_text (rowid, title, description, criteria, notes, title_forms, forms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (n, title, description, told, noted, title_forms(title), forms(description, told, noted)),
        )


FOURTH = (
    "DROP TABLE item_text",
    """CREATE VIRTUAL TABLE item_text USING fts5 (
        title, description, criteria, notes, title_forms, forms,
        tokenize = "porter unicode61 remove_diacritics 2"
    )""",
    index_texts,
)

STEPS = (FIRST, SECOND, THIRD, FOURTH)
