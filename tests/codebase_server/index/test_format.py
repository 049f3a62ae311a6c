"""How files are cut and normalised is the format of an index: when it changes, older files are read anew.

An index made before such a change goes on with the old cutting until `prepare.FORMAT` is raised.
"""

from __future__ import annotations

import hashlib
import json
import os
import textwrap
from pathlib import Path

from tests.codebase_server.chunks.test_languages import CASES
from tests.codebase_server.chunks.test_splitting import SAMPLES

from codebase_server.index.prepare import FORMAT, prepare_source
from codebase_server.records import SourceFile

KEPT = Path(__file__).with_name("format.json")


def short(value: object) -> str:
    return hashlib.blake2b(json.dumps(value).encode(), digest_size=6).hexdigest()


def cut(language: str, text: str) -> list[list[object]]:
    """What the index keeps of a file's chunks by the rules of cutting and normalising."""
    source = SourceFile("file", text, "", language, "code", len(text))
    return [
        [*one[: one._fields.index("content_hash")], one.normal_hash] for one in prepare_source(source).chunks
    ]


def test_a_change_of_how_files_are_cut_raises_the_format() -> None:
    """When this fails, read which languages are cut otherwise. If an existing index should follow (it should,
    but for a mere accident), raise `FORMAT`; then rewrite the file with TANDEM_SNAPSHOT=1.
    """
    now: dict[str, dict[str, str]] = {}
    sources = [(name, language, source) for name, (language, source, _) in CASES.items()]
    sources += [(f"{language}, short", language, text) for language, (text, _) in SAMPLES.items()]
    for name, language, source in sources:
        text = textwrap.dedent(source).strip("\n") + "\n"
        now[name] = {"source": short(text), "cut": short(cut(language, text))}
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    other = [
        name
        for name, was in kept["cases"].items()
        if name in now and now[name]["source"] == was["source"] and now[name]["cut"] != was["cut"]
    ]
    assert not other or kept["format"] < FORMAT, f"cut otherwise than by format {FORMAT}: {', '.join(other)}"
    if os.environ.get("TANDEM_SNAPSHOT"):
        KEPT.write_text(json.dumps({"format": FORMAT, "cases": now}, indent=1) + "\n", encoding="utf-8")
        return
    assert (other, kept["format"]) == ([], FORMAT), "FORMAT was raised: rewrite this with TANDEM_SNAPSHOT=1"
