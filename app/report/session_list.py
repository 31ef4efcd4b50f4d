"""The list of sessions: which of them a search wants, in what groups and order, with the sums of each group.

A search is text: terms like `branch:main`, `since:2026-11-16`, `-project:parser` or `cost:>1`, and free words. The terms
of days choose calls, so a session that reaches over midnight counts with what it spent on the days that are asked for,
as in `cuenta report --by session`; all others choose sessions. What is unknown is never left out by an amount, be the
term negated or not. `-since:` is until the day before and `-until:` from the day after; a single day can't be left out.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app import formats
from app.machine import Machine
from app.model.instant import QUARTER
from app.model.money import NANO
from app.model.path import real
from app.report.meters import session_name
from app.report.zone import days_by_quarter, start_of
from app.sources import BY_ID, title_of
from app.store import queries
from app.store.queries import Filter, ListedSession

KEYS = ("since", "until", "on", "agent", "project", "branch", "model", "cost", "price")
"""What a term can be about. `price:none` are sessions with a call that has no price."""
GROUPS = ("day", "project", "none")
SORTS = ("last", "agent", "project", "peak", "cost")
SPARK = 48
"""Points of a row's sparkline."""


class Term(NamedTuple):
    key: str
    value: str
    negated: bool = False

    def text(self) -> str:
        """As it is typed."""
        value = f'"{self.value}"' if " " in self.value else self.value
        return f"{'-' if self.negated else ''}{self.key}:{value}"


class Search(NamedTuple):
    terms: tuple[Term, ...] = ()
    words: tuple[str, ...] = ()
    """Lower-case; each must stand somewhere in project, branch, model or agent."""

    @property
    def needs_models(self) -> bool:
        return bool(self.words) or any(term.key == "model" for term in self.terms)


class Order(NamedTuple):
    group: str = "day"
    sort: str = "last"
    descending: bool = True


class GroupLine(NamedTuple):
    """The line over a group: its day or its project, how many sessions and how much of it is shown."""

    day: date | None
    project: str | None
    shown: int
    of: int
    cost: int
    of_cost: int
    unpriced: int
    at_least: bool = False
    """The true cost is larger for want of a cache split."""
    within: str = "all"
    """What the sums are of: `all` of these sessions, what they spent in the `days` asked for, or on that one `day`. A
    session stands on the day of its last call, so only the last is what a day cost.
    """


Item = ListedSession | GroupLine


class Found(NamedTuple):
    """The answer to a search."""

    items: list[Item]
    shown: int
    of: int
    cost: int
    unpriced: int
    at_least: bool = False
    """The true cost is larger for want of a cache split."""


class Stock(NamedTuple):
    """Everything that was read for the days asked for; narrowing a search needs no new reading."""

    days: tuple[date | None, date | None]
    sessions: list[ListedSession]
    models: dict[int, tuple[str, ...]] | None
    """None until a search needs them."""


class Detail(NamedTuple):
    """What a row shows beyond its sums; read page by page."""

    ended_at: int
    """Of the session when this was read."""
    contexts: tuple[int, ...]
    window: int | None
    model: str | None
    gone: bool
    """None of its logs is there any more."""


_TERM = re.compile(r'(-?)([a-z]+):(?:"([^"]*)"|(\S*))')


def parsed(text: str) -> Search:
    """Never fails: what is no term is a word."""
    terms: list[Term] = []

    def taken(match: re.Match[str]) -> str:
        sign, key, quoted, plain = match.groups()
        value = quoted if quoted is not None else plain
        term = Term(key, value, bool(sign))
        if not _makes_sense(term):
            return match.group()
        terms.append(term)
        return " "

    rest = re.sub(_TERM, taken, text)
    return Search(tuple(terms), tuple(word.lower() for word in rest.split()))


def _makes_sense(term: Term) -> bool:
    if term.key == "on":
        return day_in(term.value) is not None and not term.negated
    if term.key in ("since", "until"):
        return day_in(term.value) is not None
    if term.key == "cost":
        return amount_in(term.value) is not None
    if term.key == "price":
        return term.value.lower() == "none"
    return term.key in KEYS and bool(term.value)


