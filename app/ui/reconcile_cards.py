"""The cards of the reconcile window: what is typed, the reasons that fit, the other totals. Values in, signals out."""

from __future__ import annotations

from datetime import date, tzinfo

from PySide6.QtCore import QDate, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app import formats
from app.model.money import amount_of
from app.report.reasons import Reason
from app.report.reconcile import Look, Reconciled
from app.report.vendors import Payee
from app.store.invoices import Invoice
from app.ui import reconcile_view as view
from app.ui.currencies import CurrencyChoice, Rate
from app.ui.date_field import DateField
from app.ui.widgets.bridge import Axis, Strip, Ticks, aligned_right, axis_of
from app.ui.widgets.buttons import Button
from app.ui.widgets.cells import AgentMark, Cell, Number, Words
from app.ui.widgets.certainty import Certainty
from app.ui.widgets.choices import CheckBox, Choice
from app.ui.widgets.field import Entry, Field
from app.ui.widgets.label import Label
from app.ui.widgets.notice import Notice, NoticeValue
from app.ui.widgets.surface import Card, Hairline
from app.ui.widgets.table import Column, Rows, Table
from app.ui.wrap import Wrap

STRIPS_FROM, RANGES_FROM = 720, 480
"""Width of the reasons card, at 100 %, from which it has room for its bars, and for the ranges in a column of their own."""


class TypedCard(Card):
    """The form. What is in it is stored by Save and not before."""

    looked = Signal()
    """Another vendor or period is asked for."""
    saved = Signal(object)
    """An Invoice."""
    removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName(self.tr("A total"))
        self.payees: tuple[Payee, ...] = ()
        self.vendor = Choice()
        self.vendor.activated.connect(lambda _: self.looked.emit())
        self.since, self.until = DateField(), DateField()
        for one in (self.since, self.until):
            one.dateChanged.connect(lambda _: self.looked.emit())
        self.total = Entry(110)
        self.total.setPlaceholderText("191.20")
        self.total.returnPressed.connect(self.save)
        self.currency = CurrencyChoice()
        self.currency.activated.connect(lambda _: self.rate.show_for(self.currency.code))
        self.rate = Rate()
        self.before_tax = CheckBox(self.tr("before tax"))
        self.before_tax.setChecked(True)
        self.save_button = Button(self.tr("Save"), "primary")
        self.save_button.clicked.connect(self.save)
        self.remove_button = Button(self.tr("Remove"), "flat")
        self.remove_button.setAccessibleDescription(self.tr("Takes this typed total away; nothing counted changes."))
        self.remove_button.clicked.connect(self.removed)
        self.remove_button.hide()
        holder = QWidget()
        self._fields = Wrap(holder, gap=14, between=10)
        self._fields.setContentsMargins(0, 0, 0, 0)
        for caption, control in (
            (self.tr("Vendor and account"), self.vendor),
            (self.tr("From"), self.since),
            (self.tr("To"), self.until),
            (self.tr("Total on the invoice"), self.total),
            (self.tr("Currency"), self.currency),
        ):
            self._fields.addWidget(Field(caption, control))
        self._fields.addWidget(self.rate.rate_field)
        self._fields.addWidget(self.rate.day_field)
        self._fields.addWidget(Field("", self.before_tax))
        self.before_tax.setAccessibleName(self.tr("before tax"))
        self._fields.begin_right()
        buttons = QWidget()
        beside = QHBoxLayout(buttons)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.remove_button)
        beside.addWidget(self.save_button)
        self._fields.addWidget(Field("", buttons))
        self.notice = Notice(parent=self)
        self.notice.hide()
        self.body.addWidget(holder)
        self.body.addWidget(self.notice)
        self.rate.show_for("USD")

    @property
    def payee(self) -> Payee | None:
        """The chosen one; None before there is a choice."""
        return self.payees[self.vendor.currentIndex()] if self.payees else None

    @property
    def days(self) -> tuple[date, date]:
        first, last = _date_of(self.since.date()), _date_of(self.until.date())
        return min(first, last), max(first, last)

    def set_days(self, since: date, until: date) -> None:
        """Shows them; tells nobody."""
        for field, value in ((self.since, since), (self.until, until)):
            field.blockSignals(True)
            field.setDate(QDate(value.year, value.month, value.day))
            field.blockSignals(False)

    def show_look(self, look: Look, today: date) -> None:
        """Fills the form with what is stored for the vendor and the days; what is being typed for them stays."""
        if look.payees != self.payees:
            self.payees = look.payees
            self.vendor.clear()
            for one in look.payees:
                self.vendor.addItem(one.title)
            self.vendor.updateGeometry()
        self.vendor.setCurrentIndex(look.payees.index(look.payee))
        self.remove_button.setVisible(look.typed is not None)
        if look.typed is not None:
            self._show_invoice(look.typed.invoice)
        else:
            self.rate.set_rate(self.rate.rate.text(), today)

    def _show_invoice(self, invoice: Invoice) -> None:
        self.total.setText(plain_amount(invoice.total))
        self.before_tax.setChecked(invoice.before_tax)
        code = invoice.currency.code if invoice.currency else "USD"
        self.currency.set_code(code)
        if invoice.currency is not None:
            self.rate.set_rate(invoice.currency.rate, date.fromisoformat(invoice.currency.day))
        self.rate.show_for(code)

    def clear_total(self) -> None:
        """For another period or vendor."""
        self.total.clear()

    @Slot()
    def save(self) -> None:
        payee = self.payee
        if payee is None:
            return
        try:
            total, currency = amount_of(self.total.text()), self.rate.read(self.currency.code)
        except ValueError as error:
            self.notice.set_notice(NoticeValue("bad", str(error)))
            self.total.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.notice.set_notice(NoticeValue())
        kept = Invoice(payee.vendor, payee.account, *self.days, total, currency, self.before_tax.isChecked(), 0)
        self.saved.emit(kept)


