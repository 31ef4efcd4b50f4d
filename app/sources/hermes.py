"""Hermes Agent's `state.db`, and one more in each profile: running totals of a session, never reset.

Newer ones hold them by model and task (`session_model_usage`) and by local day (`session_daily_usage`). The gateway writes
totals of a session only: what its routes do not account for is booked to the session's own model. Helpers (titles, vision)
stand in the routes and not in the session. A compression ends a session and goes on in a child: one conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any, NamedTuple

from app.machine import Machine
from app.model.usage import Batch, Cursor, Occurrence, Tokens
from app.shapes.database import Base, read_database
from app.shapes.fields import count, dollars, instant, mapping, record_of, word
from app.shapes.gathering import BOOKED, Gathered, call
from app.shapes.source import Source

VERSION = 1
_COUNTS = (
    *("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"),
    *("api_call_count", "actual_cost_usd", "estimated_cost_usd"),
)
_SESSION = (
    *("id", "parent_session_id", "model", "billing_provider", "model_config", "source", "cwd", "git_branch"),
    *("started_at", "ended_at", "last_activity_at", "end_reason", "session_key"),
)
_ROUTE = ("model", "billing_provider", "billing_base_url", "billing_mode", "task", "first_seen", "last_seen")
_IN_THE_SESSION = ("", "voice_chat")
"""Tasks whose calls are in the session's totals too."""
_LATELY = 1_000
"""Messages after which a session's totals are written for sure: a thread of its own does it."""
_MOST = 2_000
"""Sessions after which a batch is handed over."""
_RESETS = ("session_reset", "session_switch", "idle", "daily", "suspended", "resume_pending_expired")
_DEEPEST = 1_000
"""Compressions of one conversation."""
Facts = dict[str, Any]


class _Total(NamedTuple):
    tokens: Tokens
    made: Tokens
    """Requests as `input`, nano-dollars as `cache_read`: running totals too. No cost is not known, or a subscription's."""

    def __bool__(self) -> bool:
        return any(self.tokens)

    def each(self, how: Callable[[int, int], int], other: _Total) -> _Total:
        return _Total(Tokens(*map(how, self.tokens, other.tokens)), Tokens(*map(how, self.made, other.made)))


class _Place(NamedTuple):
    """Whose calls: the conversation's, or those of a sub-agent of it."""

    session: str
    subagent: str | None
    model: str | None
    provider: str | None
    helper: bool = False
    """Titles and the like: nothing of it is in the conversation's context."""


_NOTHING = _Total(Tokens(), Tokens())


def _less(one: int, other: int) -> int:
    return max(0, one - other)


def _total(row: Facts) -> _Total:
    sent, read, write, output, reasoning = (count(row.get(name)) for name in _COUNTS[:5])
    cost = dollars(row.get("actual_cost_usd")) or dollars(row.get("estimated_cost_usd")) or 0
    return _Total(
        Tokens(sent, read, write, 0, output, min(reasoning, output)), Tokens(count(row.get("api_call_count")), cost)
    )


def _sum(several: Iterable[_Total]) -> _Total:
    return reduce(lambda one, other: one.each(add, other), several, _NOTHING)


def _growth(gathered: Gathered, name: str, total: _Total) -> _Total:
    """None of them ever falls."""
    parts = (name, total.tokens), (f"{name}\x1f#", total.made)
    return _Total(*(gathered.growth(each, gathered.most(each, its)) or Tokens() for each, its in parts))


def _take(base: Base, gathered: Gathered) -> None:
    if "id" not in base.columns("sessions"):
        return
    for ident in _touched(base, gathered):
        for row in _rows(base, "sessions", (*_SESSION, *_COUNTS), "id", ident):
            _session(base, gathered, row)


def _rows(base: Base, table: str, wanted: tuple[str, ...], key: str, value: str) -> Iterator[Facts]:
    """Older databases lack columns, or the table."""
    columns = base.columns(table)
    names = [name for name in wanted if name in columns]
    if key in columns:
        for row in base.ask(f'SELECT {", ".join(names)} FROM "{table}" WHERE "{key}" = ?', value):
            yield dict(zip(names, row, strict=True))


