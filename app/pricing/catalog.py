# pyright: strict
"""The prices in use: the shipped book (or a newer imported one) and the user's own file above it.

A catalogue is read once and asked often: what a name, provider and mode resolve to is worked out the first time and kept.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from app.machine import Machine
from app.model.instant import instant_of
from app.pricing.book import Book, Model, Rates, Row, Schedule, read_book
from app.pricing.names import Resolution, resolve
from app.pricing.user import UserPrice, read_user_prices

ALWAYS = -(1 << 62)
"""An instant before every other."""
MODES = frozenset({"fast", "ultrafast", "batch", "priority", "flex"})
"""Words of a log that change the price. Every other word (`standard`, `default`, `auto`, `normal` …) is the standard."""


class Charge(NamedTuple):
    """What a token of each kind costs in pico-dollars: all of a request's tokens, above a number of prompt tokens."""

    above: int
    input: int
    cache_read: int | None
    """None: there was a cached price, but nobody recorded it."""
    cache_write_5m: int
    cache_write_1h: int
    output: int


class Listing(NamedTuple):
    """A price list of one model in one mode, ready to be multiplied."""

    since: int
    """ms since 1970 UTC, or ALWAYS."""
    charges: tuple[Charge, ...]
    """Highest threshold first; the last is the base price. Empty: no price at this time."""
    listed: Row | None
    """As it stands in the book; None is the user's."""
    row: str
    """channel/model@valid-from#mode."""
    match: str
    source: str
    factor: tuple[int, int]
    search: int
    """Pico-dollars a web search."""


class Quote(NamedTuple):
    """All listings of one name in one mode, by date."""

    starts: tuple[int, ...]
    listings: tuple[Listing, ...]
    resolution: Resolution
    hours: tuple[Schedule, ...]
    """Hours of the day at which it costs a multiple; nearly always none."""

    def at(self, instant: int) -> Listing | None:
        index = bisect_right(self.starts, instant) - 1
        return self.listings[index] if index >= 0 and self.listings[index].charges else None


class Catalog:
    """Prices by name, provider, mode and date."""

    def __init__(self, book: Book, own: tuple[UserPrice, ...] = (), problem: str | None = None) -> None:
        self.book = book
        self.own = own
        self.problem = problem
        """Why the user's price file or an imported book is not in use, with what to do; None is that all is well."""
        self.quotes: dict[tuple[str, str | None, str | None, str | None, str | None], Quote] = {}

    def quote(self, name: str, provider: str | None, speed: str | None, tier: str | None, geo: str | None) -> Quote:
        """What a call with these words in its log costs, for all dates; worked out once."""
        key = (name, provider, speed, tier, geo)
        found = self.quotes.get(key)
        if found is None:
            found = self.quotes[key] = self._quote(*key)
        return found

    def _quote(self, name: str, provider: str | None, speed: str | None, tier: str | None, geo: str | None) -> Quote:
        resolution = resolve(name, provider, self.book)
        mode = mode_of(speed, tier)
        listings: list[Listing] = []
        hours: tuple[Schedule, ...] = ()
        if resolution.key is not None:
            model = self.book.models[resolution.key]
            rows = _rows(model, mode, anthropic=resolution.key.startswith("anthropic/"))
            factor = model.regional if model.regional and (resolution.regional or _pinned(geo)) else (1, 1)
            listings = [self._listing(resolution, model, mode, row, factor) for row in rows]
            hours = _hours(self.book, resolution.key)
        for own in self.own:
            if own.model == name and own.mode == mode:
                listings = _laid_over(listings, _own_listing(own, self.book.search), own.until)
        return Quote(tuple(one.since for one in listings), tuple(listings), resolution, hours)

    def _listing(self, found: Resolution, model: Model, mode: str, row: Row, factor: tuple[int, int]) -> Listing:
        since = instant_of(row.since) if row.since else None
        name = f"{found.key}@{row.since or ''}#{mode}"
        search = self.book.search if model.search is None else model.search
        start = ALWAYS if since is None else since
        return Listing(start, _charges(row), row, name, found.match, row.source, factor, search)


