"""The tray as a user meets it: a real process on a real screen, with real panels and with a StatusNotifier double."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.ui.application import ALREADY_RUNNING, NO_TRAY
from tests.patience import PATIENCE
from tests.ui.desk import WATCHER, Desk, missing, wait
from tests.ui.sni_host import SniHost

MINUTE = 60_000
DAY: dict[str, Any] = {"today": 15_620_000_000, "calls": 40, "hourly": 4_200_000_000}
QUIET: dict[str, Any] = {"today": 15_620_000_000, "calls": 40}

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")
needs_trayer = pytest.mark.skipif(missing("trayer", "openbox") is not None, reason=missing("trayer", "openbox") or "")
needs_xfce = pytest.mark.skipif(missing("xfce4-panel") is not None, reason=missing("xfce4-panel") or "")


def session(tokens: int, name: str = "atlas-api", **more: Any) -> dict[str, Any]:
    """A running session with that many of 200,000 tokens in context."""
    return {"name": name, "context": tokens, "cost": 7_600_000_000, **more}


class Cuenta:
    """The tray app on a desk, driven through its state file."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.home = desk.folder / "cuenta"
        self._state = desk.folder / "state.json"
        self._calls = self.home.with_suffix(".calls")
        self.set(**DAY, running=[session(20_000)])

    def set(self, **state: Any) -> None:
        """What the meters say from now on."""
        fresh = self._state.with_suffix(".new")
        fresh.write_text(json.dumps(state))
        fresh.replace(self._state)

    def start(self, *flags: str) -> subprocess.Popen[str]:
        command = ("-m", "tests.ui.tray_app", str(self.home), str(self._state), *flags)
        return self.desk.python(*command, stdout=subprocess.PIPE)

    def calls(self) -> list[str]:
        """What the core was asked to do, and `end STATUS …` when run_tray has returned."""
        return self._calls.read_text().splitlines() if self._calls.exists() else []

    def wait_call(self, word: str) -> str:
        return wait(lambda: next((line for line in self.calls() if line.startswith(word)), None), word)


@pytest.fixture
def cuenta(desk: Desk) -> Cuenta:
    return Cuenta(desk)


@pytest.fixture
def host(desk: Desk) -> Iterator[SniHost]:
    one = SniHost(desk.env["DBUS_SESSION_BUS_ADDRESS"])
    yield one
    one.close()


CLEAN_END = "end 0 threads=[] network=[]"


# With the double: the protocol to the letter.


def test_tooltip_and_icon_follow_the_meters(cuenta: Cuenta, host: SniHost) -> None:
    """Each change reaches the host; what cannot be seen does not."""
    cuenta.start()
    wait(lambda: host.items, "the item")
    wait(lambda: tooltip(host) == "$15.62 today, $4.20 an hour\natlas-api: context 10%", "the tooltip")
    assert host.property("Title") == "Cuenta"
    assert host.property("Id") == "Cuenta"
    before = host.pictures()
    assert {16, 22, 24, 32} <= set(before)
    cuenta.set(**DAY, running=[session(150_000)])
    wait(lambda: "75%" in tooltip(host), "the new tooltip")
    after = host.pictures()
    assert all(after[width] != before[width] for width in before)

    host.signals.clear()
    cuenta.set(**DAY, running=[session(150_100)])
    cuenta.set(**{**DAY, "today": 15_650_000_000}, running=[session(150_100)])
    wait(lambda: tooltip(host).startswith("$15.65"), "the third tooltip")
    assert host.signals.count("NewIcon") == 0


def tooltip(host: SniHost) -> str:
    """The tooltip as the host reads it."""
    return host.property("ToolTip")[2]