def _touched(base: Base, gathered: Gathered) -> Iterator[str]:
    """Sessions that may have used something since the last reading: their rows are long, their number may be large. At first
    all of them, some at a time.
    """
    kept = gathered.kept
    message, seen = kept.get("message"), kept.get("seen", 0.0)
    newest = max((count(one) for (one,) in _ask(base, "messages", "id", "SELECT max(id) FROM messages")), default=0)
    routed = _ask(base, "session_model_usage", "last_seen", "SELECT max(last_seen) FROM session_model_usage")
    if message is None or newest < message:
        kept["after"] = ""
    if kept.get("after"):  # on with it: what has changed since it began is for the reading after it
        newest, latest = message, seen
    else:
        latest = max((one for (one,) in routed if isinstance(one, (int, float))), default=0.0)
    kept.update(message=newest, seen=latest)
    if message is not None and "after" not in kept:
        spoke = "SELECT DISTINCT session_id FROM messages WHERE id > ?"
        used = "SELECT DISTINCT session_id FROM session_model_usage WHERE last_seen >= ?"
        lately = _ask(base, "messages", "id", spoke, message - _LATELY)
        found = sorted({*lately, *_ask(base, "session_model_usage", "last_seen", used, seen)}, key=str)
    else:
        found = [*base.ask(f"SELECT id FROM sessions WHERE id > ? ORDER BY id LIMIT {_MOST}", kept.pop("after"))]
        if len(found) == _MOST:
            gathered.more, kept["after"] = True, found[-1][0]
    yield from (ident for (ident,) in found if word(ident))


