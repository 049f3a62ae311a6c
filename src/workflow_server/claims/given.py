"""The tokens that were given out, for a session whose answer was lost."""

from __future__ import annotations

from workflow_server.records import Call


class GivenTokens:
    """The claim tokens that this process gave out, each for the session that got it. The store keeps their
    hashes alone; this is how a session whose answer was lost is given its token once more, and no other.
    """

    _MOST = 1_000

    def __init__(self) -> None:
        self._tokens: dict[tuple[str, str], tuple[str, str, str]] = {}

    def keep(self, project: str, item_id: str, call: Call, token: str) -> None:
        """Remember a token, and forget the oldest of too many."""
        if not call.session:
            return
        self._tokens.pop((project, item_id), None)
        self._tokens[project, item_id] = (call.session, call.actor.name, token)
        if len(self._tokens) > self._MOST:
            del self._tokens[next(iter(self._tokens))]

    def of(self, project: str, item_id: str | None, call: Call) -> str | None:
        """The token that this session was given for an item, if any."""
        session, name, token = self._tokens.get((project, item_id or ""), ("", "", ""))
        return token if session and (session, name) == (call.session, call.actor.name) else None
