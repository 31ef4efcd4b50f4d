"""The icon's pixels: the arc is a gauge, states differ in shape, colors are the tokens'."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from app.ui.theme import Ground, Theme, tokens
from app.ui.tray_icon import SIZES, layout, tray_icon, tray_pixmap
from app.ui.tray_view import State, TrayView

Pixels = list[list[QColor]]
GROUNDS: tuple[Ground, ...] = ("light", "dark")


@pytest.fixture(autouse=True)
def application(qapp: QGuiApplication) -> QGuiApplication:
    return qapp


def shown(state: State, fill: float | None = None, figure: str | None = None) -> TrayView:
    return TrayView(state, fill, figure, (), "", ())


def picture(view: TrayView, size: int, theme: Theme, color: bool = False, ratio: float = 1.0) -> QImage:
    return tray_pixmap(view, size, theme, color, ratio).toImage().convertToFormat(QImage.Format.Format_ARGB32)


def alphas(image: QImage) -> list[int]:
    """How much ink each pixel holds, row by row."""
    return [image.pixelColor(x, y).alpha() for y in range(image.height()) for x in range(image.width())]


def inked(image: QImage, color: QColor) -> int:
    """How many pixels are wholly of that color."""
    return sum(image.pixelColor(x, y) == color for y in range(image.height()) for x in range(image.width()))


ICON_STATES = {
    State.IDLE: shown(State.IDLE),
    State.LIVE: shown(State.LIVE, 0.5),
    State.NEAR: shown(State.NEAR, 0.9),
    State.PROBLEM: shown(State.PROBLEM, 0.5),
    State.PAUSED: shown(State.PAUSED),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_arc_grows_with_the_fill(resources: Path, size: int, ground: Ground) -> None:
    """More context is more of the arc, at every size; an empty one has none of the hue but the dot."""
    theme = Theme(resources, ground)
    ink = theme.color("accent")
    filled = [inked(picture(shown(State.LIVE, step / 10), size, theme, color=True), ink) for step in range(11)]
    assert filled == sorted(filled)
    assert all(later > earlier for earlier, later in zip(filled[::2], filled[2::2], strict=False))
    assert filled[0] == inked(picture(shown(State.LIVE), size, theme, color=True), ink)


@pytest.mark.parametrize("size", SIZES)
def test_arc_fills_clockwise_from_its_lower_end(resources: Path, size: int) -> None:
    """At half, the lower half is full and the upper is track; the right side stays open."""
    image = picture(shown(State.LIVE, 0.5), size, Theme(resources, "light"))
    lay = layout(size)
    middle, low, high = size // 2, size - 1 - lay.margin - lay.stroke // 2, lay.margin + lay.stroke // 2
    assert image.pixelColor(middle, low).alpha() > 220
    assert 0 < image.pixelColor(middle, high).alpha() < 128
    assert all(image.pixelColor(x, middle).alpha() == 0 for x in range(size * 7 // 8, size))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("one", "other"), list(combinations(State, 2)))
def test_states_differ_in_shape(resources: Path, size: int, one: State, other: State) -> None:
    """Seen in gray, with the arc filled alike: several pixels hold more ink in one state than in the other."""
    theme = Theme(resources, "dark")
    left = alphas(picture(ICON_STATES[one]._replace(fill=None), size, theme))
    right = alphas(picture(ICON_STATES[other]._replace(fill=None), size, theme))
    assert sum(abs(a - b) > 80 for a, b in zip(left, right, strict=True)) >= 4


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("state", [State.LIVE, State.NEAR, State.PROBLEM, State.PAUSED])
def test_color_set_takes_its_hue_from_the_tokens(resources: Path, ground: Ground, state: State) -> None:
    names = tokens(resources)
    hue = QColor(names["color"][ground][names["tray"]["hue"][state.value]])
    assert inked(picture(ICON_STATES[state], 32, Theme(resources, ground), color=True), hue) > 10


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("state", State)
def test_monochrome_is_one_ink(resources: Path, ground: Ground, state: State) -> None:
    """Only the panel's ink, more or less of it."""
    ink = QColor(tokens(resources)["color"][ground]["text"])
    image = picture(ICON_STATES[state], 64, Theme(resources, ground))
    for y in range(64):
        for x in range(64):
            pixel = image.pixelColor(x, y)
            if pixel.alpha() > 60:
                assert max(abs(a - b) for a, b in zip(rgb(pixel), rgb(ink), strict=True)) <= 4


