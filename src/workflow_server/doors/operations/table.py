"""The table of operations: what each is called, says, takes, does and answers."""

from typing import Any

from workflow_server.doors.operations import calls, shapes
from workflow_server.doors.operations.operation import Operation

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer"}
_FLAG: Schema = {"type": "boolean"}
_RECORD: Schema = {"type": "object"}
_RECORDS: Schema = {"type": "array", "items": _RECORD}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
# Two branches, not a list of types: clients that know one type a schema read it too.
_NULLABLE_TEXT: Schema = {"anyOf": [{"type": "string"}, {"type": "null"}]}

_REFERENCES: Schema = {"type": "array", "items": {"anyOf": [_TEXT, _RECORD]}}
_LINKS: Schema = _RECORDS
_TICKS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"index": _NUMBER, "done": _FLAG, "evidence": _TEXT, "text": _TEXT},
        "required": ["index"],
    },
}


def _answer(**properties: Schema) -> Schema:
    """Every answer names the project it used and may warn."""
    return {
        "type": "object",
        "properties": {**properties, "project": _TEXT, "warnings": _TEXTS},
        "required": ["project"],
    }


def _told(description: str, schema: Schema) -> Schema:
    return {**schema, "description": description}


_ALL = (
    Operation(
        "create_work_item",
        "Create work item",
        "Code references are resolved and watched.",
        shapes.CreateArguments,
        calls.create,
        _answer(id=_TEXT, version=_NUMBER, status=_TEXT, created=_FLAG, references=_RECORDS),
        "adds",
        defaults={"item_type": "task", "status": "planned", "priority": 2},
        published={
            "entity_references": _told(
                "code: chunk id, path::Symbol, path:line, path:a-b or path; "
                "or {ref, role: about|test|evidence|introduced-by, repository}",
                _REFERENCES,
            ),
            "acceptance_criteria": _told("text or {text, done, evidence}", _REFERENCES),
        },
    ),
    Operation(
        "create_work_items",
        "Create a plan",
        "Up to 200 items in one transaction, all or none.",
        shapes.PlanArguments,
        calls.plan,
        _answer(items=_RECORDS, dry_run=_FLAG, event=_NULLABLE_TEXT, created=_NUMBER),
        "adds",
        published={
            "items": {
                "type": "array",
                "minItems": 1,
                "maxItems": 200,
                "description": "as create_work_item, plus `key` for parent_id, blocked_by and links",
                "items": {
                    "type": "object",
                    "properties": {"key": _TEXT, "title": _TEXT},
                    "required": ["title"],
                    "additionalProperties": True,
                },
            }
        },
    ),
    Operation(
        "get_work_item",
        "Get work items",
        "Whole items; code references are checked.",
        shapes.GetArguments,
        calls.get,
        _answer(items=_RECORDS, missing=_RECORDS),
        "reads",
    ),
    Operation(
        "list_work_items",
        "List work items",
        "Brief rows. view=ready: best first; blocked: why; claimed: by whom.",
        shapes.ListArguments,
        calls.list_items,
        _answer(items=_RECORDS, total_count=_NUMBER, next_cursor=_NULLABLE_TEXT),
        "reads",
        defaults={"view": "all", "limit": 25},
    ),
    Operation(
        "update_work_item",
        "Update work items",
        "Change fields, add a note, tick criteria, move. Completing with open blockers, "
        "children or criteria needs override_reason. Empty text or null empties a field.",
        shapes.UpdateArguments,
        calls.update,
        _answer(items=_RECORDS, event=_NULLABLE_TEXT),
        "adds",
        published={
            "links": _LINKS,
            "add_links": _LINKS,
            "remove_links": _LINKS,
            "entity_references": _REFERENCES,
            "add_entity_references": _REFERENCES,
            "acceptance_criteria": _REFERENCES,
            "criteria": _TICKS,
        },
        emptied=calls.EMPTIED,
    ),
    Operation(
        "claim_work_item",
        "Claim work",
        "Take `id` or the best ready item, with all needed to start. Keep claim_token.",
        shapes.ClaimArguments,
        calls.claim,
        _answer(
            claimed=_FLAG,
            claim_token=_NULLABLE_TEXT,
            item={"anyOf": [{"type": "object"}, {"type": "null"}]},
            reason=_NULLABLE_TEXT,
        ),
        "adds",
        defaults={"action": "claim"},
    ),
    Operation(
        "delete_work_item",
        "Delete or restore",
        "Soft, with descendants; says what else is touched.",
        shapes.DeleteArguments,
        calls.delete,
        _answer(deleted=_TEXTS, restored=_TEXTS, touches=_TEXTS, event=_NULLABLE_TEXT),
        "removes",
    ),
    Operation(
        "undo",
        "Undo",
        "Take back the last change of `id` alone, or all of `event`; again to redo. force: work since too.",
        shapes.UndoArguments,
        calls.undo,
        _answer(undone=_TEXT, event=_TEXT, told=_TEXT, items=_RECORDS),
        "removes",
    ),
    Operation(
        "check_references",
        "Check code references",
        "What changed, moved or is gone in referenced code; relink applies proposals.",
        shapes.CheckArguments,
        calls.check,
        _answer(counts=_RECORD, references=_RECORDS, relinked=_RECORDS),
        "adds",
        published={
            "relink": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "id": _TEXT,
                        "ref": _told("* for all moved or changed", _TEXT),
                        "to": _told("accept, drop or a new reference", _TEXT),
                    },
                    "required": ["id", "ref", "to"],
                },
            }
        },
    ),
    Operation(
        "define_item_type",
        "Define item type",
        "A JSON Schema for items' metadata; breaking changes need allow_breaking.",
        shapes.TypeArguments,
        calls.define_type,
        _answer(name=_TEXT, version=_NUMBER, breaking=_TEXTS, migrated=_NUMBER),
        "adds",
    ),
    Operation(
        "manage_projects",
        "Projects",
        "select sets this session's project.",
        shapes.ProjectArguments,
        calls.projects,
        _answer(projects=_RECORDS, statistics=_RECORD),
        "adds",
        defaults={"action": "list"},
    ),
)

OPERATIONS: dict[str, Operation] = {operation.name: operation for operation in _ALL}
