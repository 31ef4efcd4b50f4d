"""What PySide does at each import, and what of it we can do without."""

from __future__ import annotations

import sys

from PySide6 import QtCore  # noqa: F401  (brings the module below)


def leave_sources_unread() -> None:
    """To be called before anything else is imported.

    PySide reads the source of each module that is imported after it, to learn whether the name PySide6 stands there: for
    `from __feature__ import …`, which we do not use. The lines stay in memory. All in all that is a fifth of the time to
    the icon, and with the windows 16 MB.
    """
    feature = sys.modules.get("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = lambda _module: False  # type: ignore[union-attr]
