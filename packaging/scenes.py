"""What pictures are taken of: every surface in every state it has, on made-up logs that the real readers read.

A state is a world: a home folder with logs, and the clock always at the same instant. A scene opens one surface in it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch
from zoneinfo import ZoneInfo

from msgspec import json
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget
from tray_sheet import TraySheet

from app.demo import write_logs
from app.machine import Machine
from app.model.instant import instant_of
from app.model.meters import Meters
from app.model.money import Currency
from app.pricing.book import Model, Row, read_book
from app.report.popover import PopoverFacts
from app.runtime import Core, reader
from app.store import invoices, queries
from app.store.invoices import Invoice
from app.ui import preferences
from app.ui.popover import Popover
from app.ui.reconcile_window import ReconcileWindow
from app.ui.session_window import SessionWindow
from app.ui.settings_pages import PAGES
from app.ui.settings_pages.prices import PricesPage
from app.ui.settings_window import SettingsWindow
from app.ui.tray_view import Options
from app.ui.windows import DOCTOR, KEYS, OVERVIEW, RECONCILE, SESSIONS, SETTINGS, WINDOWS, Windows

NOW = instant_of("2026-11-27T15:42:00Z") or 0
ZONE = ZoneInfo("UTC")
USUAL = "usual"
FIRST_RUN = "first_run"
_WEEKS = 35 * 86_400_000
_HISTORIES = 8
_PROCESS = 48213
"""The process id that the pictures show: one's own is another at each start."""
_PATIENCE = 60.0


# --- worlds


def _usual(home: Path) -> None:
    write_logs(home, NOW, ZONE)


def _few(home: Path) -> None:
    """What was written in the last minutes, as on the first day."""
    write_logs(home, NOW, ZONE)
    for one in home.rglob("*.jsonl"):
        if one.stat().st_mtime * 1000 < NOW - 30 * 60_000:
            one.unlink()


def _many(home: Path) -> None:
    """More than a year, and twice as many sessions at once."""
    for number in range(_HISTORIES):
        write_logs(home, NOW - max(0, number - 1) * _WEEKS, ZONE, seed=3 + number)


def _error(home: Path) -> None:
    """A log that cannot be read, and one with entries that nobody knows."""
    write_logs(home, NOW, ZONE)
    folder = home / ".codex/sessions/2026/11/27"
    broken = folder / "rollout-2026-11-27T14-02-11-0199a1c2-7f3e-7d10-9b7a-3f2d5c8e1a40.jsonl.zst"
    broken.write_bytes(b"not what its name says")
    newest = max((home / ".claude").rglob("*.jsonl"), key=lambda one: one.stat().st_mtime)
    at = newest.stat().st_mtime_ns
    with newest.open("ab") as log:
        log.write(
            b'{"type":"usage-v2","timestamp":"2026-11-27T15:41:25.000Z","sessionId":"x","usage":{"input_tokens":1}}\n'
            * 12
        )
    os.utime(newest, ns=(at, at))


WORLDS: dict[str, Callable[[Path], None]] = {
    USUAL: _usual,
    "empty": lambda _home: None,
    "few": _few,
    "many": _many,
    "error": _error,
}


class World(NamedTuple):
    machine: Machine
    facts: PopoverFacts


def world(state: str, folder: Path) -> World:
    """That world below `folder`, made where it is not there yet, and read."""
    home = folder / state
    if not home.is_dir():
        home.mkdir(parents=True)
        WORLDS[state](home)
    data = home / ".local/share/cuenta"
    machine = Machine(home, {"TZ": ZONE.key}, system="linux", clock=lambda: NOW, data=data)
    core = Core(machine)
    core.start(lambda: None)
    try:
        end = time.monotonic() + _PATIENCE
        while core.meters().reading is not None:
            if time.monotonic() > end:
                raise TimeoutError(f"{state}: still reading")
            time.sleep(0.02)
        return World(machine, core.popover())
    finally:
        core.stop()


# --- a stage


class _Bell(QObject):
    changed = Signal(object)


class Stage:
    """The windows of one world, as they stand when every question is answered."""

    def __init__(self, of: World) -> None:
        self.machine, self.facts = of
        self._bell = _Bell()
        self.windows = Windows(self.machine, self._bell.changed, lambda: None)
        self.tell(self.facts.meters)

    def tell(self, meters: Meters) -> None:
        self._bell.changed.emit(meters)

    def settle(self) -> None:
        end = time.monotonic() + _PATIENCE
        quiet = 0
        while quiet < 5:  # an answer may lead to the next question
            if time.monotonic() > end:
                raise TimeoutError("a window is still asking")
            QApplication.processEvents()
            time.sleep(0.01)
            quiet = 0 if self.windows.background.busy else quiet + 1

    def window(self, key: str, wish: str = "") -> QWidget:
        found = self.windows.open(key, wish)
        assert found is not None, key
        self.settle()
        return found


@contextmanager
def stage(of: World) -> Iterator[Stage]:
    one = Stage(of)
    try:
        yield one
    finally:
        one.windows.shut_down()
        preferences.forget(one.machine)
        QApplication.processEvents()
        (one.machine.data / "windows.json").unlink(missing_ok=True)  # the next opens as if for the first time


# --- scenes


class Scene(NamedTuple):
    """One surface: what it is called in file names, its states, and how it comes to be shown."""

    name: str
    states: tuple[str, ...]
    show: Callable[[Stage], QWidget]


def _window(key: str) -> Callable[[Stage], QWidget]:
    return lambda of: of.window(key)


def _page(key: str) -> Callable[[Stage], QWidget]:
    def show(of: Stage) -> QWidget:
        with patch.object(os, "getpid", return_value=_PROCESS):
            return of.window(SETTINGS, key)

    return show


