"""What the tray shows, as a value: decided and worded here, painted elsewhere without decisions. Of Qt only its words.

Two equal views look the same on the screen, so a repaint is needed only when the view has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from app import formats
from app.model.meters import Meters, Running, is_near
from app.model.trouble import Drifted, Unlike, Unreadable
from app.ui.widgets import spoken

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
    OPEN = "open"
    """A window; the entry's target names it."""
    SESSION = "session"
    """A session's window; the target is the session."""
    QUIT = "quit"


class Entry(NamedTuple):
    """One line of the menu; without text a separator, without an action a line to read."""

    text: str = ""
    action: Action | None = None
    target: tuple[str, ...] = ()
    """What the action is about: a window's key, or a session's source and id."""
    keys: str = ""
    """The shortcut shown beside it."""


SEPARATOR = Entry()


class Options(NamedTuple):
    """What the user chose about the tray. Ink and color set are the painter's business, not the view's."""

    figure: bool = False
    """Today's whole dollars over a context bar instead of the gauge."""
    locale: str = formats.ENGLISH
    windows: tuple[str, ...] = ()
    """Keys of the windows there are."""
    sessions: bool = False
    """A running session's line opens its window."""
    zone: tzinfo | None = None
    """In which a time of day is told; None is the machine's own."""


_WINDOWS = (("overview", "Overview", "Ctrl+1"), ("sessions", "Sessions", "Ctrl+2"))
_SETTINGS = "settings"
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


def waiting() -> TrayView:
    """Before the first reading: an empty gauge and no figure, for a zero would be a claim."""
    return TrayView(State.IDLE, None, None, ("Cuenta",), "Cuenta", (Entry(_tr("Quit"), Action.QUIT),))


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
        _tooltip(meters, state, options),
        _description(meters, state, options),
        _menu(meters, options),
    )


def near(one: Running) -> bool:
    """Near its context limit: the window's end, or compaction."""
    return is_near(one.context, one.window, one.compacts_at)


def left_of(one: Running) -> int | None:
    """Tokens before compaction, below zero once it is due; None is not known."""
    if one.context is None or one.compacts_at is None:
        return None
    return one.compacts_at - one.context


def before_compaction(one: Running, locale: str = formats.ENGLISH) -> str | None:
    """`About 22k tokens before compaction.`"""
    left = left_of(one)
    if left is None:
        return None
    if left < 1_000:
        return _tr("Compaction may come at any turn.")
    return _tr("About {tokens} tokens before compaction.").format(tokens=about(left, locale))


