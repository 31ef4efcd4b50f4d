"""The look: contrasts of the tokens, values for painters, light and dark at run time and by choice."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui import appearance as module
from app.ui.appearance import Appearance, Choice, appearance, contrast_colors, filled, use_shipped_font
from app.ui.portal import ColorScheme
from app.ui.theme import Ground, Theme, mix, tokens

GROUNDS: tuple[Ground, ...] = ("light", "dark")
BEHIND_TEXT = ("window", "surface", "sunken", "hover", "selected")
TEXTS = ("text", "text2", "text3", "accentText", "warnText", "badText", "goodText")
ON_FILLS = (
    ("onAccent", "accent"),
    ("text", "warnFill"),
    ("text", "badFill"),
    ("text", "goodFill"),
    ("warnText", "warnFill"),
    ("badText", "badFill"),
    ("goodText", "goodFill"),
)
GROUPS = ("tokenKind", "agent", "outcome")
MACHADO = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""Sight, severity 1, in linear RGB."""


def linear(color: str) -> tuple[float, ...]:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)


def contrast(one: str, other: str) -> float:
    lights = (sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) for x in (one, other))
    dark, bright = sorted(lights)
    return (bright + 0.05) / (dark + 0.05)


def oklab(color: str, sight: str) -> tuple[float, float, float]:
    seen = [sum(m * c for m, c in zip(row, linear(color), strict=True)) for row in MACHADO[sight]]
    r, g, b = (min(1.0, max(0.0, one)) for one in seen)
    l, m, s = (  # noqa: E741
        one ** (1 / 3)
        for one in (
            0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
            0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
            0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
        )
    )
    return (
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
    )


@pytest.fixture
def look(qapp: QApplication, resources: Path) -> Iterator[Appearance]:
    """An appearance of its own; what was in force before comes back."""
    before = module._one
    look = Appearance(resources)
    yield look
    module._one = before
    look.deleteLater()


# The palette


@pytest.mark.parametrize("ground", GROUNDS)
def test_text_can_be_read_on_every_ground(ground: Ground, resources: Path) -> None:
    colors = tokens(resources)["color"][ground]
    pairs = [(text, behind) for text in TEXTS for behind in BEHIND_TEXT] + list(ON_FILLS)
    missed = {pair: contrast(colors[pair[0]], colors[pair[1]]) for pair in pairs}
    assert not {pair: ratio for pair, ratio in missed.items() if ratio < 4.5}


@pytest.mark.parametrize("ground", GROUNDS)
def test_fills_of_data_and_controls_stand_out_from_the_surface(ground: Ground, resources: Path) -> None:
    all_of_it = tokens(resources)
    surface = all_of_it["color"][ground]["surface"]
    fills = {(group, key): color for group in GROUPS for key, color in all_of_it["data"][ground][group].items()}
    fills["color", "control"] = all_of_it["color"][ground]["control"]
    assert not {key: contrast(color, surface) for key, color in fills.items() if contrast(color, surface) < 3}


@pytest.mark.parametrize("sight", MACHADO)
@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_no_two_colors_of_a_set_look_alike(ground: Ground, group: str, sight: str, resources: Path) -> None:
    colors = tokens(resources)["data"][ground][group]
    least = 6 if group == "agent" else 8
    near = {
        (one, other): 100 * math.dist(oklab(colors[one], sight), oklab(colors[other], sight))
        for one, other in itertools.combinations(colors, 2)
    }
    assert not {pair: distance for pair, distance in near.items() if distance < least}


# Values for painters


def test_every_ink_is_a_color(resources: Path) -> None:
    theme = Theme(resources, "dark")
    inks = {
        "text2": "#b6bbc0",
        "kind:output": "#9de1bc",
        "kind:input": "#5a89f5",
        "agent:nobody has heard of": "#707579",
        "outcome:landed": "#84ddc6",
        "part:tools": "#4fa9b6",
        "series:99": "#707579",
    }
    assert {ink: theme.ink(ink).name() for ink in inks} == inks
    with pytest.raises(KeyError):
        theme.ink("no such ink")


