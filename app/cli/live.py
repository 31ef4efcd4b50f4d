"""`cuenta live`: the meter in the terminal, once or for as long as one watches."""

from __future__ import annotations

import signal
import sqlite3
import sys
import threading
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from app import formats, runtime
from app.cli.paper import console, fitted, plain, print_json, table, up_to_date
from app.machine import Machine
from app.model.meters import Meters, Running
from app.report import live, meters
from app.report.zone import local_zone
from app.settings import Notes, load

if TYPE_CHECKING:
    from rich.console import RenderableType

_QUIET = 30.0
"""Seconds after which a watched meter is drawn anew without news: rates fade, sessions become idle, days end."""
_PATIENCE = 2.0
"""Seconds that a meter may take to leave the terminal as it found it."""


def run(machine: Machine, *, watch: bool, sync: bool, json: bool) -> int:
    if not json:
        _tell_of_pause(machine)
    if watch:
        return _watch(machine, json)
    with up_to_date(machine, sync) as connection:
        now = meters.read(connection, machine)
        if json:
            print_json(live.as_json(now, connection, machine))
        else:
            console().print(picture(now))
    return 0


def _tell_of_pause(machine: Machine) -> None:
    """On stderr, for people: the document has no member for it, and beside it stands nothing."""
    notes = load(machine, Notes)
    if not notes.is_paused(machine.clock()):
        return
    until = "until you resume it"
    if notes.paused_until is not None:
        until = f"until {datetime.fromtimestamp(notes.paused_until / 1000, local_zone(machine)):%Y-%m-%d %H:%M}"
    print(f"The tray app is paused {until}: it reads no logs.", file=sys.stderr)


def _watch(machine: Machine, json: bool) -> int:
    """Reads in a thread of its own, and draws on each change, four times a second at most."""
    news = threading.Event()
    core = runtime.Core(machine)
    core.start(news.set)
    # Told to end, it must show the cursor again as after Ctrl-C.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with closing(runtime.reader(machine)) as connection:
            if json:
                _print_changes(core, machine, connection, news)
            else:
                _draw_changes(core, news)
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)
        core.stop()
    return 0


def _draw_changes(core: runtime.Core, news: threading.Event) -> None:
    from rich.live import Live

    shown = Live(picture(core.meters()), console=console(), auto_refresh=False)
    try:
        shown.start(refresh=True)
        while True:
            news.wait(_QUIET)
            news.clear()
            shown.update(picture(core.meters()), refresh=True)
            threading.Event().wait(0.25)
    finally:
        shown.stop()  # where Ctrl-C came in the midst of starting, `with` would not


def _print_changes(core: runtime.Core, machine: Machine, connection: sqlite3.Connection, news: threading.Event) -> None:
    """One compact document a line, for whoever pipes it on."""
    import msgspec

    while True:
        document = live.as_json(core.meters(), connection, machine)
        sys.stdout.buffer.write(msgspec.json.encode(document) + b"\n")
        sys.stdout.flush()
        news.wait(_QUIET)
        news.clear()
        threading.Event().wait(0.25)


class Beside:
    """The meter on the terminal while the tray app waits for a tray. However that ends, the terminal gets its cursor
    back and a line of its own.
    """

    def __init__(self, core: runtime.Core) -> None:
        self._core = core
        self._news = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Returns at once; does nothing without a terminal."""
        if not sys.stdout.isatty():
            return
        self._news.set()
        self._core.also_notify(self._news.set)
        self._thread = threading.Thread(target=self._follow, name="terminal", daemon=True)
        self._thread.start()

    def __enter__(self) -> Beside:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE)

    def _follow(self) -> None:
        from rich.live import Live

        core = self._core
        with Live(console=console(), auto_refresh=False) as shown, closing(runtime.reader(core.machine)) as connection:
            while not self._over.is_set():
                self._news.clear()
                shown.update(picture(core.told(meters.read(connection, core.machine))), refresh=True)
                self._over.wait(0.25)
                self._news.wait(_QUIET)


def picture(now: Meters) -> RenderableType:
    """Today, the burn rate, and a line for each running session."""
    from rich.console import Group
    from rich.text import Text

    head = Text(formats.amount(now.today, now.unpriced, now.label, at_least=now.at_least), style="bold")
    head.append(" today", style="dim")
    if now.hourly is not None:
        head.append(f"   {formats.rate(now.hourly, at_least=now.hourly_at_least)}", style="dim")
    parts: list[RenderableType] = [head]
    if now.running:
        sheet = table("session", "model", "context", "", "cost", left=2)
        for one in now.running:
            sheet.add_row(*_line(one))
        parts.append(fitted(sheet, console().width, giving=(0, 1), dropping=("", "model", "context")))
    else:
        parts.append(Text("No agent is running.", style="dim"))
    if now.reading is not None:
        done, of = now.reading
        parts.append(Text(f"Reading history: {done:,} of {of:,} files", style="dim"))
    parts += [Text(plain(problem), style="yellow") for problem in now.problems]
    return Group(*parts)


def _line(one: Running) -> tuple[str, ...]:
    filled = "not known"
    if one.context is not None:
        of = f" of {formats.tokens(one.window)}" if one.window else ""
        filled = f"{formats.tokens(one.context)}{of}"
    return (
        plain(one.name),
        plain(one.model),
        filled,
        _gauge(one.fill),
        formats.amount(one.cost, one.unpriced, at_least=one.at_least),
    )


def _gauge(fill: float | None, width: int = 10) -> str:
    if fill is None:
        return ""
    full = min(width, round(fill * width))
    return "█" * full + "░" * (width - full) + f" {formats.percent(fill):>4}"