def _ask(base: Base, table: str, column: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    return [*base.ask(statement, *values)] if column in base.columns(table) else []


def _session(base: Base, gathered: Gathered, row: Facts) -> None:
    ident, place = str(row["id"]), _place(base, row)
    gathered.learn(
        place.session,
        main=place.subagent is None,
        project=word(row.get("cwd")),
        branch=word(row.get("git_branch")),
    )
    if place.subagent is None and row.get("end_reason") == "compression" and instant(row.get("ended_at")):
        at = instant(row.get("ended_at")) or 0
        gathered.happened(Occurrence(place.session, None, at, "compaction", None, None, None))
    routes = [*_rows(base, "session_model_usage", (*_ROUTE, *_COUNTS), "session_id", ident)]
    began = instant(row.get("started_at")) or gathered.file_time
    whole = _sum(_total(one) for one in routes if one.get("task") in _IN_THE_SESSION).each(max, _total(row))
    known, left = ident in gathered.kept.get(BOOKED, {}), _growth(gathered, ident, whole)
    days = [] if known else [*_rows(base, "session_daily_usage", ("day", *_COUNTS), "session_id", ident)]
    for one in routes:
        its = place._replace(model=_named(one.get("model")), provider=word(one.get("billing_provider")))
        name = "\x1f".join([ident, *(str(one.get(part) or "") for part in _ROUTE[:5])])
        total = _total(one)
        grown = _growth(gathered, name, total)
        span = (instant(one.get("first_seen")) or began, instant(one.get("last_seen")) or gathered.written)
        if one.get("task") in _IN_THE_SESSION:
            grown = grown.each(min, left)  # a route may be told later than the session was booked
            left = left.each(_less, grown)
            _book(gathered, (name, total), grown, its, span, days)
        else:
            _book(gathered, (name, total), grown, its._replace(helper=True), span, [])
    ended = gathered.written if known else instant(row.get("ended_at")) or began
    _book(gathered, (ident, whole), left, place, (began, instant(row.get("last_activity_at")) or ended), days)


def _named(model: object) -> str | None:
    return None if model == "unknown" else word(model)


def _place(base: Base, row: Facts) -> _Place:
    """Up through what compressions ended, to the conversation; through what asked for help, to who did."""
    ident, subagent, above = str(row["id"]), None, row
    for _ in range(_DEEPEST):
        parent = word(above.get("parent_session_id"))
        found = next(_rows(base, "sessions", _SESSION, "id", parent), None) if parent else None
        if found is None or _is_its_own(above, found):
            break
        if not _goes_on(above, found):
            subagent = subagent or str(row["id"])
        ident, above = str(found["id"]), found
    return _Place(ident, subagent, _named(row.get("model")), word(row.get("billing_provider")))


def _marked(child: Facts, parent: Facts, mark: str) -> bool:
    """Children inherit the marks of what they go on with: only one that names the parent says something of it."""
    config = child.get("model_config")
    return mapping(record_of(config.encode()) if isinstance(config, str) else None).get(mark) == parent["id"]


def _is_its_own(child: Facts, parent: Facts) -> bool:
    """A branch, or what began after a reset: another conversation. Before there were marks, times and keys told."""
    if _marked(child, parent, "_branched_from") or _marked(child, parent, "_reset_from"):
        return True
    ended, key = parent.get("end_reason"), word(child.get("session_key"))
    after = (instant(child.get("started_at")) or 0) >= (instant(parent.get("ended_at")) or 0)
    return (ended == "branched" and after) or (
        ended in _RESETS and key is not None and key == parent.get("session_key")
    )


def _goes_on(child: Facts, parent: Facts) -> bool:
    asked = _marked(child, parent, "_delegate_from") or child.get("source") == "tool"
    return parent.get("end_reason") == "compression" and not asked


def _book(
    gathered: Gathered,
    of: tuple[str, _Total],
    grown: _Total,
    place: _Place,
    span: tuple[int, int],
    days: list[Facts],
) -> None:
    """What a total has grown by: one call where it is one, else as many as nobody tells. Each day's stand apart, where the
    days of the session are those of this total.
    """
    by_day = [(str(one.get("day")), _total(one)) for one in days]
    if _sum(one for _, one in by_day).tokens != grown.tokens:
        by_day = [("", grown)]
    for day, one in by_day if grown else ():
        single = one.made.input == 1
        gathered.add(
            call(
                *("hermes", of[0], day, *of[1].tokens),
                session=place.session,
                subagent=place.subagent,
                at=_noon(day, span),
                model=place.model,
                tokens=one.tokens,
                provider=place.provider,
                context=one.tokens.prompt if single and not place.helper else None,
                reported=one.made.cache_read or None,
                evidence="A" if single else "C",
            )
        )


def _noon(day: str, span: tuple[int, int]) -> int:
    """Of the local day, within the time that the total covers."""
    try:
        noon = int(datetime.fromisoformat(day).replace(hour=12).timestamp() * 1000) if day else span[1]
    except (ValueError, OverflowError, OSError):
        noon = span[1]
    return min(max(noon, span[0]), max(span))


def _homes(machine: Machine) -> Iterator[Path]:
    named = machine.folders("HERMES_HOME")
    end = machine.variable("HERMES_DATA_DIR_SUFFIX") or ""
    if machine.system == "win32":
        local = Path(machine.variable("LOCALAPPDATA") or machine.home / "AppData" / "Local")
        own = [local / f"hermes{end}", machine.home / f".hermes{end}"]
    else:
        own = [machine.home / f".hermes{end}"]
    for home in named or own:
        yield home
        try:
            yield from sorted(one for one in (home / "profiles").iterdir() if one.is_dir())
        except OSError:
            pass


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_database("hermes", VERSION, path, cursor, _take)


SOURCE = Source(
    id="hermes",
    title="Hermes Agent",
    mark="He",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_homes,
    owns=lambda relative: relative == "state.db",
    is_database=lambda name: name.endswith(".db"),
    read=_read,
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    evidence="AC",
    states_cost=True,
    exact="Keep Cuenta running: Hermes keeps only a session's totals, and what was added is then booked at its own time.",
    verified=False,
)
