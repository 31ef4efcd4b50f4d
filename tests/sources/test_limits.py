"""What agents say of their plans, of which no request can be read."""

from __future__ import annotations

from app.store import queries

from .home import FIXTURES, Home
from .test_expectations import laid_out

NEW_YEAR = 1_798_761_600_000
"""1 January 2027, before all that is reset in the fixtures."""
MINUTE = 60_000


def limits(home: Home, case: str, now: int = NEW_YEAR) -> dict[str, tuple[int, float, int | None, str | None]]:
    """Limit → (minutes, percent used, when it is reset, plan)."""
    laid_out(FIXTURES / case, home)
    home.read()
    found = queries.limits(home.connection, now)
    return {one.name: (one.minutes, one.used, one.resets_at, one.plan) for one in found}


def test_windsurf_says_what_is_used_of_its_plan(home: Home) -> None:
    """120 of 500 are 24 %, 300 of 1,500 are 20 %, of 31 days; 9 % and 54 % left are 91 and 46 used. -1 is no limit."""
    assert limits(home, "windsurf/plan") == {
        "promptCredits": (31 * 1440, 24.0, 1_801_440_000_000, "Pro"),
        "flowActions": (31 * 1440, 20.0, 1_801_440_000_000, "Pro"),
        "daily": (1440, 91.0, 1_801_000_000_000, "Pro"),
        "weekly": (7 * 1440, 46.0, 1_801_400_000_000, "Pro"),
    }


def test_a_share_that_was_reset_since_is_not_shown(home: Home) -> None:
    """The editor keeps a plan for weeks without looking again."""
    assert {*limits(home, "windsurf/plan", 1_801_400_000_000 + MINUTE)} == {"promptCredits", "flowActions"}


def test_the_ide_that_wrote_last_says_what_is_used(home: Home) -> None:
    """12.5 of 50 are 25 %: PyCharm's file is the newer one. The next credits come on 15 January."""
    assert limits(home, "jetbrains_ai/quota") == {"AI credits": (30 * 1440, 25.0, 1_800_007_211_989, None)}
