"""Does a chunk id still mean the same code later?

    python -m bench.identity history REPOSITORY [REPOSITORY ...]
    python -m bench.identity curve REPOSITORY [REPOSITORY ...]
    python -m bench.identity refactorings
    python -m bench.identity classes TREE [TREE ...]
    python -m bench.identity cost TREE [TREE ...]
    python -m bench.identity resolve TREE [TREE ...]

``history``: references to 200 functions of the commit 500 first-parent commits
back are resolved at 25 later commits, by their ids alone. Where each function
truly is at each of them is told by unique names, by git and by hand (see
``truth.py``). ``curve``: what each threshold costs; every second repository
chooses, the others check. ``refactorings``: made-up programs whose outcome is
known. ``classes``: each class of a tree under another name. ``cost``: the share
of a pass that identities take. ``resolve``: how long a request for 100
references takes. A repository is a clone or a bare git directory, a tree one of
those or a folder; for ``classes``, a folder.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from bench.identity import classes, cost, curve, history, refactorings
from bench.identity.history import Result, Tally
from bench.identity.madeup import LANGUAGES


def main() -> None:
    """Run what was asked for."""
    arguments = _parser().parse_args()
    {
        "history": _history,
        "curve": _curve,
        "refactorings": _refactorings,
        "classes": _classes,
        "cost": _cost,
        "resolve": _resolve,
    }[arguments.command](arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    past = commands.add_parser("history", help="real histories, held against the truth")
    past.add_argument("repositories", type=Path, nargs="+")
    past.add_argument("--commits", type=int, default=500)
    past.add_argument("--sample", type=int, default=200)
    past.add_argument("--steps", type=int, default=25)
    past.add_argument("--show-wrong", action="store_true", help="list what was told wrongly")
    past.add_argument("--show-unsure", action="store_true", help="list what needs a look by hand")
    curves = commands.add_parser("curve", help="what each threshold of the match costs")
    curves.add_argument("repositories", type=Path, nargs="+")
    curves.add_argument("--commits", type=int, default=500)
    curves.add_argument("--steps", type=int, default=10)
    made = commands.add_parser("refactorings", help="made-up programs, refactored with known outcome")
    made.add_argument("--cases", type=int, default=30, help="programs for each operation and language")
    for one in (past, curves, made):
        one.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    under = commands.add_parser("classes", help="each class renamed everywhere: is its reference followed?")
    under.add_argument("trees", type=Path, nargs="+")
    under.add_argument("--most", type=int, default=100, help="classes of a tree, drawn with a fixed seed")
    costs = commands.add_parser("cost", help="the share of identities in the time of a pass")
    costs.add_argument("trees", type=Path, nargs="+")
    asking = commands.add_parser("resolve", help="milliseconds of a request for 100 references")
    asking.add_argument("trees", type=Path, nargs="+")
    asking.add_argument("--rounds", type=int, default=40)
    return parser


def _refactorings(arguments: argparse.Namespace) -> None:
    cases = arguments.cases
    with _pool(arguments.jobs) as pool:
        found = list(pool.map(partial(refactorings.run, cases=cases), LANGUAGES))
    print(f"| refactoring, failures of {cases} | {' | '.join(LANGUAGES)} |")
    print("|---" * (len(LANGUAGES) + 1) + "|")
    for operation in found[0]:
        print(f"| {operation} | {' | '.join(str(len(one[operation])) for one in found)} |")
    told = [text for one in found for texts in one.values() for text in texts]
    print(f"{cases * len(found) * len(found[0]):,} cases, {len(told)} failures", *told, sep="\n    ")


def _classes(arguments: argparse.Namespace) -> None:
    print("| tree | classes | moved | changed | offered | lost | wrong |\n|---" + "|---" * 6 + "|")
    for tree in arguments.trees:
        with tempfile.TemporaryDirectory() as world:
            found = list(classes.renamed(tree, Path(world), arguments.most))
        counts = Counter(one.state if one.verdict == "followed" else one.verdict for one in found)
        row = [counts[name] for name in ("moved", "changed", "offered", "lost", "wrong")]
        print(f"| {tree.name} | {len(found)} | {' | '.join(map(str, row))} |", flush=True)
        _list(
            f"{one.verdict}: {one.title}, {one.lines} lines; {one.reason}"
            for one in found
            if one.verdict != "followed"
        )


def _cost(arguments: argparse.Namespace) -> None:
    print("| pass | chunks after it | processor s | for identities s | share |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as world:
        for one in cost.shares(arguments.trees, Path(world)):
            share = one.identity / one.whole
            print(
                f"| {one.what} | {one.chunks:,} | {one.whole:.1f} | {one.identity:.2f} | {share:.1%} |",
                flush=True,
            )


def _resolve(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as world:
        chunks, told = cost.resolving(arguments.trees, Path(world), arguments.rounds)
    print(f"| 100 references at {chunks:,} chunks | processor ms | least ms | p50 ms | p95 ms |")
    print("|---|---|---|---|---|")
    for sort, one in told.items():
        p50, p95 = cost.percentile(one.times, 50), cost.percentile(one.times, 95)
        print(f"| {sort} | {one.processor:.1f} | {min(one.times):.1f} | {p50:.1f} | {p95:.1f} |")


def _curve(arguments: argparse.Namespace) -> None:
    made = partial(curve.measure, commits=arguments.commits, count=arguments.steps)
    with _pool(arguments.jobs) as pool:
        told = list(pool.map(made, arguments.repositories))
    halves = (told[0::2], told[1::2])
    for name, values in curve.THRESHOLDS.items():
        print(f"\n| {name} | choosing: found | wrong | checking: found | wrong |\n|---|---|---|---|---|")
        for value in values:
            one, other = (curve.summed(scores[name, value] for scores in half) for half in halves)
            print(f"| {value} | {_half(one)} | {_half(other)} |", flush=True)


def _half(score: curve.Score) -> str:
    asked = score.alive + score.dead
    if not asked:
        return "– | –"
    return (
        f"{score.found} of {score.alive} | {score.wrong} of {asked} ({score.raised} of the {score.dead} dead)"
    )


def _history(arguments: argparse.Namespace) -> None:
    total: dict[str, Tally] = {}
    asked = {name: getattr(arguments, name) for name in ("commits", "sample", "steps")}
    with _pool(arguments.jobs) as pool:
        for result in pool.map(partial(history.measure, **asked), arguments.repositories):
            _show(result, arguments)
            for name, tally in result.tallies.items():
                total.setdefault(name, Tally())
                total[name] += tally
    _table("all repositories", total)


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))


def _show(result: Result, arguments: argparse.Namespace) -> None:
    told = ", ".join(f"{by} {count:,}" for by, count in result.by.most_common())
    unsure = sum(result.unsure.values())
    print(
        f"\n{result.name}: {result.functions} functions at {result.stops} stops; "
        f"truth by {told}; unsure {unsure}"
    )
    _table(result.name, result.tallies)
    if arguments.show_wrong:
        _list(result.wrong.values())
    if arguments.show_unsure:
        _list(f"unsure at {count} of {result.stops}: {title}" for title, count in result.unsure.most_common())


def _table(title: str, tallies: dict[str, Tally]) -> None:
    print(f"\n| {title} | living found | dead told | wrong and certain | answers |\n|---|---|---|---|---|")
    for name, tally in tallies.items():
        print(f"| {name} | {_rates(tally)} |", flush=True)


def _list(lines: Iterable[str]) -> None:
    print(*(f"    {line}" for line in lines), sep="\n", flush=True)


def _rates(tally: Tally) -> str:
    answers = tally.alive + tally.dead
    found = f"{tally.found / tally.alive:.4f} of {tally.alive:,}" if tally.alive else "–"
    dead = f"{tally.told_dead / tally.dead:.4f} of {tally.dead:,}" if tally.dead else "–"
    return f"{found} | {dead} | {tally.certain / answers:.4f} | {answers:,}" if answers else "– | – | – | 0"


if __name__ == "__main__":
    main()
