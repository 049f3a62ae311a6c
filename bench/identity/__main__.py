"""Does a chunk id still mean the same code later?

    python -m bench.identity history REPOSITORY [REPOSITORY ...]
    python -m bench.identity refactorings

References to 200 functions of the commit 500 first-parent commits back are
resolved at 25 later commits, by their ids alone. Where each function truly is
at each of them is told by unique names and by git (see ``truth.py``).
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from bench.identity import history, refactorings
from bench.identity.history import Result, Tally


def main() -> None:
    """Run what was asked for."""
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
    made = commands.add_parser("refactorings", help="made-up programs, refactored with known outcome")
    made.add_argument("--cases", type=int, default=30, help="programs for each operation and language")
    arguments = parser.parse_args()
    if arguments.command == "history":
        _history(arguments)
    else:
        _refactorings(arguments.cases)


def _refactorings(cases: int) -> None:
    with tempfile.TemporaryDirectory() as world:
        found = refactorings.run(Path(world), cases)
    languages = list(dict.fromkeys(language for _, language in found))
    print(f"| refactoring, failures of {cases} | {' | '.join(languages)} |")
    print("|---" * (len(languages) + 1) + "|")
    for operation in dict.fromkeys(operation for operation, _ in found):
        print(f"| {operation} | {' | '.join(str(len(found[operation, one][1])) for one in languages)} |")
    told = [text for _, texts in found.values() for text in texts]
    print(f"{len(found) * cases} cases, {len(told)} failures", *told, sep="\n    ")


def _history(arguments: argparse.Namespace) -> None:
    total: dict[str, Tally] = {}
    results = []
    for origin in arguments.repositories:
        with tempfile.TemporaryDirectory() as world:
            result = asyncio.run(
                history.measure(
                    origin.absolute(),
                    Path(world),
                    commits=arguments.commits,
                    sample=arguments.sample,
                    steps=arguments.steps,
                )
            )
        results.append(result)
        _show(result, arguments)
        for name, tally in result.tallies.items():
            total.setdefault(name, Tally())
            total[name] += tally
    print("\n| all repositories | living found | dead told | wrong and certain | answers |")
    print("|---|---|---|---|---|")
    for name, tally in total.items():
        print(f"| {name} | {_rates(tally)} |")


def _show(result: Result, arguments: argparse.Namespace) -> None:
    judged = sum(result.by.values())
    unsure = sum(result.unsure.values())
    told = ", ".join(f"{by} {count}" for by, count in result.by.most_common())
    print(
        f"\n{result.name}: {result.functions} functions at {result.stops} stops; {unsure} unsure; by {told}"
    )
    for name, tally in result.tallies.items():
        print(f"| {result.name} | {name} | {_rates(tally)} |")
    if arguments.show_wrong:
        for text in result.wrong.values():
            print(f"    {text}")
    if arguments.show_unsure:
        for title, count in result.unsure.most_common():
            print(f"    unsure at {count} of {result.stops}: {title}")
    if not judged:
        print("    nothing could be judged")
    print(end="", flush=True)


def _rates(tally: Tally) -> str:
    answers = tally.alive + tally.dead
    found = f"{tally.found / tally.alive:.4f} of {tally.alive:,}" if tally.alive else "–"
    dead = f"{tally.told_dead / tally.dead:.4f} of {tally.dead:,}" if tally.dead else "–"
    return f"{found} | {dead} | {tally.certain / answers:.4f} | {answers:,}" if answers else "– | – | – | 0"


if __name__ == "__main__":
    main()
