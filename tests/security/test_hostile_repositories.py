"""Repositories made to hurt: indexed as far as they are files of text, and nothing in them is ever run."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.codebase_server.doors.processes import stdio_server, wait_until
from tests.scenarios.conftest import World, run_git

from bridge.agreed import identity, slow_git
from codebase_server.files import git, scan
from codebase_server.service import CodebaseService
from codebase_server.settings import load
from workflow_server.references import commits

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(sys.platform == "win32", reason="names, links and devices that Windows does not have"),
]

PROGRAM_SETTINGS = (
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.sshCommand",
    "core.askPass",
    "core.gitProxy",
    "credential.helper",
    "diff.external",
    "diff.trap.command",
    "diff.trap.textconv",
    "filter.trap.clean",
    "filter.trap.smudge",
    "filter.trap.process",
    "gpg.program",
    "gpg.ssh.program",
    "merge.trap.driver",
    "pager.log",
    "pager.diff",
    "pager.ls-files",
    "interactive.diffFilter",
    "sequence.editor",
    "uploadpack.packObjectsHook",
    "remote.origin.uploadpack",
    "trailer.x.command",
    "alias.ls-files",
    "alias.rev-list",
    "alias.log",
    "alias.diff",
    "submodule.sub.update",
)
HOOKS = (
    "post-checkout",
    "pre-commit",
    "post-index-change",
    "reference-transaction",
    "fsmonitor-watchman",
    "post-rewrite",
    "pre-auto-gc",
)


@pytest.fixture
def trapped(world: World) -> Path:
    """A repository in which every setting that names a program names one that leaves a mark."""
    mark, trap = world.folder / "sprung", world.folder / "trap.sh"
    trap.write_text(f'#!/bin/sh\necho "$0 $@" >> {mark}\n')
    trap.chmod(0o755)
    folder = world.repository
    world.write(".gitattributes", "* filter=trap diff=trap merge=trap\n")
    world.write("src/more.py", "def more() -> int:\n    return 1\n")
    world.commit("second")
    for hook in HOOKS:
        (folder / ".git" / "hooks" / hook).write_text(trap.read_text())
        (folder / ".git" / "hooks" / hook).chmod(0o755)
    included = folder / "included.config"
    included.write_text("".join(_setting(name, str(trap)) for name in PROGRAM_SETTINGS))
    run_git(folder, "config", "include.path", str(included))
    for name, value in (
        ("core.hooksPath", str(folder / ".git" / "hooks")),
        ("log.showSignature", "true"),
        ("status.submoduleSummary", "true"),
        ("extensions.worktreeConfig", "true"),
        ("core.untrackedCache", "true"),
        ("remote.origin.url", f"ext::{trap} %S"),
        ("remote.origin.promisor", "true"),
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "near"),  # what is missing would be fetched from there
        ("remote.near.promisor", "true"),
        ("remote.near.url", str(folder)),
        ("remote.near.uploadpack", str(trap)),
    ):
        run_git(folder, "config", name, value)
    world.write("src/auth.py", "def changed() -> int:\n    return 2\n")
    mark.unlink(missing_ok=True)
    return mark


def _setting(name: str, value: str) -> str:
    section, _, key = name.rpartition(".")
    head, dot, middle = section.partition(".")
    return f'[{head} "{middle}"]\n\t{key} = {value}\n' if dot else f"[{head}]\n\t{key} = {value}\n"


def test_nothing_that_a_repository_brings_is_run(world: World, trapped: Path) -> None:
    """Hooks, filters, drivers, monitors, pagers, helpers, aliases, transports, settings of included files."""
    codebase = world.start_codebase()
    found = codebase.request("POST", "/mcp/search", {"query": "changed"}).json()
    assert found["index"]["files"] >= 3
    assert codebase.request("POST", "/mcp/index", {"force": True}).status_code == 200
    workflow = world.start_workflow()
    answer = workflow.request(
        "POST", "/mcp/work_items", {"title": "x", "entity_references": ["src/auth.py::changed"]}
    )
    assert answer.status_code == 201
    for arguments in (["touched", "HEAD~..HEAD"], ["touched", f"{'1' * 40}..HEAD"], ["list"], ["check"]):
        subprocess.run(
            [sys.executable, "-m", "workflow_server", *arguments],
            cwd=world.repository,
            env=world.environment(),
            capture_output=True,
            timeout=60,
        )
    for arguments in (["status"], ["doctor"], ["outline"]):
        subprocess.run(
            [sys.executable, "-m", "codebase_server", *arguments],
            cwd=world.repository,
            env=world.environment(),
            capture_output=True,
            timeout=60,
        )
    assert not trapped.exists(), trapped.read_text()


@pytest.mark.parametrize("before", [".:", ":", "bin:"])
def test_no_git_that_a_repository_brings_is_run(world: World, before: str) -> None:
    """A relative entry of PATH is of the folder in which git is run, which is the repository."""
    mark = world.folder / "sprung"
    for name in ("git", "bin/git"):
        world.write(name, f'#!/bin/sh\necho "$0 $@" >> {mark}\n')
        (world.repository / name).chmod(0o755)
    world.commit("with programs")
    environment = {**world.environment(), "PATH": before + os.environ["PATH"]}
    for module, *arguments in (
        ("codebase_server", "index"),
        ("codebase_server", "doctor"),
        ("workflow_server", "touched", "HEAD"),
        ("workflow_server", "create", "An item"),
    ):
        subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=world.repository,
            env=environment,
            capture_output=True,
            timeout=120,
        )
    with stdio_server(environment, world.repository) as server:
        server.initialize()
        assert server.record("index_repository")["files"] >= 3
    assert not mark.exists(), mark.read_text()


def test_the_trap_would_spring(world: World, trapped: Path) -> None:
    """What the test above relies on: git, asked without care, runs the repository's programs."""
    subprocess.run(["git", "status"], cwd=world.repository, capture_output=True)
    subprocess.run(["git", "log", "-1"], cwd=world.repository, capture_output=True)
    assert trapped.exists()


