"""What can stand in a table's cell, as values, and the one delegate that paints them all.

A model answers `CELL` with one of these and `AccessibleTextRole` with words (`words_of` makes them).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from PySide6.QtCore import QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from app.sources import title_of
from app.ui.appearance import appearance
from app.ui.theme import Theme
from app.ui.widgets import spoken
from app.ui.widgets.base import line, width_of, write
from app.ui.widgets.certainty import meaning_of, paint_dot
from app.ui.widgets.chip import chip_size, paint_chip
from app.ui.widgets.choices import paint_check
from app.ui.widgets.gauge_bar import Gauge, paint_gauge
from app.ui.widgets.mark import mark_size, paint_mark
from app.ui.widgets.read_out import swatch
from app.ui.widgets.sparkline import paint_sparkline
from app.ui.widgets.two_part import Parts, paint_parts

CELL = Qt.ItemDataRole.UserRole + 40
"""The role under which a model gives a cell's value."""
SIDE = 10
"""Room left and right in a cell, at 100 %."""
Edge = Literal["cell", "none", "card"]
"""What a table's outer columns keep from its edges: as much as from each other; nothing, inside a card with padding of
its own; or what a card's heading keeps, where the table itself reaches the card's edges."""


def edge_room(edge: Edge, theme: Theme) -> int:
    return {"cell": theme.px(SIDE), "none": 0, "card": theme.space.l - 1}[edge]


class Words(NamedTuple):
    """Plain text, elided right; one whose `end` tells, as a path's does, left."""

    text: str
    ink: str = "text"
    weight: int = 400
    fixed: bool = False
    """In the system's fixed font: paths and commands."""
    chip: str = ""
    """Behind the text."""
    end: bool = False


class Number(NamedTuple):
    """Right-aligned with tabular figures: `183k` and, in gray, `of 200k`."""

    text: str
    gray: str = ""
    ink: str = "text"
    weight: int = 400
    exact: str = ""
    """In full precision with its unit, for the clipboard."""


class AgentMark(NamedTuple):
    agent: str
    title: str = ""
    """Written behind the mark, if given."""


class Dot(NamedTuple):
    level: str
    reason: str = ""


class Spark(NamedTuple):
    values: tuple[int, ...]
    top: int | None = None


class GrayBar(NamedTuple):
    """A share as a gray bar: a peak of the past."""

    share: float | None
    words: str = ""


class InkBar(NamedTuple):
    """An amount as a bar from the left, its share of the largest."""

    share: float
    ink: str = "part:tools"


class Swatch(NamedTuple):
    ink: str
    text: str


class State(NamedTuple):
    """`working`, `waiting`, `idle` or `gone`: a shape and its words."""

    kind: str
    text: str


class ChipCell(NamedTuple):
    text: str
    tone: str = "plain"
    right: bool = False


class Tick(NamedTuple):
    """A box to tick. The model takes the new state under `CheckStateRole`."""

    on: bool
    enabled: bool = True
    words: str = ""


class Group(NamedTuple):
    """A line over a group of rows, in the first column of its row; the row's other cells are None."""

    bold: str
    gray: str = ""
    right_bold: str = ""
    right_gray: str = ""
    right_edge: int = 0
    """Logical column whose right edge the right part keeps; 0 is the table's last."""


Cell = (
    Words
    | Number
    | AgentMark
    | Dot
    | Spark
    | GrayBar
    | InkBar
    | Swatch
    | State
    | ChipCell
    | Tick
    | Group
    | Parts
    | None
)


def words_of(cell: Cell) -> str:
    """The cell in words, for a screen reader."""
    match cell:
        case None | InkBar():  # the amount of a bar stands beside it
            return ""
        case Words(text=text, chip=chip):
            return f"{text} {chip}".strip()
        case Swatch(text=text) | State(text=text) | ChipCell(text=text):
            return text
        case Number(text=text, gray=gray):
            return f"{text} {gray}".strip()
        case AgentMark(agent=agent, title=title):
            return title or title_of(agent)
        case Dot(level=level, reason=reason):
            return meaning_of(level, reason)
        case Spark(values=values):
            return _course(values)
        case GrayBar(words=words) | Tick(words=words):
            return words
        case Parts(bold=bold, gray=gray, chips=chips):
            return " ".join((bold, gray, *chips)).strip()
        case Group():
            return " ".join(one for one in (cell.bold, cell.gray, cell.right_bold, cell.right_gray) if one)


def _course(values: tuple[int, ...]) -> str:
    """A sparkline of tokens in words."""
    if not values:
        return ""
    told = QCoreApplication.translate("Cells", "from {first} to {last} tokens, at most {most}")
    return told.format(first=spoken.tokens(values[0]), last=spoken.tokens(values[-1]), most=spoken.tokens(max(values)))


