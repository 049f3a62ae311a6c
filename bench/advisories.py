"""Known vulnerabilities of what an installation brings along, as pip-audit's advisory service knows them.

    pip install pip-audit PyYAML
    python -m bench.advisories [--required] [--copy FOLDER ...]

Exits 1 when there is one. Where no advisory service answers, nothing has been looked at: that is said in a
line of its own, and is a failure only with ``--required`` (2). With ``--copy`` the service is not asked, but
local copies of advisory databases (`bench.advisory_copies`),
for the packages installed and all of constraints.txt.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from bench.advisory_copies import Copy
from bench.licences import licences

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"

COMMAND = [sys.executable, "-m", "pip_audit", "--skip-editable", "--progress-spinner", "off", "-f", "json"]


def main(arguments: Sequence[str]) -> int:
    """Ask and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--required", action="store_true", help="fail when nothing could be looked up")
    parser.add_argument("--copy", action="append", type=Path, default=[], metavar="FOLDER")
    given = parser.parse_args(arguments)
    if given.copy:
        packages = pinned() | {name: metadata.version(name) for name in licences()}
        status, told = told_by_copies([Copy(folder) for folder in given.copy], packages)
        print(told)
        return status
    done = subprocess.run(COMMAND, capture_output=True, text=True, check=False)
    try:
        status, told = verdict(json.loads(done.stdout)["dependencies"], licences())
    except ValueError:
        why = done.stderr.strip().splitlines() or ["pip-audit said nothing"]
        status, told = 2, f"NOT AUDITED: {why[-1][:300]}"
    print(told)
    return status if status != 2 or given.required else 0


def pinned(file: Path = CONSTRAINTS) -> dict[str, str]:
    """Each package of the constraints, the tools' among them, with its version."""
    lines = (line.partition("#")[0].strip().partition("==") for line in file.read_text().splitlines())
    return {canonicalize_name(name): version for name, _, version in lines if version}


def told_by_copies(copies: Sequence[Copy], packages: Mapping[str, str]) -> tuple[int, str]:
    """0, or 1 for a vulnerability; and the words for it, with the age of each copy."""
    lines, vulnerable = [], False
    for copy in copies:
        found = copy.findings(packages)
        vulnerable = vulnerable or bool(found)
        lines.append(
            f"copy of {copy.date()}: {len(packages)} packages looked up, {len(copy.knows(packages))} of them "
            f"ever had an advisory there, {len(found)} known vulnerabilities; nothing later is known"
        )
        lines += [
            f"{one.package} {one.version}: {one.advisory}, "
            f"fixed in {', '.join(one.fixed) or 'no release told'}"
            for one in found
        ]
    return int(vulnerable), "\n".join(lines)


def verdict(audited: Sequence[Mapping[str, Any]], shipped: Mapping[str, str]) -> tuple[int, str]:
    """0, 1 for a vulnerability, 2 when nothing could be looked up; and the words for it."""
    looked_up = [entry for entry in audited if "skip_reason" not in entry and entry["name"] in shipped]
    if not looked_up:
        reasons = sorted({str(entry.get("skip_reason", "")).partition(":")[0] for entry in audited})
        return 2, f"NOT AUDITED: no advisory service answered ({'; '.join(reasons)[:300]})"
    lines = [
        f"{entry['name']} {entry['version']}: {found['id']}, "
        f"fixed in {', '.join(found['fix_versions']) or 'no release'}"
        for entry in looked_up
        for found in entry["vulns"]
    ]
    head = f"{len(looked_up)} of {len(shipped)} packages looked up, {len(lines)} known vulnerabilities"
    return int(bool(lines)), "\n".join([head, *lines])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
