"""The repositories, each made in a folder that is new. Beside what hurts, each holds `NEEDLE` once."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bench.hostile.git import trapped
from bench.hostile.sources import nested, slow_to_match, wide

NEEDLE: Final = "def the_needle_in_the_haystack"

MEGABYTE: Final = 1 << 20


def crowded(folder: Path, count: int) -> None:
    """``count`` files of one line in one folder."""
    at = os.open(folder, os.O_RDONLY)
    for number in range(count):
        file = os.open(f"f{number}.py", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=at)
        os.write(file, b"x = %d\n" % number)
        os.close(file)
    os.close(at)


def deep(folder: Path, _: int) -> None:
    """4,000 folders in each other, with a file in every hundredth: deeper than a path may be long."""
    at = os.open(folder, os.O_RDONLY)
    for level in range(4_000):
        os.mkdir("d", dir_fd=at)
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        if level % 100 == 0:
            os.close(os.open(f"level{level}.py", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=below))
        os.close(at)
        at = below
    os.close(at)


def names(folder: Path, _: int) -> None:
    """Names with every byte but the two that none may have, alone and in twos, and direction marks."""
    for first in range(1, 256):
        if first not in (ord("/"), ord(".")):
            _code(folder, b"x" + bytes([first]) + b".py")
            _code(folder, bytes([first]) + b"\n" + bytes([first]) + b".py")
    for name in ("\u202etxt.py", "\ufeff.py", "e\u0301.py", "\u00e9.py", "a" * 252 + ".py", "$(touch x).py"):
        _code(folder, name.encode())
    for name in ("-rf", "--help", "%2e%2e", "con", "nul.py", "a:b.py", "*", "\\", " ", "~"):
        below = folder / name
        below.mkdir()
        _code(below, b"one.py")


def links(folder: Path, _: int) -> None:
    """Loops, a chain of 1,000, links out, to nothing, to devices, and a fan of links to one folder."""
    (folder / "self").symlink_to("self")
    (folder / "loop").symlink_to(".")
    (folder / "out").symlink_to("/etc")
    (folder / "password.py").symlink_to("/etc/passwd")
    (folder / "nothing.py").symlink_to("/nowhere/at/all")
    (folder / "device.py").symlink_to("/dev/zero")
    (folder / "process").symlink_to("/proc/self")
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    (folder / "a" / "b").symlink_to("../b")
    (folder / "b" / "a").symlink_to("../a")
    for number in range(1_000):
        (folder / f"chain{number}.py").symlink_to(f"chain{number + 1}.py")
        (folder / "a" / f"again{number}").symlink_to("..")


def special(folder: Path, _: int) -> None:
    """FIFOs, sockets, and devices where the system lets one make them."""
    here = os.open(folder, os.O_RDONLY)
    for number in range(100):
        os.mkfifo(folder / f"pipe{number}.py")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(f"/proc/self/fd/{here}/socket{number}.py")  # an address may not be long
    os.close(here)
    for name, (kind, major, minor) in {
        "zero.py": (stat.S_IFCHR, 1, 5),
        "random.py": (stat.S_IFCHR, 1, 8),
        "terminal.py": (stat.S_IFCHR, 5, 0),
        "disk.py": (stat.S_IFBLK, 7, 0),
    }.items():
        try:
            os.mknod(folder / name, kind | 0o666, os.makedev(major, minor))
        except PermissionError:
            print(f"(no {name}: devices cannot be made here)")


def sparse(folder: Path, _: int) -> None:
    """A file of 2 GB, and fifty of as much as a source may have, none of which takes a block."""
    for name, size in {"huge.py": 2 << 30, "huge": 2 << 30, "huge.csv": 2 << 30}.items():
        with (folder / name).open("wb") as file:
            file.truncate(size)
    for number in range(50):
        with (folder / f"holes{number}.py").open("wb") as file:
            file.truncate(1_000_000)


def minified(folder: Path, _: int) -> None:
    """One line of 50 MB, and of as much as is read, in the languages that are minified."""
    for ending, part in {
        "js": "var a=function(b){return b&&b.c?b.c(d):[1,2,3]};",
        "py": "x=lambda a:(a and[1,2,3]or{'b':a});",
        "json": '{"a":[1,2,{"b":null}]},',
        "css": ".a>b:hover{color:red;margin:0 1px}",
        "html": "<div class=a><p>b</p></div>",
        "sql": "INSERT INTO a VALUES(1,'b');",
        "md": "a word and another ",
    }.items():
        (folder / f"fifty.{ending}").write_text(part * (50 * MEGABYTE // len(part)))
        (folder / f"just.{ending}").write_text(part * (1_000_000 // len(part) - 1))


def ignoring(folder: Path, _: int) -> None:
    """100,000 lines of an ignore file, with patterns made to be tried in every way, over 2,000 names."""
    lines = [
        f"name{number}\n*.e{number}\n/path/{number}\n*a*b*{number}*a*b*c\n!*a*a*a*a*a*a*{number}*b\n"
        for number in range(19_990)
    ]
    lines += [
        "**/" * 50 + "x\n",
        "a**" * 50 + "c\n",
        "[a-" * 500 + "\n",
        "*" * 5_000 + "b\n",
        "\\" * 999 + "\n",
    ]
    lines += [
        "!" * 1_000 + "\n",
        "[[:alpha:]" * 100 + "\n",
        "{a,b}" * 100 + "\n",
        "\0\n",
        "\ud7ff" * 99 + "\n",
    ]
    lines += ["(a+)+$" * 20 + "\n", "?" * 250 + "\n"]
    for name in (".gitignore", ".ignore", ".codebaseignore"):
        (folder / name).write_text("".join(lines))
    for number in range(2_000):
        (folder / f"{'ab' * 60}{number}.py").write_text(f"x{number} = 1\n")


def _code(folder: Path, name: bytes) -> None:
    (folder / os.fsdecode(name)).write_text("def some():\n    return 1\n")


Maker = Callable[[Path, int], None]

REPOSITORIES: Final[dict[str, tuple[Maker, bool]]] = {
    "crowded": (crowded, False),
    "deep": (deep, False),
    "deep, git": (deep, True),
    "names": (names, False),
    "names, git": (names, True),
    "links": (links, False),
    "links, git": (links, True),
    "special": (special, False),
    "special, git": (special, True),
    "sparse": (sparse, True),
    "minified": (minified, True),
    "nested": (nested, False),
    "wide": (wide, False),
    "slow to match": (slow_to_match, False),
    "ignoring": (ignoring, False),
    "ignoring, git": (ignoring, True),
    "programs of git": (trapped, True),
}
"""What makes each, and whether it is made a repository of git first."""


def made(name: str, folder: Path, count: int) -> None:
    """Make a repository, with the needle in it, in a folder that is not there yet."""
    make, with_git = REPOSITORIES[name]
    folder.mkdir(parents=True)
    if with_git:
        from bench.hostile.git import git

        git(folder, "init", "-q")
    (folder / "needle.py").write_text(f"{NEEDLE}():\n    return 'found'\n")
    make(folder, count)


def chosen(words: str) -> Iterator[str]:
    """The repositories whose name has these words; all but the crowded one for none."""
    yield from (name for name in REPOSITORIES if (words in name if words else name != "crowded"))