def load_catalog(machine: Machine) -> Catalog:
    """The newer of the shipped and the imported book, with the user's own prices above it.

    A user's file or an imported book that can't be read costs nothing but itself: the other prices stay, and
    `Catalog.problem` says what is wrong. Raises ValueError only where the shipped book is damaged.
    """
    book = read_book((machine.resources / "prices.json").read_bytes())
    problems: list[str] = []
    imported = machine.data / "prices.json"
    try:
        newer = read_book(imported.read_bytes()) if imported.is_file() else None
    except (OSError, ValueError) as error:
        newer = None
        problems.append(f"{imported}: {error}. The shipped prices are in use; import a price file again, or delete this one.")
    own: tuple[UserPrice, ...] = ()
    try:
        own = read_user_prices(user_file(machine))
    except (OSError, ValueError) as error:
        problems.append(str(error))
    return Catalog(newer if newer and newer.built > book.built else book, own, " ".join(problems) or None)


def user_file(machine: Machine) -> Path:
    return machine.data / "prices.user.toml"


def mode_of(speed: str | None, tier: str | None) -> str:
    """Which price list the words of a log ask for. Both at once (`fast` in a batch) are a list that nobody publishes."""
    fast = (speed or "").lower()
    service = (tier or "").lower()
    if fast not in MODES:
        return service if service in MODES else "standard"
    return f"{fast} {service}" if service in ("batch", "flex") else fast


def _rows(model: Model, mode: str, anthropic: bool) -> tuple[Row, ...]:
    """The rows of a mode; none where it has no price. Anthropic's priority tier is a commitment at list price."""
    if mode == "priority" and anthropic and mode not in model.modes:
        mode = "standard"
    return model.modes.get(mode, ())


def _pinned(geo: str | None) -> bool:
    """Only `us` costs more; `global` and `not_available` are the ordinary price."""
    return geo is not None and geo.lower() == "us"


def _charges(row: Row) -> tuple[Charge, ...]:
    if row.rates is None:
        return ()
    base = _charge(0, row.rates, row.cache_unknown)
    above = [_charge(tier[0], tier[1:], row.cache_unknown) for tier in row.tiers]
    return (*reversed(above), base)


def _charge(above: int, rates: Rates, cache_unknown: bool) -> Charge:
    """What is not listed costs what input costs: the vendor gives no discount, or asks no surcharge."""
    fresh, cached, write, hour, output = rates
    fresh = fresh or 0
    write = fresh if write is None else write
    cached = (None if cache_unknown else fresh) if cached is None else cached
    return Charge(above, fresh, cached, write, write if hour is None else hour, output or 0)


def _own_listing(own: UserPrice, search: int) -> Listing:
    since = ALWAYS if own.since is None else own.since
    name = f"user/{own.model}@{own.written}#{own.mode}"
    return Listing(since, (_charge(0, own.rates, False),), None, name, "user", "prices.user.toml", (1, 1), search)


def _laid_over(below: list[Listing], own: Listing, until: int | None) -> list[Listing]:
    """The book's listings with the user's one from its start until its end."""
    before = [one for one in below if one.since < own.since]
    if until is None:
        return [*before, own]
    after = [one for one in below if one.since > until]
    resumed = [one for one in below if one.since <= until][-1:]
    if resumed:
        return [*before, own, resumed[0]._replace(since=until), *after]
    return [*before, own, own._replace(since=until, charges=()), *after]


def _hours(book: Book, key: str) -> tuple[Schedule, ...]:
    channel, _, model = key.partition("/")
    return tuple(one for one in book.schedules if one.channel == channel and (one.models is None or model in one.models))


def hour_factor(hours: tuple[Schedule, ...], instant: int) -> tuple[int, int]:
    """The multiple that the time of day asks, as numerator and denominator."""
    moment = datetime.fromtimestamp(instant / 1000, UTC)
    for rule in hours:
        since, until = instant_of(rule.since), instant_of(rule.until) if rule.until else None
        if since is not None and since <= instant and (until is None or instant < until) and _applies(rule, moment):
            return rule.factor
    return (1, 1)


def _applies(rule: Schedule, moment: datetime) -> bool:
    minute = moment.hour * 60 + moment.minute
    if not any(start <= minute < end if start <= end else minute >= start or minute < end for start, end in rule.hours):
        return False
    if rule.weekdays_only and moment.weekday() >= 5:
        return False
    return (moment + timedelta(hours=rule.holiday_offset_hours)).date().isoformat() not in rule.holidays