def test_a_models_color_is_its_agents_mixed_over_the_surface(resources: Path) -> None:
    theme = Theme(resources, "light")
    agent = theme.order["agent"][0]
    full, surface = theme.agent(agent), theme.color("surface")
    assert theme.model(agent, "top") == full
    for tier, share in (("middle", 0.72), ("small", 0.48)):
        assert theme.ink(f"model:{agent}:{tier}") == mix(surface, full, share)


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_models_of_one_tier_differ_and_none_stands_out_less(ground: Ground, resources: Path) -> None:
    theme = Theme(resources, ground)
    surface = theme.color("surface")
    for agent in theme.order["agent"]:
        for tier in ("top", "middle", "small"):
            inks = [theme.ink(f"model:{agent}:{tier}:{place}") for place in range(3)]
            assert inks[0] == theme.ink(f"model:{agent}:{tier}")
            assert len({ink.name() for ink in inks}) == 3
            contrasts = [contrast(ink.name(), surface.name()) for ink in inks]
            assert agent == "cursor" or contrasts == sorted(contrasts), (agent, tier)


def test_what_is_handed_out_cannot_change_the_theme(resources: Path) -> None:
    theme = Theme(resources, "light")
    theme.ink("text").setRed(200)
    theme.font("body").setPixelSize(99)
    assert (theme.ink("text").name(), theme.font("body").pixelSize()) == ("#1a1c1e", 13)


@pytest.mark.parametrize(("body", "hero", "row", "space"), [(13, 32, 32, 16), (26, 64, 64, 32), (16, 39, 39, 20)])
def test_everything_scales_with_the_body(body: int, hero: int, row: int, space: int, resources: Path) -> None:
    theme = Theme(resources, "light", body)
    assert theme.font("body").pixelSize() == body
    assert (theme.font("hero").pixelSize(), theme.row, theme.space.l) == (hero, row, space)


def test_figures_are_tabular_and_weights_as_the_tokens_say(resources: Path) -> None:
    theme = Theme(resources, "light")
    assert theme.font("table").featureValue(QFont.Tag("tnum")) == 1
    assert theme.font("hero").weight() == QFont.Weight.DemiBold
    assert theme.font("table", 500).weight() == QFont.Weight.Medium
    assert theme.font("hero").letterSpacing() == pytest.approx(-0.8, abs=0.01)


def test_the_style_sheet_is_filled_to_the_last_hole(resources: Path) -> None:
    template = (resources / "style.qss").read_text(encoding="utf-8")
    for ground in GROUNDS:
        sheet = filled(template, Theme(resources, ground, 26))
        assert "@" not in sheet
        assert "border-radius: 12px" in sheet
    with pytest.raises(KeyError):
        filled("QLabel { color: @nothing; }", Theme(resources, "light"))


# Appearance


