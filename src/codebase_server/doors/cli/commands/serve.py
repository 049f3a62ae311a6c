"""``codebase-server serve``."""

from __future__ import annotations

import click

from codebase_server.doors.cli.group import settings_of, settings_options


@click.command("serve")
@click.option("--json", "as_json", is_flag=True, help="Print the address and the process as JSON.")
@settings_options()
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Answer over loopback HTTP until stopped: POST /mcp/search, MCP at /mcp, GET /health.

    The address and the token are written to the endpoint file, whose place
    is printed. A host that launches this server needs none of it.
    """
    from codebase_server.processes.serving import serve

    ctx.exit(serve(settings_of(ctx), as_json=as_json))