def test_changes_are_painted_at_most_four_times_a_second(cuenta: Cuenta, host: SniHost) -> None:
    """The first at once, the last in the end, and no more in between."""
    cuenta.start()
    wait(lambda: host.items and "10%" in tooltip(host), "the first figures")
    host.signals.clear()
    start = time.monotonic()
    for step in range(20):
        cuenta.set(**DAY, running=[session(20_000 + 4_000 * step)])
        time.sleep(0.03)  # no wait for a condition: the storm itself takes this long
    wait(lambda: "48%" in tooltip(host), "the last figures")
    assert host.signals.count("NewIcon") <= (time.monotonic() - start) * 4 + 2


def test_menu_says_and_does(cuenta: Cuenta, host: SniHost) -> None:
    """Lines to read are disabled, pauses reach the core, and Quit ends the process in order."""
    cuenta.set(**DAY, running=[session(102_000), session(3_000, "R&D & B"), session(2_000, "my_app")])
    process = cuenta.start()
    wait(lambda: host.items and "51%" in tooltip(host), "the figures")
    lines = [(text, enabled) for _id, text, enabled in host.menu()]
    assert lines == [
        ("$15.62 today", False),
        ("atlas-api, 51%, $7.60", False),
        ("R&D & B, 1.5%, $7.60", False),
        ("my_app, 1.0%, $7.60", False),
        ("", True),
        ("Pause for 1 hour", True),
        ("Pause until resumed", True),
        ("", True),
        ("Quit", True),
    ]
    host.choose("Pause for 1 hour")
    until = int(cuenta.wait_call("pause-until").split()[1])
    assert abs(until - time.time() * 1000 - 60 * MINUTE) < MINUTE
    wait(lambda: "Resume" in [line[1] for line in host.menu()], "the menu of a paused Cuenta")
    wait(lambda: "Cuenta is paused." in tooltip(host), "the tooltip of a paused Cuenta")
    host.choose("Resume")
    cuenta.wait_call("resume")
    wait(lambda: "Pause until resumed" in [line[1] for line in host.menu()], "the usual menu")
    host.choose("Pause until resumed")
    wait(lambda: "pause" in cuenta.calls(), "the pause")
    host.choose("Quit")
    assert process.wait(5) == 0
    assert cuenta.calls()[-2:] == ["stop", CLEAN_END]


def test_watcher_without_a_panel_is_not_yet_a_tray(cuenta: Cuenta, desk: Desk) -> None:
    """KDE's watcher lives in a daemon. Qt asks once for a host, so nothing registers until one has come."""
    host = SniHost(desk.env["DBUS_SESSION_BUS_ADDRESS"], host=False)
    cuenta.start()
    cuenta.wait_call("fallback")  # it has looked, found none and said so
    assert host.items == []
    host.panel_comes()
    wait(lambda: host.items, "the item")
    wait(lambda: "today" in tooltip(host), "the tooltip")
    host.close()


def test_host_restarts(cuenta: Cuenta, desk: Desk) -> None:
    """A panel that crashed comes back, and so does the icon."""
    host = SniHost(desk.env["DBUS_SESSION_BUS_ADDRESS"])
    cuenta.start()
    wait(lambda: host.items and "10%" in tooltip(host), "the figures")
    host.close()
    wait(lambda: not desk.owned(WATCHER), "the watcher to go")
    host = SniHost(desk.env["DBUS_SESSION_BUS_ADDRESS"])
    wait(lambda: host.items and "10%" in tooltip(host), "the figures again")
    host.close()


def test_an_error_in_a_reading_is_not_the_end(cuenta: Cuenta, desk: Desk, host: SniHost) -> None:
    """The last good figures stay, the error is logged without its flood, and the next reading is shown."""
    process = cuenta.start()
    wait(lambda: host.items and "10%" in tooltip(host), "the figures")
    cuenta.set(**{"raise": "broken"})
    wait(lambda: "RuntimeError: broken" in desk.log("python"), "the log")
    assert "10%" in tooltip(host)
    assert process.poll() is None
    cuenta.set(**DAY, running=[session(40_000)])
    wait(lambda: "20%" in tooltip(host), "the next figures")


