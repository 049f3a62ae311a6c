"""The process that a host launches: its wire, its end, and what it leaves behind."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
from tests.unhurried import unhurried

from .conftest import server_environment
from .processes import StdioServer, endpoint, endpoint_files, stdio_server, wait_until

PATIENCE_S = 60.0
"""How long a busy machine may take to end a process. bench.startup.life measures the 2 s of the contract."""


MANY = 200
"""Files that a pass takes a moment for, and not a minute where other programs have the processors."""


@contextmanager
def unhurried_server(environment: dict[str, str], folder: Path) -> Iterator[StdioServer]:
    """A server over stdio whose exit code tells whether it let go of everything, on any machine."""
    server = StdioServer(unhurried("codebase_server"), environment, folder)
    try:
        yield server
    finally:
        server.stop()


def many_files(repository: Path, count: int = MANY) -> None:
    """Enough to read that a pass is still running when the test acts."""
    for number in range(count):
        body = "\n\n".join(f"def f{number}_{part}(a, b):\n    return a + b * {part}" for part in range(20))
        (repository / "src" / f"many_{number}.py").write_text(body)


@contextmanager
def unfinishable(folder: Path) -> Iterator[None]:
    """What a pass makes cannot be published while this lasts, however fast the pass is."""
    (file,) = (folder / "data").glob("repositories/*/index.sqlite3")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_a_host_gets_answers_and_nothing_else_on_stdout(tmp_path: Path, repository: Path) -> None:
    with unhurried_server(server_environment(tmp_path, repository), tmp_path) as server:
        hello = server.initialize()
        assert hello["result"]["serverInfo"]["name"] == "codebase"
        done = server.record("index_repository")
        assert done["files"] == 3
        found = server.record("search_code", query="revoke_session")
        assert found["results"][0]["symbol"] == "revoke_session"
        server.close_stdin()
        assert server.process.wait(timeout=PATIENCE_S) == 0
        assert all(message["jsonrpc"] == "2.0" for message in server.messages())


def test_a_server_that_ends_with_workers_at_hand_tells_the_host_nothing_of_semaphores(
    tmp_path: Path, repository: Path
) -> None:
    text = "\n".join(f"def f{number}(a, b):\n    return a + b * {number}\n" for number in range(14_000))
    (repository / "src" / "large.py").write_text(text)  # a worker reads a file of this size
    with unhurried_server(server_environment(tmp_path, repository), tmp_path) as server:
        server.initialize()
        server.record("index_repository")
        trackers = [
            one
            for one in psutil.Process(server.process.pid).children()
            if any("resource_tracker" in part for part in one.cmdline())
        ]
        server.close_stdin()
        assert server.process.wait(timeout=PATIENCE_S) == 0
        assert trackers, "it had no workers"
        psutil.wait_procs(trackers, timeout=PATIENCE_S)
        assert "resource_tracker" not in server.log.read_text()


def test_the_first_call_finds_the_loopback_door_decided(tmp_path: Path, repository: Path) -> None:
    with stdio_server(server_environment(tmp_path, repository), tmp_path) as server:
        server.initialize()
        server.record("index_status")
        told = endpoint(tmp_path)
        assert told["pid"] == server.process.pid
        assert told["roots"][0]["root"] == str(repository)
        mode = endpoint_files(tmp_path)[0].stat().st_mode & 0o777
        assert mode == 0o600


@pytest.mark.parametrize("how", ["stdin closed", "SIGTERM", "SIGINT"])
def test_it_ends_in_the_middle_of_indexing_and_leaves_nothing(
    tmp_path: Path, repository: Path, how: str
) -> None:
    with stdio_server(server_environment(tmp_path, repository), tmp_path) as server:
        server.initialize()
        assert server.record("index_repository")["files"] == 3
    many_files(repository)
    environment = server_environment(tmp_path, repository)
    with unfinishable(tmp_path), unhurried_server(environment, tmp_path) as server:
        server.initialize()
        asked = server.request("tools/call", {"name": "index_repository", "arguments": {}})
        wait_until(lambda: any((tmp_path / "data").glob("repositories/*/writer.pid")), "the pass has begun")
        children = psutil.Process(server.process.pid).children(recursive=True)
        if how == "stdin closed":
            server.close_stdin()
        else:
            server.process.send_signal(signal.SIGTERM if how == "SIGTERM" else signal.SIGINT)
        server.process.wait(timeout=PATIENCE_S)
        assert server.process.returncode == (130 if how == "SIGINT" else 0)
        answers = [message for message in server.messages() if message.get("id") == asked]
        finished = [one for one in answers if "structuredContent" in one.get("result", {})]
        assert finished == [], "the pass was waited for, not interrupted"
        assert endpoint_files(tmp_path) == []
        _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
        assert alive == []
    # No lock is left: another server indexes the same repository at once.
    with stdio_server(server_environment(tmp_path, repository), tmp_path) as server:
        server.initialize()
        assert server.record("index_repository")["files"] == MANY + 3


HOST = textwrap.dedent(
    """
    import subprocess, sys, time
    server = subprocess.Popen([sys.executable, "-m", "codebase_server"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, pass_fds=())
    # A helper of the host inherits the pipe and outlives it: end of file will not come.
    holder = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"],
                              pass_fds=(server.stdin.fileno(),))
    server.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",'
                       b'"capabilities":{},"clientInfo":{"name":"host","version":"1"}}}\\n')
    server.stdin.flush()
    server.stdout.readline()
    print(server.pid, holder.pid, flush=True)
    time.sleep(120)
    """
)


@pytest.mark.skipif(sys.platform == "win32", reason="there the watch follows the parent's handle")
def test_it_ends_with_a_killed_host_even_when_the_pipe_stays_open(tmp_path: Path, repository: Path) -> None:
    environment = server_environment(tmp_path, repository)
    with subprocess.Popen(
        [sys.executable, "-c", HOST], stdout=subprocess.PIPE, env=environment, cwd=tmp_path
    ) as host:
        assert host.stdout is not None
        server_pid, holder_pid = (int(word) for word in host.stdout.readline().split())
        server = psutil.Process(server_pid)
        try:
            host.kill()
            host.wait()
            psutil.wait_procs([server], timeout=PATIENCE_S)
            assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
        finally:
            os.kill(holder_pid, signal.SIGKILL)


NOISY = textwrap.dedent(
    """
    import atexit, os, subprocess, sys, threading, warnings
    print("printed at import")
    os.write(1, b"written from C\\n") if "--early" in sys.argv else None
    sys.argv = ["codebase-server"]
    from bridge.hosting import wire
    claim = wire.claim
    def claimed():
        pipe = claim()
        print("printed after the claim", flush=True)
        os.write(1, b"written to descriptor 1\\n")
        threading.Thread(target=lambda: print("printed in a thread", flush=True)).start()
        subprocess.run(["sh", "-c", "echo from a child; cat"])
        warnings.warn("a warning")
        atexit.register(print, "printed at exit")
        return pipe
    wire.claim = claimed
    from codebase_server.__main__ import main
    main()
    """
)


@pytest.mark.skipif(sys.platform == "win32", reason="uses sh")
def test_noise_of_libraries_and_children_never_reaches_the_wire(tmp_path: Path, repository: Path) -> None:
    script = tmp_path / "noisy.py"
    # What is printed before the program's own first line stays in the buffer, and is the script's, not ours.
    script.write_text(NOISY.replace('print("printed at import")\n', ""))
    server = StdioServer([str(script)], server_environment(tmp_path, repository), tmp_path)
    try:
        server.initialize()
        server.record("index_status")
        server.close_stdin()
        server.process.wait(timeout=PATIENCE_S)
        assert len(server.messages()) == 2
        log = server.log.read_text()
        for noise in (
            "printed after the claim",
            "written to descriptor 1",
            "printed in a thread",
            "from a child",
        ):
            assert noise in log
    finally:
        server.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="uses sh")
def test_a_host_that_gives_no_stderr_gets_its_answers_too(tmp_path: Path, repository: Path) -> None:
    """Noise then goes nowhere; above all not to the descriptor that the wire gets next."""
    command = ["-c", "import os, sys; os.close(2); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"]
    command += unhurried("codebase_server")
    server = StdioServer(command, server_environment(tmp_path, repository), tmp_path)
    try:
        server.initialize()
        assert server.record("index_repository")["files"] == 3
        assert server.call("search_code", query="")["isError"]
        server.close_stdin()
        assert server.process.wait(timeout=PATIENCE_S) == 0
        assert all(message["jsonrpc"] == "2.0" for message in server.messages())
    finally:
        server.stop()


def test_a_cancelled_request_stops_the_pass(tmp_path: Path, repository: Path) -> None:
    environment = server_environment(tmp_path, repository)
    with stdio_server(environment, tmp_path) as server:
        server.initialize()
        assert server.record("index_repository")["files"] == 3
        many_files(repository)
        with unfinishable(tmp_path):
            meta = {"progressToken": "p"}
            number = server.request(
                "tools/call", {"name": "index_repository", "arguments": {}, "_meta": meta}
            )
            wait_until(
                lambda: any((tmp_path / "data").glob("repositories/*/writer.pid")), "the pass has begun"
            )
            server.send({"method": "notifications/cancelled", "params": {"requestId": number}})
            server.answer(server.request("ping"))  # what was sent before it has been read
        wait_until(lambda: server.record("index_status")["writer_pid"] is None, "the writer lets go")
        assert server.record("index_status")["index"]["files"] < MANY + 3
        told = [
            message["params"]["progress"]
            for message in server.messages()
            if message.get("method") == "notifications/progress"
        ]
        assert told == sorted(told)


def test_a_search_during_a_pass_is_answered_from_what_is_there(tmp_path: Path, repository: Path) -> None:
    many_files(repository)
    with stdio_server(server_environment(tmp_path, repository), tmp_path) as server:
        server.initialize()
        meta = {"progressToken": "p"}
        number = server.request("tools/call", {"name": "index_repository", "arguments": {}, "_meta": meta})
        server.wait_for(lambda message: message.get("method") == "notifications/progress")
        during = server.record("search_code", query="revoke_session")
        finished = server.answer(number)["result"]["structuredContent"]
        assert during["index"]["state"] in ("building", "partial", "ready")
        assert finished["files"] == MANY + 3
        after = server.record("search_code", query="revoke_session")
        assert after["index"]["state"] == "ready"
        assert after["results"][0]["symbol"] == "revoke_session"


def test_the_clients_roots_are_asked_for_when_no_other_root_is_known(
    tmp_path: Path, repository: Path
) -> None:
    environment = server_environment(tmp_path, repository)
    del environment["CODEBASE_ROOT"]
    with stdio_server(environment, tmp_path) as server:
        server.initialize(roots={"listChanged": False})
        number = server.request("tools/call", {"name": "index_status", "arguments": {}})
        asked = server.wait_for(lambda message: message.get("method") == "roots/list")
        server.send({"id": asked["id"], "result": {"roots": [{"uri": repository.as_uri()}]}})
        answer = server.answer(number)["result"]["structuredContent"]
        assert answer["root"] == str(repository)


def test_without_any_root_the_error_names_the_flag(tmp_path: Path, repository: Path) -> None:
    environment = server_environment(tmp_path, repository)
    del environment["CODEBASE_ROOT"]
    with stdio_server(environment, tmp_path) as server:
        server.initialize()
        result = server.call("search_code", query="x")
        assert result["isError"]
        assert "--root DIR" in result["content"][0]["text"]


def test_a_restart_serves_the_last_generation_at_once(tmp_path: Path, repository: Path) -> None:
    environment = server_environment(tmp_path, repository)
    with stdio_server(environment, tmp_path) as server:
        server.initialize()
        before = server.record("index_repository")["generation"]
        server.process.kill()
    with stdio_server(environment, tmp_path) as server:
        server.initialize()
        found = server.record("search_code", query="revoke_session")
        assert found["index"]["generation"] == before
        assert found["results"]