def about(tokens: int, locale: str = formats.ENGLISH) -> str:
    """Whole thousands, cut: `22k`; from a million on as everywhere."""
    return formats.tokens(tokens if tokens >= 1_000_000 else tokens // 1_000 * 1_000, locale).replace(".0k", "k")


def pausing(meters: Meters) -> tuple[str, ...]:
    """What a pause means: the sentence about it, and where a long one may lose something, a second."""
    said = [_tr("Cuenta is paused. Logs are read again when you resume.")]
    if meters.deleting:
        title, days = meters.deleting[0]
        loses = _tr("{agent} deletes its logs after {days} days; what it deletes meanwhile is never counted.")
        said.append(loses.format(agent=title, days=days))
    return tuple(said)


def title_and_text(problem: str) -> tuple[str, str]:
    """What is wrong, and the rest: the place, or what follows. Of what the world answers, as of a locked database, only a
    sentence is known: its first one, and the others."""
    if isinstance(problem, Unreadable):
        one, many = _tr("A log of {agent} can't be read"), _tr("{n} logs of {agent} can't be read")
        title = (one if problem.logs == 1 else many).format(n=f"{problem.logs:,}", agent=problem.agent)
        return title, f"{problem.first}."
    if isinstance(problem, Drifted):
        one, many = (
            _tr("1 entry of today's logs could not be read."),
            _tr("{n} entries of today's logs could not be read."),
        )
        text = (one if problem.entries == 1 else many).format(n=f"{problem.entries:,}")
        return _tr("{agent}: log format not recognized.").format(agent=problem.agent), text
    if isinstance(problem, Unlike):
        title = _tr("{agent}: its logs are not what they were.").format(agent=problem.agent)
        return title, _tr("Sources and health says how.")
    first, stop, rest = problem.partition(". ")
    return first + stop.strip(), rest


def _line_of(problem: str) -> str:
    """All of it in one line."""
    title, text = title_and_text(problem)
    if isinstance(problem, Unreadable):
        return f"{title} ({problem.first})."
    return f"{title} {text}".strip()


def without_price(models: Sequence[str]) -> tuple[str, str]:
    """That they have none, and what follows: `house-coder-2 has no price`."""
    if len(models) == 1:
        title = _tr("{model} has no price").format(model=_plain(models[0]))
    else:
        title = _tr("{n} models have no price").format(n=len(models))
    return title, _tr("Totals show ≥ until you add one.")


def as_of(instant: int, zone: tzinfo | None) -> str:
    """`as of 15:20`: of figures that are not of now."""
    return _tr("as of {time}").format(time=f"{datetime.fromtimestamp(instant / 1000, zone):%H:%M}")


def figure_of(meters: Meters) -> str:
    """Whole dollars of today in at most two characters where possible: `0`, `15`, `1h` from $100, `1k` from $1,000.

    Cut, not rounded: what stands there has been spent. `–` where no call of today has a price.
    """
    dollars = formats.whole(meters.today)
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
    return State.NEAR if any(near(one) for one in meters.running) else State.LIVE


def _fill(fullest: Running | None) -> float | None:
    """Half a percent is finer than a pixel of the arc at 64 px, so nothing is repainted that can't be seen."""
    if fullest is None or fullest.fill is None:
        return None
    return round(min(1.0, max(0.0, fullest.fill)) * 200) / 200


def _tooltip(meters: Meters, state: State, options: Options) -> tuple[str, ...]:
    locale = options.locale
    spent = _today(meters, locale)
    if meters.as_of is not None:
        lines = [f"{spent}, {as_of(meters.as_of, options.zone)}"]
    else:
        lines = [spent]
        if meters.hourly is not None:
            lines = [f"{spent}, {formats.rate(meters.hourly, locale, at_least=meters.hourly_at_least)}"]
    lines[0] = formats.with_rate(lines[0])
    if meters.running:
        lines.append(context_line(meters.fullest or meters.running[0], locale))
    elif state is State.IDLE and not meters.reading:
        lines.append(_tr("No agent is running."))
    said = _said(meters, state, options)
    if said:
        lines.append(said)
    return tuple(lines)


def _said(meters: Meters, state: State, options: Options) -> str | None:
    """The sentence about a state that no figure explains."""
    if state is State.PAUSED:
        return " ".join(pausing(meters))
    if meters.problems:
        more = len(meters.problems) - 1
        first = _plain(_line_of(meters.problems[0]), longest=160)
        return _tr("{problem} {n} more.").format(problem=first, n=more) if more else first
    if meters.reading:
        done, of = meters.reading
        files = formats.counted(of, _tr("file"), _tr("files"))
        told = _tr("Reading history: {done} of {files}").format(done=f"{done:,}", files=files)
        return told if of else _tr("Reading history")
    return _said_near(meters, options.locale) if state is State.NEAR else None


def _said_near(meters: Meters, locale: str) -> str | None:
    """`About 22k tokens before compaction.`; with its name in front where it is not the session of the line above."""
    one = next(one for one in meters.running if near(one))
    said = before_compaction(one, locale)
    return said if said is None or one is meters.fullest else f"{_plain(one.name)}: {said[0].lower()}{said[1:]}"


def _description(meters: Meters, state: State, options: Options) -> str:
    """`$15.62 today. 3 running. Fullest: atlas-api, context 51 percent.`"""
    locale = options.locale
    stale = f", {as_of(meters.as_of, options.zone)}" if meters.as_of is not None else ""
    parts = [f"{_today(meters, locale)}{stale}.", _tr("{n} running.").format(n=len(meters.running))]
    fullest = meters.fullest
    if fullest:
        share = spoken.percent((fullest.context or 0) / (fullest.window or 1), locale)
        parts.append(_tr("Fullest: {name}, context {share}.").format(name=_plain(fullest.name), share=share))
    if state is State.NEAR:
        parts.append(_tr("Near the context limit."))
    said = _said(meters, state, options)
    if said:
        parts.append(said if said.endswith(".") else said + ".")
    return " ".join(parts)


def _menu(meters: Meters, options: Options) -> tuple[Entry, ...]:
    end = [SEPARATOR]
    windows = [Entry(_tr(text), Action.OPEN, (key,), keys) for key, text, keys in _WINDOWS if key in options.windows]
    if windows:
        end += [*windows, SEPARATOR]
    if meters.paused:
        end.append(Entry(_tr("Resume"), Action.RESUME))
    else:
        end.append(Entry(_tr("Pause for 1 hour"), Action.PAUSE_HOUR))
        end.append(Entry(_tr("Pause until resumed"), Action.PAUSE))
    end.append(SEPARATOR)
    if _SETTINGS in options.windows:
        end.append(Entry(_tr("Settings…"), Action.OPEN, (_SETTINGS,), "Ctrl+,"))
    end.append(Entry(_tr("Quit"), Action.QUIT, keys="Ctrl+Q"))
    head = [Entry(_today(meters, options.locale)), *_warned(meters)]
    room = MOST_ENTRIES - len(head) - len(end)
    shown = meters.running if len(meters.running) <= room else meters.running[: room - 1]
    head += [_session_entry(one, options) for one in shown]
    left = len(meters.running) - len(shown)
    if left:
        head.append(Entry(_tr("{n} more").format(n=left)))
    return (*head, *end)


def _warned(meters: Meters) -> list[Entry]:
    """A line to read while a pause without an end may lose something."""
    if not meters.deleting:
        return []
    title, days = meters.deleting[0]
    return [Entry(_tr("Paused; {agent} deletes its logs after {days} days").format(agent=title, days=days))]


def _session_entry(one: Running, options: Options) -> Entry:
    text = _session(one, options.locale)
    return Entry(text, Action.SESSION, (one.source, one.session)) if options.sessions else Entry(text)


def _today(meters: Meters, locale: str) -> str:
    """`$15.62 today`; where none of today's calls has a price, `41 calls today, no price`."""
    spent = formats.amount(meters.today, meters.unpriced, meters.label, locale, at_least=meters.at_least)
    if spent == formats.NO_PRICE:
        calls = formats.counted(meters.calls, _tr("call"), _tr("calls"))
        return _tr("{calls} today, {money}").format(calls=calls, money=spent)
    return _tr("{money} today").format(money=spent)


def _session(one: Running, locale: str) -> str:
    """`atlas-api, 51%, $7.60`; what is unknown is left out, a missing price is said."""
    parts = [_plain(one.name)]
    if one.fill is not None:
        parts.append(_share(one, locale))
    parts.append(formats.amount(one.cost, one.unpriced, locale=locale, at_least=one.at_least))
    return ", ".join(parts)


def context_line(one: Running, locale: str = formats.ENGLISH) -> str:
    """`atlas-api: context 51%`."""
    if one.fill is None:
        return _tr("{name}: context not known").format(name=_plain(one.name))
    return _tr("{name}: context {share}").format(name=_plain(one.name), share=_share(one, locale))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Tray", text)


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
