"""Saving what a window shows as CSV or JSON, in the shapes of `cuenta report`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.diagnostics import KnownError, log
from app.machine import Machine
from app.report import export, overview
from app.report.overview import Question, Report
from app.store.queries import Sums
from app.ui.widgets.notice import NoticeValue

if TYPE_CHECKING:
    from app.ui.windows import Context


def ask_where(owner: QWidget, name: str, then: Callable[[Path], None]) -> None:
    """Opens the system's dialog beside the window and waits for nothing."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    translate = QCoreApplication.translate
    dialog = QFileDialog(owner, translate("Export", "Export"), str(Path(folder) / name))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters([translate("Export", "Table (*.csv)"), translate("Export", "JSON (*.json)")])
    dialog.setDefaultSuffix("csv")
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix("json" if "json" in chosen else "csv"))
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def question(zone: ZoneInfo, by: str, since: date | None, until: date | None) -> Question:
    return Question(zone, by, since, until)


def write(
    connection: sqlite3.Connection,
    path: Path,
    asked: Question,
    machine: Machine,
    only: Collection[tuple[str, str]] | None = None,
) -> None:
    """`only` are (source, id) of the sessions that are kept. Raises KnownError where the file can't be written."""
    report = overview.build(connection, asked)
    if only is not None:
        kept = tuple(row for row in report.rows if row.session and (row.session.source, row.session.native) in only)
        report = Report(asked, kept, sum((row.sums for row in kept), Sums()))
    if path.suffix.lower() == ".json":
        text = json.dumps(export.as_json(report, machine), ensure_ascii=False, indent=2) + "\n"
    else:
        text = export.as_csv(report, machine)
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        refused = QCoreApplication.translate("Export", "{path} can't be written: {reason}.")
        hint = QCoreApplication.translate("Export", "Choose another folder.")
        raise KnownError(refused.format(path=path, reason=error.strerror or error), hint) from error


class Exports(QObject):
    """What became of a window's last export; the window shows `notice` until its user has seen it."""

    told = Signal()
    """`notice` is another."""

    def __init__(self, context: Context, owner: QWidget) -> None:
        super().__init__(owner)
        self._context, self._owner = context, owner
        self._last: tuple[Path, Callable[[sqlite3.Connection], None]] | None = None
        self.notice: NoticeValue | None = None

    def write(self, path: Path, work: Callable[[sqlite3.Connection], None]) -> None:
        """Has the work write that file in the background."""
        self._last = path, work
        self._context.ask(work, lambda _: self._written(path), self._owner, self._failed, "export")

    def act(self, key: str) -> None:
        """What was chosen in the notice; a key of another notice is nothing."""
        if key == "export" and self._last is not None:
            self.write(*self._last)
        elif key == "seen":
            self._tell(None)

    def _written(self, path: Path) -> None:
        seen = (("seen", self.tr("Dismiss")),)
        self._tell(NoticeValue("info", self.tr("The file was written"), self._context.machine.short(path), seen))

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            note(error)
        text = str(error) if isinstance(error, KnownError) else self.tr("Something unexpected went wrong.")
        ways = (("export", self.tr("Try again")), ("report", self.tr("Copy report")), ("seen", self.tr("Dismiss")))
        self._tell(NoticeValue("bad", self.tr("The file was not written"), text, ways))

    def _tell(self, notice: NoticeValue | None) -> None:
        self.notice = notice
        self.told.emit()


def note(error: Exception) -> None:
    """Ours, not the world's: into the log with its trace."""
    log.error("A window's question failed", exc_info=error)
