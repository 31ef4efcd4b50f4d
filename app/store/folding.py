"""Which copy of a request counts. Pure: a message's copies in, the same copies with their verdict out.

The catalogue's rule, said once for every agent:

- A call counts once, as its best copy: main chain before side chain, then larger output, larger sum, a known speed, not
  marked as copied, and last the file that was there first. The copy is kept whole, never mixed of two.
- A side chain that repeats a message of the main chain under another request id does not count.
- Inherited history counts only where the thread it came from is known.
- A call stands at the earliest instant of all its copies.
"""

from __future__ import annotations

from collections.abc import Collection

from app.model.usage import Call, Standing

OWN, SIDE, INHERITED = int(Standing.OWN), int(Standing.SIDE), int(Standing.INHERITED)


class Copy:
    """One call as one file holds it, and the verdict on it."""

    __slots__ = (
        "call",
        "counted_at",
        "file",
        "folded",
        "generation",
        "kept",
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
        self.kept = False
        self.counted_at = call.at
        self.folded = 0

    def rank(self) -> tuple[int | bool, ...]:
        call, tokens = self.call, self.call.tokens
        return (
            call.standing == OWN,
            call.standing == SIDE,
            tokens.output,
            tokens.total,
            call.speed is not None,
            not call.copied,
            -self.seen,
            -self.file,
        )


def join(stored: Copy, found: Copy) -> Copy:
    """What one file now says of a call: a new generation replaces, more of the same generation is folded in."""
    if stored.generation != found.generation:
        return found
    better, other = (found, stored) if found.rank() > stored.rank() else (stored, found)
    better.call = better.call._replace(
        at=min(stored.call.at, found.call.at),
        records=stored.call.records + found.call.records,
        finished=stored.call.finished or found.call.finished,
    )
    better.tool_searches = stored.tool_searches + found.tool_searches
    better.session = other.session if other is stored else better.session
    return better


def judge(copies: Collection[Copy]) -> None:
    """Sets `kept`, `counted_at` and `folded` on all copies of one message."""
    if len(copies) == 1:  # nearly always
        (only,) = copies
        only.kept = only.call.standing != INHERITED
        only.counted_at = only.call.at
        only.folded = only.call.records - 1 if only.kept else 0
        return
    calls: dict[int, list[Copy]] = {}
    for copy in copies:
        copy.kept, copy.folded, copy.counted_at = False, 0, copy.call.at
        calls.setdefault(copy.call.key, []).append(copy)
    counted = _with_standing(calls, OWN) or _with_standing(calls, SIDE)
    best: Copy | None = None
    for one in counted.values():
        kept = max(one, key=Copy.rank)
        kept.kept = True
        kept.counted_at = min(copy.call.at for copy in one)
        kept.folded = sum(copy.call.records for copy in one) - 1
        if best is None or kept.rank() > best.rank():
            best = kept
    if best is not None:
        best.folded += sum(copy.call.records for key in calls.keys() - counted.keys() for copy in calls[key])


def _with_standing(calls: dict[int, list[Copy]], standing: int) -> dict[int, list[Copy]]:
    return {key: one for key, one in calls.items() if any(copy.call.standing == standing for copy in one)}
