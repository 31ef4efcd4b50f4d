"""Ctrl+K: to a session, a project or a window by a few letters of its name."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from app.report.going import Places, Project, fits, places
from app.report.meters import session_name
from app.report.session_list import Search, Stock, Term, stocked
from app.report.zone import local_zone
from app.store.queries import ListedSession
from app.ui.appearance import appearance
from app.ui.exporting import note
from app.ui.keys import Told, bind, spelled
from app.ui.moments import timed
from app.ui.overview_cards import cost_cell
from app.ui.widgets.cells import AgentMark, Cell, Number
from app.ui.widgets.label import Label
from app.ui.widgets.surface import Card
from app.ui.widgets.table import Column, Rows, Table
from app.ui.widgets.two_part import Parts
from app.ui.windows import SESSIONS, WINDOWS, Context

MOST = 12
"""Projects, and sessions, that are listed."""
_ROOMY = 340
"""Width at 100 % below which it is not told when."""
_MOVING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class GoWindow(QWidget):
    """A field and a list. The store is read once, when the window opens; each further letter only narrows that."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._stock: Stock | None = None
        self._deeds: list[Callable[[], object]] = []
        self.setWindowFlag(Qt.WindowType.Dialog)
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Go to"))
        self.setAccessibleName(self.tr("Go to"))
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Session, project or window"))
        self.field.setAccessibleName(self.tr("Session, project or window"))
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._ask)
        columns = (
            Column("", 48, said=self.tr("Agent")),
            Column(self.tr("Name"), -1),
            Column(self.tr("Cost"), 0, True),
            Column(self.tr("When"), 0, True),
        )
        self.rows = Rows(columns)
        self.table = Table(self.tr("Places"), columns, dense=True, head=False)
        self.table.setModel(self.rows)
        self.table.opened.connect(self._go)
        self.told = Label("", "table", "text2", wrap=True)
        self.card = Card(padded=False)
        self.card.body.addWidget(self.table)
        self._all = QVBoxLayout(self)
        for one in (self.field, self.told):
            self._all.addWidget(one)
        self._all.addWidget(self.card, 1)
        bind(self, "Esc", self.tr("Close"), self.close)
        appearance().changed.connect(self._restyle)
        self._restyle()
        self._show(Places((), ()))
        self._ask()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def keys_place(self) -> str:
        return ""

    def keys_told(self) -> tuple[Told, ...]:
        return Told("Up Down", self.tr("Choose")), Told("Return", self.tr("Go there"))

    @Slot()
    def _restyle(self) -> None:
        space = appearance().theme.space
        self._all.setContentsMargins(space.l, space.l, space.l, space.l)
        self._all.setSpacing(space.m)
        self._fit_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """In little room the names stay."""
        self.table.setColumnHidden(3, self.width() < appearance().theme.px(_ROOMY))
        self.table.measure()

    # --- the keyboard stays in the field, the list follows it

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _MOVING:
                QApplication.sendEvent(self.table, QKeyEvent(event.type(), event.key(), event.modifiers()))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._go(self.table.currentIndex().row())
                return True
        return super().eventFilter(watched, event)

    @Slot(int)
    def _go(self, row: int) -> None:
        if 0 <= row < len(self._deeds):
            deed = self._deeds[row]
            self.close()  # first, so that what opens has the keyboard
            deed()

    # --- what there is

    @Slot()
    def _ask(self) -> None:
        text, stock, zone = self.field.text(), self._stock, local_zone(self._context.machine)

        def work(connection: sqlite3.Connection) -> tuple[Stock, Places]:
            now = stock or stocked(connection, Search(), zone)
            return now, places(now.sessions, text, MOST)

        self._context.ask(work, self._answered, self, self._failed, "places")

    def _answered(self, answer: tuple[Stock, Places]) -> None:
        self._stock, found = answer
        self._show(found)

    def _failed(self, error: Exception) -> None:
        note(error)
        self._show(Places((), ()))
        self.told.set_text(self.tr("The sessions can't be read; the windows can be opened all the same."))
        self.told.show()

    def _show(self, found: Places) -> None:
        self._deeds = []
        rows = [*self._windows(), *map(self._project, found.projects), *map(self._session, found.sessions)]
        self.rows.set_rows(rows)
        self.table.measure()
        nothing = not rows and self._stock is not None
        self.told.set_text(self.tr("Nothing has such a name."))
        self.told.setVisible(nothing)
        self.card.setVisible(not nothing)
        if rows:
            self.table.choose(0)

    def _windows(self) -> list[list[Cell]]:
        rows: list[list[Cell]] = []
        words = self.field.text().lower().split()
        for entry in WINDOWS:
            title = QCoreApplication.translate("Windows", entry.title)
            if entry.listed and fits(title, words):
                self._deeds.append(lambda key=entry.key: self._context.open_window(key))
                rows.append([None, Parts(title, ""), None, Number(spelled(entry.shortcut), ink="text3")])
        return rows

    def _project(self, one: Project) -> list[Cell]:
        wish = Term("project", one.name).text()
        self._deeds.append(lambda: self._context.open_window(SESSIONS, wish))
        count = self.tr("1 session") if one.sessions == 1 else self.tr("{n} sessions").format(n=f"{one.sessions:,}")
        return [None, Parts(one.name, self.tr("project")), None, Number(count, ink="text3")]

    def _session(self, one: ListedSession) -> list[Cell]:
        machine = self._context.machine
        self._deeds.append(lambda: self._context.open_session(one.source, one.native))
        when = timed(one.ended_at, machine.clock(), local_zone(machine))
        name = Parts(session_name(one.project, one.native), one.branch or "")
        return [AgentMark(one.source), name, cost_cell(one), Number(when, ink="text3")]
