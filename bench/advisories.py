"""Known vulnerabilities of what an installation brings along, as pip-audit's advisory service knows them.

    pip install pip-audit
    python -m bench.advisories [--required]

Exits 1 when there is one. Where no advisory service answers, nothing has been looked at: that is said in a
line of its own, and is a failure only with ``--required`` (2).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from bench.licences import licences

COMMAND = [sys.executable, "-m", "pip_audit", "--skip-editable", "--progress-spinner", "off", "-f", "json"]


def main(arguments: Sequence[str]) -> int:
    """Ask and tell."""
    done = subprocess.run(COMMAND, capture_output=True, text=True, check=False)
    try:
        status, told = verdict(json.loads(done.stdout)["dependencies"], licences())
    except ValueError:
        why = done.stderr.strip().splitlines() or ["pip-audit said nothing"]
        status, told = 2, f"NOT AUDITED: {why[-1][:300]}"
    print(told)
    return status if status != 2 or "--required" in arguments else 0


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
