"""Sources: which agents' logs are read, from which folders, and how that goes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import __version__, formats
from app.diagnostics import KnownError
from app.report import drift
from app.report.names import evidence_name
from app.report.sources import Line, look
from app.report.zone import local_zone
from app.settings import Notes, load
from app.ui.live import Throttle
from app.ui.settings_pages.adding import Adding
from app.ui.settings_pages.page import Page
from app.ui.settings_pages.parts import Fixed, Pair, side_by_side
from app.ui.settings_pages.source_rows import SourceRows
from app.ui.widgets.buttons import Button
from app.ui.widgets.label import Label
from app.ui.widgets.loading_rows import LoadingRows
from app.ui.widgets.notice import Notice, NoticeValue
from app.ui.windows import DOCTOR, Context

FIRST_MISSING = 6
"""Agents that left nothing here: so many have a row where nothing else has, or where there are no more."""
_LOOK_EVERY = 5_000
"""Milliseconds between two looks while agents write: each one walks through their folders."""

_PLACES = 12
"""Files that are shown of those that hold lines of an unknown kind, the newest first."""


class SourcesPage(Page):
    """Looks anew when it is shown, when something was read, and when it is asked to."""

    def __init__(self, context: Context) -> None:
        tr = QCoreApplication.translate
        again = Button(tr("SourcesPage", "Look again"))
        add = Button(tr("SourcesPage", "Add a folder…"))
        health = Button(tr("SourcesPage", "Health"))
        health.setToolTip(tr("SourcesPage", "Sources and health"))
        remark = tr("SourcesPage", "Files are opened read-only. Nothing anybody wrote is kept.")
        super().__init__(context, tr("SourcesPage", "Sources"), remark, side_by_side(again, health, add))
        self.lines: tuple[Line, ...] = ()
        self._opened: set[str] = set()
        """Agents whose places of an unknown kind are shown."""
        self.adding = Adding(context, self)
        self.adding.told.connect(self._tell)
        add.clicked.connect(self.adding.ask)
        again.clicked.connect(self._look_again)
        self.health = health
        health.clicked.connect(lambda: context.open_window(DOCTOR))
        self.rows = SourceRows(
            context.machine, lambda: local_zone(context.machine), ("files", "calls", "last", "evidence", "state")
        )
        self.rows.switched.connect(self._switch)
        self.rows.hide()
        self.more = Button("", "link")
        self.more.clicked.connect(self._show_missing)
        self.more.hide()
        self._all_missing = False
        self.waiting = LoadingRows(3)
        self.waiting.begin()
        self._levels = Label(role="caption", ink="text3", wrap=True)
        levels = ". ".join(f"{level}: {evidence_name(level, self.tr)}" for level in "ABC")
        self._levels.set_text(self.tr("Evidence {levels}.").format(levels=levels))
        self._levels.hide()
        self.news = Notice("info", parent=self)
        self.news.hide()
        self._added, self._notices, self._deleting = (_Stack() for _ in range(3))
        for widget, space in (
            (self.waiting, 0),
            (self.rows, 6),
            (self.more, 6),
            (self._levels, 10),
            (self.news, 8),
            (self._added, 8),
            (self._notices, 16),
            (self._deleting, 0),
        ):
            self.body.addWidget(widget)
            self.body.addSpacing(space)
        self._throttle = Throttle(_LOOK_EVERY, self.refresh, self)
        context.changed.connect(self._something_changed)
        self.preferences.changed.connect(self.refresh)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Asks how things are."""
        machine, settings = self.context.machine, self.preferences.now

        def work(connection: sqlite3.Connection) -> tuple[Line, ...]:
            try:
                notes = load(machine, Notes)
            except KnownError:
                notes = Notes()
            return look(connection, machine, settings, notes, self.context.background.is_stopped)

        self.context.ask(work, self.show_lines, self, self._failed)

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        """Shows what was found."""
        if lines == self.lines and not self.rows.isHidden():
            return
        self.lines = lines
        self.waiting.end()
        self.waiting.hide()
        self._list()
        self.rows.show()
        self._levels.show()
        added = [self._added_row(line, one.path) for line in lines for one in line.folders if one.added]
        self._added.fill([*added, *(self._confirmed_row(line) for line in lines if line.confirmed and line.found)])
        self._notices.fill([notice for line in lines if line.on for notice in self._notices_of(line)])
        self._deleting.fill(
            [self._deletes(line, days) for line in lines if line.found and (days := line.deletes_after_days)]
        )

    def show_settings(self) -> None:
        """A refused change: the boxes show again what holds."""
        self.rows.set_lines(())
        self._list()

    @property
    def listed(self) -> tuple[Line, ...]:
        """Those with a row: fifty agents that left nothing here would hide the two that did."""
        missing = [
            line for line in self.lines if line.state == "missing" and not any(one.added for one in line.folders)
        ]
        if self._all_missing or len(missing) <= FIRST_MISSING:
            return self.lines
        kept = missing[:FIRST_MISSING] if len(missing) == len(self.lines) else []
        return tuple(line for line in self.lines if line in kept or line not in missing)

    def _list(self) -> None:
        self.rows.set_lines(self.listed)
        rest = len(self.lines) - len(self.listed)
        self.more.setVisible(rest > 0)
        self.more.setText(self.tr("Show {n} more that were not found").format(n=f"{rest:,}"))

    def _show_missing(self) -> None:
        self._all_missing = True
        self._list()

    # --- what is below the table

    def _added_row(self, line: Line, folder: Path) -> QWidget:
        shown = self.context.machine.short(folder)
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Label(self.tr("Added for {agent}").format(agent=line.title), "table", "text2"))
        column.addWidget(Fixed(shown, "text"))
        button = Button(self.tr("Remove"))
        button.setAccessibleName(self.tr("Remove {folder}").format(folder=shown))
        button.setAccessibleDescription(self.tr("It is read no more; the numbers it gave stay."))
        button.setToolTip(self.tr("It is read no more; the numbers it gave stay."))
        button.clicked.connect(lambda: self._remove(line.source, folder))
        return Pair(words, button, least=160)

    def _notices_of(self, line: Line) -> list[Notice]:
        made = [*self._unreadable(line), *self._unknown(line), *self._unlike(line), *self._unverified(line)]
        for notice in made:
            notice.action.connect(lambda key: self._notice_action(key, line))
        return made

    def _unreadable(self, line: Line) -> Iterator[Notice]:
        if not line.unreadable:
            return
        path, why = line.unreadable[0]
        count = formats.counted(len(line.unreadable), self.tr("file"), self.tr("files"))
        title = self.tr("{agent}: {files} cannot be read").format(agent=line.title, files=count)
        text = self.tr("{path}: {why}. What is in there is missing from the totals; it is tried again every hour.")
        words = text.format(path=self.context.machine.short(path), why=why.rstrip("."))
        yield Notice("bad", title, words, (("copy", self.tr("Copy report")),))

    def _unknown(self, line: Line) -> Iterator[Notice]:
        if not line.unknown:
            return
        entries = formats.counted(sum(number for _, number in line.unknown), self.tr("entry"), self.tr("entries"))
        title = self.tr("{agent}: log format not recognized").format(agent=line.title)
        text = self.tr(
            "{entries} of an unknown kind could not be read and are missing from the totals. They are kept in place"
            " and read again by a version that knows them."
        ).format(entries=entries)
        places = [f"{self.context.machine.short(one.path)}: {one.lines:,} × {one.kind}" for one in line.places]
        actions = [("copy", self.tr("Copy report"))]
        if places and line.source in self._opened:
            text = "\n".join((text, *places[:_PLACES]))
        elif places:
            files = len({one.path for one in line.places})
            show = self.tr("Show the file") if files == 1 else self.tr("Show the {n} files").format(n=f"{files:,}")
            actions.insert(0, ("places", show))
        yield Notice("warn", title, text, actions)

    def _unlike(self, line: Line) -> Iterator[Notice]:
        """Other signs that its logs are not what they were; of a newer version alone only the doctor speaks."""
        told = [drift.words(one, self.tr) for one in line.signs if one.sign not in ("kind", "version")]
        if told:
            title = self.tr("{agent}: its logs are not what they were").format(agent=line.title)
            yield Notice("warn", title, " ".join(told), (("health", self.tr("Show what has changed")),))

    def _unverified(self, line: Line) -> Iterator[Notice]:
        last = line.last_withheld
        if last is None:
            return
        calls = formats.counted(line.withheld, self.tr("call"), self.tr("calls"))
        title = self.tr("{agent}: {calls} wait for your word").format(agent=line.title, calls=calls)
        text = self.tr(
            "How it writes its logs is known from descriptions only, so its calls are in no total yet. Its last session, in"
            " {project}: {calls}, {sent} tokens sent, {written} written, {amount}. Count them if the agent says so too."
        ).format(
            project=self.context.machine.short(last.project) if last.project else self.tr("an unknown folder"),
            calls=formats.counted(last.calls, self.tr("call"), self.tr("calls")),
            sent=f"{last.tokens.prompt:,}",
            written=f"{last.tokens.output:,}",
            amount=formats.amount(last.cost, last.unpriced),
        )
        yield Notice("info", title, text, (("confirm", self.tr("Count them")),))

    def _confirmed_row(self, line: Line) -> QWidget:
        bold = self.tr("{agent} counts because you have compared it.").format(agent=line.title)
        button = Button(self.tr("Count no more"))
        button.setAccessibleName(self.tr("Count {agent} no more").format(agent=line.title))
        button.clicked.connect(lambda: self._confirm(line.source, counts=False))
        return Pair(Label(bold, "table", "text2"), button, least=160)

    def _confirm(self, source: str, counts: bool) -> None:
        others = tuple(one for one in self.preferences.now.confirmed if one != source)
        self.change(confirmed=(*others, source) if counts else others)

    def _notice_action(self, key: str, line: Line) -> None:
        if key == "confirm":
            self._confirm(line.source, counts=True)
        elif key == "health":
            self.context.open_window(DOCTOR, line.source)
        elif key == "places":
            self._opened.add(line.source)
            lines, self.lines = self.lines, ()
            self.show_lines(lines)
        else:
            QGuiApplication.clipboard().setText(report(line))

    def _deletes(self, line: Line, days: int) -> QWidget:
        bold = self.tr("{agent} deletes its logs after {days} days.").format(agent=line.title, days=days)
        gray = self.tr("The numbers you have seen here are kept.")
        if line.state in ("paused", "off"):
            gray = self.tr("What it deletes before it is read is never counted.")
        words = Label(bold, "table", weight=600), Label(gray, "table", "text2")
        return Pair(*words, gap=4, spread=False)

    # --- what the user does

    def _switch(self, source: str, on: bool) -> None:
        off = [one for one in self.preferences.now.sources_off if one != source]
        self.change(sources_off=tuple(off if on else [*off, source]))

    def _remove(self, source: str, folder: Path) -> None:
        machine, folders = self.context.machine, dict(self.preferences.now.folders)
        kept = tuple(one for one in folders.pop(source, ()) if machine.path(one) != folder)
        self.change(folders={**folders, source: kept} if kept else folders)

    def _look_again(self) -> None:
        self.news.set_notice(NoticeValue())
        self.preferences.again()

    def _tell(self, news: NoticeValue) -> None:
        self.news.set_notice(news)

    def _failed(self, error: Exception) -> None:
        self.waiting.end()
        self.waiting.hide()
        if isinstance(error, KnownError):
            self.trouble.set_notice(NoticeValue("bad", error.title, error.hint))
        else:
            words = self.tr("The sources could not be looked at"), self.tr("cuenta.log says why.")
            self.trouble.set_notice(NoticeValue("bad", *words))

    def _something_changed(self, _meters: object) -> None:
        if self.isVisible():
            self._throttle.call()


class _Stack(QWidget):
    """Widgets one above the other, made anew when they change; hidden without any."""

    def __init__(self) -> None:
        super().__init__()
        self._all = QVBoxLayout(self)
        self._all.setContentsMargins(0, 0, 0, 0)
        self._all.setSpacing(8)
        self.hide()

    def fill(self, widgets: list[QWidget] | list[Notice]) -> None:
        while (item := self._all.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for one in widgets:
            self._all.addWidget(one)
        self.setVisible(bool(widgets))


def report(line: Line) -> str:
    """What a developer needs to know, and nothing that is the user's: no path, no name."""
    facts = {
        "cuenta": __version__,
        "source": line.source,
        "files": line.files,
        "unreadable": sorted({why for _, why in line.unreadable}),
        "unknown_kinds": dict(line.unknown),
    }
    return json.dumps(facts, indent=2)