def exact_of(cell: Cell) -> str:
    """What a copy has for the cell: a number in full precision where that is known, else its words."""
    return cell.exact if isinstance(cell, Number) and cell.exact else words_of(cell)


class Cells(QStyledItemDelegate):
    """Paints row grounds, hairlines and cells. Belongs to a `Table`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hovered = -1
        """The row under the pointer."""
        self.lines = True
        self.edge: Edge = "cell"

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        theme = appearance().theme
        return QSize(cell_width(index.data(CELL), theme) + 2 * theme.px(SIDE), theme.row)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, cell = appearance().theme, index.data(CELL)
        rect = QRectF(option.rect)  # type: ignore[attr-defined]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        if isinstance(cell, Group):
            self._group(painter, rect, cell, option, theme)
            return
        first = index.sibling(index.row(), 0).data(CELL) if cell is None else None
        if isinstance(first, Group):  # the first cell has painted the whole row
            return
        if selected or index.row() == self.hovered:
            painter.fillRect(rect, theme.color("selected" if selected else "hover"))
        last = index.row() == index.model().rowCount() - 1
        if self.lines and not last:
            line(painter, rect.left(), rect.bottom() - 1, rect.width(), 1, theme.color("line"))
        side = theme.px(SIDE)
        outer = edge_room(self.edge, theme)
        left = outer if index.column() == 0 else side
        right = outer if index.column() == index.model().columnCount() - 1 else side
        inner = rect.adjusted(left, 0, -right, -1)
        paint_cell(painter, inner, cell, theme)

    def _group(self, painter: QPainter, rect: QRectF, cell: Group, option: QStyleOptionViewItem, theme: Theme) -> None:
        widget = option.widget  # type: ignore[attr-defined]
        view = widget if isinstance(widget, QTableView) else None
        width = view.viewport().width() if view is not None else rect.width()
        row = QRectF(rect.left(), rect.top(), width, rect.height())
        painter.fillRect(row, theme.color("window"))
        line(painter, row.left(), row.bottom() - 1, row.width(), 1, theme.color("line"))
        side, outer = theme.px(SIDE), edge_room(self.edge, theme)
        inner = row.adjusted(outer, 0, -outer, -1)
        if cell.right_edge and view is not None:
            edge = view.columnViewportPosition(cell.right_edge) + view.columnWidth(cell.right_edge)
            inner.setRight(edge - side)
        right = inner.right()
        for text, weight, ink in ((cell.right_gray, 400, "text3"), (cell.right_bold, 600, "text")):
            if text:
                place = QRectF(inner.left(), inner.top(), right - inner.left(), inner.height())
                font = theme.font("table", weight)
                right -= write(painter, place, text, font, theme.ink(ink), Qt.AlignmentFlag.AlignRight)
                right -= theme.space.xs
        left = QRectF(inner.left(), inner.top(), right - inner.left() - theme.space.s, inner.height())
        paint_parts(painter, left, Parts(cell.bold, cell.gray), theme, "table", 600)


def cell_width(cell: Cell, theme: Theme) -> int:
    """Pixels that the cell would take, without its sides."""
    table = theme.font("table")
    match cell:
        case Words(text=text, weight=weight, chip=chip):
            behind = theme.space.s + chip_size(chip, theme).width() if chip else 0
            return width_of(text, theme.font("table", weight)) + behind
        case Number(text=text, gray=gray, weight=weight):
            space = theme.px(4) if gray else 0
            return width_of(text, theme.font("table", weight)) + space + width_of(gray, table)
        case AgentMark(agent=agent, title=title):
            return mark_size(agent, theme).width() + (theme.space.s + width_of(title, table) if title else 0)
        case Dot():
            return theme.px(10)
        case Spark() | GrayBar():
            return theme.px(56)
        case InkBar():
            return theme.px(96)
        case Swatch(text=text):
            return theme.px(15) + width_of(text, table)
        case State(text=text):
            return theme.px(18) + width_of(text, table)
        case ChipCell(text=text):
            return chip_size(text, theme).width()
        case Tick():
            return theme.px(15)
        case Parts(bold=bold, gray=gray, chips=chips):
            parts = [width_of(bold, theme.font("table", 500)), width_of(gray, table) + theme.space.xs if gray else 0]
            return sum(parts) + sum(chip_size(text, theme).width() + theme.space.s for text in chips)
        case _:
            return 0


def paint_cell(painter: QPainter, rect: QRectF, cell: Cell, theme: Theme) -> None:
    """The cell's content in that rectangle."""
    table = theme.font("table")
    match cell:
        case Words(text=text, ink=ink, weight=weight, fixed=fixed, chip=chip, end=end):
            font = theme.fixed() if fixed else theme.font("table", weight)
            cut = Qt.TextElideMode.ElideMiddle if fixed else Qt.TextElideMode.ElideRight
            used = write(painter, rect, text, font, theme.ink(ink), elide=Qt.TextElideMode.ElideLeft if end else cut)
            if chip:
                paint_cell(painter, rect.adjusted(used + theme.space.s, 0, 0, 0), ChipCell(chip), theme)
        case Number():
            _number(painter, rect, cell, theme)
        case AgentMark(agent=agent, title=title):
            width = mark_size(agent, theme).width()
            paint_mark(painter, QRectF(rect.left(), rect.top(), width, rect.height()), agent, theme)
            rest = rect.adjusted(width + theme.space.s, 0, 0, 0)
            write(painter, rest, title, theme.font("table", 500), theme.color("text"))
        case Dot(level=level):
            paint_dot(painter, rect, level, theme.color("text3"), theme)
        case Spark(values=values, top=top):
            height = theme.px(16)
            place = QRectF(rect.left() - 2, rect.top() + (rect.height() - height) / 2, rect.width() + 4, height)
            paint_sparkline(painter, place, values, theme.color("text2"), theme, top)
        case GrayBar(share=share):
            height = theme.px(5)
            place = QRectF(rect.left(), round(rect.top() + (rect.height() - height) / 2), rect.width(), height)
            paint_gauge(painter, place, Gauge(share, past=True), theme)
        case InkBar(share=share, ink=ink):
            height = theme.px(8)
            top = round(rect.top() + (rect.height() - height) / 2)
            if share > 0:
                line(painter, rect.left(), top, max(1.0, rect.width() * min(1.0, share)), height, theme.ink(ink))
        case Swatch(ink=ink, text=text):
            swatch(painter, rect.left(), rect.top() + rect.height() / 2, ink, theme)
            write(painter, rect.adjusted(theme.px(15), 0, 0, 0), text, table, theme.color("text"))
        case State():
            _state(painter, rect, cell, theme)
        case ChipCell(text=text, tone=tone, right=right):
            size = chip_size(text, theme)
            left = rect.right() - size.width() if right else rect.left()
            top = round(rect.top() + (rect.height() - size.height()) / 2)
            paint_chip(painter, QRectF(left, top, size.width(), size.height()), text, tone, theme)
        case Tick(on=on, enabled=enabled):
            top = round(rect.top() + (rect.height() - theme.px(15)) / 2)
            paint_check(painter, rect.left(), top, on, enabled, theme)
        case Parts():
            paint_parts(painter, rect, cell, theme)
        case _:
            return


