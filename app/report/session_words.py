"""Small exact values that only a session's window writes: full precision, price rows taken apart, sub-agents counted."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any, NamedTuple

from app.model.money import NANO
from app.pricing.catalog import Catalog
from app.report.breakdown import Breakdown
from app.store.queries import CallRow


def six(nano: int) -> str:
    """Six decimals, so that a column of them adds up by eye: `$0.867125`."""
    return _fixed(nano, 6)


def four(nano: int) -> str:
    """Four decimals, for a difference that should be nothing: `$0.0000`."""
    return _fixed(nano, 4)


def _fixed(nano: int, places: int) -> str:
    unit = NANO // 10**places
    sign, size = ("−", -nano) if nano < 0 else ("", nano)
    whole, rest = divmod(size, unit)
    whole += rest * 2 > unit or (rest * 2 == unit and whole % 2)
    sign = sign if whole else ""
    return f"{sign}${whole // 10**places:,}.{whole % 10**places:0{places}}"


def per_million(nano: int, tokens: int) -> str:
    """Dollars for a million of such tokens, as they were charged: `6.25`, `0.175`. At least two decimals."""
    thousandths = (nano * 2 + tokens) // (2 * tokens)
    text = f"{thousandths // 1000}.{thousandths % 1000:03}"
    return text.removesuffix("0")


class PriceRow(NamedTuple):
    """A row's name in the book, taken apart: channel/model@valid-from#mode."""

    model: str
    channel: str
    since: date | None
    """None is from the beginning."""
    mode: str


def price_row(name: str) -> PriceRow:
    rest, _, mode = name.partition("#")
    key, _, since = rest.partition("@")
    channel, _, model = key.rpartition("/")
    try:
        day = date.fromisoformat(since[:10]) if since else None
    except ValueError:
        day = None
    return PriceRow(model, channel, day, mode or "standard")


class Listed(NamedTuple):
    """What the book says beside a call's price."""

    source: str
    until: date | None
    """When the next row begins; None is until now."""
    disputed: bool
    tier: int
    """Tokens of prompt from which its prices hold; 0 is the lowest, or that there are no tiers."""
    rates: dict[str, int]
    """Kind of token → pico-dollars a token, in the call's tier. Empty where the call was charged otherwise, as by a
    factor of its region or its hour.
    """


def listed(call: CallRow, catalog: Catalog) -> Listed | None:
    """The row a call was priced with; None where it is not in this book."""
    if call.price_row is None or call.book != catalog.book.id:
        return None
    rest, _, mode = call.price_row.partition("#")
    key, _, since = rest.partition("@")
    model = catalog.book.models.get(key)
    rows = model.modes.get(mode.partition(",")[0], ()) if model else ()  # behind a comma stands the user's discount
    place = next((place for place, row in enumerate(rows) if (row.since or "") == since), None)
    if place is None:
        return None
    row = rows[place]
    following = rows[place + 1].since if place + 1 < len(rows) else None
    rates, reached = row.rates, 0
    for tier in sorted(row.tiers):
        if call.tokens.prompt > tier[0]:
            reached, rates = tier[0], tier[1:]
    kinds = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
    found = {kind: rate for kind, rate in zip(kinds, rates or (), strict=False) if rate is not None}
    if "output" in found:
        found["reasoning"] = found["output"]
    counts = (*call.tokens[:4], call.tokens.output - call.tokens.reasoning, call.tokens.reasoning)
    charged = zip((*kinds, "reasoning"), counts, call.parts, strict=False)
    as_listed = all(abs(nano * 1000 - count * found.get(kind, 0)) <= 1000 for kind, count, nano in charged if count)
    until = date.fromisoformat(following[:10]) if following else None
    return Listed(row.source, until, row.disputed, reached, found if as_listed else {})


def book_day(book: str) -> date | None:
    """The day of a price book's id: `2026-11-21+053cbe75`."""
    try:
        return date.fromisoformat(book[:10])
    except ValueError:
        return None


def as_csv(document: dict[str, Any]) -> str:
    """The calls of `breakdown.as_json`, one a line; `tokens.input` becomes `tokens_input`."""
    rows = [_flat(call) for call in document["calls"]]
    out = io.StringIO()
    names = list(rows[0]) if rows else ["call"]
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _flat(call: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in call.items():
        if name == "tokens":
            flat |= {f"tokens_{kind}": count for kind, count in value.items()}
        else:
            flat[name] = _safe(value)
    return flat


def _safe(value: Any) -> Any:
    """A name that looks like a formula must not become one in a spreadsheet."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t"):
        return f"'{value}"
    return "" if value is None else value


def file_name(found: Breakdown, name: str, ending: str) -> str:
    """What an export is called: `atlas-api 7c1e0f2a.json`, without what file systems refuse."""
    safe = "".join(letter if letter.isalnum() or letter in "-_. " else "-" for letter in name)
    return f"{safe} {found.facts.native[:8]}.{ending}"
