"""Where one call's figure comes from, read like an invoice: record, what was folded into it, amount, price row, cause.

As values for a panel, and as lines of 72 columns for the terminal and the clipboard.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date
from textwrap import wrap
from typing import NamedTuple

from app import formats
from app.machine import Machine
from app.model.path import real
from app.model.usage import CREDIT, Standing
from app.pricing.book import BOTH, RESEARCH, Book
from app.pricing.catalog import Catalog
from app.pricing.names import resolve
from app.report import session_words as words
from app.report.breakdown import Trace, counted, subagent_numbers
from app.report.names import Say, kind_name, match_words, model_name, who
from app.report.record import Record, look_up
from app.report.timeline import Timeline
from app.report.zone import day_of, local_zone
from app.shapes.source import Source
from app.sources import BY_ID
from app.store.queries import CallRow, CopyRow, label_of

WIDTH = 72
DOTS = {"measured": "●", "reconciled": "◐", "estimated": "○"}


class Voice(NamedTuple):
    """How a surface writes texts, days and instants."""

    say: Say
    day: Callable[[date], str]
    moment: Callable[[int], str]


class Copy(NamedTuple):
    """One record, or several of one file, of the same call."""

    place: str
    kind: str
    output: str
    why: str
    file: str
    """Where it stands, if in another file than the kept one."""
    kept: bool


class Line(NamedTuple):
    """`key` is the kind's color, as charts have it."""

    key: str
    title: str
    tokens: str
    price: str
    amount: str
    exact: str
    """Its amount for the clipboard; empty where there is none."""


class Page(NamedTuple):
    place: int
    """Index of the call."""
    source: str
    title: str
    of: str
    where: tuple[str, ...]
    """Session and instant, model, agent, and which sub-agent."""
    amount: str
    label: str
    exact: str
    record: tuple[tuple[str, str], ...]
    gone: str
    """What is to be said where the record can't be read any more; else empty."""
    usage: str
    """The usage object as it stands in the log; empty where it can't be read."""
    copies: tuple[Copy, ...]
    folded: str
    lines: tuple[Line, ...]
    total: tuple[str, str]
    """Tokens and amount."""
    missing: str
    """What the record's placeholder count leaves out, beside the total; empty where it is none."""
    price: tuple[tuple[str, str], ...]
    cause: str


def page_of(found: Trace, shown: Timeline, machine: Machine, catalog: Catalog, voice: Voice) -> Page:
    """Reads the record live."""
    say, call, facts = voice.say, found.call, shown.found.facts
    cost, label = counted(call), label_of(call.evidence)
    source = BY_ID.get(facts.source)
    where = [f"{shown.name}, {voice.moment(call.at)}", model_name(call.model, facts.source, say)]
    where.append(f"{source.title if source else facts.source} {facts.version or ''}".strip())
    if call.subagent:
        where.append(who(call.subagent, subagent_numbers(shown.found.calls), say))
    read = look_up(call.path, call.position, source.usage_at if source else ())
    listed = words.listed(call, catalog)
    records = sum(copy.records for copy in found.copies)
    return Page(
        place=found.number - 1,
        source=facts.source,
        title=say("Call {n}").format(n=f"{found.number:,}"),
        of=say("of {n}").format(n=f"{len(shown.points):,}"),
        where=tuple(where),
        amount=formats.NO_PRICE
        if cost is None
        else formats.amount(cost, 0, label, currency=formats.DOLLARS, at_least=call.at_least),
        label=label,
        exact="" if cost is None else formats.exact(cost),
        record=(
            *_record(found, read, machine, say),
            *_credits(call, source, say),
            *_vendors_day(call.at, machine, voice),
        ),
        gone=_gone(call.path, read, say),
        usage=read.usage if read else "",
        copies=tuple(_copy(copy, found, machine, say) for copy in found.copies),
        folded=say("{records}, {kept} of them kept").format(
            records=formats.counted(records, say("record"), say("records")), kept=1
        ),
        lines=tuple(_lines(found, listed, say)),
        total=(f"{call.tokens.total:,}", formats.NO_PRICE if cost is None else words.six(cost)),
        missing=_missing(call, say),
        price=tuple(_price(found, cost, listed, catalog.book, voice)),
        cause=_cause(shown, found.number, say),
    )


def _record(found: Trace, read: Record | None, machine: Machine, say: Say) -> Iterable[tuple[str, str]]:
    call = found.call
    yield say("File"), machine.short(call.path)
    place = say("byte {n}").format(n=f"{call.position:,}")
    if read is not None:
        place += ", " + say("line {n}, {size} bytes").format(n=f"{read.line:,}", size=f"{read.size:,}")
    yield say("Place"), place
    yield say("Name"), call.native or say("no ids logged")


