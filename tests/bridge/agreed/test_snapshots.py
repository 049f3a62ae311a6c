"""What may be kept of code, and for how much of it there is room."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.agreed.snapshots import MAX_CODE_BYTES, keepable, looks_secret


@pytest.mark.parametrize(
    "code",
    [
        "-----BEGIN RSA" + " PRIVATE KEY-----\nMIIE",
        "key = 'AKIA" + "ABCDEFGHIJKLMNOP'",
        "token: ghp_" + "a1B2" * 9,
        "url = 'postgres://admin:hunter2hunter2@db/prod'",
        'API_KEY = "9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c"',
        "db_password => 'x9Kq2LmZp7Rt4Wv8'",
        '{"client_secret": "dGhpc2lzYXNlY3JldDEyMw=="}',
        "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N",
    ],
)
def test_code_with_a_key_in_it_is_not_kept(code: str) -> None:
    assert looks_secret(code)
    assert keepable(code) == ("", True)


@pytest.mark.parametrize(
    "code",
    [
        "def authenticate(user, password):\n    return check(user, password)",
        "token = request.headers['Authorization']",
        'password = os.environ["DATABASE_PASSWORD"]',
        'TOKEN_URL = "https://auth.example.org/oauth/token"',
        "secret_name = 'production-database'",
        "url = f'postgres://{user}:{password}@{host}/db'",
        "api_key: str = field(default='')",
        "for key, value in tokens.items(): ...",
    ],
)
def test_code_that_only_speaks_of_secrets_is_kept(code: str) -> None:
    assert keepable(code) == (code, False)


LOOKED_AT = """
import sys
from bridge.agreed.snapshots import looks_secret
lines = (("pass", "-"), ("password ", "a-"), ("", "password"), ("", "eyJ-"), ("", "a"), ("", "token="))
for begins, repeated in lines:
    assert not looks_secret(begins + repeated * (100_000 // len(repeated)))
"""


def test_a_line_of_a_hundred_thousand_letters_is_looked_at_once() -> None:
    """Each of these took hours when every letter was tried as the first of a name."""
    subprocess.run([sys.executable, "-c", LOOKED_AT], check=True, timeout=120)


@given(st.text(max_size=6_000))
def test_what_is_kept_is_a_beginning_of_the_code_and_fits(code: str) -> None:
    kept, truncated = keepable(code)
    if not looks_secret(code):
        assert code.startswith(kept)
        assert truncated == (kept != code)
    assert len(kept.encode("utf-8", "replace")) <= MAX_CODE_BYTES


def test_long_code_is_cut_at_a_line() -> None:
    code = "\n".join(f"line {number}" for number in range(1_000))
    kept, truncated = keepable(code)
    assert truncated
    assert kept.splitlines() == code.splitlines()[: len(kept.splitlines())]
