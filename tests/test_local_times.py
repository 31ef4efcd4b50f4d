"""Times that name no zone are the wall clock's, where an agent writes those."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from app.model.instant import instant_of
from app.shapes.fields import local_instant


@pytest.fixture(params=["UTC", "America/New_York"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if not hasattr(time, "tzset"):
        pytest.skip("this system's zone can't be changed for a process")
    with monkeypatch.context() as patched:
        patched.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


def test_where_the_clock_hangs(zone: str) -> None:
    """New York is four hours behind in summer, five in winter; what names a zone is what it says."""
    summer, winter = ("14:00", "15:00") if zone != "UTC" else ("10:00", "10:00")
    assert local_instant("2026-08-01T10:00:00.250") == instant_of(f"2026-08-01T{summer}:00.250Z")
    assert local_instant("2026-01-15 10:00:00") == instant_of(f"2026-01-15T{winter}:00Z")
    for text in ("2026-08-01T10:00:00Z", "2026-08-01T12:00:00+02:00", "2026-08-01T06:00:00-0400"):
        assert local_instant(text) == instant_of("2026-08-01T10:00:00Z")


def test_what_is_no_time() -> None:
    assert local_instant(None) is None
    assert local_instant("soon") is None
    assert local_instant(1_785_578_400) == 1_785_578_400_000
