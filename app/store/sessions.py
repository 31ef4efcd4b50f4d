"""Sessions and what is known of them: the table `session`, completed as more is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from app.model.usage import Batch, Session
from app.store.files import Ask, AskMany

_INSERT = (
    "INSERT INTO session (id, source, native, project, branch, version, entrypoint, main)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE = "UPDATE session SET project = ?, branch = ?, version = ?, entrypoint = ?, main = ? WHERE id = ?"


class Sessions:
    """Remembers the ids it has met. `forget` after a transaction that came to nothing."""

    def __init__(self, ask: Ask, ask_many: AskMany) -> None:
        self._ask = ask
        self._ask_many = ask_many
        self.ids: dict[str, dict[str, int]] = {}
        """Source → the agent's session id → ours."""
        self._facts: dict[int, Session] = {}

    def forget(self) -> None:
        self.ids.clear()
        self._facts.clear()

    def learn(self, batches: Sequence[Batch]) -> None:
        """Makes or completes every session the batches speak of; afterwards all of them are in `ids`."""
        for source in {batch.source for batch in batches}:
            own = [batch for batch in batches if batch.source == source]
            mentioned = dict.fromkeys(
                [*(call.session for batch in own for call in batch.calls)]
                + [one.session for batch in own for one in batch.occurrences]
                + [one.id for batch in own for one in batch.sessions]
            )
            ids = self.ids.setdefault(source, {})
            self._load(source, ids, [native for native in mentioned if native not in ids])
            self._complete(source, ids, list(mentioned), [one for batch in own for one in batch.sessions])

    def _load(self, source: str, ids: dict[str, int], natives: list[str]) -> None:
        for ident, native, *facts, main in self._ask(
            "SELECT id, native, project, branch, version, entrypoint, main FROM session"
            " WHERE source = ? AND native IN (SELECT value FROM json_each(?))",
            (source, json.dumps(natives)),
        ):
            ids[native] = ident
            self._facts[ident] = Session(native, bool(main), *facts)

    def _complete(self, source: str, ids: dict[str, int], mentioned: list[str], found: list[Session]) -> None:
        following = int(self._ask("SELECT coalesce(max(id), 0) + 1 FROM session")[0][0])
        new: set[int] = set()
        changed: set[int] = set()
        for native in mentioned:
            if native not in ids:
                ids[native], following = following, following + 1
                self._facts[ids[native]] = Session(native, False, None, None, None, None)
                new.add(ids[native])
        for one in found:
            ident = ids[one.id]
            merged = merged_facts(self._facts[ident], one)
            if merged != self._facts[ident]:
                self._facts[ident] = merged
                changed.add(ident)
        self._ask_many(_INSERT, [self._row(source, ident) for ident in sorted(new)])
        self._ask_many(_UPDATE, [(*self._row(source, ident)[3:], ident) for ident in sorted(changed - new)])

    def _row(self, source: str, ident: int) -> tuple[Any, ...]:
        facts = self._facts[ident]
        return ident, source, facts.id, facts.project, facts.branch, facts.version, facts.entrypoint, facts.main


def merged_facts(known: Session, found: Session) -> Session:
    """The project of the first record stays; branch and version follow the newest; a main log outranks a sub-agent's."""
    if known.main and not found.main:
        return known
    first = found if found.main and not known.main else known
    return Session(
        id=known.id,
        main=known.main or found.main,
        project=first.project or known.project or found.project,
        branch=found.branch or known.branch,
        version=found.version or known.version,
        entrypoint=first.entrypoint or known.entrypoint or found.entrypoint,
    )
