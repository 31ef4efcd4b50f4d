"""Light or dark, and how large: one object for the application that follows the system or the user's choice.

It gives the application its style, palette and style sheet, and tells painted widgets when to paint anew.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal, cast

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from app.machine import Machine
from app.ui.theme import BODY, Ground, Theme, mix

Choice = Literal["system", "light", "dark"]
FONTS = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf")

_one: Appearance | None = None


def appearance() -> Appearance:
    """The application's appearance. Made at the first call where nobody has made it: light or dark as the system."""
    global _one
    if _one is None:
        _one = Appearance(Machine(Path()).resources)
    return _one


def theme() -> Theme:
    """The theme of now."""
    return appearance().theme


def use_shipped_font(resources: Path) -> QFont:
    """Inter, as shipped for pictures, so that they are the same everywhere. The app itself uses the system's font."""
    _load_fonts(resources)
    font = QFont("Inter")
    font.setPixelSize(BODY)
    return font


@cache
def _load_fonts(resources: Path) -> None:
    for name in FONTS:
        QFontDatabase.addApplicationFont(str(resources / "fonts" / name))


class Appearance(QObject):
    """What is in force. Make one after the QApplication; `appearance()` then finds it."""

    changed = Signal()
    """The theme is another one."""

    def __init__(self, resources: Path, choice: Choice = "system", text_scale: float = 1.0) -> None:
        super().__init__(QGuiApplication.instance())
        global _one
        _one = self
        self._resources = resources
        self._choice: Choice = choice
        self._text_scale = text_scale
        self._font: QFont | None = None
        self._portal: Ground | None = None
        self._watch_system()
        self.theme = self._made()
        self._apply()

    @property
    def choice(self) -> Choice:
        return self._choice

    @property
    def text_scale(self) -> float:
        return self._text_scale

    @property
    def resources(self) -> Path:
        return self._resources

    def choose(self, choice: Choice) -> None:
        """Follows the system, or stays light or dark."""
        self._choice = choice
        self._refresh()

    def set_text_scale(self, scale: float) -> None:
        """1.0 is the system's own size; up to 2.0."""
        self._text_scale = min(2.0, max(1.0, scale))
        self._refresh()

    def use_font(self, font: QFont | None) -> None:
        """Another family and size than the system's; None is the system's."""
        self._font = font
        self._refresh()

    # Following the system

    def _watch_system(self) -> None:
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        if hasattr(hints, "accessibility"):  # from Qt 6.10
            hints.accessibility().contrastPreferenceChanged.connect(self._system_changed)
        if hints.colorScheme() is Qt.ColorScheme.Unknown and QGuiApplication.platformName() in ("xcb", "wayland"):
            from app.ui.portal import ColorScheme

            self._asked = ColorScheme(self)
            self._asked.told.connect(self._portal_told)

    @Slot()
    def _system_changed(self) -> None:
        self._refresh()

    @Slot(str)
    def _portal_told(self, ground: str) -> None:
        self._portal = cast("Ground", ground) if ground else None
        self._refresh()

    def _ground(self, contrast: dict[str, QColor] | None) -> Ground:
        if contrast is not None:  # whatever was chosen: what carries data must stand out from the system's ground
            return "dark" if contrast["window"].lightnessF() < 0.5 else "light"
        if self._choice != "system":
            return self._choice
        grounds: dict[Qt.ColorScheme, Ground] = {Qt.ColorScheme.Light: "light", Qt.ColorScheme.Dark: "dark"}
        return grounds.get(QGuiApplication.styleHints().colorScheme()) or self._portal or "light"

    def _refresh(self) -> None:
        made = self._made()
        before = self.theme
        same = (made.ground, made.body, made.contrast) == (before.ground, before.body, before.contrast)
        if same and not made.contrast and made.font("body") == before.font("body"):
            return
        self.theme = made
        self._apply()
        self.changed.emit()

    def _made(self) -> Theme:
        base = self._font or QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        pixels = QFontInfo(base).pixelSize() or BODY
        body = round(round(pixels) * self._text_scale)
        colors = _contrast_colors()
        return Theme(self._resources, self._ground(colors), body, base, colors)

    def _apply(self) -> None:
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            return
        style = application.style()
        if style is None or style.objectName().lower() != "fusion":
            application.setStyle("Fusion")
        application.setPalette(palette(self.theme))
        application.setFont(self.theme.font("body"))
        template = (self._resources / "style.qss").read_text(encoding="utf-8")
        application.setStyleSheet(filled(template, self.theme))


def palette(theme: Theme) -> QPalette:
    """Qt's own roles from the tokens, for whatever no style sheet rule reaches."""
    made = QPalette()
    role = QPalette.ColorRole
    for which, name in (
        (role.Window, "window"),
        (role.WindowText, "text"),
        (role.Base, "surface"),
        (role.AlternateBase, "window"),
        (role.Text, "text"),
        (role.PlaceholderText, "text3"),
        (role.Button, "surface"),
        (role.ButtonText, "text"),
        (role.BrightText, "bad"),
        (role.Highlight, "selected"),
        (role.HighlightedText, "text"),
        (role.Link, "accentText"),
        (role.LinkVisited, "accentText"),
        (role.Accent, "accent"),
        (role.ToolTipBase, "surface"),
        (role.ToolTipText, "text"),
        (role.Light, "surface"),
        (role.Midlight, "hover"),
        (role.Mid, "lineStrong"),
        (role.Dark, "control"),
        (role.Shadow, "lineStrong"),
    ):
        made.setColor(which, theme.color(name))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, which, theme.color("text3"))
    return made


_HOLE = re.compile(r"@(\d+(?:\.\d+)?px|[A-Za-z]\w*)")


def filled(template: str, theme: Theme) -> str:
    """The style sheet: `@surface` is a color, `@12px` a length at this text size. Raises KeyError for an unknown."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name.endswith("px") and name[0].isdigit():
            return f"{theme.px(float(name[:-2]))}px"
        return theme.color(name).name()

    return _HOLE.sub(value, template)


def _contrast_colors() -> dict[str, QColor] | None:
    """Grounds and text of the system's palette where it asks for high contrast; None where it does not."""
    hints = QGuiApplication.styleHints()
    if not hasattr(hints, "accessibility"):
        return None
    if hints.accessibility().contrastPreference() is not Qt.ContrastPreference.HighContrast:
        return None
    application = QApplication.instance()
    if isinstance(application, QApplication):
        application.setPalette(QPalette())  # ours away, so that what is left is the system's
    system = QGuiApplication.palette()
    return contrast_colors(system)


def contrast_colors(system: QPalette) -> dict[str, QColor]:
    """Grounds and text from that palette; every border is as strong as the text."""
    role = QPalette.ColorRole
    text, base, highlight = system.color(role.WindowText), system.color(role.Base), system.color(role.Highlight)
    window = system.color(role.Window)
    colors = dict.fromkeys(("text", "text2", "text3", "line", "lineStrong", "control", "focus"), text)
    colors |= dict.fromkeys(("warnText", "badText", "goodText"), text)
    colors |= {
        "accentText": system.color(role.Link),
        "accent": highlight,
        "onAccent": system.color(role.HighlightedText),
    }
    colors |= {"window": window, "surface": base, "sunken": window, "hover": window}
    colors |= {"warnFill": base, "badFill": base, "goodFill": base}
    colors |= {"selected": mix(base, highlight, 0.25), "grid": mix(base, text, 0.35), "track": mix(base, text, 0.35)}
    return colors
