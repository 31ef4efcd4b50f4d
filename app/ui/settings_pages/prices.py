"""Prices: the book in use and its age, what has no price, a newer book from a file, and prices of one's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from app import formats
from app.diagnostics import KnownError, log
from app.pricing import importing
from app.report import books, prices_page, repricing
from app.report.books import Offer
from app.report.prices_page import Shown
from app.report.repricing import Plan
from app.store.queries import NoPrice
from app.ui.live import Throttle
from app.ui.moments import moment
from app.ui.settings_pages.page import Page
from app.ui.settings_pages.parts import Pair
from app.ui.settings_pages.price_again import Repricing
from app.ui.settings_pages.price_form import PriceForm
from app.ui.settings_pages.price_offer import PriceOffer
from app.ui.settings_pages.price_parts import Controls, Section
from app.ui.settings_pages.price_state import BookFacts, DisputedRows, MissingPrices, OwnPrices
from app.ui.widgets.base import wrappable
from app.ui.widgets.buttons import Button
from app.ui.widgets.label import Label
from app.ui.widgets.notice import Notice, NoticeValue
from app.ui.windows import Context

_LOOK_EVERY = 10_000
"""Least time between two looks while calls come in, ms."""


class PricesPage(Page):
    """What waits for the user's word stands in the page as a card, one at a time."""

    def __init__(self, context: Context) -> None:
        again, choose = Button(_tr("Re-price…")), Button(_tr("Import price file…"))
        super().__init__(context, _tr("Prices"), beside=Controls(again, choose))
        self.again, self.choose = again, choose
        self.setAcceptDrops(True)
        self.found: prices_page.Page | None = None
        self.facts, self.disputed = BookFacts(), DisputedRows()
        self.missing, self.own = MissingPrices(context), OwnPrices(context)
        self.news = Notice("info", parent=self)
        self.form, self.offer, self.plan = PriceForm(context), PriceOffer(context), Repricing(context)
        self.cards = (self.form, self.offer, self.plan)
        self.body.addWidget(self.facts)
        self._news, self._missing, *self._boxes = (self._boxed(one) for one in (self.news, self.missing, *self.cards))
        self.back, self.unprice = Button(_tr("Undo import")), Button(_tr("Undo re-pricing"))
        words = _tr("This book is from your file; the one before can be had back until the next import.")
        self._imported, self._repriced = (Label(one, "table", "text2", wrap=True) for one in (words, " "))
        self._undo_import = self._boxed(Pair(self._imported, self.back, least=220))
        self._undo_repricing = self._boxed(Pair(self._repriced, self.unprice, least=220))
        self.body.addWidget(self.disputed)
        self.body.addWidget(self.own)
        self.body.addSpacing(12)
        words = _tr("Input / cached / output, dollars per million tokens.")
        words += " " + _tr("Nothing is fetched: a newer book comes from a file.")
        self.body.addWidget(Label(words, "caption", "text3", wrap=True))
        self._connect()
        self._throttle = Throttle(_LOOK_EVERY, self.refresh, self)
        context.changed.connect(self._something_changed)

    def _boxed(self, one: QWidget) -> Section:
        box = Section(air=12)
        box.all.addWidget(one)
        box.hide()
        self.body.addWidget(box)
        return box

    def _connect(self) -> None:
        self.again.clicked.connect(self._plan)
        self.choose.clicked.connect(self._choose_file)
        self.missing.asked.connect(self._add)
        self.own.asked.connect(self._add)
        self.own.file.clicked.connect(self._open_file)
        self.back.clicked.connect(self._take_back)
        self.unprice.clicked.connect(self._take_repricing_back)
        for card in self.cards:
            card.left.connect(self._left)
        self.form.added.connect(self._added)
        self.offer.taken.connect(self._taken)
        self.plan.applied.connect(self._applied)
        for one in (self.offer, self.plan):
            one.failed.connect(self._failed)

    # --- how things are

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Asks how things are."""
        context = self.context
        self.context.ask(
            lambda connection: prices_page.read(connection, context.machine, context.catalog()),
            self.show_page,
            self,
            self._failed,
        )

    def show_page(self, found: prices_page.Page) -> None:
        """Shows the book, what has no price, what is disputed and the user's own."""
        if found == self.found:
            return
        before, self.found = self.found, found
        self.facts.show_page(found)
        if before is None or before.missing != found.missing:  # a button that has the keyboard keeps it
            self.missing.show_page(found)
        self._missing.setVisible(bool(found.missing))
        self.disputed.show_page(found)
        self.own.show_page(found)
        self._undo_import.setVisible(found.used.imported)
        self._undo_repricing.setVisible(found.last is not None)
        if found.last is not None:
            at, calls = found.last
            counted = formats.counted(calls, _tr("call"), _tr("calls"))
            then = moment(at, self.context.machine.clock(), found.zone)
            self._repriced.set_text(_tr("Re-priced last: {calls}, {moment}.").format(calls=counted, moment=then))

    def _something_changed(self, _meters: object) -> None:
        if self.isVisible():
            self._throttle.call()

    def _changed(self) -> None:
        """Costs or prices are others: the ingest thread and every window look again."""
        self.refresh()
        self.preferences.again()

    # --- a card at a time

    def _open(self, card: QWidget) -> None:
        self.trouble.set_notice(NoticeValue("bad"))
        self._tell("")
        for box, one in zip(self._boxes, self.cards, strict=True):
            box.setVisible(one is card)

    def _close_cards(self) -> None:
        within = self.focusWidget()
        inside = within is not None and any(one.isAncestorOf(within) for one in self.cards)
        for one in self._boxes:
            one.hide()
        if inside:
            self.choose.setFocus()

    def _left(self) -> None:
        self._close_cards()
        self.preferences.again()  # what was added meanwhile may be read now

    def _tell(self, title: str, words: str = "") -> None:
        self.news.set_notice(NoticeValue("info", title, words))
        self._news.setVisible(bool(title))

    def _add(self, one: NoPrice | None) -> None:
        self._open(self.form)
        self.form.open_for(one)

    def _added(self, name: str, plan: Plan) -> None:
        """The ingest thread hears of it after the answer: it would price the calls before they are asked about."""
        self.refresh()
        if plan.calls:
            self._ask_to_reprice(plan)
            return
        self._close_cards()
        self._tell(_tr("{model} has your price").format(model=name), _tr("No stored call costs something else by it."))
        self.preferences.again()

    def _plan(self) -> None:
        context = self.context
        self.context.ask(
            lambda connection: repricing.plan(connection, context.catalog()), self._planned, self, self._failed
        )

    def _planned(self, plan: Plan) -> None:
        if plan.calls:
            self._ask_to_reprice(plan)
            return
        self._close_cards()
        calls = formats.counted(plan.looked_at, _tr("call"), _tr("calls"))
        self._tell(_tr("Nothing to re-price"), _tr("{calls}: today's prices say the same.").format(calls=calls))

    def _ask_to_reprice(self, plan: Plan) -> None:
        self._open(self.plan)
        self.plan.offer(plan)

    def _applied(self, calls: int, shown: int) -> None:
        self._close_cards()
        counted = formats.counted(calls, _tr("call"), _tr("calls"))
        words = _tr("Undo brings the costs before back.")
        if calls < shown:  # calls without a price are given theirs by whoever reads, as soon as there is one
            words = _tr("The others were given their price by a reading meanwhile.")
        self._tell(_tr("{calls} re-priced").format(calls=counted), words)
        self._changed()

    def _taken(self) -> None:
        self._close_cards()
        words = _tr("What was counted stays as it is. Re-price… shows old and new first.")
        self._tell(_tr("The file's book is in use"), words)
        self._changed()

    # --- undoing

    def _take_back(self) -> None:
        machine = self.context.machine
        self._undo(lambda: importing.take_back(machine), _tr("The book before is in use again"))

    def _take_repricing_back(self) -> None:
        machine = self.context.machine

        def back() -> None:
            from app import runtime

            runtime.take_repricing_back(machine)

        self._undo(back, _tr("The costs before are back"))

    def _undo(self, deed: Callable[[], None], told: str) -> None:
        def done(_: object) -> None:
            self._close_cards()
            self._tell(told)
            self._changed()

        self.context.ask(lambda _: deed(), done, self, self._failed, "undoing")

    # --- files

    def _choose_file(self) -> None:
        dialog = QFileDialog(self.window(), _tr("Import price file"), str(self.context.machine.home))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_tr("Price book (*.json)"))
        dialog.fileSelected.connect(lambda path: self.look_at(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def look_at(self, path: Path) -> None:
        """Shows what that file would change; nothing is taken."""
        context = self.context

        def work(connection: sqlite3.Connection) -> tuple[Offer, Shown]:
            found = books.offer(path, context.machine, context.catalog(), connection)
            return found, prices_page.shown(found)

        def show(found: tuple[Offer, Shown]) -> None:
            self._open(self.offer)
            self.offer.offer(path, *found)

        self.context.ask(work, show, self, self._failed, "offer")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _file_of(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _file_of(event)
        if path is not None:
            event.acceptProposedAction()
            self.look_at(path)

    def _open_file(self) -> None:
        if self.found is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.found.own_file)))

    def _failed(self, error: Exception) -> None:
        if isinstance(error, KnownError):
            self.trouble.set_notice(NoticeValue("bad", wrappable(error.title), error.hint))
            return
        log.error("The prices could not be looked at", exc_info=error)
        self.trouble.set_notice(NoticeValue("bad", _tr("That did not work"), _tr("cuenta.log says why.")))


def _file_of(event: QDropEvent) -> Path | None:
    """The one file that is dragged."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None


def _tr(text: str) -> str:
    return QCoreApplication.translate("PricesPage", text)
