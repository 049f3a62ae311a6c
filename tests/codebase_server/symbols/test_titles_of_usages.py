"""What an answer says of the mentions that may mean something else."""

from __future__ import annotations

from codebase_server.service.text import of_symbols

from .conftest import Indexed

ERROR = "class InvalidStatus(Exception):\n    pass\n"
USE = """from orders import exceptions as order_exceptions


def ship(order):
    raise order_exceptions.InvalidStatus
"""


def test_a_module_under_a_name_made_of_its_own_is_the_one_that_is_meant(indexed: Indexed) -> None:
    service = indexed({"orders/exceptions.py": ERROR, "web/views.py": USE})
    answer = service.find_symbol("InvalidStatus", usages=True)
    assert answer["total_count"] == 1
    assert [(one["line"], one["likely"]) for one in answer["usages"]] == [(5, True)]


def test_where_one_definition_has_the_name_no_other_one_is_spoken_of(indexed: Indexed) -> None:
    use = "def ship(order, remote):\n    remote.total(order)\n"
    files = {"orders/prices.py": "def total(order):\n    return 1\n", "web/views.py": use}
    alone = of_symbols(indexed(files).find_symbol("total", usages=True))
    assert "less likely, something of this name that is not indexed may be meant:" in alone
    several = indexed(files | {"stock/count.py": "def total(order):\n    return 2\n"})
    assert "less likely, another of this name may be meant:" in of_symbols(
        several.find_symbol("total", usages=True)
    )
