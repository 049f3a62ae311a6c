"""What the `doctor` commands of both servers share: findings, the checks of a machine, the report."""

from bridge.doctor.finding import Finding, Level
from bridge.doctor.report import Report, options, shown

__all__ = ["Finding", "Level", "Report", "options", "shown"]
