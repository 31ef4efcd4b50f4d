"""The window of one session: what it cost, call by call, and where each figure comes from.

Everything is asked in the background and arrives as one `View`; what is on the screen follows from it. While the session
runs the window asks anew, at most twice a second, and only if the meters say that this session has changed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app import formats
from app.diagnostics import KnownError, log
from app.model.meters import Meters, Running
from app.pricing.catalog import Catalog
from app.report import breakdown, timeline
from app.report import session_words as words
from app.report.timeline import Place
from app.settings import Settings
from app.ui.appearance import appearance
from app.ui.keys import Told, bind
from app.ui.live import Throttle
from app.ui.preferences import listen
from app.ui.session_calls import CallTable
from app.ui.session_chart import Chart
from app.ui.session_costs import Costs
from app.ui.session_facts import Facts
from app.ui.session_origins import Origins
from app.ui.session_page import Page, Scrolled
from app.ui.session_trace import WIDTH as TRACE_WIDTH
from app.ui.session_trace import TracePanel
from app.ui.session_trace_view import TraceView, trace_view
from app.ui.session_view import EVERY_CALL, Calls, View, calls_of, read_out, view
from app.ui.widgets.buttons import Button
from app.ui.widgets.chip import Chip
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.figure import Figure
from app.ui.widgets.figure_menu import Offer, menu_of, takes_key
from app.ui.widgets.label import Label
from app.ui.widgets.loading_rows import LoadingRows
from app.ui.widgets.mark import Mark
from app.ui.widgets.notice import Notice, NoticeValue
from app.ui.widgets.read_out import ReadOut, ReadOutValue
from app.ui.widgets.segmented import Segmented
from app.ui.widgets.surface import Card
from app.ui.windows import SESSIONS, Context

ASK_EVERY = 500
"""A running session is asked about at most once in so many ms."""
_READ_OUT_BESIDE, _READ_OUT_BELOW = 960, 640
"""Widths at 100 % from which the read-out stands beside the heading, or at least in one line below it."""
_IN_A_LINE = 3
"""Parts of the read-out in each line where there is room for no more."""
_LEAST_PAGE = 560
"""Width at 100 % that the page keeps beside the trace."""
_CHARTS_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_0)
"""Keys that reach the timeline from wherever the keyboard is."""


class SessionWindow(QWidget):
    """`[` `]` older and newer, Ctrl+E export, O the origin of the chosen call, T the calls as a table."""

    def __init__(self, context: Context, source: str, native: str) -> None:
        super().__init__()
        self._context = context
        self._place: Place = (source, native)
        self._view: View | None = None
        self._seen: tuple[Running | None, bool] = (None, True)
        self._neighbors: tuple[Place | None, Place | None] = (None, None)
        self._traced = -1
        self._books: list[Catalog] = []
        self._touched = False
        """The user has chosen a call."""
        self._came_from: QWidget | None = None
        """What had the keyboard before the trace was opened."""
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Session"))
        self._steps: list[Callable[[View], None]] = []
        self._stepper = QTimer(self, singleShot=True, interval=0)
        self._stepper.timeout.connect(self._step)
        self._throttle = Throttle(ASK_EVERY, self._ask, self)
        self._make_head()
        self._make_timeline()
        self.costs, self.origins = Costs(), Origins()
        self.costs.calls_asked.connect(self.show_calls)
        self.origins.calls_asked.connect(self.show_calls)
        self._make_page()
        self.trace = TracePanel(self)
        self.trace.hide()
        self.trace.closed.connect(self.close_trace)
        self.trace.moved.connect(self._move_trace)
        self.trace.left.connect(self._go_up)
        self._make_keys()
        appearance().changed.connect(self._restyle)
        context.changed.connect(self._changed)
        listen(context.machine, self._chosen)
        self._restyle()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocus(Qt.FocusReason.OtherFocusReason)  # keys work at once, and no ring is drawn before Tab
        self.loading.begin()
        self._ask()
        self._ask_neighbors()

    # Parts

    def _make_head(self) -> None:
        self.mark = Mark()
        self.name = Label(role="window", elide=True)
        self.branch = Label(role="title", weight=400, ink="text2", elide=True)
        for label in (self.name, self.branch):  # as wide as they are, until there is no room
            label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.chip = Chip()
        self.older = Button(self.tr("‹ Older"))
        self.newer = Button(self.tr("Newer ›"))
        self.export = Button(self.tr("Export…"))
        self.older.setToolTip(self.tr("Older session ([)"))
        self.newer.setToolTip(self.tr("Newer session (])"))
        self.export.setToolTip(self.tr("As JSON or CSV (Ctrl+E)"))
        self.older.clicked.connect(lambda: self._go(0))
        self.newer.clicked.connect(lambda: self._go(1))
        self.export.clicked.connect(self.ask_export)
        self.cost = Figure(role="hero")
        self.cost.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.cost.offer_origin = True
        self.cost.origin_asked.connect(lambda: self.show_calls(EVERY_CALL))
        self.facts = Facts(self.tr("Facts"))
        self.notice = Notice(actions=(("calls", self.tr("Show the calls")),))
        self.notice.action.connect(lambda _key: self._show_unpriced())

    def _make_timeline(self) -> None:
        self.card = Card(self.tr("Timeline"))
        self.out, self.parts = ReadOut(), (ReadOut(), ReadOut())
        self.by = Segmented(self.tr("X axis"), [("call", self.tr("By call")), ("time", self.tr("By time"))])
        self.card.header.insertWidget(1, self.out, 1)
        self.card.header.addWidget(self.by)
        self.unknown = Label(
            self.tr("How full the context is can't be told: this log does not say it."), "table", "text2", wrap=True
        )
        self.chart = Chart()
        self.calls = CallTable(self.tr("Calls"))
        self.calls.hide()
        self._wanted_calls = EVERY_CALL
        self.some = _Some()
        self.some.all_asked.connect(lambda: self.show_calls(EVERY_CALL))
        for one in (*self.parts, self.unknown, self.chart, self.some, self.calls):
            self.card.body.addWidget(one)
        self.unknown.hide()
        self.by.chosen.connect(self._by_chosen)
        self.chart.chosen.connect(self._call_chosen)
        self.chart.opened.connect(lambda first, _last: self.show_trace(first))
        self.chart.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.chart.customContextMenuRequested.connect(self._chart_menu)
        self.calls.picked.connect(self._row_chosen)
        self.calls.traced.connect(self.show_trace)

    def _make_page(self) -> None:
        page = Page("window")
        self._page = QVBoxLayout(page)
        self._line, self._buttons, self._top = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for one in (self.mark, self.name, self.branch, self.chip):
            self._line.addWidget(one)
        self._line.addStretch(1)
        for one in (self.older, self.newer, self.export):
            self._buttons.addWidget(one)
        self._buttons.addStretch(1)
        self._top.addLayout(self._line, 1)
        self._top.addLayout(self._buttons)
        self._figures = QHBoxLayout()
        self._figures.addWidget(self.cost, 0, Qt.AlignmentFlag.AlignBottom)
        self._figures.addWidget(self.facts, 1)
        self._head = QVBoxLayout()
        self._head.addLayout(self._top)
        self._head.addLayout(self._figures)
        self._page.addLayout(self._head)
        for one in (self.notice, self.card, self.costs, self.origins):
            self._page.addWidget(one)
        self._page.addStretch(1)
        self.area = Scrolled(page)
        self.loading = LoadingRows(8)
        self.empty = EmptyState()
        self.empty.action.connect(self._again)
        self._stack = QStackedLayout(self)
        for one in (self.loading, self.empty, self.area):
            self._stack.addWidget(one)
        order = [
            self.older,
            self.newer,
            self.export,
            self.cost,
            self.notice,
            *self.by.findChildren(QWidget),
            self.chart,
        ]
        order += [
            self.some.everything,
            self.calls,
            self.costs.models.table,
            self.costs.subagents.table,
            self.costs.kinds.bar,
        ]
        order += [self.costs.kinds.table, self.origins.files]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _make_keys(self) -> None:
        bind(self, "[", self.tr("Older session"), partial(self._go, 0))
        bind(self, "]", self.tr("Newer session"), partial(self._go, 1))
        bind(self, "Ctrl+E", self.tr("Export"), self.ask_export)
        bind(self, "F6", self.tr("Next card"), self._next_card)

    def keys_place(self) -> str:
        return ""

    def keys_told(self) -> tuple[Told, ...]:
        return (
            Told("O", self.tr("Origin of the chosen call")),
            Told("T", self.tr("Chart or table")),
            Told("Ctrl+C", self.tr("Copy the chosen value")),
            Told("Backspace", self.tr("Back to the sessions")),
        )

    @Slot()
    def _restyle(self) -> None:
        theme = appearance().theme
        space = theme.space
        self._page.setContentsMargins(space.xl, space.l, space.xl, space.xl)
        self._page.setSpacing(space.l)
        for row in (self._line, self._buttons, self._top, self._head):
            row.setSpacing(space.s)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """What stands beside one another where there is room, and below one another where there is not."""
        theme = appearance().theme
        trace = min(theme.px(TRACE_WIDTH), self.width())
        beside = self.width() - trace >= theme.px(_LEAST_PAGE)  # else the trace lies over the page
        taken = trace if beside and not self.trace.isHidden() else 0
        self.setContentsMargins(0, 0, taken, 0)
        self.trace.setGeometry(self.width() - trace, 0, trace, self.height())
        room = self.width() - taken - 2 * theme.space.xl
        _turn(self._top, self._wanted(self._line) + self._wanted(self._buttons) + theme.space.s <= room)
        wide = room >= self.cost.sizeHint().width() + theme.px(420)
        _turn(self._figures, wide)
        self._figures.setSpacing(theme.px(28) if wide else theme.space.m)
        one_row = self.facts.fits(room - self.cost.sizeHint().width() - theme.px(28))
        self._figures.setAlignment(self.cost, Qt.AlignmentFlag.AlignBottom if one_row else Qt.AlignmentFlag.AlignTop)
        lines = 0 if room >= theme.px(_READ_OUT_BESIDE) else 1 if room >= theme.px(_READ_OUT_BELOW) else 2
        for place, part in enumerate(self.parts):
            part.setVisible(place < lines)
        self._show_read_out()

    def _wanted(self, row: QHBoxLayout) -> int:
        """The width that a row takes where nothing in it gives way."""
        widgets = [item.widget() for place in range(row.count()) if (item := row.itemAt(place)) is not None]
        shown = [one for one in widgets if one is not None and not one.isHidden()]
        return sum(one.sizeHint().width() + row.spacing() for one in shown)

    # Asking

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._view is not None and not event.spontaneous():
            self._throttle.call()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow() and self._view is not None:
            self._throttle.call()  # what no meter tells: another price, a log that has gone

    @Slot(object)
    def _changed(self, meters: Meters) -> None:
        """Asks where this session has moved, or has stopped running."""
        running = next((one for one in meters.running if (one.source, one.session) == self._place), None)
        seen = running, meters.reading is None  # an old session may have grown once all logs have been read
        if seen == self._seen and self._view is not None:
            return
        self._seen = seen
        if self.isVisible():
            self._throttle.call()

    @Slot(object)
    def _chosen(self, _: Settings) -> None:
        """What placeholder counts leave out may be shown now, or no more."""
        if self.isVisible():
            self._throttle.call()

    def _ask(self) -> None:
        source, native = self._place
        machine, before = self._context.machine, self._view

        def work(connection: sqlite3.Connection) -> View | None:
            found = timeline.build(connection, machine, source, native)
            if found is None:
                return None
            return before if before is not None and before.found == found else view(found, machine)

        self._context.ask(work, self._answered, self, self._failed, "session")

    def _ask_neighbors(self) -> None:
        source, native = self._place
        self._context.ask(
            lambda connection: timeline.neighbors(connection, source, native), self._neighbors_told, self, None, "near"
        )

    def _neighbors_told(self, found: tuple[Place | None, Place | None]) -> None:
        self._neighbors = found
        self.older.setEnabled(found[0] is not None)
        self.newer.setEnabled(found[1] is not None)

    def _failed(self, error: Exception) -> None:
        self.loading.end()
        if not isinstance(error, KnownError):
            log.error("A session can't be shown", exc_info=error)
        if self._view is not None:
            return  # what is shown stays; the tray says what is wrong
        title = error.title if isinstance(error, KnownError) else self.tr("This session can't be shown.")
        hint = error.hint if isinstance(error, KnownError) else self.tr("What went wrong stands in cuenta.log.")
        self.empty.set_words(title, hint, self.tr("Try again"))
        self._stack.setCurrentWidget(self.empty)

    @Slot()
    def _again(self) -> None:
        self.loading.begin()
        self._stack.setCurrentWidget(self.loading)
        self._ask()

    # Showing

    def _answered(self, shown: View | None) -> None:
        self.loading.end()
        if shown is None:
            told = self.tr("It has no call that counts. It may have been a copy of another one, or was deleted.")
            self.empty.set_words(self.tr("Nothing is known of this session."), told, self.tr("Try again"))
            self._stack.setCurrentWidget(self.empty)
            return
        before, self._view = self._view, shown
        if shown is not before:
            self._steps = [self._show_head, self._show_timeline, self._show_costs, self._show_origins, self._show_page]
            self._step()

    @Slot()
    def _step(self) -> None:
        """One part after the other, each in a turn of its own of the event loop, so that none holds it up for long."""
        if self._view is not None and self._steps:
            self._steps.pop(0)(self._view)
            if self._steps:
                self._stepper.start()

    @property
    def settled(self) -> bool:
        """All of what was answered last is shown."""
        return self._view is not None and not self._steps and self.chart.settled

    def _show_head(self, shown: View) -> None:
        self.setWindowTitle(shown.title)
        self.mark.set_agent(shown.source)
        self.name.set_text(shown.name)
        self.branch.set_text(shown.branch)
        self.branch.setVisible(bool(shown.branch))
        self.chip.setVisible(bool(shown.state))
        if shown.state == "running":
            self.chip.set_chip(self.tr("running"), "good")
        elif shown.state == "gone":
            self.chip.set_chip(self.tr("log gone"))
        self.cost.set_figure(shown.cost)
        self.cost.setAccessibleName(self.tr("Cost of this session"))
        self.facts.set_facts(shown.facts)
        self.notice.set_notice(
            NoticeValue("info", shown.unpriced_words, "", (("calls", self.tr("Show the calls")),))
            if shown.unpriced
            else NoticeValue()
        )

    def _show_timeline(self, shown: View) -> None:
        self.unknown.setVisible(not shown.context_known)
        self.chart.set_measured(shown.measured)
        if not self.calls.isHidden():
            self._fill_calls()
        if self.chart.choice is None or not self._touched:
            self._choose(_first_choice(shown))
            self._touched = False
        self._show_read_out()

    def _show_costs(self, shown: View) -> None:
        self.costs.show_view(shown)

    def _show_origins(self, shown: View) -> None:
        self.origins.show_view(shown)

    def _show_page(self, _shown: View) -> None:
        self._stack.setCurrentWidget(self.area)
        self._arrange()

    @property
    def view(self) -> View | None:
        """What is shown now."""
        return self._view

    @property
    def choice(self) -> int:
        """Index of the call that is read out; −1 none."""
        return self.chart.choice[0] if self.chart.choice is not None else -1

    def _choose(self, place: int) -> None:
        self.chart.set_chosen(place, place)
        self._call_chosen(place, place)

    @Slot(int, int)
    def _call_chosen(self, first: int, _last: int) -> None:
        self._touched = True
        self._show_read_out()
        if not self.calls.isHidden():
            self.calls.choose_call(first)

    @Slot(int)
    def _row_chosen(self, place: int) -> None:
        if place != self.choice:
            self._touched = True
            self.chart.set_chosen(place, place)
            self._show_read_out()

    def _show_read_out(self) -> None:
        if self._view is None or not 0 <= self.choice < len(self._view.found.points):
            return
        told = read_out(self._view, self.choice)
        first, second = self.parts
        if first.isHidden():
            self.out.set_read_out(told)
            return
        self.out.set_read_out(told._replace(items=(), remark=""))
        kept = len(told.items) if second.isHidden() else _IN_A_LINE
        first.set_read_out(ReadOutValue(items=told.items[:kept], remark=told.remark if second.isHidden() else ""))
        second.set_read_out(ReadOutValue(items=told.items[kept:], remark=told.remark))

    @Slot(str)
    def _by_chosen(self, by: str) -> None:
        self.chart.set_by("time" if by == "time" else "call")

    # The calls as a table

    @property
    def tabled(self) -> bool:
        """The table is shown in place of the chart."""
        return not self.calls.isHidden()

    def show_table(self, on: bool) -> None:
        if on:
            self._fill_calls()
        else:
            self._wanted_calls = EVERY_CALL
            self.some.hide()
        self.chart.setVisible(not on)
        self.calls.setVisible(on)
        self.by.setEnabled(not on)
        (self.calls if on else self.chart).setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def show_calls(self, wanted: Calls) -> None:
        """The table with the calls that a sum adds up, the first of them chosen where the chosen one is none."""
        self._wanted_calls = wanted
        self.show_table(True)
        places = self.calls.calls.places
        if places and self.calls.calls.row_of(self.choice) < 0:
            self._choose(places[0])
        self.area.ensureWidgetVisible(self.card, 0, 0)

    def _fill_calls(self) -> None:
        if self._view is None:
            return
        chosen, wanted = self.choice, self._wanted_calls
        self.calls.show_calls(self._view, wanted)
        self.calls.choose_call(chosen)
        self.some.setVisible(bool(wanted.of))
        self.some.tell(wanted.title, len(self.calls.calls.places))

    def _show_unpriced(self) -> None:
        self.show_calls(Calls("unpriced", None, self.tr("Without a price")))

    # Origins

    def show_trace(self, place: int) -> None:
        """The panel with that call's origin."""
        if self._view is None or not 0 <= place < len(self._view.found.points):
            return
        shown, context, books = self._view, self._context, self._books
        self._traced = place

        def work(connection: sqlite3.Connection) -> TraceView:
            if not books:
                books.append(context.catalog())  # takes a while: once for each window
            return trace_view(connection, shown, place, context.machine, books[0])

        context.ask(work, self._trace_told, self, None, "trace")

    def _trace_told(self, found: TraceView) -> None:
        place = found.page.place
        if place != self._traced or self._view is None:
            return
        opened = self.trace.isHidden()
        self.trace.show_trace(found)
        self.trace.older.setEnabled(place > 0)
        self.trace.newer.setEnabled(place < len(self._view.found.points) - 1)
        self.trace.show()
        self.trace.raise_()
        if opened:
            self._arrange()
            self._came_from = self.focusWidget()
            self.trace.copy_button.setFocus(Qt.FocusReason.OtherFocusReason)
            self.trace.area.verticalScrollBar().setValue(0)

    def _move_trace(self, step: int) -> None:
        if self._view is None:
            return
        place = min(max(self._traced + step, 0), len(self._view.found.points) - 1)
        if place != self._traced:
            self._choose(place)
            self.show_trace(place)

    @Slot()
    def close_trace(self) -> None:
        self._traced = -1
        if self.trace.isHidden():
            return
        self.trace.hide()
        self._arrange()
        (self._came_from or self).setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _go_up(self) -> None:
        """From a call to the sum that it is a part of."""
        self.close_trace()
        self.area.verticalScrollBar().setValue(0)
        self.cost.setFocus(Qt.FocusReason.OtherFocusReason)

    # Keys and menus

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        plain = not event.modifiers()
        if key == Qt.Key.Key_T and plain:
            self.show_table(not self.tabled)
        elif key == Qt.Key.Key_Escape and not self.trace.isHidden():
            self.close_trace()
        elif key == Qt.Key.Key_Backspace:
            self._context.open_window(SESSIONS)
        elif takes_key(self._call_offer(), event):
            return
        elif key in _CHARTS_KEYS and not self.tabled and not self.chart.hasFocus():
            self.chart.keyPressEvent(event)  # nobody else wanted it
        else:
            super().keyPressEvent(event)

    def _call_offer(self) -> Offer:
        """Of the chosen call."""
        place = self.choice
        if self._view is None or place < 0:
            return Offer()
        cost = self._view.found.points[place].cost
        return Offer(lambda: self.show_trace(place), "" if cost is None else formats.exact(cost))

    def _chart_menu(self, place: QPoint) -> None:
        menu = self.chart_menu()
        menu.exec(self.chart.mapToGlobal(place))
        menu.deleteLater()

    def chart_menu(self) -> QMenu:
        menu = menu_of(self._call_offer(), self)
        menu.addSeparator()
        for title, keys, deed in (
            (self.tr("Show all"), "0", self.chart.show_all),
            (self.tr("As a table"), "T", lambda: self.show_table(True)),
        ):
            menu.addAction(f"{title}\t{keys}").triggered.connect(deed)
        return menu

    @Slot()
    def _next_card(self) -> None:
        """F6: from card to card."""
        stops: list[QWidget] = [self.older if self.older.isEnabled() else self.export]
        stops += [self.calls if self.tabled else self.chart, self.costs.models.table, self.origins.files]
        cards: list[QWidget] = [self.card, self.costs, self.origins]
        focus = self.focusWidget()
        at = next((place for place, card in enumerate(cards, 1) if focus and card.isAncestorOf(focus)), 0)
        following = stops[(at + 1) % len(stops)]
        following.setFocus(Qt.FocusReason.TabFocusReason)
        self.area.ensureWidgetVisible(following)

    # Neighbors and export

    def _go(self, which: int) -> None:
        wanted = self._neighbors[which]
        if wanted is None or not self._context.turn_session(self, *wanted):
            return
        self.close_trace()
        self._place, self._view, self._touched = wanted, None, False
        self._neighbors = (None, None)
        self.loading.begin()
        self._ask()
        self._ask_neighbors()

    @Slot()
    def ask_export(self) -> None:
        if self._view is None:
            return
        dialog = QFileDialog(self, self.tr("Export"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("JSON (*.json)"), self.tr("Calls as CSV (*.csv)")])
        dialog.selectFile(words.file_name(self._view.found.found, self._view.name, "json"))
        dialog.setDefaultSuffix("json")
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix("csv" if "csv" in chosen else "json"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.export_to(Path(path)))
        dialog.open()

    def export_to(self, path: Path) -> None:
        """Full precision; CSV by the file's ending. Written in the background."""
        if self._view is None:
            return
        found, machine = self._view.found.found, self._context.machine
        refused = self.tr("{file} can't be written.").format(file=path.name)

        def work(_connection: sqlite3.Connection) -> str:
            document = breakdown.as_json(found, machine)
            csv = path.suffix.lower() == ".csv"
            text = words.as_csv(document) if csv else json.dumps(document, ensure_ascii=False, indent=2) + "\n"
            try:
                path.write_text(text, encoding="utf-8", newline="")
            except OSError as error:
                raise KnownError(refused, error.strerror or "") from error
            return str(path)

        self._context.ask(work, self._exported, self, self._not_exported, "export")

    def _exported(self, path: str) -> None:
        self.export.setToolTip(self.tr("Written to {path}").format(path=path))

    def _not_exported(self, error: Exception) -> None:
        if isinstance(error, KnownError):
            self.notice.set_notice(NoticeValue("bad", error.title, error.hint))
        else:
            log.error("A session was not exported", exc_info=error)


class _Some(QWidget):
    """Which of the calls the table shows, and the way back to all."""

    all_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._words = Label(role="table", ink="text2", elide=True)
        self.everything = Button(self.tr("Show all calls"), "link")
        self.everything.clicked.connect(self.all_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words, 1)
        row.addWidget(self.everything)
        self.hide()

    def tell(self, title: str, count: int) -> None:
        self._words.set_text(f"{title}: {calls_of(count)}")


def _turn(row: QBoxLayout, across: bool) -> None:
    way = QBoxLayout.Direction.LeftToRight if across else QBoxLayout.Direction.TopToBottom
    if row.direction() != way:
        row.setDirection(way)


def _first_choice(shown: View) -> int:
    """Index of the call that is read out before anybody has chosen: the newest while it runs, then the dearest."""
    points = shown.found.points
    if shown.found.running:
        return len(points) - 1
    return max(range(len(points)), key=lambda place: (points[place].cost or 0, place), default=-1)
