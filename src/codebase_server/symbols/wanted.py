"""A name as people and tools write it, and how well a definition fits it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from codebase_server.files import language_of
from codebase_server.store import StoredDefinition

_SEPARATORS: Final = re.compile(r"::|->|[#/\\.]+")
_ARGUMENTS: Final = re.compile(r"(?<=[\w:>])<[^<>]*>|(?<=\w)\[[^\[\]]*\]")
_CALLED: Final = re.compile(r"\s*\([^()]*\)\s*$")
_RECEIVER: Final = re.compile(r"(?<!\w)\([*&]?\s*([\w.]+)\)(?=\.)")
_ARITY: Final = re.compile(r"(?<=\w|[!?])/\d{1,2}$")
_ENDING: Final = re.compile(r"^([^:\s]+)\.\w{1,5}(?=::)")
_SCOPE: Final = re.compile(r"^(?:\$?(?:[abglstvw]|script|global|private):(?=\w)|<SID>)", re.IGNORECASE)
"""Vim's and PowerShell's word for where a name holds: ``s:open``, ``$script:Limit``."""

_FILE_AND_NAME: Final = re.compile(r"^([^:\s]+\.\w{1,5}):(?=[^\W\d])")
_CONTROLLER: Final = re.compile(r"(?<=\w)@(?=[A-Za-z_]\w*$)")
"""Laravel's ``UserController@show``."""

_SIGN: Final = re.compile(r"(::|->)\$")
_DEFINING: Final = re.compile(
    r"(?:(?:pub|public|private|protected|internal|export|default|static|async|abstract|final|inline)\s+)*"
    r"(?:struct|class|enum|union|interface|trait|record|protocol|object|module|namespace|type|typedef|macro"
    r"|def|defp|fn|fun|func|function|sub|proc|const|let|var|val)\s+([^\s(]+)(?:\(.*\))?\s*[:{]?"
)
"""A name with the words before it that define it: ``struct evbuffer``, ``def load(path):``."""

_OF_NOTHING: Final = frozenset({"crate", "self", "super", "this", "cls", "global"})
"""First words of a qualified name that say where the speaker stands, not where the definition does."""

_INDEX_STEMS: Final = frozenset({"__init__", "index", "mod", "lib", "main", "init"})
"""Files that stand for their folder."""


_MARKS: Final = re.compile(r"[\W_]+")


def letters_of(name: str) -> str:
    """What is the same of a name in whatever style it is written: ``ab`` of ``A-b``."""
    return _MARKS.sub("", name).casefold()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for.

    ``segments`` are the parts of the name as given, the last one the name itself.
    ``prefix`` says that the last is a beginning only; ``members``, that all
    direct members of what the segments name are wanted (``Class.*``).
    """

    segments: tuple[str, ...]
    prefix: bool = False
    members: bool = False

    @classmethod
    def parse(cls, name: str) -> Wanted:
        """Read ``Class.method``, ``module::function``, ``src/a.py::Class.method``, ``(*Type).Method``,
        ``a.py:Class``, ``Class::$field``, ``Class@method``, ``f()``, ``List<T>``, ``Mod.fun/2``,
        ``prefix*``, ``Class.*``."""
        text = _SCOPE.sub("", _ARITY.sub("", name.strip()).removeprefix("&"))
        text = _CONTROLLER.sub("::", _behind_file(text))
        if "operator" not in text:  # C++'s ``operator()``
            text = _RECEIVER.sub(r"\1", _CALLED.sub("", text))
            while text != (inner := _ARGUMENTS.sub("", text)):  # ``Map<String, List<T>>``
                text = inner
            text = _SIGN.sub(r"\1", _ENDING.sub(r"\1", text))
        starred = text.endswith("*") and "operator" not in text
        text = text.rstrip("*").strip() if starred else text
        members = starred and bool(re.search(r"(?:\.|::|#|->)$", text))
        segments = [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
        while len(segments) > 1 and segments[0] in _OF_NOTHING:
            del segments[0]
        return cls(tuple(segments), starred and not members, members)

    @property
    def last(self) -> str:
        """The name without what qualifies it; empty when nothing was named."""
        return self.segments[-1] if self.segments else ""

    @property
    def is_qualified(self) -> bool:
        """Whether more than the bare name was given."""
        return len(self.segments) > 1

    def fit(self, definition: StoredDefinition) -> int | None:
        """How loosely a definition of this name answers: 0 by its qualified name, then by the module or
        folder that it lies in (1 directly, 2 further up); None when it is another one."""
        own = definition.qualified.casefold().split(".")
        wanted = [segment.casefold() for segment in self.segments]
        if "companion" not in wanted:  # Kotlin's companion is called by the name of its class
            own = [part for part in own if part != "companion"] or own
        same = 0
        while same < min(len(own), len(wanted)) and (
            own[-1 - same] == wanted[-1 - same]
            or (same == 0 and self.prefix and own[-1].startswith(wanted[-1]))
        ):
            same += 1
        if same == len(wanted):
            return 0
        if not same or same < len(own):
            return None
        return within(definition.path, tuple(wanted[: len(wanted) - same]))


def _behind_file(text: str) -> str:
    """A name whose file stands before it with one colon, as with two: ``config.ex:port``."""
    found = _FILE_AND_NAME.match(text)
    if found is None or language_of(found[1]) == "unknown":
        return text
    return f"{found[1]}::{text[found.end() :]}"


def without_keyword(name: str) -> str:
    """A name without the word before it that defines what it names; empty where there is none."""
    found = _DEFINING.fullmatch(name.strip())
    return found[1] if found else ""


@lru_cache(maxsize=20_000)
def within(path: str, module: tuple[str, ...]) -> int | None:
    """Whether a file belongs to a module or package named by its folded segments: 1 when its path ends
    with them, 2 when they stand further up, in this order; None when it does not.

    A hyphen is an underscore: Clojure's ``door-store`` is in ``door_store.clj``. A file that stands for its
    folder may be named all the same: ``typer.main.run`` is in ``typer/main.py``.
    """
    folded = module_of(path)
    module = tuple(part.replace("-", "_") for part in module)
    fits = []
    for named in (folded, [*folded, _stem(path)]):
        parts = [part.replace("-", "_") for part in named]
        rest = iter(parts)
        if parts[len(parts) - len(module) :] == list(module):
            fits.append(1)
        elif all(any(part == one for part in rest) for one in module):
            fits.append(2)
    return min(fits, default=None)


def _stem(path: str) -> str:
    return path.casefold().rpartition("/")[2].partition(".")[0]


def module_of(path: str) -> list[str]:
    """The folded names that a path is made of, without the ending of the file and without ``__init__``,
    ``index``, ``mod`` and their like: ``src/Acme.Json/Linq/Token.cs`` is src, acme, json, linq, token."""
    *folders, name = path.casefold().split("/")
    stem = name.split(".")[:-1] if "." in name[1:] else [name]
    parts = [part for folder in folders for part in folder.split(".")]
    return parts + ([] if stem and stem[0] in _INDEX_STEMS and parts else stem)
