"""Reconcile: a total from an invoice beside ours, the reasons that fit, and what none of them explains."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import formats
from app.diagnostics import KnownError
from app.report import reconcile
from app.report.reconcile import Look
from app.report.zone import day_of, local_zone
from app.store import invoices
from app.store.invoices import Invoice
from app.ui import reconcile_view as view
from app.ui.appearance import appearance
from app.ui.keys import bind
from app.ui.reconcile_cards import OthersCard, ReasonsCard, TypedCard
from app.ui.refresher import Refresher
from app.ui.session_page import Page, Scrolled
from app.ui.widgets.buttons import Button
from app.ui.widgets.figure import Figure, FigureValue
from app.ui.widgets.flow_row import FlowRow
from app.ui.widgets.heading import Heading
from app.ui.widgets.notice import NoticeValue
from app.ui.windows import Context
from app.ui.wrap import Wrap

REFRESH_EVERY = 5_000
"""Between two readings while sessions write, ms: invoices are of days that are over."""


class ReconcileWindow(QWidget):
    """Keys: [ and ] a month back and on, Enter in the total saves, F6 next card, Enter in the table opens a total."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._look: Look | None = None
        self._undo: Invoice | None = None
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Reconcile"))
        self.setAccessibleName(self.tr("Reconcile"))
        self._build()
        bind(self, "[", self.tr("Month before"), lambda: self.step(-1))
        bind(self, "]", self.tr("Next month"), lambda: self.step(1))
        bind(self, "F6", self.tr("Next card"), self._next_card)
        appearance().changed.connect(self._measure)
        self._measure()
        self.show_month(self.today.replace(day=1) - timedelta(days=1))
        self.typed.vendor.setFocus(Qt.FocusReason.OtherFocusReason)
        self._refresher = Refresher(context, self, self._ask, REFRESH_EVERY)

    def _build(self) -> None:
        self.title = Heading(
            self.tr("Reconcile"), self.tr("Beside ours, never in it: nothing that was counted changes"), role="window"
        )
        self.older, self.month, self.newer = Button("‹"), Button(""), Button("›")
        for button, name, step in ((self.older, self.tr("Month before"), -1), (self.newer, self.tr("Next month"), 1)):
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.clicked.connect(lambda _=False, step=step: self.step(step))
        self.month.setToolTip(self.tr("The whole month"))
        self.month.clicked.connect(lambda: self._choose_month(self.typed.days[0]))
        bar = QWidget()
        self._tools = Wrap(bar)
        self._tools.setContentsMargins(0, 0, 0, 0)
        self._tools.addWidget(self.title)
        self._tools.begin_right()
        for one in (self.older, self.month, self.newer):
            self._tools.addWidget(one)
        self.typed, self.reasons, self.others = TypedCard(), ReasonsCard(), OthersCard()
        self.others.hide()
        self.typed.looked.connect(self._look_elsewhere)
        self.typed.saved.connect(self._save)
        self.typed.removed.connect(self._remove)
        self.typed.notice.action.connect(self._notice_action)
        self.others.opened.connect(self.open_invoice)
        self._figures: list[Figure] = []
        self.figures = FlowRow()
        page = Page("none")
        self._page = QVBoxLayout(page)
        for one in (self.typed, self.figures, self.reasons, self.others):
            self._page.addWidget(one)
        self._page.addStretch(1)
        self.area = Scrolled(page)
        self._all = QVBoxLayout(self)
        self._all.addWidget(bar)
        self._all.addWidget(self.area, 1)
        self._bar = bar

    @Slot()
    def _measure(self) -> None:
        space = appearance().theme.space
        self._all.setContentsMargins(0, space.m, 0, 0)
        self._all.setSpacing(space.m)
        self._bar.setContentsMargins(space.xl, 0, space.xl, 0)
        self._page.setContentsMargins(space.xl, 0, space.xl, space.l)
        self._page.setSpacing(space.l)

    def _next_card(self) -> None:
        stops = [self.typed.vendor, *self._figures[:1], self.others.table]
        shown = [one for one in stops if one.isVisible() and one.focusPolicy() != Qt.FocusPolicy.NoFocus]
        at = next((place for place, one in enumerate(shown) if one.hasFocus()), -1)
        following = shown[(at + 1) % len(shown)]
        following.setFocus(Qt.FocusReason.TabFocusReason)
        self.area.ensureWidgetVisible(following)

    # --- the period

    @property
    def today(self) -> date:
        machine = self._context.machine
        return day_of(machine.clock(), local_zone(machine))

    def show_month(self, day: date) -> None:
        """Puts the whole month of that day into the form."""
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        self.typed.set_days(first, last)
        self._name_period()

    def step(self, months: int) -> None:
        """So many months on from the one that is shown."""
        first = self.typed.days[0].replace(day=1)
        day = first - timedelta(days=1) if months < 0 else first + timedelta(days=31)
        self._choose_month(day)

    def _choose_month(self, day: date) -> None:
        self.show_month(day)
        self._look_elsewhere()

    def _name_period(self) -> None:
        first = self.typed.days[0]
        self.month.setText(f"{view.month(first)} {first.year}")
        self.month.updateGeometry()

    @Slot()
    def _look_elsewhere(self) -> None:
        """Another vendor or period: what was typed for the one before is not its total."""
        self.typed.clear_total()
        self.typed.notice.set_notice(NoticeValue())
        self._name_period()
        self._ask()

    # --- asking

    def _ask(self) -> None:
        payee, days, context = self.typed.payee, self.typed.days, self._context

        def work(connection: sqlite3.Connection) -> Look:
            known = reconcile.given(connection, context.machine, context.catalog())
            return reconcile.look(connection, payee, days, known)

        context.ask(work, self._answered, self, self._failed)

    def _answered(self, look: Look) -> None:
        self._look = look
        today, zone = self.today, local_zone(self._context.machine)
        self.typed.show_look(look, today)
        values = view.figures(look.typed, look.ours, today, zone)
        self._show_figures(values)
        self.reasons.show_found(look.typed, today)
        self.others.show_others(look.others, today, zone)
        remark = self.tr("Beside ours, never in it: nothing that was counted changes")
        self.title.set_title(self.tr("Reconcile"), formats.with_rate(remark))

    def _show_figures(self, values: list[FigureValue]) -> None:
        self._figures += [Figure() for _ in range(len(values) - len(self._figures))]
        left = self._figures[len(values) :]
        del self._figures[len(values) :]
        for figure, value in zip(self._figures, values, strict=True):
            figure.set_figure(value)
        self.figures.set_widgets(self._figures)
        for one in left:
            one.deleteLater()

    def _failed(self, error: Exception) -> None:
        known = error if isinstance(error, KnownError) else KnownError(self.tr("This can't be worked out just now."))
        self.typed.notice.set_notice(NoticeValue("bad", known.title, known.hint))

    # --- what is typed

    def _save(self, invoice: Invoice) -> None:
        machine = self._context.machine
        kept = invoice._replace(typed_at=machine.clock())

        def work(_connection: object) -> None:
            invoices.save(machine.database, kept)

        self._context.ask(work, lambda _: self._ask(), self, self._failed, about="save")

    @Slot()
    def _remove(self) -> None:
        look, machine = self._look, self._context.machine
        if look is None or look.typed is None:
            return
        self._undo = look.typed.invoice
        ident = self._undo.ident
        self.typed.clear_total()

        def work(_connection: object) -> None:
            invoices.remove(machine.database, ident)

        self._context.ask(work, lambda _: self._removed(), self, self._failed, about="remove")

    def _removed(self) -> None:
        self.typed.notice.set_notice(
            NoticeValue("info", self.tr("The typed total is gone."), actions=(("undo", self.tr("Undo")),))
        )
        self._ask()

    def _notice_action(self, key: str) -> None:
        if key == "undo" and self._undo is not None:
            self.typed.notice.set_notice(NoticeValue())
            self._save(self._undo)

    def open_invoice(self, invoice: Invoice) -> None:
        """Takes its vendor and days into the form, and the total that was typed for them."""
        payees = self.typed.payees
        wanted = next((at for at, one in enumerate(payees) if one == (invoice.vendor, invoice.account)), None)
        if wanted is not None:
            self.typed.vendor.setCurrentIndex(wanted)
        self.typed.set_days(invoice.since, invoice.until)
        self._look_elsewhere()
        self.typed.total.setFocus(Qt.FocusReason.OtherFocusReason)