@pytest.mark.parametrize("color", ["text", "accent", "warn", "bad"])
@pytest.mark.parametrize("panel", ["#ECECEC", "#202326"])
def test_unknown_ground_shows_on_both(resources: Path, color: str, panel: str) -> None:
    """Where nobody knows what the panel looks like, nothing vanishes: contrast of at least 2.2 on either."""
    one, other = (luminance(QColor(each)) for each in (Theme(resources, None).color(color).name(), panel))
    assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= 2.2


def rgb(color: QColor) -> tuple[int, int, int]:
    return color.red(), color.green(), color.blue()


def luminance(color: QColor) -> float:
    """Relative luminance of WCAG."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (each / 255 for each in rgb(color))
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("size", [16, 22, 24, 32])
@pytest.mark.parametrize("state", State)
def test_twice_the_resolution_is_the_same_drawing(resources: Path, size: int, state: State) -> None:
    """22 at 2x is what 44 is at 1x, with the ratio told to Qt."""
    theme = Theme(resources, "light")
    pixmap = tray_pixmap(ICON_STATES[state], size, theme, ratio=2.0)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (2 * size, 2.0)
    assert alphas(pixmap.toImage()) == alphas(picture(ICON_STATES[state], 2 * size, theme))


@pytest.mark.parametrize("size", SIZES)
def test_glyph_edges_lie_on_whole_pixels(resources: Path, size: int) -> None:
    """The bars of pause and the exclamation mark have no soft edge."""
    for view in (shown(State.PAUSED), shown(State.NEAR, 0.9)):
        image = picture(view, size, Theme(resources, "light"))
        inner = range(size * 3 // 8, size * 5 // 8 + 1)
        assert {image.pixelColor(x, y).alpha() for x in inner for y in inner} <= {0, 255}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", ["0", "15", "88", "1h", "9k", "12k", "–"])
def test_figure_stays_inside_and_clear_of_its_bar(resources: Path, size: int, text: str) -> None:
    """Nothing is cut off at the sides, and a line without ink lies between figure and bar."""
    image = picture(shown(State.LIVE, 0.34, text), size, Theme(resources, "light"))
    rows = [max(image.pixelColor(x, y).alpha() for x in range(size)) for y in range(size)]
    columns = [max(image.pixelColor(x, y).alpha() for y in range(size)) for x in range(size)]
    bar = max(y for y in range(size) if rows[y]) - layout(size).meter
    assert max(rows[: bar + 1]) > 150
    assert 0 in rows[size // 2 :]
    assert columns[0] == columns[-1] == 0


def test_figure_bar_grows_and_is_heavier_near_the_limit(resources: Path) -> None:
    theme = Theme(resources, "dark")
    ink = theme.color("accent")
    widths = [inked(picture(shown(State.LIVE, step / 10, "15"), 22, theme, color=True), ink) for step in range(11)]
    assert widths == sorted(widths)
    assert widths[-1] == 20 * 3
    assert inked(picture(shown(State.NEAR, 1.0, "15"), 22, theme, color=True), theme.color("warn")) == 20 * 4


def test_icon_has_every_size(resources: Path) -> None:
    icon = tray_icon(shown(State.LIVE, 0.5), Theme(resources, "dark"))
    assert sorted(size.width() for size in icon.availableSizes()) == list(SIZES)


def test_painting_is_quick(resources: Path, qtbot: QtBot) -> None:
    """All sizes in a few milliseconds: four times a second this must not be felt."""
    from time import thread_time

    theme = Theme(resources, "dark")
    tray_icon(shown(State.LIVE, 0.1), theme)
    start = thread_time()
    for step in range(20):
        tray_icon(shown(State.LIVE, step / 20), theme)
    assert (thread_time() - start) / 20 < 0.05
