"""The first run: one sentence of what Cuenta does, one of privacy, what was found, and the reading as it goes on."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QCloseEvent, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app import autostart, formats
from app.diagnostics import KnownError, log
from app.model.meters import Meters
from app.report.sources import Line, look
from app.report.zone import local_zone
from app.settings import Notes, change
from app.ui.appearance import appearance
from app.ui.live import Throttle
from app.ui.preferences import preferences
from app.ui.settings_pages.adding import Adding
from app.ui.settings_pages.parts import Fixed, Pair
from app.ui.settings_pages.scrolled import Scrolled
from app.ui.settings_pages.source_rows import SourceRows
from app.ui.tray_icon import tray_pixmap
from app.ui.tray_view import State, waiting
from app.ui.widgets.base import Painted
from app.ui.widgets.buttons import Button
from app.ui.widgets.choices import CheckBox
from app.ui.widgets.label import Label
from app.ui.widgets.notice import Notice, NoticeValue
from app.ui.widgets.surface import Hairline
from app.ui.windows import OVERVIEW, SETTINGS, Context

_LOOK_EVERY = 3_000
"""Milliseconds between two looks at the folders while logs are read."""


class FirstRunWindow(QWidget):
    """Shown once. It only shows and switches; the reading goes on whether it is open or not."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._preferences = preferences(context.machine)
        self._lines: tuple[Line, ...] | None = None
        self.setWindowTitle(self.tr("Welcome"))
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.adding = Adding(context, self)
        self._inside = _Inside()
        self._inside.setAccessibleName(self.tr("Welcome"))
        self._inside.setProperty("ground", "none")
        self._inside.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._page = QVBoxLayout(self._inside)
        self._area = Scrolled()
        self._area.setWidget(self._inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._area, 1)
        whole.addWidget(Hairline())
        self._footer = self._foot()
        whole.addWidget(self._footer)
        self._fill()
        appearance().changed.connect(self._restyle)
        self._restyle()
        self._throttle = Throttle(_LOOK_EVERY, self.refresh, self)
        context.changed.connect(self._changed)
        self._preferences.changed.connect(self.refresh)
        self.show_meters(context.meters())
        self.open.setFocus()

    # --- its parts, from the top

    def _fill(self) -> None:
        self.title = Label(self.tr("Cuenta reads the logs your agents already write"), "page", wrap=True)
        promise = self.tr("You see what they cost and why. Nobody else does: it never uses the network.")
        self.promise = Label(promise, "body", "text2", wrap=True)
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.title)
        column.addWidget(self.promise)
        self._head = QHBoxLayout()
        self._head.addWidget(_Sign(), 0, Qt.AlignmentFlag.AlignVCenter)
        self._head.addWidget(words, 1)
        self.found = Label(self.tr("Found on this computer"), "heading")
        self.add = Button(self.tr("Add a folder…"), "link")
        self.add.clicked.connect(self.adding.ask)
        self.news = Notice(parent=self._inside)
        self.news.hide()
        self.adding.told.connect(self.news.set_notice)
        self.rows = SourceRows(self._context.machine, lambda: local_zone(self._context.machine), ("files",), row=35)
        self.rows.switched.connect(self._switch)
        self.nothing = _Nothing()
        self.nothing.add.clicked.connect(self.adding.ask)
        self.nothing.hide()
        self.reading = Label(role="table", weight=600)
        self.so_far = Label(role="table", ink="text2", wrap=True)
        self.files = Label(role="table", ink="text2")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Reading"))
        self._progress = Pair(Pair(self.reading, self.so_far, gap=4, spread=False), self.files, least=400)
        self.login = CheckBox(self.tr("Start at login"))
        self.login.setChecked(True)
        told = self.tr("Opens quietly in the tray. Nothing runs as a service. It is told to your system in {place}.")
        self.login.setToolTip(told.format(place=autostart.place(self._context.machine)))
        if not autostart.available(self._context.machine):
            self.login.hide()
        self._page.addLayout(self._head)
        self._page.addSpacing(18)
        self._found_head = Pair(self.found, self.add)
        self._page.addWidget(self._found_head)
        self._page.addWidget(self.news)
        self._page.addWidget(self.rows)
        self._page.addWidget(self.nothing)
        self._page.addSpacing(16)
        self._page.addWidget(self._progress)
        self._page.addSpacing(8)
        self._page.addWidget(self.bar)
        self._page.addSpacing(14)
        self._page.addWidget(self.login)
        self._page.addStretch(1)

    def _foot(self) -> QWidget:
        verify = Button(self.tr("How to verify that nothing leaves"), "link")
        verify.clicked.connect(lambda: self._context.open_window(SETTINGS, "privacy"))
        end = Button(self.tr("Quit"))
        end.clicked.connect(QApplication.quit)
        self.open = Button(self.tr("Open Overview"), "primary")
        self.open.clicked.connect(self._open_overview)
        self.open.setDefault(True)
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(end)
        row.addWidget(self.open)
        buttons.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        footer = QWidget()
        line = QHBoxLayout(footer)
        line.addWidget(Pair(verify, buttons), 1)
        return footer

    @Slot()
    def _restyle(self) -> None:
        theme = appearance().theme
        side = min(theme.px(56), max(24, self.width() // 13))
        self._page.setContentsMargins(side, theme.px(30), side, theme.px(12))
        self._head.setSpacing(theme.px(20))
        layout = self._footer.layout()
        if layout is not None:
            layout.setContentsMargins(side, theme.px(14), side, theme.px(14))
        self.bar.setFixedHeight(theme.px(6))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._restyle()

    # --- what was found, and how far it is read

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Looks at the folders."""
        machine, settings, over = self._context.machine, self._preferences.now, self._context.background.is_stopped
        self._context.ask(
            lambda connection: look(connection, machine, settings, Notes(), over), self.show_lines, self, self._failed
        )

    def _failed(self, error: Exception) -> None:
        if isinstance(error, KnownError):
            self.news.set_notice(NoticeValue("bad", error.title, error.hint))
            return
        log.error("The folders could not be looked at", exc_info=error)
        words = self.tr("The folders could not be looked at"), self.tr("cuenta.log says why.")
        self.news.set_notice(NoticeValue("bad", *words))

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        """Shows the agents that were found, or where was looked."""
        self._lines = lines
        found = [line for line in lines if line.found]
        self.rows.set_lines(found)
        self.rows.setVisible(bool(found))
        self._found_head.setVisible(bool(found))
        self.nothing.setVisible(not found)
        for one in (self._progress, self.bar):
            one.setVisible(bool(found))
        if not found:
            short = self._context.machine.short
            self.nothing.show_folders([short(one.path) for line in lines for one in line.folders])
        self.show_meters(self._context.meters())

    def show_meters(self, meters: Meters | None) -> None:
        """Shows how far the reading is."""
        done, of = (0, 0) if meters is None else meters.reading or (0, 0)
        if meters is not None and meters.reading is None:
            self._show_read(meters)
            return
        self.reading.set_text(self.tr("Reading today first"))
        spent = (
            ""
            if meters is None or not meters.calls
            else formats.amount(meters.today, meters.unpriced, meters.label, at_least=meters.at_least)
        )
        older = self.tr("older days follow in the background")
        self.so_far.set_text(
            self.tr("{amount} found so far; {older}").format(amount=spent, older=older) if spent else older
        )
        files = formats.counted(of, self.tr("file"), self.tr("files"))
        self.files.set_text(self.tr("{done:,} of {files}").format(done=done, files=files) if of else "")
        self.bar.setRange(0, max(1, of))
        self.bar.setValue(done)
        self.bar.setAccessibleDescription(self.files.text())

    def _show_read(self, meters: Meters) -> None:
        self.reading.set_text(self.tr("Everything is read"))
        spent = formats.amount(meters.today, meters.unpriced, meters.label, at_least=meters.at_least)
        self.so_far.set_text(
            self.tr("{amount} today").format(amount=spent) if meters.calls else self.tr("no call today")
        )
        files = sum(line.files for line in self._lines or () if line.on)
        self.files.set_text(formats.counted(files, self.tr("file"), self.tr("files")) if files else "")
        self.bar.setRange(0, 1)
        self.bar.setValue(1)
        self.bar.setAccessibleDescription(self.tr("Everything is read"))

    def _changed(self, meters: Meters) -> None:
        if self.isVisible():
            self.show_meters(meters)
            self._throttle.call()

    # --- what the user does

    def _switch(self, source: str, on: bool) -> None:
        off = [one for one in self._preferences.now.sources_off if one != source]
        try:
            self._preferences.change(sources_off=tuple(off if on else [*off, source]))
        except KnownError as error:
            self.news.set_notice(NoticeValue("bad", error.title, error.hint))
            lines, self._lines = self._lines or (), None
            self.rows.set_lines(())
            self.show_lines(lines)

    def _open_overview(self) -> None:
        """The box about login holds from here on: whoever closes the window has agreed to nothing."""
        if not self.login.isHidden():
            try:
                if self.login.isChecked() != autostart.is_on(self._context.machine):
                    autostart.switch(self._context.machine, self.login.isChecked())
            except KnownError as error:
                self.news.set_notice(NoticeValue("bad", error.title, error.hint))
                self.login.setChecked(False)
                return
        self._context.open_window(OVERVIEW)
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        try:
            change(self._context.machine, Notes, welcomed=True)
        except KnownError as error:  # it is shown once more
            log.warning("%s", error)
        super().closeEvent(event)


class _Inside(QWidget):
    def minimumSizeHint(self) -> QSize:
        """The height follows from the width."""
        return QSize(super().minimumSizeHint().width(), 0)


class _Sign(Painted):
    """The sign of the program, as in the tray."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.say("Cuenta", "")

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(44), self.theme.px(44))

    def draw(self, painter: QPainter) -> None:
        sign = waiting()._replace(state=State.LIVE, fill=0.72)
        size, ratio = min(self.width(), self.height()), self.devicePixelRatioF()
        painter.drawPixmap(QRectF(0, 0, size, size), tray_pixmap(sign, size, self.theme, True, ratio), QRectF())


class _Nothing(QWidget):
    """Nobody's logs were found: where was looked, and what can be done."""

    def __init__(self) -> None:
        super().__init__()
        self.add = Button(self.tr("Add a folder…"))
        self._folders = QVBoxLayout()
        self._folders.setSpacing(2)
        self._shown: list[str] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Label(self.tr("No agent logs found"), "heading", wrap=True))
        words = self.tr("This fills by itself as soon as an agent writes one. These folders were looked at:")
        column.addWidget(Label(words, "table", "text2", wrap=True))
        column.addLayout(self._folders)
        column.addSpacing(6)
        column.addWidget(self.add)

    def show_folders(self, folders: list[str]) -> None:
        if folders == self._shown:
            return
        self._shown = folders
        while (item := self._folders.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for one in folders:
            self._folders.addWidget(Fixed(one))
