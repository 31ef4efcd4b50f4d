"""Rows and cursor in one transaction: a batch is either in, whole, or was never read.

Reading anything again changes nothing: a call's row is found by the call's key and its file, a file that is read anew has a
new generation whose rows replace the old ones, and a batch whose starting point is no longer the stored one is refused.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.diagnostics import KnownError
from app.model.money import Money
from app.model.usage import NOTHING_CHANGED, Batch, Call, Changed, Cursor, Problem, Session
from app.store import rows
from app.store.database import open_writer
from app.store.files import Files
from app.store.folding import Copy, join, judge

Price = Callable[[Call], Money | None]
Groups = dict[int, dict[tuple[int, int], Copy]]
"""Message → (call, file) → copy."""


class Writer:
    """The one writing connection. Used by one thread at a time."""

    def __init__(self, path: Path, price: Price, book: str) -> None:
        self.path = path
        self.connection = open_writer(path)
        self.price = price
        self.book = book
        self.files = Files(self._ask)
        self._sessions: dict[tuple[str, str], tuple[int, Session]] = {}

    def close(self) -> None:
        self.connection.close()
        self.connection.engine.dispose()

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def cursors(self, source: str) -> dict[str, Cursor]:
        """Path → how far it has been read."""
        return self.files.cursors(source)

    def cursor(self, source: str, path: str) -> Cursor | None:
        return self.files.cursor(source, path)

    def renamed(self, source: str, path: str, device: int, inode: int) -> Cursor | None:
        """The cursor of a file that used to lie elsewhere, now under its new path."""
        with self._transaction():
            return self.files.renamed(source, path, device, inode)

    def problem(self, problem: Problem) -> None:
        with self._transaction():
            self.files.problem(problem)

    def commit(self, batches: Sequence[Batch], now: int) -> Changed:
        """Stores the batches in one transaction. Raises KnownError where the disk or the file doesn't let it."""
        with self._transaction():
            groups: Groups = {}
            searches: list[tuple[int, int, int, int]] = []
            refused: set[str] = set()
            for batch in batches:
                file = self.files.move(batch, now)
                if file is None:
                    refused.add(batch.path)
                    continue
                self._gather(batch, file, groups)
                searches += [(one.group, one.key, file, one.count) for one in batch.searches]
                self._note(batch)
            self._join_stored(groups, {one[0] for one in searches})
            for group, key, file, count in searches:
                copy = groups.get(group, {}).get((key, file))
                if copy is not None:
                    copy.tool_searches += count
            copies = self._judge(groups)
            if copies:
                self.connection.exec_driver_sql(rows.INSERT, [self._row(copy) for copy in copies])
        return self._notice(copies, frozenset(refused))

    # --- calls

    def _gather(self, batch: Batch, file: int, groups: Groups) -> None:
        known = {one.id: self._session(batch.source, one) for one in batch.sessions}
        source, generation, seen = batch.source, batch.end.generation, batch.end.seen
        for call in batch.calls:
            session = known.get(call.session)
            if session is None:
                session = known[call.session] = self._session(source, _nameless(call.session))
            copy = Copy(source, call, file, generation, seen, session)
            group = groups.setdefault(call.group, {})
            place = (call.key, file)
            group[place] = join(group[place], copy) if place in group else copy

    def _join_stored(self, groups: Groups, searched: set[int]) -> None:
        """Brings in the stored copies of the messages in hand, joined with what is new of them."""
        wanted = [*groups, *searched.difference(groups)]
        if not wanted or not self._ask("SELECT 1 FROM call LIMIT 1"):
            return
        for row in self._ask(rows.SELECT, (json.dumps(wanted),)):
            stored = rows.copy_of(row)
            group = groups.setdefault(stored.call.group, {})
            place = (stored.call.key, stored.file)
            group[place] = join(stored, group[place]) if place in group else stored

    def _judge(self, groups: Groups) -> list[Copy]:
        for group in groups.values():
            judge(group.values())
        return [copy for group in groups.values() for copy in group.values()]

    def _row(self, copy: Copy) -> tuple[Any, ...]:
        money = None
        if copy.kept:
            call = copy.call
            searches = call.searches or copy.tool_searches
            if call.at != copy.counted_at or searches != call.searches:
                call = call._replace(at=copy.counted_at, searches=searches)
            money = self.price(call)
        return rows.row_of(copy, money, self.book)

    def _notice(self, copies: Iterable[Copy], refused: frozenset[str]) -> Changed:
        kept = [copy for copy in copies if copy.kept]
        if not kept:
            return NOTHING_CHANGED._replace(refused=refused)
        names = {ident: native for (_, native), (ident, _) in self._sessions.items()}
        return Changed(
            sources=frozenset(copy.source for copy in kept),
            sessions=frozenset((copy.source, names.get(copy.session, "")) for copy in kept),
            earliest=min(copy.counted_at for copy in kept),
            calls=len(kept),
            refused=refused,
        )

    # --- sessions and what happened in them

    def _session(self, source: str, found: Session) -> int:
        """The session's id; its facts are completed, those of a main log over those of a sub-agent's."""
        known = self._sessions.get((source, found.id)) or self._stored_session(source, found.id)
        if known is None:
            self._ask("INSERT INTO session (source, native, main) VALUES (?, ?, 0)", (source, found.id))
            known = int(self._ask("SELECT last_insert_rowid()")[0][0]), _nameless(found.id)
        ident, facts = known
        merged = _merged(facts, found)
        if merged != facts:
            self._ask(
                "UPDATE session SET project = ?, branch = ?, version = ?, entrypoint = ?, main = ? WHERE id = ?",
                (merged.project, merged.branch, merged.version, merged.entrypoint, merged.main, ident),
            )
        self._sessions[source, found.id] = ident, merged
        return ident

    def _stored_session(self, source: str, native: str) -> tuple[int, Session] | None:
        found = self._ask(
            "SELECT id, project, branch, version, entrypoint, main FROM session WHERE source = ? AND native = ?",
            (source, native),
        )
        if not found:
            return None
        ident, project, branch, version, entrypoint, main = found[0]
        return int(ident), Session(native, bool(main), project, branch, version, entrypoint)

    def _note(self, batch: Batch) -> None:
        for one in batch.occurrences:
            session = self._session(batch.source, _nameless(one.session))
            self._ask(
                "INSERT OR REPLACE INTO occurrence (session_id, at, kind, subagent, before, after, cause)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (session, one.at, one.kind, one.subagent or "", one.before, one.after, one.cause),
            )
        for one in batch.quotas:
            self._ask(
                "INSERT OR REPLACE INTO quota (source, name, minutes, at, used, resets_at, plan)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (batch.source, one.limit, one.minutes, one.at, one.used, one.resets_at, one.plan),
            )

    # --- the connection

    def _ask(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        result = self.connection.exec_driver_sql(statement, values)
        return list(result.fetchall()) if result.returns_rows else []

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing. What was learnt of sessions is forgotten if it comes to nothing."""
        from sqlalchemy.exc import DBAPIError

        try:
            self.connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.exec_driver_sql("COMMIT")
            except BaseException:
                self._sessions.clear()
                self._roll_back()
                raise
        except (DBAPIError, sqlite3.Error) as error:
            raise _refusal(self.path, error) from error

    def _roll_back(self) -> None:
        from sqlalchemy.exc import DBAPIError

        try:
            self.connection.exec_driver_sql("ROLLBACK")
        except (DBAPIError, sqlite3.Error):
            pass  # a full disk has already ended the transaction


def _nameless(session: str) -> Session:
    return Session(session, False, None, None, None, None)


def _merged(known: Session, found: Session) -> Session:
    """The project of the first record stays; branch and version follow the newest; a main log outranks a sub-agent's."""
    if found.main and not known.main:
        first, later = found, found
    elif known.main and not found.main:
        return known
    else:
        first, later = known, found
    return Session(
        id=known.id,
        main=known.main or found.main,
        project=first.project or known.project or found.project,
        branch=later.branch or known.branch,
        version=later.version or known.version,
        entrypoint=first.entrypoint or known.entrypoint or found.entrypoint,
    )


def _refusal(path: Path, error: Exception) -> KnownError:
    text = str(getattr(error, "orig", None) or error)
    if "locked" in text or "busy" in text:
        return KnownError(f"{path} is locked by another program.", "Close it, or try again in a moment.")
    if "full" in text:
        return KnownError(f"There is no room left for {path}.", "Free some disk space; nothing that was stored is lost.")
    if "readonly" in text or "read-only" in text:
        return KnownError(f"{path} may not be written.", "Make it writable, or name another folder in CUENTA_HOME.")
    return KnownError(f"{path} can't be written: {text}.", "Nothing that was stored before is lost.")
