"""What a session's window shows, as plain values: made on a background thread of a `Timeline`, drawn by the widgets.

No widget and no database here. Words come through Qt's translator, which any thread may ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from itertools import pairwise
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from app import formats
from app.formats import counted as count_of
from app.machine import Machine
from app.report import names
from app.report import session_words as words
from app.report.breakdown import counted, subagent_numbers
from app.report.timeline import Point, Timeline, written_again
from app.report.zone import day_of, local_zone
from app.sources import BY_ID
from app.store import queries
from app.store.queries import CallRow, Kind, Sums
from app.ui.moments import clock, named_day, timed
from app.ui.repaired import parts_of
from app.ui.widgets.course import Call, Course, End, Measured, Remark
from app.ui.widgets.dates import short_day
from app.ui.widgets.figure import FigureValue
from app.ui.widgets.read_out import Item, ReadOutValue

translate = QCoreApplication.translate
"""Every text here has the context `Session`."""


def say(text: str) -> str:
    """A text of the layers below in the user's language."""
    return translate("Session", text)


_WORTH_TELLING = 60_000
"""A wait between two calls that the read-out tells of."""


class Share(NamedTuple):
    """One row of a list that adds up to a total."""

    title: str
    remark: str
    cost: int
    amount: str
    key: str | None = None
    """What its calls have in common."""
    ink: str = "part:tools"
    unpriced: int = 0
    """Calls without a price."""
    label: str = "measured"
    at_least: bool = False

    @property
    def exact(self) -> str:
        """For the clipboard; empty where there is nothing, or nothing has a price."""
        there = self.amount != formats.NONE and formats.has_price(self.cost, self.unpriced)
        return formats.exact(self.cost) if there else ""


class Group(NamedTuple):
    """Such a list. `total` is what it adds up to, in words; `of` is `model`, `subagent` or `kind`."""

    of: str
    title: str
    total: str
    rows: tuple[Share, ...]


class LogFile(NamedTuple):
    key: str
    """Its path as it is stored."""
    path: str
    calls: str
    size: str
    there: bool


class View(NamedTuple):
    """All of it. What `found` holds is what exports and traces are made of."""

    found: Timeline
    title: str
    """Of the window."""
    agent: str
    source: str
    name: str
    branch: str
    state: str
    """`running`, `gone` or empty."""
    cost: FigureValue
    facts: tuple[tuple[str, str], ...]
    measured: Measured
    """The course with its sums."""
    unpriced: tuple[int, ...]
    """Indexes of the calls without a price."""
    unpriced_words: str
    context_known: bool
    by_model: Group
    by_subagent: Group | None
    """None where the main conversation did it all."""
    by_kind: Group
    files: tuple[LogFile, ...]
    rows: tuple[tuple[str, str], ...]
    """Where the numbers come from, without the files."""
    sound: bool
    """The parts add up to the session's cost."""
    zone: tzinfo
    subagents: dict[str, int]

    @property
    def course(self) -> Course:
        return self.measured.course


def view(found: Timeline, machine: Machine) -> View:
    zone = local_zone(machine)
    facts, total = found.found.facts, found.found.total
    source = BY_ID.get(facts.source)
    agent = source.title if source else facts.source
    now = machine.clock()
    day, time = named_day(day_of(facts.started_at, zone), day_of(now, zone)), clock(facts.started_at, zone)
    numbers = subagent_numbers(found.found.calls)
    gone = bool(found.sources) and not any(one.exists for one in found.sources)
    unpriced = tuple(point.number - 1 for point in found.points if point.cost is None)
    state = "running" if found.running else "gone" if gone else ""
    return View(
        found=found,
        title=f"{found.name}, {day} {time}",
        agent=agent,
        source=facts.source,
        name=found.name,
        branch=facts.branch or "",
        state=state,
        cost=_cost(total),
        facts=tuple(_facts(found, agent, f"{day}, {time}")),
        measured=Measured(_course(found, zone)),
        unpriced=unpriced,
        unpriced_words=_unpriced(found, unpriced),
        context_known=any(point.context is not None for point in found.points),
        by_model=_by_model(found),
        by_subagent=_by_subagent(found, numbers) if numbers else None,
        by_kind=_by_kind(found),
        files=tuple(_files(found, machine)),
        rows=tuple(_origins(found, zone, now)),
        sound=not found.difference,
        zone=zone,
        subagents=numbers,
    )


