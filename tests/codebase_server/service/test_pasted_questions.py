"""What agents paste into a search: a place, a trace, a link, a line of code, the message of an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from tests.codebase_server.service.serving import served

from codebase_server.search.places import places
from codebase_server.service import CodebaseService
from codebase_server.service.answers import SearchResult
from codebase_server.service.text import of_chunks

FILLING = "".join(f"    total = total + pool.size({n})  # connection {n}\n" for n in range(60))
FILES = {
    "shop/pool.py": (
        '"""Connections to the database."""\n\n\ndef acquire(pool, waiting):\n'
        '    """Take a connection from the pool, or wait until one is available."""\n'
        f"    total = 0\n{FILLING}"
        '    raise Exhausted(f"Connection is not available, request timed out after {waiting} ms")\n'
    ),
    "manage.py": (
        "import sys\n\n\ndef check(arguments):\n    return arguments\n\n\n"
        "def run(arguments):\n    sys.exit(check(arguments))\n"
    ),
    "setup.toml": '[tool]\nname = "shop"\nminimum-version = "3.1"\nmax_retries = 4\n',
    "server/Version.java": "/** The minimum version that is served. */\nclass Version {\n  int minimum;\n}\n",
    "tests/test_pool.py": (
        "def test_timed_out():\n"
        '    assert str(acquire(0, 3)) == "Connection is not available, request timed out after 3 ms"\n\n\n'
        "def test_not_available():\n"
        '    assert "Connection is not available" in told()\n'
    ),
    "README.md": "# Shop\n\nAsk `whether a request timed out after a while` and see what is found.\n",
    "shop/web/utils.py": (
        "def render(page):\n    return page.render()\n\n\ndef send(page, wire):\n    wire.write(page)\n"
    ),
    "server/requests.py": (
        "class Request:\n"
        '    """A request for a connection that timed out is not available after that."""\n\n'
        "    def timed_out(self, after):\n"
        '        """Whether the request timed out after a while."""\n'
        "        return self.begun + after\n"
    ),
    "server/Handler.java": (
        "class Handler {\n  void handle(Exchange exchange) {\n    exchange.send(404);\n  }\n}\n"
    ),
    "server/next.go": (
        "package server\n\n// Next calls the next handler of the app.\n"
        "func (c *Ctx) Next() error {\n\treturn c.app.next(c)\n}\n\n"
        "func (app *App) next(c *Ctx) error {\n\treturn app.route(c)\n}\n"
    ),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodebaseService]:
    with served(tmp_path_factory.mktemp("pasted"), FILES) as service:
        yield service


def first(service: CodebaseService, query: str, **options: str) -> SearchResult:
    return service.search_code(query, limit=3, **options)["results"][0]  # type: ignore[arg-type]  # only texts


@pytest.mark.parametrize(
    "query",
    [
        "shop/web/utils.py:6",
        "./shop/web/utils.py:6:12",
        "why does utils.py:6 fail?",
        "shop\\web\\utils.py:6: error: page is None",
        'Traceback:\n  File "/home/me/checkout/shop/web/utils.py", line 6, in send\n    wire.write(page)',
        "    at send (file:///srv/app/shop/web/utils.py:6:3)",
        "    at send (http://localhost:5173/shop/web/utils.py?t=17000&v=4a.b:6:3)",
        "shop/web/utils.py(6,3): error TS2345",
        "in C:\\build\\shop\\web\\utils.py:line 6",
        "https://github.com/someone/shop/blob/v1.2/shop/web/utils.py#L6",
    ],
)
def test_the_code_at_a_place_that_is_named_comes_first(service: CodebaseService, query: str) -> None:
    found = first(service, query)
    assert (found["file_path"], found["symbol"]) == ("shop/web/utils.py", "send")
    assert found["similarity_score"] == 1


def test_an_absolute_path_inside_the_root_is_read_as_one_of_the_root(service: CodebaseService) -> None:
    root = service.served_roots()[0].path
    assert first(service, f"{root}/shop/web/utils.py:2")["symbol"] == "render"
    assert first(service, "page", path=f"{root}/shop")["file_path"].startswith("shop/")
    assert service.find_symbol("render", path=f"{root}/shop/web")["total_count"] == 1


def test_frames_of_a_trace_come_in_its_order_without_those_of_libraries(service: CodebaseService) -> None:
    trace = (
        "goroutine 1 [running]:\n/usr/lib/go/src/net/utils.py:2 +0x1\n"
        "\t/home/ci/shop/web/utils.py:6 +0x1d\n\t/home/ci/server/next.go:9 +0x2f\n"
    )
    results = service.search_code(trace, limit=3)["results"]
    assert [one["symbol"] for one in results[:2]] == ["send", "App.next"]


def test_a_frame_that_names_only_its_file_is_found_by_it(service: CodebaseService) -> None:
    assert first(service, "at a.b.Handler.handle(Handler.java:3)")["file_path"] == "server/Handler.java"


@pytest.mark.parametrize(
    ("trace", "symbol"),
    [
        ('  File "/srv/shop/web/utils.py", line 1, in send\n    wire.write(page)', "send"),
        ("    at async send (file:///srv/app/shop/web/utils.py:1:3)", "send"),
        ("shop/web/utils.py:1:in `send'", "send"),
        ("\tat shop.Handler.handle(Handler.java:77)", "Handler.handle"),
        ("   at Shop.Handler.handle(Exchange e) in C:\\b\\server\\Handler.java:line 1", "Handler.handle"),
        ("server.(*App).next(0xc0)\n\t/home/ci/server/next.go:4 +0x2f", "App.next"),
        ("   3: shop::web::send\n             at ./shop/web/utils.py:1:5", "send"),
        ("shop/web/utils.py:1, in nothing_here", "render"),
    ],
)
def test_a_trace_of_another_release_is_read_by_its_functions(
    service: CodebaseService, trace: str, symbol: str
) -> None:
    assert first(service, trace)["symbol"] == symbol


def test_what_is_shown_of_a_long_function_is_around_the_line_named(service: CodebaseService) -> None:
    found = first(service, "shop/pool.py:40", content="preview")
    assert found["start_line"] <= 40 <= found["end_line"] <= found["start_line"] + 6


@pytest.mark.parametrize(
    "query",
    [
        "shop/web/utils.py",
        "utils.py",
        "`web/utils.py`",
        "what does shop/web/utils.py do?",
        "/srv/app/shop/web/utils.py",
    ],
)
def test_a_file_that_is_named_comes_first(service: CodebaseService, query: str) -> None:
    found = first(service, query)
    assert (found["file_path"], found["similarity_score"]) == ("shop/web/utils.py", 1)


@pytest.mark.parametrize(
    "trace",
    [
        "/home/me/checkout/manage.py:9",
        'Traceback:\n  File "/usr/src/app/manage.py", line 9, in run\n    sys.exit(check(arguments))',
        "at run (file:///srv/app/manage.py:9:3)",
        "C:\\build\\shop\\manage.py(9): error",
        "#0 0x4f in run /build/shop-2.1/manage.py:9:5",
    ],
)
def test_a_file_in_the_root_is_found_by_a_path_of_another_machine(
    service: CodebaseService, trace: str
) -> None:
    found = first(service, trace)
    assert (found["file_path"], found["symbol"], found["similarity_score"]) == ("manage.py", "run", 1)


@pytest.mark.parametrize(
    "trace",
    [
        'File "/usr/lib/python3.11/site-packages/django/manage.py", line 9',
        "/srv/app/node_modules/tool/manage.py:9",
        "other/manage.py:9",
        "/usr/local/go/src/fmt/manage.py:9",
    ],
)
def test_a_file_of_a_library_is_not_the_one_in_the_root(service: CodebaseService, trace: str) -> None:
    assert first(service, trace)["similarity_score"] < 1


def test_what_only_looks_like_a_file_points_nowhere(service: CodebaseService) -> None:
    assert first(service, "page.render")["symbol"] == "render"
    assert first(service, "lib/other/utils.py")["similarity_score"] < 1, (
        "another folder's file is not this one"
    )
    assert first(service, "nothing.py renders a page")["similarity_score"] < 1


@pytest.mark.parametrize("key", ["minimum-version", "max_retries"])
def test_a_key_that_no_code_defines_is_found_where_it_is_set(service: CodebaseService, key: str) -> None:
    found = first(service, key)
    assert (found["file_path"], found["similarity_score"]) == ("setup.toml", 1)


def test_a_quotation_is_looked_for_in_the_code_before_its_tests(service: CodebaseService) -> None:
    results = service.search_code('"Connection is not available"', limit=3)["results"]
    assert results[0]["file_path"] == "shop/pool.py"
    assert {one["file_path"] for one in results[1:]} == {"tests/test_pool.py"}
    assert first(service, 'tests of "Connection is not available"')["file_path"] == "tests/test_pool.py"


def test_a_line_past_the_end_of_this_very_file_means_its_end(service: CodebaseService) -> None:
    assert first(service, "shop/web/utils.py:900")["file_path"] == "shop/web/utils.py"


def test_a_line_past_the_end_of_a_file_of_that_name_and_a_port_point_nowhere(
    service: CodebaseService,
) -> None:
    assert first(service, "/usr/lib/web/utils.py:900")["similarity_score"] < 1
    assert first(service, "render on localhost:8080")["similarity_score"] < 1


def test_filters_hold_for_places_as_well(service: CodebaseService) -> None:
    results = service.search_code("shop/web/utils.py:6", path="server")["results"]
    assert all(one["file_path"].startswith("server/") for one in results)


@pytest.mark.parametrize(
    "message",
    [
        "Connection is not available, request timed out after",
        "pool-1 - Connection is not available, request timed out after 30005 ms (total=10, idle=0)",
    ],
)
def test_the_code_that_writes_a_message_comes_before_code_about_its_words(
    service: CodebaseService, message: str
) -> None:
    found = first(service, message, content="preview")
    assert found["file_path"] == "shop/pool.py"
    assert "request timed out after {waiting}" in found["content"]


def test_a_pasted_line_of_code_finds_its_own(service: CodebaseService) -> None:
    assert first(service, "func (app *App) next(")["symbol"] == "App.next"


def test_a_question_is_not_mistaken_for_a_quotation(service: CodebaseService) -> None:
    found = first(service, "whether a request timed out")
    assert found["symbol"] == "Request.timed_out"
    assert found["similarity_score"] < 1


def test_prose_that_quotes_a_question_is_not_its_answer(service: CodebaseService) -> None:
    assert first(service, "whether a request timed out after a while")["symbol"] == "Request.timed_out"


def test_many_places_are_read_in_time_linear_in_the_text() -> None:
    assert places("a/" * 900 + "b.py:3")[0].line == 3
    assert places("a." * 1_000) == ()


def test_a_quoted_text_that_nothing_has_is_said_to_be_nowhere(service: CodebaseService) -> None:
    answer = service.search_code('"Connection is NOT available"')
    assert answer["results"] == []
    (said,) = answer["warnings"]
    assert said.startswith('No chunk has "Connection is NOT available" letter by letter')


def test_a_diff_from_a_version_that_is_not_kept_says_so_in_its_text(service: CodebaseService) -> None:
    found = first(service, "App.next")
    answer = service.get_chunks([found["chunk_id"]], diff_from="abc")
    assert "No code with the hash 'abc' is stored here." in of_chunks(answer)


def test_a_question_with_a_quotation_that_nothing_has_is_answered_by_its_words(
    service: CodebaseService,
) -> None:
    """A sentence quotes what its writer remembers; only the quotation alone asks whether it is there."""
    answer = service.search_code('whether a request "has Timed out"')
    assert answer["results"][0]["symbol"] == "Request.timed_out"
    said = 'No chunk has "has Timed out" letter by letter, case and spaces included'
    assert f"{said}; the results are those of the words." in answer["warnings"]
    assert service.search_code('where is "has Timed out"')["results"] == [], "nothing is asked besides"


def test_a_quotation_that_is_somewhere_filters_whatever_the_words_say(service: CodebaseService) -> None:
    answer = service.search_code('whether a request "func (app *App) next("')
    assert [result["symbol"] for result in answer["results"]] == ["App.next"]


LONG = "".join(f"    step_{n} = prepare(step_{n}, {n})\n" for n in range(40))
MESSAGES = {
    "app/launch.py": (
        f"def launch(config):\n{LONG}    if config.clustered:\n"
        '        refuse("cluster mode not supported on this platform")\n'
        f"{LONG.replace('step', 'stage')}    return config\n"
    ),
    "app/modes.py": (
        'def cluster_mode(supported):\n    """Cluster mode not supported by all: is it?"""\n'
        "    return supported\n\n\n"
        "def mode_supported(cluster, mode):\n    # cluster mode not supported yet\n"
        "    return mode in cluster.supported_modes\n"
    ),
    "tests/test_launch.py": (
        "def test_cluster_mode_not_supported():\n"
        '    with raises(match="cluster mode not supported"):\n        launch(cluster_mode)\n'
    ),
    "app/quit.py": 'def quit(log):\n    log("early termination, zyx")\n',
}


@pytest.fixture(scope="module")
def saying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodebaseService]:
    with served(tmp_path_factory.mktemp("messages"), MESSAGES) as service:
        yield service


def test_a_short_message_leads_to_the_code_that_says_it(saying: CodebaseService) -> None:
    """Not to a function of that name, a comment, a doc or the test that expects it."""
    answer = saying.search_code("Cluster mode not supported")
    found = answer["results"][0]
    assert (found["file_path"], found["symbol"]) == ("app/launch.py", "launch")
    assert "cluster mode not supported on" in found.get("content", "")
    assert answer["warnings"] == []


def test_without_that_message_the_like_named_code_leads(saying: CodebaseService) -> None:
    assert first(saying, "is cluster mode supported")["file_path"] == "app/modes.py"


@pytest.mark.parametrize("query", ['"early termination"', '"zyx"', '"_39, 39)"', '"="'])
def test_what_has_the_quoted_part_is_never_called_no_answer(saying: CodebaseService, query: str) -> None:
    answer = saying.search_code(query)
    assert answer["results"]
    assert answer["warnings"] == []


@pytest.mark.parametrize("query", ["???", "=> !=", "\U0001f600"])
def test_a_question_without_a_word_is_told_so(saying: CodebaseService, query: str) -> None:
    answer = saying.search_code(query)
    assert answer["results"] == []
    (warning,) = answer["warnings"]
    assert "no word" in warning
    assert "quotes" in warning


@pytest.mark.parametrize("content", ["none", "preview"])
def test_what_is_not_shown_whole_is_not_joined(
    service: CodebaseService, content: Literal["none", "preview"]
) -> None:
    """Of results joined into one only the best would be seen, and the others be in none."""
    question, path = "page wire render send", "shop/web"
    (whole,) = service.search_code(question, path=path)["results"]
    assert len(whole["chunk_ids"]) == 2
    apart = service.search_code(question, path=path, content=content)["results"]
    assert {one["chunk_id"] for one in apart} == set(whole["chunk_ids"])
