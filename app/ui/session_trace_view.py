"""Where one call's figure comes from, as plain values and as the text that Copy puts on the clipboard."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from app import formats
from app.machine import Machine
from app.model.usage import Standing
from app.pricing.catalog import Catalog
from app.report import breakdown
from app.report import session_words as words
from app.report.breakdown import Trace, counted
from app.store.queries import CopyRow
from app.ui.session_view import (
    View,
    calls_of,
    kind_ink,
    kind_name,
    label_of,
    match_words,
    model_name,
    pause_before,
    translate,
    who,
)
from app.ui.widgets.dates import day_name, short_day

WIDTH = 72
_DOTS = {"measured": "●", "reconciled": "◐", "estimated": "○"}


class Copy(NamedTuple):
    """One record, or several of one file, of the same call."""

    place: str
    kind: str
    output: str
    why: str
    kept: bool


class Line(NamedTuple):
    ink: str
    title: str
    tokens: str
    price: str
    amount: str


class TraceView(NamedTuple):
    place: int
    """Index of the call."""
    source: str
    title: str
    of: str
    line: str
    amount: str
    label: str
    exact: str
    record: tuple[tuple[str, str], ...]
    gone: str
    """What is to be said where the log is gone; else empty."""
    copies: tuple[Copy, ...]
    folded: str
    lines: tuple[Line, ...]
    total: tuple[str, str]
    """Tokens and amount."""
    price: tuple[tuple[str, str], ...]
    cause: str
    text: str


def trace_view(
    connection: sqlite3.Connection, shown: View, place: int, machine: Machine, catalog: Catalog
) -> TraceView:
    found = breakdown.trace(connection, shown.found.found, str(place + 1))
    listed = words.listed(found.call, catalog)
    call = found.call
    cost = counted(call)
    moment = datetime.fromtimestamp(call.at / 1000, shown.zone)
    home = str(machine.home)
    path = "~" + call.path[len(home) :] if call.path.startswith(home) else call.path
    facts = shown.found.found.facts
    parts = [f"{shown.name}, {day_name(moment.date())}, {moment:%H:%M:%S}", model_name(call.model, shown.source)]
    parts.append(f"{shown.agent} {facts.version or ''}".strip())
    if call.subagent:
        parts.append(who(call.subagent, shown.subagents))
    records = sum(copy.records for copy in found.copies)
    made = TraceView(
        place=place,
        source=shown.source,
        title=translate("Session", "Call {n}").format(n=f"{place + 1:,}"),
        of=translate("Session", "of {n}").format(n=f"{len(shown.found.points):,}"),
        line=" · ".join(parts),
        amount=formats.NO_PRICE if cost is None else formats.amount(cost, 0, label_of(shown, place)),
        label=label_of(shown, place),
        exact="" if cost is None else formats.exact(cost),
        record=(
            (translate("Session", "File"), path),
            (translate("Session", "Place"), translate("Session", "byte {n}").format(n=f"{call.position:,}")),
            (translate("Session", "Name"), call.native or translate("Session", "no ids logged")),
        ),
        gone="" if os.path.exists(call.path) else translate("Session", "The log is gone; this is what was kept."),
        copies=tuple(_copy(copy, found) for copy in found.copies),
        folded=translate("Session", "{records}, {kept} kept").format(
            records=formats.counted(records, translate("Session", "record"), translate("Session", "records")), kept=1
        ),
        lines=tuple(_lines(found, listed)),
        total=(f"{call.tokens.total:,}", formats.NO_PRICE if cost is None else words.six(cost)),
        price=tuple(_price(found, cost, listed)),
        cause=_cause(shown, place),
        text="",
    )
    return made._replace(text=_text(made))


def _copy(copy: CopyRow, found: Trace) -> Copy:
    kept = copy.kept and copy.key == found.call.key
    kind = {
        Standing.OWN: translate("Session", "main"),
        Standing.SIDE: translate("Session", "side chain"),
        Standing.INHERITED: translate("Session", "copied history"),
    }[Standing(copy.standing)]
    others = copy.records - 1
    if kept:
        why = translate("Session", "kept: the last stand of the call")
        if others:
            repeats = formats.counted(
                others, translate("Session", "earlier stand"), translate("Session", "earlier stands")
            )
            why = translate("Session", "kept, {repeats} folded into it").format(repeats=repeats)
    elif copy.path == found.call.path:
        why = translate("Session", "another stand of the same call")
    else:
        why = translate("Session", "copy in {file}").format(file=_short(os.path.basename(copy.path)))
    return Copy(f"{copy.position:,}", kind, f"{copy.output:,}", why, kept)


def _short(name: str) -> str:
    stem, ending = os.path.splitext(name)
    return f"{stem[:4]}…{ending.removeprefix('.')}" if len(stem) > 16 else name


def _lines(found: Trace, listed: words.Listed | None) -> Iterable[Line]:
    lines = {line.kind: line for line in found.lines}
    priced = found.call.cost is not None
    rows = (
        ("cache_read", kind_name("cache_read"), "cache_read"),
        ("cache_write", translate("Session", "Cache write, 5 min"), "cache_write_5m"),
        ("cache_write", translate("Session", "Cache write, 1 h"), "cache_write_1h"),
        ("fresh", kind_name("fresh"), "input"),
        ("output", kind_name("output"), "output"),
        ("reasoning", kind_name("reasoning"), "reasoning"),
    )
    for key, title, kind in rows:
        line = lines[kind]
        rate = listed.rates.get(kind) if listed else None
        price = formats.NONE
        if priced and line.amount:
            price = words.per_million(line.nano, line.amount)
        elif priced and rate is not None:
            price = words.per_million(rate, 1000)
        yield Line(kind_ink(key), title, f"{line.amount:,}", price, words.six(line.nano) if priced else formats.NONE)
    requests = lines["requests"]
    if requests.amount or requests.nano:
        yield Line(
            kind_ink("requests"),
            kind_name("requests"),
            f"{requests.amount:,}",
            formats.NONE,
            words.six(requests.nano) if priced else formats.NONE,
        )
    if not priced and found.call.reported:
        stated = words.six(found.call.reported)
        yield Line(kind_ink("unsplit"), kind_name("unsplit"), formats.NONE, formats.NONE, stated)


def _price(found: Trace, cost: int | None, listed: words.Listed | None) -> Iterable[tuple[str, str]]:
    call = found.call
    if call.cost is None or call.price_row is None:
        told = translate("Session", "none: the name had no price at that time")
        if cost:
            told = translate("Session", "none of ours: what the record states counts")
        yield translate("Session", "Name"), told
        return
    row = words.price_row(call.price_row)
    yield translate("Session", "Name"), f"{row.model}, {match_words(call.price_match or '')}"
    since = translate("Session", "from the beginning")
    if row.since:
        since = translate("Session", "from {day}").format(day=f"{short_day(row.since)}, {row.since.year}")
    until = translate("Session", "until now")
    if listed is not None and listed.until:
        until = translate("Session", "until {day}").format(day=f"{short_day(listed.until)}, {listed.until.year}")
    yield translate("Session", "Valid"), f"{since} {until}; {row.mode}" if listed else f"{since}; {row.mode}"
    day = words.book_day(call.book or "")
    book = f"{short_day(day)}, {day.year}" if day else call.book or formats.NONE
    source = listed.source if listed is not None else row.channel
    if listed is not None and listed.disputed:
        source += ", " + translate("Session", "other sources differ")
    yield (
        translate("Session", "Source"),
        translate("Session", "{source}; book of {day}").format(source=source, day=book),
    )


def _cause(shown: View, place: int) -> str:
    pause = pause_before(shown.found, place + 1)
    if pause is not None:
        told = translate("Session", "The pause of {length} outlived the cache, so {n} tokens were written again.")
        return told.format(length=formats.duration(pause.length), n=formats.tokens(pause.written))
    fall = next((one for one in shown.course.remarks if one.kind == "compaction" and one.call == place), None)
    if fall is not None:
        return translate("Session", "The first call after a compaction: its summary was written to the cache.")
    if shown.found.points[place].cost is None:
        return translate("Session", "It adds nothing to the sums.")
    return ""


def _text(made: TraceView) -> str:
    """The terminal's form: the same order, 72 columns, `>` before the record that was kept."""
    out = [f"{made.title} {made.of}   {made.amount} {_DOTS.get(made.label, '')}".rstrip(), made.line, ""]
    out += [translate("Session", "Record"), *_indented(made.record)]
    if made.gone:
        out.append(f"  {made.gone}")
    out += ["", f"{translate('Session', 'Folded')}  {made.folded}"]
    for copy in made.copies:
        mark = ">" if copy.kept else " "
        out.append(f"{mark} {copy.place:>12}  {copy.kind:<16}{copy.output:>10}  {copy.why}")
    out += ["", translate("Session", "Amount")]
    out += [f"  {one.title:<22}{one.tokens:>14}{one.price:>12}{one.amount:>18}" for one in made.lines]
    out.append("  " + "─" * (WIDTH - 4))
    out.append(f"  {translate('Session', 'Total'):<22}{made.total[0]:>14}{'':>12}{made.total[1]:>18}")
    out += ["", translate("Session", "Price row"), *_indented(made.price)]
    if made.cause:
        out += ["", made.cause]
    return "\n".join(out) + "\n"


def _indented(rows: Sequence[tuple[str, str]]) -> list[str]:
    return [f"  {label:<8}{value}" for label, value in rows]


def total_words(shown: View) -> str:
    """The way up from a call: what all of them add up to."""
    total = shown.found.found.total
    amount = formats.amount(total.cost, total.unpriced, total.label)
    return translate("Session", "Session {amount} in {calls}").format(amount=amount, calls=calls_of(total.calls))
