"""Branch coverage of src/ under the tests, processes that they start included.

    pip install coverage
    python -m bench.coverage [--keep] [--report] [pytest's arguments]

Paths measure a part, and ``--keep`` adds to what earlier parts left; ``--report`` runs nothing and tells what
was kept. After the table of files comes one of areas with exact counts of statements and branches.

Servers start with an environment of their own, so the measurement begins where every interpreter of this
virtual environment does: in a ``.pth`` file of its site-packages, there for as long as the run lasts. What a
process ran before it was killed outright is not counted.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).parents[1]
KEPT = HERE / ".work" / "coverage"
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
START = """import os; os.environ.setdefault("COVERAGE_PROCESS_START", {settings!r}); \
import coverage; coverage.process_startup()
"""


def main(arguments: list[str]) -> int:
    """Measure and report; the exit status is that of the tests, or of the report."""
    KEPT.mkdir(parents=True, exist_ok=True)
    settings = KEPT / "settings.ini"
    settings.write_text(SETTINGS.format(data=KEPT / "data", sources=HERE / "src"))
    told = [argument for argument in arguments if argument not in ("--keep", "--report")]
    if len(told) == len(arguments):
        for old in KEPT.glob("data*"):
            old.unlink()
    status = 0
    if "--report" not in arguments:
        status = _measured(settings, told or ["-n", "auto"])
    # A process whose disk was full left a file that is cut off.
    subprocess.run(
        [*_coverage("combine", settings), "--append", "--quiet"],
        check=False,
        cwd=HERE,
        stderr=subprocess.DEVNULL,
    )
    for torn in KEPT.glob("data.*"):
        torn.unlink()
    reported = subprocess.run(_coverage("report", settings), check=False, cwd=HERE)
    return status or reported.returncode or _counted(settings)


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
    start = Path(sysconfig.get_path("purelib")) / "tandem_coverage.pth"
    start.write_text(START.format(settings=str(settings)))
    try:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *arguments], check=False, cwd=HERE
        ).returncode
    finally:
        start.unlink()


def _coverage(command: str, settings: Path) -> list[str]:
    return [sys.executable, "-m", "coverage", command, f"--rcfile={settings}"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
