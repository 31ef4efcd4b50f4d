"""Where a session's numbers come from: its files, records, prices, cache writes, and the check that all adds up."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.ui.session_view import Calls, LogFile, View
from app.ui.widgets.buttons import Button
from app.ui.widgets.cells import Cell, Number, State, Words
from app.ui.widgets.figure_menu import Offer
from app.ui.widgets.notice import Notice, NoticeValue
from app.ui.widgets.property_row import PropertyRow
from app.ui.widgets.surface import Card
from app.ui.widgets.table import Column, Rows, Table

MOST = 5
"""Files that are listed before the rest is one click away."""


class Origins(Card):
    """The last card of the window. Enter on a file shows the calls that stand in it."""

    calls_asked = Signal(object)
    """`Calls` of one file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Where these numbers come from"))
        self.body.setSpacing(0)
        self.notice = Notice()
        self.body.addWidget(self.notice)
        self.rows: list[PropertyRow] = []
        self._labels: tuple[str, ...] = ()
        self._files: tuple[LogFile, ...] = ()
        self._unfolded = False
        columns = [
            Column("", -1, said=self.tr("File")),
            Column("", 0, True, said=self.tr("Calls")),
            Column("", 0, True, said=self.tr("Size")),
            Column("", 0, said=self.tr("State")),
        ]
        self.files = Table(self.tr("Log files"), columns, dense=True, head=False, edge="none")
        self.files.setModel(Rows(columns))
        self.files.fit_rows()
        self.files.offer(self._offer_file)
        self.files.opened.connect(lambda row: self.calls_asked.emit(self._calls_in(row)))
        self.more = Button("", "link")
        self.more.clicked.connect(self._toggle)
        self.body.addSpacing(self.theme.space.s)
        self.body.addWidget(self.files)
        self.body.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def show_view(self, shown: View) -> None:
        self.notice.set_notice(self._said(shown))
        labels = tuple(label for label, _ in shown.rows)
        if labels != self._labels:
            self._labels = labels
            for row in self.rows:
                row.hide()
                row.deleteLater()
            self.rows = [PropertyRow(label) for label in labels]
            for place, row in enumerate(self.rows):
                self.body.insertWidget(1 + place, row)
        for row, (_, value) in zip(self.rows, shown.rows, strict=True):
            row.set_value(value)
        self._files = shown.files
        self._show_files()

    def _said(self, shown: View) -> NoticeValue:
        if not shown.sound:
            title = self.tr("The parts do not add up to the session's cost.")
            return NoticeValue("bad", title, self.tr("Reading the logs anew mends the store: cuenta sync."))
        if shown.files and not any(one.there for one in shown.files):
            title = self.tr("The log is gone.")
            told = self.tr("These numbers were kept when it was read. Where a call stood in it is still known.")
            return NoticeValue("info", title, told)
        return NoticeValue()

    def _show_files(self) -> None:
        shown = self._files if self._unfolded or len(self._files) <= MOST + 1 else self._files[:MOST]
        rows: list[list[Cell]] = []
        for one in shown:
            state = State("idle", self.tr("there")) if one.there else State("gone", self.tr("gone"))
            rows.append([Words(one.path, fixed=True), Number(one.calls), Number(one.size, ink="text2"), state])
        model = self.files.model()
        assert isinstance(model, Rows)
        model.set_rows(rows)
        self.files.measure()
        self.files.setAccessibleDescription("; ".join(f"{one.path}, {one.calls}, {one.size}" for one in shown))
        many = len(self._files) > MOST + 1
        self.more.setVisible(many)
        if many:
            told = self.tr("Show all {n} files").format(n=len(self._files))
            self.more.setText(self.tr("Show fewer") if self._unfolded else told)
            self.more.updateGeometry()

    def _calls_in(self, row: int) -> Calls:
        return Calls("file", self._files[row].key, self._files[row].path)

    def _offer_file(self, row: int) -> Offer:
        return Offer(lambda: self.calls_asked.emit(self._calls_in(row)), self._files[row].path)

    @Slot()
    def _toggle(self) -> None:
        self._unfolded = not self._unfolded
        self._show_files()
