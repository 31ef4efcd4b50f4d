# pyright: strict
"""The shape of the price book as it lies in `resources/prices.json`; built by `packaging/build_prices.py`.

All prices are whole pico-dollars a token ($3 per million tokens is 3_000_000).
"""

from __future__ import annotations

import msgspec

Rates = tuple[int | None, int | None, int | None, int | None, int | None]
"""Input, cached input, 5-minute cache write, 1-hour cache write, output; None is not listed."""
Tier = tuple[int, int | None, int | None, int | None, int | None, int | None]
"""Above so many prompt tokens the whole request costs these five."""
SCHEMA = "cuenta.book/1"
BOTH, RESEARCH = "both", "pricing.md §2"
"""Sources of rows that are no package: the two packages compared agree; looked up by hand in a vendor's list."""


Settled = tuple[Rates, tuple[Tier, ...]]


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A price list from `since` until the next row."""

    since: str | None
    """ISO 8601, UTC; None is from the beginning."""
    rates: Rates | None
    """None: no price from here on."""
    tiers: tuple[Tier, ...]
    source: str
    disputed: bool = False
    """The sources differed; the rules of the book decided."""
    cache_unknown: bool = False
    """A cached price existed but nobody recorded it; without this, no cached price means "as input"."""


class Limits(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How much a model takes and gives, from `since` until the next."""

    since: str | None
    """ISO 8601, UTC; None is from the beginning."""
    context: int | None
    """Context window in tokens; None is not known."""
    output: int | None
    """Most tokens of one answer; None is not known."""
    source: str
    disputed: bool = False
    """The sources give different windows; the first one's is here."""


class Model(msgspec.Struct, frozen=True, gc=False):
    """One model in one channel."""

    modes: dict[str, tuple[Row, ...]]
    """`standard`, `batch`, `priority`, `flex`, `fast` → rows by date."""
    limits: tuple[Limits, ...] = ()
    """By date; none where nobody states them."""
    overruled: dict[str, Settled] = {}
    """Mode → what genai-prices said when the book was built, where the book says otherwise: only a change of that is
    news in a later data file."""
    search: int | None = None
    """Pico-dollars a web search, where it is not the book's usual price."""
    regional: tuple[int, int] | None = None
    """Factor where inference is pinned to a region, as numerator and denominator."""


class Schedule(msgspec.Struct, frozen=True):
    """Hours of the day in which a channel costs a multiple."""

    channel: str
    since: str
    until: str | None
    hours: tuple[tuple[int, int], ...]
    """Minutes of the UTC day, from and to; the end may lie on the next day."""
    weekdays_only: bool
    holidays: tuple[str, ...]
    """ISO dates, in local time, on which the rule rests."""
    holiday_offset_hours: int
    models: tuple[str, ...] | None
    """None: all of the channel."""
    factor: tuple[int, int]
    source: str


class Book(msgspec.Struct, frozen=True):
    """The whole book. `channel/model` is the key everywhere."""

    schema: str
    built: str
    packages: tuple[str, ...]
    """The two whose prices were compared, then those that only gave limits, then a file that was laid over."""
    corrections: str
    """Digest of the corrections that went in."""
    model_count: int
    row_count: int
    search: int
    """Pico-dollars a web search, unless the model says otherwise."""
    labels: frozenset[str]
    """Names that are settings of a router, not models."""
    channels: dict[str, str]
    """What logs call a provider → channel."""
    vendors: dict[str, str]
    """How a bare name begins → channel of its vendor."""
    resellers: frozenset[str]
    """Channels that sell at the vendor's list price what they list no price for."""
    schedules: tuple[Schedule, ...]
    aliases: dict[str, str]
    """`channel/other name`, or `*/name` for every channel → `channel/model`."""
    models: dict[str, Model]

    @property
    def compared(self) -> tuple[str, ...]:
        """The packages that a row of the source `both` is from."""
        return self.packages[:2]

    @property
    def id(self) -> str:
        """Enough to tell two books apart."""
        return f"{self.built}+{self.corrections}"


def read_book(raw: bytes) -> Book:
    """The book from its JSON. Raises ValueError where it is none."""
    try:
        book = msgspec.json.decode(raw, type=Book)
    except msgspec.DecodeError as error:
        raise ValueError(f"this is no price book: {error}") from error
    if book.schema != SCHEMA:
        raise ValueError(f"this price book has the schema {book.schema!r}, this version of Cuenta reads {SCHEMA!r}")
    return book
