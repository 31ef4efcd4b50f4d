"""The settings while the program runs: one value, changed from any window, heard by whoever acts on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.machine import Machine
from app.settings import Settings, change, load
from app.ui.appearance import appearance

_all: dict[Path, Preferences] = {}


def preferences(machine: Machine) -> Preferences:
    """Those of this data folder. Raises KnownError where the file is damaged."""
    if machine.data not in _all:
        _all[machine.data] = Preferences(machine)
    return _all[machine.data]


class Preferences(QObject):
    """Make it after the QApplication: light or dark and the size of text are applied here, at once."""

    changed = Signal(object)
    """The Settings of now, also where the user asked to look at everything again."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._machine = machine
        self.now = load(machine, Settings)
        self._apply_look()

    def change(self, **fields: Any) -> None:
        """Stores and applies them. Raises KnownError, and nothing is changed, where they can't be stored."""
        self.now = change(self._machine, Settings, **fields)
        self._apply_look()
        self.changed.emit(self.now)

    def again(self) -> None:
        """Nothing was chosen anew; whoever listens looks again."""
        self.changed.emit(self.now)

    def _apply_look(self) -> None:
        look = appearance()
        look.choose(self.now.appearance)
        look.set_text_scale(self.now.text_percent / 100)
