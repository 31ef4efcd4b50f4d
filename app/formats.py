"""How numbers are written for people: tray, windows and terminal all ask here, so a figure never has two spellings.

Whole numbers in, text out, rounded half-even exactly once, at the last moment. The bracket a number falls in (cents or
none, k or M) is chosen after rounding, so "$1,000.00" or "1000k" can't happen. American English is written without
help; any other locale goes through Babel, which is imported only then, as it would cost the quick commands 40 ms.

Money is nano-dollars everywhere but here. Where the user chose another currency to look at (`show_in`), the exact product
with its rate is what is rounded, once; `at_rate` says at which rate, and stands in the head of whatever shows figures.

No sentences here beyond a number and its unit, and no Qt.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from app.model.money import NANO, Currency
from app.model.money import half_even as _rounded

ENGLISH = "en_US"
AT_LEAST = "≥ "
AT_MOST = "≤ "
ABOUT = "≈ "
MINUS = "−"
NONE = "–"
"""Stands where a number doesn't apply. What is unknown gets words."""
NO_PRICE = "no price"

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DOLLARS = Currency("USD", "1", "")
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}
"""As American English writes them, without Babel's 40 ms; any other currency is its three letters."""
_WITHOUT_CENTS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})
_shown = DOLLARS
_told = ""


def show_in(currency: Currency | None, today: date) -> bool:
    """From now on every figure of this process is written in that currency; None is dollars. False where it already was."""
    global _shown, _told
    before = _shown, _told
    _shown = DOLLARS if currency is None else currency
    _told = "" if currency is None else rate_words(currency, today)
    return before != (_shown, _told)


def at_rate() -> str:
    """`at 0.92, Nov 1` where figures are not in dollars; else nothing."""
    return _told


def with_rate(text: str) -> str:
    """The text of a head over figures, with their rate behind it where they have one: `Oct 1 – Oct 7 · at 0.92, Nov 1`."""
    return f"{text} · {_told}" if _told and text else text or _told


def rate_words(currency: Currency, today: date, locale: str = ENGLISH) -> str:
    """`at 0.92, Nov 1`, with the year where it is not this one."""
    day = date.fromisoformat(currency.day)
    year = "" if day.year == today.year else f", {day.year}"
    return f"at {currency.rate}, {short_day(day, locale)}{year}"


def short_day(day: date, locale: str = ENGLISH) -> str:
    """`Nov 12`."""
    if locale == ENGLISH:
        return f"{_MONTHS[day.month - 1]} {day.day}"
    from babel.dates import format_skeleton

    return format_skeleton("MMMd", day, locale=locale)


def money(nano: int, locale: str = ENGLISH, currency: Currency | None = None) -> str:
    """Dollars: four decimals below a cent, two below $1,000, none from there. `$0.0042`, `$12.40`, `$1,284`.

    What is too small for four decimals is not written as zero: `< $0.0001`. Another currency likewise, by its own
    smallest coin: `€0.92`, `¥142`, `¥0.42`.
    """
    shown = currency or _shown
    sign, size = (MINUS, -nano) if nano < 0 else ("", nano)
    coin = _places(shown)
    if size and (small := _units(size, coin + 2, shown)) < 100:
        if not small:
            return f"{'>' if sign else '<'} {sign}{_written(1, coin + 2, locale, shown)}"
        return sign + _written(small, coin + 2, locale, shown)
    return sign + _coins_below(1_000, size, locale, shown)


def signed(nano: int, locale: str = ENGLISH) -> str:
    """A difference: `+$6.83`, `−$0.41`, `$0.00`."""
    return ("+" if nano > 0 else "") + money(nano, locale)


def money_short(nano: int, locale: str = ENGLISH) -> str:
    """Dollars where room is short, as beside the tray icon: always cents, none from $100. `$0.00`, `$15.62`, `$284`."""
    sign, size = (MINUS, -nano) if nano < 0 else ("", nano)
    return sign + _coins_below(100, size, locale, _shown)


