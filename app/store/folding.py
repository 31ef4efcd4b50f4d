"""Which copy of a request counts. Pure: a message's copies in, the same copies with their verdict out.

The catalogue's rule, said once for every agent:

- A call counts once, as its best copy: main chain before side chain, then larger output, larger sum, more credits, a known
  speed, not marked as copied, and last the file that was there first. The copy is kept whole, never mixed of two.
- A side chain that repeats a message of the main chain under another request id does not count.
- Inherited history counts only where the thread it came from is known.
- A record of several requests counts only where none of them is known.
- A call stands at the earliest instant of all its copies.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from app.model.usage import READINGS, Call, Standing

NO_REQUEST = 0
"""The key of a call whose record names no request."""
COUNTED, WITHHELD = 1, 2
"""What `kept` is: it counts; or would, if its source were verified or confirmed. 0: another copy counts."""
OWN, SIDE, INHERITED, SUM = map(int, Standing)


class Paid(NamedTuple):
    """What a call was priced by, and the columns that came of it: a newer price book changes no stored cost by itself."""

    facts: tuple[Any, ...]
    columns: tuple[Any, ...]
    """(cost, its seven parts, the most it can be, price row)."""


class Copy:
    """One call as one file holds it, and the verdict on it."""

    __slots__ = (
        "call",
        "counted_at",
        "file",
        "folded",
        "generation",
        "kept",
        "paid",
        "requests",
        "seen",
        "session",
        "source",
        "tool_searches",
    )

    def __init__(
        self, source: str, call: Call, file: int, generation: int, seen: int, session: int, tool_searches: int = 0
    ) -> None:
        self.source = source
        self.call = call
        self.file = file
        self.generation = generation
        self.seen = seen
        """When the file was first seen: the older file holds the original."""
        self.session = session
        self.tool_searches = tool_searches
        self.kept = 0
        self.counted_at = call.at
        self.folded = 0
        self.requests = 0
        """Searches billed: by the call's own counter, else by what tools' results told, wherever they were told."""
        self.paid: Paid | None = None

    def rank(self) -> tuple[int | bool, ...]:
        call, tokens = self.call, self.call.tokens
        return (
            call.standing == OWN,
            call.standing == SIDE,
            call.standing == SUM,
            -ord(call.evidence),  # two agents may log one call, one of them exactly
            tokens.output,
            tokens.total,
            call.credits or 0,  # a turn's bill grows while it runs
            call.speed is not None,
            not call.copied,
            -self.seen,
            -self.file,
            -call.offset,  # the first of equals in one file, so that no two ranks are ever the same
        )

    def priced_by(self) -> tuple[Any, ...]:
        """All that a price depends on."""
        call = self.call
        return (call.model, call.tokens, call.provider, call.speed, call.tier, call.geo, self.counted_at, self.requests)


def join(stored: Copy, found: Copy) -> Copy:
    """What one file now says of a call. More of the same reading is folded in. A new reading replaces what the file gave,
    but not the call by a poorer one: a log that was cut short must not make a call cheaper that is known whole. Only a newer
    reader knows better.
    """
    better = found if found.rank() > stored.rank() else stored
    again = stored.generation != found.generation
    if again and stored.generation // READINGS != found.generation // READINGS:
        better = found
    else:
        better.session = stored.session
        better.call = better.call._replace(
            at=min(stored.call.at, found.call.at),
            records=found.call.records + (0 if again else stored.call.records),
            finished=stored.call.finished or found.call.finished,
        )
    better.tool_searches = found.tool_searches + (0 if again else stored.tool_searches)
    better.generation = found.generation
    better.paid = stored.paid
    return better


def judge(copies: Collection[Copy]) -> None:
    """Sets `kept`, `counted_at`, `folded` and `requests` on all copies of one message."""
    if len(copies) == 1:  # nearly always
        (only,) = copies
        only.kept = int(only.call.standing != INHERITED)
        only.counted_at = only.call.at
        only.folded = max(0, only.call.records - 1) if only.kept else 0
        only.requests = only.call.searches or only.tool_searches
        return
    calls: dict[int, list[Copy]] = {}
    for copy in copies:
        copy.kept, copy.folded, copy.counted_at = 0, 0, copy.call.at
        calls.setdefault(copy.call.key, []).append(copy)
    _give_home(calls)
    counted = _with_standing(calls, OWN) or _with_standing(calls, SIDE) or _with_standing(calls, SUM)
    best: Copy | None = None
    for one in counted.values():
        kept = max(one, key=Copy.rank)
        kept.kept = COUNTED
        kept.counted_at = min(copy.call.at for copy in one)
        kept.folded = max(0, sum(copy.call.records for copy in one) - 1)
        kept.requests = kept.call.searches or max(copy.tool_searches for copy in one)
        _take_stated(kept, one)
        if best is None or kept.rank() > best.rank():
            best = kept
    if best is not None:
        best.folded += sum(copy.call.records for key in calls.keys() - counted.keys() for copy in calls[key])


def _take_stated(kept: Copy, copies: Collection[Copy]) -> None:
    """A log knows the session of a request, the bill for it its dollars."""
    if kept.call.reported is None:
        stated = (copy.call.reported for copy in copies if copy.source == kept.source)
        kept.call = kept.call._replace(reported=max((one for one in stated if one is not None), default=None))


def hold_back(copies: Collection[Copy], withheld: Collection[str]) -> None:
    """Judges anew where a copy is of a source that must not count: it takes no place, and waits where it is alone."""
    held = [copy for copy in copies if copy.source in withheld]
    others = [copy for copy in copies if copy.source not in withheld]
    if held and others:
        judge(others)
    for copy in held:
        copy.kept = WITHHELD if copy.kept and not others else 0


def _give_home(calls: dict[int, list[Copy]]) -> None:
    """Copies that do not say their request belong to the message's only known one."""
    if NO_REQUEST in calls and len(calls) == 2:
        (only,) = calls.keys() - {NO_REQUEST}
        calls[only] += calls.pop(NO_REQUEST)


def _with_standing(calls: dict[int, list[Copy]], standing: int) -> dict[int, list[Copy]]:
    return {key: one for key, one in calls.items() if any(copy.call.standing == standing for copy in one)}
