"""The outline of a file that only hands on what others define says what that is."""

from __future__ import annotations

from tests.codebase_server.symbols.conftest import Indexed

BARREL = """export * from './door'
export { open, close as shut } from './lock'
export type {
  Key, // of a lock
  Bolt,
} from "./types"
export * as bells from './bells'
"""


def test_what_a_file_exports_of_others_is_its_outline(indexed: Indexed) -> None:
    service = indexed({"index.ts": BARREL, "door.ts": "export const door = 1\n"})
    entries = service.outline("index.ts")["entries"]
    assert [(one["symbol"], one["symbol_kind"], one["start_line"]) for one in entries] == [
        ("./door", "export", 1),
        ("open", "export", 2),
        ("shut", "export", 2),
        ("Key", "export", 4),
        ("Bolt", "export", 5),
        ("bells", "export", 7),
    ]
    assert entries[0]["signature"] == "export * from './door'"
    assert all(one["chunk_id"] for one in entries)


def test_a_file_with_definitions_of_its_own_lists_those(indexed: Indexed) -> None:
    text = "export * from './door'\nexport const own = 1\n"
    entries = indexed({"index.ts": text}).outline("index.ts")["entries"]
    assert [one["symbol"] for one in entries] == ["own"]
