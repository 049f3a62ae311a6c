"""The small part of YAML that Markdown front matter uses: scalars, quoted texts, folded texts, lists of
scalars.

A whole YAML reader would also turn `no` into False and dates into objects; here every scalar is its text.
"""

import re

_KEY = re.compile(r"^([A-Za-z_][\w-]*):(?:\s+(.*)|\s*)$")
_FENCE = "---"


def split_front_matter(text: str) -> tuple[dict[str, str | list[str]], str]:
    """(fields, body). Fields are empty when the text does not begin with a fence."""
    lines = text.split("\n")
    if lines[0].strip() != _FENCE:
        return {}, text
    for end, line in enumerate(lines[1:], start=1):
        if line.strip() == _FENCE:
            return _fields(lines[1:end]), "\n".join(lines[end + 1 :])
    return {}, text


def _fields(lines: list[str]) -> dict[str, str | list[str]]:
    fields: dict[str, str | list[str]] = {}
    position = 0
    while position < len(lines):
        match = _KEY.match(lines[position])
        position += 1
        if match is None:
            continue
        following = position
        while following < len(lines) and not _KEY.match(lines[following]):
            following += 1
        fields[match[1]] = _value((match[2] or "").strip(), lines[position:following])
        position = following
    return fields


def _value(inline: str, block: list[str]) -> str | list[str]:
    if inline.startswith("["):
        return [_scalar(part) for part in _split_inline(inline.strip("[]"))]
    entries = [line.strip() for line in block if line.strip()]
    if not inline and all(entry.startswith("-") for entry in entries) and entries:
        return [_scalar(entry[1:].strip()) for entry in entries]
    if inline in ("|", "|-", ">", ">-"):
        return ("\n" if inline[0] == "|" else " ").join(entries)
    return _scalar(" ".join([inline, *entries]).strip())


def _split_inline(text: str) -> list[str]:
    """The entries of `[a, 'b, c']`: commas inside quotes do not separate."""
    return [part.strip() for part in re.findall(r"""\s*('[^']*'|"[^"]*"|[^,]+)""", text) if part.strip()]


def _scalar(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1].replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
    return "" if text in ("null", "~") else text
