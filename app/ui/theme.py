"""The colors of the design tokens, as Qt colors. Read once, when the first thing is painted."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

from PySide6.QtGui import QColor

Ground = Literal["light", "dark"]
"""What lies behind: light paper, or a dark window or panel."""


@cache
def tokens(resources: Path) -> dict[str, Any]:
    """`tokens.json` as it was written."""
    return json.loads((resources / "tokens.json").read_text(encoding="utf-8"))


class Theme:
    """The tokens for one ground.

    Where the ground is not known (None), each color is half way between its light and its dark form: that keeps a
    contrast of about 3 on either, where the wrong one of the two would vanish.
    """

    def __init__(self, resources: Path, ground: Ground | None) -> None:
        self.ground: Ground | None = ground
        self.tray: dict[str, Any] = tokens(resources)["tray"]
        self._colors: dict[str, dict[str, str]] = tokens(resources)["color"]

    def color(self, name: str, opacity: float = 1.0) -> QColor:
        """The interface color of that name. Raises KeyError where the tokens have none."""
        if self.ground is None:
            color = _half_way(QColor(self._colors["light"][name]), QColor(self._colors["dark"][name]))
        else:
            color = QColor(self._colors[self.ground][name])
        color.setAlphaF(opacity)
        return color


def _half_way(one: QColor, other: QColor) -> QColor:
    return QColor((one.red() + other.red()) // 2, (one.green() + other.green()) // 2, (one.blue() + other.blue()) // 2)
