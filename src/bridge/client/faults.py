"""Why a codebase-server could not be asked, in words for whoever reads the warning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal[
    "absent", "refused", "timed out", "reset", "status", "unauthorised", "nonsense", "untrusted"
]

START: Final = (
    "Start it where the code is: any MCP host with codebase-server configured does, or run "
    "`codebase-server serve --root DIR`. BRIDGE=off switches this check off."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What happened (``reason``, without a full stop) and what to do about it (``remedy``, sentences)."""

    kind: Kind
    reason: str
    remedy: str = START

    @property
    def opens_breaker(self) -> bool:
        """Whether asking again at once would cost time: nothing was refused outright."""
        return self.kind not in {"absent", "refused", "untrusted"}

    def later(self, seconds: float) -> Fault:
        """The same fault, remembered while the breaker is open."""
        return replace(self, reason=f"{self.reason}; asked again in {max(seconds, 0.0):.1f} s")


class FaultError(Exception):
    """Carries a `Fault` out of an exchange."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


def absent() -> Fault:
    """No server has told where it is."""
    return Fault("absent", "refused: no codebase-server runs, there is no endpoint file")


def refused(url: str) -> Fault:
    """Nobody listens where a server should be."""
    return Fault("refused", f"refused: nobody listens at {url}")


def gone(pid: int) -> Fault:
    """An endpoint file outlived the server that wrote it."""
    return Fault("refused", f"refused: the server that its endpoint file names (pid {pid}) is gone")


def timed_out(milliseconds: int, stage: str) -> Fault:
    """The deadline passed while ``stage``."""
    remedy = "It may be busy indexing: try again in a moment, or give it more time with BRIDGE_TIMEOUT_MS."
    return Fault("timed out", f"timed out after {milliseconds} ms while {stage}", remedy)


def reset(stage: str) -> Fault:
    """The connection broke while ``stage``."""
    return Fault("reset", f"the connection was reset while {stage}", "It may have been restarted: try again.")


def nonsense(what: str) -> Fault:
    """An answer that is not what was agreed."""
    remedy = (
        "Another program may listen there, or a codebase-server of another version: "
        "see which with `codebase-server doctor`, or set CODEBASE_URL."
    )
    return Fault("nonsense", f"answered nonsense: {what}", remedy)


def status(code: int, location: str = "") -> Fault:
    """An HTTP status other than success."""
    if code in {401, 403}:
        remedy = "The token does not fit: restart codebase-server, or correct CODEBASE_TOKEN."
        return Fault("unauthorised", f"not authorised: answered {code}", remedy)
    if 300 <= code < 400:
        where = f" to {location:.80}" if location else ""
        return Fault(
            "status", f"answered {code}, a redirect{where} that is not followed", nonsense("").remedy
        )
    if code == 404:
        reason = "answered 404, it does not know this request"
        return Fault("status", reason, "Bring codebase-server to the version of workflow-server.")
    return Fault(
        "status", f"answered {code}", "Its log says why (`codebase-server doctor` tells where it is)."
    )


def unproved(url: str, what: str) -> Fault:
    """Whoever listens did not prove that it knows the token, and was sent nothing."""
    remedy = (
        "Another program, perhaps another user's, may have taken the port of a server that was killed: "
        "start codebase-server again, and look with `codebase-server doctor`."
    )
    reason = f"not authorised: who listens at {url} did not prove to be this user's server ({what})"
    return Fault("unauthorised", reason, remedy)


def another_proof(scheme: str) -> Fault:
    """The door proves itself in a way that is not known here."""
    reason = f"not authorised: it proves itself by {scheme:.40}, which this version does not know"
    return Fault("unauthorised", reason, "Bring workflow-server to the version of codebase-server.")


def untrusted(file: str, why: str) -> Fault:
    """An endpoint file that must not be believed."""
    remedy = f"Remove {file} if no codebase-server runs, and start it again: it writes a good one."
    return Fault("untrusted", f"its endpoint file is not believed: {why}", remedy)
