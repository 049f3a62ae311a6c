"""What can be wrong with a root."""

from __future__ import annotations

from typing import Literal

RootProblem = Literal["root_not_found", "root_not_a_folder", "root_unreadable", "root_refused"]


class RootError(Exception):
    """A folder that cannot be indexed; ``hint`` says what to do instead."""

    def __init__(self, code: RootProblem, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"
