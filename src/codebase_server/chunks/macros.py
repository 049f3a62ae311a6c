"""C and C++ without the macros that no grammar can know of.

``EXPORT int f(void);`` and ``class API Store {`` are not C before the
preprocessor ran, and a parser that meets them loses the declaration. Blanks in
their place keep every byte where it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from codebase_server.chunks.blanks import blanks

LANGUAGES: Final = frozenset({"c", "cpp", "objc", "cuda"})

_NAME: Final = rb"[A-Za-z_][\w:]{0,120}"
_INNER: Final = rb"\((?:[^(){};]|\([^(){};]{0,200}\)){0,200}\)"
_ARGUMENTS: Final = rb"\((?:[^(){};]|" + _INNER + rb"){0,300}\)"
"""What stands in the parentheses of a macro, three deep."""

_BARE: Final = rb"[A-Z][A-Z0-9_]{2,80}+"
"""Whole: a long row of capitals could otherwise be several names in more ways than can be tried."""

_CAPITALS: Final = _BARE + rb"(?:[ ]?" + _ARGUMENTS + rb")?"
_SMALL: Final = (
    rb"(?!(?:inline|constexpr|consteval|export)\b)"
    rb"(?:\w{1,40}_)?(?:inline|constexpr|consteval|nodiscard|deprecated|export|api)(?:_\w{1,40})?"
)
"""Small letters, with one of the words that such macros stand for: ``really_inline``."""

_ATTRIBUTES: Final = rb"(?:\s*\[\[[^\[\]\n]{0,80}\]\])?"
_OF_TYPES: Final = rb"(?:<[^;{}]{0,200}>)?"
_TYPE: Final = _NAME + rb"(?:<(?:[^<>;{}()]|<[^<>;{}()]{0,80}>){0,120}>)?"

# Patterns begin with what is rare, a line break or a letter, and look back for a word's beginning: the search
# goes from one such place to the next. ``\b`` or ``^`` in front would be tried at each character. Blanks
# at the head of a line are not given back: each would be tried again as the beginning of what follows.
_BEFORE_DECLARATION: Final = re.compile(
    rb"\n[ \t]*+(?=\w)(?:template[ \t]*<[^{};\n]{0,200}>[ \t]*)?"
    rb"(?:(?:static|extern|inline|virtual|friend|explicit|constexpr)[ \t]+){0,4}"
    rb"(?P<macro>" + _CAPITALS + rb"|" + _SMALL + rb")"
    rb"(?=\s+(?:(?P<typed>"
    + _TYPE
    + rb"[\s*&]+)(?:"
    + _TYPE
    + rb"[\s*&]+){0,5}(?:[\w:]{0,80}\boperator\b|[A-Za-z_~][\w:~]{0,120}\s*[(;={\[])"
    rb"|(?:template|class|struct|enum|union)\b))"
)
"""A macro before a type and a name; before a name alone it is the type (``BOOL f(void)``)."""

_BEFORE_NAME: Final = re.compile(
    rb"(?:class(?<=\bclass)|struct(?<=\bstruct)|union(?<=\bunion)|enum(?<=\benum)(?:[ \t]+class)?)"
    + _ATTRIBUTES
    + rb"\s+(?P<macro>"
    + _CAPITALS
    + rb"(?:\s+"
    + _CAPITALS
    + rb"){0,2})"
    rb"(?=" + _ATTRIBUTES + rb"\s+" + _NAME + rb"\s*+" + _OF_TYPES + rb"\s*+(?:final\s*)?[:{])"
)

_AFTER_NAME: Final = re.compile(
    rb"(?:class(?<=\bclass)|struct(?<=\bstruct)|union(?<=\bunion)|enum(?<=\benum)(?:\s+(?:class|struct))?)\s+(?!class\b|struct\b)"
    + _NAME
    + rb"(?:<[^;{}]{0,200}>)?\s+(?!final\b)(?P<macro>"
    + _CAPITALS
    + rb")"
    rb"(?=\s*(?::(?!:)|\{))"
)

_NO_TYPE: Final = (
    rb"(?!(?:mutable|static|const|constexpr|inline|extern|virtual|unsigned|return|struct|enum)\b)"
)
_AFTER_MEMBER: Final = re.compile(
    rb"\n[ \t]*+(?=[A-Za-z_])(?:(?:mutable|static|const|constexpr|inline|unsigned)[ \t]+){0,4}"
    + _NO_TYPE
    + _TYPE
    + rb"[\s*&]+"
    rb"[A-Za-z_][\w\[\]]{0,120}\s+(?P<macro>" + _BARE + rb"[ ]?" + _ARGUMENTS + rb")(?=\s*(?:;|=[^=]))"
)
"""``int count GUARDED_BY(lock);``"""

_BEFORE_BODY: Final = re.compile(
    rb"\)(?:\s*(?:const|noexcept|override|final|&&?)){0,4}\s+(?P<macro>(?:" + _CAPITALS + rb"\s*+){1,4}?)"
    rb"(?=\s*+(?:[;{]|->|:[^:]|=\s*(?:0|default|delete)))"
)

_BEFORE_CONSTRUCTOR: Final = re.compile(
    rb"\n[ \t]*+(?=[A-Ze])(?:explicit[ \t]+)?(?P<macro>" + _CAPITALS + rb")(?=\s+(?:explicit\s+)?"
    rb"(?:~\w+\s*\(|[A-Za-z_]\w{0,80}\s*\([^;{}]{0,300}\)\s*(?:noexcept\s*)?:[^:]))"
)
_AFTER_IF: Final = re.compile(rb"if(?<=\bif)\s+(?P<macro>" + _BARE + rb")(?=\s*\()")
_CONVENTION: Final = re.compile(
    rb"\(\s*(?P<macro>[A-Z][A-Z0-9_]{2,20}|__\w{2,20})(?=\s*(?:\*\s*|\s)[A-Za-z_]\w{0,80}\s*\)\s*\()"
)
"""``typedef void (WINAPI *callback)(int);``"""

_AS_ARGUMENT: Final = re.compile(rb"(?P<macro>,\s*" + _BARE + _ARGUMENTS + rb"(?:\s*=\s*0)?)(?=\s*[,>])")
"""A condition in capitals among the parameters of a template; an argument of a call that goes too takes no
definition with it."""

_ALONE: Final = re.compile(rb"\s*[A-Z][A-Z0-9]*_[A-Z0-9_]{0,80}(?:[ ]?" + _ARGUMENTS + rb")?\s*")
_MAY_BE_ALONE: Final = re.compile(rb"(?P<before>^|\n)[ \t\r\f\v]*+[A-Z][A-Z0-9]*_")
_STATEMENT_OVER: Final = (b";", b"{", b"}", b":", b">", b"*/")

_BEFORE_TYPE: Final = re.compile(rb"\b(?:struct|class|union)\s+" + _CAPITALS + rb"\s+[A-Za-z_]\w{0,80}\s*\{")
_AFTER_ENUM: Final = re.compile(
    rb"enum(?<=\benum)\s+(?:class\s+)?[A-Za-z_]\w{0,80}\s+(?!final\b)" + _CAPITALS + rb"\s*\{"
)


def misleads(source: bytes) -> bool:
    """Whether a grammar reads something else without an error: ``enum kind KIND_TYPE {`` as a variable,
    ``struct SHOP_API Door {`` as a function."""
    return _AFTER_ENUM.search(source) is not None or _BEFORE_TYPE.search(source) is not None


_IN_CONTINUED: Final = re.compile(rb"/\*[^*\n]*+(?:\*(?!/)[^*\n]*+)*+\*/(?=[^\n]*\\\r?\n)")
"""A comment in a line that goes on in the next: the grammar takes it for the end of the macro."""

_CALL: Final = re.compile(rb"\n[ \t]*+" + _BARE + rb"\(")
_DESIGNATED: Final = re.compile(rb"[(,{]\s*(?:\.\w+|\[[^\]\n]{1,80}\])\s*=")
_BRACKETS: Final = re.compile(rb"[()]")
_LONGEST_CALL: Final = 32_768

_KEYWORDS: Final = (b"class", b"struct", b"union", b"enum")

_IN_A_ROW: Final = 3
"""Macros before one declaration."""


def masked(source: bytes) -> bytes:
    """The source with such macros blanked out; line breaks and lengths stay."""
    source = _IN_CONTINUED.sub(lambda match: blanks(match[0]), source)
    source = b"\n" + _without_lines_of_macros(source)  # each line behind a line break
    source = _without_initialisers(source)
    known: set[bytes] = set()

    def blank(match: re.Match[bytes]) -> bytes:
        whole, start = match.group(), match.start()
        first, last = match.start("macro") - start, match.end("macro") - start
        return whole[:first] + blanks(whole[first:last]) + whole[last:]

    def blank_and_know(match: re.Match[bytes]) -> bytes:
        if b"_" in match["macro"] and (match["typed"] or b"").strip(b" \t*&").upper() != (
            match["typed"] or b""
        ):
            known.add(match["macro"])
        return blank(match)

    source = _AS_ARGUMENT.sub(blank, source)
    for _ in range(_IN_A_ROW):
        source, found = _BEFORE_DECLARATION.subn(blank_and_know, source)
        if not found:
            break
    source = _BEFORE_CONSTRUCTOR.sub(blank, source)
    source = _without_at_keywords(source, blank)
    for pattern in (_AFTER_MEMBER, _BEFORE_BODY, _AFTER_IF, _CONVENTION):
        source = pattern.sub(blank, source)
    return _without(source, known)[1:]


def _without_initialisers(source: bytes) -> bytes:
    """Without the arguments of calls in capitals that are designated initialisers, ``RESET(p, .gain = {``: no
    expression is one, and the grammar takes all behind them into the function that they stand in."""
    kept: list[bytes] = []
    done = 0
    for match in _CALL.finditer(source):
        if match.start() < done:
            continue
        end = _closed(source, match.end())
        if end > match.end() and _DESIGNATED.search(source, match.end() - 1, end):
            kept += source[done : match.end()], blanks(source[match.end() : end])
            done = end
    return b"".join((*kept, source[done:]))


def _closed(source: bytes, at: int) -> int:
    """Where the bracket that was opened before a place is closed; the place itself where it is not."""
    depth = 1
    for bracket in _BRACKETS.finditer(source, at, at + _LONGEST_CALL):
        depth += 1 if bracket.group() == b"(" else -1
        if not depth:
            return bracket.start()
    return at


def _without_at_keywords(source: bytes, blank: Callable[[re.Match[bytes]], bytes]) -> bytes:
    """Without macros beside the names of classes, and so on.

    Patterns are tried where a word is found: three times as fast as to search for all of them in one pattern.
    """
    places = sorted(at for word in _KEYWORDS for at in _places(source, word))
    for pattern in (_BEFORE_NAME, _AFTER_NAME):
        kept: list[bytes] = []
        end = 0
        for at in places:
            if at >= end and (match := pattern.match(source, at)) is not None:
                kept += source[end:at], blank(match)
                end = match.end()
        source = b"".join((*kept, source[end:]))  # as long as before, so that places stay
    return source


def _places(source: bytes, word: bytes) -> Iterator[int]:
    at = source.find(word)
    while at >= 0:
        yield at
        at = source.find(word, at + len(word))


def _without(source: bytes, macros: set[bytes]) -> bytes:
    """Without macros that stand before declarations, wherever else they are: before a constructor too.

    The source begins with a line break.
    """
    bare = sorted(macro for macro in macros if macro.replace(b"_", b"").isalnum())
    if not bare:
        return source
    words = b"|".join(macro + rb"(?<=\b" + macro + rb")\b" for macro in bare)
    pattern = re.compile(rb"\n[ \t]*#(?:[^\n]*\\\n)*[^\n]*|" + words)

    def blank(match: re.Match[bytes]) -> bytes:
        text = match.group()
        return text if text[:1] == b"\n" else blanks(text)

    return pattern.sub(blank, source)


def _without_lines_of_macros(source: bytes) -> bytes:
    """Without ``G_BEGIN_DECLS`` and its like, which stand on a line of their own between statements."""
    kept: list[bytes] = []
    done = 0
    for match in _MAY_BE_ALONE.finditer(source):
        start = match.end("before")
        end = source.find(b"\n", start)
        end = end if end >= 0 else len(source)
        bare = _bare(source[start:end])
        if _ALONE.fullmatch(bare) and _is_over(source, done, start) and not _goes_on(source, end + 1):
            kept += source[done:start], blanks(source[start:end])
            done = end
    return b"".join((*kept, source[done:]))


def _bare(line: bytes) -> bytes:
    return line.partition(b"//")[0].strip()


def _is_over(source: bytes, done: int, start: int) -> bool:
    """Whether the statement above a line has ended, or there is none, as where the last was blanked out."""
    while start > done:
        end = start - 1
        start = source.rfind(b"\n", done, end) + 1 or done
        if bare := _bare(source[start:end]):
            return bare.startswith(b"#") or bare.endswith(_STATEMENT_OVER)
    return True


def _goes_on(source: bytes, at: int) -> bool:
    """Whether what comes next belongs to a line: its body, its arguments, the end of its list."""
    for _ in range(5):
        end = source.find(b"\n", at)
        end = end if end >= 0 else len(source)
        if bare := source[at:end].strip():
            return not (bare[:1].isalpha() or bare[:1] in b"_#~[/")
        at = end + 1
    return False
