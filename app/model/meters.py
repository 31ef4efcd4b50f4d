"""What is going on at this moment, as values: the tray, `cuenta live` and the popover all show this."""

from __future__ import annotations

from typing import NamedTuple

STALE_AFTER = 600_000
"""Figures are stale when a log has changed so long ago, ms, and was not read since."""
IDLE_AFTER = 600_000
"""A session runs while its last call is younger than this, ms."""
NEAR_FROM = 0.8
"""Share of the real context window from which a session is near its limit."""
NEAR_LEFT = 15_000
"""Tokens before compaction from which it is near, too."""


def is_near(context: int | None, window: int | None, compacts_at: int | None) -> bool:
    """Near the context limit: the window's end, or compaction."""
    if context is None:
        return False
    return (bool(window) and context / (window or 1) >= NEAR_FROM) or (
        compacts_at is not None and compacts_at - context <= NEAR_LEFT
    )


class Running(NamedTuple):
    """A session that wrote within the last ten minutes."""

    source: str
    session: str
    name: str
    """Last part of the project's folder; the session's id where no folder is known. Never a title."""
    project: str | None
    branch: str | None
    model: str | None
    effort: str | None
    last_at: int
    cost: int
    """Nano-dollars of the session's priced calls."""
    unpriced: int
    """Calls of the session without a price; with any, `cost` is a lower bound."""
    context: int | None
    """Tokens in the main chain's context now; None is unknown (just compacted, or never logged)."""
    window: int | None
    """Size of that context window in tokens; None is unknown."""
    context_label: str = "measured"
    """`estimated` just after a compaction."""
    compacts_at: int | None = None
    """Tokens at which the agent compacts by itself; None is unknown."""
    cache_until: int | None = None
    """When the prompt cache goes, ms since 1970 UTC; None where no lifetime is promised."""
    cache_lifetime: int | None = None
    """For how long the cache was promised, ms; None where no lifetime is promised."""
    cold_extra: int | None = None
    """Nano-dollars by which the next turn is dearer once the cache has gone; None is not known."""
    at_least: bool = False
    """The true cost is larger for want of a cache split; people see ≥."""
    of_more_days: bool = False
    """It began before today: `cost` is more than its share of today's figure."""

    @property
    def fill(self) -> float | None:
        """Share of the window in use, 0 to 1 (or beyond); None where either is unknown."""
        if self.context is None or not self.window:
            return None
        return self.context / self.window


class Deleting(NamedTuple):
    """An agent that deletes its own logs, and when."""

    title: str
    days: int


class Meters(NamedTuple):
    """One reading of the live meter."""

    at: int
    """When this was read, ms since 1970 UTC."""
    today: int
    """Nano-dollars of today's priced calls (today in the user's time zone)."""
    calls: int
    """Calls today."""
    unpriced: int
    """Calls today without a price; with any, `today` is a lower bound and people see ≥."""
    label: str
    """`measured`, `reconciled` or `estimated`: the weakest of today's calls."""
    hourly: int | None
    """Nano-dollars an hour over the last 15 minutes; None below two calls, or where none has a price."""
    running: tuple[Running, ...] = ()
    """Fullest first; sessions whose fill is unknown come last."""
    reading: tuple[int, int] | None = None
    """(files read, files to read) while a first run or a long catching-up goes on."""
    problems: tuple[str, ...] = ()
    """One sentence for each source that cannot be read."""
    at_least: bool = False
    """Something that was logged today could not be read, or has no cache split: `today` is a lower bound, shown with ≥."""
    behind_since: int | None = None
    """When the first log changed that is still unread, ms since 1970 UTC; None where the reading keeps up."""
    paused: bool = False
    paused_until: int | None = None
    """When a pause ends by itself, ms since 1970 UTC."""
    no_price: tuple[str, ...] = ()
    """Models of today's calls without a price, as reports call them."""
    deleting: tuple[Deleting, ...] = ()
    """During a pause without an end: the agents here whose logs may be gone before it is over."""

    hourly_at_least: bool = False
    """Some call of these 15 minutes has no price: `hourly` is a lower bound and people see ≥."""

    @property
    def as_of(self) -> int | None:
        """The instant these figures are of, where it is not now: a log has changed since and lies unread for long."""
        since = self.behind_since
        return since if since is not None and self.at - since >= STALE_AFTER else None

    @property
    def fullest(self) -> Running | None:
        """The running session whose context is fullest; None where no fill is known."""
        return next((one for one in self.running if one.fill is not None), None)
