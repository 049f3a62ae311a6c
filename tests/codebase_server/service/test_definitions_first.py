"""What defines a name comes before what uses it, whatever it is: a field, a constant, a member, a value."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.codebase_server.service.serving import served

from codebase_server.service import CodebaseService

USERS = {
    f"a/user{n}.cc": "".join(
        f"void {name}_user_{n}(const Options& options) {{\n"
        f"  // {name} is what counts here: {name}\n  use({name}, options.{name}, {name} + {n});\n}}\n\n"
        for name in ("write_buffer_size", "kNumLevels", "kDeepSleep", "pool_width", "MAX_DOORS")
    )
    for n in range(6)
}
FILES = {
    **USERS,
    "z/options.h": "#define MAX_DOORS 12\n\nstatic const int kNumLevels = 7;\n\n"
    "enum Sleep {\n  kLight,\n  kDeepSleep,\n};\n\n"
    "struct Options {\n  // Bytes kept before they are written.\n  size_t write_buffer_size = 4;\n};\n",
    "z/pool.tf": "locals {\n  pool_width = 3\n}\n",
}
PLACES = {
    "write_buffer_size": "z/options.h",
    "kNumLevels": "z/options.h",
    "kDeepSleep": "z/options.h",
    "MAX_DOORS": "z/options.h",
    "pool_width": "z/pool.tf",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodebaseService]:
    with served(tmp_path_factory.mktemp("first"), FILES) as service:
        yield service


@pytest.mark.parametrize(("name", "path"), PLACES.items())
def test_find_symbol_and_search_begin_with_the_definition(
    service: CodebaseService, name: str, path: str
) -> None:
    assert service.find_symbol(name)["results"][0]["file_path"] == path
    for question in (name, f"where is {name} defined", f"`{name}`"):
        assert service.search_code(question)["results"][0]["file_path"] == path, question
