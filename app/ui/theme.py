"""The design tokens as Qt values for painters: colors, fonts, lengths. Read once, when the first thing is painted.

A theme never changes; another ground or text size is another theme. Widgets ask `app.ui.appearance` for the one of now.
What a color stands for travels as an *ink*, a word such as `text2`, `agent:other` or `kind:output`, and becomes a color
only when it is painted: so a value outlives a switch from light to dark.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from PySide6.QtGui import QColor, QFont, QFontDatabase

Ground = Literal["light", "dark"]
"""What lies behind: light paper, or a dark window or panel."""
Role = Literal["caption", "table", "body", "heading", "title", "figure", "window", "page", "hero"]
Tier = Literal["top", "middle", "small"]

BODY = 13
"""The body size that all lengths of the tokens are drawn for, in logical pixels."""
TARGET = 24
"""What can be clicked is at least so wide and high, in logical pixels, however small the system's text is."""
_STEP, _STEPS = 0.3, 2
"""How far a further model of one tier goes towards the text's color, and how often."""
_TIGHTER = {"hero": -0.8, "window": -0.2, "figure": -0.3}
"""Letter spacing of the large sizes, in pixels of the tokens."""


class Space(NamedTuple):
    """Steps of the grid, in logical pixels at this text size."""

    xs: int
    s: int
    m: int
    l: int  # noqa: E741
    xl: int
    xxl: int


class Radius(NamedTuple):
    bar: int
    control: int
    button: int
    card: int
    popover: int


@cache
def tokens(resources: Path) -> dict[str, Any]:
    """`tokens.json` as it was written."""
    return json.loads((resources / "tokens.json").read_text(encoding="utf-8"))