def _credits(call: CallRow, source: Source | None, say: Say) -> Iterable[tuple[str, str]]:
    """What the vendor bills in a unit of its own: never dollars, and beside our price."""
    if call.credits is not None:
        unit = (source.credit if source else None) or say("the vendor's units")
        yield say("Billed as"), f"{call.credits / CREDIT:,.6g} × {unit}"


def _gone(path: str, read: Record | None, say: Say) -> str:
    if read is not None:
        return ""
    if os.path.exists(real(path)):
        return say("The log has changed since; this is what was kept.")
    return say("The log is gone; this is what was kept.")


def _copy(copy: CopyRow, found: Trace, machine: Machine, say: Say) -> Copy:
    kept = copy.kept and copy.key == found.call.key
    kind = {
        Standing.OWN: say("main"),
        Standing.SIDE: say("side chain"),
        Standing.INHERITED: say("copied history"),
        Standing.SUM: say("sum of several"),
    }[Standing(copy.standing)]
    others = copy.records - 1
    if kept:
        why = say("kept: the last record of the call")
        if others:
            repeats = formats.counted(others, say("earlier record"), say("earlier records"))
            why = say("kept, {repeats} folded into it").format(repeats=repeats)
    elif copy.path == found.call.path:
        why = say("another record of the same call")
    else:
        why = say("copy in another file")
    file = machine.short(copy.path) if copy.path != found.call.path else ""
    return Copy(f"{copy.position:,}", kind, f"{copy.output:,}", why, file, kept)


_KEYS = {"cache_write_5m": "cache_write", "cache_write_1h": "cache_write", "input": "fresh"}
_ROWS = ("cache_read", "cache_write_5m", "cache_write_1h", "input", "output", "reasoning")


def _lines(found: Trace, listed: words.Listed | None, say: Say) -> Iterable[Line]:
    """Every kind, also at 0; what is paid for otherwise only where there is any."""
    lines = {line.kind: line for line in found.lines}
    priced = found.call.cost is not None
    for kind in _ROWS:
        line = lines[kind]
        rate = listed.rates.get(kind) if listed else None
        price = formats.NONE
        if priced and line.amount:
            price = words.per_million(line.nano, line.amount)
        elif priced and rate is not None:
            price = words.per_million(rate, 1000)
        amount = words.six(line.nano) if priced else formats.NONE
        exact = formats.exact(line.nano) if priced else ""
        yield Line(_KEYS.get(kind, kind), kind_name(kind, say), f"{line.amount:,}", price, amount, exact)
    requests = lines["requests"]
    if requests.amount or requests.nano:
        amount = words.six(requests.nano) if priced else formats.NONE
        exact = formats.exact(requests.nano) if priced else ""
        yield Line("requests", kind_name("requests", say), f"{requests.amount:,}", formats.NONE, amount, exact)
    if not priced and found.call.reported:
        stated = words.six(found.call.reported)
        exact = formats.exact(found.call.reported)
        yield Line("unsplit", kind_name("unsplit", say), formats.NONE, formats.NONE, stated, exact)


def _vendors_day(at: int, machine: Machine, voice: Voice) -> Iterable[tuple[str, str]]:
    """The day that the vendor books the call on, where it is another than the user's."""
    theirs = day_of(at, UTC)
    if theirs != day_of(at, local_zone(machine)):
        day = voice.day(theirs)
        yield voice.say("Day"), voice.say("{day} to the vendor, whose days are UTC").format(day=day)


def _price(
    found: Trace, cost: int | None, listed: words.Listed | None, book: Book, voice: Voice
) -> Iterable[tuple[str, str]]:
    say, call = voice.say, found.call
    if call.cost is None or call.price_row is None:
        told = say("none: the name had no price at that time")
        yield say("Name"), say("none of ours: what the record states counts") if cost else told
        return
    row = words.price_row(call.price_row)
    yield say("Name"), f"{row.model}, {_match(call, row, book, say)}"
    since = say("from {day}").format(day=voice.day(row.since)) if row.since else say("from the beginning")
    if listed is not None:
        until = say("until {day}").format(day=voice.day(listed.until)) if listed.until else say("until now")
        since = f"{since} {until}"
    yield say("Valid"), f"{since}; {', '.join(_terms(row, listed, say))}"
    day = words.book_day(call.book or "")
    age = voice.day(day) if day else call.book or formats.NONE
    source = listed.source if listed is not None else row.channel
    if source == RESEARCH:
        source = say("the vendor's list, looked up by hand ({section})").format(section=source)
    if source == BOTH:
        source = say("{packages} agree").format(packages=f" {say('and')} ".join(book.compared))
    if listed is not None and listed.disputed:
        source += ", " + say("other sources differ")
    yield say("Source"), say("{source}; book of {day}").format(source=source, day=age)


def _match(call: CallRow, row: words.PriceRow, book: Book, say: Say) -> str:
    """How the logged name led to the row, and what was taken off it on the way."""
    logged = (call.model or "").removesuffix("|fast")
    stripped = resolve(logged, row.channel, book).stripped if call.price_match == "near" else ""
    if not stripped:
        return match_words(call.price_match or "", say)
    return say("the logged name without “{stripped}”").format(stripped=stripped)


