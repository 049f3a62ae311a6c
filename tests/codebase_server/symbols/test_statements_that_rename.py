"""Statements with a name in them are those that a search through the whole text finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codebase_server.symbols.renames import _STATEMENT, _statements

PIECES = [
    "import name", "import { name as other } from 'a'", "import name from './name'", "import scala.name._",
    "import {\n  a,\n  name,\n} from 'b'", "from a import name", "from a import (\n  b,\n  name\n)", "from",
    "export { name }", "export default name", "const name = require('a')", "let { name } = await import('b')",
    "use a::{b,\n  name};", "pub(crate) use a::name;", "use", "using name = A.B", "global using name = A.B",
    "import static a.name", "  import a.b\n  import c", "x = name", "name", "var a = 1", '"', "'", ";", "(",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.lists(st.sampled_from(["\n", " ", "\n\t"])))
def test_they_are_found_as_in_a_search_of_the_whole_text(pieces: list[str], between: list[str]) -> None:
    text = "".join(
        piece + (between[number % len(between)] if between else "\n") for number, piece in enumerate(pieces)
    )
    expected = [one.span() for one in _STATEMENT.finditer(text) if "name" in one[0]]
    assert [one.span() for one in _statements(text, "name")] == expected
