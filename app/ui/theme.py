"""The colors of the design tokens, as Qt colors. Read once, when the first thing is painted."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

from PySide6.QtGui import QColor

Ground = Literal["light", "dark"]
"""What lies behind: light paper or a dark panel."""


@cache
def tokens(resources: Path) -> dict[str, Any]:
    """`tokens.json` as it was written."""
    return json.loads((resources / "tokens.json").read_text(encoding="utf-8"))


class Theme:
    """The tokens for one ground."""

    def __init__(self, resources: Path, ground: Ground) -> None:
        self.ground: Ground = ground
        self.tray: dict[str, Any] = tokens(resources)["tray"]
        self._colors: dict[str, str] = tokens(resources)["color"][ground]

    def color(self, name: str, opacity: float = 1.0) -> QColor:
        """The interface color of that name. Raises KeyError where the tokens have none."""
        color = QColor(self._colors[name])
        color.setAlphaF(opacity)
        return color
