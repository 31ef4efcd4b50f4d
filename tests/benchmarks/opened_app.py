"""Opens the overview of a store twice and says as JSON when its figures and its chart were painted.

The first time is that of a process in which nobody has opened anything yet. Times are ms from the order to open it to
the end of the first painting that shows them.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from app.ui.imports import leave_sources_unread


def main() -> int:
    leave_sources_unread()
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from app.machine import Machine
    from app.ui import application  # noqa: F401  (what the tray has loaded by then)
    from app.ui.asking import Asking
    from app.ui.live import Live

    qt = QApplication(sys.argv[:1])
    qt.setQuitOnLastWindowClosed(False)
    machine = Machine.here()

    def run() -> None:
        from app.ui.windows import Windows

        live = Live(Asking(qt), list, machine.clock, lambda: None, qt)  # type: ignore[arg-type]
        windows = Windows(machine, live.changed, qt.quit)
        _Opening(windows, "cold", lambda: _Opening(windows, "warm", end))

        def end() -> None:
            print(json.dumps(_told), flush=True)
            windows.shut_down()
            qt.exit(0)

    QTimer.singleShot(0, run)
    return qt.exec()


_told: dict[str, dict[str, float]] = {}


class _Opening:
    now: _Opening

    def __init__(self, windows: Any, name: str, then: Callable[[], object]) -> None:
        _Opening.now = self
        self._begun = time.perf_counter()
        self._seen = _told[name] = {}
        self._then = then
        self._window = windows.open("overview")
        if name == "cold":
            _watch()

    def painted(self, what: str) -> None:
        from PySide6.QtCore import QTimer

        if what not in self._seen:
            self._seen[what] = round((time.perf_counter() - self._begun) * 1000)
            if len(self._seen) == 2:
                QTimer.singleShot(200, self._end)

    def _end(self) -> None:
        self._window.close()
        self._then()


def _watch() -> None:
    """The module of the charts may not be loaded yet."""
    from app.ui.overview_cards import SpendCard
    from app.ui.widgets.figure import Figure

    _after(Figure, "draw", lambda figure: figure.accessibleName() and _Opening.now.painted("figures"))
    made = SpendCard.make_chart
    watched: list[bool] = []

    def make_chart(card: SpendCard) -> None:
        from app.ui.widgets import stacked_days

        if not watched:
            watched.append(True)
            shown = lambda stack: stack._shown is not None and _Opening.now.painted("chart")  # noqa: E731
            _after(stacked_days._Stack, "paint", shown)
        made(card)

    SpendCard.make_chart = make_chart


def _after(kind: Any, name: str, deed: Callable[[Any], object]) -> None:
    method = getattr(kind, name)

    def followed(self: Any, *more: Any) -> None:
        method(self, *more)
        deed(self)

    setattr(kind, name, followed)


if __name__ == "__main__":
    sys.exit(main())
