"""What a source makes of one stretch of a log, whatever the log's shape: calls folded as they come, sessions, remarks.

What must outlive the stretch goes into `kept`, which travels in the file's cursor.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec

from app.model.identity import key_of
from app.model.usage import TOTALS, Batch, Call, Cursor, Occurrence, Quota, Search, Session, Standing, Tokens
from app.shapes.fields import CORRUPT, CORRUPT_SUM

_PLAIN = Call(
    group=0,
    key=0,
    standing=Standing.OWN,
    session="",
    subagent=None,
    at=0,
    model=None,
    tokens=Tokens(),
    searches=0,
    speed=None,
    tier=None,
    geo=None,
    provider=None,
    effort=None,
    context=None,
    window=None,
    reported=None,
    finished=True,
    evidence="A",
    copied=False,
    offset=0,
    records=1,
    native=None,
)
BOOKED = "_booked"
"""Running totals that are stored as calls already: a newer reader must not book them again."""
_state = msgspec.msgpack.Decoder(dict[str, Any]).decode


def call(*identity: object, session: str, at: int, model: str | None, tokens: Tokens, **said: Any) -> Call:
    """One call. `identity` is what makes it the same wherever a copy of it turns up, the source's name first; `said` is what
    else its record says, by the names of `model.usage.Call`.
    """
    plain = _PLAIN._replace(group=key_of(*identity), session=session.replace("\0", ""), at=at, model=model)
    return plain._replace(tokens=tokens, **said)


class Gathered:
    """What was found in one stretch."""

    def __init__(self, path: Path, cursor: Cursor) -> None:
        self.path = path
        self.file_time = cursor.seen
        """ms since 1970 UTC: the time of records that have none, and follow none that has."""
        self.written = cursor.seen
        """When the file was last written, ms since 1970 UTC: the time of what a running total has grown by."""
        self.now = max(cursor.seen, time.time_ns() // 1_000_000)
        """ms since 1970 UTC, for the age of what was never finished. Helpers have no other clock."""
        self.kept: dict[str, Any] = _remembered(cursor.memory)
        """What the source remembers of this file from one reading to the next: plain values only."""
        self.more = False
        """There is more than this stretch took."""
        self.again = False
        """Something in it is not finished: it is read again even if it does not change."""
        self.anew = False
        """What was read before was read again: what was counted of records begins anew."""
        self.skipped: dict[str, int] = {}
        self.found: dict[tuple[int, int], Call] = {}
        self.facts: dict[str, Session] = {}
        self.occurrences: tuple[Occurrence, ...] = ()
        self.quotas: tuple[Quota, ...] = ()
        self.searches: tuple[Search, ...] = ()

    def skip(self, reason: str) -> None:
        """Counts a record that was left out, for `doctor`."""
        self.skipped[reason] = self.skipped.get(reason, 0) + 1

    def words(self, text: str) -> int:
        """Tokens of a text, where the log has words and no counts: a call made of them has evidence "C"."""
        from app.shapes.wording import words

        return words(text) if text else 0

    def add(self, one: Call) -> None:
        """Takes the call in, unless it says nothing or cannot be true. Of several records of a call the one with more output
        counts, at the earliest of their times.
        """
        most = CORRUPT_SUM if one.evidence == TOTALS else CORRUPT
        if one.tokens.total > most or not (one.tokens.total or one.reported or one.credits):
            self.skip(f"more than {most // 1_000_000:,} M tokens" if one.tokens.total else "no tokens")
            return
        place = one.group, one.key
        known = self.found.get(place)
        if known is not None:
            better = max(known, one, key=_weight)
            one = better._replace(at=min(known.at, one.at), records=known.records + one.records)
        self.found[place] = one

    def most(self, name: str, total: Tokens) -> Tokens:
        """Of a running total that the log may hold in part only: the most it has been by now, count by count."""
        booked: dict[str, list[int]] = self.kept.get(BOOKED, {})
        return Tokens(*map(max, total, booked.get(name, total)))

    def growth(self, name: str, total: Tokens) -> Tokens | None:
        """What a running total has grown by since it was last seen in this file; None where it has not. One that fell began
        anew at zero (see `most`). `name` is the session's, with whatever else the total is of; the call's identity must hold
        the total.
        """
        booked: dict[str, list[int]] = self.kept.setdefault(BOOKED, {})
        before = booked.get(name, [0] * len(total))
        booked[name] = list(total)
        if any(now < then for now, then in zip(total, before, strict=True)):
            before = [0] * len(total)
        grown = Tokens(*(now - then for now, then in zip(total, before, strict=True)))
        return grown if any(grown) else None

    def learn(self, session: str, *, main: bool = True, **facts: str | None) -> None:
        """What is known of a session: `project`, `branch`, `version`, `entrypoint`. What is said later wins."""
        session = session.replace("\0", "")  # no database takes a NUL
        known = self.facts.get(session) or Session(session, main, None, None, None, None)
        self.facts[session] = known._replace(**{name: value for name, value in facts.items() if value})

    def happened(self, one: Occurrence) -> None:
        self.occurrences = (*self.occurrences, one)

    def calls(self) -> tuple[Call, ...]:
        return tuple(self.found.values())

    @property
    def sessions(self) -> tuple[Session, ...]:
        return tuple(self.facts.values())

    @property
    def memory(self) -> bytes:
        return msgspec.msgpack.encode(self.kept) if self.kept else b""

    def batch(self, source: str, name: str, start: Cursor | None, end: Cursor) -> Batch:
        found = (self.calls(), self.searches, self.sessions, self.occurrences, self.quotas)
        return Batch(source, name, start, end, *found, self.skipped)


def _weight(one: Call) -> tuple[int, int, int, bool]:
    return one.tokens.output, one.tokens.total, one.credits or 0, one.finished


def booked_in(memory: bytes) -> bytes:
    """As much of what an older reader remembered as a newer one may not forget."""
    booked = _remembered(memory).get(BOOKED)
    return msgspec.msgpack.encode({BOOKED: booked}) if booked else b""


def _remembered(memory: bytes) -> dict[str, Any]:
    try:
        return _state(memory) if memory else {}
    except msgspec.MsgspecError:  # left by another shape of this source
        return {}
