"""Arguments for tool calls from a seeded generator: far faster than hypothesis, and aware of what exists.

It knows the ids, tokens, cursors and chunks that earlier answers told, so that calls get past the first
check and meet the state that other calls left.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from bench.fuzz import values

# A lone surrogate is refused before a tool is asked (`bridge.hosting.frames`; `bench.fuzz.tools` sends them).
_TEXTS: Final = tuple(text for text in values.TEXTS if not any("\ud800" <= sign <= "\udfff" for sign in text))
_KEPT: Final = 60
"""Values of a kind that are remembered; older ones give way, and then no longer exist as likely as not."""
_ITEM = re.compile(r"wi_[a-z0-9]{7}\Z")
_CHUNK = re.compile(r"c_[a-z0-9]{12}\Z")
_KINDS_OF_KEYS: Final = {
    "claim_token": "token",
    "next_cursor": "cursor",
    "event": "event",
    "content_hash": "hash",
    "name": "name",
    "symbol": "name",
    "file_path": "path",
    "project": "project",
}
_WORDS: Final = (
    "main",
    "start",
    "program",
    "parse",
    "the",
    "Reader.read",
    "naïve",
    "変数",
    "x",
    "def main()",
    '"return 0"',
)
_REFERENCES: Final = (
    "src/main.py",
    "src/main.py::main",
    "src/main.py:1",
    "src/main.py:1-2",
    "notes.md",
    "c_aaaaaaaaaaaa",
)
_TIMES: Final = ("2026-01-01", "2030-05-05T05:05:05Z", "2026-11-27T10:00:00+02:00", "9999-12-31")
_LABELS: Final = ("a", "b", "über", "x y", "-l")
_TYPES: Final = ("task", "project", "session", "research", "subtask", "deployment", "kind_a", "kind_b")
_STATUSES: Final = ("planned", "active", "blocked", "completed", "cancelled")
_LINK_KINDS: Final = ("related", "discovered-from", "duplicates", "supersedes", "blocks")
_SCHEMAS: Final[tuple[Any, ...]] = (
    {},
    {"type": "object"},
    {"type": "object", "properties": {"k": {"type": "string"}, "n": {"type": "integer", "minimum": 0}}},
    {"type": "object", "properties": {"k": {"enum": ["a", "b", None]}}, "required": ["k"]},
    {"type": "object", "additionalProperties": False},
    {"type": "object", "properties": {"k": {"type": "string", "pattern": "^(a+)+$"}}},
    {"type": "object", "properties": {"k": {"$ref": "#/properties/k"}}},
    {"$ref": "#"},
    {"type": "object", "properties": {"k": {"$ref": "file:///etc/passwd"}}},
    {"$ref": "http://127.0.0.1:1/schema"},
    {"allOf": [{"type": "object"}] * 50},
    {"type": "nonsense"},
    {"properties": {"k": {"enum": list(range(3000))}}},
    {"properties": {"k": {"pattern": "(?=a)b"}}},
    {"properties": {"k": {"items": {"uniqueItems": True, "type": ["array", "string"]}}}},
    {"patternProperties": {"(x+x+)+y": {"type": "string"}}, "additionalProperties": False},
    {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}] * 9}, "b": {"anyOf": [{"$ref": "#/$defs/a"}] * 2}},
    },
)


class Draw:
    """Values from one seed. Not shared between threads."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.known: defaultdict[str, list[Any]] = defaultdict(list)

    def learn(self, answer: Any) -> None:
        """Remember what an answer names, for later calls."""
        if isinstance(answer, dict):
            for key, value in answer.items():
                if isinstance(value, str) and 0 < len(value) < 300:
                    self._keep(value, _KINDS_OF_KEYS.get(key))
                elif isinstance(value, dict | list):
                    self.learn(value)
        elif isinstance(answer, list):
            for value in answer[:20]:
                if isinstance(value, str):
                    self._keep(value, None)
                else:
                    self.learn(value)

    def _keep(self, value: str, kind: str | None) -> None:
        kind = "item" if _ITEM.match(value) else "chunk" if _CHUNK.match(value) else kind
        if kind is None or value in self.known[kind]:
            return
        kept = self.known[kind]
        if len(kept) < _KEPT:
            kept.append(value)
        else:
            kept[self.random.randrange(_KEPT)] = value

    def arguments(self, schema: Mapping[str, Any]) -> Any:
        """A call's arguments: fitting, fitting with one thing wrong, or anything at all."""
        way = self.random.random()
        if way < 0.05:
            return {self.text(): self.anything() for _ in range(self.random.randint(0, 3))}
        share = self.random.choice((0.02, 0.15, 0.15, 0.5, 0.9))
        given = self._object(schema, share)
        if way < 0.30 and given:
            given[self.random.choice([*given, *schema.get("properties", {})])] = self.anything()
        elif way < 0.45:
            name = self.random.choice([*schema.get("properties", {"x": {}})])
            given[name] = self._hostile(schema.get("properties", {}).get(name, {}))
        elif way < 0.48:
            given[self.random.choice(("zzz", "", "__proto__", "\0", "self", "ctx", "Project", "ids[]"))] = (
                self.anything()
            )
        return given

    def text(self) -> str:
        """One of the famous texts, or signs drawn from all planes."""
        way = self.random.random()
        if way < 0.6:
            chosen = self.random.choice(_TEXTS)
            # the very long ones cost more than they find
            return chosen if len(chosen) < 3000 or self.random.random() < 0.1 else chosen[:300]
        if way < 0.8:
            return self.random.choice(_TEXTS)[:40] + self.random.choice(_TEXTS)[:40]
        return "".join(chr(self._sign()) for _ in range(self.random.randint(0, 30)))

    def _sign(self) -> int:
        return self.random.choice(
            (
                self.random.randrange(32),
                self.random.randrange(32, 127),
                self.random.randrange(32, 127),
                self.random.randrange(0x80, 0x3000),
                self.random.choice((0x202E, 0x2066, 0x2028, 0x85, 0x9B, 0xFEFF, 0xFFFF, 0x1B)),
                self.random.randrange(0x10000, 0x110000),
            )
        )

    def anything(self, depth: int = 0) -> Any:
        """Any JSON value."""
        way = self.random.randrange(11 if depth < 3 else 7)
        if way < 3:
            return self.text()
        if way == 3:
            return self.random.choice((None, True, False))
        if way == 4:
            return self.random.choice((*values.NUMBERS, float("inf")))
        if way == 5:
            return self.random.randint(-300, 300)
        if way == 6:
            return self._known_or_text("item", "chunk", "token", "cursor", "event", "name")
        if way == 7:
            return values.deep(self.random.choice((2, 5, 60)), self.random.random() < 0.5)
        if way == 8:
            return {self.text(): self.anything(depth + 1) for _ in range(self.random.randint(0, 3))}
        return [self.anything(depth + 1) for _ in range(self.random.randint(0, 3))]

    def _known_or_text(self, *kinds: str) -> Any:
        kept = self.known[self.random.choice(kinds)]
        return self.random.choice(kept) if kept else self.text()

    def _hostile(self, schema: Mapping[str, Any]) -> Any:
        kind = schema.get("type")
        if kind == "array":
            return [self.text() for _ in range(self.random.choice((1, 1, 2, 300)))]
        if kind in ("integer", "number"):
            return self.random.choice(values.NUMBERS)
        return self.text()

    def fitting(self, name: str, schema: Mapping[str, Any], depth: int = 0) -> Any:
        """A value that the schema would take, by the argument's name where the schema says too little."""
        named = _BY_NAME.get(name)
        if named is not None and self.random.random() < 0.97:
            return named(self)
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        if "const" in schema:
            return schema["const"]
        if "anyOf" in schema:
            return self.fitting("", self.random.choice(schema["anyOf"]), depth)
        kind = schema.get("type")
        if kind == "integer":
            low, high = schema.get("minimum", -2), schema.get("maximum", 300)
            return self.random.choice(
                (low, high, low - 1, high + 1, *(self.random.randint(low, high) for _ in range(6)))
            )
        if kind == "number":
            return self.random.choice((0, 0.5, 1, 1e9, self.random.random() * 100))
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind == "array":
            most = 3 if depth < 2 else 1
            return [
                self.fitting("", schema.get("items", {}), depth + 1)
                for _ in range(self.random.randint(0, most))
            ]
        if kind == "object" and schema.get("properties"):
            return self._object(schema, 0.5, depth + 1)
        if kind == "string":
            return self.random.choice(_WORDS) if self.random.random() < 0.6 else self.text()
        return self.anything(2)

    def _object(self, schema: Mapping[str, Any], share: float, depth: int = 0) -> dict[str, Any]:
        required = schema.get("required", ())
        return {
            name: self.fitting(name, inner, depth)
            for name, inner in schema.get("properties", {}).items()
            if name in required or self.random.random() < share
        }

    def one(self, *choices: Any) -> Any:
        """One of several."""
        return self.random.choice(choices)

    def item(self) -> Any:
        """An item's id that an answer told, mostly."""
        return self.random.choice(self.known["item"] or ["wi_aaaaaaa"])

    def some(self, make: Any, most: int = 3) -> list[Any]:
        """A short list."""
        return [make() for _ in range(self.random.randint(0, most))]

    def reference(self) -> Any:
        """A reference to code, as text or as a record."""
        ref = self._known_or_text("chunk", "path") if self.random.random() < 0.4 else self.one(*_REFERENCES)
        if self.random.random() < 0.7:
            return ref
        return {"ref": ref, "role": self.one("about", "test", "evidence", "introduced-by", "other")}

    def criterion(self) -> Any:
        """What must hold, as text or as a record."""
        text = self.one("works", "is told", self.text())
        return text if self.random.random() < 0.5 else {"text": text, "done": self.random.random() < 0.5}

    def planned(self) -> dict[str, Any]:
        """An item of a plan."""
        keys = ("a", "b", "c", "d")
        entry: dict[str, Any] = {"title": self.one("one", "two", self.text())}
        if self.random.random() < 0.8:
            entry["key"] = self.one(*keys)
        for name in (
            "parent_id",
            "description",
            "labels",
            "blocked_by",
            "entity_references",
            "metadata",
            "due",
        ):
            if self.random.random() < 0.2:
                entry[name] = _BY_NAME[name](self) if name in _BY_NAME else self.text()
        if self.random.random() < 0.3:
            entry["blocked_by"] = [self.one(*keys) for _ in range(self.random.randint(0, 2))]
        return entry