def service_over(folder: Path, world: Path) -> CodebaseService:
    environment = {"CODEBASE_DATA_DIR": str(world / "data"), "CODEBASE_ROOT": str(folder), "HOME": str(world)}
    return CodebaseService(load(environment=environment, config_file=world / "none.toml"))


@pytest.mark.parametrize("git", [True, False], ids=["git", "plain folder"])
def test_strange_names_links_and_devices_are_counted_and_harm_nobody(tmp_path: Path, git: bool) -> None:
    folder = tmp_path / "repository"
    (folder / "src").mkdir(parents=True)
    names = [
        b"plain.py",
        b"new\nline.py",
        b"tab\t.py",
        b"quote'\".py",
        b"-rf.py",
        b"invalid\xff\xfe.py",
        b"\xe2\x80\xaetxt.py",
        b"spa ce.py",
        b"$(touch x).py",
        b"a" * 250 + b".py",
        b"%2e%2e.py",
        b"star*.py",
        b"back\\slash.py",
    ]
    for number, name in enumerate(names):
        (folder / "src" / os.fsdecode(name)).write_text(
            f"def function_{number}():\n    return 'found{number}'\n"
        )
    (folder / "loop").symlink_to(".")
    (folder / "src" / "up").symlink_to("..")
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "self").symlink_to("self")
    os.mkfifo(folder / "pipe.py")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "s.py"))
    with (folder / "sparse.py").open("wb") as sparse:
        sparse.truncate(2 * 1024**3)
    (folder / "bomb.js").write_text("var a=" + "[" * 2_000_000 + "]" * 2_000_000)
    (folder / "deep.json").write_text('{"a":' * 200_000 + "1" + "}" * 200_000)
    (folder / "nested.py").write_text("x = " + "(" * 20_000 + ")" * 20_000 + "\n")
    (folder / "expressions.c").write_text("int x = " + "1+" * 50_000 + "1;\n" + "{" * 5_000)
    if git:
        run_git(folder, "init", "-q")
    service = service_over(folder, tmp_path)
    try:
        done = service.index_repository()
        assert done["index"]["state"] == "ready"
        missing = []
        for number, name in enumerate(names):
            found = service.search_code(f'"function_{number}()"', limit=50)["results"]
            if not any(f"function_{number}()" in result["content"] for result in found):
                missing.append(name)
        counted = {row["reason"]: row["count"] for row in done["skipped"]}
        assert missing == [name for name in names if b"\n" in name or b"\t" in name or b"\xff" in name]
        assert counted["bad_name"] == len(missing), "left out for its name, and told so"
        assert counted["symlink"] >= 2
        outline = service.outline("")
        assert "root:x:0" not in str(outline)
        assert service.search_code('"root:x:0"')["results"] == []
    finally:
        service.close()