def _number(painter: QPainter, rect: QRectF, cell: Number, theme: Theme) -> None:
    right, align = rect, Qt.AlignmentFlag.AlignRight
    if cell.gray:
        width = write(painter, rect, cell.gray, theme.font("table"), theme.color("text3"), align)
        right = rect.adjusted(0, 0, -width - theme.px(4), 0)
    write(painter, right, cell.text, theme.font("table", cell.weight), theme.ink(cell.ink), align)


def _state(painter: QPainter, rect: QRectF, cell: State, theme: Theme) -> None:
    """Dot in a ring, diamond, hollow dot or dash: each state has a shape of its own."""
    step, middle = theme.scale, QRectF(rect.left(), rect.top(), theme.px(12), rect.height()).center()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    ink = "text2"
    if cell.kind == "working":
        ink = "goodText"
        painter.setPen(QPen(theme.color("good"), 1.2 * step))
        painter.drawEllipse(middle, 5 * step, 5 * step)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("good"))
        painter.drawEllipse(middle, 2.6 * step, 2.6 * step)
    elif cell.kind == "waiting":
        ink, reach = "text", 4.6 * step
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        x, y = middle.x(), middle.y()
        corners = ((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y))
        painter.drawPolygon(QPolygonF([middle.__class__(a, b) for a, b in corners]))
    elif cell.kind == "gone":
        painter.restore()
        line(painter, middle.x() - 4 * step, middle.y(), 8 * step, max(1, round(step)), theme.color("text3"))
        painter.save()
    else:
        painter.setPen(QPen(theme.color("text3"), 1.2 * step))
        painter.drawEllipse(middle, 3.2 * step, 3.2 * step)
    painter.restore()
    write(painter, rect.adjusted(theme.px(18), 0, 0, 0), cell.text, theme.font("table"), theme.color(ink))
