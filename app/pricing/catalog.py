# pyright: strict
"""The prices in use: the shipped book (or a newer imported one) and the user's own file above it.

A catalogue is read once and asked often: what a name, provider and mode resolve to is worked out the first time and kept.
"""

from __future__ import annotations

from pathlib import Path

from app.machine import Machine
from app.model.instant import instant_of
from app.pricing.book import Book, Limits, Model, Row, Schedule, read_book
from app.pricing.hours import hours_of
from app.pricing.listing import Listing, Quote, discounted, laid_over, listing_of, own_listing
from app.pricing.names import channel_of, resolve
from app.pricing.user import NOTHING, Discount, Own, read_user_prices

MODES = frozenset({"fast", "ultrafast", "batch", "priority", "flex"})
"""Words of a log that change the price. Every other word (`standard`, `default`, `auto`, `normal` …) is the standard."""


class Catalog:
    """Prices by name, provider, mode and date."""

    def __init__(self, book: Book, own: Own = NOTHING, problem: str | None = None, imported: bool = False) -> None:
        self.book = book
        self.imported = imported
        """The book is from a file of the user's; the shipped one is older."""
        self.own = own.prices
        self.discounts = own.discounts
        self.problem = problem
        """Why the user's price file or an imported book is not in use, with what to do; None is that all is well."""
        self.quotes: dict[tuple[str, str | None, str | None, str | None, str | None], Quote] = {}

    def with_book(self, book: Book) -> Catalog:
        """The same user's prices above another book."""
        return Catalog(book, Own(self.own, self.discounts), self.problem, imported=True)

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
            rows = _rows(resolution.key, model, mode)
            factor = model.regional if model.regional and (resolution.regional or _pinned(geo)) else (1, 1)
            search = self.book.search if model.search is None else model.search
            listings = [listing_of(row, resolution, mode, factor, search) for row in rows]
            for discount in self._discounts(provider, resolution.key):
                listings = discounted(listings, discount)
            hours = hours_of(self.book, resolution.key)
        for own in self.own:
            if own.model == name and own.mode == mode:
                listings = laid_over(listings, own_listing(own, self.book.search), own.until)
        return Quote(tuple(one.since for one in listings), tuple(listings), resolution, hours)

    def _discounts(self, provider: str | None, key: str) -> list[Discount]:
        """Those of who served it, as the log says; else of whose list it is priced from."""
        seller = channel_of(provider, self.book) or key.partition("/")[0]
        return [one for one in self.discounts if channel_of(one.provider, self.book) == seller]

    def limits(self, key: str, instant: int) -> Limits | None:
        """What `channel/model` took and gave at an instant, as far as anybody states it."""
        found: Limits | None = None
        for one in self.book.models[key].limits:
            since = instant_of(one.since) if one.since else None
            if since is None or since <= instant:
                found = one
        return found


def load_catalog(machine: Machine) -> Catalog:
    """The newer of the shipped and the imported book, with the user's own prices above it.

    A user's file or an imported book that can't be read costs nothing but itself: the other prices stay, and
    `Catalog.problem` says what is wrong. Raises ValueError only where the shipped book is damaged.
    """
    book = read_book((machine.resources / "prices.json").read_bytes())
    problems: list[str] = []
    imported = imported_file(machine)
    try:
        newer = read_book(imported.read_bytes()) if imported.is_file() else None
    except (OSError, ValueError) as error:
        newer = None
        problems.append(
            f"{imported}: {error}. The shipped prices are in use; import a price file again, or delete this one."
        )
    used = newer if newer and newer.built >= book.built else book
    own, problem = _own(machine)
    problems += [problem] if problem else []
    problems += [_unknown_seller(one) for one in own.discounts if channel_of(one.provider, used) is None]
    return Catalog(used, own, " ".join(problems) or None, imported=used is newer)


def imported_file(machine: Machine) -> Path:
    """A newer book that the user brought as a file."""
    return machine.data / "prices.json"


def user_file(machine: Machine) -> Path:
    return machine.data / "prices.user.toml"


def kept_file(machine: Machine) -> Path:
    """The user's file as it could be read last: what it says stays in use while the file itself is broken."""
    return machine.data / "prices.user.kept.toml"


def keep_own(machine: Machine) -> None:
    """Notes the user's file as readable. Called where calls are priced for good; a disk that refuses is no trouble."""
    written, kept = user_file(machine), kept_file(machine)
    try:
        read_user_prices(written)
        now = written.read_bytes() if written.is_file() else None
        if now is None:
            kept.unlink(missing_ok=True)
        elif not kept.is_file() or kept.read_bytes() != now:
            kept.write_bytes(now)
    except (OSError, ValueError):
        pass


def _own(machine: Machine) -> tuple[Own, str | None]:
    """What the user's file says, or said while it could be read, and what is wrong with it."""
    try:
        return read_user_prices(user_file(machine)), None
    except (OSError, ValueError) as error:
        wrong = str(error) if isinstance(error, ValueError) else f"{user_file(machine)} can't be read: {error.strerror}"
    try:
        before = read_user_prices(kept_file(machine))
    except (OSError, ValueError):
        before = NOTHING
    stay = "what it said before stays in use" if before != NOTHING else "the prices that came with Cuenta stay in use"
    return before, f"{wrong}; until then {stay}."


def _unknown_seller(discount: Discount) -> str:
    return (
        f"prices.user.toml, line {discount.line}: nobody in the price book is called “{discount.provider}”, so that"
        " discount is not in use. `cuenta price MODEL` shows who sells a model."
    )


def mode_of(speed: str | None, tier: str | None) -> str:
    """Which price list the words of a log ask for. Both at once (`fast` in a batch) are a list that nobody publishes."""
    fast = (speed or "").lower()
    service = (tier or "").lower()
    if fast not in MODES:
        return service if service in MODES else "standard"
    return f"{fast} {service}" if service in ("batch", "flex") else fast


def _rows(key: str, model: Model, mode: str) -> tuple[Row, ...]:
    """The rows of a mode; none where it has no price. Claude's priority tier is a commitment at list price."""
    if mode == "priority" and mode not in model.modes and key.rpartition("/")[2].startswith("claude-"):
        mode = "standard"
    return model.modes.get(mode, ())


def _pinned(geo: str | None) -> bool:
    """Only `us` costs more; `global` and `not_available` are the ordinary price."""
    return geo is not None and geo.lower() == "us"
