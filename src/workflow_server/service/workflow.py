"""`WorkflowService`: the one object behind every door."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_server.records import (
    BackupAnswer,
    Call,
    CheckAnswer,
    ClaimAction,
    ClaimAnswer,
    DeleteAnswer,
    DoctorAnswer,
    HistoryAnswer,
    Include,
    ItemAnswer,
    ItemChanges,
    ItemQuery,
    ItemsAnswer,
    ItemType,
    Json,
    ListAnswer,
    NewItem,
    PlanAnswer,
    Project,
    ProjectsAnswer,
    StatisticsAnswer,
    TypeAnswer,
    UndoAnswer,
    UpdateAnswer,
    WhyAnswer,
)

if TYPE_CHECKING:
    from workflow_server.references import References
    from workflow_server.store import Store


class WorkflowService:
    """Work items of all projects under one data folder.

    Cheap to make: nothing is opened before the first call. ``references`` does
    the linking and checking of code references and owns the bridge; ``None``
    keeps references as text and says nothing about them (``BRIDGE=off`` with
    no linker). ``default_project`` is ``--project`` or ``WORKFLOW_PROJECT``.
    """

    def __init__(
        self, data_dir: Path, *, references: References | None = None, default_project: str | None = None
    ) -> None: ...

    async def close(self) -> None:
        """Close every open project file. Safe to call twice."""

    # -- items ---------------------------------------------------------------

    async def create_work_item(self, call: Call, item: NewItem) -> ItemAnswer:
        """Store one item and answer it whole."""
        raise NotImplementedError

    async def create_work_items(
        self, call: Call, items: Sequence[NewItem], *, dry_run: bool = False
    ) -> PlanAnswer:
        """Store a plan of up to 200 items in one transaction, or nothing."""
        raise NotImplementedError

    async def get_work_items(
        self, call: Call, ids: Sequence[str], *, include: Sequence[Include] = ()
    ) -> ItemsAnswer:
        """Items, whole, in the order asked; references checked. Fails only when none of the ids is known."""
        raise NotImplementedError

    async def list_work_items(self, call: Call, query: ItemQuery) -> ListAnswer:
        """A page of brief rows."""
        raise NotImplementedError

    async def update_work_items(
        self,
        call: Call,
        ids: Sequence[str],
        changes: ItemChanges,
        *,
        expected_version: int | None = None,
        claim_token: str | None = None,
        override_reason: str | None = None,
        to_project: str | None = None,
    ) -> UpdateAnswer:
        """Change 1 to 100 items in one transaction, or none. ``to_project`` moves them with their descendants."""
        raise NotImplementedError

    async def claim_work_item(
        self,
        call: Call,
        *,
        id: str | None = None,  # noqa: A002 - the tool's argument name
        filters: ItemQuery | None = None,
        action: ClaimAction = "claim",
        claim_token: str | None = None,
        lease_minutes: float | None = None,
        avoid_overlap: bool = False,
    ) -> ClaimAnswer:
        """Claim the given item or the best ready one; renew or release a claim."""
        raise NotImplementedError

    async def delete_work_item(
        self,
        call: Call,
        id: str,
        *,
        restore: bool = False,
        claim_token: str | None = None,  # noqa: A002
    ) -> DeleteAnswer:
        """Delete softly with descendants, or restore what that delete took."""
        raise NotImplementedError

    async def why_blocked(self, call: Call, id: str) -> WhyAnswer:  # noqa: A002
        """Whether the item is ready and, when not, every reason."""
        raise NotImplementedError

    # -- history ---------------------------------------------------------------

    async def undo(self, call: Call, *, id: str | None = None, event: str | None = None) -> UndoAnswer:  # noqa: A002
        """Take back an event, or the last change of an item that is not itself undone."""
        raise NotImplementedError

    async def history(
        self,
        call: Call,
        *,
        id: str | None = None,
        since: int = 0,
        limit: int = 100,  # noqa: A002
    ) -> HistoryAnswer:
        """Events of an item or, without ``id``, of the project, after cursor ``since``."""
        raise NotImplementedError

    async def head(self, call: Call) -> int:
        """``seq`` of the newest event of the project, 0 when empty; a cheap poll for live views."""
        raise NotImplementedError

    # -- references --------------------------------------------------------------

    async def check_references(
        self,
        call: Call,
        *,
        ids: Sequence[str] = (),
        state: Sequence[str] = (),
        relink: Sequence[Json] = (),
    ) -> CheckAnswer:
        """Check the references of the given items or of all open ones; apply ``relink`` first."""
        raise NotImplementedError

    # -- types ---------------------------------------------------------------------

    async def define_item_type(
        self,
        call: Call,
        name: str,
        *,
        schema: Json | None = None,
        description: str | None = None,
        allow_breaking: bool = False,
        defaults: Json | None = None,
    ) -> TypeAnswer:
        """Define a type or change it."""
        raise NotImplementedError

    async def item_types(self, call: Call) -> list[ItemType]:
        """All types of the project, built-in ones first."""
        raise NotImplementedError

    # -- projects --------------------------------------------------------------------

    async def list_projects(self, call: Call) -> ProjectsAnswer:
        """All projects, archived ones last."""
        raise NotImplementedError

    async def create_project(self, call: Call, name: str) -> Project:
        """Create a project; an existing name is an error that says so."""
        raise NotImplementedError

    async def select_project(self, call: Call, name: str) -> Project:
        """Make ``name`` this process's project for calls that name none."""
        raise NotImplementedError

    async def archive_project(self, call: Call, name: str, *, restore: bool = False) -> Project:
        """Make a project read-only and list it last, or take it back."""
        raise NotImplementedError

    async def project_statistics(self, call: Call) -> StatisticsAnswer:
        """Throughput, cycle time, open items by age, blocked chains."""
        raise NotImplementedError

    async def resolve_project(self, call: Call, *, writing: bool = False) -> str:
        """Name of the project that ``call`` is about. Creates it only when ``writing`` and the rules allow."""
        raise NotImplementedError

    async def doctor(self, call: Call) -> DoctorAnswer:
        """Integrity check, foreign keys, derived columns against recomputation, full-text index."""
        raise NotImplementedError

    async def backup(self, call: Call, target: Path | None = None) -> BackupAnswer:
        """Copy the project online into one file; default name under ``<data>/backups``."""
        raise NotImplementedError

    async def restore_backup(self, call: Call, source: Path, *, name: str) -> BackupAnswer:
        """Make project ``name`` from a backup; an existing project's file is set aside, not overwritten."""
        raise NotImplementedError

    # -- for export and import ----------------------------------------------------------

    async def open_store(self, call: Call, *, writing: bool = False) -> tuple[str, Store]:
        """Name and store of the call's project: ``await store.read(fn)`` and ``await store.write(fn)`` run ``fn(connection)`` in one transaction."""
        raise NotImplementedError