def _prices(wait: Callable[[PricesPage, Stage], None]) -> Callable[[Stage], QWidget]:
    """The page of prices while something waits for a word."""

    def show(of: Stage) -> QWidget:
        window = of.window(SETTINGS, "prices")
        assert isinstance(window, SettingsWindow) and isinstance(window.page, PricesPage)
        wait(window.page, of)
        of.settle()
        return window

    return show


def _price_file(page: PricesPage, of: Stage) -> None:
    """A book of yesterday: a price for what had none, one that has changed, and one that will."""
    book = read_book((of.machine.resources / "prices.json").read_bytes())
    rates = (400_000, 40_000, None, None, 1_600_000)
    models = dict(book.models) | {"house/house-coder-1": Model({"standard": (Row(None, rates, (), "a list"),)})}
    for key, row in (
        (
            "anthropic/claude-sonnet-5",
            Row("2026-11-20T00:00:00Z", (2_500_000, 250_000, 3_125_000, 5_000_000, 12_000_000), (), "a list"),
        ),
        ("openai/gpt-5.5", Row("2026-12-01T00:00:00Z", (4_000_000, 400_000, None, None, 24_000_000), (), "a list")),
    ):
        modes = models[key].modes
        models[key] = replace(models[key], modes={**modes, "standard": (*modes["standard"], row)})
    aliases = {**book.aliases, "*/house-coder-1": "house/house-coder-1"}
    path = of.machine.home / "prices-2026-11-26.json"
    path.write_bytes(json.encode(replace(book, built="2026-11-26", models=models, aliases=aliases)))
    page.look_at(path)


def _price_form(page: PricesPage, of: Stage) -> None:
    """With what is known of the model, half filled in."""
    assert page.found is not None
    page.missing.asked.emit(page.found.missing[0])
    for kind, text in (("input", "0.40"), ("cache_read", "0.04"), ("output", "1.60")):
        page.form.prices[kind].edit.setText(text)
    page.form.source.edit.setText("the team's wiki")


def _first_run(of: Stage) -> QWidget:
    """While the history is read."""
    window = of.window(FIRST_RUN)
    files = sum(1 for one in of.machine.home.rglob("*.jsonl") if one.is_file())
    of.tell(of.facts.meters._replace(reading=(files * 2 // 5, files)))
    of.settle()
    return window


def _keys(of: Stage) -> QWidget:
    """Those of the overview."""
    of.window(OVERVIEW)
    return of.window(KEYS)


def _reconcile(of: Stage) -> QWidget:
    """A month of which a little is missing, and two other totals."""
    euros = Currency("EUR", "0.92", "2026-11-01")
    october, weeks = (date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 11, 1), date(2026, 11, 14))
    for vendor, days, total, currency in (
        ("anthropic", october, 35_150_000_000, None),
        ("openai", october, 6_200_000_000, euros),
        ("anthropic", weeks, 64_900_000_000, None),
    ):
        typed = Invoice(vendor, "", *days, total, currency, True, NOW - 2 * 86_400_000)
        invoices.save(of.machine.database, typed)
    window = of.window(RECONCILE)
    assert isinstance(window, ReconcileWindow)
    window.open_invoice(Invoice("anthropic", "", *october, 0, None, True, 0))
    of.settle()
    return window


def _popover(of: Stage) -> QWidget:
    windows = (OVERVIEW, SESSIONS, SETTINGS)
    popover = Popover(of.machine.clock, Options(windows=windows, sessions=True), normal=False)
    popover.set_facts(of.facts)
    popover.open_at(None)
    return popover


def _tray(of: Stage) -> QWidget:
    return TraySheet(of.facts.meters, of.machine.resources)


def _session(of: Stage) -> SessionWindow:
    """The one with a compaction; where there is none, the newest."""
    with closing(reader(of.machine)) as connection:
        sessions = queries.list_sessions(connection, queries.Filter())
        compacted = [one for one in sessions if queries.compactions(connection, one.ident)]
    one = (compacted or sessions)[0]
    window = of.windows.open_session(one.source, one.native)
    assert isinstance(window, SessionWindow)
    of.settle()
    return window


def _trace(of: Stage) -> QWidget:
    window = _session(of)
    window.show_trace(window.choice)
    of.settle()
    return window


_ALL = (USUAL, "empty", "few", "many", "error")
_STATES = {
    OVERVIEW: _ALL,
    SESSIONS: _ALL,
    DOCTOR: (USUAL, "empty", "error"),
    FIRST_RUN: (USUAL, "empty"),
    "settings-sources": (USUAL, "error"),
}
"""Those that have more than the usual one."""


def _scenes() -> Iterator[Scene]:
    yield Scene("tray", (USUAL,), _tray)
    yield Scene("popover", _ALL, _popover)
    yield Scene("session", (USUAL, "few"), _session)
    yield Scene("trace", (USUAL,), _trace)
    yield Scene("settings-prices-file", (USUAL,), _prices(_price_file))
    yield Scene("settings-prices-form", (USUAL,), _prices(_price_form))
    for page in PAGES:
        name = f"{SETTINGS}-{page.key}"
        yield Scene(name, _STATES.get(name, (USUAL,)), _page(page.key))
    for entry in WINDOWS:
        if entry.key != SETTINGS:  # its pages are the pictures
            show = {FIRST_RUN: _first_run, KEYS: _keys, RECONCILE: _reconcile}.get(entry.key) or _window(entry.key)
            yield Scene(entry.key, _STATES.get(entry.key, (USUAL,)), show)


SCENES = tuple(_scenes())
"""Every window of the list is among them by itself."""
