"""What the tray shows, as a value: decided here without Qt, painted and worded elsewhere without decisions.

Two equal views look the same on the screen, so a repaint is needed only when the view has changed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from app import formats
from app.model.meters import Meters, Running

NEAR_FROM = 0.8
"""Share of the real context window from which the icon warns."""
MOST_ENTRIES = 16
"""Hosts draw the menu, and a longer one scrolls or leaves the screen on some."""
LONGEST_NAME = 40


class State(StrEnum):
    """What the icon's shape says. In order of priority where several hold: paused, problem, near, live, idle."""

    PAUSED = "paused"
    PROBLEM = "problem"
    NEAR = "near"
    LIVE = "live"
    IDLE = "idle"


class Action(StrEnum):
    """What a menu entry does when it is chosen."""

    PAUSE_HOUR = "pause-hour"
    PAUSE = "pause"
    RESUME = "resume"
    QUIT = "quit"


class Entry(NamedTuple):
    """One line of the menu; without text a separator, without an action a line to read."""

    text: str = ""
    action: Action | None = None


SEPARATOR = Entry()


class Options(NamedTuple):
    """What the user chose about the tray. Ink and color set are the painter's business, not the view's."""

    figure: bool = False
    """Today's whole dollars over a context bar instead of the gauge."""
    locale: str = formats.ENGLISH


DEFAULT = Options()


class TrayView(NamedTuple):
    """All that the tray shows at one moment."""

    state: State
    fill: float | None
    """Context of the fullest running session, 0 to 1 in steps of half a percent; None draws an empty gauge."""
    figure: str | None
    """One to three characters for Figure mode; None draws the gauge."""
    tooltip: tuple[str, ...]
    description: str
    """The whole content in words for a screen reader."""
    menu: tuple[Entry, ...]


WAITING = TrayView(State.IDLE, None, None, ("Cuenta",), "Cuenta", (Entry("Quit", Action.QUIT),))
"""Before the first reading: an empty gauge and no figure, for a zero would be a claim."""


def view(meters: Meters, options: Options = DEFAULT) -> TrayView:
    """The tray of one reading of the meters."""
    state = _state(meters)
    quiet = state in (State.PAUSED, State.IDLE)
    # A problem or a pause has no shape of its own in Figure mode; the gauge takes over until it is gone.
    figure = figure_of(meters) if options.figure and state not in (State.PAUSED, State.PROBLEM) else None
    return TrayView(
        state,
        None if quiet else _fill(meters.fullest),
        figure,
        _tooltip(meters, state, options.locale),
        _description(meters, state, options.locale),
        _menu(meters, options.locale),
    )


def figure_of(meters: Meters) -> str:
    """Whole dollars of today in at most two characters where possible: `0`, `15`, `1h` from $100, `1k` from $1,000.

    Cut, not rounded: what stands there has been spent. `–` where no call of today has a price.
    """
    dollars = meters.today // formats.NANO
    if meters.unpriced and not meters.today:
        return formats.NONE
    if dollars < 100:
        return str(dollars)
    return f"{dollars // 100}h" if dollars < 1_000 else f"{dollars // 1_000}k"


def _state(meters: Meters) -> State:
    if meters.paused:
        return State.PAUSED
    if meters.problems:
        return State.PROBLEM
    if not meters.running:
        return State.IDLE
    fullest = meters.fullest
    if fullest and fullest.fill is not None and fullest.fill >= NEAR_FROM:
        return State.NEAR
    return State.LIVE


def _fill(fullest: Running | None) -> float | None:
    """Half a percent is finer than a pixel of the arc at 64 px, so nothing is repainted that can't be seen."""
    if fullest is None or fullest.fill is None:
        return None
    return round(min(1.0, max(0.0, fullest.fill)) * 200) / 200


def _tooltip(meters: Meters, state: State, locale: str) -> tuple[str, ...]:
    spent = _today(meters, locale)
    lines = [spent if meters.hourly is None else f"{spent}, {formats.rate(meters.hourly, locale)}"]
    if meters.running:
        lines.append(_context(meters.fullest or meters.running[0], locale))
    elif state is State.IDLE and not meters.reading:
        lines.append("No agent is running.")
    said = _said(meters, state)
    if said:
        lines.append(said)
    return tuple(lines)


def _said(meters: Meters, state: State) -> str | None:
    """The sentence about a state that no figure explains."""
    if state is State.PAUSED:
        return "Cuenta is paused. Logs are read again when you resume."
    if meters.problems:
        more = len(meters.problems) - 1
        first = _plain(meters.problems[0], longest=160)
        return f"{first} {more} more." if more else first
    if meters.reading:
        done, of = meters.reading
        return f"Reading history: {done:,} of {formats.counted(of, 'file', 'files')}" if of else "Reading history"
    return None


def _description(meters: Meters, state: State, locale: str) -> str:
    """`$15.62 today. 3 running. Fullest: atlas-api, context 51 percent.`"""
    parts = [f"{_today(meters, locale)}.", f"{len(meters.running)} running."]
    fullest = meters.fullest
    if fullest:
        parts.append(f"Fullest: {_plain(fullest.name)}, context {_share(fullest, locale).replace('%', ' percent')}.")
    if state is State.NEAR:
        parts.append("Near the context limit.")
    said = _said(meters, state)
    if said:
        parts.append(said if said.endswith(".") else said + ".")
    return " ".join(parts)


def _menu(meters: Meters, locale: str) -> tuple[Entry, ...]:
    end = [SEPARATOR]
    if meters.paused:
        end.append(Entry("Resume", Action.RESUME))
    else:
        end += [Entry("Pause for 1 hour", Action.PAUSE_HOUR), Entry("Pause until resumed", Action.PAUSE)]
    end += [SEPARATOR, Entry("Quit", Action.QUIT)]
    head = [Entry(_today(meters, locale))]
    room = MOST_ENTRIES - len(head) - len(end)
    shown = meters.running if len(meters.running) <= room else meters.running[: room - 1]
    head += [Entry(_session(one, locale)) for one in shown]
    left = len(meters.running) - len(shown)
    if left:
        head.append(Entry(f"{left} more"))
    return (*head, *end)


def _today(meters: Meters, locale: str) -> str:
    """`$15.62 today`; where none of today's calls has a price, `41 calls today, no price`."""
    spent = formats.amount(meters.today, meters.unpriced, meters.label, locale)
    if spent == formats.NO_PRICE:
        return f"{formats.counted(meters.calls, 'call', 'calls')} today, {spent}"
    return f"{spent} today"


def _session(one: Running, locale: str) -> str:
    """`atlas-api, 51%, $7.60`; what is unknown is left out, a missing price is said."""
    parts = [_plain(one.name)]
    if one.fill is not None:
        parts.append(_share(one, locale))
    parts.append(formats.amount(one.cost, one.unpriced, locale=locale))
    return ", ".join(parts)


def _context(one: Running, locale: str) -> str:
    if one.fill is None:
        return f"{_plain(one.name)}: context not known"
    return f"{_plain(one.name)}: context {_share(one, locale)}"


def _share(one: Running, locale: str) -> str:
    return formats.percent(one.context or 0, one.window or 1, locale=locale)


def _plain(text: str, longest: int = LONGEST_NAME) -> str:
    """A name or sentence fit for one line of plain text.

    A folder may be called anything. Line breaks and control characters become spaces; angle brackets become quotation
    marks, since Qt and some tray hosts take a tooltip that looks like markup for markup.
    """
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    line = line.replace("<", "‹").replace(">", "›")
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
