"""Windsurf, named Devin since: no counts of any request can be read, its conversations are encrypted on the disk.

What can be said is how much of the plan is used, as the editor last kept it in `state.vscdb`. It refreshes that when it
likes: what should have been reset since is not shown. Its sign-in lies in the same database, under other keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.model.usage import Batch, Cursor, Quota
from app.shapes.database import Base, read_database
from app.shapes.fields import count, instant, label, mapping
from app.shapes.gathering import Gathered
from app.shapes.source import Source
from app.shapes.vscdb import items
from app.shapes.vscode import STATE, global_storage

VERSION = 1
_KEYS = (
    *("windsurf.settings.cachedPlanInfo", "devin.settings.cachedPlanInfo"),
    "windsurf.reactSettings.cachedPlanInfoData*",
)
_SHARES = (("daily", 1440), ("weekly", 7 * 1440))
_COUNTERS = (("messages", "usedMessages"), ("flowActions", "usedFlowActions"), ("promptCredits", "usedPromptCredits"))
"""Names of what a plan holds, and of what is used of it; -1 where a plan has no such limit."""
_MONTH = 30 * 1440
_MINUTE = 60_000


def _plans(base: Base, gathered: Gathered) -> None:
    found = items(base, gathered, *_KEYS).values()
    gathered.quotas = tuple(one for plan in found for one in _limits(mapping(plan), gathered.written))


def _limits(plan: dict[str, object], at: int) -> Iterator[Quota]:
    name = label(plan.get("planName"))
    told = {**plan, **mapping(plan.get("quotaUsage"))}
    for span, minutes in _SHARES:
        left = told.get(f"{span}RemainingPercent")
        if type(left) in (int, float) and 0 <= left <= 100:  # pyright: ignore[reportOperatorIssue]
            resets = instant(told.get(f"{span}ResetAtUnix"))
            yield Quota(span, minutes, at, 100.0 - float(left), resets, name)  # pyright: ignore[reportArgumentType]
    began, ends = instant(plan.get("startTimestamp")), instant(plan.get("endTimestamp"))
    minutes = (ends - began) // _MINUTE if began and ends and ends > began else _MONTH
    usage = {**plan, **mapping(plan.get("usage"))}
    for held, used in _COUNTERS:
        whole = count(usage.get(held))
        if whole:
            yield Quota(held, minutes, at, min(100.0, 100 * count(usage.get(used)) / whole), ends, name)


def _storage(machine: Machine) -> Iterator[Path]:
    for place in global_storage(machine):
        if any(part.lower().lstrip(".").startswith(("windsurf", "devin")) for part in place.parts[-4:]):
            yield place


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_database("windsurf", VERSION, path, cursor, _plans)


SOURCE = Source(
    id="windsurf",
    title="Windsurf",
    mark="Ws",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_storage,
    owns=lambda relative: relative == STATE,
    is_database=lambda name: name.endswith(STATE),
    read=_read,
    evidence="",
    live=False,
    verified=False,
)
