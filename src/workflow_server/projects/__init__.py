"""Projects: which there are, which one a call is about, and the care of their files."""

from workflow_server.projects.folder import ProjectFolder, ProjectRow

__all__ = ["ProjectFolder", "ProjectRow"]
