"""How long a search waits for a look at the whole disk, before it answers from the index as it was."""

from __future__ import annotations

from typing import Final

FEW_FILES: Final = 5_000
FEW_SECONDS: Final = 5.0
"""A look at so few files takes long only where the whole machine is held up, and then so does all else."""

LOOK_SECONDS: Final = 1.5
MANY_FILES: Final = 50_000
"""Files of a root from which the first look of a process is expected to take longer than is waited for."""

TURN_SECONDS: Final = 10.0
"""How long a look that nobody waits for lets the calls being answered go first: both use one interpreter."""

SHARE: Final = 100
"""A root is compared for events that were lost after so many times the seconds that a look takes."""


def for_a_look(files_known: int, last_seconds: float) -> float:
    """Seconds to wait for it; 0 where it is known, or expected, to take longer than anybody waits.

    :param last_seconds: how long the last look of this process took; 0 before the first.
    """
    patience = FEW_SECONDS if files_known <= FEW_FILES else LOOK_SECONDS
    expected = last_seconds if last_seconds else files_known / MANY_FILES * LOOK_SECONDS
    return 0.0 if expected > patience else patience
