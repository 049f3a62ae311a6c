"""What one process may take of the processor and of memory, where the system can be told (Linux)."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bridge.agreed import limits

if sys.platform != "linux":
    pytest.skip("limits of another process, and of memory, are Linux's", allow_module_level=True)

import resource


@pytest.fixture
def busy() -> Iterator[subprocess.Popen[bytes]]:
    """A process that never comes to an end by itself."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        yield process
        process.kill()


@pytest.mark.parametrize(("asked", "given"), [(0.2, 1), (1.0, 1), (2.6, 3)])
def test_a_process_is_given_whole_seconds_and_one_at_least(
    busy: subprocess.Popen[bytes], asked: float, given: int
) -> None:
    limits.limit_processor_time(busy.pid, asked)
    told, ended = resource.prlimit(busy.pid, resource.RLIMIT_CPU)
    assert told == given
    assert ended > told, "it is asked to end before it is ended"


def test_one_that_takes_more_is_ended(busy: subprocess.Popen[bytes]) -> None:
    limits.limit_processor_time(busy.pid, 1.0)
    assert busy.wait(120) == -signal.SIGXCPU


def test_of_a_process_that_has_ended_nothing_is_asked(busy: subprocess.Popen[bytes]) -> None:
    busy.kill()
    busy.wait()
    limits.limit_processor_time(busy.pid, 1.0)
    limits.limit_memory_of(busy.pid, 1_000_000)


def run(script: str) -> str:
    before = "import resource\nfrom bridge.agreed import limits\nKIND = resource.RLIMIT_DATA\n"
    return subprocess.check_output([sys.executable, "-c", before + script], text=True, timeout=120)


GROWS = """
def grows(size):
    try:
        return len(bytearray(size))
    except MemoryError:
        return 'refused'
"""


def test_a_part_that_may_grow_by_so_much_is_refused_more_and_what_follows_is_not() -> None:
    said = run(
        f"{GROWS}\n"
        "before = resource.getrlimit(KIND)\n"
        "with limits.at_most(60.0, 64 << 20):\n"
        "    print(grows(16 << 20), grows(256 << 20))\n"
        "print(grows(256 << 20), resource.getrlimit(KIND) == before)\n"
    )
    assert said.split() == [str(16 << 20), "refused", str(256 << 20), "True"]


def test_a_lower_limit_that_the_process_has_already_stays() -> None:
    said = run(
        f"{GROWS}\n"
        "limits.limit_memory(96 << 20)\n"
        "with limits.at_most(60.0, 1 << 30):\n"
        "    print(grows(512 << 20), resource.getrlimit(KIND)[0])\n"
        "print(grows(512 << 20), resource.getrlimit(KIND)[0])\n"
    )
    assert said.split() == ["refused", str(96 << 20)] * 2


def test_nested_parts_end_with_the_outermost_and_leave_no_alarm() -> None:
    said = run(
        "import signal\n"
        "with limits.at_most(60.0):\n"
        "    with limits.at_most(60.0):\n"
        "        pass\n"
        "    print(signal.getitimer(signal.ITIMER_PROF)[0] > 0)\n"
        "print(signal.getitimer(signal.ITIMER_PROF)[0])\n"
    )
    assert said.split() == ["True", "0.0"]
