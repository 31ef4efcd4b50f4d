"""`cuenta session`: one session's breakdown, and the trace of one call."""

from __future__ import annotations

from datetime import datetime

from app import formats
from app.cli.paper import CERTAINTY, console, plain, print_json, print_table, table, up_to_date
from app.machine import Machine
from app.model.instant import text_of
from app.model.usage import Standing
from app.report import breakdown
from app.report.breakdown import Breakdown, Trace
from app.report.export import window_of
from app.report.zone import local_zone
from app.sources import BY_ID
from app.store.queries import CopyRow

_MANY = 30
"""Calls from which the table shows only the dearest."""


def run(machine: Machine, *, id: str, trace: str | None, sync: bool, json: bool) -> int:
    with up_to_date(machine, sync) as connection:
        found = breakdown.build(connection, breakdown.find(connection, id))
        traced = breakdown.trace(connection, found, trace) if trace is not None else None
    if traced is not None:
        print_json(_trace_json(traced)) if json else _show_trace(traced, machine)
    elif json:
        print_json(breakdown.as_json(found, machine))
    else:
        _show(found, machine)
    return 0


def _show(found: Breakdown, machine: Machine) -> None:
    paper, facts, total = console(), found.facts, found.total
    title = BY_ID[facts.source].title if facts.source in BY_ID else facts.source
    paper.print(f"{title} · {plain(facts.project, 'unknown folder')} · {plain(facts.native)}", style="bold")
    spent = formats.amount(total.cost, total.unpriced, total.label)
    took = formats.duration(facts.ended_at - facts.started_at)
    begun = _clock(facts.started_at, machine, "%Y-%m-%d %H:%M")
    paper.print(f"{spent}  {CERTAINTY[total.label]} {total.label}, {total.calls:,} calls, {begun}, {took}")
    context = "not known" if found.context.tokens is None else formats.tokens(found.context.tokens)
    window = window_of(facts, machine)
    of = f" of {formats.tokens(window)}" if window else ""
    peak = f", at most {formats.tokens(facts.peak)}" if facts.peak else ""
    paper.print(f"Context now {context}{of}{peak}", style="dim")
    for name, rows in (("model", found.by_model), ("sub-agent", found.by_subagent)):
        if len(rows) > 1 or name == "model":
            sheet = table(name, "calls", "cost")
            for key, sums in rows:
                sheet.add_row(plain(key), f"{sums.calls:,}", formats.amount(sums.cost, sums.unpriced, sums.label))
            print_table(paper, sheet)
    sheet = table("kind", "tokens", "cost")
    for kind in found.by_kind:
        sheet.add_row(kind.key.replace("_", " "), formats.tokens(kind.tokens), formats.amount(kind.cost, kind.unpriced))
    print_table(paper, sheet)
    _show_calls(found, machine)


def _show_calls(found: Breakdown, machine: Machine) -> None:
    numbered = list(enumerate(found.calls, 1))
    shown = numbered
    if len(numbered) > _MANY:
        dearest = sorted(numbered, key=lambda one: -(breakdown.counted(one[1]) or 0))[:_MANY]
        shown = sorted(dearest)
    sheet = table("call", "time", "model", "prompt", "output", "cost", left=3)
    for number, call in shown:
        cost = breakdown.counted(call)
        sheet.add_row(
            str(number),
            _clock(call.at, machine, "%m-%d %H:%M:%S"),
            plain(call.model) + (f" ({plain(call.subagent)})" if call.subagent else ""),
            formats.tokens(call.tokens.prompt),
            formats.tokens(call.tokens.output),
            formats.NO_PRICE if cost is None else formats.money(cost),
        )
    paper = console()
    print_table(paper, sheet, giving=(2,))
    if len(shown) < len(numbered):
        paper.print(f"The {_MANY} dearest of {len(numbered):,} calls. --json has all of them.", style="dim")
    paper.print("--trace CALL writes out where a call's figure comes from.", style="dim")


def _clock(instant: int, machine: Machine, form: str) -> str:
    return datetime.fromtimestamp(instant / 1000, local_zone(machine)).strftime(form)


def _show_trace(found: Trace, machine: Machine) -> None:
    """As an invoice, top to bottom, 72 columns: record, copies, amounts, price row."""
    call, paper = found.call, console()
    paper.print(
        f"Call {found.number} · {plain(call.model)} · {_clock(call.at, machine, '%Y-%m-%d %H:%M:%S')}", style="bold"
    )
    paper.print("\nRecord")
    paper.print(f"  {plain(call.path)}, byte {call.position:,}", soft_wrap=True)
    paper.print(f"  {plain(call.native, 'no ids logged')}")
    if call.folded or len(found.copies) > 1:
        paper.print("\nFolded (> is the record that counts)")
        for copy in found.copies:
            paper.print(f"{'>' if copy.kept and copy.key == call.key else ' '} {_copy(copy)}", soft_wrap=True)
    paper.print(f"\n{'Amount':<20}{'count':>12}{'$ per million':>18}{'$':>18}")
    for line in found.lines:
        paper.print(
            f"  {line.kind.replace('_', ' '):<18}{line.amount:>12,}{_per_million(line):>18}{_six(line.nano):>18}"
        )
    cost = breakdown.counted(call)
    paper.print(f"  {'total':<18}{'':>12}{'':>18}{formats.NO_PRICE if cost is None else _six(cost):>18}", style="bold")
    paper.print("\nPrice row")
    if call.cost is None:
        paper.print("  none: the name has no price at that time" + (", the record's own cost counts" if cost else ""))
    else:
        paper.print(f"  {call.price_row} ({call.price_match} match), book {call.book}")


def _copy(copy: CopyRow) -> str:
    standing = {Standing.OWN: "main", Standing.SIDE: "side chain", Standing.INHERITED: "copied history"}[
        Standing(copy.standing)
    ]
    repeats = f", {copy.records:,} records" if copy.records > 1 else ""
    return f"{plain(copy.path)}, byte {copy.position:,}: {standing}, output {copy.output:,}{repeats}"


def _per_million(line: breakdown.Line) -> str:
    """What a million of it would have cost: the price with its factors, as far as rounding lets it be seen."""
    return f"{line.nano / line.amount / 1000:.4f}".rstrip("0").rstrip(".") if line.amount and line.nano else ""


def _six(nano: int) -> str:
    """Dollars with six decimals: the one place that shows them, so that the column adds up by eye."""
    micro = round(nano / 1000)
    return f"${micro // 1_000_000:,}.{micro % 1_000_000:06d}"


def _copy_json(copy: CopyRow, key: int) -> dict[str, object]:
    return {
        "file": copy.path,
        "byte": copy.position,
        "at": text_of(copy.at),
        "records": copy.records,
        "output_tokens": copy.output,
        "standing": Standing(copy.standing).name.lower(),
        "kept": copy.kept and copy.key == key,
    }


def _trace_json(found: Trace) -> dict[str, object]:
    call = found.call
    return {
        "schema": "cuenta.trace/1",
        "call": found.number,
        "model": call.model,
        "file": call.path,
        "byte": call.position,
        "ids": call.native,
        "copies": [_copy_json(copy, call.key) for copy in found.copies],
        "amount": [{"kind": line.kind, "count": line.amount, "cost_nanousd": line.nano} for line in found.lines],
        "cost_nanousd": breakdown.counted(call),
        "reported_cost_nanousd": call.reported,
        "price_row": call.price_row,
        "match": call.price_match,
        "book": call.book,
    }
