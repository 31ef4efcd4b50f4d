"""Which tray host this desktop has, for the doctor: asked without an icon and without a window."""

from __future__ import annotations

import sys


def tray_kind() -> str:
    """`status-notifier`, `xembed`, `system`, `none`; `no display` where there is no screen to have a tray."""
    if not sys.platform.startswith("linux"):
        return "system"
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QGuiApplication

    from app.ui.tray_host import TrayHost, display_answers

    if not display_answers(sys.platform):
        return "no display"
    running = QGuiApplication.instance()
    application = running or QGuiApplication(sys.argv[:1])
    host = TrayHost()
    host.appeared.connect(application.quit)
    host.wait()
    QTimer.singleShot(1500, application.quit)
    application.exec()
    found = host.found.value if host.found is not None else "none"
    if running is None:
        # Left to the end of the interpreter, an application of Qt's takes the whole process down with it.
        del host
        application.shutdown()
    return found
