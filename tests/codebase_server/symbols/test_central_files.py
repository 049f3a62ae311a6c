"""A map follows what is imported and mentioned, and an import means a place, not a name."""

from __future__ import annotations

from tests.codebase_server.symbols.conftest import Indexed

from codebase_server.service import CodebaseService
from codebase_server.store import IndexedFile
from codebase_server.symbols.importing import Importing


def file(path: str, language: str, *imports: str) -> IndexedFile:
    return IndexedFile(1, path, language, "code", 10, 100, False, imports, 1, "")


def imported(*files: IndexedFile) -> dict[str, float]:
    every = {one.path: 1.0 for one in files}
    return {path: count for path, count in Importing(files, every).counted(files, every).items() if count}


def test_a_relative_import_means_the_file_at_that_place() -> None:
    assert imported(
        file("src/context.ts", "typescript", "./types", "../lib/index"),
        file("src/types.ts", "typescript"),
        file("src/other/types.ts", "typescript"),
        file("lib/index.ts", "typescript"),
    ) == {"src/types.ts": 1.0, "lib/index.ts": 1.0}


def test_an_import_of_a_go_package_is_shared_by_its_files_and_means_no_file_of_that_name() -> None:
    assert imported(
        file("cmd/main.go", "go", "fmt", "github.com/acme/app/pkg/config"),
        file("pkg/config/app.go", "go"),
        file("pkg/config/user.go", "go"),
        file("pkg/commands/config.go", "go"),
        file("pkg/fmt/fmt.go", "go"),
    ) == {"pkg/config/app.go": 0.5, "pkg/config/user.go": 0.5}


def test_a_java_class_is_found_behind_its_package_also_by_a_static_import() -> None:
    assert imported(
        file("src/main/java/acme/Pool.java", "java", "acme.util.Clock.tick", "java.util.List"),
        file("src/main/java/acme/util/Clock.java", "java"),
        file("src/main/java/acme/other/Clock.java", "java"),
    ) == {"src/main/java/acme/util/Clock.java": 1.0}


def test_python_and_rust_modules_are_found_from_the_root_and_from_the_file() -> None:
    assert imported(
        file("app/store/read.py", "python", ".base", "..settings", "app.web", "os"),
        file("app/store/base.py", "python"),
        file("app/settings.py", "python"),
        file("app/web/__init__.py", "python"),
        file("other/base.py", "python"),
    ) == {"app/store/base.py": 1.0, "app/settings.py": 1.0, "app/web/__init__.py": 1.0}
    assert imported(
        file("src/main.rs", "rust", "crate::parse::lexer::Token", "std::fmt"),
        file("src/parse/lexer.rs", "rust", "super::error::Error", "crate::set"),
        file("src/parse/error.rs", "rust"),
        file("src/set.rs", "rust"),
    ) == {"src/parse/lexer.rs": 1.0, "src/parse/error.rs": 1.0, "src/set.rs": 1.0}


def test_a_map_begins_with_what_is_imported_and_leaves_benchmarks_for_later(indexed: Indexed) -> None:
    users = {
        f"src/use{n}.ts": f"import {{ Engine }} from './engine'\n\nexport const use{n} = () => new Engine()\n"
        for n in range(4)
    }
    service = indexed(
        {
            **users,
            "src/engine.ts": "export class Engine {\n  run() {\n    return 1\n  }\n}\n",
            "bench/a/types.ts": "export class Measure {\n  run() {\n    return 1\n  }\n}\n",
            "src/x/types.ts": "export class Small {\n  run() {\n    return 1\n  }\n}\n",
        }
    )
    order = list(dict.fromkeys(one["file_path"] for one in service.outline()["entries"]))
    assert order[0] == "src/engine.ts"
    assert order[-1] == "bench/a/types.ts"


def order_of(service: CodebaseService) -> list[str]:
    return list(dict.fromkeys(one["file_path"] for one in service.outline()["entries"]))


def test_what_helps_to_test_comes_after_what_is_tested(indexed: Indexed) -> None:
    tests = {
        f"tests/test_{n}.py": "from shop.testing import CliRunner\nfrom shop._compat import PathType\n\n"
        f"def test_{n}():\n    CliRunner().invoke(PathType)\n"
        for n in range(12)
    }
    order = order_of(
        indexed(
            {
                **tests,
                "shop/testing.py": "class CliRunner:\n    def invoke(self):\n        return 1\n",
                "shop/_compat.py": "class PathType:\n    def read(self):\n        return 1\n",
                "Tools/manual.py": "class ManualPage:\n    def write(self):\n        return 1\n",
                "shop/main.py": "class ShopFront:\n    def open(self):\n        return 1\n",
            }
        )
    )
    assert order[0] == "shop/main.py"


def test_what_a_package_shows_of_itself_comes_before_what_is_used_inside(indexed: Indexed) -> None:
    inside = {
        f"shop/use{n}.py": f"from .pieces import *\n\ndef use_{n}():\n    return {n}\n" for n in range(2)
    }
    order = order_of(
        indexed(
            {
                **inside,
                "shop/__init__.py": "from .visible import *\n",
                "shop/pieces.py": "class Piece:\n    def get(self):\n        return 1\n",
                "shop/visible.py": "class Front:\n    def get(self):\n        return 1\n",
            }
        )
    )
    assert order.index("shop/visible.py") < order.index("shop/pieces.py")


def test_a_declaration_of_messages_is_not_taken_for_the_program_made_of_it(indexed: Indexed) -> None:
    users = {
        f"src/use{n}.go": f"package shop\n\nfunc Use{n}(o OrderEvent{', s ShopState' if n else ''}) {{}}\n"
        for n in range(4)
    }
    order = order_of(
        indexed(
            {
                **users,
                "shop.proto": 'syntax = "proto3";\n\nmessage OrderEvent {\n  string name = 1;\n}\n',
                "src/state.go": "package shop\n\ntype ShopState struct {\n\tName string\n}\n",
            }
        )
    )
    assert order[0] == "src/state.go"
