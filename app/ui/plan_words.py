"""How dollars are called by how an account is paid: an estimate of the bill, or list-price value on a plan. The one home
of that wording; never `saved`, never `bill` on a plan.
"""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QCoreApplication

from app import formats
from app.report.plans import Kind, Paid, Value


def _tr(text: str) -> str:
    return QCoreApplication.translate("Plans", text)


def spend_word(kinds: Collection[Kind | None]) -> str:
    """What a sum over accounts that are paid so is: value where all of them are on a plan, else spend."""
    return _tr("List-price value") if kinds and all(kind == "plan" for kind in kinds) else _tr("Spend")


def today_words(by_key: int, on_plan: int, locale: str = formats.ENGLISH) -> str:
    """`Of today: $11.45 by API key, $4.17 list-price value on the plan`; only what there is, empty where there is none."""
    key, value = formats.money(by_key, locale), formats.money(on_plan, locale)
    if by_key and on_plan:
        return _tr("Of today: {key} by API key, {value} list-price value on the plan").format(key=key, value=value)
    if on_plan:
        return _tr("Of today, {money} is list-price value on the plan").format(money=value)
    return _tr("Of today, {money} is by API key").format(money=key) if by_key else ""


def told_words(paid: Paid) -> str:
    """What is known without the user's word: `Plan: Plus`, `Not known`."""
    return _tr("Plan: {plan}").format(plan=paid.plan) if paid.plan else _tr("Not known")


def paid_words(paid: Paid) -> str:
    """One line about an account."""
    if paid.kind == "api":
        return _tr("Billed per token. The figures estimate the bill.")
    if paid.kind is None:
        return _tr("Choose, so that the wording fits.")
    from_where = {
        "user": "",
        "log": _tr("From the log.") + " ",
        "settings": _tr("From the agent's settings.") + " ",
        None: "",
    }[paid.told_by]
    words = from_where + _tr("The figures are list-price value, not a bill.")
    return words + (" " + _tr("Usage beyond the plan is billed.") if paid.extra else "")


def limit_words(value: Value, now: int) -> str:
    """`this week, from the log`; of an old word, how old it is."""
    names = {300: _tr("these 5 hours"), 10_080: _tr("this week")}
    window = names.get(value.minutes) or _tr("this window")
    where = _tr("from the log") if value.from_log else _tr("from the agent's settings")
    age = now - value.seen_at
    if age < 3_600_000:
        return f"{window}, {where}"
    return _tr("{window}, {where}, {age} ago").format(window=window, where=where, age=formats.duration(age))
