"""The recorded session of docs/: a plan with references, a refactoring by git, and who picks it up later.

Two hosts' worth of real servers over stdio; what is printed is what a model reads.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

_ORDERS = '''"""Orders of the shop."""


def total_of(order, rates):
    """What the order costs, with tax and the customer's discount."""
    net = sum(line.price * line.count for line in order.lines)
    discount = rates.discount_for(order.customer, net)
    return round((net - discount) * (1 + rates.tax), 2)


def reserve_stock(order, shelves):
    """Take every line of the order from the shelves, or nothing."""
    taken = []
    for line in order.lines:
        if not shelves.take(line.article, line.count):
            for article, count in taken:
                shelves.put_back(article, count)
            raise OutOfStock(line.article)
        taken.append((line.article, line.count))


def send_confirmation(order, mail):
    """Tell the customer that the order was accepted."""
    text = f"Thank you, {order.customer.name}. Your order {order.number} is on its way."
    mail.send(order.customer.address, "Your order", text)
'''
_TEST = """from shop.orders import total_of


def test_the_discount_is_taken_before_the_tax():
    assert total_of(an_order(net=100, discount=10), rates(tax=0.2)) == 108.0
"""
_PRICING = '''"""What things cost."""


def total_of(order, rates):
    """What the order costs, with tax and the customer's discount."""
    net = sum(line.price * line.count for line in order.lines)
    discount = rates.discount_for(order.customer, net)
    return round((net - discount) * (1 + rates.tax), 2)
'''
_LATER_ORDERS = '''"""Orders of the shop."""


def reserve_stock(order, shelves):
    """Take every line of the order from the shelves, or nothing."""
    with shelves.transaction() as taking:
        for line in order.lines:
            if not taking.take(line.article, line.count):
                raise OutOfStock(line.article)
'''


class Recorder:
    """Prints the session as Markdown while it happens."""

    def told(self, text: str) -> None:
        """Prose between the calls."""
        print(f"\n{text}")

    async def call(self, session: ClientSession, tool: str, **arguments: Any) -> Any:
        """Call a tool; print the call and what the model reads; answer the record."""
        result = await session.call_tool(tool, arguments)
        text = "".join(getattr(part, "text", "") for part in result.content)
        given = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        print(f"\n````text\n> {tool}({given})\n\n{text}\n````")
        if result.is_error:
            raise RuntimeError(text)
        return result.structured_content


@asynccontextmanager
async def served(module: str, repository: Path, world: Path) -> AsyncIterator[ClientSession]:
    """A session with one of the servers, launched as a host does."""
    environment = {
        **os.environ,
        "TANDEM_RUNTIME_DIR": str(world / "runtime"),
        "CODEBASE_DATA_DIR": str(world / "codebase"),
        "WORKFLOW_DATA_DIR": str(world / "workflow"),
        "CODEBASE_HTTP_PORT": "0",
        "CLAUDE_PROJECT_DIR": str(repository),
    }
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", module], env=environment, cwd=str(repository)
    )
    with (world / f"{module}.log").open("a") as log:
        async with (
            stdio_client(parameters, errlog=log) as (read, write),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            yield session


def _write(repository: Path, path: str, text: str) -> None:
    target = repository / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def _commit(repository: Path, message: str, day: str) -> None:
    for arguments in (["add", "-A"], ["commit", "-q", "-m", message, "--date", f"{day}T09:00:00Z"]):
        options = ["-c", "user.name=Shop", "-c", "user.email=shop@localhost", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *options, *arguments], cwd=repository, check=True)
    print(f"\n```\n$ git commit -m {message!r}   # {day}\n```")


async def record(world: Path) -> None:
    """Run the session and print it."""
    repository = world / "shop"
    repository.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=repository, check=True)  # noqa: ASYNC221 - a script
    _write(repository, "shop/orders.py", _ORDERS)
    _write(repository, "tests/test_orders.py", _TEST)
    recorder = Recorder()
    print("# References that survive change: a recorded session\n")
    print("Made by `python -m bench.references session`; the ids differ from run to run.")
    _commit(repository, "Orders", "2026-03-02")
    await _plan(recorder, repository, world)
    recorder.told(
        "## Meanwhile\n\nPrices move into a file of their own, stock is taken in a transaction, and mail"
    )
    print("leaves the shop altogether. No tracker is told.")
    _write(repository, "shop/pricing.py", _PRICING)
    _write(repository, "shop/orders.py", _LATER_ORDERS)
    _write(repository, "tests/test_orders.py", _TEST.replace("shop.orders", "shop.pricing"))
    _commit(repository, "Prices in a file of their own, stock in a transaction, no mail", "2026-04-01")
    await _later(recorder, repository, world)


async def _plan(recorder: Recorder, repository: Path, world: Path) -> None:
    recorder.told("## March: an agent plans a refactoring")
    async with (
        served("codebase_server", repository, world) as code,
        served("workflow_server", repository, world) as work,
    ):
        await recorder.call(code, "index_repository")
        found = await recorder.call(
            code, "search_code", query="compute the price of an order with tax", limit=2
        )
        chunk = found["results"][0]["chunk_id"]
        proof = "tests/test_orders.py::test_the_discount_is_taken_before_the_tax"
        items = [
            {"key": "epic", "title": "Untangle orders", "item_type": "project"},
            {
                "key": "price", "title": "Round prices per line, not per order", "parent_id": "epic",
                "entity_references": [chunk, {"ref": proof, "role": "test"}],
            },
            {
                "key": "stock", "title": "Reserve stock without races", "parent_id": "epic",
                "entity_references": ["shop/orders.py::reserve_stock"],
            },
            {
                "key": "mail", "title": "Confirmations in the customer's language", "parent_id": "epic",
                "entity_references": ["shop/orders.py::send_confirmation"], "blocked_by": ["price"],
            },
        ]  # fmt: skip
        await recorder.call(work, "create_work_items", items=items)


async def _later(recorder: Recorder, repository: Path, world: Path) -> None:
    recorder.told("## April: another agent picks it up")
    async with (
        served("codebase_server", repository, world) as code,
        served("workflow_server", repository, world) as work,
    ):
        await recorder.call(code, "index_repository")
        await recorder.call(work, "claim_work_item")
        checked = await recorder.call(work, "check_references")
        lost = next(one for one in checked["references"] if one["state"] == "stale")
        moved = [one for one in checked["references"] if one["state"] in {"moved", "changed"}]
        recorder.told("What moved and changed is accepted; the mail is gone for good.")
        orders = [{"id": one["id"], "ref": one["ref"], "to": "accept"} for one in moved]
        orders.append({"id": lost["id"], "ref": lost["ref"], "to": "drop"})
        await recorder.call(work, "check_references", relink=orders)
        await recorder.call(
            work,
            "update_work_item",
            ids=[lost["id"]],
            status="cancelled",
            status_reason="no mail any more",
        )
        await recorder.call(work, "list_work_items", reference="shop/pricing.py")
    recorder.told("## And without the codebase server")
    async with served("workflow_server", repository, world) as work:
        await recorder.call(work, "get_work_item", ids=[moved[0]["id"]], include=["code"])
