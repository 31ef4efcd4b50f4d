"""`cuenta session`: one session's breakdown, and the trace of one call."""

from __future__ import annotations

from datetime import date, datetime

from app import formats
from app.cli.paper import CERTAINTY, console, plain, print_json, print_table, table, up_to_date
from app.machine import Machine
from app.model.instant import text_of
from app.model.usage import Standing
from app.pricing.catalog import load_catalog
from app.report import breakdown, timeline
from app.report.breakdown import Breakdown, Trace
from app.report.export import window_of
from app.report.trace_page import Page, Voice, lines_of, page_of
from app.report.zone import local_zone
from app.sources import BY_ID
from app.store.queries import CopyRow

_MANY = 30
"""Calls from which the table shows only the dearest."""


def run(machine: Machine, *, id: str, trace: str | None, sync: bool, json: bool) -> int:
    with up_to_date(machine, sync) as connection:
        ident = breakdown.find(connection, id)
        found = breakdown.build(connection, ident)
        traced = breakdown.trace(connection, found, trace) if trace is not None else None
        shown = timeline.around(connection, machine, ident, found) if traced is not None and not json else None
    if traced is not None and shown is not None:
        _show_trace(page_of(traced, shown, machine, load_catalog(machine), _voice(machine)))
    elif traced is not None:
        print_json(_trace_json(traced))
    elif json:
        print_json(breakdown.as_json(found, machine))
    else:
        _show(found, machine)
    return 0


def _show(found: Breakdown, machine: Machine) -> None:
    paper, facts, total = console(), found.facts, found.total
    title = BY_ID[facts.source].title if facts.source in BY_ID else facts.source
    paper.print(f"{title} · {plain(facts.project, 'unknown folder')} · {plain(facts.native)}", style="bold")
    spent = formats.amount(total.cost, total.unpriced, total.label, at_least=total.at_least)
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
                sheet.add_row(
                    plain(key),
                    f"{sums.calls:,}",
                    formats.amount(sums.cost, sums.unpriced, sums.label, at_least=sums.at_least),
                )
            print_table(paper, sheet)
    sheet = table("kind", "tokens", "cost")
    for kind in found.by_kind:
        sheet.add_row(
            kind.key.replace("_", " "),
            formats.tokens(kind.tokens),
            formats.amount(kind.cost, kind.unpriced, at_least=kind.high > kind.cost),
        )
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


def _show_trace(page: Page) -> None:
    """As an invoice, top to bottom, 72 columns."""
    paper = console()
    for line in lines_of(page):
        paper.print(plain(line.text), style=line.style or None, soft_wrap=True)


def _voice(machine: Machine) -> Voice:
    return Voice(str, date.isoformat, lambda instant: _clock(instant, machine, "%Y-%m-%d %H:%M:%S"))


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
