"""`cuenta live`: today, the burn rate, who is running, and the plan's limits at 15:42 on 24 November 2026."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Record, Thread, answer, compacted, meta, prompt, turn, usage
from tests.cli.conftest import Cuenta
from tests.cli.logs import MICRO, THREAD, tokens

TODAY = "2026-11-24T"
UNTIL = 1_795_537_800_000
"""16:30 that day."""


def call(at: str, session: str = "S1", counts: Record | None = None, **more: Any) -> Record:
    """One answer today: 1,000 in and 100 out are 1,000 × 2 + 100 × 10 = 3,000 micro-dollars."""
    when = at if "T" in at else TODAY + at + "Z"
    return answer(
        f"m-{at}-{session}", f"r-{at}-{session}", counts or usage(1_000, 100), at=when, session=session, **more
    )


def running(cuenta: Cuenta) -> list[str]:
    return [one["id"] for one in cuenta.json("live")["sessions"]]


@pytest.mark.parametrize(("models", "rate"), [(("house-1", "house-1"), None), (("house-1", "claude-sonnet-5"), 12_000)])
def test_no_rate_is_known_of_calls_without_a_price(cuenta: Cuenta, models: tuple[str, str], rate: int | None) -> None:
    """With one that has a price it is a lower bound: 3,000 micro-dollars in a quarter of an hour."""
    first, second = models
    cuenta.claude("S1", prompt(TODAY + "15:00:00Z"), call("15:31:00", model=first), call("15:40:00", model=second))
    assert cuenta.json("live")["burn_nanousd_per_hour"] == (None if rate is None else rate * MICRO)
    shown = " ".join(cuenta("live").out.split())
    assert ("an hour" in shown) == (rate is not None) and ("≥ $0.01 an hour" in shown) == (rate is not None)


def test_the_document(cuenta: Cuenta) -> None:
    cuenta.claude(
        "S1", prompt(TODAY + "15:00:00Z"), call("15:31:00"), call("15:40:00", counts=usage(600, 100, read=20_026))
    )
    found = cuenta.json("live")
    latest = 600 * 2 + 20_026 // 5 + 100 * 10  # and a fifth of a micro-dollar
    spent = 3_000 * MICRO + latest * MICRO + 200
    assert found == {
        "schema": "cuenta.live/1",
        "at": TODAY + "15:42:00Z",
        "today": {
            "cost_nanousd": spent,
            "label": "measured",
            "calls": 2,
            "unpriced_calls": 0,
            "tokens": tokens(input=1_600, cache_read=20_026, output=200),
        },
        "burn_nanousd_per_hour": spent * 4,
        "sessions": [
            {
                "id": "S1",
                "agent": "claude_code",
                "project": "/home/me/app",
                "branch": "main",
                "model": "claude-sonnet-5",
                "effort": None,
                "cost_nanousd": spent,
                "unpriced_calls": 0,
                "context_tokens": 20_626,
                "context_window_tokens": found["sessions"][0]["context_window_tokens"],
                "context_label": "measured",
                "last_activity": TODAY + "15:40:00Z",
                "cache_expires_at": TODAY + "15:45:00Z",  # five minutes after the last word
            }
        ],
        "limits": [],
        "notices": [],
    }
    assert found["sessions"][0]["context_window_tokens"] in (200_000, 1_000_000)


def test_nothing_at_all(cuenta: Cuenta) -> None:
    found = cuenta.json("live")
    assert found["today"]["cost_nanousd"] == 0
    assert found["today"]["tokens"] == tokens()
    assert found["burn_nanousd_per_hour"] is None
    assert found["sessions"] == found["limits"] == found["notices"] == []


def test_running_is_ten_minutes(cuenta: Cuenta) -> None:
    for name, at in (("late", "15:32:01"), ("gone", "15:31:59"), ("now", "15:42:00")):
        cuenta.claude(name, prompt(TODAY + "15:00:00Z", session=name), call(at, name))
    assert sorted(running(cuenta)) == ["late", "now"]


def test_a_session_of_the_future_does_not_run_yet(cuenta: Cuenta) -> None:
    """With `CUENTA_NOW` in the past, what was logged since has not happened."""
    cuenta.claude("S1", prompt(TODAY + "15:00:00Z"), call("2026-11-25T10:00:00Z"))
    assert running(cuenta) == []
    found = cuenta.json("live")
    assert found["today"]["cost_nanousd"] == 0
    assert found["burn_nanousd_per_hour"] is None


def test_the_burn_rate_is_of_fifteen_minutes_and_two_calls(cuenta: Cuenta) -> None:
    cuenta.claude("S1", call("15:26:59"), call("15:30:00"))
    assert cuenta.json("live")["burn_nanousd_per_hour"] is None
    cuenta.claude("S2", call("15:27:01", "S2"))
    assert cuenta.json("live")["burn_nanousd_per_hour"] == 2 * 3_000 * MICRO * 4


def test_today_is_the_local_day(cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    cuenta.claude("S1", call("2026-11-23T23:59:59Z"), call("00:00:00"), call("05:00:00"), call("18:29:59"))
    assert cuenta.json("live")["today"]["calls"] == 2
    monkeypatch.setenv("TZ", "America/New_York")  # begins at five
    assert cuenta.json("live")["today"]["calls"] == 1
    monkeypatch.setenv("TZ", "Asia/Kathmandu")  # 18:15 the evening before
    assert cuenta.json("live")["today"]["calls"] == 3


def test_live_and_report_agree(cuenta: Cuenta) -> None:
    cuenta.claude("S1", call("10:00:00"), call("11:00:00", model="no-such"), call("2026-11-23T10:00:00Z"))
    today = cuenta.json("live")["today"]
    row = cuenta.rows("--since", "2026-11-24")["2026-11-24"]
    assert today == {name: row[name] for name in today}
    assert today["unpriced_calls"] == 1


def test_an_hours_cache_stays_an_hour(cuenta: Cuenta) -> None:
    cuenta.claude(
        "S1", prompt(TODAY + "15:00:00Z"), call("15:40:00", counts=usage(1, 1, write=9_000, five=0, hour=9_000))
    )
    assert cuenta.json("live")["sessions"][0]["cache_expires_at"] == TODAY + "16:40:00Z"


def test_a_compaction_empties_the_context(cuenta: Cuenta) -> None:
    def context() -> tuple[int | None, str | None]:
        (one,) = cuenta.json("live")["sessions"]
        return one["context_tokens"], one["context_label"]

    begun = [prompt(TODAY + "15:00:00Z"), call("15:38:00", counts=usage(1, 1, read=20_000))]
    cuenta.claude("S1", *begun)
    assert context() == (20_001, "measured")
    cuenta.claude("S1", *begun, compacted(TODAY + "15:40:00Z", after=5_000))
    assert context() == (5_000, "estimated")
    cuenta.claude("S1", *begun, compacted(TODAY + "15:40:00Z", after=None))
    assert context() == (None, None)


def test_the_fullest_comes_first(cuenta: Cuenta) -> None:
    for name, read in (("low", 1_000), ("high", 90_000), ("mid", 40_000)):
        cuenta.claude(name, prompt(TODAY + "15:00:00Z", session=name), call("15:40:00", name, usage(1, 1, read=read)))
    assert running(cuenta) == ["high", "mid", "low"]


def test_limits(cuenta: Cuenta) -> None:
    def said(used: float, weekly: float) -> Record:
        return {
            "limit_id": "codex",
            "primary": {"used_percent": used, "window_minutes": 300, "resets_at": 1_795_540_000},
            "secondary": {"used_percent": weekly, "window_minutes": 10_080, "resets_at": 1_796_000_000},
            "plan_type": "plus",
        }

    thread = Thread()
    cuenta.codex(
        THREAD,
        meta(THREAD, TODAY + "15:00:00Z"),
        turn("t1", TODAY + "15:00:01Z"),
        thread.call(TODAY + "15:30:00Z", 1_000, 100, limits=said(12.5, 3.0)),
        turn("t2", TODAY + "15:39:00Z"),
        thread.call(TODAY + "15:40:00Z", 1_000, 100, limits=said(41.0, 4.0)),
    )
    found = {one["window"]: one for one in cuenta.json("live")["limits"]}
    assert found.keys() == {"5h", "7d"}
    assert found["5h"]["used_percent"] == 41.0
    assert found["7d"]["used_percent"] == 4.0
    assert found["5h"] == found["5h"] | {
        "agent": "codex",
        "plan": "plus",
        "resets_at": "2026-11-24T17:06:40Z",
        "seen_at": TODAY + "15:40:00Z",
    }


def test_a_limit_that_was_reset_is_gone(cuenta: Cuenta) -> None:
    old = {"limit_id": "codex", "primary": {"used_percent": 99.0, "window_minutes": 300, "resets_at": 1_795_534_000}}
    cuenta.codex(
        THREAD,
        meta(THREAD, TODAY + "09:00:00Z"),
        turn("t1", TODAY + "09:00:01Z"),
        Thread().call(TODAY + "09:01:00Z", 1_000, 100, limits=old),
    )
    assert cuenta.json("live")["limits"] == []  # 15:26:40 has passed


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ('{"paused": true}', "The tray app is paused until you resume it: it reads no logs.\n"),
        (f'{{"paused": true, "paused_until": {UNTIL}}}', "paused until 2026-11-24 16:30: it reads no logs.\n"),
        (f'{{"paused": true, "paused_until": {UNTIL - 3_600_000}}}', ""),
        ('{"paused": false}', ""),
    ],
)
def test_people_hear_that_the_tray_is_paused(cuenta: Cuenta, notes: str, said: str) -> None:
    cuenta.data.mkdir(exist_ok=True)
    (cuenta.data / "notes.json").write_text(notes)
    done = cuenta("live")
    assert done.err.endswith(said) and bool(done.err) == bool(said)
    assert set(cuenta.json("live")) == {
        "schema",
        "at",
        "today",
        "burn_nanousd_per_hour",
        "sessions",
        "limits",
        "notices",
    }
