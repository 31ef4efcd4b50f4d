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
    application = QGuiApplication.instance() or QGuiApplication(sys.argv[:1])
    host = TrayHost()
    host.appeared.connect(application.quit)
    host.wait()
    QTimer.singleShot(1500, application.quit)
    application.exec()
    return host.found.value if host.found is not None else "none"
