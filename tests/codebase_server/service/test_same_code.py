"""Code that is in two files is shown once, and the other place is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest

from codebase_server.service import CodebaseService
from codebase_server.service.text import of_search, tokens
from codebase_server.settings import load

CLIENT = """class {name}:
    def fetch_invoice(self, number, *, retries={retries}):
        \"\"\"The invoice of a number, asked again while the service is busy.\"\"\"
        for attempt in range(retries):
            answer = self.wire.get(f"/invoices/{{number}}")
            if answer.status != 503:
                break
            self.wait(2 ** attempt)
        else:
            raise BillingBusy(number)
        return answer.body
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodebaseService]:
    folder = tmp_path_factory.mktemp("same")
    (folder / "root").mkdir()
    for path, name, retries in (("client.py", "Client", 3), ("legacy.py", "LegacyClient", 1)):
        (folder / "root" / path).write_text(CLIENT.format(name=name, retries=retries), encoding="utf-8")
    service = CodebaseService(load({"root": (folder / "root",), "data_dir": str(folder / "data")}, {}))
    service.index_repository()
    yield service
    service.close()


@pytest.mark.parametrize("question", ["fetch_invoice", '"BillingBusy"', "asked again while it is busy"])
@pytest.mark.parametrize("content", ["full", "preview", "none"])
def test_the_other_place_of_the_same_code_is_named(
    service: CodebaseService, question: str, content: Literal["full", "preview", "none"]
) -> None:
    answer = service.search_code(question, content=content)
    first = answer["results"][0]
    (other,) = {"client.py", "legacy.py"} - {first["file_path"]}
    assert first["same_code_in"] == [f"{other}:2-11"]
    assert f"(same in {other}:2-11)" in of_search(answer)


def test_naming_it_keeps_to_the_budget(service: CodebaseService) -> None:
    for most in range(30, 200, 5):
        answer = service.search_code("fetch_invoice", max_tokens=most)
        assert tokens(of_search(answer)) <= most


def test_a_place_alone_is_that_of_the_best_chunk_not_of_those_beside_it(service: CodebaseService) -> None:
    first = service.search_code("fetch_invoice", content="none")["results"][0]
    assert (first["start_line"], first["end_line"]) == (2, 11)