def money_to(places: int, nano: int, locale: str = ENGLISH) -> str:
    """Dollars with so many decimals, for figures that stand in one row, as on an axis. `$0.025`, `$1,000`."""
    return _written(_units(nano, places, _shown), places, locale, _shown)


def typed(nano: int, currency: Currency | None, locale: str = ENGLISH) -> str:
    """An amount in the currency it was typed in, at no rate: `€11.40`."""
    shown = DOLLARS if currency is None else currency._replace(rate="1")
    return money(nano, locale, shown)


def has_price(nano: int, unpriced: int) -> bool:
    """Does a sum say anything? Not where none of its calls has a price: then it is no $0.00, nor sure, nor to be copied."""
    return bool(nano) or not unpriced


def amount(
    nano: int,
    unpriced: int = 0,
    label: str = "measured",
    locale: str = ENGLISH,
    *,
    at_least: bool = False,
    currency: Currency | None = None,
) -> str:
    """A sum with the sign that says how sure it is.

    `$7.60`, `≥ $7.60` partly unpriced or partly unread (`at_least`), `≈ $7.60` estimated, `no price` where nothing
    has one.
    """
    if not has_price(nano, unpriced):
        return NO_PRICE
    sign = AT_LEAST if unpriced or at_least else ABOUT if label == "estimated" else ""
    shown = currency or _shown
    if sign and nano > 0 and not _units(nano, _places(shown) + 2, shown):
        if sign == AT_LEAST:
            return f"> {_written(0, _places(shown), locale, shown)}"  # not `≥ < $0.0001`: nobody knows what that bounds
        return money(nano, locale, currency)
    return sign + money(nano, locale, currency)


def whole(nano: int) -> int:
    """Whole units of the currency that figures are written in, cut: what has been spent for sure."""
    above, below = scale()
    return nano * above // (NANO * below)


def rate(nano_an_hour: int, locale: str = ENGLISH, *, at_least: bool = False) -> str:
    """`$4.20 an hour`, `≥ $4.20 an hour`."""
    return f"{amount(nano_an_hour, locale=locale, at_least=at_least)} an hour"


def exact(nano: int) -> str:
    """Nano-dollars to the last digit, for the clipboard: `0.867125000 USD`."""
    sign, size = ("-", -nano) if nano < 0 else ("", nano)
    return f"{sign}{size // NANO}.{size % NANO:09} USD"


def tokens(count: int, locale: str = ENGLISH) -> str:
    """Whole below 1,000, then three or so figures: `840`, `18.2k`, `142k`, `1.4M`, `291M`, `5.8B`."""
    sign, size = (MINUS, -count) if count < 0 else ("", count)
    if size < 1_000:
        return f"{sign}{size}"
    for unit, letter in ((1_000, "k"), (1_000_000, "M"), (1_000_000_000, "B")):
        tenths = _rounded(size * 10, unit)
        if tenths < 1_000:
            return f"{sign}{_decimal(tenths, 1, locale)}{letter}"
        whole = _rounded(size, unit)
        if whole < 1_000:
            return f"{sign}{whole}{letter}"
    return f"{sign}{_decimal(_rounded(size, 1_000_000_000), 0, locale)}B"


def percent(part: float, whole: float = 1, locale: str = ENGLISH) -> str:
    """A share: whole from 10 %, one decimal below, `< 0.1%` for what would round to nothing. `64%`, `3.4%`, `0%`.

    Whole numbers are divided exactly. Raises ZeroDivisionError where there is no whole to have a share of.
    """
    if isinstance(part, int) and isinstance(whole, int):
        tenths, rounded = _rounded(part * 1_000, whole), _rounded(part * 100, whole)
    else:
        tenths, rounded = round(part / whole * 1_000), round(part / whole * 100)
    sign = MINUS if tenths < 0 else ""
    if abs(tenths) >= 100:
        return f"{sign}{_decimal(abs(rounded), 0, locale)}%"
    if tenths:
        return f"{sign}{_decimal(abs(tenths), 1, locale)}%"
    return f"< {_decimal(1, 1, locale)}%" if part else "0%"


