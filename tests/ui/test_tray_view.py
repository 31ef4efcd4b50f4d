"""What the tray shows, as a value: meters in, view out."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from app.model.meters import Deleting, Meters, Running
from app.ui.tray_view import MOST_ENTRIES, SEPARATOR, Action, Entry, Options, State, TrayView, about, figure_of, view

DOLLAR = 1_000_000_000


def running(
    name: str = "atlas-api", context: int | None = 102_000, window: int | None = 200_000, **more: Any
) -> Running:
    """A session at 51 % that has cost $7.60."""
    values = {"cost": 7_600_000_000, "unpriced": 0, "last_at": 0, **more}
    return Running("claude_code", name, name, None, None, None, None, context=context, window=window, **values)


def meters(*sessions: Running, **more: Any) -> Meters:
    """A day of $15.62."""
    values = {"today": 15_620_000_000, "calls": 40, "unpriced": 0, "label": "measured", "hourly": None, **more}
    return Meters(running=sessions, **({"at": 0} | values))


NEAR = running("ledger-web", 182_000)
HALF = running()
UNKNOWN = running("new-one", None)


@pytest.mark.parametrize(
    ("given", "state", "fill"),
    [
        (meters(), State.IDLE, None),
        (meters(HALF), State.LIVE, 0.51),
        (meters(running(context=159_999)), State.LIVE, 0.8),
        (meters(running(context=160_000)), State.NEAR, 0.8),
        (meters(NEAR, HALF), State.NEAR, 0.91),
        (meters(running(context=260_000)), State.NEAR, 1.0),
        (meters(UNKNOWN), State.LIVE, None),
        (meters(running(window=None)), State.LIVE, None),
        (meters(running(context=0)), State.LIVE, 0.0),
        (meters(NEAR, problems=("Cline: log format not recognized.",)), State.PROBLEM, 0.91),
        (meters(problems=("x",)), State.PROBLEM, None),
        (meters(NEAR, problems=("x",), paused=True), State.PAUSED, None),
        (meters(HALF, reading=(1, 2)), State.LIVE, 0.51),
    ],
)
def test_state(given: Meters, state: State, fill: float | None) -> None:
    """Paused before problem before near before live before idle; an idle or paused gauge is empty."""
    shown = view(given)
    assert (shown.state, shown.fill) == (state, fill)


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        (meters(), ("$15.62 today", "No agent is running.")),
        (meters(HALF, hourly=4_200_000_000), ("$15.62 today, $4.20 an hour", "atlas-api: context 51%")),
        (meters(HALF, unpriced=3), ("≥ $15.62 today", "atlas-api: context 51%")),
        (meters(HALF, at_least=True), ("≥ $15.62 today", "atlas-api: context 51%")),
        (
            meters(HALF, hourly=4_200_000_000, at=56_520_000, behind_since=55_200_000),  # 15:42 and 15:20
            ("$15.62 today, as of 15:20", "atlas-api: context 51%"),
        ),
        (meters(HALF, at=56_520_000, behind_since=56_000_000), ("$15.62 today", "atlas-api: context 51%")),
        (meters(HALF, label="estimated"), ("≈ $15.62 today", "atlas-api: context 51%")),
        (meters(HALF, today=0, calls=1, unpriced=1), ("1 call today, no price", "atlas-api: context 51%")),
        (meters(today=0, calls=0), ("$0.00 today", "No agent is running.")),
        (meters(UNKNOWN), ("$15.62 today", "new-one: context not known")),
        (
            meters(HALF, reading=(214, 562)),
            ("$15.62 today", "atlas-api: context 51%", "Reading history: 214 of 562 files"),
        ),
        (meters(reading=(0, 0)), ("$15.62 today", "Reading history")),  # not yet counted
        (meters(reading=(0, 1)), ("$15.62 today", "Reading history: 0 of 1 file")),
        (
            meters(HALF, problems=("Cline: log format not recognized.",), reading=(1, 2)),
            ("$15.62 today", "atlas-api: context 51%", "Cline: log format not recognized."),
        ),
        (meters(problems=("One.", "Two.", "Three.")), ("$15.62 today", "One. 2 more.")),
        (
            meters(HALF, problems=("One.",), paused=True),
            ("$15.62 today", "atlas-api: context 51%", "Cuenta is paused. Logs are read again when you resume."),
        ),
        (meters(running("a\nb\t<b>c</b>")), ("$15.62 today", "a b ‹b›c‹/b›: context 51%")),
        (meters(running("x" * 60)), ("$15.62 today", "x" * 39 + "…: context 51%")),
    ],
)
def test_tooltip(given: Meters, lines: tuple[str, ...]) -> None:
    """Today, the fullest session, and a third line only where a state needs a word. Plain text, whatever a folder is
    called."""
    assert view(given, Options(zone=UTC)).tooltip == lines


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (meters(HALF, running("b", 2_000)), "$15.62 today. 2 running. Fullest: atlas-api, context 51 percent."),
        (meters(), "$15.62 today. 0 running."),
        (
            meters(NEAR),
            "$15.62 today. 1 running. Fullest: ledger-web, context 91 percent. Near the context limit.",
        ),
        (meters(reading=(1, 2)), "$15.62 today. 0 running. Reading history: 1 of 2 files."),
    ],
)
def test_description(given: Meters, text: str) -> None:
    """A screen reader hears all that the icon shows."""
    assert view(given).description == text


PAUSE = (Entry("Pause for 1 hour", Action.PAUSE_HOUR), Entry("Pause until resumed", Action.PAUSE))
QUIT = Entry("Quit", Action.QUIT, (), "Ctrl+Q")


@pytest.mark.parametrize(
    ("given", "menu"),
    [
        (meters(), (Entry("$15.62 today"), SEPARATOR, *PAUSE, SEPARATOR, QUIT)),
        (
            meters(
                NEAR, HALF, UNKNOWN, running("c", 2_000, cost=480_000_000, unpriced=2), running("d", cost=0, unpriced=1)
            ),
            (
                Entry("$15.62 today"),
                Entry("ledger-web, 91%, $7.60"),
                Entry("atlas-api, 51%, $7.60"),
                Entry("new-one, $7.60"),
                Entry("c, 1.0%, ≥ $0.48"),
                Entry("d, 51%, no price"),
                SEPARATOR,
                *PAUSE,
                SEPARATOR,
                QUIT,
            ),
        ),
        (
            meters(paused=True),
            (Entry("$15.62 today"), SEPARATOR, Entry("Resume", Action.RESUME), SEPARATOR, QUIT),
        ),
    ],
)
def test_menu(given: Meters, menu: tuple[Entry, ...]) -> None:
    """Today, one line a running session, then what can be done; nothing that does not exist yet."""
    assert view(given).menu == menu


@pytest.mark.parametrize(
    ("count", "entries", "last"), [(10, 16, "s9, 51%, $7.60"), (11, 16, "2 more"), (40, 16, "31 more")]
)
def test_menu_ends(count: int, entries: int, last: str) -> None:
    """At most sixteen lines; the rest is a number."""
    menu = view(meters(*(running(f"s{number}") for number in range(count)))).menu
    assert len(menu) == entries == MOST_ENTRIES
    assert menu[menu.index(SEPARATOR) - 1].text == last


@pytest.mark.parametrize(
    ("today", "unpriced", "expected"),
    [
        (0, 0, "0"),
        (0, 2, "–"),
        (999_999_999, 0, "0"),
        (15_990_000_000, 1, "15"),
        (99_999_999_999, 0, "99"),
        (100 * DOLLAR, 0, "1h"),
        (999 * DOLLAR, 0, "9h"),
        (1_000 * DOLLAR, 0, "1k"),
        (12_000 * DOLLAR, 0, "12k"),
    ],
)
def test_figure(today: int, unpriced: int, expected: str) -> None:
    """Whole dollars, cut and not rounded: what stands there has been spent."""
    assert figure_of(meters(today=today, unpriced=unpriced)) == expected


@pytest.mark.parametrize(
    ("given", "figure"),
    [
        (meters(HALF), "15"),
        (meters(), "15"),
        (meters(NEAR), "15"),
        (meters(paused=True), None),
        (meters(problems=("x",)), None),
    ],
)
def test_figure_mode_gives_way(given: Meters, figure: str | None) -> None:
    """A problem and a pause have their shape in the gauge, so it shows even in Figure mode."""
    assert view(given, Options(figure=True)).figure == figure
    assert view(given).figure is None


def test_what_cannot_be_seen_changes_nothing() -> None:
    """A few tokens more are less than a pixel and less than a percent: the same view, so no repaint."""
    assert view(meters(running(context=102_000))) == view(meters(running(context=102_200)))
    assert isinstance(view(meters()), TrayView)


def test_a_pause_without_end_warns_of_deleted_logs() -> None:
    """In the menu and in the tooltip: what an agent deletes meanwhile is never counted. The agent that is first."""
    endless = meters(paused=True, deleting=(Deleting("Tidy", 30), Deleting("Later", 60)))
    hour = meters(paused=True, paused_until=3_600_000)
    assert view(endless).menu[1] == Entry("Paused; Tidy deletes its logs after 30 days")
    assert "Tidy deletes its logs after 30 days" in view(endless).tooltip[-1]
    assert "deletes" not in str(view(hour)) and "deletes" not in str(view(meters()))


@pytest.mark.parametrize(("tokens", "said"), [(22_900, "22k"), (999_999, "999k"), (1_240_000, "1.2M")])
def test_about_so_many_tokens(tokens: int, said: str) -> None:
    assert about(tokens) == said
