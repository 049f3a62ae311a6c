"""Projects: which there are, which one a call is about, and the care of their files."""

from workflow_server.projects.folder import ProjectFolder
from workflow_server.projects.register import ProjectRow

__all__ = ["ProjectFolder", "ProjectRow"]
