"""What the overview shows of a period, asked in two steps so that the first figures need not wait for the last.

`top` has the figures and the bars, `below` the kinds of token and the newest sessions; both belong in the background.
"""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple

from app.machine import Machine
from app.pricing.catalog import load_catalog
from app.report import period, plans, usual
from app.report.period import OTHER, Bars, Span
from app.report.session_list import Detail, detail_of
from app.report.zone import day_of, days_by_quarter, start_of
from app.settings import load_or_usual, shows_repaired
from app.sources import SOURCES
from app.store import queries
from app.store.queries import Filter, Kind, ListedSession, SoFar

SHOWN_SESSIONS = 8
_PICO = 1_000_000_000_000
TOP_FROM, MIDDLE_FROM = 20 * _PICO // 1_000_000, 8 * _PICO // 1_000_000
"""Pico-dollars a token of output from which a model is of its maker's top or middle tier. Fixed bounds and no ranks: so
a model keeps its color when others come and go."""


class LastFact(NamedTuple):
    """The last day with a call before a span, for a page that has nothing to show."""

    day: date
    spent: SoFar
    sessions: int


class Top(NamedTuple):
    """The figures and the bars."""

    span: Span
    bars: Bars
    agents: tuple[str | None, ...]
    """The agent of each of the bars' series, where the series are models; else empty."""
    tiers: tuple[str, ...]
    """`top`, `middle` or `small` of each of the bars' series, where the series are models; else empty."""
    total: SoFar
    active_days: int
    median_day: int | None
    """Median spend of the active days, nano-dollars; None where there is none."""
    usual_weekday: int | None
    """As in the popover, of the eight weeks up to the span's end: days that are over. None below five."""
    month: SoFar
    """The calendar month of the span's last day, up to that day."""
    last: LastFact | None
    """Only where the span has no call."""
    paid: tuple[plans.Kind | None, ...] = ()
    """How each agent with a call in the span is paid; None is not known."""


class Below(NamedTuple):
    """The cards under the bars."""

    kinds: tuple[Kind, ...]
    unpriced: int
    """Calls of the period that have no price."""
    sessions: int
    newest: tuple[tuple[ListedSession, Detail], ...]
    whole: dict[int, ListedSession]
    """Session → its sums over all its days, for those of `newest` that reach beyond the period."""


def top(connection: sqlite3.Connection, span: Span, stack: str, machine: Machine) -> Top:
    with queries.snapshot(connection):
        return _top(connection, span, stack, machine)


def _top(connection: sqlite3.Connection, span: Span, stack: str, machine: Machine) -> Top:
    which = span.filter()
    bars = period.bars(connection, span, stack)
    daily = _daily(connection, which, span)
    first_open = min(span.until + timedelta(days=1), day_of(machine.clock(), span.zone))
    weekday = usual.before(connection, first_open, span.zone, weekday=True)
    month = Span(span.until.replace(day=1), span.until, span.zone)
    total = _spent(connection, which, machine)
    by_model = stack == "model"
    agents = queries.agents_of_models(connection, which) if by_model else {}
    tiers = _tiers(bars.series, machine) if by_model else {}
    bars = _by_agent_and_tier(bars, agents, tiers) if by_model else bars
    return Top(
        span=span,
        bars=bars,
        agents=tuple(agents.get(key) for key in bars.series) if by_model else (),
        tiers=tuple(tiers[key] for key in bars.series) if by_model else (),
        total=total,
        active_days=len(daily),
        median_day=int(median(daily.values())) if daily else None,
        usual_weekday=weekday.full if weekday is not None else None,
        month=_spent(connection, month.filter(), machine),
        last=None if total.calls else _last(connection, span),
        paid=_paid(connection, which, machine),
    )


def _paid(connection: sqlite3.Connection, which: Filter, machine: Machine) -> tuple[plans.Kind | None, ...]:
    kinds = plans.kinds(connection, load_or_usual(machine), plans.offers(machine.resources))
    return tuple(kinds.get(agent) for agent in queries.agents_in(connection, which))


def below(connection: sqlite3.Connection, span: Span, machine: Machine) -> Below:
    with queries.snapshot(connection):
        which = span.filter()
        newest = queries.newest_sessions(connection, which, SHOWN_SESSIONS)
        return Below(
            kinds=tuple(queries.by_kind(connection, which)),
            unpriced=_so_far(connection, which).unpriced,
            sessions=queries.count_in(connection, which),
            newest=tuple((one, detail_of(connection, one, machine)) for one in newest),
            whole={one.ident: whole for one in newest if (whole := _whole(connection, one)).calls != one.calls},
        )


def _whole(connection: sqlite3.Connection, one: ListedSession) -> ListedSession:
    return queries.list_sessions(connection, Filter(session=one.ident))[0]


def _so_far(connection: sqlite3.Connection, which: Filter) -> SoFar:
    return queries.so_far(connection, which.since or 0, which.until or 1 << 40)


def _spent(connection: sqlite3.Connection, which: Filter, machine: Machine) -> SoFar:
    """With what placeholder counts leave out, unless people chose not to see it."""
    spent = _so_far(connection, which)
    if not shows_repaired(machine):
        return spent
    tokens, cost = queries.left_out(connection, which.since or 0, which.until or 1 << 40)
    return spent._replace(repaired_output=tokens, repaired_cost=cost)


def _daily(connection: sqlite3.Connection, which: Filter, span: Span) -> dict[date, int]:
    """Spend of the days with a call."""
    day_of_quarter = days_by_quarter(span.zone)
    found: dict[date, int] = {}
    for quarter, spent in queries.spent_by_quarter(connection, which):
        day = day_of_quarter(quarter)
        found[day] = found.get(day, 0) + spent
    return found


def _tiers(models: tuple[str, ...], machine: Machine) -> dict[str, str]:
    catalog = load_catalog(machine)
    tiers: dict[str, str] = {}
    for model in models:
        listings = catalog.quote(model.partition("|")[0], None, None, None, None).listings
        charges = listings[-1].charges if listings else ()
        output = charges[-1].output if charges else 0
        tiers[model] = "top" if output >= TOP_FROM else "middle" if output >= MIDDLE_FROM else "small"
    return tiers


def _by_agent_and_tier(bars: Bars, agents: dict[str | None, str], tiers: dict[str, str]) -> Bars:
    """An agent's models stand together, its larger ones below, so that a day's colors can be read as agents, too."""
    fixed = {source.id: place for place, source in enumerate(SOURCES)}
    steps = ("top", "middle", "small")

    def rank(place: int) -> tuple[bool, int, int, int]:
        key = bars.series[place]
        return key == OTHER, fixed.get(agents.get(key, ""), len(fixed)), steps.index(tiers[key]), place

    order = sorted(range(len(bars.series)), key=rank)
    return bars._replace(
        series=tuple(bars.series[place] for place in order),
        values=tuple(bars.values[place] for place in order),
        unpriced_of=tuple(bars.unpriced_of[place] for place in order) if bars.unpriced_of else (),
        more_of=tuple(bars.more_of[place] for place in order) if bars.more_of else (),
    )


def _last(connection: sqlite3.Connection, span: Span) -> LastFact | None:
    quarter = queries.last_quarter(connection, start_of(span.since, span.zone))
    if quarter is None:
        return None
    day = days_by_quarter(span.zone)(quarter)
    which = Span(day, day, span.zone).filter()
    return LastFact(day, _so_far(connection, which), queries.count_in(connection, which))
