"""What services say in the words of the tools, said in those of the command line."""

from __future__ import annotations

import re
from typing import Final

_SAID: Final = tuple(
    (re.compile(tool), shell)
    for tool, shell in (
        (r"tick criteria with criteria=\[[^\]]*\]", "tick criteria with --evidence INDEX[=TEXT]"),
        (
            r"`changes` holds nothing to change\. Fields: [^.]*\.",
            "Nothing to change is given. `workflow-server update --help` lists the options.",
        ),
        (r"`criteria\[\d+\]\.index` is (\d+), but", r"--evidence \1 names no criterion:"),
        (r"; get_work_item shows it\. `text` looks for words\.", "; workflow-server show shows it."),
        (r"`override_reason`", "--because REASON"),
        (r"list_work_items view=(\w+)", r"workflow-server list --view \1"),
        (r"manage_projects action=create", "workflow-server project create NAME"),
        (
            r"manage_projects\(action=archive, name=\.\.\., restore=true\)",
            "`workflow-server project archive --restore NAME`",
        ),
        (r"delete_work_item\((?:id, )?restore=true\)", "workflow-server delete ID --restore"),
        (
            r"claim_work_item with action=release and the claim_token",
            "workflow-server claim ID --release --token TOKEN",
        ),
        (r"update_work_item\(to_project=\.\.\.\)", "workflow-server update ID --to-project NAME"),
        (
            r"get_work_item\(ids=\[\"(wi_\w+)\"\], include=\[\"code\"\]\)",
            r"workflow-server show \1 --code",
        ),
        (r"with state=\[\.\.\.\]", "with --state"),
        (r"; restore=true brings it back", "; workflow-server delete ID --restore brings it back"),
        (r" \(remove_blocked_by\)", " (workflow-server link ID --blocked-by OTHER --remove)"),
        (r"\bpass the token\b", "pass --token"),
        (r"\bPass `project`", "Give --project NAME"),
        (r"name another `project`", "name another --project"),
        (r"\bget_work_item\b", "workflow-server show"),
        (r"\blist_work_items\b", "workflow-server list"),
        (r"\bupdate_work_item\b", "workflow-server update"),
        (r"\bdelete_work_item\b", "workflow-server delete"),
        (r"\bclaim_work_item\b", "workflow-server claim"),
        (r"\bcheck_references\b", "workflow-server check"),
        (r"\bdefine_item_type\b", "workflow-server type"),
    )
)


def of_the_shell(text: str) -> str:
    """`text` with commands where it names tools and their arguments."""
    for tool, shell in _SAID:
        text = tool.sub(shell, text)
    return text
