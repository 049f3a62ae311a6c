"""How several globs are given in one text: divided by commas, those behind ``!`` leaving out."""

from __future__ import annotations


def patterns_in(text: str) -> list[str]:
    """The globs of a text, without white space around them where it has several: at least one.

    A comma in ``{a,b}`` or ``[,]`` divides none.
    """
    parts, begun, braces, bracket = [], 0, 0, False
    for at, sign in enumerate(text):
        if sign == "[" and "]" in text[at + 1 :]:
            bracket = True
        elif sign == "]":
            bracket = False
        elif sign in "{}" and not bracket:
            braces = max(0, braces + (1 if sign == "{" else -1))
        elif sign == "," and not braces and not bracket:
            parts.append(text[begun:at])
            begun = at + 1
    parts.append(text[begun:])
    several = [part.strip() for part in parts if part.strip()] if len(parts) > 1 else []
    return several or [text]
