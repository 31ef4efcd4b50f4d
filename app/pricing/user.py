# pyright: strict
"""The user's own prices: `prices.user.toml` in the data folder.

[[price]]
model = "claude-opus-4-8"          # the name exactly as in the log
from = "2026-07-01T00:00:00Z"      # optional, also "until"
mode = "fast"                      # optional: fast, batch, priority, flex
input = 4.0                        # dollars per million tokens; 0 and 0 is free on purpose
cache_read = 0.4                   # what is left out costs what input costs
cache_write = 5.0
cache_write_1h = 8.0
output = 20.0
source = "their price page"        # optional: where you have it from

[[discount]]                       # off the list price of all that a provider sells
provider = "openai"
percent = 12.5

[[local]]                          # a model on this machine, by its electricity
model = "qwen3-coder:30b"
per_hour = 0.12                    # dollars an hour while it works
output_per_second = 40             # tokens it writes in a second
input_per_second = 900             # optional: tokens it reads in a second; left out, reading is free
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, cast

from app.pricing.book import Rates
from app.pricing.user_lines import Lines, instant, line_of_error, number, pico, pico_by_the_hour, refuse, text

KINDS = ("input", "cache_read", "cache_write", "cache_write_1h", "output")
MODES = ("standard", "fast", "batch", "priority", "flex")
SPEEDS = ("output_per_second", "input_per_second")
TIMES = ("from", "until")
_DEAREST_HOUR = 10_000
_FASTEST = 10_000_000


class UserPrice(NamedTuple):
    """One entry; holds for the exact name only, and goes before the book."""

    model: str
    mode: str
    since: int | None
    """ms since 1970 UTC; None is from the beginning."""
    until: int | None
    written: str
    """`from` as ISO 8601, empty for none."""
    rates: Rates
    source: str = ""
    """Where the user has it from, in their words."""


class Discount(NamedTuple):
    """So many per cent off what a provider lists, tokens and tools alike."""

    provider: str
    percent: Decimal
    since: int | None
    until: int | None
    line: int
    """Where it stands in the file."""

    @property
    def factor(self) -> tuple[int, int]:
        return ((100 - self.percent) / 100).as_integer_ratio()


class Own(NamedTuple):
    """All that the file says."""

    prices: tuple[UserPrice, ...] = ()
    """In order of their start."""
    discounts: tuple[Discount, ...] = ()


NOTHING = Own()


def read_user_prices(path: Path) -> Own:
    """Nothing where there is no file. Raises ValueError with the line, what is wrong there and what to do about it."""
    if not path.is_file():
        return NOTHING
    return parse_user_prices(path.read_text(encoding="utf-8-sig", errors="replace"), path.name)


def parse_user_prices(written: str, name: str = "prices.user.toml") -> Own:
    """As `read_user_prices`, from the file's text."""
    try:
        content = tomllib.loads(written, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        refuse(name, line_of_error(str(error), written), re.sub(r" \(at .*\)$", "", str(error)).lower())
    if set(content) - set(_READERS):
        refuse(name, 1, "an entry begins with a line [[price]], [[discount]] or [[local]]")
    prices: list[UserPrice] = []
    discounts: list[Discount] = []
    for kind, fields, lines in _entries(content, name, written):
        found = _READERS[kind](fields, lines)
        if isinstance(found, UserPrice):
            prices.append(found)
        else:
            _refuse_overlap(found, discounts, lines)
            discounts.append(found)
    prices.sort(key=lambda one: -(1 << 62) if one.since is None else one.since)
    return Own(tuple(prices), tuple(discounts))


def _entries(content: dict[str, object], name: str, written: str) -> Iterator[tuple[str, dict[str, object], Lines]]:
    """(kind, fields, where it stands) of each entry."""
    heads = [
        (number, match.group(1))
        for number, line in enumerate(written.splitlines(), 1)
        if (match := re.match(r"\s*\[\[\s*(\w+)\s*\]\]", line))
    ]
    for kind, entries in content.items():
        starts = [number for number, head in heads if head == kind]
        if not isinstance(entries, list):
            refuse(name, 1, f"an entry begins with a line [[{kind}]]")
        for index, entry in enumerate(cast("list[object]", entries)):
            start = starts[index] if index < len(starts) else 1
            end = next((number for number, _ in heads if number > start), None)
            lines = Lines(name, written, start, end)
            if not isinstance(entry, dict):
                lines.refuse(None, f"an entry begins with a line [[{kind}]]")
            yield kind, cast("dict[str, object]", entry), lines


def _known(fields: dict[str, object], lines: Lines, words: tuple[str, ...]) -> None:
    for key in fields:
        if key not in words:
            lines.refuse(key, f"“{key}” is not known here; use {', '.join(sorted(words))}")


def _times(fields: dict[str, object], lines: Lines) -> tuple[int | None, int | None]:
    since, until = (instant(key, fields, lines) for key in TIMES)
    if since is not None and until is not None and until <= since:
        lines.refuse("until", "“until” must be later than “from”")
    return since, until


def _own(model: str, mode: str, fields: dict[str, object], lines: Lines, rates: Rates) -> UserPrice:
    since, until = _times(fields, lines)
    source = text("source", fields, lines, "where you have it from") if "source" in fields else ""
    written = datetime.fromtimestamp(since / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if since is not None else ""
    return UserPrice(model, mode, since, until, written, rates, source)


def _price(fields: dict[str, object], lines: Lines) -> UserPrice:
    _known(fields, lines, ("model", "mode", "source", *TIMES, *KINDS))
    model = text("model", fields, lines, "the name exactly as in the log")
    mode = fields.get("mode", "standard")
    if mode not in MODES:
        lines.refuse("mode", f"mode must be one of {', '.join(MODES)}")
    for key in ("input", "output"):
        if key not in fields:
            lines.refuse(None, f"“{key}” is missing; write dollars per million tokens, like {key} = 4.0")
    fresh, cached, write, hour, output = (pico(key, fields, lines) for key in KINDS)
    return _own(model, str(mode), fields, lines, (fresh, cached, write, hour, output))


def _local(fields: dict[str, object], lines: Lines) -> UserPrice:
    """What the machine draws while it reads and writes; what is in its cache is not read again."""
    _known(fields, lines, ("model", "per_hour", "source", *TIMES, *SPEEDS))
    model = text("model", fields, lines, "the name exactly as in the log")
    hour = number("per_hour", fields, lines, "dollars an hour", _DEAREST_HOUR)
    if hour is None:
        lines.refuse(None, "“per_hour” is missing; write dollars an hour, like per_hour = 0.12")
    speeds = [number(key, fields, lines, "tokens a second", _FASTEST) for key in SPEEDS]
    if not speeds[0]:
        lines.refuse(SPEEDS[0], f"“{SPEEDS[0]}” is missing; write how many tokens it writes in a second")
    output = pico_by_the_hour(hour, speeds[0])
    fresh = pico_by_the_hour(hour, speeds[1]) if speeds[1] else 0
    return _own(model, "standard", fields, lines, (fresh, 0, fresh, fresh, output))


def _discount(fields: dict[str, object], lines: Lines) -> Discount:
    _known(fields, lines, ("provider", "percent", "source", *TIMES))
    provider = text("provider", fields, lines, "who sells it, like openai or amazon-bedrock")
    percent = number("percent", fields, lines, "per cent", 100)
    if percent is None:
        lines.refuse(None, "“percent” is missing; write how much is taken off, like percent = 12.5")
    if percent != round(percent, 4):
        lines.refuse("percent", "“percent” has more than four decimals; round it")
    return Discount(provider.strip().lower(), percent, *_times(fields, lines), lines.start)


def _refuse_overlap(found: Discount, others: list[Discount], lines: Lines) -> None:
    """Two at once could mean the sum, the product or the later one: nobody but the user knows."""
    for other in others:
        apart = (found.until or 1 << 62) <= (other.since or 0) or (other.until or 1 << 62) <= (found.since or 0)
        if other.provider == found.provider and not apart:
            lines.refuse(None, f"{found.provider} has another discount at that time (line {other.line})")


_READERS: dict[str, Callable[[dict[str, object], Lines], UserPrice | Discount]] = {
    "price": _price,
    "discount": _discount,
    "local": _local,
}