def test_a_session_falls_idle_by_itself(cuenta: Cuenta, host: SniHost) -> None:
    """Ten minutes after its last word, without any notice from the core."""
    cuenta.set(**DAY, running=[session(102_000, ago=10 * MINUTE - 1_500)])
    cuenta.start()
    wait(lambda: host.items and "51%" in tooltip(host), "the running session")
    wait(lambda: "No agent is running." in tooltip(host), "the idle tray")


def test_figure_mode(cuenta: Cuenta, host: SniHost) -> None:
    """Another picture of the same state."""
    cuenta.start("demo")
    wait(lambda: host.items and "10%" in tooltip(host), "the gauge")
    gauge = host.pictures()
    cuenta.start("demo", "figure")
    wait(lambda: len(host.items) == 2 and "10%" in tooltip(host), "the figure")
    assert host.pictures()[22] != gauge[22]


# With real panels.


@needs_trayer
def test_xembed_tray(cuenta: Cuenta, desk: Desk) -> None:
    """Shows, fills, warns; a right click opens the menu and its Quit ends the program. (The tooltip is the same string
    as on the bus, drawn by Qt; it is not read off the screen here.)"""
    desk.window_manager()
    desk.trayer()
    process = cuenta.start()
    box = desk.wait_icon("live")
    before = len(desk.pixels("live"))
    cuenta.set(**DAY, running=[session(140_000)])
    wait(lambda: len(desk.pixels("live")) > before + 15, "a fuller arc")
    cuenta.set(**DAY, running=[session(182_000)])
    desk.wait_icon("near")

    windows = desk.windows()
    desk.click(box, button=3)
    menu = wait(lambda: desk.windows() - windows, "the menu's window")
    assert len(menu) == 1
    desk.run("xdotool", "key", "Up", "Return")  # the last line
    assert process.wait(5) == 0
    assert cuenta.calls()[-1] == CLEAN_END


@needs_trayer
def test_left_click_opens_the_menu(cuenta: Cuenta, desk: Desk) -> None:
    """As long as there is no window that it could open."""
    desk.window_manager()
    desk.trayer()
    process = cuenta.start()
    box = desk.wait_icon()
    windows = desk.windows()
    desk.click(box)
    wait(lambda: desk.windows() - windows, "the menu's window")
    desk.run("xdotool", "key", "Up", "Return")
    assert process.wait(5) == 0


@needs_trayer
def test_xembed_tray_restarts(cuenta: Cuenta, desk: Desk) -> None:
    """A panel that crashed comes back, and so does the icon."""
    desk.window_manager()
    tray = desk.trayer()
    cuenta.start()
    desk.wait_icon()
    tray.terminate()
    tray.wait(3)
    wait(lambda: desk.icon() is None, "the icon to go with its panel")
    desk.trayer()
    desk.wait_icon()


@needs_trayer
def test_xembed_tray_comes_late(cuenta: Cuenta, desk: Desk) -> None:
    """Its MANAGER message is heard; at login we have waited without a word."""
    process = cuenta.start("login")
    cuenta.wait_call("start")
    desk.trayer()
    desk.wait_icon()
    process.terminate()
    assert process.wait(5) == 0
    assert desk.log("python") == ""
    assert "fallback" not in cuenta.calls()


@needs_xfce
def test_status_notifier_panel(cuenta: Cuenta, desk: Desk) -> None:
    """Shows and fills; the host reads the tooltip; a right click opens the menu that the panel draws."""
    desk.window_manager()
    desk.xfce_panel()
    wait(lambda: desk.owned(WATCHER), "the watcher")
    cuenta.start()
    box = desk.wait_icon("live")
    assert desk.tooltip() == "$15.62 today, $4.20 an hour\natlas-api: context 10%"
    before = len(desk.pixels("live"))
    cuenta.set(**DAY, running=[session(140_000)])
    wait(lambda: len(desk.pixels("live")) > before + 15, "a fuller arc")
    cuenta.set(**DAY, problems=["Cline: log format not recognized."])
    desk.wait_icon("problem")
    assert desk.tooltip().endswith("Cline: log format not recognized.")

    windows = desk.windows()
    desk.click(box, button=3)
    wait(lambda: desk.windows() - windows, "the menu's window")