def _terms(row: words.PriceRow, listed: words.Listed | None, say: Say) -> Iterator[str]:
    """`standard, no tier, no factor`."""
    yield row.mode
    if listed is None:
        return
    yield say("tier above {n} tokens").format(n=formats.tokens(listed.tier)) if listed.tier else say("no tier")
    if "," not in row.mode:  # behind it stands the user's own discount, which is a factor, too
        yield say("no factor") if listed.rates else say("with the factor of its region or hour")


def _missing(call: CallRow, say: Say) -> str:
    if not call.repaired_output:
        return ""
    told = say(
        "Beside it ≈ {amount} for {n} tokens of output or more: the log holds no stop reason and a count of less than half"
        " of what can be seen."
    )
    return told.format(amount=formats.money(call.repaired_cost), n=f"{call.repaired_output:,}")


def _cause(shown: Timeline, number: int, say: Say) -> str:
    pause = next((one for one in shown.pauses if one.before_call == number), None)
    if pause is not None:
        told = say("The pause of {length} outlived the cache, so {n} tokens were written again.")
        return told.format(length=formats.duration(pause.length), n=formats.tokens(pause.written))
    firsts = {next((point.number for point in shown.points if point.at >= one.at), 0) for one in shown.compactions}
    if number in firsts:
        return say("The first call after a compaction: its summary was written to the cache.")
    return say("It adds nothing to the sums.") if shown.points[number - 1].cost is None else ""


# As text


class TextLine(NamedTuple):
    text: str
    style: str = ""
    """`bold`, `dim` or nothing."""


_NUMBERS = 2 + 20 + 12 + 4 + 8 + 3 + 14
"""Columns up to the end of an amount."""


def lines_of(page: Page, say: Say = str) -> list[TextLine]:
    """`>` stands before the kept record. Nothing is wider than 72 columns but a path, which stays whole to be opened."""
    dot = DOTS.get(page.label, "") if page.exact else ""
    out = [TextLine(f"{page.title} {page.of}   {page.amount} {dot}".rstrip(), "bold")]
    out += [TextLine(one) for one in wrap(" · ".join(page.where), WIDTH, break_on_hyphens=False)]
    out += [TextLine(""), TextLine(say("Record"), "bold"), *_rows(page.record)]
    if page.gone:
        out.append(TextLine(f"  {page.gone}", "dim"))
    out += [TextLine(""), TextLine(f"{say('Folded')}  {page.folded}", "bold")]
    for copy in page.copies:
        begin = f"{'>' if copy.kept else ' '} {copy.place:>11}  {copy.kind:<14} {copy.output:>9}  "
        told = wrap(copy.why, WIDTH - len(begin))
        style = "" if copy.kept else "dim"
        out += [TextLine((begin if not place else " " * len(begin)) + one, style) for place, one in enumerate(told)]
        if copy.file:
            out.append(TextLine(f"{'':15}{copy.file}", "dim"))
    head = f"{say('Amount'):<22}{say('tokens'):>12}    {'$ per M':>8}   {say('amount'):>14}"
    out += [TextLine(""), TextLine(head, "bold")]
    out += [TextLine(_amount(one, dot)) for one in page.lines]
    tokens, amount = page.total
    out.append(TextLine("  " + "─" * (_NUMBERS - 2), "dim"))
    out.append(TextLine(f"  {say('Total'):<20}{tokens:>12}{'':15}{amount:>14}  {dot}".rstrip(), "bold"))
    out += [TextLine(f"  {one}") for one in wrap(page.missing, WIDTH - 2)]
    out += [TextLine(""), TextLine(say("Price row"), "bold"), *_rows(page.price)]
    if page.cause:
        out += [TextLine(""), *(TextLine(f"  {one}", "dim") for one in wrap(page.cause, WIDTH - 2))]
    return out


def _amount(one: Line, dot: str) -> str:
    times, equals = ("×", "=") if one.price != formats.NONE else ("", "")
    price = one.price if one.price != formats.NONE else ""
    return f"  {one.title:<20}{one.tokens:>12}  {times:1} {price:>8} {equals:1} {one.amount:>14}  {dot}".rstrip()


def _rows(rows: Iterable[tuple[str, str]]) -> Iterator[TextLine]:
    for label, value in rows:
        if "/" in value and " " not in value:
            yield TextLine(f"  {label:<8}{value}")
            continue
        for place, one in enumerate(wrap(value, WIDTH - 10, break_on_hyphens=False)):
            yield TextLine(f"  {label if not place else '':<8}{one}")


def plain_text(page: Page, say: Say = str) -> str:
    """What is copied."""
    return "\n".join(one.text for one in lines_of(page, say)) + "\n"
