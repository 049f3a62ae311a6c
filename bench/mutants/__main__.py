"""A random draw of changes, and which of them no test fails for.

    pip install mutmut coverage
    python -m bench.mutants AREA [--draw N] [--seed N] [--minutes M] [--again] [--only WORDS]

The operators are mutmut's. Each change is made in a copy of the tree whose sources come before the
installed ones, so that processes which tests start see it too; tests that ran through the changed statement
are asked first, quickest first, and where none fails, all tests of the area. What no test failed for is told
as a patch, which ``git apply --unidiff-zero`` makes in the very place. Outcomes are kept by area and seed:
the same command goes on where the clock stopped it, and ``--again`` tries once more what no test had failed
for. ``--only`` takes changes of files whose path holds these words.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.mutants.areas import AREAS
from bench.mutants.changes import HERE, Change, changes, copied_tree, difference, same_to_sqlite
from bench.mutants.noticing import noticed, reach

KEPT = HERE / ".work" / "mutants"


def main() -> int:
    """Try the draw and print the survivors; 0 when at least 85 % of the draw was noticed."""
    asked = _arguments()
    area = AREAS[asked.area]
    every = [change for change in changes(area.code) if asked.only in change.path]
    drawn = sorted(random.Random(asked.seed).sample(every, min(asked.draw, len(every))))
    random.Random(asked.seed).shuffle(drawn)  # stopped by the clock, what was tried is still a draw
    kept = KEPT / f"{asked.area}-{asked.only.replace('/', '_')}{asked.seed}.json"
    outcomes: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
    left = [change for change in drawn if _open(outcomes.get(_key(change)), again=asked.again)]
    KEPT.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + asked.minutes * 60
    if left:
        with tempfile.TemporaryDirectory() as folder, copied_tree(Path(folder)) as tree:
            known = reach(area.tests, tree, KEPT)
            for change in left:
                if time.monotonic() > until:
                    break
                outcome = noticed(change, known, tree)
                outcomes[_key(change)] = outcome
                kept.write_text(json.dumps(outcomes, indent=1))
                print(f"{outcome:12} {_key(change)}", flush=True)
    return _told(drawn, outcomes, len(every))


def _told(drawn: list[Change], outcomes: dict[str, str], population: int) -> int:
    tried = [change for change in drawn if _key(change) in outcomes]
    same = 0
    for change in tried:
        if _open(outcomes[_key(change)], again=True):
            if same_to_sqlite(change):
                same += 1
                continue
            print(f"\n{outcomes[_key(change)]}: {_key(change)}\n{difference(change)}")
    counted = Counter(outcomes[_key(change)] for change in tried)
    dead = counted["killed"] + counted["by the clock"]
    share, of_others = (dead / number if number else 0.0 for number in (len(tried), len(tried) - same))
    print(
        f"\n{population:,} changes, {len(drawn)} drawn, {len(tried)} tried: {dict(counted)};"
        f" noticed {share:.1%}, {of_others:.1%} but for {same} that survived as SQL in other letters"
    )
    return 0 if of_others >= 0.85 else 1


def _open(outcome: str | None, *, again: bool) -> bool:
    return outcome is None or (again and outcome in ("survived", "not reached"))


def _key(change: Change) -> str:
    return f"{change.path}:{change.lines[0]} #{change.number}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("area", choices=sorted(AREAS))
    parser.add_argument("--draw", type=int, default=90)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--only", default="", metavar="WORDS")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
