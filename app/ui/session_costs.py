"""What a session cost, three times: by model, by sub-agent, by kind of token. Each list adds up to its stated total."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app import formats
from app.ui.appearance import appearance
from app.ui.session_view import Calls, Group, Share, View
from app.ui.widgets.buttons import Button
from app.ui.widgets.cells import CELL, SIDE, Cell, InkBar, Number, Swatch, Words, cell_width
from app.ui.widgets.certainty import Level
from app.ui.widgets.figure_menu import Offer
from app.ui.widgets.heading import Heading
from app.ui.widgets.split_bar import Part, SplitBar
from app.ui.widgets.surface import Card
from app.ui.widgets.table import Column, Rows, Table

MOST = 8
"""Rows of a list before the rest is one row."""
_SIDE_BY_SIDE = 880
"""Width at 100 % from which the lists stand side by side."""


class CostTable(Table):
    """Rows without a head, as high as they are many. Enter shows the calls that a row adds up."""

    calls_asked = Signal(object)
    """`Calls`: those of a row."""
    of = ""
    """What its rows are: `model`, `subagent` or `kind`."""
    bar_column = -1
    """Which column is a bar, if any; the one before it is a gray remark."""

    def __init__(self, name: str, columns: list[Column]) -> None:
        super().__init__(name, columns, dense=True, head=False, edge="none")
        self.shares: tuple[Share, ...] = ()
        self.setModel(Rows(columns))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.fit_rows()
        self.offer(self._offer_row, copies="value")
        self.opened.connect(self._open)

    def show_rows(self, shares: tuple[Share, ...], rows: list[list[Cell]]) -> None:
        self.shares = shares
        model = self.model()
        assert isinstance(model, Rows)
        model.set_rows(rows)
        self.measure()
        said = "; ".join(f"{one.title} {one.remark} {one.amount}" for one in shares)
        self.setAccessibleDescription(said)

    def _offer_row(self, row: int) -> Offer:
        share = self.shares[row] if row < len(self.shares) else None
        if share is None:
            return Offer()
        wanted = Calls(self.of, share.key, share.title)
        return Offer((lambda: self.calls_asked.emit(wanted)) if share.key is not None else None, share.exact)

    def _open(self, row: int) -> None:
        offer = self.offer_of(row)
        if offer.origin is not None:
            offer.origin()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_T:
            event.ignore()  # the window's, not a letter to look for
        else:
            super().keyPressEvent(event)

    def measure(self) -> None:
        """A gray remark that has no room takes some of the bar's."""
        super().measure()
        model, bar = self.model(), self.bar_column
        if model is None or bar < 1:
            return
        theme = appearance().theme
        needed = max((cell_width(one.data(CELL), theme) for one in self._remarks(bar - 1)), default=0)
        lacking = needed + 2 * theme.px(SIDE) + 1 - self.columnWidth(bar - 1)
        given = min(max(0, lacking), max(0, self.columnWidth(bar) - theme.px(36)))
        if given:
            self.setColumnWidth(bar - 1, self.columnWidth(bar - 1) + given)
            self.setColumnWidth(bar, self.columnWidth(bar) - given)

    def _remarks(self, column: int) -> list[QModelIndex]:
        model = self.model()
        return [model.index(row, column) for row in range(model.rowCount())]

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.height())