class Theme:
    """The tokens for one ground and one text size.

    Where the ground is not known (None), each color is half way between its light and its dark form: that keeps a
    contrast of about 3 on either, where the wrong one of the two would vanish. Only the tray has such a ground.

    `body` is the size of running text in pixels and everything scales with it. `overrides` are interface colors that
    take the tokens' place: those of the system in high contrast.
    """

    def __init__(
        self,
        resources: Path,
        ground: Ground | None,
        body: int = BODY,
        base: QFont | None = None,
        overrides: Mapping[str, QColor] | None = None,
    ) -> None:
        values = tokens(resources)
        self.ground: Ground | None = ground
        self.body = body
        self.scale = body / BODY
        self.contrast = bool(overrides)
        self.tray: dict[str, Any] = values["tray"]
        self.marks: dict[str, str] = values["agentMark"]
        self.order: dict[str, tuple[str, ...]] = {key: tuple(names) for key, names in values["dataOrder"].items()}
        self._base = base
        self._overrides = dict(overrides or {})
        self._colors: dict[str, dict[str, str]] = values["color"]
        self._data: dict[str, Any] = values["data"]
        self._type: dict[str, list[int]] = values["type"]["px"]
        self._windows: dict[str, list[int]] = values["window"]
        space = values["space"]
        self.space = Space(*(self.px(space[step]) for step in Space._fields))
        self.radius = Radius(*(self.px(values["radius"][name]) for name in Radius._fields))
        self.target = max(TARGET, self.px(TARGET))
        self.row = max(TARGET, self.px(space["row_height"]))
        self.row_dense = max(TARGET, self.px(space["row_height_dense"]))
        self.control = max(TARGET, self.px(space["control_height"]))
        self._inks: dict[str, QColor] = {}
        self._fonts: dict[tuple[Role, int | None], QFont] = {}

    # Colors

    def color(self, name: str, opacity: float = 1.0) -> QColor:
        """The interface color of that name. Raises KeyError where the tokens have none."""
        if name in self._overrides:
            color = QColor(self._overrides[name])
        elif self.ground is None:
            color = _half_way(QColor(self._colors["light"][name]), QColor(self._colors["dark"][name]))
        else:
            color = QColor(self._colors[self.ground][name])
        color.setAlphaF(opacity)
        return color

    def data(self, group: str, key: str) -> QColor:
        """A color that carries data: group `tokenKind`, `agent`, `outcome` or `part`. Unknown agents are `other`."""
        colors: dict[str, str] = self._data[self.ground or "light"][group]
        if group == "agent":
            key = key if key in colors else "other"
        return QColor(colors[key])

    def kind(self, key: str) -> QColor:
        return self.data("tokenKind", "fresh" if key == "input" else key)

    def agent(self, key: str) -> QColor:
        return self.data("agent", key)

    def outcome(self, key: str) -> QColor:
        return self.data("outcome", key)

    def model(self, agent: str, tier: Tier, place: int = 0) -> QColor:
        """A model's color: its agent's, mixed over the surface by its tier. Further ones of one tier go towards the text's
        color, so none stands out less than the first.
        """
        first = mix(self.color("surface"), self.agent(agent), self._data["modelTier"][tier])
        return mix(first, self.color("text"), _STEP * min(place, _STEPS))

    def series(self, place: int) -> QColor:
        """The color of the n-th of what has none of its own (projects): the agents' palette; gray from the eighth."""
        palette = self.order["agent"]
        return self.agent(palette[min(place, len(palette) - 1)])

    def ink(self, ink: str) -> QColor:
        """The color of an ink: an interface color's name, or `kind:output`, `agent:other`, `outcome:landed`,
        `part:tools`, `model:other:middle:1` (the agent, the tier, which of that tier), `series:3`. Raises
        KeyError for what is none.
        """
        color = self._inks.get(ink)
        if color is None:
            self._inks[ink] = color = self._mixed(ink)
        return QColor(color)

    def _mixed(self, ink: str) -> QColor:
        group, _, key = ink.partition(":")
        if not key:
            return self.color(ink)
        if group == "model":
            agent, tier, *place = key.split(":")
            return self.model(agent, cast("Tier", tier), int(*place))
        if group == "series":
            return self.series(int(key))
        return self.kind(key) if group == "kind" else self.data(group, key)

    def mark(self, agent: str) -> tuple[QColor, QColor]:
        """Border and fill of an agent's mark."""
        surface, color = self.color("surface"), self.agent(agent)
        if self.contrast:
            return self.color("text"), surface
        return mix(surface, color, 0.75), mix(surface, color, 0.16)

    # Type

    def font(self, role: Role, weight: int | None = None) -> QFont:
        """The system's family with tabular figures, in the size and weight of that role."""
        font = self._fonts.get((role, weight))
        if font is None:
            self._fonts[role, weight] = font = self._font(role, weight)
        return QFont(font)

    def _font(self, role: Role, weight: int | None) -> QFont:
        size, _, usual = self._type[role]
        font = QFont(self._base) if self._base is not None else QFont()
        font.setPixelSize(self.px(size))
        font.setWeight(QFont.Weight(weight or usual))
        font.setFeature(QFont.Tag("tnum"), 1)
        if role in _TIGHTER:
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, _TIGHTER[role] * self.scale)
        return font

    def fixed(self) -> QFont:
        """The system's fixed font, for paths and commands only."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(self.px(11))
        return font

    def line_height(self, role: Role) -> int:
        return self.px(self._type[role][1])

    # Lengths

    def px(self, length: float) -> int:
        """A length of the tokens at this text size, in whole logical pixels."""
        return max(1, round(length * self.scale)) if length else 0

    def window(self, name: str) -> tuple[int, int, int, int]:
        """Default width and height, least width and height of a window, at 100 %."""
        width, height, least_width, least_height = self._windows[name]
        return width, height, least_width, least_height


def mix(one: QColor, other: QColor, share: float) -> QColor:
    """That much of the other over the one."""
    return QColor(
        *(
            round(a + (b - a) * share)
            for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]
        )
    )


def _half_way(one: QColor, other: QColor) -> QColor:
    return QColor((one.red() + other.red()) // 2, (one.green() + other.green()) // 2, (one.blue() + other.blue()) // 2)
