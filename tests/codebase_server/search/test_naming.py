"""Questions that ask for a name: what is the name in them, and what is none."""

import pytest

from codebase_server.search.query import understand


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("ConnectionPool", ("ConnectionPool",)),
        ("Pool.release", ("Pool", "release")),
        ("Pool::release", ("Pool", "release")),
        ("Pool#release", ("Pool", "release")),
        ("pool->release()", ("pool", "release")),
        ("save!", ("save!",)),
        ("empty?", ("empty?",)),
        ("$pool", ("$pool",)),
        ("class Pool", ("Pool",)),
        ("class Pool:", ("Pool",)),
        ("export default class Pool {", ("Pool",)),
        ("def release", ("release",)),
        ("async def release(self):", ("release",)),
        ("func (p *Pool) Release(", ("Release",)),
        ("pub fn into_response", ("into_response",)),
        ("#define MAX_SIZE", ("MAX_SIZE",)),
        ("struct uv_loop_s", ("uv_loop_s",)),
        ("Pool<T>", ("Pool",)),
        ("std::vector<int>", ("std", "vector")),
        ("release(pool, 3)", ("release",)),
        ("Pool.release/2", ("Pool", "release")),
        ("ConnectionPool class", ("ConnectionPool",)),
        ("the Pool.release method", ("Pool", "release")),
        ("where is Pool defined", ("Pool",)),
        ("where is ConnectionPool?", ("ConnectionPool",)),
        ("definition of ConnectionPool", ("ConnectionPool",)),
    ],
)
def test_a_name_is_known_with_what_people_put_around_it(text: str, spelt: tuple[str, ...]) -> None:
    query = understand(text)
    assert query.is_symbol
    assert query.names[0].spelt == spelt


@pytest.mark.parametrize(
    "text",
    [
        "class loader",
        "type checking",
        "struct packing",
        "HTTP method",
        "JSON object",
        "method GET",
        "find Python",
        "retry (with backoff)",
        "timeout [seconds]",
        "where is the pool closed",
        "how is ConnectionPool closed",
        "Pool release",
    ],
)
def test_a_topic_is_no_name_though_it_has_a_kind_in_it(text: str) -> None:
    assert not understand(text).is_symbol


def test_only_the_name_is_looked_up() -> None:
    assert understand("class Pool").terms == understand("Pool").terms