def day_in(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def amount_in(value: str) -> tuple[str, int] | None:
    """(`>` or `<`, nano-dollars) of `>1`, `≥$0.50`, `<3`; a bare amount is a least one. Typed as figures are shown, in
    whichever currency that is.
    """
    match = re.fullmatch(r"(>=|<=|[<>≥≤]?)\s*[$€£¥₹₩]?(\d+(?:\.\d+)?)", value)
    if match is None:
        return None
    sign = "<" if match.group(1) in ("<", "<=", "≤") else ">"
    try:
        above, below = formats.scale()
        return sign, int(Decimal(match.group(2)) * NANO) * below // above
    except InvalidOperation:
        return None


def days_of(search: Search) -> tuple[date | None, date | None]:
    """The first and last day the terms leave."""
    since: date | None = None
    until: date | None = None
    for term in search.terms:
        day = day_in(term.value) if term.key in ("since", "until", "on") else None
        if day is None:
            continue
        first = day + timedelta(days=1) if term.negated else day
        last = day - timedelta(days=1) if term.negated else day
        if term.key in (("until",) if term.negated else ("since", "on")):
            since = first if since is None else max(since, first)
        if term.key in (("since",) if term.negated else ("until", "on")):
            until = last if until is None else min(until, last)
    return since, until


def stocked(connection: sqlite3.Connection, search: Search, zone: ZoneInfo, before: Stock | None = None) -> Stock:
    """Reads what the search needs, and no more than is not in `before` already."""
    days = days_of(search)
    if before is None or before.days != days:
        since, until = days
        which = Filter(
            since=None if since is None else start_of(since, zone),
            until=None if until is None else start_of(until + timedelta(days=1), zone),
        )
        before = Stock(days, queries.list_sessions(connection, which), None)
    if search.needs_models and before.models is None:
        before = before._replace(models=queries.models_of_sessions(connection))
    return before


def values_of(connection: sqlite3.Connection, stock: Stock, key: str) -> list[str]:
    """What an agent, project, branch or model can be in these sessions, the most frequent first."""
    models = stock.models if stock.models is not None or key != "model" else queries.models_of_sessions(connection)
    counts = Counter(name for one in stock.sessions for name in _names(one, key, models or {}))
    return sorted(counts, key=lambda name: (-counts[name], name))


def _names(one: ListedSession, key: str, models: Mapping[int, tuple[str, ...]]) -> Sequence[str]:
    if key == "agent":
        return (one.source,)
    if key == "project":
        return (session_name(one.project, one.native),) if one.project else ()
    if key == "branch":
        return (one.branch,) if one.branch else ()
    return models.get(one.ident, ())


def arrange(stock: Stock, search: Search, order: Order, zone: ZoneInfo) -> Found:
    """The sessions that the search wants, in order and in groups."""
    wanted = _wanted(stock, search)
    rows = stock.sessions if wanted is None else [one for one in stock.sessions if wanted(one)]
    since, until = stock.days
    within = "all" if since is until is None else "day" if since == until else "days"
    grouped = _grouped(rows, stock.sessions, order, zone, within)
    cost = sum(one.cost for one in rows)
    unpriced, is_open = sum(one.unpriced for one in rows), any(one.at_least for one in rows)
    return Found(grouped, len(rows), len(stock.sessions), cost, unpriced, is_open)


def changed_rows(before: Found, after: Found, most: int = 200) -> list[int] | None:
    """Places at which another row stands now; None where there are more or fewer rows, or too many others to tell."""
    if len(before.items) != len(after.items):
        return None
    changed: list[int] = []
    for place, (one, other) in enumerate(zip(before.items, after.items, strict=True)):
        if one != other:
            changed.append(place)
            if type(one) is not type(other) or len(changed) > most:
                return None
    return changed


def _wanted(stock: Stock, search: Search) -> Callable[[ListedSession], bool] | None:
    """None where the search leaves out none."""
    tests = [test for term in search.terms if (test := _test(term, stock)) is not None]
    if search.words:
        words, texts = search.words, _Texts(stock)
        tests.append(lambda one: all(word in texts.of(one) for word in words))
    return (lambda one: all(test(one) for test in tests)) if tests else None


def _test(term: Term, stock: Stock) -> Callable[[ListedSession], bool] | None:
    positive = _plain_test(term, stock)
    if positive is None or not term.negated:
        return positive
    if term.key == "cost":
        return lambda one: bool(one.unpriced) or not positive(one)
    return lambda one: not positive(one)


def _plain_test(term: Term, stock: Stock) -> Callable[[ListedSession], bool] | None:
    value = term.value.lower()
    if term.key == "agent":
        return lambda one: value in (one.source, title_of(one.source).lower())
    if term.key == "project":
        return lambda one: value in (session_name(one.project, one.native).lower(), (one.project or "").lower())
    if term.key == "branch":
        return lambda one: value in (one.branch or "").lower()
    if term.key == "model":
        models = stock.models or {}
        return lambda one: any(value in model.lower() for model in models.get(one.ident, ()))
    if term.key == "price":
        return lambda one: bool(one.unpriced)
    if term.key == "cost" and (found := amount_in(term.value)) is not None:
        sign, bound = found
        if sign == ">":
            return lambda one: one.cost >= bound or bool(one.unpriced)
        return lambda one: one.cost <= bound or bool(one.unpriced)
    return None


class _Texts:
    """What free words are looked for in; worked out once for equal sets of facts."""

    def __init__(self, stock: Stock) -> None:
        self._models = stock.models or {}
        self._made: dict[tuple[str | None, str | None, str, tuple[str, ...]], str] = {}

    def of(self, one: ListedSession) -> str:
        key = one.project, one.branch, one.source, self._models.get(one.ident, ())
        text = self._made.get(key)
        if text is None:
            name = session_name(one.project, "")
            text = " ".join((name, one.branch or "", title_of(one.source), one.source, *key[3])).lower()
            self._made[key] = text
        return text


def _grouped(
    rows: Sequence[ListedSession], stock: Sequence[ListedSession], order: Order, zone: ZoneInfo, within: str
) -> list[Item]:
    ordered = _sorted(rows, order)
    if order.group not in ("day", "project"):
        return list(ordered)
    if order.group == "day":
        day_of = days_by_quarter(zone)

        def key_of(one: ListedSession) -> date | str | None:
            return day_of(one.ended_at // QUARTER)
    else:

        def key_of(one: ListedSession) -> date | str | None:
            return one.project

    groups: dict[date | str | None, list[ListedSession]] = {}
    for one in ordered:
        groups.setdefault(key_of(one), []).append(one)
    whole = groups if len(rows) == len(stock) else _whole(stock, key_of, groups)
    items: list[Item] = []
    for key, members in _groups_sorted(groups, order):
        items.append(_line(key, members, whole[key])._replace(within=within))
        items += members
    return items


def _whole(
    stock: Sequence[ListedSession],
    key_of: Callable[[ListedSession], date | str | None],
    wanted: Iterable[date | str | None],
) -> dict[date | str | None, list[ListedSession]]:
    groups: dict[date | str | None, list[ListedSession]] = {key: [] for key in wanted}
    for one in stock:
        members = groups.get(key_of(one))
        if members is not None:
            members.append(one)
    return groups


def _line(key: date | str | None, shown: Sequence[ListedSession], whole: Sequence[ListedSession]) -> GroupLine:
    cost = sum(one.cost for one in shown)
    of_cost = cost if shown is whole else sum(one.cost for one in whole)
    unpriced = sum(one.unpriced for one in shown)
    day = key if isinstance(key, date) else None
    project = None if isinstance(key, date) else key
    is_open = any(one.at_least for one in shown)
    return GroupLine(day, project, len(shown), len(whole), cost, of_cost, unpriced, is_open)


def _sorted(rows: Sequence[ListedSession], order: Order) -> Sequence[ListedSession]:
    if order.sort == "last":
        return rows if order.descending else rows[::-1]  # as they come from the store
    return sorted(rows, key=_RANKS[order.sort], reverse=order.descending)


_RANKS: dict[str, Callable[[ListedSession], int | str]] = {
    "agent": lambda one: one.source,
    "project": lambda one: session_name(one.project, one.native).lower(),
    "peak": lambda one: one.peak or 0,
    "cost": lambda one: one.cost,
}


def _groups_sorted(
    groups: dict[date | str | None, list[ListedSession]], order: Order
) -> list[tuple[date | str | None, list[ListedSession]]]:
    """Days in the order of time; projects by what their sessions are sorted by."""
    pairs = list(groups.items())
    if order.group == "day":
        newest_first = order.descending if order.sort == "last" else True
        return sorted(pairs, key=lambda pair: str(pair[0]), reverse=newest_first)
    if order.sort == "cost":
        return sorted(pairs, key=lambda pair: sum(one.cost for one in pair[1]), reverse=order.descending)
    return pairs  # each stands where its first session does


def detail_of(connection: sqlite3.Connection, one: ListedSession, machine: Machine) -> Detail:
    """What the row of one session shows beyond its sums."""
    import os

    facts = queries.sessions(connection, [one.ident]).get(one.ident)
    source = BY_ID.get(one.source)
    window = facts.window if facts else None
    if facts is not None and source is not None:
        window = source.window(facts.model, facts.window, facts.peak, machine)
    contexts = tuple(queries.contexts_of(connection, one.ident, SPARK))
    gone = not any(os.path.exists(real(path)) for path in queries.paths_of(connection, one.ident))
    return Detail(one.ended_at, contexts, window, facts.model if facts else None, gone)