# Head


def _cost(total: Sums) -> FigureValue:
    line = ""
    if total.unpriced:
        line = translate("Session", "{calls} without a price").format(calls=calls_of(total.unpriced))
    both = total.repaired
    amount = formats.amount(both.cost, total.unpriced, both.label, at_least=total.at_least)
    reason = "" if total.evidence == "A" else evidence_words(total.evidence)
    if amount == formats.NO_PRICE:
        return FigureValue("", amount, line)
    line = "; ".join(filter(None, (parts_of(total), line)))
    return FigureValue("", amount, line, both.label, reason, formats.exact(both.cost))


def _facts(found: Timeline, agent: str, began: str) -> Iterable[tuple[str, str]]:
    facts, total = found.found.facts, found.found.total
    yield translate("Session", "Agent"), f"{agent} {facts.version or ''}".strip()
    if facts.model:
        model = model_name(facts.model, facts.source)
        if facts.effort:
            model += ", " + translate("Session", "effort {effort}").format(effort=facts.effort)
        yield translate("Session", "Model"), model
    yield translate("Session", "Started"), began
    yield translate("Session", "Length"), formats.duration(facts.ended_at - facts.started_at)
    yield translate("Session", "Calls"), f"{total.calls:,}"
    if facts.subagents:
        yield translate("Session", "Sub-agents"), f"{facts.subagents:,}"
    yield translate("Session", "Evidence"), evidence_words(total.evidence)
    if formats.at_rate():
        yield translate("Session", "Amounts"), formats.at_rate()


def evidence_words(level: str) -> str:
    return translate("Session", "level {level}: {what}").format(level=level, what=names.evidence_name(level, say))


def _unpriced(found: Timeline, unpriced: tuple[int, ...]) -> str:
    if not unpriced:
        return ""
    # As it was logged: that is what a price of one's own must name.
    models = sorted({found.points[place].model or translate("Session", "unknown model") for place in unpriced})
    told = translate("Session", "{calls} by {models} have no price, so they add nothing to the sums.")
    if len(unpriced) == 1:
        told = translate("Session", "{calls} by {models} has no price, so it adds nothing to the sums.")
    return told.format(calls=calls_of(len(unpriced)), models=", ".join(models))


def calls_of(count: int) -> str:
    return count_of(count, translate("Session", "call"), translate("Session", "calls"))


def model_name(model: str | None, source: str = "") -> str:
    return names.model_name(model, source, say)


def who(subagent: str | None, numbers: dict[str, int]) -> str:
    return names.who(subagent, numbers, say)


def kind_name(key: str) -> str:
    return names.kind_name(key, say)


# Timeline


def _course(found: Timeline, zone: tzinfo) -> Course:
    """Sub-agents' calls stand where they were made; meanwhile the conversation's own context stays as it was."""
    falls = sorted(found.compactions)
    calls: list[Call] = []
    context: int | None = None
    for point in found.points:
        while falls and falls[0].at < point.at:
            context = falls.pop(0).after
        if point.subagent is None:
            context = point.context
        calls.append(Call(point.at, context, costs_of(point), 0, point.cost is None))
    end = End(falls[-1].after, True, found.running) if falls else End(context, False, found.running)
    return Course(tuple(calls), found.window, found.compacts_at, tuple(_remarks(found)), zone, end)


def costs_of(point: Point) -> tuple[int, int, int, int, int]:
    """In the chart's five kinds. What is billed by request goes with the input that it brought; a cost that only the
    record states has no kind, and stands where the largest part would be.
    """
    fresh, read, write_5m, write_1h, output, reasoning, requests = point.parts
    stated = (point.cost or 0) - sum(point.parts)
    return read + max(0, stated), write_5m + write_1h, fresh + requests, output, reasoning