DEVICES = {
    "zero.py": (stat.S_IFCHR, 1, 5),  # read, it never ends
    "terminal.py": (stat.S_IFCHR, 5, 0),  # opened, it may become the process's own
    "disk.py": (stat.S_IFBLK, 7, 0),
}


def made_devices(folder: Path) -> None:
    for name, (kind, major, minor) in DEVICES.items():
        try:
            os.mknod(folder / name, kind | 0o666, os.makedev(major, minor))
        except OSError as problem:
            pytest.skip(f"devices cannot be made here: {problem}")


@pytest.mark.parametrize("git", [True, False], ids=["git", "plain folder"])
def test_no_device_is_opened(tmp_path: Path, git: bool) -> None:
    """A character device without end, the terminal, a disk: counted, never opened, found under no name."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "real.py").write_text("def real():\n    return 'found'\n")
    if git:
        run_git(folder, "init", "-q")
    made_devices(folder)
    service = service_over(folder, tmp_path)
    try:
        done = service.index_repository()
        assert (done["index"]["state"], done["index"]["files"]) == ("ready", 1)
        counted = {row["reason"]: row["count"] for row in done["skipped"]}
        # git does not name devices, so that only the walk without git sees them
        assert counted == ({} if git else {"special": len(DEVICES)})
        (folder / "real.py").unlink()
        os.mknod(folder / "real.py", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        assert service.search_code("found real")["results"] == [], "nor one that takes a file's place"
    finally:
        service.close()


def _file_of_git(folder: Path, what: str) -> None:
    """A folder that says it is a checkout, with something in git's place that must not be read to its end."""
    (folder / "sub").mkdir(parents=True)
    (folder / "code.py").write_text("def findable_function():\n    return 1\n")
    (folder / ".git").write_text("gitdir: sub\n")
    (folder / "sub" / "HEAD").write_text("ref: refs/heads/main\n")
    if what == "a pipe for commondir":
        os.mkfifo(folder / "sub" / "commondir")
    elif what == "a device for commondir":
        (folder / "sub" / "commondir").symlink_to("/dev/zero")
    elif what == "a pipe for HEAD":
        (folder / "sub" / "HEAD").unlink()
        os.mkfifo(folder / "sub" / "HEAD")
    else:
        with (folder / ".git").open("wb") as sparse:
            sparse.truncate(3 * 1024**3)


