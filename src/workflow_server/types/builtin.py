"""The types every project has. Their metadata rules hold what is commonly recorded; other keys are free."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_HOURS = {"type": "number", "minimum": 0, "maximum": 1000}
_TEXTS = {"type": "array", "items": {"type": "string"}}
_COMMIT = {"type": "string", "pattern": "^[0-9a-f]{7,40}$"}
_EFFORT: Json = {
    "estimated_hours": _HOURS,
    "actual_hours": _HOURS,
    "branch": {"type": "string", "maxLength": 250},
    "commits": {"type": "array", "items": _COMMIT},
    "blocked_reason": {"type": "string", "maxLength": 500},
}


def _schema(**properties: Json) -> Json:
    return {"type": "object", "properties": properties}


BUILT_IN: dict[str, tuple[str, Json]] = {
    "project": (
        "A body of work with a goal.",
        _schema(
            description={"type": "string", "maxLength": 1000},
            target_quarter={"type": "string", "pattern": "^[0-9]{4}-Q[1-4]$"},
            principles=_TEXTS,
        ),
    ),
    "session": (
        "One sitting of a person or agent.",
        _schema(
            token_budget={"type": "integer", "minimum": 1000, "maximum": 1_000_000},
            prompts_count={"type": "integer", "minimum": 0},
        ),
    ),
    "task": ("Something to be done.", _schema(**_EFFORT)),
    "research": (
        "A question to be answered.",
        _schema(
            research_questions=_TEXTS,
            findings_summary={"type": "string", "maxLength": 2000},
            references=_TEXTS,
        ),
    ),
    "subtask": ("A part of a task.", _schema(**_EFFORT)),
    "deployment": (
        "A release of code to an environment; link what it ships with kind `deploys`.",
        _schema(
            commit_sha=_COMMIT,
            branch={"type": "string", "maxLength": 250},
            environment={"enum": ["production", "staging", "dev"]},
            deployment_status={"enum": ["pending", "deployed", "failed", "rolled_back"]},
            deployed_at={"type": "string", "format": "date-time"},
            commit_message={"type": "string"},
            author_name={"type": "string"},
            author_email={"type": "string"},
            pr_number={"type": "integer", "minimum": 1},
            pr_title={"type": "string", "minLength": 1, "maxLength": 200},
            test_summary={"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
        ),
    ),
}
"""Description and schema by name, in the order they are listed."""