def _remarks(found: Timeline) -> Iterable[Remark]:
    main = [point for point in found.points if point.subagent is None]
    for fall in found.compactions:
        call = next((point.number - 1 for point in found.points if point.at >= fall.at), None)
        if call is None:
            continue  # the next call will show it
        before = fall.before or next((one.context for one in reversed(main) if one.at < fall.at), None)
        after = fall.after or next((one.context for one in main if one.at >= fall.at), None)
        title = translate("Session", "Compaction")
        if before is not None and after is not None:
            title += f" {formats.tokens(before)} → {formats.tokens(after)}"
        yield Remark("compaction", call, title, _cause(fall.cause))
    for pause in found.pauses:
        title = translate("Session", "Pause {length}").format(length=formats.duration(pause.length))
        line = translate("Session", "cache expired after {time}").format(time=formats.duration(pause.lifetime))
        yield Remark("pause", pause.before_call - 1, title, line)
    for before, now in pairwise(main):
        changed: list[str] = []
        if now.model != before.model and now.model is not None:
            changed.append(model_name(now.model, found.found.facts.source))
        if now.effort != before.effort and now.effort is not None:
            changed.append(translate("Session", "effort {effort}").format(effort=now.effort))
        if changed:
            yield Remark("switch", now.number - 1, ", ".join(changed))


def _cause(cause: str | None) -> str:
    if cause == "auto":
        return translate("Session", "by itself")
    return translate("Session", "asked for") if cause == "manual" else ""


def read_out(shown: View, place: int) -> ReadOutValue:
    """One call in words, for the line beside the heading."""
    points = shown.found.points
    point = points[place]
    title = translate("Session", "Call {n}").format(n=f"{point.number:,}")
    note = timed(point.at, shown.found.found.facts.ended_at, shown.zone)
    if place and point.at - points[place - 1].at >= _WORTH_TELLING:
        waited = formats.duration(point.at - points[place - 1].at)
        note += ", " + translate("Session", "{time} after call {n}").format(time=waited, n=f"{place:,}")
    total = amount_of(shown.found.found.calls[place])
    remarks = [who(point.subagent, shown.subagents)] if point.subagent else []
    remarks += [one.title for one in shown.course.remarks if one.call == place]
    again = written_again(shown.found.found.calls, place)
    if again:
        remarks.append(translate("Session", "{n} tokens written again").format(n=formats.tokens(again)))
    return ReadOutValue(title, total, tuple(_items(point)), ", ".join(remarks), note)


def label_of(shown: View, place: int) -> str:
    return queries.label_of(shown.found.found.calls[place].evidence)


def amount_of(call: queries.CallRow) -> str:
    """What a single call cost, as sure as that is."""
    cost = counted(call)
    return formats.amount(cost or 0, int(cost is None), queries.label_of(call.evidence), at_least=call.at_least)


def _items(point: Point) -> Iterable[Item]:
    fresh, read, write_5m, write_1h, output, reasoning, requests = point.parts
    stated = (point.cost or 0) - sum(point.parts)
    for key, cost in (
        ("cache_read", read),
        ("cache_write", write_5m + write_1h),
        ("fresh", fresh),
        ("output", output),
        ("reasoning", reasoning),
        ("requests", requests),
        ("unsplit", stated),
    ):
        if cost > 0:
            yield Item(kind_ink(key), kind_name(key), formats.money(cost))


def kind_ink(key: str) -> str:
    return "control" if key in ("requests", "unsplit") else f"kind:{key}"


# What it cost


def _adds_up(sums: Sums) -> str:
    if sums.unpriced == sums.calls:
        return formats.NO_PRICE
    return translate("Session", "adds up to {amount}").format(
        amount=formats.amount(sums.cost, sums.unpriced, sums.label, at_least=sums.at_least)
    )


def _by_model(found: Timeline) -> Group:
    called = [model_name(key, found.found.facts.source) for key, _ in found.found.by_model]
    rows = tuple(
        # Two logged names may read the same, as with a date and without: then as they were logged.
        _share(name if called.count(name) == 1 else key or name, calls_of(sums.calls), sums, key or "")
        for name, (key, sums) in zip(called, found.found.by_model, strict=True)
    )
    return Group("model", translate("Session", "Cost by model"), _adds_up(found.found.total), rows)


def _share(title: str, remark: str, sums: Sums, key: str) -> Share:
    amount = formats.amount(sums.cost, sums.unpriced, sums.label, at_least=sums.at_least)
    return Share(title, remark, sums.cost, amount, key, "part:tools", sums.unpriced, sums.label, sums.at_least)


def _by_subagent(found: Timeline, numbers: dict[str, int]) -> Group:
    models: dict[str, list[str]] = {}
    for call in found.found.calls:
        used = models.setdefault(call.subagent or "main", [])
        name = model_name(call.model, found.found.facts.source)
        if name not in used:
            used.append(name)
    rows: list[Share] = []
    for key, sums in found.found.by_subagent:
        used = models.get(key, [])
        model = used[0] if len(used) == 1 else translate("Session", "{n} models").format(n=len(used))
        name = who(None if key == "main" else key, numbers)
        rows.append(_share(name, f"{model} · {calls_of(sums.calls)}", sums, key))
    return Group("subagent", translate("Session", "Cost by sub-agent"), _adds_up(found.found.total), tuple(rows))


