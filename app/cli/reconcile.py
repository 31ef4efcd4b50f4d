"""`cuenta reconcile`: totals the user typed in, beside ours."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

from app import formats
from app.cli.paper import CERTAINTY, console, plain, print_json, print_table, table, up_to_date
from app.diagnostics import KnownError
from app.machine import Machine
from app.model.instant import text_of
from app.model.money import Currency, amount_of, currency_of
from app.pricing.catalog import load_catalog
from app.report import reasons, reconcile
from app.report.reasons import Reason
from app.report.reconcile import Reconciled
from app.report.vendors import payee_named
from app.report.zone import day_of, local_zone
from app.store import invoices
from app.store.invoices import Invoice

SCHEMA = "cuenta.reconcile/1"
TITLES = {
    reasons.UNLOGGED: "calls that leave no log",
    reasons.PLACEHOLDER: "placeholder output counts",
    reasons.UTC_DAYS: "UTC days on the invoice",
    reasons.UNPRICED: "models without a price",
    reasons.TAX: "tax in the total",
    reasons.TIERS: "batch or priority",
}


def run(
    machine: Machine,
    *,
    action: str,
    vendor: str | None,
    account: str | None,
    from_: str | None,
    to: str | None,
    total: str | None,
    currency: str | None,
    rate: str | None,
    rate_date: str | None,
    before_tax: bool,
    sync: bool,
    json: bool,
) -> int:
    typed = (vendor, from_, to, total)
    try:
        if action not in ("add", "list"):
            raise ValueError(f"{action!r} is neither add nor list.")
        if action == "list" and any((*typed, account, currency, rate, rate_date)):
            raise ValueError("list takes no total. Did you mean add?")
        read = _read(*typed, _currency(currency, rate, rate_date)) if action == "add" else None
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if read is not None:
        name, since, until, nano, money = read
        with up_to_date(machine, sync) as connection:
            payee = payee_named(connection, name, account or "")
        now = machine.clock()
        kept = Invoice(payee.vendor, payee.account, since, until, nano, money, before_tax, now)
        invoices.save(machine.database, kept)
        found = [one for one in _all(machine, False) if _place(one.invoice) == _place(kept)]
    else:
        found = _all(machine, sync)
    if json:
        print_json({"schema": SCHEMA, "totals": [as_json(one) for one in found]})
    else:
        _show(found, machine)
    return 0


def _read(
    vendor: str | None, since: str | None, until: str | None, total: str | None, currency: Currency | None
) -> tuple[str, date, date, int, Currency | None]:
    """Raises ValueError with a sentence for the user."""
    if vendor is None or since is None or until is None or total is None:
        raise ValueError("add wants --vendor, --from, --to and --total.")
    try:
        days = date.fromisoformat(since), date.fromisoformat(until)
    except ValueError as error:
        raise ValueError(f"--from {since} --to {until}: write days like 2026-09-30.") from error
    if days[1] < days[0]:
        raise ValueError(f"--to {until} lies before --from {since}.")
    return vendor, *days, amount_of(total), currency


def _currency(code: str | None, rate: str | None, day: str | None) -> Currency | None:
    """Raises ValueError with a sentence for the user."""
    if code is None or code.strip().upper() == "USD":
        if rate is not None or day is not None:
            raise ValueError("--rate and --rate-date go with another currency than dollars.")
        return None
    if rate is None or day is None:
        raise ValueError(f"--currency {code} wants --rate and --rate-date: how many {code} one dollar was, and when.")
    return currency_of(code, rate, day)


def _place(invoice: Invoice) -> tuple[str, str, date, date]:
    return invoice[:4]


def _all(machine: Machine, sync: bool) -> list[Reconciled]:
    try:
        catalog = load_catalog(machine)
    except (OSError, ValueError) as error:
        raise KnownError(f"The price book can't be read: {error}.", "Install Cuenta again.") from error
    with up_to_date(machine, sync) as connection:
        return reconcile.every(connection, reconcile.given(connection, machine, catalog))


def as_json(one: Reconciled) -> dict[str, Any]:
    invoice, ours = one.invoice, one.ours
    return {
        "vendor": invoice.vendor,
        "account": invoice.account or None,
        "since": invoice.since.isoformat(),
        "until": invoice.until.isoformat(),
        "total": {"nano": invoice.total, "currency": invoice.currency.code if invoice.currency else "USD"},
        "rate": invoice.currency.rate if invoice.currency else None,
        "rate_date": invoice.currency.day if invoice.currency else None,
        "before_tax": invoice.before_tax,
        "typed_at": text_of(invoice.typed_at),
        "invoice_nanousd": invoice.dollars,
        "ours": {
            "calls": ours.calls,
            "cost_nanousd": ours.cost,
            "label": ours.label,
            "unpriced_calls": ours.unpriced,
        },
        "difference_nanousd": one.difference,
        "agrees": one.agrees,
        "reasons": [_reason(reason) for reason in one.reasons],
        "known_nanousd": one.known,
        "unexplained_nanousd": one.unexplained,
        "looked_at": [looked._asdict() for looked in one.looked],
        "open": one.open,
        "on_plan": list(one.on_plan),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "reason": reason.key,
        "amount_nanousd": reason.amount,
        "low_nanousd": reason.low,
        "high_nanousd": reason.high,
        "label": reason.label,
        "calls": reason.calls,
        "names": list(reason.names),
        "edges": [
            {"day": edge.day.isoformat(), "on_invoice": edge.billed, "calls": edge.calls, "cost_nanousd": edge.cost}
            for edge in reason.edges
        ],
    }


def _show(found: list[Reconciled], machine: Machine) -> None:
    paper = console()
    if not found:
        paper.print("No total was typed in yet. `cuenta reconcile add` takes one; nothing that was counted changes.")
        return
    today = day_of(machine.clock(), local_zone(machine))
    for one in found:
        invoice = one.invoice
        paper.print(f"{plain(one.payee.title)}, {invoice.since} to {invoice.until}", style="bold")
        typed = formats.money(invoice.dollars)
        if invoice.currency is not None:
            typed += (
                f" ({formats.typed(invoice.total, invoice.currency)} {formats.rate_words(invoice.currency, today)})"
            )
        ours = formats.amount(one.ours.cost, one.ours.unpriced, one.ours.label)
        calls = formats.counted(one.ours.calls, "call", "calls")
        paper.print(f"  invoice {typed}, ours {ours} ({calls}), difference {one.sign}{formats.signed(one.difference)}")
        if one.open:
            paper.print("  The period is not over yet.", style="dim")
        for agent in one.on_plan:
            paper.print(f"  {agent} is on a plan: its calls are list-price value, which no bill lists.", style="dim")
        if one.agrees:
            paper.print("  They agree.")
        else:
            _show_reasons(one)


def _show_reasons(one: Reconciled) -> None:
    paper = console()
    sheet = table("  reason", "range", "amount", "label")
    for reason in one.reasons:
        label = f"{CERTAINTY[reason.label]} {reason.label}" if reason.amount is not None else ""
        sheet.add_row(f"  {TITLES[reason.key]}", range_of(reason), amount_words(reason), label)
    share = formats.percent(abs(one.unexplained), one.invoice.dollars) if one.invoice.dollars else ""
    rest = formats.signed(one.unexplained)
    sheet.add_row("  unexplained", share, rest, "")
    print_table(paper, sheet)
    if one.looked:
        names = ", ".join(f"{TITLES[looked.key]} ({looked.calls:,})" for looked in one.looked)
        paper.print(f"  Looked at, does not fit: {names}", style="dim", soft_wrap=True)


def amount_words(reason: Reason) -> str:
    """`≈ +$2.10`, `≥ +$1.96`, `−$0.41`, `not known`."""
    if reason.amount is None:
        return "not known"
    return reason.sign + formats.signed(reason.amount)


def range_of(reason: Reason) -> str:
    """`$1.20 to $3.10`, `or more`."""
    if reason.low is None:
        return ""
    return "or more" if reason.high is None else f"{formats.money(reason.low)} to {formats.money(reason.high)}"
