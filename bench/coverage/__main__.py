"""The command: what it does stands in the package's first lines."""

from __future__ import annotations

import importlib.util
import json
import shutil
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

from bench.coverage import census

HERE = Path(__file__).parents[2]
KEPT = HERE / ".work" / "coverage"
DATA = KEPT / "data"
BEGUN = KEPT / "begun"
CENSUSES = KEPT / "processes.txt"
COUNTED = ("num_statements", "covered_lines", "num_branches", "covered_branches")
SETTINGS = """[run]
branch = true
data_file = {data}
parallel = true
concurrency = thread
sigterm = true
patch = _exit
source = {sources}
disable_warnings =
    no-data-collected
    module-not-imported
    module-not-measured
    couldnt-parse
    already-imported

[report]
skip_covered = true
show_missing = true
sort = Miss
"""
START = (
    "import os; os.path.isdir({begun!r}) and "
    "exec(open({begin!r}).read(), {{'SETTINGS': {settings!r}, 'BEGUN': {begun!r}}})\n"
)
"""Says nothing in an interpreter that begins after the count, should the file be left behind."""


def main(arguments: list[str]) -> int:
    """Measure and report; the exit status is that of the tests, or 1 when the count is not whole."""
    if importlib.util.find_spec("coverage") is None:
        print(f"coverage is not installed beside {sys.executable}: pip install -c constraints.txt coverage")
        return 2
    KEPT.mkdir(parents=True, exist_ok=True)
    settings = KEPT / "settings.ini"
    settings.write_text(SETTINGS.format(data=DATA, sources=HERE / "src"))
    told = [argument for argument in arguments if argument not in ("--keep", "--report")]
    if len(told) == len(arguments):
        for old in [*KEPT.glob("data*"), CENSUSES]:
            old.unlink(missing_ok=True)
    status = 0
    if "--report" not in arguments:
        status = _measured(settings, told or ["-n", "auto"])
    reported = subprocess.run(_coverage("report", settings), check=False, cwd=HERE)
    counted = reported.returncode or _counted(settings)
    if CENSUSES.exists():
        print(f"\n{CENSUSES.read_text()}")
    return status or counted


def _counted(settings: Path) -> int:
    """Print exact counts, of each package's parts and of the whole: the report's columns are rounded."""
    told = KEPT / "coverage.json"
    exported = subprocess.run(
        [*_coverage("json", settings), "-o", str(told), "--quiet"], check=False, cwd=HERE
    )
    if exported.returncode:
        return exported.returncode
    read = json.loads(told.read_text())
    parts: dict[str, list[int]] = {}
    for path, file in read["files"].items():
        part = ": ".join(Path(path).relative_to("src").parts[:2]).removesuffix(".py")
        counts = parts.setdefault(part, [0] * len(COUNTED))
        parts[part] = [had + file["summary"][name] for had, name in zip(counts, COUNTED, strict=True)]
    parts["together"] = [read["totals"][name] for name in COUNTED]
    print(f"\n{'':36} {'statements':>10} {'run':>7} {'':>7} {'branches':>9} {'taken':>7}")
    for part, (statements, run, branches, taken) in parts.items():
        print(
            f"{part:36} {statements:10,} {run:7,} {run / max(1, statements):7.1%}"
            f" {branches:9,} {taken:7,} {taken / max(1, branches):7.1%}"
        )
    return 0


def _measured(settings: Path, arguments: list[str]) -> int:
    """Run pytest with every process counting; their files are put together, who left none is told."""
    shutil.rmtree(BEGUN, ignore_errors=True)
    BEGUN.mkdir()
    start = Path(sysconfig.get_path("purelib")) / "tandem_coverage.pth"
    begin = Path(__file__).with_name("begin.py")
    start.write_text(START.format(begin=str(begin), settings=str(settings), begun=str(BEGUN)))
    pytest = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "bench.coverage.saving", *arguments], cwd=HERE
    )
    try:
        status = pytest.wait()
    except BaseException:  # by the keyboard, or ended from outside: its workers write what they have
        pytest.send_signal(signal.SIGINT)
        pytest.wait()
        raise
    finally:
        start.unlink()
    processes = census.taken(BEGUN, DATA)
    torn = _combined(settings)
    shutil.rmtree(BEGUN, ignore_errors=True)
    lost = processes.of_tests(pytest.pid)
    told = [f"pytest {' '.join(arguments)}", processes.told()]
    if torn:
        # A process whose disk was full left a file that is cut off.
        told.append(f"{torn:6,} files could not be read")
    if lost:
        told.append(f"NOT WHOLE: what {len(lost)} of pytest's own processes ran is lost; count anew")
    with CENSUSES.open("a") as kept:
        kept.write("\n".join(told) + "\n")
    return status or bool(lost)


def _combined(settings: Path) -> int:
    """Put the processes' files together; returns how many of them could not be read."""
    subprocess.run([*_coverage("combine", settings), "--append", "--quiet"], check=False, cwd=HERE)
    left = list(KEPT.glob("data.*"))
    for torn in left:
        torn.unlink()
    return len(left)


def _coverage(command: str, settings: Path) -> list[str]:
    return [sys.executable, "-m", "coverage", command, f"--rcfile={settings}"]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
