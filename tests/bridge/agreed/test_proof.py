"""Whether a door knows the token is told by its answer to a challenge, and by nothing else that comes."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.agreed import proof

TOKEN = "t" * 43
HERE = ("127.0.0.1", 8020)
CHALLENGE = "0123456789abcdef" * 4


def told(token: str = TOKEN, address: tuple[Any, ...] = HERE, challenge: str = CHALLENGE) -> bytes:
    return json.dumps(proof.answer(token, address, challenge)).encode()


def test_a_proof_is_of_one_token_one_address_and_one_challenge() -> None:
    assert proof.fits(told(), TOKEN, HERE, CHALLENGE)
    assert proof.fits(told(address=(*HERE, 0, 0)), TOKEN, HERE, CHALLENGE), "IPv6 tells more than two parts"
    assert not proof.fits(told(token="u" * 43), TOKEN, HERE, CHALLENGE)
    assert not proof.fits(told(address=("127.0.0.1", 8021)), TOKEN, HERE, CHALLENGE)
    assert not proof.fits(told(address=("127.0.0.2", 8020)), TOKEN, HERE, CHALLENGE)
    assert not proof.fits(told(challenge="f" * 64), TOKEN, HERE, CHALLENGE)


def test_neither_the_token_nor_what_a_browser_keeps_can_be_had_by_asking() -> None:
    from bridge.loopback.tokens import session_of

    assert TOKEN not in told().decode()
    assert proof.challenge_in(b"challenge=session of workflow") == ""
    assert session_of(TOKEN, "workflow") not in told().decode()


@pytest.mark.parametrize(
    "query", [b"", b"challenge=", b"challenge=abc", b"challenge=" + b"A" * 64, b"x=1&challenge=" + b"a" * 64]
)
def test_what_is_no_challenge_is_not_answered(query: bytes) -> None:
    assert proof.challenge_in(query) == ""


def test_a_new_challenge_is_one_and_never_the_same() -> None:
    first, second = proof.new_challenge(), proof.new_challenge()
    assert first != second
    assert proof.challenge_in(proof.target(first).partition("?")[2].encode()) == first


@given(st.binary() | st.recursive(st.none() | st.text(), st.lists).map(lambda one: json.dumps(one).encode()))
def test_no_other_body_is_a_proof(raw: bytes) -> None:
    assert not proof.fits(raw, TOKEN, HERE, CHALLENGE)


@pytest.mark.parametrize("given", [None, 3, [], {}, "", "\udcff", "é" * 44])
def test_no_other_value_is_a_proof(given: object) -> None:
    assert not proof.fits(json.dumps({"proof": given}).encode(), TOKEN, HERE, CHALLENGE)


def on_a_connection(answer: Callable[[str, tuple[Any, ...]], bytes], seconds: float = 10.0) -> bool:
    """What `given_on` says of a door that answers so."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                query = connection.recv(4096).split(b"?", 1)[1].split(b" ", 1)[0]
                connection.sendall(answer(proof.challenge_in(query), connection.getsockname()))

        server = threading.Thread(target=serve)
        server.start()
        try:
            with socket.create_connection(listening.getsockname()) as connection:
                return proof.given_on(connection, TOKEN, seconds)
        finally:
            server.join()


def http(body: bytes, status: str = "200 OK", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\ncontent-length: {size}\r\n\r\n".encode() + body


def test_who_proves_it_on_the_connection_is_believed_and_nobody_else() -> None:
    assert on_a_connection(lambda challenge, here: http(told(TOKEN, here, challenge)))
    for other in (
        lambda challenge, here: http(told("u" * 43, here, challenge)),
        lambda challenge, here: http(told(TOKEN, ("127.0.0.1", 1), challenge)),
        lambda challenge, here: http(told(TOKEN, here, challenge), "404 Not Found"),
        lambda challenge, here: http(told(TOKEN, here, challenge), length=4000),
        lambda challenge, here: http(b"x" * 10_000),
        lambda challenge, here: b"HTTP/1.1 200 OK\r\n\r\n" + told(TOKEN, here, challenge),
        lambda challenge, here: b"SSH-2.0-x\r\n",
        lambda challenge, here: b"",
    ):
        assert not on_a_connection(other)


def test_who_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with socket.create_connection(silent.getsockname()) as connection, pytest.raises(TimeoutError):
            proof.given_on(connection, TOKEN, 0.05)
        assert proof.of_door(f"http://127.0.0.1:{silent.getsockname()[1]}", TOKEN, 0.05) is False
        port = silent.getsockname()[1]
    assert proof.of_door(f"http://127.0.0.1:{port}", TOKEN, 0.05) is None, "nobody is there"
