"""A line that is no message is answered at once, so that nobody waits for what will not come."""

from __future__ import annotations

import json

import pytest

from bridge.hosting.frames import INVALID_REQUEST, PARSE_ERROR, refusal

PING = '{"jsonrpc":"2.0","id":7,"method":"ping"}'


def test_messages_and_empty_lines_pass() -> None:
    for line in (PING, '{"jsonrpc":"2.0","method":"notifications/initialized"}', "", "\n"):
        assert refusal(line) is None


@pytest.mark.parametrize(
    ("line", "code", "identifier"),
    [
        (PING.replace("ping", "\\ud800"), PARSE_ERROR, 7),
        ('{"jsonrpc":"2.0","id":7,"method":"ping","params":' + '{"a":' * 5000, PARSE_ERROR, 7),
        (
            '{"method":"ping","params":' + "[" * 5000 + "]" * 5000 + ',"jsonrpc":"2.0","id":"x-1"}',
            PARSE_ERROR,
            "x-1",
        ),
        ("no JSON", PARSE_ERROR, None),
        ('{"jsonrpc":"2.0","id":7,"method":5}', INVALID_REQUEST, 7),
        (f"[{PING}]", INVALID_REQUEST, None),
    ],
)
def test_what_is_no_message_is_answered_with_its_id(line: str, code: int, identifier: object) -> None:
    answer = json.loads(refusal(line) or "null")
    assert answer["id"] == identifier
    assert answer["error"]["code"] == code
    assert answer["error"]["message"]


def test_a_notification_that_nobody_understands_wants_no_answer() -> None:
    assert refusal('{"jsonrpc":"2.0","method":5}') is None
