"""All sessions: searched, grouped by day or project, sorted; Enter opens one.

What is read stays in memory as plain values, so narrowing a search, sorting and grouping ask no store; both happen on a
pool thread, for fifty thousand rows take longer than a frame.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Slot
from PySide6.QtGui import (
    QGuiApplication,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app import formats
from app.diagnostics import KnownError
from app.model.meters import Meters
from app.report.meters import session_name
from app.report.session_list import (
    Detail,
    Found,
    GroupLine,
    Order,
    Search,
    Stock,
    arrange,
    changed_rows,
    days_of,
    detail_of,
    stocked,
    values_of,
)
from app.report.zone import day_of, local_zone
from app.sources import title_of
from app.store.queries import ListedSession
from app.ui import exporting
from app.ui.appearance import appearance
from app.ui.keys import bind
from app.ui.moments import clock, named_day
from app.ui.overview_cards import exact_cost
from app.ui.refresher import Refresher
from app.ui.search_field import SearchField
from app.ui.session_view import model_name
from app.ui.sessions_model import BAR, CONTEXT, COST, LAST, NAME, PEAK, STATE, SessionsModel, heads
from app.ui.sessions_table import SessionsTable
from app.ui.trouble import is_partly_unread, notice_of
from app.ui.widgets.buttons import Button
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.figure_menu import Offer
from app.ui.widgets.heading import Heading
from app.ui.widgets.label import Label
from app.ui.widgets.loading_rows import LoadingRows
from app.ui.widgets.mark import Mark
from app.ui.widgets.notice import Notice, NoticeValue
from app.ui.widgets.segmented import Segmented
from app.ui.widgets.surface import Card
from app.ui.widgets.table import Column
from app.ui.widgets.two_part import TwoPart
from app.ui.windows import OVERVIEW, SETTINGS, Context
from app.ui.wrap import Wrap

REFRESH_EVERY = 2_000
"""Between two readings while sessions write, ms."""
_NARROW = 660
Ident = tuple[str, str]
_SORTS = ("last", "project", "peak", "cost")


class _Answer(NamedTuple):
    stock: Stock
    search: Search
    order: Order
    found: Found
    before: Found | None
    changed: list[int] | None
    """Rows that are others than `before`; None is that all are."""


class SessionsWindow(QWidget):
    """Keys: Ctrl+F the search, Esc empties it, ↑ ↓ row, Enter open, S the next order, Shift+S turns it, Ctrl+E export."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._stock: Stock | None = None
        self._found: Found | None = None
        self._listed: dict[str, tuple[Stock, list[str]]] = {}
        """Key of a term → where its values were counted, and they."""
        self._search = Search()
        self._order = Order()
        self._shown_for: tuple[Search, Order] | None = None
        """What was asked when the rows came that are scrolled now: in another order the first are wanted."""
        self._rereading = False
        """The store has changed, and what was read since is not shown yet."""
        self._kept: int | None = None
        """The session that was chosen last."""
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setWindowTitle(self.tr("Sessions"))
        self.setAccessibleName(self.tr("Sessions"))
        self._build()
        self._shortcuts()
        appearance().changed.connect(self._measure)
        self._measure()
        self._failure = NoticeValue()
        self._exports = exporting.Exports(context, self)
        self._exports.told.connect(self._show_notice)
        context.changed.connect(self._meters_changed)
        self._refresher = Refresher(context, self, self._read, REFRESH_EVERY)
        self.loading.begin()

    # --- parts

    _rate = ""
    """At which the rows were written."""

    def _build(self) -> None:
        self.title = Heading(self.tr("Sessions"), role="window")
        hint = self.tr("project, branch, model, agent")
        self.field = SearchField(self.tr("Search sessions"), hint, self._values, self._today)
        self.field.searched.connect(self._searched)
        groups = [("day", self.tr("By day")), ("project", self.tr("By project")), ("none", self.tr("Ungrouped"))]
        self.group = Segmented(self.tr("Groups"), groups, "day")
        self.group.chosen.connect(self._group_chosen)
        self.export = Button(self.tr("Export…"))
        self.export.clicked.connect(self.export_asked)
        self._toolbar = QWidget()
        self._tools = Wrap(self._toolbar)
        self._tools.setContentsMargins(0, 0, 0, 0)
        self._tools.addWidget(self.title)
        self._gap = QWidget()
        self._tools.addWidget(self._gap)
        self._tools.addWidget(self.field)
        self._tools.begin_right()
        self._tools.addWidget(self.group)
        self._tools.addWidget(self.export)
        titles = heads()
        keys = {LAST: "last", NAME: "project", PEAK: "peak", COST: "cost"}
        columns = [
            Column(title, -1 if place == NAME else 0, place in (PEAK, COST), keys.get(place, ""))
            for place, title in enumerate(titles)
        ]
        self.table = SessionsTable(self.tr("Sessions"), columns)
        self.model = SessionsModel(self._ask_details)
        self.table.setModel(self.model)
        self.table.head.set_sorted("last", False)
        self.table.opened.connect(self._open)
        self.table.offer(self._offer)
        self.table.chosen.connect(self._chosen)
        self.table.sort_asked.connect(self.sort_by)
        self.model.dataChanged.connect(self._show_strip)
        self.notice = Notice("bad", parent=self)
        self.notice.hide()
        self.notice.action.connect(self._notice_action)
        self.loading, self.empty = LoadingRows(12), EmptyState()
        self.empty.hide()
        self.empty.action.connect(self._leave_empty)
        self.card = Card(padded=False)
        self.card.body.addWidget(self.loading, 1)
        self.card.body.addWidget(self.empty, 1)
        self.card.body.addWidget(self.table, 1)
        self.table.hide()
        self._build_strip()
        self._all = QVBoxLayout(self)
        for one in (self._toolbar, self.notice):
            self._all.addWidget(one)
        self._all.addWidget(self.card, 1)
        self._all.addWidget(self.strip)

    def _build_strip(self) -> None:
        """What is chosen, in one line, and its button."""
        self.mark, self.name = Mark(), TwoPart()
        self.facts = Label("", "table", "text2", elide=True)
        self.open = Button(self.tr("Open session"))
        self.open.clicked.connect(lambda: self._open(self.table.currentIndex().row()))
        self.strip = Card()
        self._line = QHBoxLayout()
        for one, stretch in ((self.mark, 0), (self.name, 0), (self.facts, 1), (self.open, 0)):
            self._line.addWidget(one, stretch)
        self.strip.body.addLayout(self._line)
        self.strip.hide()

    def _shortcuts(self) -> None:
        bind(self, "Ctrl+F", self.tr("Search"), self._go_to_field)
        bind(self, "Ctrl+E", self.tr("Export"), self.export_asked)
        bind(self, "F6", self.tr("Next card"), self._next_card)
        bind(self.table, "Esc", self.tr("Empty the search"), self.field.clear, alone=True)
        bind(self.table, "S", self.tr("Sort by the next column"), self._next_order, alone=True)
        bind(self.table, "Shift+S", self.tr("Turn the order round"), self._turn_order, alone=True)
        bind(self.table, "Backspace", self.tr("Back to the overview"), self._back, alone=True)

    @Slot()
    def _measure(self) -> None:
        theme = appearance().theme
        space = theme.space
        self._all.setContentsMargins(space.xl, space.l, space.xl, space.l)
        self._all.setSpacing(space.l)
        self._gap.setFixedSize(space.xs, 1)
        self._line.setSpacing(space.s)
        self.field.setMaximumWidth(theme.px(500))
        self._fit_columns()

    def event(self, event: QEvent) -> bool:
        """What has changed on the screen is painted by and by; the first look and what is asked for, at once."""
        if event.type() != QEvent.Type.UpdateRequest:
            return super().event(event)
        self.table.patient = True
        done = super().event(event)
        self.table.patient = False
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()
        self.name.setMaximumWidth(self.width() // 2)  # what the session was has room, too

    def _fit_columns(self) -> None:
        """In little room the gray bar goes first, then the sparkline and the state, then the peak."""
        room = self.width() / max(0.1, appearance().theme.scale)
        self.table.narrow = room < _NARROW
        for column, least in ((BAR, 1000), (CONTEXT, 760), (STATE, 660), (PEAK, 560)):
            self.table.setColumnHidden(column, room < least)
        self.table.measure()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.focusWidget() is None:
            self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down lead into the list, from the field and from a window where nothing is chosen yet."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.table.isVisible() and not self.table.hasFocus():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            if not self.table.currentIndex().isValid():
                QApplication.sendEvent(self.table, QKeyEvent(event.type(), Qt.Key.Key_Home, event.modifiers()))
        else:
            super().keyPressEvent(event)

    def _back(self) -> None:
        self._context.open_window(OVERVIEW)

    def _go_to_field(self) -> None:
        self.field.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.edit.selectAll()

    def _next_card(self) -> None:
        stops = [self.field.edit, self.table, self.open]
        shown = [one for one in stops if one.isVisible()]
        inside = next((place for place, one in enumerate(shown) if one.hasFocus()), -1)
        shown[(inside + 1) % len(shown)].setFocus(Qt.FocusReason.TabFocusReason)

    # --- asking

    def _today(self) -> date:
        machine = self._context.machine
        return day_of(machine.clock(), local_zone(machine))

    def take_wish(self, wish: str) -> None:
        """Shows what that search finds."""
        self.field.set_text(wish)

    @Slot(object)
    def _searched(self, search: Search) -> None:
        if search != self._search:
            self._search = search
            self._arrange(self._stock)

    @Slot(str)
    def _group_chosen(self, group: str) -> None:
        sort = self._order.sort if group != "day" else "last"
        self._set_order(Order(group, sort, self._order.descending if group != "day" else True))

    @Slot(str)
    def sort_by(self, key: str) -> None:
        """By that column; once more turns it round. Days only make sense in the order of time."""
        same = key == self._order.sort
        descending = not self._order.descending if same else key != "project"
        group = "none" if self._order.group == "day" and key != "last" else self._order.group
        self._set_order(Order(group, key, descending))

    def _next_order(self) -> None:
        self.sort_by(_SORTS[(_SORTS.index(self._order.sort) + 1) % len(_SORTS)])

    def _turn_order(self) -> None:
        self.sort_by(self._order.sort)

    def _set_order(self, order: Order) -> None:
        self._order = order
        self.group.set_chosen(order.group)
        self.table.head.set_sorted(order.sort, not order.descending)
        self._arrange(self._stock)

    def _read(self) -> None:
        """Everything anew: the store has changed."""
        self._arrange(None)

    def _arrange(self, stock: Stock | None) -> None:
        # What is asked takes the place of the re-reading under way, so it must not bring back the old stock.
        self._rereading = self._rereading or stock is None
        stock = None if self._rereading else stock
        search, order, zone = self._search, self._order, local_zone(self._context.machine)
        before = self._found if stock is None else None

        def work(connection: sqlite3.Connection) -> _Answer:
            now = stocked(connection, search, zone, stock)
            found = arrange(now, search, order, zone)
            changed = changed_rows(before, found) if before is not None else None
            return _Answer(now, search, order, found, before, changed)

        self._context.ask(work, self._show, self, self._failed, "list")

    def _ask_details(self, sessions: Sequence[ListedSession], then: Callable[[dict[int, Detail]], None]) -> None:
        machine = self._context.machine

        def work(connection: sqlite3.Connection) -> dict[int, Detail]:
            return {one.ident: detail_of(connection, one, machine) for one in sessions}

        self._context.ask(work, then, self, lambda _error: then({}), "details")

    def _values(self, key: str) -> Sequence[str]:
        """What a key can be, the most frequent first, as far as it was counted; what is new is told to the field."""
        today = self._today()
        if key in ("since", "until", "on"):
            monday = today - timedelta(days=today.weekday())
            listed = [today, today - timedelta(days=1), monday, monday - timedelta(days=7), today.replace(day=1)]
            return [one.isoformat() for one in dict.fromkeys(listed)]
        if key == "cost":
            return [">0.10", ">1", ">5", "<1"]
        if key == "price":
            return ["none"]
        stock, (counted, values) = self._stock, self._listed.get(key, (None, []))
        if stock is not None and stock is not counted:
            self._context.ask(
                lambda connection: (stock, values_of(connection, stock, key)),
                partial(self._take_values, key),
                self,
                about=f"values:{key}",
            )
        return values

    def _take_values(self, key: str, found: tuple[Stock, list[str]]) -> None:
        self._listed[key] = found
        self.field.list_values(key)

    # --- showing

    def _show(self, answer: _Answer) -> None:
        same_currency, self._rate = formats.at_rate() == self._rate, formats.at_rate()
        self.title.set_title(self.tr("Sessions"), self._rate)
        only = answer.changed if answer.before is self._found and same_currency else None
        self._stock, self._found = answer.stock, answer.found
        self._rereading = False
        self._failure = NoticeValue()
        self._show_notice()
        self.loading.end()
        self.loading.hide()
        meters, machine = self._context.meters(), self._context.machine
        running = frozenset((one.source, one.session) for one in meters.running) if meters else frozenset[Ident]()
        now, zone = machine.clock(), local_zone(machine)
        if only is not None and day_of(now, zone) == day_of(self.model.now, zone):
            self.model.update_found(answer.found, only, running, now)
            self._choose_kept()
        else:
            asked = answer.search, answer.order
            scrolled = self.table.verticalScrollBar().value() if asked == self._shown_for else 0
            self._shown_for = asked
            self.table.dated = answer.order.group != "day"
            with QSignalBlocker(self.table):
                self.model.set_found(answer.found, running, now, zone, answer.order.group == "day")
            self._show_table(answer.found)
            self._choose_kept()
            self.table.verticalScrollBar().setValue(scrolled)
        self._show_strip()
        self._tell(answer.found)

    def _choose_kept(self) -> None:
        """The chosen session stays chosen wherever its row stands now."""
        if self._kept is None:
            return
        there = self.model.session(self.table.currentIndex().row())
        if there is None or there.ident != self._kept:
            row = self.model.row_of(self._kept)
            if row >= 0:
                with QSignalBlocker(self.table):
                    self.table.choose(row)

    def _show_table(self, found: Found) -> None:
        self.table.setVisible(bool(found.shown))
        self.empty.setVisible(not found.shown)
        if found.shown:
            return
        if not self.field.is_empty:
            sentence = self.tr("No session fits this search")
            plain = self.tr("1 session is there without it.") if found.of == 1 else self.tr("{n} are there without it.")
            words = plain.format(n=f"{found.of:,}") if found.of else self.tr("There is none in these days.")
            self.empty.set_words(sentence, words, self.tr("Clear the search"))
        else:
            plain = self.tr("This page fills by itself.")
            self.empty.set_words(self.tr("No session was read yet"), plain, self.tr("Show sources"))

    @Slot()
    def _leave_empty(self) -> None:
        if self.field.is_empty:
            self._context.open_window(SETTINGS, "sources")
        else:
            self.field.clear()

    def _tell(self, found: Found) -> None:
        count = f"{found.shown:,}"
        if found.shown != found.of:
            count = self.tr("{n} of {all}").format(n=count, all=f"{found.of:,}")
        self.field.set_count(count if found.of else "")
        until = days_of(self._search)[1]
        is_open = found.at_least or is_partly_unread(self._context.meters(), until, self._today())
        cost = formats.amount(found.cost, found.unpriced, at_least=is_open)
        title = [self.tr("Sessions"), count, cost] if found.shown else [self.tr("Sessions")]
        self.setWindowTitle(", ".join(title))

    @Slot(int)
    def _chosen(self, row: int) -> None:
        one = self.model.session(row)
        if one is not None:
            self._kept = one.ident
        self._show_strip()

    @Slot()  # and no lambda: on a model without a parent it would keep a closed window, and all that it lists
    def _show_strip(self) -> None:
        one = self.model.session(self.table.currentIndex().row()) if not self.table.isHidden() else None
        self.strip.setVisible(one is not None)
        if one is None:
            return
        self.mark.set_agent(one.source)
        self.name.set_parts(session_name(one.project, one.native), one.branch or "")
        zone = local_zone(self._context.machine)
        began, ended = (datetime.fromtimestamp(at / 1000, zone).date() for at in (one.started_at, one.ended_at))
        begin, until = clock(one.started_at, zone), clock(one.ended_at, zone)
        if began != ended:
            until = f"{named_day(ended, self._today())}, {until}"
        when = self.tr("{day}, {begin} to {end}")
        parts = [when.format(day=named_day(began, self._today()), begin=begin, end=until), title_of(one.source)]
        detail = self.model.detail(one)
        if detail is not None and detail.model:
            parts.append(model_name(detail.model, one.source))
        parts.append(self.tr("1 call") if one.calls == 1 else self.tr("{n} calls").format(n=f"{one.calls:,}"))
        if one.unpriced:
            parts.append(self.tr("{n} without a price").format(n=f"{one.unpriced:,}"))
        self.facts.set_text(" · ".join(parts))

    # --- trouble

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            exporting.note(error)
        text = str(error) if isinstance(error, KnownError) else self.tr("Something unexpected went wrong.")
        self.loading.end()
        actions = (("again", self.tr("Try again")), ("report", self.tr("Copy report")))
        self._failure = NoticeValue("bad", self.tr("The sessions can't be read"), text, actions)
        self._show_notice()

    @Slot(object)
    def _meters_changed(self, _meters: Meters) -> None:
        if self._found is not None:
            self._show_notice()
            self._tell(self._found)

    @Slot()
    def _show_notice(self) -> None:
        """What the user did comes first, then what failed, then what is missing."""
        failure = self._failure if self._failure.title else None
        trouble = notice_of(self._context.meters(), local_zone(self._context.machine))
        self.notice.set_notice(self._exports.notice or failure or trouble)

    def _notice_action(self, key: str) -> None:
        if key == "again":
            self._refresher.read()
        elif key in ("sources", "prices"):
            self._context.open_window(SETTINGS, key)
        elif key == "report":
            text = f"{self.notice.accessibleName()}\n{self.notice.accessibleDescription()}"
            QGuiApplication.clipboard().setText(text.replace(str(self._context.machine.home), "~"))
        else:
            self._exports.act(key)

    # --- out of here

    @Slot(int)
    def _open(self, row: int) -> None:
        one = self.model.session(row)
        if one is not None:
            self._context.open_session(one.source, one.native)

    def _offer(self, row: int) -> Offer:
        """A session's origin are its calls; a group's are the sessions below it."""
        item = self.model.items[row] if row < len(self.model.items) else None
        if isinstance(item, GroupLine):
            return Offer(lambda: self.table.choose(row + 1), exact_cost(item))
        return Offer(lambda: self._open(row), exact_cost(item)) if item is not None else Offer()

    @Slot()
    def export_asked(self) -> None:
        exporting.ask_where(self, "cuenta-sessions.csv", self.export_to)

    def export_to(self, path: Path) -> None:
        """Writes the sessions that are shown, as CSV or JSON by the path's end."""
        machine = self._context.machine
        since, until = days_of(self._search)
        question = exporting.question(local_zone(machine), "session", since, until)
        items = self.model.items  # of an answer, which nobody changes

        def work(connection: sqlite3.Connection) -> None:
            only = {(one.source, one.native) for one in items if isinstance(one, ListedSession)}
            exporting.write(connection, path, question, machine, only)

        self._exports.write(path, work)
