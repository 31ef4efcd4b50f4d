"""Plans: how each account is paid, and what a plan gives, in three figures that are never added up."""

from __future__ import annotations

import sqlite3
from datetime import tzinfo

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import formats
from app.model.money import NANO, amount_of
from app.report.plans import Line, Offer, Paid, Value, account_key, days_in, look
from app.report.zone import day_of, local_zone
from app.settings import Billing
from app.ui.live import Throttle
from app.ui.moments import days
from app.ui.plan_words import limit_words, paid_words, told_words
from app.ui.settings_pages.page import Page
from app.ui.settings_pages.parts import Row, Sunken
from app.ui.widgets.buttons import Button
from app.ui.widgets.choices import Choice
from app.ui.widgets.field import Entry
from app.ui.widgets.figure import Figure, FigureValue
from app.ui.widgets.flow_row import FlowRow
from app.ui.widgets.heading import Heading
from app.ui.widgets.mark import Mark
from app.ui.widgets.notice import NoticeValue
from app.ui.windows import RECONCILE, Context

_LOOK_EVERY = 5_000
_OWN = "own"


class PlansPage(Page):
    """A row for each account; below, the three figures of each plan."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, QCoreApplication.translate("PlansPage", "Plans"))
        self.lines: tuple[Line, ...] = ()
        self.choices: dict[str, Choice] = {}
        self.prices: dict[str, Entry] = {}
        self._rows: QWidget | None = None
        self._focused = ""
        self._throttle = Throttle(_LOOK_EVERY, self._look, self)
        self.reconcile = Button(self.tr("Reconcile…"))
        self.reconcile.clicked.connect(lambda: context.open_window(RECONCILE))
        self._last = Row(
            self.tr("Compare with an invoice"),
            self.tr("A total from an invoice or a console, beside ours and never in it."),
            self.reconcile,
        )
        self.body.addWidget(self._last)
        context.changed.connect(self._changed)
        self.preferences.changed.connect(self._look)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._throttle.call()

    @Slot(object)
    def _changed(self, _meters: object) -> None:
        if self.isVisible():
            self._throttle.call()

    @Slot()
    def _look(self) -> None:
        machine, settings = self.context.machine, self.preferences.now
        zone = local_zone(machine)

        def work(connection: sqlite3.Connection) -> tuple[Line, ...]:
            return look(connection, machine, settings, zone)

        self.context.ask(work, self.show_lines, self)

    def show_settings(self) -> None:
        """A refused change: the lists show again what holds."""
        shown, self.lines = self.lines, ()
        self.show_lines(shown)

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        """Shows them; whoever is at a list or a price stays there."""
        if lines == self.lines and self._rows is not None:
            return
        self.lines = lines
        self._focused = next((key for key, one in self._controls().items() if one.hasFocus()), "")
        if self._rows is not None:
            self.body.removeWidget(self._rows)
            self._rows.hide()
            self._rows.deleteLater()
        self.choices, self.prices = {}, {}
        self._rows = QWidget()
        column = QVBoxLayout(self._rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for line in lines:
            self._add_account(column, line)
        zone = local_zone(self.context.machine)
        self.body.insertWidget(0, self._rows)
        for line in lines:
            if line.value is not None:
                self._add_figures(column, line, line.value, zone)
        self._rows.show()
        again = self._controls().get(self._focused)
        if again is not None:
            again.setFocus()

    def _controls(self) -> dict[str, QWidget]:
        return {
            **{f"choice:{key}": one for key, one in self.choices.items()},
            **{f"price:{key}": one for key, one in self.prices.items()},
        }

    # --- a row for an account

    def _add_account(self, column: QVBoxLayout, line: Line) -> None:
        paid = line.paid
        key = account_key(paid.source, paid.home)
        choice = self.choices[key] = Choice()
        chosen = self.preferences.now.billing.get(key)
        unsaid = told_words(paid) if chosen is None else self.tr("As found, else not known")
        choice.addItem(unsaid, "")
        choice.addItem(self.tr("API key"), "api")
        for offer in line.offers:
            choice.addItem(self.tr("Plan: {plan}").format(plan=offer_words(offer)), offer.id)
        choice.addItem(self.tr("Plan at another price"), _OWN)
        choice.setCurrentIndex(max(0, choice.findData(_data_of(chosen))))
        choice.activated.connect(lambda place: self._choose(line, key, choice.itemData(place)))
        column.addWidget(Row(line.title, paid_words(paid), choice, Mark(paid.source)))
        if chosen is not None and chosen.kind == "plan" and not chosen.plan:
            self._add_price(column, line, key, chosen)

    def _add_price(self, column: QVBoxLayout, line: Line, key: str, chosen: Billing) -> None:
        entry = self.prices[key] = Entry(92)
        entry.setPlaceholderText("20.00")
        if chosen.monthly:
            entry.setText(_plain(chosen.monthly))
        entry.editingFinished.connect(lambda: self._set_price(key, entry.text()))
        name = self.tr("{account}, price a month").format(account=line.title)
        column.addWidget(Row(name, self.tr("In dollars, as the plan costs you."), entry, air=8))

    def _choose(self, line: Line, key: str, data: str) -> None:
        billing = dict(self.preferences.now.billing)
        offer = next((one for one in line.offers if one.id == data), None)
        if not data:
            billing.pop(key, None)
        elif data == "api":
            billing[key] = Billing(kind="api")
        elif offer is not None:
            billing[key] = Billing(kind="plan", plan=offer.id, monthly=offer.monthly)
        else:
            before = billing.get(key)
            billing[key] = Billing(kind="plan", monthly=before.monthly if before else 0)
        self.change(billing=billing)

    def _set_price(self, key: str, text: str) -> None:
        billing = self.preferences.now.billing
        if key not in billing:
            return
        try:
            monthly = amount_of(text) if text.strip() else 0
        except ValueError as error:
            self.trouble.set_notice(NoticeValue("bad", str(error)))
            return
        if monthly != billing[key].monthly:
            self.change(billing={**billing, key: Billing(kind="plan", monthly=monthly)})

    # --- the figures of a plan

    def _add_figures(self, column: QVBoxLayout, line: Line, value: Value, zone: tzinfo) -> None:
        now = self.context.machine.clock()
        today = day_of(now, zone)
        told = self.tr("{account} plan in three figures").format(account=line.title)
        remark = self.tr("never added up")
        head = Heading(told, formats.with_rate(remark))
        column.addSpacing(12)
        column.addWidget(head)
        column.addSpacing(8)
        spent, span = value.spent, value.span
        figures = [
            Figure(
                FigureValue(
                    self.tr("List-price value, {days}").format(days=days(span.since, span.until, today)),
                    formats.amount(spent.cost, spent.unpriced, spent.label) if spent.calls else formats.money(0),
                    self.tr("{account} usage").format(account=line.title),
                    exact=formats.exact(spent.cost),
                )
            ),
            Figure(self._price_value(line.paid, value)),
            Figure(self._share_value(value, now)),
        ]
        row = FlowRow()
        column.addWidget(Sunken(row))
        column.addSpacing(8)
        row.set_widgets(figures)  # in the window already: their order is within its own

    def _price_value(self, paid: Paid, value: Value) -> FigureValue:
        title = self.tr("Plan price, same days")
        if value.price is None or paid.monthly is None:
            return FigureValue(title, formats.NONE, self.tr("choose it above"))
        span = value.span
        words = self.tr("{n} of {all} days of {price}")
        line = words.format(n=span.days, all=days_in(span.since), price=formats.money(paid.monthly))
        return FigureValue(title, formats.money(value.price), line, exact=formats.exact(value.price))

    def _share_value(self, value: Value, now: int) -> FigureValue:
        title = self.tr("Share of the limit")
        if value.share is None:
            return FigureValue(title, formats.NONE, self.tr("not in the log"))
        return FigureValue(title, formats.percent(value.share / 100), limit_words(value, now))


def offer_words(offer: Offer) -> str:
    """`Plus, $20 a month`: what the vendor asks, in its own currency."""
    return QCoreApplication.translate("PlansPage", "{plan}, {price} a month").format(
        plan=offer.title, price=f"${offer.usd_per_month}"
    )


def _data_of(chosen: Billing | None) -> str:
    if chosen is None:
        return ""
    return "api" if chosen.kind == "api" else chosen.plan or _OWN


def _plain(nano: int) -> str:
    whole, part = divmod(nano, NANO)
    return f"{whole}.{f'{part:09}'.rstrip('0').ljust(2, '0')}"
