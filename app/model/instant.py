"""The one place where written times become instants: ISO 8601 in, milliseconds since 1970 UTC out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

QUARTER = 900_000
"""A quarter of an hour in ms. Every time zone in use today is a multiple of it away from UTC, so a local day is a whole
number of quarters: sums by quarter serve any zone, and no local day needs to be stored."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def instant_of(text: str) -> int | None:
    """Milliseconds since 1970 UTC of an ISO 8601 time; without a zone it is UTC. None if it is no time."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MILLISECOND  # whole numbers: a float would round the last of a day into the next


def text_of(instant: int) -> str:
    """ISO 8601 in UTC with `Z` and whole seconds."""
    return datetime.fromtimestamp(instant // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