def _by_kind(found: Timeline) -> Group:
    """Always all five kinds in the order in which they are stacked; what is billed otherwise only where there is any."""
    kinds = {kind.key: kind for kind in found.found.by_kind}
    rows = [
        _kind("cache_read", kinds, "cache_read"),
        _kind("cache_write", kinds, "cache_write_5m", "cache_write_1h"),
        _kind("fresh", kinds, "input"),
        _kind("output", kinds, "output"),
        _kind("reasoning", kinds, "reasoning"),
    ]
    rows += [_kind(key, kinds, key) for key in ("requests", "unsplit") if key in kinds]
    return Group("kind", translate("Session", "Cost by token kind"), _adds_up(found.found.total), tuple(rows))


def _kind(key: str, kinds: dict[str, Kind], *wanted: str) -> Share:
    chosen = [kinds[one] for one in wanted if one in kinds]
    cost, tokens = sum(one.cost for one in chosen), sum(one.tokens for one in chosen)
    unpriced = sum(one.unpriced for one in chosen)
    is_open = any(one.high > one.cost for one in chosen)
    amount = formats.amount(cost, unpriced, at_least=is_open) if chosen else formats.NONE
    remark = translate("Session", "{n} tokens").format(n=formats.tokens(tokens)) if tokens else formats.NONE
    if key == "requests":
        remark = count_of(tokens, translate("Session", "request"), translate("Session", "requests"))
    return Share(kind_name(key), remark, cost, amount, key, kind_ink(key), unpriced, at_least=is_open)


# What a sum is made of


class Calls(NamedTuple):
    """Some of a session's calls: those that a sum adds up."""

    of: str
    """As in `Group`; `file` is all of one log file, `unpriced` what has no price, empty all there are."""
    key: str | None
    title: str


EVERY_CALL = Calls("", None, "")


def places_of(found: Timeline, wanted: Calls) -> Sequence[int]:
    """Indexes of those calls, ascending."""
    calls = found.found.calls
    if wanted.of == "model":
        return [place for place, call in enumerate(calls) if (call.model or "") == wanted.key]
    if wanted.of == "subagent":
        return [place for place, call in enumerate(calls) if (call.subagent or "main") == wanted.key]
    if wanted.of == "file":
        return [place for place, call in enumerate(calls) if call.path == wanted.key]
    if wanted.of == "unpriced":
        return [place for place, point in enumerate(found.points) if point.cost is None]
    if wanted.of == "kind":
        return [place for place, point in enumerate(found.points) if _has(point, calls[place], wanted.key)]
    return range(len(calls))


def _has(point: Point, call: CallRow, kind: str | None) -> bool:
    tokens = call.tokens
    return {
        "cache_read": tokens.cache_read > 0,
        "cache_write": tokens.cache_write_5m + tokens.cache_write_1h > 0,
        "fresh": tokens.input > 0,
        "output": tokens.output > tokens.reasoning,
        "reasoning": tokens.reasoning > 0,
        "requests": call.searches > 0,
        "unsplit": (point.cost or 0) != sum(point.parts),
    }.get(kind or "", False)


# Where the numbers come from


def _files(found: Timeline, machine: Machine) -> Iterable[LogFile]:
    home = str(machine.home)
    for one in found.sources:
        path = "~" + one.path[len(home) :] if one.path.startswith(home) else one.path
        yield LogFile(one.path, path, calls_of(one.calls), formats.size(one.size), one.exists)


def _origins(found: Timeline, zone: tzinfo, now: int) -> Iterable[tuple[str, str]]:
    total = found.found.total
    yield translate("Session", "Log files"), _log_files(found, zone, now)
    yield translate("Session", "Records"), _records(found)
    yield translate("Session", "Prices"), "\n".join(_prices(found))
    yield translate("Session", "Cache writes"), _cache_writes(found)
    if total.reported:
        told = translate("Session", "{amount} as the records themselves state, where we have no price")
        yield translate("Session", "Stated"), told.format(amount=formats.money(total.reported))
    if total.unpriced == total.calls:
        yield translate("Session", "Check"), translate("Session", "nothing to add up: no call has a price")
        return
    parts = total.cost - found.difference
    told = translate("Session", "parts {parts} = session {session}, difference {difference}")
    if found.difference:
        told = translate("Session", "parts {parts}, session {session}, difference {difference}")
    yield (
        translate("Session", "Check"),
        told.format(
            parts=formats.money(parts, currency=formats.DOLLARS),
            session=formats.money(total.cost, currency=formats.DOLLARS),
            difference=words.four(found.difference),
        ),
    )


