"""Sessions of which a collector or a gateway tells what the agent's own log tells, too: there only the latter counts."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Protocol

from app.store.files import Ask

_ANY = "SELECT 1 FROM session WHERE source IN (SELECT value FROM json_each(?)) LIMIT 1"
_TOLD_TWICE = (
    "SELECT DISTINCT echo.id FROM session AS echo JOIN session AS own ON own.native = echo.native"
    " WHERE echo.source IN (SELECT value FROM json_each(?)) AND own.source NOT IN (SELECT value FROM json_each(?))"
    " AND EXISTS (SELECT 1 FROM call WHERE call.session_id = own.id)"
)


class _Copy(Protocol):
    kept: int
    folded: int
    session: int


class Echoes:
    """Which sessions these are. `forget` after a transaction that came to nothing, or by another process."""

    def __init__(self, ask: Ask, sources: Collection[str]) -> None:
        self._ask = ask
        self.sources = sorted(sources)
        self._sessions: frozenset[int] | None = None

    def forget(self) -> None:
        self._sessions = None

    def look(self, withheld: Collection[str]) -> frozenset[int]:
        """Looks again which they are; those that became one, or are one no more, since the last look."""
        before = self._sessions
        told = [*self.sources, *withheld]  # what counts nowhere takes no place
        if self.sources and self._ask(_ANY, (json.dumps(self.sources),)):
            found = self._ask(_TOLD_TWICE, (json.dumps(self.sources), json.dumps(told)))
            self._sessions = frozenset(ident for (ident,) in found)
        else:
            self._sessions = frozenset()
        return self._sessions ^ before if before is not None else frozenset()

    def silence(self, copies: Collection[_Copy], withheld: Collection[str]) -> None:
        """A request counts nowhere where nobody but such sessions tells it."""
        if self._sessions is None:
            self.look(withheld)
        if self._sessions and all(copy.session in self._sessions for copy in copies):
            for copy in copies:
                copy.kept, copy.folded = 0, 0
