"""Saving what a window shows as CSV or JSON, in the shapes of `cuenta report`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from app.diagnostics import KnownError, log
from app.machine import Machine
from app.report import export, overview
from app.report.overview import Question, Report
from app.store.queries import Sums


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


def note(error: Exception) -> None:
    """Ours, not the world's: into the log with its trace."""
    log.error("A window's question failed", exc_info=error)
