"""Numbers as a screen reader should say them, made of what `app.formats` writes."""

from __future__ import annotations

from app import formats


def tokens(count: int, locale: str = formats.ENGLISH) -> str:
    """`103 thousand`, `1.4 million`, `840`."""
    text = formats.tokens(count, locale)
    if locale != formats.ENGLISH:
        return text
    for letter, word in (("k", " thousand"), ("M", " million"), ("B", " billion")):
        if text.endswith(letter):
            return text[:-1].removesuffix(".0") + word
    return text


def money(nano: int, locale: str = formats.ENGLISH) -> str:
    """`23 dollars 60`, `1 dollar 23`, `7 cents`, `0.004 dollars`; another locale or currency is said as it is written."""
    text = formats.money(nano, locale)
    if locale != formats.ENGLISH or text[0] in "<>" or formats.symbol() != "$":
        return text
    minus = "minus " if text.startswith(formats.MINUS) else ""
    dollars, _, rest = text.removeprefix(formats.MINUS).removeprefix("$").replace(",", "").partition(".")
    if len(rest) > 2:
        return f"{minus}{dollars}.{rest} dollars"
    if dollars == "0" and rest.strip("0"):
        return f"{minus}{int(rest)} {'cent' if int(rest) == 1 else 'cents'}"
    return f"{minus}{dollars} {'dollar' if dollars == '1' else 'dollars'}" + (f" {rest}" if rest.strip("0") else "")


def amount(
    nano: int,
    unpriced: int = 0,
    label: str = "measured",
    locale: str = formats.ENGLISH,
    *,
    at_least: bool = False,
) -> str:
    """A sum with how sure it is: `at least 23 dollars 60`, `about 7 cents`, `no price`."""
    text = formats.amount(nano, unpriced, label, locale, at_least=at_least)
    if locale != formats.ENGLISH or not formats.has_price(nano, unpriced):
        return text
    for sign, word in ((formats.AT_LEAST, "at least "), (formats.ABOUT, "about ")):
        if text.startswith(sign):
            return word + money(nano, locale)
    return text if text[0] in "<>" else money(nano, locale)


def percent(share: float, locale: str = formats.ENGLISH) -> str:
    """`51 percent`."""
    return formats.percent(share, 1, locale).replace("%", " percent")
