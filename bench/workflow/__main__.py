"""The table of the work tracker's figures, beside its rivals' in the same run.

    python -m bench.workflow                      # 100, 20,000 and 100,000 items, races, kills, rivals
    python -m bench.workflow --items 100 2000 --rivals 0 --races small
    python -m bench.workflow bridge               # create and get, the codebase server up, down, not asked

Every figure is over stdio through the SDK's client; latencies are milliseconds
above the round trip of an empty tool on the same SDK, except the rivals',
whose own SDK's floor is not known and stays in, and those of ``bridge``. Every
write waits for the disk, so what a sync of 4 KB takes is printed beside.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from bench.workflow import bridged, latency, races, rivals
from bench.workflow.servers import Times, empty_round_trip, sync_time
from workflow_server.records import Actor, Call
from workflow_server.service import WorkflowService

RACES = {"none": None, "small": (4, 50, 6, 30, 10), "full": (8, 500, 16, 1000, 500)}
"""Creating processes, creates of each, claiming processes, rounds of claims, rounds of kills."""


def shown(value: Times | float | None) -> str:
    """One cell."""
    if value is None:
        return ""
    return f"{value.p50:.1f} / {value.p95:.1f}" if isinstance(value, Times) else f"{value:,.0f}"


def table(columns: dict[str, dict[str, Times | float]]) -> str:
    """A Markdown table: one column a dictionary, rows in the order of the first."""
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    lines = [
        "| p50 / p95 ms | " + " | ".join(columns) + " |",
        "|---|" + "---|" * len(columns),
    ]
    for name in names:
        lines.append(
            f"| {name} | " + " | ".join(shown(column.get(name)) for column in columns.values()) + " |"
        )
    return "\n".join(lines)


async def sizes(world: Path, counts: list[int], rounds: int) -> None:
    """Latency at each size."""
    columns: dict[str, dict[str, Times | float]] = {}
    empty = world / "empty"
    empty.mkdir()
    nothing = await latency.opened(empty / "data", empty)
    print(f"from spawn to the first answer of an empty project: {nothing:.0f} ms\n", flush=True)
    for count in counts:
        folder = world / f"items-{count}"
        folder.mkdir()
        work = await latency.load(folder / "data", count)
        columns[f"{count:,} items"] = await latency.measure(folder / "data", work, folder, rounds)
    print(table(columns), flush=True)


async def raced(world: Path, size: str) -> None:
    """Races and kills."""
    counts = RACES[size]
    if counts is None:
        return
    processes, each, claiming, rounds, killing = counts
    folder = world / "races"
    folder.mkdir()
    made = await races.creates(folder / "creates", folder, processes, each)
    print(
        f"\n{processes} servers x {each} creates: {made['acknowledged']:,} acknowledged, "
        f"{made['stored']:,} stored, "
        f"{made['per second']:.0f}/s, p50 / p95 {shown(made['times'])} ms",
        flush=True,
    )
    won = await races.claims(folder / "claims", folder, claiming, rounds)
    told = f"one winner in {won['with one winner']} of {won['rounds']} rounds"
    print(f"{claiming} servers claim one item: {told}", flush=True)
    service = WorkflowService(folder / "kills")
    await service.create_project(Call(Actor("bench")), "shared")
    await service.close()
    killed = await races.kills(folder / "kills", killing)
    print(
        f"kill -9, {killed['rounds']} rounds: {killed['acknowledged']:,} acknowledged after the last look, "
        f"{killed['lost']} lost, {killed['unsound']} files unsound",
        flush=True,
    )


async def beside(world: Path, items: int) -> None:
    """The rivals, and ourselves at their size."""
    columns: dict[str, dict[str, Times | float]] = {}
    for name, run in (("Backlog.md", rivals.backlog), ("Task Master", rivals.taskmaster)):
        folder = world / name.replace(" ", "-").lower()
        folder.mkdir()
        columns[f"{name} {rivals.VERSIONS[name].rsplit('@', 1)[1]}"] = await run(folder, items)
    print("\n" + table(columns), flush=True)


async def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("all", "bridge"), nargs="?", default="all")
    parser.add_argument("--items", type=int, nargs="*", default=[100, 20_000, 100_000])
    parser.add_argument("--rounds", type=int, default=100, help="calls of each kind")
    parser.add_argument("--races", choices=list(RACES), default="full")
    parser.add_argument("--rivals", type=int, default=1000, metavar="ITEMS", help="0 leaves them out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        world = Path(name)
        print(f"round trip of an empty tool: {shown(await empty_round_trip(world))} ms", flush=True)
        print(f"a sync of 4 KB: {shown(sync_time(world))} ms\n", flush=True)
        if arguments.what == "bridge":
            print(table(await bridged.measure(world, 1000)))
            return
        await sizes(world, arguments.items, arguments.rounds)
        await raced(world, arguments.races)
        if arguments.rivals and rivals.available():
            await beside(world, arguments.rivals)


asyncio.run(main())
