"""Add a folder…: asks for one, looks whose logs lie in it, and has it read."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app import formats
from app.diagnostics import KnownError
from app.report.sources import Recognized, is_covered, recognize
from app.settings import Settings
from app.sources import chosen
from app.ui.preferences import preferences
from app.ui.widgets.notice import NoticeValue
from app.ui.windows import Context


class _Answer(NamedTuple):
    found: Recognized | None
    covered: bool


class Adding(QObject):
    """Belongs to one window. `told` is what became of it, for a notice."""

    told = Signal(object)

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._context, self._window = context, window
        self._preferences = preferences(context.machine)

    def ask(self) -> None:
        """Opens the system's dialog."""
        dialog = QFileDialog(self._window, self.tr("Add a folder"), str(self._context.machine.home))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setFilter(dialog.filter() | dialog.filter().Hidden)  # agents keep their logs in hidden folders
        dialog.fileSelected.connect(self.take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def take(self, path: str) -> None:
        """Has that folder read, if an agent's logs lie in it."""
        folder = Path(path)
        machine, settings = self._context.machine, self._preferences.now

        def work(_connection: object) -> _Answer:
            found = recognize(folder, machine)
            return _Answer(found, found is not None and _is_read(folder, found, settings, self._context))

        self._context.ask(work, lambda answer: self._answered(folder, answer), self, about="adding")

    def _answered(self, folder: Path, answer: _Answer) -> None:
        found = answer.found
        if found is None:
            self.told.emit(
                NoticeValue(
                    "warn",
                    self.tr("No agent logs in {folder}").format(folder=folder.name or str(folder)),
                    self.tr("None of the files below it holds a call of a known agent. Nothing was added."),
                )
            )
            return
        title = found.source.title
        if answer.covered:
            words = self.tr("This folder of {agent} is read already").format(agent=title)
            self.told.emit(NoticeValue("info", words, self.tr("Nothing was added.")))
            return
        settings = self._preferences.now
        folders = {**settings.folders, found.source.id: (*settings.folders.get(found.source.id, ()), str(folder))}
        on = tuple(one for one in settings.sources_off if one != found.source.id)
        try:
            self._preferences.change(folders=folders, sources_off=on)
        except KnownError as error:
            self.told.emit(NoticeValue("bad", error.title, error.hint))
            return
        files = formats.counted(found.files, self.tr("file"), self.tr("files"))
        said = self.tr("{agent}: {files} added").format(agent=title, files=files)
        self.told.emit(NoticeValue("info", said, self.tr("Reading goes on in the background.")))


def _is_read(folder: Path, found: Recognized, settings: Settings, context: Context) -> bool:
    reading = chosen(settings.sources_off, settings.folders, settings.homes.values())
    mine = next((one for one in reading if one.id == found.source.id), None)
    return mine is not None and is_covered(folder, mine.roots(context.machine))
