"""The settings while the program runs: one value, changed from any window, heard by whoever acts on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app import formats
from app.diagnostics import KnownError
from app.machine import Machine
from app.report.zone import day_of, local_zone
from app.settings import Settings, change, load
from app.ui.appearance import appearance

_all: dict[Path, Preferences] = {}


def preferences(machine: Machine) -> Preferences:
    """Those of this data folder."""
    if machine.data not in _all:
        _all[machine.data] = Preferences(machine)
    return _all[machine.data]


def forget(machine: Machine) -> None:
    """Those of this data folder are read anew when they are next asked for."""
    _all.pop(machine.data, None)


def listen(machine: Machine, chosen: Callable[[Settings], None]) -> None:
    """Tells of each change, where somebody can make one: whoever opens windows has read the settings before."""
    known = _all.get(machine.data)
    if known is not None:
        known.changed.connect(chosen)


class Preferences(QObject):
    """Make it after the QApplication: light or dark, the size of text and the currency are applied here, at once."""

    changed = Signal(object)
    """The Settings of now, also where the user asked to look at everything again."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._machine = machine
        self.problem: str | None = None
        """Why the file can't be read; the usual values hold until it can."""
        self.now = Settings()
        self._load()
        self._apply()

    def change(self, **fields: Any) -> None:
        """Stores and applies them. Raises KnownError, and nothing is changed, where they can't be stored."""
        self.now = change(self._machine, Settings, **fields)
        self.problem = None
        self._apply()
        self.changed.emit(self.now)

    def again(self) -> None:
        """Nothing was chosen anew; whoever listens looks again, and a damaged file may have been mended."""
        if self.problem is not None:
            self._load()
        self.changed.emit(self.now)

    def _load(self) -> None:
        try:
            self.now, self.problem = load(self._machine, Settings), None
        except KnownError as error:
            self.problem = str(error)

    def _apply(self) -> None:
        look = appearance()
        look.choose(self.now.appearance)
        look.set_text_scale(self.now.text_percent / 100)
        today = day_of(self._machine.clock(), local_zone(self._machine))
        if formats.show_in(self.now.shown_in, today):
            look.changed.emit()  # axes are written anew
