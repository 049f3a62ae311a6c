"""Text of others on a person's terminal: shown, never obeyed, and never too foreign to be printed."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.hosting.console import prepared, visible
from workflow_server.exchange.archive.form import FORMAT, MARK

COLOURED = "\x1b[1;33mname\x1b[0m \x1b]8;;file:///src/a.py\x1b\\a.py:3\x1b]8;;\x1b\\"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext → ünï\r\n", "plain\ttext → ünï\r\n"),
        (COLOURED, COLOURED),
        ("\x1b]8;id=4;file:///a\x1b\\a\x1b]8;;\x1b\\", "\x1b]8;id=4;file:///a\x1b\\a\x1b]8;;\x1b\\"),
        ("\x1b[2J", "␛[2J"),
        ("\x1b[8mhidden", "␛[8mhidden"),
        ("\x1b[1;8mhidden", "␛[1;8mhidden"),
        ("\x1b[38;2;0;0;0mblack", "␛[38;2;0;0;0mblack"),
        (
            "\x1b]8;;file://other.example/share\x1b\\a\x1b]8;;\x1b\\",
            "␛]8;;file://other.example/share␛\\a\x1b]8;;\x1b\\",
        ),
        ("\x1b[1A\x1b[2Kall tests pass", "␛[1A␛[2Kall tests pass"),
        ("\x1b]52;c;cm0gLXJm\x07", "␛]52;c;cm0gLXJm␇"),
        ("\x1b]8;;https://evil.example\x1b\\a\x1b]8;;\x1b\\", "␛]8;;https://evil.example␛\\a\x1b]8;;\x1b\\"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("shown\rhidden", "shown␍hidden"),
        ("\x9b2J", "\\u009b2J"),
        ("a\x00b\x7f", "a␀b␡"),
        ("admin\u202e}", "admin\\u202e}"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
    ],
)
def test_only_signs_colours_and_file_links_arrive(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(alphabet=st.sampled_from("\x1b[]8;m0Kfile:/\\\r\n\x07\x9b\u202eab"), max_size=40))
def test_no_other_sequence_gets_through(text: str) -> None:
    left = visible(text)
    assert visible(left) == left
    for at, sign in enumerate(left):
        if sign == "\x1b":
            assert left[at + 1] in "[]\\"
            assert left[at + 1] != "[" or set(left[at + 2 :].split("m")[0]) <= set("0123456789;")
        assert sign not in "\x07\x9b\u202e"


def test_a_code_page_without_the_sign_does_not_end_the_command() -> None:
    stream = prepared(io.TextIOWrapper(io.BytesIO(), encoding="cp1252"))
    assert stream.write("ü → ⏎\n") > 0
    stream.flush()
    assert isinstance(stream, io.TextIOWrapper)
    assert stream.buffer.getvalue() == b"\xfc \\u2192 \\u23ce\n"


def test_a_stream_of_a_program_that_embeds_the_command_is_left_alone() -> None:
    own = io.StringIO()
    assert prepared(own) is own


@pytest.mark.parametrize("program", ["codebase_server", "workflow_server"])
@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "pipe"])
@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
def test_a_hostile_repository_cannot_steer_the_terminal(tmp_path: Path, program: str, terminal: bool) -> None:
    """The commands themselves, with a code page of Windows on stdout. Items hold no control characters."""
    hostile = "\x1b]52;c;cm0gLXJm\x07\x1b[2J → hidden"
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text(f"def water_plants():\n    return '{hostile}'\n")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CODEBASE_DATA_DIR": str(tmp_path / "codebase"),
        "WORKFLOW_DATA_DIR": str(tmp_path / "workflow"),
        "TANDEM_RUNTIME_DIR": str(tmp_path / "run"),
        "WORKFLOW_PROJECT": "tests",
        "BRIDGE": "off",
        "PYTHONIOENCODING": "cp1252",
        "TERM": "xterm",
    }
    commands = {
        "codebase_server": [["index", "--root", "."], ["search", "--content", "full", "water plants"]],
        "workflow_server": [["add", "-d", "→ hidden", "Water →"], ["list"], ["show", "1"]],
    }[program]
    shown = b""
    item = ""
    for command in commands:
        words = [item if word == "1" else word for word in command]
        told = run([sys.executable, "-m", program, *words], environment, tmp_path / "code", terminal=terminal)
        item = item or told.decode("cp1252").split()[0]
        shown += told
    if terminal:
        assert b"\x1b]52" not in shown
        assert b"\x1b[2J" not in shown
        assert b"\x07" not in shown
    assert b"\\u2192" in shown, "what the code page does not have is spelt"


ESCAPES = "\x1b]52;c;cm0gLXJm\x07\x1b[2J\x1b[8m"


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("workflow_server", ["import", "evil.jsonl"]),
        ("workflow_server", ["show", ESCAPES]),
        ("workflow_server", ["list", "--sort", ESCAPES]),
        ("workflow_server", [ESCAPES]),
        ("codebase_server", ["show", "--root", ".", ESCAPES]),
        ("codebase_server", ["search", "--root", ESCAPES, "x"]),
        ("codebase_server", ["outline", "--root", ".", ESCAPES]),
        ("codebase_server", [ESCAPES]),
    ],
)
def test_a_refusal_cannot_steer_the_terminal_either(tmp_path: Path, program: str, words: list[str]) -> None:
    """Errors and warnings go to standard error, and repeat what an argument or a file holds."""
    (tmp_path / "evil.jsonl").write_text(
        "\n".join((json.dumps({MARK: FORMAT, "project": "x"}), json.dumps({"kind": ESCAPES})))
    )
    (tmp_path / "a.py").write_text("x = 1\n")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CODEBASE_DATA_DIR": str(tmp_path / "codebase"),
        "WORKFLOW_DATA_DIR": str(tmp_path / "workflow"),
        "TANDEM_RUNTIME_DIR": str(tmp_path / "run"),
        "WORKFLOW_PROJECT": "tests",
        "BRIDGE": "off",
        "TERM": "xterm",
    }
    told = on_a_terminal([sys.executable, "-m", program, *words], environment, tmp_path)[1]
    assert told.strip()
    for sequence in (b"\x1b]52", b"\x1b[2J", b"\x1b[8m", b"\x07"):
        assert sequence not in told


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
def test_brackets_in_a_file_s_name_mean_nothing_to_the_progress_bar(tmp_path: Path) -> None:
    root = tmp_path / "root" / "["
    root.mkdir(parents=True)
    (root / "bold].py").write_text("y = 1\n")  # `[/bold].py`, which would close what nothing has opened
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CODEBASE_DATA_DIR": str(tmp_path / "codebase"),
        "TANDEM_RUNTIME_DIR": str(tmp_path / "run"),
        "TERM": "xterm",
    }
    command = [sys.executable, "-m", "codebase_server", "index", "--root", str(root.parent)]
    code, told = on_a_terminal(command, environment, tmp_path)
    assert code == 0, told.decode()
    assert b"1 file" in told


def on_a_terminal(command: list[str], environment: dict[str, str], folder: Path) -> tuple[int, bytes]:
    """The exit code of a command, and what came of both its streams to one terminal."""
    import pty  # which Windows does not have

    ours, theirs = pty.openpty()
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=theirs, stderr=theirs) as child:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux' way to tell the end
                break
            if not part:
                break
            shown += part
        os.close(ours)
        return child.wait(120), shown


def run(command: list[str], environment: dict[str, str], folder: Path, *, terminal: bool) -> bytes:
    if not terminal:
        done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout
    import pty  # which Windows does not have

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, env=environment, cwd=folder, stdout=theirs, stderr=subprocess.PIPE
    ) as child:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux' way to tell the end
                break
            if not part:
                break
            shown += part
        _, errors = child.communicate(timeout=120)
    os.close(ours)
    assert child.returncode == 0, errors.decode()
    return shown
