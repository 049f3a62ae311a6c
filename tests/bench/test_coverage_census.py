"""A count of branches knows which of the processes that began left nothing of what they ran."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bench.coverage import census

BEGIN = Path(census.__file__).with_name("begin.py")
COUNTING = """
import os, time, types, sys

def written():
    open(f"{data}.host.pid{{os.getpid()}}.XaBcDeFx.HaBcDeFgHiJkLh", "w").close()

class Counting(types.ModuleType):
    @staticmethod
    def process_startup():
        import atexit
        atexit.register(written)
        leave = os._exit

        def leaving(status):
            time.sleep({slowly})
            written()
            leave(status)

        os._exit = leaving

sys.modules["coverage"] = Counting("coverage")
"""


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    folder = tmp_path / "begun"
    folder.mkdir()
    return folder


def ran(program: str, begun: Path, *, counts: bool, slowly: float = 0) -> int:
    """Run `program` after what begins every counted process; returns its process number.

    `counts` tells whether it has what writes a file at a process's end, as coverage does, and `slowly` how
    many seconds that takes.
    """
    known = "COUNTED" if counts else "NOTHING"
    head = f"import sys\nscope = {{'SETTINGS': 'settings.ini', 'BEGUN': {str(begun)!r}}}\n"
    written = (
        COUNTING.format(data=begun.parent / "data", slowly=slowly)
        if counts
        else "sys.modules['coverage'] = None\n"
    )
    begin = f"try:\n    exec(open({str(BEGIN)!r}).read(), scope)\nexcept ImportError:\n    pass\n" * 2
    # -S: where this test itself is counted, a file of `site` would begin before
    process = subprocess.Popen([sys.executable, "-S", "-c", f"{head}{written}{begin}{program}", known])
    process.wait(60)
    return process.pid


def test_who_began_twice_in_python_s_eyes_is_one_process(begun: Path) -> None:
    ran("", begun, counts=True)
    assert len(census.taken(begun, begun.parent / "data").began) == 1


def test_who_began_and_wrote_nothing_is_told_with_its_command(begun: Path) -> None:
    kept = ran("", begun, counts=True)
    killed = ran("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", begun, counts=False)

    taken = census.taken(begun, begun.parent / "data")

    assert {one.pid for one in taken.began} == {kept, killed}
    assert [(one.pid, one.parent, one.command[-1]) for one in taken.lost] == [
        (killed, os.getpid(), "NOTHING")
    ]
    assert taken.told().splitlines()[0] == "2 processes began, 1 wrote what they ran"
    assert taken.told().splitlines()[1].startswith("     1 did not: -S -c import sys")


def test_a_server_that_the_system_ends_in_a_moment_still_writes_what_it_ran(begun: Path) -> None:
    leaves = "import os, signal; signal.setitimer(signal.ITIMER_REAL, 0.2); os._exit(0)"
    ran(leaves, begun, counts=True, slowly=1)
    assert census.taken(begun, begun.parent / "data").lost == []


def test_a_process_that_became_another_program_has_two_lives(begun: Path) -> None:
    first, second = (begun / f"77.{moment}" for moment in (1, 2))
    for mark in (first, second):
        mark.write_text("1\0python\0-m\0codebase_server")
    (begun.parent / "data.host.pid77.XaBcDeFx").touch()

    assert len(census.taken(begun, begun.parent / "data").lost) == 1


def test_a_lost_worker_of_the_tests_makes_a_count_unfit_and_a_killed_server_does_not(begun: Path) -> None:
    pytest_itself, worker, server, servers_own = 10, 11, 12, 13
    reads = "import sys;exec(eval(sys.stdin.readline()))"
    for pid, parent, command in (
        (pytest_itself, 1, ["python", "-m", "pytest"]),
        (worker, pytest_itself, ["python", "-u", "-c", reads]),
        (server, worker, ["python", "-m", "workflow_server"]),
        (servers_own, server, ["python", "-u", "-c", reads]),
    ):
        (begun / f"{pid}.5").write_text("\0".join([str(parent), *command]))
    (begun.parent / "data.host.pid10.XaBcDeFx.HaBcDeFgHiJkLh").touch()

    taken = census.taken(begun, begun.parent / "data")

    assert [one.pid for one in taken.of_tests(pytest_itself)] == [worker]