@pytest.mark.parametrize(
    "what", ["a pipe for commondir", "a device for commondir", "a pipe for HEAD", "gigabytes for .git"]
)
def test_files_in_the_place_of_git_s_own_are_neither_waited_for_nor_read_without_end(
    world: World, what: str
) -> None:
    folder = world.folder / "odd"
    _file_of_git(folder, what)
    environment = world.environment() | {"CODEBASE_ROOT": str(folder), "WORKFLOW_PROJECT": ""}
    limited = "import resource, runpy, sys\nresource.setrlimit(resource.RLIMIT_DATA, (2**31, 2**31))\n"
    for module, *arguments in (
        ("codebase_server", "index"),
        ("codebase_server", "search", "findable_function"),
        ("workflow_server", "list"),
        ("workflow_server", "add", "An item", "--json"),
    ):
        run = f"sys.argv = [{module!r}, *{arguments!r}]\nrunpy.run_module({module!r}, run_name='__main__')"
        done = subprocess.run(
            [sys.executable, "-c", limited + run],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 1, 2, 3), done.stderr
        assert "unforeseen" not in done.stderr + done.stdout
        assert "internal" not in done.stderr + done.stdout
        if arguments[0] == "search":
            assert "code.py:1-2" in done.stdout


@pytest.mark.parametrize(
    "where",
    [
        "HEAD",
        "config",
        "index",
        "packed-refs",
        "shallow",
        "info/exclude",
        "refs/heads/main",
        "config.worktree",
    ],
)
def test_git_is_not_asked_where_it_would_wait_for_a_pipe_in_the_place_of_its_own_file(
    world: World, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be waited for to the end of its time, a minute and a half in all, by whatever asks it."""
    place = world.repository / ".git" / where
    run_git(world.repository, "config", "extensions.worktreeConfig", "true")
    place.unlink(missing_ok=True)
    os.mkfifo(place)
    asked = world.folder / "asked"
    (world.folder / "bin").mkdir()
    (world.folder / "bin" / "git").write_text(f"#!/bin/sh\necho asked >> {asked}\nexec sleep 600\n")
    (world.folder / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{world.folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
    identity.forget_known()
    found = scan(world.repository)
    assert (found.source, found.warnings) == ("walk", ())
    assert any(one.path.endswith(".py") for one in found.entries)
    assert identity.of_folder(world.repository).basis == "path"
    assert identity.commit(world.repository, "0123456789abcdef") is None
    assert not asked.exists()


def test_git_looks_at_no_other_folder_that_a_repository_names_as_its_own(world: World) -> None:
    """Names of files elsewhere would be told as missing, of whatever folder it wishes."""
    elsewhere = world.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "private_plan.py").write_text("x = 1\n")
    run_git(world.repository, "config", "core.worktree", str(elsewhere))
    world.write("src/new.py", "def new() -> int:\n    return 1\n")
    for folder, wanted in ((world.repository, "src/new.py"), (world.repository / "src", "new.py")):
        found = scan(folder)
        assert wanted in {one.path for one in found.entries}
        told = {one.path for one in found.entries} | {one.path for one in found.skips}
        assert "private_plan.py" not in told


@pytest.mark.skipif(sys.platform != "linux", reason="another process's memory can be limited there alone")
def test_git_itself_is_not_let_take_all_memory(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A branch that is a device without end is read by git until nothing is left."""
    import resource  # not on Windows

    branch = world.repository / ".git" / "refs" / "heads" / "main"
    branch.unlink()
    branch.symlink_to("/dev/zero")
    monkeypatch.setattr(identity, "GIT_MEMORY_BYTES", 256 * 1024**2)
    monkeypatch.setattr(identity, "_GIT_SECONDS", 100.0)
    monkeypatch.setenv("HOME", str(world.folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(world.folder / "cache"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    identity.forget_known()
    assert identity.of_folder(world.repository).basis == "path", "its history cannot be read"
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert most <= max(before, 400 * 1024), f"{most} kB"


def test_undecodable_names_pass_the_wire_as_text(world: World) -> None:
    """A name that is no UTF-8 must not end the server that tells of it."""
    (world.repository / os.fsdecode(b"src/odd\xff.py")).write_text("def oddity():\n    return 'strange'\n")
    with stdio_server(world.environment(), world.repository) as server:
        server.initialize()
        server.record("index_repository")
        assert server.record("search_code", query="oddity strange")["results"]
        server.record("outline")
        server.record("find_symbol", name="oddity")
        assert server.record("index_status")["index"]["files"] == 3


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder 4,000 levels deep. pytest's own tidying recurses, so it is removed here."""
    folder = tmp_path / "repository"
    folder.mkdir()
    at = os.open(folder, os.O_RDONLY)
    for _ in range(4_000):  # longer than a path may be: made and entered step by step
        os.mkdir("d", dir_fd=at)
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    yield folder
    subprocess.run(["rm", "-rf", folder], check=True)


def test_a_folder_of_great_depth_beside_many_files(deep: Path) -> None:
    crowded(deep, 5_000)
    assert len(scan(deep).entries) == 5_000


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_million_files_in_one_folder(tmp_path: Path) -> None:
    crowded(tmp_path / "repository", 1_000_000)
    assert len(scan(tmp_path / "repository").entries) == 1_000_000


def crowded(folder: Path, count: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        os.close(os.open(f"{folder}/f{number}.py", os.O_CREAT | os.O_WRONLY))


ENDLESS = "*a" * 12 + "b\n"
"""An ignore line that git itself tries in every way: hours for a name of many ``a``."""


def endless_for_git(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    run_git(folder, "init", "-q")
    (folder / ".gitignore").write_text(ENDLESS + "*.log\n")
    (folder / ("a" * 200 + ".py")).write_text("def endless():\n    return 'found'\n")
    (folder / "ignored.log").write_text("")


def test_a_repository_that_keeps_git_busy_for_ever_is_listed_without_it_and_git_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    endless_for_git(tmp_path / "repository")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(git, "TIMEOUT_SECONDS", 1.0)
    for _ in range(3):
        seen = scan(tmp_path / "repository")
        assert (seen.source, len(seen.entries)) == ("walk", 2)
        (said,) = seen.warnings
        assert "files that git tracks although they are ignored are left out" in said
        slow_git.forget_known()  # as another process would begin
    (told,) = [record.getMessage() for record in caplog.records]
    assert told.startswith("git took over 1 s ")
    assert "listed without git" in told


def hung(folder: Path) -> str:
    """A PATH whose ``git`` never answers."""
    folder.mkdir()
    (folder / "git").write_text("#!/bin/sh\nexec sleep 600\n")
    (folder / "git").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose first commit is known, before git hangs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "repository"
    root.mkdir()
    (root / "a.py").write_text("def answer():\n    return 42\n")
    run_git(root, "init", "-q")
    run_git(root, "add", ".")
    run_git(root, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "first")
    identity.forget_known()
    assert identity.of_folder(root).basis == "root commit"
    monkeypatch.setenv("PATH", hung(tmp_path / "bin"))
    monkeypatch.setattr(git, "TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(identity, "_GIT_SECONDS", 0.5)
    identity.forget_known()
    return root


def test_a_git_that_hangs_is_waited_for_once_by_all_processes_and_what_is_lost_is_told(
    silent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    started = subprocess.Popen

    def counted(*given: Any, **named: Any) -> Any:
        asked.append(given)
        return started(*given, **named)

    monkeypatch.setattr(subprocess, "Popen", counted)
    for _ in range(3):
        identity.forget_known()  # a process of its own
        settings = {"root": (silent,), "data_dir": str(tmp_path / "data"), "embedder": "none"}
        service = CodebaseService(load(settings, {}))
        try:
            done = service.index_repository()
            assert service.find_symbol("answer")["total_count"] == 1
            for warnings in (done["warnings"], service.index_status()["warnings"]):
                assert any("git is there but took too long to list" in warning for warning in warnings)
        finally:
            service.close()
    assert len(asked) == 2, "once for the name of the repository, once for its files"


def test_git_is_asked_again_after_a_while_and_then_nothing_is_said_to_be_lost(
    silent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scan(silent).source == "walk"
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert scan(silent).source == "walk", "git would answer now, and is not asked"
    (note,) = (tmp_path / "cache").rglob("slow-git/*.json")
    note.write_text(json.dumps({**json.loads(note.read_text()), "until": time.time() - 1}))
    slow_git.forget_known()
    assert (scan(silent).source, scan(silent).warnings) == ("git", ())


def test_by_whatever_name_a_repository_is_known_it_stays_known_while_git_hangs(
    silent: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        assert identity.of_folder(silent).basis == "root commit"
        identity.forget_known()
    for file in (tmp_path / "cache").rglob("root-commits/*.json"):
        file.unlink()
    assert identity.of_folder(silent).basis == "path", "there is nothing else to go by"
    assert identity.is_unanswered(silent)
    commit = commits.resolution({"ref": "0123456789abcdef0123456789abcdef01234567"}, [silent])
    assert (commit.state, "takes too long" in commit.reason) == ("unchecked", True)


def test_a_note_that_cannot_be_written_or_read_is_none(silent: Path, tmp_path: Path) -> None:
    (tmp_path / "cache" / "tandem").mkdir(parents=True, exist_ok=True)
    (tmp_path / "cache" / "tandem" / "slow-git").write_text("no folder")
    slow_git.note("files", silent, 1.0)
    assert slow_git.is_resting("files", silent), "this process knows"
    slow_git.forget_known()
    assert not slow_git.is_resting("files", silent)
    (tmp_path / "cache" / "tandem" / "slow-git").unlink()
    slow_git.note("files", silent, 1.0)
    slow_git.forget_known()
    assert slow_git.is_resting("files", silent)
    assert not slow_git.is_resting("history", silent)
    (file,) = (tmp_path / "cache" / "tandem" / "slow-git").iterdir()
    for record in (
        "{",
        "[]",
        "{}",
        '{"folder": "/elsewhere", "until": 9e99}',
        '{"folder": "", "until": "x"}',
    ):
        file.write_text(record)
        slow_git.forget_known()
        assert not slow_git.is_resting("files", silent)


def test_a_command_that_ends_while_git_hangs_leaves_a_note_for_the_next(
    silent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "TIMEOUT_SECONDS", 60.0)
    monkeypatch.setattr(git, "SLOW_SECONDS", 0.2)
    looking = threading.Thread(target=scan, args=(silent,))
    looking.start()
    wait_until(lambda: bool(git._running), "git is asked")
    time.sleep(0.3)
    git.end_running(silent.parent / "elsewhere")
    assert git._running
    git.end_running(silent)
    looking.join(timeout=60)
    slow_git.forget_known()
    assert slow_git.is_resting("files", silent)


def test_git_at_work_goes_with_its_server(world: World) -> None:
    endless_for_git(world.repository)
    with stdio_server(world.environment(), world.repository) as server:
        server.initialize()
        server.request("tools/call", {"name": "index_repository", "arguments": {}})
        process = psutil.Process(server.process.pid)
        asked: list[psutil.Process] = []

        def at_work() -> bool:
            asked[:] = [one for one in process.children() if one.name() == "git"]
            return bool(asked)

        wait_until(at_work, "git is asked")
        server.stop()
        for one in asked:
            one.wait(timeout=60)
            assert not one.is_running()


def test_an_ignore_file_of_a_hundred_thousand_lines(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    lines = [f"name{number}\n*.e{number}\n/path/{number}\n*a*b*{number}*a*b*c\n" for number in range(25_000)]
    (folder / ".gitignore").write_text("".join(lines))
    for number in range(50):
        (folder / f"{'ab' * 60}{number}.py").write_text("x = 1\n")
    (folder / "name7").write_text("x = 1\n")
    found = {entry.path for entry in scan(folder).entries}
    assert len(found) == 51
    assert "name7" not in found
