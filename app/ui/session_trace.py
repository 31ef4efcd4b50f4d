"""The trace of one call, read like an invoice: record, what was folded into it, amount, price row."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ui.keys import Told
from app.ui.session_page import Page, Scrolled
from app.ui.session_trace_view import TraceView
from app.ui.session_view import kind_ink
from app.ui.widgets.base import Painted, line
from app.ui.widgets.buttons import Button
from app.ui.widgets.cells import Cell, Dot, Number, Swatch, Words
from app.ui.widgets.certainty import Certainty
from app.ui.widgets.figure_menu import Offer
from app.ui.widgets.heading import Heading
from app.ui.widgets.label import Label
from app.ui.widgets.mark import Mark
from app.ui.widgets.property_row import PropertyRow
from app.ui.widgets.surface import Hairline
from app.ui.widgets.table import Column, Rows, Table
from app.ui.widgets.two_part import TwoPart

WIDTH = 596
_LABELS = 76


class TracePanel(Painted):
    """Esc closes it, ← → go from call to call, ↑ to the session's sum, ↓ into its parts, Ctrl+C copies all of it."""

    closed = Signal()
    moved = Signal(int)
    """By so many calls."""
    left = Signal()
    """Up, to the sum that the call is a part of."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._text = ""
        self._sections: list[QVBoxLayout] = []
        self._mark, self._title, self._line = Mark(), TwoPart(role="title"), Label(role="table", ink="text2", wrap=True)
        self._amount, self._certainty = Label(role="figure"), Certainty()
        self.close_button = Button("×", "flat")
        self.close_button.setAccessibleName(self.tr("Close"))
        self.close_button.setToolTip(self.tr("Close (Esc)"))
        self.close_button.clicked.connect(self.closed)
        self.older, self.newer = Button("‹", "flat"), Button("›", "flat")
        for button, name, step in ((self.older, self.tr("Call before"), -1), (self.newer, self.tr("Next call"), 1)):
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.clicked.connect(lambda _=False, step=step: self.moved.emit(step))
        self._gone = Label(role="table", ink="text2", wrap=True)
        self._record, self._price = _Rows(), _Rows()
        self._usage = ""
        self.usage_button = Button("", "link")
        self.usage_button.clicked.connect(lambda: self._show_usage(self.usage.isHidden()))
        self.usage = Label(ink="text2", wrap=True, fixed=True)
        self.usage.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.usage.hide()
        self.usage.setAccessibleName(self.tr("Usage object"))
        self._folded = Label(role="table", ink="text3")
        columns = [
            Column("", 0, True, said=self.tr("Place")),
            Column("", 0, said=self.tr("Chain")),
            Column("", 0, True, said=self.tr("Tokens")),
            Column("", -1, said=self.tr("What became of it")),
        ]
        self.copies = _Within(self.tr("Folded"), columns, dense=True, head=False, edge="none")
        self.copies.setModel(Rows(columns))
        self.copies.fit_rows()
        self.copies.offer(lambda _row: Offer(), copies="")
        columns = [
            Column(self.tr("Kind"), -1),
            Column(self.tr("Tokens"), 0, True),
            Column(self.tr("Price"), 0, True),
            Column(self.tr("Amount"), 0, True),
            Column("", 30, said=self.tr("Certainty")),
        ]
        self.amounts = _Within(self.tr("Amount"), columns, dense=True, edge="none")
        self.amounts.setModel(Rows(columns))
        self.amounts.fit_rows()
        self._exact: list[str] = []
        self.amounts.offer(lambda row: Offer(None, self._exact[row]), copies="")  # here Ctrl+C copies all of it
        self._cause = Label(role="table", ink="text2", wrap=True)
        self._missing = Label(role="table", ink="text2", wrap=True)
        self.up = Button("", "link")
        self.up.setToolTip(self.tr("What it is a part of (↑)"))
        self.up.clicked.connect(self.left)
        self.copy_button = Button(self.tr("Copy as text"))
        self.copy_button.clicked.connect(self.copy)
        self._build()
        self.restyle()

    def _build(self) -> None:
        page = Page("surface")
        self._page = QVBoxLayout(page)
        head = QHBoxLayout()
        head.addWidget(self._mark)
        head.addWidget(self._title, 1)
        head.addWidget(self.older)
        head.addWidget(self.newer)
        head.addWidget(self.close_button)
        self._head = head
        self._page.addLayout(head)
        sums = QHBoxLayout()
        sums.addWidget(self._line, 1, Qt.AlignmentFlag.AlignTop)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._amount, 0, Qt.AlignmentFlag.AlignRight)
        right.addWidget(self._certainty, 0, Qt.AlignmentFlag.AlignRight)
        sums.addLayout(right)
        self._page.addLayout(sums)
        charged = Label(self.tr("tokens × dollars per million"), "table", "text3")
        self._section(self.tr("Record"), self.usage_button, self._record, self._gone, self.usage)
        self._section(self.tr("Folded"), self._folded, self.copies)
        self._section(self.tr("Amount"), charged, self.amounts, self._missing)
        self._section(self.tr("Price row"), None, self._price)
        self._page.addWidget(Hairline())
        foot, said = QHBoxLayout(), QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(self._cause)
        said.addWidget(self.up, 0, Qt.AlignmentFlag.AlignLeft)
        foot.addLayout(said, 1)
        foot.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignTop)
        self._page.addLayout(foot)
        self._page.addStretch(1)
        self.area = _Leaf(page)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(1, 0, 0, 0)
        whole.addWidget(self.area)
        for before, after in (
            (self.older, self.newer),
            (self.newer, self.close_button),
            (self.close_button, self.usage_button),
            (self.usage_button, self.copies),
            (self.copies, self.amounts),
            (self.amounts, self.up),
            (self.up, self.copy_button),
        ):
            QWidget.setTabOrder(before, after)

    def _section(self, title: str, right: QWidget | None, *widgets: QWidget) -> None:
        self._page.addWidget(Hairline())
        inner, head = QVBoxLayout(), QHBoxLayout()
        self._sections.append(inner)
        head.addWidget(Heading(title))
        head.addStretch(1)
        if right is not None:
            head.addWidget(right)
        inner.addLayout(head)
        for one in widgets:
            inner.addWidget(one)
        self._page.addLayout(inner)

    def restyle(self) -> None:
        super().restyle()
        space = self.theme.space
        if hasattr(self, "_page"):
            self._page.setContentsMargins(space.l + space.xs, space.l, space.l + space.xs, space.l)
            self._page.setSpacing(space.m)
            for one in self._sections:
                one.setSpacing(space.xs)
            self._head.setSpacing(space.s)
            for button in (self.older, self.newer, self.close_button):
                button.setFixedWidth(self.theme.control)

    def show_trace(self, shown: TraceView) -> None:
        page, self._text, self._usage = shown.page, shown.text, shown.page.usage
        self._mark.set_agent(page.source)
        self._title.set_parts(page.title, page.of)
        line = " · ".join(page.where)
        self._line.set_text(line)
        self._amount.set_text(page.amount)
        self._certainty.set_level(page.label)
        self._certainty.setVisible(bool(page.exact))
        self._gone.set_text(page.gone)
        self._gone.setVisible(bool(page.gone))
        self._record.set_rows(page.record, path=0)
        self._show_usage(False)
        self._price.set_rows(page.price)
        self._folded.set_text(page.folded)
        copies: list[list[Cell]] = [
            [
                Number(one.place, ink="text3"),
                Words(one.kind),
                Number(one.output),
                Words(one.file, "text2", end=True)
                if one.file
                else Words(one.why, "text" if one.kept else "text2", 600 if one.kept else 400),
            ]
            for one in page.copies
        ]
        _rows(self.copies).set_rows(copies)
        amounts: list[list[Cell]] = [
            [
                Swatch(kind_ink(one.key), one.title),
                Number(one.tokens),
                Number(one.price, ink="text2"),
                Number(one.amount),
                Dot(page.label) if page.exact else None,
            ]
            for one in page.lines
        ]
        self._exact = [*(one.exact for one in page.lines), page.exact]
        tokens, amount = page.total
        total: list[Cell] = [
            Words(self.tr("Total"), weight=600),
            Number(tokens, weight=600),
            Number(""),
            Number(amount, weight=600),
            Dot(page.label) if page.exact else None,
        ]
        _rows(self.amounts).set_rows([*amounts, total])
        self.copies.measure()
        self.amounts.measure()
        self._missing.set_text(page.missing)
        self._missing.setVisible(bool(page.missing))
        self._cause.set_text(page.cause)
        self._cause.setVisible(bool(page.cause))
        self.up.setText(shown.up)
        self.say(f"{page.title} {page.of}", f"{page.amount}. {line}. {page.missing} {page.cause}".strip())

    def _show_usage(self, on: bool) -> None:
        """The counts as the log has them, below the record; the button turns it on and off."""
        self.usage_button.setVisible(bool(self._usage))
        self.usage_button.setText(self.tr("Hide the usage object") if on else self.tr("Show the usage object"))
        self.usage_button.updateGeometry()
        self.usage.set_text(self._usage if on else "")
        self.usage.setVisible(on)

    @property
    def text(self) -> str:
        """What Copy copies."""
        return self._text

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)

    def keys_place(self) -> str:
        return self.tr("In an origin")

    def keys_told(self) -> tuple[Told, ...]:
        return (
            Told("Left Right", self.tr("Call before, call after")),
            Told("Up", self.tr("To the sum it is a part of")),
            Told("Down", self.tr("Into its parts")),
            Told("Ctrl+C", self.tr("Copy all of it")),
            Told("Esc", self.tr("Close the origin")),
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape or key == Qt.Key.Key_Backspace:
            self.closed.emit()
        elif key == Qt.Key.Key_Up and not event.modifiers():
            self.left.emit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.moved.emit(1 if key == Qt.Key.Key_Right else -1)
        elif key == Qt.Key.Key_Down and not event.modifiers():
            self.amounts.setFocus(Qt.FocusReason.OtherFocusReason)
            self.amounts.choose(0)
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def draw(self, painter: QPainter) -> None:
        painter.fillRect(QRectF(self.rect()), self.theme.color("surface"))
        line(painter, 0, 0, 1, self.height(), self.theme.color("lineStrong"))


class _Leaf(Scrolled):
    """Page keys scroll it; all arrows are the panel's."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()
        else:
            super().keyPressEvent(event)


class _Within(Table):
    """A table that leaves the panel its keys: ← and → to the next call, and ↑ above its first row."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        above = event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0
        if above or event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)


def _rows(table: Table) -> Rows:
    model = table.model()
    assert isinstance(model, Rows)
    return model


class _Rows(QWidget):
    """Labels and values, as many as there are."""

    def __init__(self) -> None:
        super().__init__()
        self._made: list[PropertyRow] = []
        self._labels: tuple[str, ...] = ()
        self._all = QVBoxLayout(self)
        self._all.setContentsMargins(0, 0, 0, 0)
        self._all.setSpacing(0)

    def set_rows(self, rows: tuple[tuple[str, str], ...], path: int = -1) -> None:
        """`path` is the place of a row that is one."""
        labels = tuple(label for label, _ in rows)
        if labels != self._labels:
            for one in self._made:
                one.hide()
                one.deleteLater()
            self._labels = labels
            self._made = [
                PropertyRow(one, label_width=_LABELS, fixed=place == path) for place, one in enumerate(labels)
            ]
            for one in self._made:
                self._all.addWidget(one)
        for one, (_, value) in zip(self._made, rows, strict=True):
            one.set_value(value)
