"""`WorkflowService`: the one object behind every door."""

from __future__ import annotations

from workflow_server.service.changing import Changing
from workflow_server.service.checking import Checking
from workflow_server.service.claiming import Claiming
from workflow_server.service.creating import Creating
from workflow_server.service.defining import Defining
from workflow_server.service.history import History
from workflow_server.service.projects import Projects
from workflow_server.service.reading import Reading


class WorkflowService(Creating, Reading, Changing, History, Claiming, Checking, Defining, Projects):
    """Work items of all projects under one data folder.

    ``WorkflowService(data_dir, references=..., default_project=..., clock=...)``.
    ``references`` does the linking and checking of code references and owns
    the bridge; ``None`` keeps references as text. ``default_project`` is
    ``--project`` or ``WORKFLOW_PROJECT``.
    """
