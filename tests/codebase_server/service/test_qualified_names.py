"""A name with its package, module or type before it, as traces, imports and people write it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.codebase_server.service.serving import served

from codebase_server.service import CodebaseService

FILES = {
    "src/main/java/com/shop/pool/HikariPool.java": (
        "package com.shop.pool;\n\npublic class HikariPool {\n"
        "  public Connection getConnection(long wait) {\n    return borrow(wait);\n  }\n}\n"
    ),
    "src/main/java/com/shop/HikariDataSource.java": (
        "package com.shop;\n\npublic class HikariDataSource {\n"
        "  /** Get a connection of the Hikari pool: HikariPool.getConnection. */\n"
        "  public Connection getConnection() {\n    return pool.getConnection(9);\n  }\n}\n"
    ),
    "db/db_impl.h": "class DBImpl {\n  Status MakeRoomForWrite(bool force);\n};\n",
    "db/db_impl.cc": (
        "Status DBImpl::MakeRoomForWrite(bool force) {\n  while (force) {\n    wait();\n  }\n}\n"
    ),
    "lib/client.rb": (
        "module Shop\n  class Client\n    def push_bulk(items)\n"
        "      items.each { |i| push(i) }\n    end\n  end\nend\n"
    ),
    "app/jobs.rb": "def queue\n  Shop::Client.push_bulk(jobs)\n  Shop::Client.push_bulk(more)\nend\n",
    "test/test_client.rb": "def test_bulk\n  assert Shop::Client.push_bulk([1])\nend\n",
    "typer/main.py": "def get_command(app):\n    return app\n",
    "typer/op.py": "def create_table(name):\n    return name\n",
    "typer/impl.py": "class TableOp:\n    def create_table(self, op):\n        return op.create_table(1)\n",
    "infra/variables.tf": 'variable "enable_nat" {\n  type = bool\n}\n',
    "infra/main.tf": "locals {\n  gateways = 3\n}\n",
    "Changes.md": "# Shop Changes\n\n## 7.1.5\n\nDoors open.\n\n## 7.1.4\n\nDoors shut.\n",
    "roles/defaults/main.yml": 'doors:\n  port_name: 4\nshop_version: "{{ latest }}"\n',
    "roles/tasks/main.yml": "- get: {url: '/{{ shop_version }}'}\n- get: {url: '/{{ open_until }}'}\n",
    "roles/vars/main.yml": "open_until: 18\n",
    "roles/install.sh": "SHOP_VERSION=1.29.5\ncurl $SHOP_VERSION\n",
    "pages/a.razor": "@code { void Shut() { } }\n",
    "pages/b.razor": "<p>b</p>\n",
    "pages/c.razor": "<p>c</p>\n",
    "pages/odd.xyzw": "one of its kind\n",
    "deque.jl": 'macro delegate(x)\n  x\nend\n\n"Adds."\npush!(d, x) = add(d, x)\n',
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodebaseService]:
    with served(tmp_path_factory.mktemp("qualified"), FILES, "DataShop.jl") as service:
        yield service


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("com.shop.pool.HikariPool.getConnection", "src/main/java/com/shop/pool/HikariPool.java:4"),
        ("HikariPool.getConnection", "src/main/java/com/shop/pool/HikariPool.java:4"),
        ("DBImpl::MakeRoomForWrite", "db/db_impl.cc:1"),
        ("Shop::Client#push_bulk", "lib/client.rb:3"),
        ("Shop::Client.push_bulk", "lib/client.rb:3"),
        ("typer.main.get_command", "typer/main.py:1"),
        ("op.create_table", "typer/op.py:1"),
    ],
)
def test_a_search_for_a_qualified_name_begins_with_its_definition(
    service: CodebaseService, name: str, place: str
) -> None:
    first = service.search_code(name)["results"][0]
    path, _, line = place.partition(":")
    assert first["file_path"] == path
    assert first["start_line"] <= int(line) <= first["end_line"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("typer.main.get_command", "typer/main.py"),
        ("main.get_command", "typer/main.py"),
        ("typer/main.py::get_command", "typer/main.py"),
        ("typer.get_command", "typer/main.py"),
        ("DataShop.push!", "deque.jl"),
        ("data_shop.get_command", "typer/main.py"),
        ("@delegate", "deque.jl"),
        ("var.enable_nat", "infra/variables.tf"),
        ("local.gateways", "infra/main.tf"),
        ("7.1.5", "Changes.md"),
        ("Shop Changes.7.1.5", "Changes.md"),
        ("Shop Changes.7 1 5", "Changes.md"),
    ],
)
def test_find_symbol_knows_a_name_by_its_module_and_by_the_name_of_the_repository(
    service: CodebaseService, name: str, path: str
) -> None:
    assert [one["file_path"] for one in service.find_symbol(name)["results"]] == [path]


@pytest.mark.parametrize("name", ["other.main.get_table", "Elsewhere.push!"])
def test_a_name_of_another_module_is_still_denied(service: CodebaseService, name: str) -> None:
    assert service.find_symbol(name)["results"] == []


def test_a_line_behind_the_end_of_a_file_means_the_end_of_that_file(service: CodebaseService) -> None:
    first = service.search_code("typer/op.py:400")["results"][0]
    assert first["file_path"] == "typer/op.py"


@pytest.mark.parametrize("name", ["7.1.5", "Shop Changes.7.1.5", "Shop Changes.7 1 5"])
def test_a_reference_to_a_heading_may_have_its_dots(service: CodebaseService, name: str) -> None:
    (found,) = service.resolve({"references": [{"ref": f"Changes.md::{name}"}]})["references"]
    assert (found["state"], found["symbol"], found["start_line"]) == ("valid", "Shop Changes.7 1 5", 3)


def test_a_name_of_which_only_another_case_is_defined_is_told_with_where_it_is_set(
    service: CodebaseService,
) -> None:
    found = service.find_symbol("shop_version")
    assert [one["symbol"] for one in found["results"]] == ["SHOP_VERSION"]
    (said,) = found["warnings"]
    assert "No definition is named shop_version in this case: SHOP_VERSION is shown." in said
    assert "set in roles/defaults/main.yml:3." in said
    assert service.find_symbol("SHOP_VERSION")["warnings"] == []


def test_a_name_that_only_configuration_has_is_told_where_it_is_set(service: CodebaseService) -> None:
    found = service.find_symbol("open_until")
    assert found["results"] == []
    assert "open_until is a key of configuration, set in roles/vars/main.yml:1." in found["warnings"][0]
    assert "set in" not in service.find_symbol("port_name")["warnings"][0], "a key inside another is no name"


def test_a_denial_tells_of_files_whose_language_is_not_known(service: CodebaseService) -> None:
    found = service.find_symbol("Shut")
    assert found["results"] == []
    assert found["warnings"][0].endswith(
        "No names are known of 3 .razor files: search_code finds their text."
    )
    assert "razor" not in " ".join(service.find_symbol("HikariPool")["warnings"])
