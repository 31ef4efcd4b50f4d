"""A typed total beside ours, in words for the window. No word here blames: what a reason would look like, no more."""

from __future__ import annotations

from datetime import date, tzinfo

from PySide6.QtCore import QCoreApplication

from app import formats
from app.report import reasons
from app.report.reasons import Edge, Looked, Reason
from app.report.reconcile import Reconciled
from app.report.zone import day_of
from app.store.queries import Sums
from app.ui.moments import day, days
from app.ui.widgets.dates import month
from app.ui.widgets.figure import FigureValue


def _tr(text: str) -> str:
    return QCoreApplication.translate("Reconcile", text)


def period_words(since: date, until: date, today: date) -> str:
    """`October`, `October 2025` for a whole month, else its days: `Oct 3 – Oct 9`."""
    if since.day == 1 and (until.year, until.month) == (since.year, since.month) and is_last(until):
        return month(since) if since.year == today.year else f"{month(since)} {since.year}"
    return days(since, until, today)


def is_last(one: date) -> bool:
    """The last day of its month."""
    return date.fromordinal(one.toordinal() + 1).day == 1


def figures(found: Reconciled | None, ours: Sums, today: date, zone: tzinfo) -> list[FigureValue]:
    """Invoice, ours, difference, known, unexplained; those that there are."""
    counted = formats.counted(ours.calls, _tr("call"), _tr("calls"))
    whole = _tr("{calls}, all with a price").format(calls=counted)
    partly = _tr("{calls}, {n} without a price").format(calls=counted, n=f"{ours.unpriced:,}")
    mine = FigureValue(
        _tr("Cuenta, same days"),
        formats.amount(ours.cost, ours.unpriced, ours.label) if ours.calls else formats.money(0),
        counted if not ours.calls else partly if ours.unpriced else whole,
        exact=formats.exact(ours.cost),
    )
    if found is None:
        return [FigureValue(_tr("Invoice"), formats.NONE, _tr("none typed for these days")), mine]
    dollars = found.invoice.dollars
    typed = [
        FigureValue(
            _tr("Invoice"), formats.money(dollars), typed_words(found, today, zone), exact=formats.exact(dollars)
        )
    ]
    gap = FigureValue(
        _tr("Difference"),
        found.sign + formats.signed(found.difference),
        _tr("They agree.") if found.agrees else of_invoice(found.difference, found),
        exact=formats.exact(found.difference),
    )
    if found.agrees:
        return [*typed, mine, gap]
    fit = len(found.reasons)
    told = _tr("1 that fits") if fit == 1 else _tr("{n} that fit").format(n=fit) if fit else _tr("none fits")
    return [
        *typed,
        mine,
        gap,
        FigureValue(
            _tr("Known reasons"), about(found) + formats.signed(found.known), told, exact=formats.exact(found.known)
        ),
        FigureValue(
            _tr("Unexplained"),
            about(found) + formats.signed(found.unexplained),
            of_invoice(found.unexplained, found),
            exact=formats.exact(found.unexplained),
        ),
    ]


def about(found: Reconciled) -> str:
    """The sign before what reasons add up to: with an estimate among them it is one."""
    sure = all(one.label == "measured" and one.amount is not None for one in found.reasons)
    return "" if sure else formats.ABOUT


def of_invoice(nano: int, found: Reconciled) -> str:
    """`3.6% of the invoice`."""
    if not found.invoice.dollars:
        return ""
    return _tr("{share} of the invoice").format(share=formats.percent(abs(nano), found.invoice.dollars))


def typed_words(found: Reconciled, today: date, zone: tzinfo) -> str:
    """`typed by you, Nov 3`; `€11.40 at 0.92, Nov 1`."""
    invoice = found.invoice
    if invoice.currency is not None:
        typed = formats.typed(invoice.total, invoice.currency)
        return f"{typed} {formats.rate_words(invoice.currency, today)}"
    when = day(day_of(invoice.typed_at, zone), today)
    return _tr("typed by you, {day}").format(day=when)