def test_the_first_to_ask_makes_it(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_one", None)
    assert appearance() is appearance()


def test_a_choice_changes_palette_and_style_sheet_at_once(look: Appearance, qapp: QApplication, qtbot: QtBot) -> None:
    look.choose("light")
    with qtbot.waitSignal(look.changed):
        look.choose("dark")
    assert look.theme.ground == "dark"
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == "#17181a"
    assert "#17181a" in qapp.styleSheet()
    assert qapp.font().pixelSize() == look.theme.body
    with qtbot.assertNotEmitted(look.changed):
        look.choose("dark")


def test_text_grows_to_twice_the_systems_size_and_no_further(look: Appearance) -> None:
    usual = look.theme.body
    look.set_text_scale(2)
    assert look.theme.body == 2 * usual
    look.set_text_scale(9)
    assert look.theme.body == 2 * usual
    look.set_text_scale(0.1)
    assert look.theme.body == usual


def test_the_system_decides_unless_the_user_chose(look: Appearance, monkeypatch: pytest.MonkeyPatch) -> None:
    scheme = [Qt.ColorScheme.Dark]

    class Hints:
        def colorScheme(self) -> Qt.ColorScheme:
            return scheme[0]

    monkeypatch.setattr(module.QGuiApplication, "styleHints", staticmethod(Hints))
    expected = {Qt.ColorScheme.Dark: "dark", Qt.ColorScheme.Light: "light", Qt.ColorScheme.Unknown: "light"}
    for scheme[0], ground in expected.items():
        look._system_changed()
        assert look.theme.ground == ground
    look._portal_told("dark")  # where Qt doesn't know, the portal does
    assert look.theme.ground == "dark"
    look.choose("light")
    assert look.theme.ground == "light"
    look.choose("system")
    look._portal_told("")
    assert look.theme.ground == "light"


@pytest.mark.parametrize(("value", "told"), [(1, "dark"), (2, "light"), (0, ""), (7, "")])
def test_the_portals_number_is_understood_however_wrapped(value: int, told: str, qapp: QApplication) -> None:
    class Wrapped:
        def __init__(self, inner: object) -> None:
            self._inner = inner

        def variant(self) -> object:
            return self._inner

    class Message:
        def __init__(self, *arguments: object) -> None:
            self._arguments = list(arguments)

        def arguments(self) -> list[object]:
            return self._arguments

    heard: list[str] = []
    portal = ColorScheme()
    portal.told.connect(heard.append)
    for wrapped in (value, Wrapped(value), Wrapped(Wrapped(value))):
        portal.changed(Message("org.freedesktop.appearance", "color-scheme", wrapped))  # type: ignore[arg-type]
    portal.changed(Message("org.freedesktop.appearance", "accent-color", value))  # type: ignore[arg-type]
    assert heard == [told] * 3


def test_high_contrast_takes_grounds_and_text_from_the_system(resources: Path) -> None:
    system = QPalette()
    role = QPalette.ColorRole
    yellow, black = QColor("#ffff00"), QColor("#000000")
    for which, color in ((role.WindowText, yellow), (role.Window, black), (role.Base, black)):
        system.setColor(which, color)
    theme = Theme(resources, "dark", overrides=contrast_colors(system))
    assert theme.contrast
    assert {theme.ink(name).name() for name in ("text", "text3", "line", "control", "warnText")} == {"#ffff00"}
    assert {theme.ink(name).name() for name in ("window", "surface", "sunken", "badFill")} == {"#000000"}
    border, fill = theme.mark(theme.order["agent"][0])
    assert (border, fill) == (yellow, black)


@pytest.mark.parametrize(("ground", "text"), [("#000000", "#ffffff"), ("#ffffff", "#000000")])
@pytest.mark.parametrize("choice", ["system", "light", "dark"])
def test_fills_stand_out_from_the_ground_of_high_contrast_whatever_was_chosen(
    choice: Choice, ground: str, text: str, qapp: QApplication, resources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, role = QPalette(), QPalette.ColorRole
    for which in (role.Window, role.Base):
        system.setColor(which, QColor(ground))
    system.setColor(role.WindowText, QColor(text))
    monkeypatch.setattr("app.ui.appearance._contrast_colors", lambda: contrast_colors(system))
    theme = Appearance(resources, choice).theme
    groups = tokens(resources)["data"]["light"]
    fills = [theme.data(group, key).name() for group in GROUPS for key in groups[group]]
    fills += [theme.ink(name).name() for name in ("text", "line", "control", "focus", "warn", "bad", "good")]
    assert not [color for color in fills if contrast(color, ground) < 3]


def test_the_font_of_the_pictures_is_shipped(qapp: QApplication, resources: Path) -> None:
    font = use_shipped_font(resources)
    assert QFontInfo(font).family() == "Inter"
    font.setWeight(QFont.Weight.DemiBold)
    assert QFontInfo(font).weight() == QFont.Weight.DemiBold
    assert "SIL OPEN FONT LICENSE" in (resources / "fonts" / "OFL.txt").read_text(encoding="utf-8")
