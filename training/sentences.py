"""Doc comments and comments to the questions that a reader might have asked instead."""

from __future__ import annotations

import re

_TAG = re.compile(r"</?[a-zA-Z][^>\n]{0,60}>")
_LINK = re.compile(r"\{@\w+\s+([^}]*)\}")
_ROLE = re.compile(r":[a-z:]+:`~?([^`]*)`")
_MARKDOWN_LINK = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])?")
_END = re.compile(
    r"(?<=[a-z0-9)\"'`])[.!?:](?=\s+[A-Z(`\"']|\s*$)|\n\s*\n|\n\s*(?=[-*@:\\]\w|\w+:\s|>>>|```|[-=]{4})"
)
_MARKS = " \t/*#-!;<>\"'`|%{}~="
_USELESS = re.compile(
    r"(?i)copyright|licen[cs]e|todo|fixme|noqa|eslint|deprecated|inheritdoc|see also|pragma|type: ignore|"
    r"nolint|auto-?generated|https?://|^\s*@|rubocop|prettier|^\s*(args|arguments|parameters|params|returns?|raises):?\s*$"
)
_WORD = re.compile(r"[A-Za-z]{2,}")

LEAST_WORDS, MOST_WORDS = 3, 40


def sentences(doc: str, name: str) -> list[str]:
    """The sentences of a doc comment that can stand as a question, the first one first.

    The name of what is documented is dropped from the start of a sentence (a
    habit of some languages): nobody who searches would know it.
    """
    text = _ROLE.sub(r"\1", _MARKDOWN_LINK.sub(r"\1", _LINK.sub(r"\1", _TAG.sub(" ", doc))))
    kept = []
    for raw in _END.split(text)[:6]:
        sentence = clean(raw, name)
        if sentence:
            kept.append(sentence)
        elif not kept:
            break  # what follows an unusable first sentence is seldom about the function
    return kept


def clean(raw: str, name: str = "") -> str:
    """One sentence without comment marks, or empty when it says too little or too much."""
    sentence = " ".join(line.strip(_MARKS) for line in raw.split("\n")).strip()
    if name:
        first, _, rest = sentence.partition(" ")
        if first.strip("`'\"().:") in (name, name.rsplit(".", 1)[-1]):
            sentence = rest.strip(_MARKS)
    words = _WORD.findall(sentence)
    if not LEAST_WORDS <= len(words) <= MOST_WORDS or _USELESS.search(sentence):
        return ""
    return sentence if sum(map(len, words)) >= 0.6 * len(sentence.replace(" ", "")) else ""


def without(content: str, doc: str) -> str:
    """``content`` without the lines of ``doc``."""
    lines = {line.strip(_MARKS) for line in doc.split("\n")} - {""}
    return "\n".join(
        line for line in content.split("\n") if line.strip().lstrip("rRuUbB").strip(_MARKS) not in lines
    )


_COMMENT = re.compile(r"^\s*(?://+|#+(?!\[|!|include|define|if|endif|else|pragma|region)|--+)\s+(.*)$")


def inner_comments(content: str) -> list[str]:
    """Comments of two or more words standing on lines of their own inside a body, neighbours joined."""
    found: list[list[str]] = []
    joined = False
    for line in content.split("\n")[1:]:
        match = _COMMENT.match(line)
        if match and joined:
            found[-1].append(match[1])
        elif match:
            found.append([match[1]])
        joined = bool(match)
    return ["\n".join(lines) for lines in found]
