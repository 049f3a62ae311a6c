"""A name that imports give is followed to what is defined, over several files, and never further."""

from __future__ import annotations

import pytest

from codebase_server.service import CodebaseService

from .conftest import Indexed

FILES = {
    "lib/core.py": "class Engine:\n    def start(self):\n        return 1\n",
    "lib/first.py": "from lib.core import Engine as Motor\n",
    "lib/second.py": "from lib.first import Motor as Drive\n",
    "lib/third.py": "from lib.second import Drive as Mover\n",
    "lib/one.py": "class Pump:\n    pass\n",
    "lib/two.py": "class Pump:\n    pass\n",
    "twice.py": "from unknown.place import Pump as Sucker\n",
    "loop.py": "from loop import One as Two\nfrom loop import Two as One\n",
    "app.py": "from lib.third import Mover\nfrom lib.first import Motor\n\nMover().start()\nMotor.stop()\n",
    "cs/A.cs": (
        "using Door = Acme.Doors.Gate;\nusing Lock = Acme.Locks.Bolt;\n"
        "namespace X { class Y { Door d; Lock l; } }\n"
    ),
    "cs/Gate.cs": "namespace Acme.Doors { public class Gate { } }\n",
    "js/Name.js": "export default function () { return 1; }\n",
    "js/index.js": (
        "export { default as Name } from './Name';\nexport { Hidden as Shown };\nconst Hidden = () => 1;\n"
    ),
    "js/star.js": (
        "import * as all from './Name.js';\nimport def, { other } from './Name.js';\nall.x(); def();\n"
    ),
    "rs/lib.rs": "use crate::a::{b::Thing as Other, c::Second};\npub fn x(o: Other) {}\n",
    "rs/a/b.rs": "pub struct Thing;\n",
}


def asked(service: CodebaseService, name: str) -> tuple[list[tuple[str, str]], list[str]]:
    answer = service.find_symbol(name)
    return [(one["symbol"], one["file_path"]) for one in answer["results"]], answer.get("warnings") or []


@pytest.mark.parametrize(
    ("name", "symbol", "path", "said"),
    [
        ("Mover", "Engine", "lib/core.py", "Mover is Engine under another name (lib/third.py:1)."),
        ("lib.second.Drive", "Engine", "lib/core.py", "lib.second.Drive is Engine under another name"),
        ("first.Motor.start", "Engine.start", "lib/core.py", "Motor is Engine here (lib/first.py:1)."),
        ("Door", "Gate", "cs/Gate.cs", "Door is Gate under another name (cs/A.cs:1)."),
        ("Shown", "Hidden", "js/index.js", "Shown is Hidden under another name (js/index.js:2)."),
        ("Other", "Thing", "rs/a/b.rs", "Other is Thing under another name (rs/lib.rs:1)."),
        ("all", "Name", "js/Name.js", "all is brought in by js/star.js:1."),
        ("def", "Name", "js/Name.js", "def is brought in by js/star.js:2."),
    ],
)
def test_what_a_name_means_is_said_with_the_statement_that_gives_it(
    indexed: Indexed, name: str, symbol: str, path: str, said: str
) -> None:
    results, warnings = asked(indexed(FILES), name)
    assert results == [(symbol, path)]
    assert len(warnings) == 1
    assert warnings[0].startswith(said)


@pytest.mark.parametrize(
    "name",
    [
        "Lock",  # of a library that is not here
        "One",  # each is the other
        "Motor.stop",  # the class behind the name has no such member
    ],
)
def test_nothing_is_guessed_for_a_name_that_leads_nowhere(indexed: Indexed, name: str) -> None:
    results, warnings = asked(indexed(FILES), name)
    assert results == []
    assert len(warnings) == 1
    assert warnings[0].startswith("No definition is ")


def test_where_two_definitions_may_be_meant_both_are_shown(indexed: Indexed) -> None:
    results, _ = asked(indexed(FILES), "Sucker")
    assert results == [("Pump", "lib/one.py"), ("Pump", "lib/two.py")]


def test_a_default_export_without_a_name_leads_to_its_file(indexed: Indexed) -> None:
    results, warnings = asked(indexed(FILES), "Name")
    assert results == []
    assert warnings == ["Name is no symbol. outline shows what is in js/Name.js."]
