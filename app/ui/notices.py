"""Which notifications there are to show: decided here without Qt, shown by whoever has a tray icon.

One for each session that comes near its context limit, once and for all; three a day at most. One that the day has no
room for, or that the desktop holds back, is not repeated later. One for each model that has no price when it is first
seen; several at once are told together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import NamedTuple

from app.formats import ENGLISH
from app.model.meters import Meters, Running
from app.ui.tray_view import before_compaction, context_line, near, without_price

A_DAY = 3
_REMEMBERED = 500
"""Sessions, or models: one is forgotten after so many newer ones."""


class Notification(NamedTuple):
    """A fact, a sentence, and the session to open, or else the page of Settings."""

    title: str
    text: str
    source: str = ""
    session: str = ""
    page: str = ""


class Notices:
    """Remembers what was told; `keep` is given all of it after each change, for the next start, `keep_models` the same of
    models."""

    def __init__(
        self,
        told: Mapping[str, int] | None = None,
        keep: Callable[[dict[str, int]], None] | None = None,
        on: bool = True,
        locale: str = ENGLISH,
        zone: tzinfo | None = None,
        models: Mapping[str, int] | None = None,
        keep_models: Callable[[dict[str, int]], None] | None = None,
        prices_on: bool = True,
    ) -> None:
        self.on = on
        self.prices_on = prices_on
        self._told = dict(told or {})
        self._models = dict(models or {})
        self._keep, self._keep_models = keep, keep_models
        self._locale = locale
        self._zone = zone

    def due(self, meters: Meters) -> list[Notification]:
        """What is to be told of this reading."""
        return [] if meters.paused else [*self._near(meters), *self._without_price(meters)]

    def _without_price(self, meters: Meters) -> list[Notification]:
        new = [one for one in meters.no_price if one not in self._models]
        # While much is read a price may be a moment away, and what is told is not told again.
        if not self.prices_on or not new or meters.reading is not None:
            return []
        self._models = dict(list({**self._models, **dict.fromkeys(new, meters.at)}.items())[-_REMEMBERED:])
        if self._keep_models is not None:
            self._keep_models(dict(self._models))
        return [Notification(*without_price(new), page="prices")]

    def _near(self, meters: Meters) -> list[Notification]:
        if not self.on:
            return []
        new = [one for one in meters.running if near(one) and _key(one) not in self._told]
        if not new:
            return []
        room = max(0, A_DAY - self._told_on_the_day_of(meters.at))
        for place, one in enumerate(new):
            self._told[_key(one)] = meters.at if place < room else 0
        self._told = dict(list(self._told.items())[-_REMEMBERED:])
        if self._keep is not None:
            self._keep(dict(self._told))
        return [self._notification(one) for one in new[:room]]

    def _told_on_the_day_of(self, at: int) -> int:
        today = self._day(at)
        return sum(1 for then in self._told.values() if then and self._day(then) == today)

    def _day(self, at: int) -> int:
        return datetime.fromtimestamp(at / 1000, self._zone).toordinal()

    def _notification(self, one: Running) -> Notification:
        text = before_compaction(one, self._locale) or ""
        return Notification(context_line(one, self._locale), text, one.source, one.session)


def _key(one: Running) -> str:
    return f"{one.source} {one.session}"