def title_of(key: str) -> str:
    return {
        reasons.UNLOGGED: _tr("Calls that leave no log"),
        reasons.PLACEHOLDER: _tr("Placeholder output counts"),
        reasons.UTC_DAYS: _tr("UTC days on the invoice"),
        reasons.UNPRICED: _tr("Models without a price"),
        reasons.TAX: _tr("Tax in the total"),
    }[key]


def words_of(reason: Reason, today: date) -> str:
    """The gray line below a reason: what was found, or what it rests on."""
    count = f"{reason.calls:,}"
    if reason.key == reasons.UNLOGGED:
        sessions = formats.counted(reason.calls, _tr("session"), _tr("sessions"))
        return _tr("assumed for {sessions}: {what}").format(sessions=sessions, what=_tr(", ".join(reason.names)))
    if reason.key == reasons.PLACEHOLDER:
        if reason.calls == 1:
            return _tr("1 record ends before the count; at least this much")
        return _tr("{n} records end before the count; at least this much").format(n=count)
    if reason.key == reasons.UTC_DAYS:
        return ", ".join(_edge(edge, today) for edge in reason.edges)
    if reason.key == reasons.UNPRICED:
        calls = formats.counted(reason.calls, _tr("call"), _tr("calls"))
        return _tr("{calls} of {models}: on a bill, not in ours").format(calls=calls, models=", ".join(reason.names))
    return _tr("the total was typed with tax; ours has none")


def _edge(edge: Edge, today: date) -> str:
    calls = formats.counted(edge.calls, _tr("call"), _tr("calls"))
    words = _tr("{calls} of {day} are on it") if edge.billed else _tr("{calls} of {day} are not")
    if edge.calls == 1:
        words = _tr("{calls} of {day} is on it") if edge.billed else _tr("{calls} of {day} is not")
    return words.format(calls=calls, day=day(edge.day, today))


def range_words(reason: Reason) -> str:
    """`$1.20 to $3.10`, `or more`."""
    if reason.low is None:
        return ""
    if reason.high is None:
        return _tr("or more")
    return _tr("{low} to {high}").format(low=formats.money(reason.low), high=formats.money(reason.high))


def amount_words(reason: Reason) -> str:
    """`≈ +$2.10`, `≥ +$1.96`, `−$0.41`, `not known`."""
    return _tr("not known") if reason.amount is None else reason.sign + formats.signed(reason.amount)


def assumption_of(reason: Reason) -> str:
    """What its label rests on, for a tooltip; empty is the label's usual meaning."""
    if reason.key == reasons.UNLOGGED:
        return _tr("between one short question and ten longer ones in each session; nobody has counted them")
    if reason.key == reasons.PLACEHOLDER:
        return _tr("a lower bound, from what can be seen of the answers")
    return ""


def looked_words(found: Reconciled) -> str:
    """`Looked at, does not fit: models without a price: 0 calls · batch or priority: none in the log`."""
    parts = [_looked(one) for one in found.looked]
    told = " · ".join([*(part for part in parts if part), _tr("sub-agents: counted")])
    return _tr("Looked at, does not fit: {all}").format(all=told)


def _looked(one: Looked) -> str:
    calls = formats.counted(one.calls, _tr("call"), _tr("calls"))
    if one.key == reasons.UNPRICED:
        return _tr("models without a price: {calls}").format(calls=calls)
    if one.key == reasons.TIERS:
        none = _tr("batch or priority: none in the log")
        return _tr("batch or priority: {calls}, priced as such").format(calls=calls) if one.calls else none
    if one.key == reasons.UTC_DAYS:
        return _tr("UTC days: no call between theirs and yours")
    if one.key == reasons.PLACEHOLDER:
        none = _tr("placeholder output: none found")
        return _tr("placeholder output: more than is missing") if one.calls else none
    return _tr("calls that leave no log: more than is missing")
