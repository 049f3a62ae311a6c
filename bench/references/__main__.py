"""References: what they cost and whether they tell the truth.

    python -m bench.references cost
    python -m bench.references history REPOSITORY [REPOSITORY ...]
    python -m bench.references session

``history`` wants Python repositories with their history (a clone or a bare git
directory). Functions of the commit 500 first-parent commits back are linked to
items, the checkout is moved forward in ten steps, and the states are held
against a truth that git and the Python parser tell.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from bench.references import cost, history, session


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    costs = commands.add_parser("cost", help="latency of get and of check_references")
    costs.add_argument("--rounds", type=int, default=200)
    past = commands.add_parser("history", help="states against the truth on real history")
    past.add_argument("repositories", type=Path, nargs="+")
    past.add_argument("--commits", type=int, default=500)
    past.add_argument("--sample", type=int, default=200)
    past.add_argument("--steps", type=int, default=10)
    past.add_argument("--show-wrong", action="store_true", help="list every reference that was told wrongly")
    commands.add_parser("session", help="record the session of docs/ anew, as Markdown")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if arguments.command == "cost":
            asyncio.run(cost.measure(Path(name), arguments.rounds))
        elif arguments.command == "session":
            asyncio.run(session.record(Path(name)))
        else:
            _history(Path(name), arguments)


_COLUMNS = ("functions", "unsure", "right", "wrong valid", "path:line right", "path right")


def _history(world: Path, arguments: argparse.Namespace) -> None:
    print(f"| repository | {' | '.join(_COLUMNS)} | truth |")
    print("|---" * (len(_COLUMNS) + 2) + "|")
    for number, origin in enumerate(arguments.repositories):
        folder = world / str(number)
        folder.mkdir()
        measured = history.measure(
            origin.absolute(),
            folder,
            commits=arguments.commits,
            sample=arguments.sample,
            steps=arguments.steps,
        )
        figures = asyncio.run(measured)
        truth = ", ".join(f"{count} {state}" for state, count in sorted(figures["truth"].items()))
        name = origin.parent.name if origin.name in {"repo", ".git"} else origin.name
        cells = [_shown(figures[column]) for column in _COLUMNS]
        print(f"| {name} | {' | '.join(cells)} | {truth} |", flush=True)
        if arguments.show_wrong:
            print("\n".join(f"    {line}" for line in figures["wrong"]), flush=True)


def _shown(value: float) -> str:
    return f"{value:.3f}" if isinstance(value, float) else f"{value}"


if __name__ == "__main__":
    main()
