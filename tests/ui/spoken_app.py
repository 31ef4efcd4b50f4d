"""Every window over the demo's data, open at once: `python -m tests.ui.spoken_app FOLDER`. Prints `ready`, then waits for
stdin to end. Each window's object name is what a test asks for.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QSocketNotifier
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.report import popover as facts
from app.runtime import reader
from app.ui.first_run import FirstRunWindow
from app.ui.popover import Popover
from app.ui.session_window import SessionWindow
from app.ui.settings_pages import PAGES
from app.ui.settings_window import SettingsWindow
from app.ui.tray_view import DEFAULT
from tests.ui.standing import Standing, demo_machine

KEYS = ("overview", "sessions", "reconcile", "doctor", "go", "keys")


def opened(stand: Standing) -> list[QWidget]:
    """All of them, each under a title of its own."""
    windows: list[QWidget] = []
    for key in KEYS:
        window = stand.windows.open(key)
        assert window is not None
        window.setWindowTitle(key)
        windows.append(window)
    meters = stand.windows.context.meters()
    assert meters is not None
    running = meters.running[0]
    session = stand.windows.open_session(running.source, running.session)
    assert isinstance(session, SessionWindow)
    stand.settle(lambda: session.settled)
    session.show_trace(session.choice)
    windows.append(session)
    for page in PAGES:
        settings = SettingsWindow(stand.windows.context)
        settings.setWindowTitle(f"settings {page.key}")
        settings.take_wish(page.key)
        windows.append(settings)
    welcome = FirstRunWindow(stand.windows.context)
    welcome.setWindowTitle("first run")
    with closing(reader(stand.machine)) as connection:
        now = facts.read(connection, stand.machine)
    popover = Popover(stand.machine.clock, DEFAULT._replace(windows=KEYS, sessions=True), normal=True)
    popover.set_facts(now)
    popover.setWindowTitle("popover")
    windows += [welcome, popover]
    for one in windows:
        one.show()
    stand.settle()
    session.setWindowTitle("session")
    return windows


def main(folder: Path) -> None:
    application = QApplication(sys.argv[:1])
    stand = Standing(demo_machine(folder))
    kept = opened(stand)
    ending = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    ending.activated.connect(application.quit)
    print("ready", flush=True)
    application.exec()
    stand.windows.shut_down()
    QTest.qWait(1)
    del kept


if __name__ == "__main__":
    main(Path(sys.argv[1]))
