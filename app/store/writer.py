"""Rows and cursor in one transaction: a batch is either in, whole, or was never read.

Reading anything again changes nothing: a call's row is found by the call's key and its file, a file that is read anew has a
new generation whose rows replace the old ones, and a batch whose starting point is no longer the stored one is refused.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.model.content import Measured
from app.model.money import Money
from app.model.usage import NOTHING_CHANGED, Batch, Call, Changed, Cursor, Problem
from app.store import queries, repricing, rows
from app.store.contents import Contents
from app.store.database import open_writer, refusal
from app.store.echoes import Echoes
from app.store.files import Files
from app.store.folding import COUNTED, Copy, hold_back, join, judge
from app.store.repairs import Repairs
from app.store.repricing import Priced
from app.store.sessions import Sessions
from app.tokenizers import BARE, Ratio

Price = Callable[[Call], Money | None]
_OCCURRENCE = (
    "INSERT OR REPLACE INTO occurrence (session_id, at, kind, subagent, before, after, cause)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_QUOTA = "INSERT OR REPLACE INTO quota (source, name, minutes, at, used, resets_at, plan) VALUES (?, ?, ?, ?, ?, ?, ?)"
_OF_WINDOW = "source = ?1 AND name = ?2 AND minutes = ?3"
_NO_NEWS = (
    f"DELETE FROM quota WHERE {_OF_WINDOW}"
    f" AND at >= coalesce((SELECT max(at) FROM quota WHERE {_OF_WINDOW} AND at < ?4), ?4)"
    f" AND at <= coalesce((SELECT min(at) FROM quota WHERE {_OF_WINDOW} AND at > ?5), ?5)"
    f" AND at < (SELECT max(at) FROM quota WHERE {_OF_WINDOW})"
    f" AND (used, resets_at) IS (SELECT near.used, near.resets_at FROM quota AS near WHERE {_OF_WINDOW}"
    "  AND near.at < quota.at ORDER BY near.at DESC LIMIT 1)"
)
"""Forgets what only repeats the announcement before it, between two instants; the newest of all stays, as the last word."""
_AT_A_TIME = 5_000
"""Messages judged anew in one go."""
Groups = dict[int, dict[tuple[int, int], Copy]]
"""Message → (call, file) → copy."""


class Writer:
    """The one writing connection. Used by one thread at a time."""

    def __init__(
        self,
        path: Path,
        price: Price,
        book: str,
        prior: Callable[[str | None], Ratio] = lambda _: BARE,
        secondhand: Collection[str] = (),
    ) -> None:
        """`prior` tells the ratio of a model's family (see `Repairs`), `secondhand` who echoes others (see `Echoes`)."""
        self.path = path
        self.connection = open_writer(path)
        self.price = price
        self.book = book
        self.files = Files(self._ask, self._ask_many)
        self.sessions = Sessions(self._ask, self._ask_many)
        self.echoes = Echoes(self._ask, secondhand)
        self.contents = Contents(self._ask, self._ask_many)
        self.repairs = Repairs(self._ask, self._ask_many, price, prior)
        self._prices: dict[tuple[str, str], int] = {}
        self._withheld: frozenset[str] = frozenset()
        self._version = 0

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def cursor(self, source: str, path: str) -> Cursor | None:
        return self.files.cursor(source, path)

    def renamed(
        self, source: str, path: str, device: int, inode: int, fits: Callable[[Cursor], bool]
    ) -> tuple[str, Cursor] | None:
        """Old path and cursor of a file that used to lie elsewhere, now under its new path."""
        with self._transaction():
            return self.files.renamed(source, path, device, inode, fits)

    def problem(self, problem: Problem) -> None:
        with self._transaction():
            self.files.problem(problem)

    def price_the_unpriced(self, prices: str) -> int:
        """Gives calls without a price one where the book, or the user's own file, now has it; how many there were.

        `prices` says which book and file these are, so that nothing is looked through twice. A cost once stored stays:
        that is changed on purpose only.
        """
        known = self._ask("SELECT value FROM meta WHERE name = 'prices'")
        if known and known[0][0] == prices:
            return 0
        with self._transaction():
            found: list[tuple[Any, ...]] = []
            for row in self._ask(rows.SELECT_UNPRICED):
                copy = rows.copy_of(row)
                call = copy.call._replace(at=copy.counted_at, searches=copy.requests)
                money = self.price(call)
                if money is not None:
                    found.append((*self._columns(money), call.group, call.key, copy.file))
            self._ask_many(rows.SET_COST, found)
            self.repairs.of_messages([message for *_, message, _, _ in found])
            self._ask("INSERT OR REPLACE INTO meta (name, value) VALUES ('prices', ?)", (prices,))
        return len(found)

    def reprice(self, changes: Sequence[tuple[Priced, Money | None]], now: int) -> int:
        """Stores what the calls cost by other prices, in one transaction; how many changed. `now` is ms since 1970 UTC.

        A call that was priced anew since it was looked at is left alone. `take_back` undoes the last of these.
        """
        with self._transaction():
            changed = repricing.apply(self._ask, self._ask_many, self._columns, changes, now, self.book)
            self.repairs.costs_again()
            return changed

    def take_back(self) -> int | None:
        """Undoes the last repricing; how many calls got their cost back. None if there was none."""
        with self._transaction():
            changed = repricing.take_back(self._ask)
            self.repairs.costs_again()
            return changed

    def withhold(self, sources: Collection[str]) -> None:
        """From now on the calls of these sources, unverified as they are, count nowhere, and all others do."""
        now = frozenset(sources)
        with self._transaction():
            changed = sorted(now ^ self._withheld)
            if not changed:
                return
            self._withheld = now
            self._ask("INSERT OR REPLACE INTO meta (name, value) VALUES ('withheld', ?)", (json.dumps(sorted(now)),))
            where = "session_id IN (SELECT id FROM session WHERE source IN (SELECT value FROM json_each(?)))"
            self.echoes.look(now)
            self._judge_again(where, [*changed, *self.echoes.sources])

    def _judge_again(self, where: str, of: Sequence[Any]) -> None:
        """Judges anew the stored calls that `where` tells, a condition on them with the list as its one value."""
        messages = [one for (one,) in self._ask(f"SELECT DISTINCT message FROM call WHERE {where}", (json.dumps(of),))]
        for begin in range(0, len(messages), _AT_A_TIME):
            groups: Groups = {}
            self._join_stored(groups, set(messages[begin : begin + _AT_A_TIME]))
            self._ask_many(rows.UPSERT, self._judged(groups, mixed=True)[1])
            self.repairs.of_messages(groups)

    def _mend_echoes(self) -> None:
        """Sessions that another source has begun to tell, or tells no more."""
        changed = self.echoes.look(self._withheld)
        if changed:
            self._judge_again("session_id IN (SELECT value FROM json_each(?))", sorted(changed))

    def commit(self, batches: Sequence[Batch], now: int) -> Changed:
        """Stores the batches in one transaction. Raises KnownError where the disk or the file doesn't let it."""
        with self._transaction():
            files = self.files.move(batches, now)
            taken = [(batch, file) for batch, file in zip(batches, files, strict=True) if file is not None]
            self.sessions.learn([batch for batch, _ in taken])
            groups = self._gathered(taken)
            searches = [(one.group, one.key, file, one.searches) for batch, file in taken for one in batch.searches]
            stored = self._join_stored(groups, {one[0] for one in searches})
            for group, key, file, count in searches:
                copy = groups.get(group, {}).get((key, file))
                if copy is not None:
                    copy.tool_searches += count
            copies, values = self._judged(groups, stored or any(batch.source in self._withheld for batch in batches))
            self._ask_many(rows.UPSERT if stored else rows.INSERT, values)
            self.repairs.of_messages(groups)
            self._mend_echoes()
            self._note([batch for batch, _ in taken])
        refused = {batch.path for batch, file in zip(batches, files, strict=True) if file is None}
        return self._notice(copies, frozenset(refused))

    # --- content

    def keep_measured(self, measured: Sequence[Measured]) -> frozenset[tuple[str, str]]:
        """Stores what the content pass measured, and the repairs that follow from it; (source, session) of those changed."""
        with self._transaction():
            return self._named_sessions(self.repairs.of_messages(self.contents.keep(measured)))

    def pass_over(self, source: str, path: str, version: int) -> None:
        """Marks a file whose content can't be measured (see `Contents.pass_over`)."""
        with self._transaction():
            self.contents.pass_over(source, path, version)

    def learn(self, calibrations: dict[str, tuple[int, Ratio]]) -> frozenset[tuple[str, str]]:
        """Stores models' ratios with the number of their samples, and the repairs that follow from them."""
        with self._transaction():
            return self._named_sessions(self.repairs.learned(calibrations))

    def _named_sessions(self, idents: Collection[int]) -> frozenset[tuple[str, str]]:
        asked = "SELECT source, native FROM session WHERE id IN (SELECT value FROM json_each(?))"
        return frozenset((source, native) for source, native in self._ask(asked, (json.dumps(list(idents)),)))

    # --- calls

    def _gathered(self, taken: Sequence[tuple[Batch, int]]) -> Groups:
        groups: Groups = {}
        for batch, file in taken:
            source, generation, seen = batch.source, batch.end.generation, batch.end.seen
            ids = self.sessions.ids[source]
            for call in batch.calls:
                copy = Copy(source, call, file, generation, seen, ids[call.session])
                place = (call.key, file)
                group = groups.get(call.group)
                if group is None:
                    groups[call.group] = {place: copy}
                else:
                    group[place] = join(group[place], copy) if place in group else copy
        return groups

    def _join_stored(self, groups: Groups, searched: set[int]) -> bool:
        """Brings in the stored copies of the messages in hand, joined with what is new of them; False if none is."""
        wanted = [*groups, *searched.difference(groups)]
        found = self._ask(rows.SELECT, (json.dumps(wanted),)) if wanted else []
        for row in found:
            stored = rows.copy_of(row)
            group = groups.setdefault(stored.call.group, {})
            place = (stored.call.key, stored.file)
            group[place] = join(stored, group[place]) if place in group else stored
        return bool(found)

    def _judged(self, groups: Groups, mixed: bool) -> tuple[list[Copy], list[tuple[Any, ...]]]:
        """All copies of the messages in hand, and their rows. `mixed`: some may be of a source that must not count."""
        copies: list[Copy] = []
        values: list[tuple[Any, ...]] = []
        for group in groups.values():
            alike = group.values()
            judge(alike)
            if mixed and self._withheld:
                hold_back(alike, self._withheld)
            self.echoes.silence(alike, self._withheld)
            for copy in alike:
                copies.append(copy)
                values.append(rows.row_of(copy, self._cost(copy, alike) if copy.kept else rows.UNPRICED))
        return copies, values

    def _cost(self, copy: Copy, alike: Collection[Copy]) -> tuple[Any, ...]:
        """The cost columns: as stored where nothing that a price depends on has changed, else by the book of now."""
        for one in alike:
            if one.paid is not None and one.paid.facts == copy.priced_by():
                return one.paid.columns
        call = copy.call
        if call.at != copy.counted_at or copy.requests != call.searches:
            call = call._replace(at=copy.counted_at, searches=copy.requests)
        return self._columns(self.price(call))

    def _columns(self, money: Money | None) -> tuple[Any, ...]:
        return rows.UNPRICED if money is None else rows.columns_of(money, self._price_id(money.row, money.match))

    def _price_id(self, name: str, match: str) -> int:
        """The row of a price in the book we price with, made when it is first used."""
        known = self._prices.get((name, match))
        if known is None:
            values = (name, match, self.book)
            self._ask("INSERT OR IGNORE INTO price (name, match, book) VALUES (?, ?, ?)", values)
            known = self._ask("SELECT id FROM price WHERE name = ? AND match = ? AND book = ?", values)[0][0]
            self._prices[name, match] = known
        return known

    def _notice(self, copies: Iterable[Copy], refused: frozenset[str]) -> Changed:
        kept = [copy for copy in copies if copy.kept == COUNTED]
        if not kept:
            return NOTHING_CHANGED._replace(refused=refused)
        return Changed(
            sources=frozenset(copy.source for copy in kept),
            sessions=frozenset((copy.source, copy.call.session) for copy in kept if copy.call.session),
            earliest=min(copy.counted_at for copy in kept),
            calls=len(kept),
            refused=refused,
        )

    def _note(self, batches: Sequence[Batch]) -> None:
        occurrences = [
            (
                self.sessions.ids[batch.source][one.session],
                one.at,
                one.kind,
                one.subagent or "",
                one.before,
                one.after,
                one.cause,
            )
            for batch in batches
            for one in batch.occurrences
        ]
        self._ask_many(_OCCURRENCE, occurrences)
        quotas = [
            (batch.source, one.limit, one.minutes, one.at, one.used, one.resets_at, one.plan)
            for batch in batches
            for one in batch.quotas
        ]
        self._ask_many(_QUOTA, quotas)
        spans: dict[tuple[Any, ...], list[int]] = {}
        for *window, at, _, _, _ in quotas:
            spans.setdefault(tuple(window), []).append(at)
        self._ask_many(_NO_NEWS, [(*window, min(all_at), max(all_at)) for window, all_at in spans.items()])

    # --- the connection

    def _ask(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        try:
            return self.connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise refusal(self.path, error) from error

    def _ask_many(self, statement: str, values: list[tuple[Any, ...]]) -> None:
        if values:
            self.connection.executemany(statement, values)

    def _forget(self) -> None:
        self.sessions.forget()
        self.echoes.forget()
        self.repairs.forget()
        self._prices.clear()
        self._version = 0

    def _forget_what_others_changed(self) -> None:
        """Another process may have learnt more of a session meanwhile: `cuenta sync` beside the tray."""
        version = queries.version(self.connection)
        if version != self._version:
            self._forget()
            self._withheld = frozenset(queries.withheld(self.connection))
        self._version = version

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing. What was learnt of sessions and prices is forgotten if it comes to nothing."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            self._forget_what_others_changed()
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                self._forget()
                if self.connection.in_transaction:  # a full disk has already ended it
                    self.connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise refusal(self.path, error) from error