def plain_amount(nano: int) -> str:
    """As it would be typed: `191.20`."""
    whole, part = divmod(nano, 1_000_000_000)
    text = f"{part:09}".rstrip("0").ljust(2, "0")
    return f"{whole}.{text}"


def _date_of(one: QDate) -> date:
    return date(one.year(), one.month(), one.day())


class ReasonsCard(Card):
    """From our total to the invoice: a row for each reason, the rest, and the difference."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._shown: tuple[Reconciled | None, date] | None = None
        self._strips: list[QWidget] = []
        self._ranges: list[QWidget] = []
        self._ranges_below: list[QWidget] = []
        self._rows: QWidget | None = None
        self.sentence = Label(role="body", weight=600, wrap=True)
        self.plain = Label(role="table", ink="text2", wrap=True)
        self.looked = Label(role="table", ink="text2", wrap=True)
        self._place = QVBoxLayout()
        self._place.setContentsMargins(0, 0, 0, 0)
        for one in (self.sentence, self.plain):
            self.body.addWidget(one)
        self.body.addLayout(self._place)
        self.body.addWidget(self.looked)
        self.set_title(self.tr("Reasons that fit"), self.tr("from our total to the invoice"))

    def show_found(self, found: Reconciled | None, today: date) -> None:
        """None: no total was typed for these days."""
        if (found, today) == self._shown:
            return
        self._shown = found, today
        self._clear()
        self.sentence.setVisible(found is None or found.agrees)
        self.plain.setVisible(found is None or found.agrees or found.open or bool(found.on_plan))
        self.looked.setVisible(found is not None and not found.agrees)
        if found is None:
            self.sentence.set_text(self.tr("Nothing to compare yet."))
            self.plain.set_text(
                self.tr("Type a total from an invoice, a console or a quota panel. What was counted stays as it is.")
            )
            return
        if found.agrees:
            self.sentence.set_text(self.tr("They agree."))
            self.plain.set_text(self.tr("The difference is under 0.5% and under $1: nothing needs a reason."))
            return
        notes = [self.tr("The period is not over yet.")] if found.open else []
        about_plan = self.tr("{agent} is on a plan: its calls are list-price value, which no bill lists.")
        notes += [about_plan.format(agent=agent) for agent in found.on_plan]
        self.plain.set_text(" ".join(notes))
        self.looked.set_text(view.looked_words(found))
        self._fill(found, today)

    def _clear(self) -> None:
        self._strips, self._ranges, self._ranges_below = [], [], []
        if self._rows is not None:
            self._place.removeWidget(self._rows)
            self._rows.hide()
            self._rows.deleteLater()
            self._rows = None

    def _fill(self, found: Reconciled, today: date) -> None:
        """The rows anew: they are few."""
        steps = [0]
        for reason in found.reasons:
            steps.append(steps[-1] + (reason.amount or 0))
        axis = axis_of([*steps, found.difference])
        self._rows = QWidget()
        grid = QGridLayout(self._rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self.theme.space.l)
        grid.setVerticalSpacing(self.theme.px(3))
        grid.setColumnStretch(0, 1)
        self._head(grid, axis)
        for place, reason in enumerate(found.reasons):
            strip = Strip(axis, steps[place], steps[place + 1], name=view.title_of(reason.key))
            self._row(grid, view.title_of(reason.key), view.words_of(reason, today), strip, *self._of(reason))
        rest = Strip(axis, steps[-1], found.difference, "rest", self.tr("Unexplained"))
        about = view.about(found)
        self._row(
            grid,
            self.tr("Unexplained"),
            self.tr("another computer or key would look like this"),
            rest,
            view.of_invoice(found.unexplained, found),
            about + formats.signed(found.unexplained),
            Certainty("estimated" if about else "measured", reason=self.tr("what no known reason explains")),
        )
        whole = Strip(axis, 0, found.difference, "whole", self.tr("Difference"))
        said = found.sign + formats.signed(found.difference)
        sure = Certainty(found.ours.label, reason=self.tr("the invoice as typed, less what was counted"))  # type: ignore[arg-type]
        self._row(grid, self.tr("Difference"), "", whole, "", said, sure)
        grid.addWidget(Hairline(), grid.rowCount(), 0, 1, 5)
        self._place.addWidget(self._rows)
        self._fit()
        self._rows.show()

    def _of(self, reason: Reason) -> tuple[str, str, QWidget]:
        """Range, amount and label of a reason."""
        known = reason.amount is not None
        sure = Certainty(reason.label, reason=view.assumption_of(reason)) if known else Label("", "caption")  # type: ignore[arg-type]
        return view.range_words(reason), view.amount_words(reason), sure

    def _head(self, grid: QGridLayout, axis: Axis) -> None:
        ticks = Ticks(axis)
        self._strips.append(ticks)
        ranges = Label(self.tr("Range"), "caption", "text3", weight=500)
        self._ranges.append(ranges)
        for column, one in enumerate(
            (
                Label(self.tr("Reason"), "caption", "text3", weight=500),
                ticks,
                ranges,
                Label(self.tr("Amount"), "caption", "text3", weight=500),
                Label(self.tr("Label"), "caption", "text3", weight=500),
            )
        ):
            grid.addWidget(one, 0, column, aligned_right() if column in (2, 3) else Qt.AlignmentFlag.AlignVCenter)

    def _row(
        self, grid: QGridLayout, title: str, words: str, strip: Strip, range_: str, amount: str, sure: QWidget
    ) -> None:
        at = grid.rowCount()
        grid.addWidget(Hairline(), at, 0, 1, 5)
        said = QWidget()
        column = QVBoxLayout(said)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Label(title, "table", weight=600, wrap=True))
        if words:
            column.addWidget(Label(words, "table", "text2", wrap=True))
        if range_:
            self._ranges_below.append(Label(range_, "table", "text2", wrap=True))
            column.addWidget(self._ranges_below[-1])
        middle = Qt.AlignmentFlag.AlignVCenter
        grid.addWidget(said, at + 1, 0)
        grid.addWidget(strip, at + 1, 1, middle)
        beside = Label(range_, "table", "text2")
        self._ranges.append(beside)
        grid.addWidget(beside, at + 1, 2, aligned_right())
        ink, weight = ("text", 600) if isinstance(sure, Certainty) else ("text2", 400)
        grid.addWidget(Label(amount, "table", ink, weight=weight), at + 1, 3, aligned_right())
        grid.addWidget(sure, at + 1, 4, middle)
        self._strips.append(strip)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_strips"):
            self._fit()

    def _fit(self) -> None:
        """The bars go where words have no room beside them, and then the ranges stand below the reasons."""
        for one in self._strips:
            one.setVisible(self.width() >= self.theme.px(STRIPS_FROM))
        beside = self.width() >= self.theme.px(RANGES_FROM)
        for one in self._ranges:
            one.setVisible(beside)
        for one in self._ranges_below:
            one.setVisible(not beside)


class OthersCard(Card):
    """Every other total that was typed; Enter takes one into the form."""

    opened = Signal(object)
    """An Invoice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._found: tuple[Reconciled, ...] = ()
        columns = [
            Column(self.tr("Period"), 0),
            Column(self.tr("Vendor"), -1),
            Column(self.tr("Invoice"), 0, True),
            Column(self.tr("Cuenta"), 0, True),
            Column(self.tr("Difference"), 0, True),
            Column(self.tr("Unexplained"), 0, True),
            Column(self.tr("Typed"), 0),
        ]
        self.table = Table(self.tr("Other totals you typed"), columns, edge="none")
        self.rows = Rows(columns)
        self.table.setModel(self.rows)
        self.table.fit_rows()
        self.table.opened.connect(lambda row: self.opened.emit(self._found[row].invoice))
        self.body.addWidget(self.table)
        self.set_title(self.tr("Other totals you typed"))

    def show_others(self, others: tuple[Reconciled, ...], today: date, zone: tzinfo) -> None:
        self._found = others
        self.setVisible(bool(others))
        self.rows.set_rows([self._cells(one, today, zone) for one in others])
        self.table.measure()

    def _cells(self, one: Reconciled, today: date, zone: tzinfo) -> list[Cell]:
        invoice, ours = one.invoice, one.ours
        rest = Number(formats.signed(one.unexplained), ink="text2", exact=formats.exact(one.unexplained))
        counted = formats.amount(ours.cost, ours.unpriced, ours.label) if ours.calls else formats.money(0)
        gap = one.sign + formats.signed(one.difference)
        return [
            Words(view.period_words(invoice.since, invoice.until, today)),
            AgentMark(one.payee.agent, one.payee.title),
            Number(formats.money(invoice.dollars), exact=formats.exact(invoice.dollars)),
            Number(counted, exact=formats.exact(ours.cost)),
            Number(gap, ink="text2", exact=formats.exact(one.difference)),
            Words(self.tr("they agree"), "text2") if one.agrees else rest,
            Words(view.typed_words(one, today, zone), "text3"),
        ]