class _Spaced(QWidget):
    """A column whose spacing follows the text size."""

    def __init__(self, name: str, steps: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._steps = steps
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        appearance().changed.connect(self.restyle)
        self.restyle()

    @Slot()
    def restyle(self) -> None:
        self.column.setSpacing(getattr(appearance().theme.space, self._steps))


class CostList(_Spaced):
    """A list with bars: name, remark, bar, amount."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, "xs", parent)
        self._whole = False
        self._group = Group("", "", "", ())
        self.heading = Heading(name)
        columns = [
            Column("", 0, said=self.tr("Name")),
            Column("", -1, said=self.tr("Calls")),
            Column("", 148, said=self.tr("Share")),
            Column("", 0, True, said=self.tr("Cost")),
        ]
        self.table = CostTable(name, columns)
        self.table.bar_column = 2
        self.more = Button("", "link")
        self.more.clicked.connect(self._toggle)
        self.column.addWidget(self.heading)
        self.column.addWidget(self.table)
        self.column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def set_group(self, group: Group) -> None:
        self._group = group
        self.table.of = group.of
        self._show()

    def _show(self) -> None:
        group = self._group
        self.heading.set_title(group.title, group.total)
        shares = (
            group.rows if self._whole or len(group.rows) <= MOST + 1 else _folded(group.rows, self.tr("{n} others"))
        )
        most = max((one.cost for one in shares), default=0)
        rows: list[list[Cell]] = [
            [
                Words(one.title),
                Words(one.remark, "text3"),
                InkBar(one.cost / most if most else 0, one.ink),
                Number(one.amount),
            ]
            for one in shares
        ]
        self.table.show_rows(tuple(shares), rows)
        many = len(group.rows) > MOST + 1
        self.more.setVisible(many)
        if many:
            title = self.tr("Show fewer") if self._whole else self.tr("Show all {n}").format(n=len(group.rows))
            self.more.setText(title)
            self.more.updateGeometry()

    @Slot()
    def _toggle(self) -> None:
        self._whole = not self._whole
        self._show()


def _folded(rows: tuple[Share, ...], title: str) -> list[Share]:
    """The first few and one row for the rest, so that the list still adds up."""
    rest = rows[MOST:]
    cost = sum(one.cost for one in rest)
    unpriced = sum(one.unpriced for one in rest)
    label = max((one.label for one in rest), key=get_args(Level).index)
    at_least = any(one.at_least for one in rest)
    amount = formats.amount(cost, unpriced, label, at_least=at_least)
    return [
        *rows[:MOST],
        Share(title.format(n=len(rest)), "", cost, amount, None, "part:tools", unpriced, label, at_least),
    ]


class KindList(_Spaced):
    """One bar split by kind, and its parts below it. Bar and rows point at each other."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, "s", parent)
        self.heading = Heading(name)
        self.bar = SplitBar(14, focusable=True)
        columns = [
            Column("", -1, said=self.tr("Kind")),
            Column("", 0, True, said=self.tr("Tokens")),
            Column("", 0, True, said=self.tr("Share")),
            Column("", 0, True, said=self.tr("Cost")),
        ]
        self.table = CostTable(name, columns)
        self.bar.pointed.connect(self.table.choose)
        self.bar.offer_origin = True
        self.bar.origin_asked.connect(self.table.opened)
        self.table.chosen.connect(self.bar.set_chosen)
        self.column.addWidget(self.heading)
        self.column.addWidget(self.bar)
        self.column.addWidget(self.table)

    def set_group(self, group: Group) -> None:
        self.table.of = group.of
        self.heading.set_title(group.title, group.total)
        whole = sum(one.cost for one in group.rows)
        parts: list[Part] = []
        rows: list[list[Cell]] = []
        for one in group.rows:
            share = formats.percent(one.cost, whole) if whole and one.cost else formats.NONE
            said = f"{one.title}, {one.amount}, {share}"
            parts.append(Part(one.cost, one.ink, said, exact=one.exact))
            rows.append(
                [
                    Swatch(one.ink, one.title),
                    Number(one.remark, ink="text2"),
                    Number(share, ink="text2"),
                    Number(one.amount),
                ]
            )
        self.bar.set_parts(group.title, parts)
        self.bar.setVisible(bool(whole))
        self.table.show_rows(group.rows, rows)


class Costs(Card):
    """Side by side where there is room, below one another where there is not."""

    calls_asked = Signal(object)
    """`Calls` that a sum adds up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName(self.tr("What it cost"))
        self.models = CostList(self.tr("Cost by model"))
        self.subagents = CostList(self.tr("Cost by sub-agent"))
        self.kinds = KindList(self.tr("Cost by token kind"))
        for one in (self.models, self.subagents, self.kinds):
            one.table.calls_asked.connect(self.calls_asked)
        self._left = left = QVBoxLayout()
        left.addWidget(self.models)
        left.addWidget(self.subagents)
        self._columns = QHBoxLayout()
        self._columns.addLayout(left, 1)
        self._columns.addWidget(self.kinds, 1)
        self._columns.setAlignment(left, Qt.AlignmentFlag.AlignTop)
        self._columns.setAlignment(self.kinds, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(self._columns)
        self.restyle()

    def show_view(self, shown: View) -> None:
        self.models.set_group(shown.by_model)
        self.subagents.setVisible(shown.by_subagent is not None)
        if shown.by_subagent is not None:
            self.subagents.set_group(shown.by_subagent)
        self.kinds.set_group(shown.by_kind)

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_columns"):
            self._left.setSpacing(self.theme.space.l)
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        wide = self.width() >= self.theme.px(_SIDE_BY_SIDE)
        way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._columns.setSpacing(self.theme.space.xxl if wide else self.theme.space.l)
        if self._columns.direction() != way:
            self._columns.setDirection(way)
