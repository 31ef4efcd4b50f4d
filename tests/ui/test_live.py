"""The bridge: notices from any thread, readings at most twenty times a second, deadlines instead of polling."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pytestqt.qtbot import QtBot

from app.model.instant import instant_of
from app.model.meters import Meters, Running
from app.ui.asking import Asking
from app.ui.live import READ_EVERY, SHARE, Live, Throttle, next_deadline, next_midnight
from tests.patience import PATIENCE

MINUTE = 60_000
"""ms; a machine may have other things to do."""
NOON = instant_of("2026-11-20T12:00:00Z") or 0
MADRID = ZoneInfo("Europe/Madrid")


def meters(at: int = NOON, last: tuple[int, ...] = (), hourly: int | None = None) -> Meters:
    """A reading with sessions that last wrote at these instants."""
    sessions = tuple(Running("codex", str(one), "x", None, None, None, None, one, 0, 0, None, None) for one in last)
    return Meters(at, 0, 0, 0, "measured", hourly, sessions)


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        ("2026-11-20T12:00:00Z", "Europe/Madrid", "2026-11-20T23:00:00Z"),
        ("2026-11-20T23:00:00Z", "Europe/Madrid", "2026-11-21T23:00:00Z"),
        ("2026-11-20T12:00:00Z", "Asia/Kathmandu", "2026-11-20T18:15:00Z"),
        ("2026-10-24T23:00:00Z", "Europe/Madrid", "2026-10-25T23:00:00Z"),  # a day of 25 hours
        ("2026-03-28T23:30:00Z", "Europe/Madrid", "2026-03-29T22:00:00Z"),  # a day of 23 hours
        ("2026-12-31T12:00:00Z", "UTC", "2027-01-01T00:00:00Z"),
    ],
)
def test_next_midnight(at: str, zone: str, expected: str) -> None:
    """A local day begins where its zone says, also on days that are not 24 hours long."""
    assert next_midnight(instant_of(at) or 0, ZoneInfo(zone)) == instant_of(expected)


def test_next_midnight_of_the_machine() -> None:
    """Without a zone it is the machine's own."""
    local = datetime.fromtimestamp(next_midnight(NOON) / 1000)
    assert (local.hour, local.minute) == (0, 0)
    assert datetime.fromtimestamp(NOON / 1000, UTC) < local.astimezone(UTC)


@pytest.mark.parametrize(
    ("reading", "after"),
    [
        (meters(), 11 * 60 * MINUTE),
        (meters(last=(NOON - 4 * MINUTE, NOON - 9 * MINUTE)), MINUTE + 1),
        (meters(last=(NOON - 11 * MINUTE,)), 11 * 60 * MINUTE),  # already counted as past by whoever read it
        (meters(last=(NOON,), hourly=5), MINUTE),
        (meters(last=(NOON - 10 * MINUTE + 500,), hourly=5), 501),
    ],
)
def test_next_deadline(reading: Meters, after: int) -> None:
    """Midnight, the next session to fall idle, or the fading of the rate, whatever comes first."""
    assert next_deadline(reading, MADRID) == NOON + after


class Desk:
    """A Live with meters that count how often they are read."""

    def __init__(self, clock: Callable[[], int] = lambda: NOON) -> None:
        self.read_at: list[float] = []
        self.shown: list[Meters] = []
        self.next = meters()
        self.fails = False
        self.takes = 0.0
        self.gate = threading.Event()
        self.gate.set()
        self.zone: ZoneInfo = MADRID
        self.asking = Asking()
        self.live = Live(self.asking, self._read, clock, lambda: self.zone)
        self.live.changed.connect(self.shown.append)

    def stop(self) -> None:
        self.live.stop()
        self.asking.stop()
        self.asking.join()

    def _read(self) -> Meters:
        assert threading.current_thread() is not threading.main_thread()
        self.read_at.append(time.monotonic())
        time.sleep(self.takes)
        self.gate.wait(5)
        if self.fails:
            raise RuntimeError("the store is locked")
        return self.next


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    one = Desk()
    yield one
    one.stop()


def test_a_notice_is_read_beside_the_gui_thread_and_told_on_it(desk: Desk, qtbot: QtBot) -> None:
    told: list[threading.Thread] = []
    desk.live.changed.connect(lambda _: told.append(threading.current_thread()))
    thread = threading.Thread(target=desk.live.notify)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(desk.shown) == 1)
    assert desk.shown == [desk.next]
    assert told == [threading.main_thread()]


def test_a_storm_is_few_readings(desk: Desk, qtbot: QtBot) -> None:
    """Thousands of notices from four threads: at most one reading in 50 ms, and one after the last notice."""

    def storm() -> None:
        for _ in range(500):
            desk.live.notify()
            time.sleep(0.0002)

    began = time.monotonic()
    threads = [threading.Thread(target=storm) for _ in range(4)]
    for thread in threads:
        thread.start()
    qtbot.waitUntil(lambda: not any(thread.is_alive() for thread in threads))
    ended = time.monotonic()
    desk.live.notify()
    qtbot.waitUntil(lambda: desk.read_at[-1] >= ended)
    # Counted, since a thread that is given the processor late shortens the gap behind it.
    assert 2 <= len(desk.read_at) <= (desk.read_at[-1] - began) * 1000 / READ_EVERY + 2
    qtbot.waitUntil(lambda: len(desk.shown) == len(desk.read_at))