_BY_NAME: Final[dict[str, Any]] = {
    "id": Draw.item,
    "ids": lambda d: d.some(d.item, 4) or [d.item()],
    "parent_id": lambda d: d.one(d.item(), d.item(), "", None),
    "blocked_by": lambda d: d.some(d.item),
    "add_blocked_by": lambda d: d.some(d.item),
    "remove_blocked_by": lambda d: d.some(d.item),
    "links": lambda d: d.some(lambda: {"kind": d.one(*_LINK_KINDS), "id": d.item()}),
    "add_links": lambda d: d.some(lambda: {"kind": d.one(*_LINK_KINDS), "id": d.item()}),
    "remove_links": lambda d: d.some(lambda: {"kind": d.one(*_LINK_KINDS), "id": d.item()}),
    "labels": lambda d: d.some(lambda: d.one(*_LABELS)),
    "add_labels": lambda d: d.some(lambda: d.one(*_LABELS)),
    "remove_labels": lambda d: d.some(lambda: d.one(*_LABELS)),
    "label": lambda d: d.one(*_LABELS),
    "status": lambda d: d.one(*_STATUSES) if d.random.random() < 0.8 else d.some(lambda: d.one(*_STATUSES)),
    "item_type": lambda d: d.one(*_TYPES, *_TYPES, d.text()),
    "priority": lambda d: d.one(0, 1, 2, 3, 4, 4, 2, -1, 5),
    "entity_references": lambda d: d.some(d.reference),
    "add_entity_references": lambda d: d.some(d.reference),
    "remove_entity_references": lambda d: d.some(d.reference),
    "reference": lambda d: d.one(*_REFERENCES),
    "acceptance_criteria": lambda d: d.some(d.criterion),
    "criteria": lambda d: d.some(lambda: {"index": d.random.randint(-1, 4), "done": d.random.random() < 0.7}),
    "relink": lambda d: d.some(
        lambda: {"id": d.item(), "ref": d.one(*_REFERENCES), "to": d.one("accept", "drop", *_REFERENCES)}
    ),
    "due": lambda d: d.one("", *_TIMES),
    "defer_until": lambda d: d.one(*_TIMES),
    "metadata": lambda d: d.one(
        {}, {"k": "a"}, {"n": 3, "k": "b"}, {"k": d.text()}, {d.text(): d.anything(1)}
    ),
    "claim_token": lambda d: d._known_or_text("token"),
    "cursor": lambda d: d._known_or_text("cursor"),
    "event": lambda d: d._known_or_text("event"),
    "expected_version": lambda d: d.random.randint(0, 5),
    "lease_minutes": lambda d: d.one(1, 5, 60, 0.001),
    "project": lambda d: d._known_or_text("project"),
    "to_project": lambda d: d._known_or_text("project"),
    "schema": lambda d: d.one(*_SCHEMAS),
    "defaults": lambda d: d.one({}, {"priority": 1}, {"labels": ["a"]}, {d.text(): d.anything(1)}),
    "items": lambda d: d.some(d.planned, 5) or [d.planned()],
    "similar_to": lambda d: d.one(d.item(), *_WORDS),
    "chunk_ids": lambda d: d.some(lambda: d._known_or_text("chunk"), 4) or ["c_aaaaaaaaaaaa"],
    "diff_from": lambda d: d._known_or_text("hash"),
    "path": lambda d: d.one(
        "src/main.py", "src", ".", "", "*.py", "**/*.py", "src/**", "notes.md", "!x", "[a-", d.text()
    ),
    "language": lambda d: d.one("python", "markdown", "rust", d.text()),
    "query": lambda d: " ".join(d.one(*_WORDS, d.text()[:50]) for _ in range(d.random.randint(1, 5))),
    "title": lambda d: d.one("one", "two", d.text()),
    "idempotency_key": lambda d: d.one("k1", "k2", d.text()),
    "max_tokens": lambda d: d.one(1, 50, 1000, 100_000),
}