def _log_files(found: Timeline, zone: tzinfo, now: int) -> str:
    sources = found.sources
    files = count_of(len(sources), translate("Session", "file"), translate("Session", "files"))
    size = formats.size(sum(one.size for one in sources))
    last = max((one.read_at for one in sources), default=0)
    read = translate("Session", "last read {time}").format(time=timed(last, now, zone, seconds=True))
    gone = sum(not one.exists for one in sources)
    if gone and gone == len(sources):
        return translate("Session", "{files}, {size}, gone since; these numbers were kept").format(
            files=files, size=size
        )
    told = f"{files}, {size}, {read}"
    return told + ", " + translate("Session", "{n} gone since").format(n=gone) if gone else told


def _records(found: Timeline) -> str:
    total = found.found.total
    skipped = sum(count for _, count in found.skipped)
    told = translate("Session", "{records} with usage: {calls}, {folded} folded, {skipped} skipped").format(
        records=count_of(total.calls + total.folded, translate("Session", "record"), translate("Session", "records")),
        calls=calls_of(total.calls),
        folded=count_of(total.folded, *_repeats(bool(total.folded))),
        skipped=f"{skipped:,}",
    )
    if skipped:
        told += " (" + ", ".join(f"{count:,} {reason}" for reason, count in found.skipped) + ")"
    return told


def _repeats(any_folded: bool) -> tuple[str, str]:
    """Some may stand in other sessions' files, which are none of the files above."""
    if any_folded:
        return translate("Session", "repeat from all files"), translate("Session", "repeats from all files")
    return translate("Session", "repeat"), translate("Session", "repeats")


def _prices(found: Timeline) -> Iterable[str]:
    for one in found.prices:
        row = words.price_row(one.name)
        parts = [f"{row.model}, {calls_of(one.calls)}", names.match_words(one.match, say)]
        if row.since:
            since = f"{short_day(row.since)}, {row.since.year}"
            parts.append(translate("Session", "valid from {day}").format(day=since))
        if row.mode != "standard":
            parts.append(row.mode)
        yield ", ".join(parts)
    books = sorted({one.book for one in found.prices})
    if books:
        days = [words.book_day(book) for book in books]
        told = [f"{short_day(day)}, {day.year}" if day else book for day, book in zip(days, books, strict=True)]
        yield translate("Session", "price book of {day}").format(day="; ".join(told))
    missing = sum(1 for point in found.points if point.cost is None)
    if missing:
        yield translate("Session", "{calls} without a price").format(calls=calls_of(missing))
    elif not books:
        yield translate("Session", "none of ours used")


def _cache_writes(found: Timeline) -> str:
    tokens = found.found.total.tokens
    short, long = tokens.cache_write_5m, tokens.cache_write_1h
    source = BY_ID.get(found.found.facts.source)
    if not short and not long:
        return translate("Session", "none logged")
    if source is None or source.cache_lifetime(tokens) is None:
        return translate("Session", "{n} tokens, lifetime not promised").format(n=formats.tokens(short + long))
    if not long:
        return translate("Session", "all 5 min, {n} tokens, from the log").format(n=formats.tokens(short))
    if not short:
        return translate("Session", "all 1 h, {n} tokens, from the log").format(n=formats.tokens(long))
    return translate("Session", "{short} tokens for 5 min, {long} tokens for 1 h, from the log").format(
        short=formats.tokens(short), long=formats.tokens(long)
    )


def total_words(shown: View) -> str:
    """The way up from a call: what all of them add up to."""
    total = shown.found.found.total
    amount = formats.amount(total.cost, total.unpriced, total.label, at_least=total.at_least)
    if amount == formats.NO_PRICE:
        return translate("Session", "Session of {calls} without a price").format(calls=calls_of(total.calls))
    return translate("Session", "Session {amount} in {calls}").format(amount=amount, calls=calls_of(total.calls))