def test_nothing_after_stop(desk: Desk, qtbot: QtBot) -> None:
    """A notice that is on its way when the bridge stops is dropped."""
    desk.live.notify()
    desk.live.stop()
    desk.live.notify()
    qtbot.wait(READ_EVERY * 2)
    assert desk.read_at == []


def test_deadline_is_read_once_and_silence_not_at_all(qtbot: QtBot) -> None:
    """A session falls idle: one reading at that moment. Nothing is due after it, so nothing is read."""
    start = time.monotonic()
    desk = Desk(lambda: NOON + round((time.monotonic() - start) * 1000))
    desk.next = meters(last=(NOON - 10 * MINUTE + 150,))
    desk.live.notify()
    qtbot.waitUntil(lambda: len(desk.shown) == 1)
    desk.next = meters(NOON + 200)
    qtbot.waitUntil(lambda: len(desk.shown) == 2)
    assert desk.read_at[1] - start >= 0.15
    qtbot.wait(150)
    assert len(desk.shown) == 2
    desk.stop()


def test_a_clock_that_jumped_is_read(qtbot: QtBot) -> None:
    """After sleep the wall clock is hours ahead of the timer's: read, though the deadline was not reached."""
    now = [NOON]
    desk = Desk(lambda: now[0])
    desk.live.notify()
    qtbot.waitUntil(lambda: len(desk.shown) == 1)
    desk.live._timer_fired()  # the ten minutes are over, nothing has jumped: it waits on
    qtbot.wait(READ_EVERY * 2)
    assert len(desk.shown) == 1
    now[0] += 3 * 60 * MINUTE
    desk.live._timer_fired()
    qtbot.waitUntil(lambda: len(desk.shown) == 2)
    desk.stop()


def test_a_new_zone_is_read(qtbot: QtBot) -> None:
    """Midnight is elsewhere now, and no event may come before it."""
    desk = Desk()
    desk.live.notify()
    qtbot.waitUntil(lambda: len(desk.shown) == 1)
    desk.zone = ZoneInfo("Asia/Kathmandu")
    desk.live._timer_fired()
    qtbot.waitUntil(lambda: len(desk.shown) == 2)
    assert desk.live._deadline == instant_of("2026-11-20T18:15:00Z")
    desk.stop()


def test_a_slow_reading_is_followed_by_a_rest(desk: Desk, qtbot: QtBot) -> None:
    """However many notices come while a store with much to read is read: a quarter of the time at most."""
    desk.takes = 0.1
    begun = time.monotonic()
    while len(desk.shown) < 4:
        desk.live.notify()
        qtbot.wait(5)
    assert desk.read_at[3] - begun >= 3 * 0.1 * SHARE * 0.9


def test_the_gui_thread_does_not_wait_for_a_reading(desk: Desk, qtbot: QtBot) -> None:
    """It goes on while the reading waits for the gate."""
    desk.gate.clear()
    desk.live.notify()
    qtbot.waitUntil(
        lambda: bool(desk.read_at), timeout=int(PATIENCE * 1000)
    )  # which waits on the GUI thread, while the reading waits for the gate
    assert desk.shown == []
    desk.gate.set()
    qtbot.waitUntil(lambda: desk.shown == [desk.next])


def test_readings_of_another_clock_do_not_spin(qtbot: QtBot) -> None:
    """Meters that stand still while our clock runs have deadlines in the past; they are not read over and over."""
    desk = Desk(lambda: NOON + 60 * MINUTE)
    desk.next = meters(last=(NOON,))
    desk.live.notify()
    qtbot.wait(READ_EVERY * 6)
    assert len(desk.read_at) == 1
    desk.stop()


def test_a_failed_reading_is_not_the_last(desk: Desk, qtbot: QtBot) -> None:
    """The error goes to the hook; the next notice reads again, and a deadline stands even without one."""
    desk.fails = True
    with qtbot.captureExceptions() as errors:
        desk.live.notify()
        qtbot.waitUntil(lambda: len(errors) == 1)
    assert desk.live._timer.isActive()
    desk.fails = False
    desk.live.notify()
    qtbot.waitUntil(lambda: len(desk.shown) == 1)


def test_throttle_calls_at_once_and_keeps_the_last(qtbot: QtBot) -> None:
    """The first call is immediate; what comes within the interval is one call at its end."""
    calls: list[float] = []
    throttle = Throttle(80, lambda: calls.append(time.monotonic()))
    for _ in range(5):
        throttle.call()
    assert len(calls) == 1
    qtbot.waitUntil(lambda: len(calls) == 2)
    assert calls[1] - calls[0] >= 0.07
    qtbot.wait(120)
    assert len(calls) == 2