def duration(milliseconds: int) -> str:
    """At most two units, each only once it is whole: `48 s`, `22 min`, `1 h 44 min`, `2 h`, `3 d 2 h`."""
    left = max(0, milliseconds)
    if left < _MINUTE:
        return f"{left // _SECOND} s"
    for unit, name, lesser, lesser_name in ((_DAY, "d", _HOUR, "h"), (_HOUR, "h", _MINUTE, "min")):
        if left >= unit:
            rest = left % unit // lesser
            return f"{left // unit} {name}" + (f" {rest} {lesser_name}" if rest else "")
    return f"{left // _MINUTE} min"


def countdown(milliseconds: int) -> str:
    """Minutes and seconds that are left: `3:12`, `0:00`."""
    seconds = max(0, milliseconds) // _SECOND
    return f"{seconds // 60}:{seconds % 60:02}"


def size(count: int) -> str:
    """Bytes on a disk: `840 bytes`, `18.2 kB`, `291 MB`, `1.4 GB`, in powers of 1,000."""
    if count < 1_000:
        return counted(count, "byte", "bytes")
    for unit, name in ((1_000, "kB"), (1_000_000, "MB"), (1_000_000_000, "GB")):
        tenths = _rounded(count * 10, unit)
        if tenths < 1_000:
            return f"{_decimal(tenths, 1, ENGLISH)} {name}"
        if _rounded(count, unit) < 1_000 or name == "GB":
            return f"{_rounded(count, unit):,} {name}"
    raise AssertionError("GB takes any size")


def counted(count: int, one: str, many: str) -> str:
    """A count with its noun: `1 call`, `41 calls`."""
    return f"{count:,} {one if count == 1 else many}"


def symbol() -> str:
    """Of the currency that figures are written in: `$`, or `CHF `."""
    return _symbol(_shown)


def scale() -> tuple[int, int]:
    """Units of that currency for a dollar, as an exact fraction: an axis has round values in it."""
    return (1, 1) if _shown is DOLLARS else _shown.of(1)


def _symbol(shown: Currency) -> str:
    return _SYMBOLS.get(shown.code) or f"{shown.code}\N{NO-BREAK SPACE}"


def _places(shown: Currency) -> int:
    return 0 if shown.code in _WITHOUT_CENTS else 2


def _units(nano: int, places: int, shown: Currency) -> int:
    """So many decimals of the amount as a whole number: the one rounding there is."""
    if shown is DOLLARS:
        return _rounded(nano * 10**places, NANO)
    above, below = shown.of(nano)
    return _rounded(above * 10**places, NANO * below)


def _coins_below(limit: int, size: int, locale: str, shown: Currency) -> str:
    coin = _places(shown)
    units = _units(size, coin, shown)
    if units < limit * 10**coin:
        return _written(units, coin, locale, shown)
    return _written(_units(size, 0, shown), 0, locale, shown)


def _written(units: int, places: int, locale: str, shown: Currency) -> str:
    if locale == ENGLISH:
        return _symbol(shown) + _decimal(units, places, locale)
    from babel import Locale
    from babel.numbers import format_currency

    standard = Locale.parse(locale).currency_formats["standard"].pattern.partition(";")[0]
    pattern = _with_places(standard, places)
    return format_currency(_exact(units, places), shown.code, pattern, locale, currency_digits=False)


def _decimal(units: int, places: int, locale: str) -> str:
    """Fixed point: 1234 units at two places are `12.34`."""
    if locale == ENGLISH:
        whole, part = divmod(units, 10**places)
        return f"{whole:,}.{part:0{places}}" if places else f"{whole:,}"
    from babel.numbers import format_decimal

    return format_decimal(_exact(units, places), _with_places("#,##0.00", places), locale)


def _with_places(pattern: str, places: int) -> str:
    """A Unicode number pattern with that many decimals: `#,##0.00 ¤` → `#,##0.0000 ¤`."""
    return pattern.replace(".00", "." + "0" * places if places else "")


def _exact(units: int, places: int) -> Decimal:
    return Decimal(units).scaleb(-places)
