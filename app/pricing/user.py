# pyright: strict
"""The user's own prices: `prices.user.toml` in the data folder.

[[price]]
model = "claude-opus-4-8"          # the name exactly as in the log
from = "2026-07-01T00:00:00Z"      # optional, also "until"
mode = "fast"                      # optional: fast, batch, priority, flex
input = 4.0                        # dollars per million tokens
cache_read = 0.4                   # what is left out costs what input costs
cache_write = 5.0
cache_write_1h = 8.0
output = 20.0
"""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, NoReturn, cast

from app.model.instant import instant_of
from app.pricing.book import Rates

KINDS = ("input", "cache_read", "cache_write", "cache_write_1h", "output")
WORDS = {"model", "from", "until", "mode", *KINDS}
MODES = ("standard", "fast", "batch", "priority", "flex")


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


def read_user_prices(path: Path) -> tuple[UserPrice, ...]:
    """The entries in order of their start; none where there is no file.

    Raises ValueError with the line, what is wrong there and what to do about it.
    """
    if not path.is_file():
        return ()
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    return parse_user_prices(text, path.name)


def parse_user_prices(text: str, name: str = "prices.user.toml") -> tuple[UserPrice, ...]:
    """As `read_user_prices`, from the file's text."""
    try:
        content = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        _refuse(name, _line_of_error(str(error), text), re.sub(r" \(at .*\)$", "", str(error)).lower())
    entries = content.get("price", [])
    if not isinstance(entries, list) or set(content) - {"price"}:
        _refuse(name, 1, "a price begins with a line [[price]]")
    starts = [
        number for number, line in enumerate(text.splitlines(), 1) if line.replace(" ", "").startswith("[[price]]")
    ]
    found: list[UserPrice] = []
    for index, entry in enumerate(cast("list[object]", entries)):
        start = starts[index] if index < len(starts) else 1
        end = starts[index + 1] if index + 1 < len(starts) else None
        found.append(_entry(entry, _Lines(name, text, start, end)))
    return tuple(sorted(found, key=lambda one: -(1 << 62) if one.since is None else one.since))


class _Lines(NamedTuple):
    """Where an entry stands in the file, for messages."""

    name: str
    text: str
    start: int
    end: int | None

    def refuse(self, key: str | None, what: str) -> NoReturn:
        """Points to the line of the key within the entry, else to the entry's first line."""
        lines = self.text.splitlines()[self.start - 1 : self.end and self.end - 1]
        hits = [
            number for number, line in enumerate(lines, self.start) if key and re.match(rf"\s*\"?{key}\"?\s*=", line)
        ]
        _refuse(self.name, hits[0] if hits else self.start, what)


def _entry(entry: object, lines: _Lines) -> UserPrice:
    if not isinstance(entry, dict):
        lines.refuse(None, "a price begins with a line [[price]]")
    fields = cast("dict[str, object]", entry)
    for key in fields:
        if key not in WORDS:
            lines.refuse(key, f"“{key}” is not known here; use {', '.join(sorted(WORDS))}")
    model, mode = fields.get("model"), fields.get("mode", "standard")
    if not isinstance(model, str) or not model.strip():
        lines.refuse("model", 'model = "…" is missing; write the name exactly as in the log')
    if mode not in MODES:
        lines.refuse("mode", f"mode must be one of {', '.join(MODES)}")
    since, until = (_instant(key, fields, lines) for key in ("from", "until"))
    if since is not None and until is not None and until <= since:
        lines.refuse("until", "“until” must be later than “from”")
    written = datetime.fromtimestamp(since / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if since is not None else ""
    return UserPrice(model, str(mode), since, until, written, _rates(fields, lines))


def _instant(key: str, fields: dict[str, object], lines: _Lines) -> int | None:
    value = fields.get(key)
    if value is None:
        return None
    text = value.isoformat() if isinstance(value, date) else value
    instant = instant_of(text) if isinstance(text, str) else None
    if instant is None:
        lines.refuse(key, f'“{key}” is no time; write it like {key} = "2026-07-01T00:00:00Z"')
    return instant


def _rates(fields: dict[str, object], lines: _Lines) -> Rates:
    for key in ("input", "output"):
        if key not in fields:
            lines.refuse(None, f"“{key}” is missing; write dollars per million tokens, like {key} = 4.0")
    fresh, cached, write, hour, output = (_pico(key, fields.get(key), lines) for key in KINDS)
    return (fresh, cached, write, hour, output)


DEAREST = 1_000_000
"""Dollars per million tokens above which a price is a slip of the pen, and its sums more than a database holds."""


def _pico(key: str, value: object, lines: _Lines) -> int | None:
    """Pico-dollars a token of dollars per million tokens."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite() or value < 0:
        lines.refuse(key, f"“{key}” must be a number of dollars per million tokens, 0 or more")
    if value > DEAREST:
        lines.refuse(key, f"“{key}” is more than ${DEAREST:,} per million tokens; prices are written per million")
    exact = Decimal(value) * 1_000_000
    if exact != exact.to_integral_value():
        lines.refuse(key, f"“{key}” has more than six decimals; round it")
    return int(exact)


def _line_of_error(message: str, text: str) -> int:
    """tomllib ends its messages with "(at line 3, column 9)" or "(at end of document)"."""
    match = re.search(r"at line (\d+)", message)
    return int(match.group(1)) if match else max(1, len(text.splitlines()))


def _refuse(name: str, line: int, what: str) -> NoReturn:
    raise ValueError(
        f"{name}, line {line}: {what}. Correct that line or delete the file; until then none of its prices are used and "
        "those that came with Cuenta stay."
    )
