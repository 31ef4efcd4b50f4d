"""The list of sessions as a model: all rows at once, what costs a reading page by page.

The sums come with the list. Sparkline, window and state are read for the pages that are looked at, one page at a time,
the last wanted first: who scrolls through fifty thousand rows waits for none of those that flew past.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, tzinfo
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QPersistentModelIndex, Qt

from app import formats
from app.report.meters import session_name
from app.report.names import project_name
from app.report.session_list import Detail, Found, GroupLine, Item
from app.report.zone import day_of
from app.store.queries import ListedSession
from app.ui.moments import clock, moment
from app.ui.overview_cards import cost_cell, dot_cell
from app.ui.widgets import dates
from app.ui.widgets.cells import CELL, AgentMark, Cell, GrayBar, Group, Number, Spark, State, Words, words_of
from app.ui.widgets.two_part import Parts

Index = QModelIndex | QPersistentModelIndex
PAGE = 50
"""Rows of a page."""
LAST, MARK, NAME, STATE, CONTEXT, PEAK, BAR, COST, DOT = range(9)
_KEPT = 4_000
"""Rows whose details are kept; a few screens' worth many times over."""
Ask = Callable[[Sequence[ListedSession], Callable[[dict[int, Detail]], None]], None]


class SessionsModel(QAbstractTableModel):
    """`ask(sessions, then)` reads the details of a page in the background."""

    def __init__(self, ask: Ask) -> None:
        super().__init__()
        self._ask = ask
        self._items: list[Item] = []
        self._details: dict[int, Detail] = {}
        self._wanted: list[int] = []
        """Pages, the last wanted at the end."""
        self._asking = False
        self._running: frozenset[tuple[str, str]] = frozenset()
        self._now = 0
        self._zone: tzinfo = UTC
        self._grouped = True
        self._cells: dict[int, tuple[Cell, ...]] = {}

    # --- what is shown

    def set_found(
        self, found: Found, running: frozenset[tuple[str, str]], now: int, zone: tzinfo, grouped_by_day: bool
    ) -> None:
        """Other rows. Details that are still true stay."""
        self.beginResetModel()
        self._items = found.items
        self._running, self._now, self._zone, self._grouped = running, now, zone, grouped_by_day
        self._cells.clear()
        self._wanted.clear()
        if len(self._details) > _KEPT:
            self._details.clear()
        self.endResetModel()

    def update_found(self, found: Found, changed: Sequence[int], running: frozenset[tuple[str, str]], now: int) -> None:
        """The same number of rows, of which those have changed: all others are left alone, and not painted anew."""
        self._items = found.items
        turned = running ^ self._running
        self._running, self._now = running, now
        seen = [row for row in self._cells if (one := self.session(row)) and (one.source, one.native) in turned]
        for row in {*changed, *seen}:
            self._cells.pop(row, None)
            self.dataChanged.emit(self.index(row, 0), self.index(row, DOT))

    @property
    def now(self) -> int:
        """When the rows were read."""
        return self._now

    @property
    def items(self) -> list[Item]:
        return self._items

    def session(self, row: int) -> ListedSession | None:
        """The session of that row; None for the line of a group."""
        if not 0 <= row < len(self._items):
            return None
        item = self._items[row]
        return item if isinstance(item, ListedSession) else None

    def detail(self, one: ListedSession) -> Detail | None:
        found = self._details.get(one.ident)
        return found if found is not None and found.ended_at == one.ended_at else None

    def row_of(self, ident: int) -> int:
        """The row of that session; −1 where it is not shown."""
        for row, item in enumerate(self._items):
            if isinstance(item, ListedSession) and item.ident == ident:
                return row
        return -1

    # --- Qt's side

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._items)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else DOT + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == CELL:
            return self.cells(index.row())[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return words_of(self.cells(index.row())[index.column()]) or None
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or isinstance(self._items[index.row()], GroupLine):
            return Qt.ItemFlag.NoItemFlags  # the arrow keys pass over it
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return heads()[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.AccessibleTextRole:
            unseen = {MARK: _tr("Agent"), BAR: _tr("Share of the window"), DOT: _tr("Certainty")}
            return unseen.get(section) or heads()[section]
        return None

    # --- cells

    def cells(self, row: int) -> tuple[Cell, ...]:
        """Of that row, one for each column."""
        cells = self._cells.get(row)
        if cells is None:
            item = self._items[row]
            cells = self._group(item) if isinstance(item, GroupLine) else self._session(row, item)
            if len(self._cells) > _KEPT:
                self._cells.clear()
            self._cells[row] = cells
        return cells

    def _group(self, line: GroupLine) -> tuple[Cell, ...]:
        unknown = project_name(None, _tr).capitalize()
        bold = dates.long_day(line.day) if line.day else session_name(line.project, "") or unknown
        if line.day is not None and line.day.year != self._today().year:
            bold = f"{bold}, {line.day.year}"
        count = _tr("1 session") if line.of == 1 else _tr("{n} sessions").format(n=f"{line.of:,}")
        if line.shown != line.of:
            count = _tr("{n} of {sessions}").format(n=f"{line.shown:,}", sessions=count)
        sum_shown = formats.amount(line.cost, line.unpriced, at_least=line.at_least)
        of = _tr("of {money}").format(money=formats.money(line.of_cost)) if line.shown != line.of else ""
        if line.day is not None and line.within != "day":  # or it would read as what the day cost
            count = _tr("last call of {sessions}").format(sessions=count)
            within = _tr("in all") if line.within == "all" else _tr("in these days")
            of = f"{of} {within}".strip()
        return (Group(bold, count, sum_shown, of, COST), *(None for _ in range(DOT)))

    def _today(self) -> date:
        return day_of(self._now, self._zone)

    def _session(self, row: int, one: ListedSession) -> tuple[Cell, ...]:
        detail = self.detail(one)
        if detail is None:
            self._want(row // PAGE)
        return (
            Words(self._when(one), "text2"),
            AgentMark(one.source),
            Parts(session_name(one.project, one.native), one.branch or ""),
            self._state(one, detail),
            Spark(detail.contexts, detail.window) if detail is not None else None,
            *_peak(one, detail),
            cost_cell(one),
            dot_cell(one),
        )

    def _when(self, one: ListedSession) -> str:
        """The time alone where the day stands over it."""
        if not self._grouped:
            return moment(one.ended_at, self._now, self._zone)
        return clock(one.ended_at, self._zone)

    def _state(self, one: ListedSession, detail: Detail | None) -> Cell:
        """Of the log alone: whether it was written to within ten minutes, and whether it is still there.

        Idle is who may go on: since the day before yesterday there is nothing to say.
        """
        if (one.source, one.native) in self._running:
            return State("working", _tr("running"))
        if detail is None:
            return None
        if detail.gone:
            return State("gone", _tr("log gone"))
        lately = (self._today() - day_of(one.ended_at, self._zone)).days <= 1
        return State("idle", _tr("idle")) if lately else None

    # --- pages

    def _want(self, page: int) -> None:
        if page in self._wanted:
            self._wanted.remove(page)
        self._wanted.append(page)
        if not self._asking:
            self._ask_next()

    def _ask_next(self) -> None:
        while self._wanted:
            page = self._wanted.pop()
            rows = self._items[page * PAGE : (page + 1) * PAGE]
            missing = [one for one in rows if isinstance(one, ListedSession) and self.detail(one) is None]
            if missing:
                self._asking = True
                self._ask(missing, self._answered)
                return
        self._asking = False

    def _answered(self, found: dict[int, Detail]) -> None:
        self._details |= found
        self._asking = False
        changed = [row for row in self._cells if (one := self.session(row)) is not None and one.ident in found]
        for row in changed:
            del self._cells[row]
        for row in changed:
            self.dataChanged.emit(self.index(row, STATE), self.index(row, BAR))
        if not found:
            self._wanted.clear()  # it could not be read: asked again with the next list
        self._ask_next()


def _peak(one: ListedSession, detail: Detail | None) -> tuple[Cell, Cell]:
    """Peak of the window in words and as a gray bar."""
    if one.peak is None:
        return Number(formats.NONE, ink="text3"), None
    window = detail.window if detail is not None else None
    words = formats.tokens(one.peak)
    if not window:
        return Number(words), None
    of = _tr("of {n}").format(n=formats.tokens(window))
    share = min(1.0, one.peak / window)
    return Number(words, of), GrayBar(share, f"{formats.percent(one.peak, window)}")


def heads() -> tuple[str, ...]:
    return (
        _tr("Last call"),
        "",
        _tr("Project and branch"),
        _tr("State"),
        _tr("Context"),
        _tr("Peak of window"),
        "",
        _tr("Cost"),
        "",
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Sessions", text)