@needs_xfce
def test_status_notifier_panel_comes_late(cuenta: Cuenta, desk: Desk) -> None:
    """Started by hand before any panel: one sentence, the fallback once, and the icon when the panel comes."""
    process = cuenta.start()
    cuenta.wait_call("fallback")
    assert desk.log("python").strip() == NO_TRAY
    desk.window_manager()
    desk.xfce_panel()
    desk.wait_icon()
    process.terminate()
    assert process.wait(5) == 0
    assert cuenta.calls().count("fallback") == 1


# The process.


def test_second_start_wakes_the_first(cuenta: Cuenta, host: SniHost) -> None:
    """It says so, exits with 0 and shows no icon of its own. The demo is never second."""
    first = cuenta.start()
    wait(lambda: host.items, "the first icon")
    second = cuenta.start()
    out, _ = second.communicate(timeout=10)
    assert (second.returncode, out.strip()) == (0, ALREADY_RUNNING)
    cuenta.wait_call("woken")
    assert len(host.items) == 1
    cuenta.start("demo")
    wait(lambda: len(host.items) == 2, "the icon of the demo")
    assert first.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_in_order(cuenta: Cuenta, desk: Desk, host: SniHost, number: int) -> None:
    """Bridge, core, Qt; exit status 0, no thread left and nothing on stderr."""
    process = cuenta.start()
    wait(lambda: host.items, "the icon")
    process.send_signal(number)
    assert process.wait(5) == 0
    assert cuenta.calls() == ["start", "stop", CLEAN_END]
    assert desk.log("python") == ""


def test_signal_ends_the_waiting_too(cuenta: Cuenta) -> None:
    """Also while no tray has come."""
    process = cuenta.start("login")
    cuenta.wait_call("start")
    process.terminate()
    assert process.wait(5) == 0
    assert cuenta.calls() == ["start", "stop", CLEAN_END]


@pytest.mark.parametrize("display", [None, ":987"])
def test_without_a_screen_it_waits_and_reads(cuenta: Cuenta, desk: Desk, display: str | None) -> None:
    """Over ssh or with a dead DISPLAY Qt would abort; the sentence and the fallback come instead."""
    desk.env.pop("DISPLAY")
    if display:
        desk.env["DISPLAY"] = display
    process = cuenta.start()
    cuenta.wait_call("fallback")
    assert desk.log("python").strip() == NO_TRAY
    process.terminate()
    assert process.wait(5) == 0


def test_a_folder_that_cannot_be_made_is_one_sentence(cuenta: Cuenta, desk: Desk) -> None:
    cuenta.home.write_text("")
    process = cuenta.start()
    assert process.wait(PATIENCE) == 1
    assert desk.log("python").startswith("Cuenta can't write to its folder")
    assert desk.log("python").count("\n") == 1


def test_idle_costs_nothing(cuenta: Cuenta, host: SniHost) -> None:
    """Between two events the process sleeps: nothing is polled. (The stand-in core's own thread is left out.)"""
    cuenta.set(**QUIET)
    process = cuenta.start()
    wait(lambda: host.items and "No agent" in tooltip(host), "the idle tray")
    time.sleep(0.3)  # lets the start settle; what is measured is a stretch of time
    before = switches(process.pid)
    time.sleep(1.0)
    assert switches(process.pid) - before <= 3


def switches(pid: int) -> int:
    """How often the process's main thread has gone to sleep."""
    status = Path(f"/proc/{pid}/task/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("voluntary_ctxt_switches"))
