"""`cuenta session`: one session's breakdown, and the trace of one call."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from app import formats, settings
from app.cli.paper import console, count_of, plain, print_json, print_table, repair_words, spent, table, up_to_date
from app.machine import Machine
from app.model.instant import text_of
from app.model.usage import Standing
from app.pricing.catalog import load_catalog
from app.report import breakdown, timeline
from app.report.breakdown import MAIN, Breakdown, Trace, subagent_numbers
from app.report.export import repaired_members, window_of
from app.report.names import model_name, project_name, who
from app.report.overview import row_of
from app.report.trace_page import Page, Voice, lines_of, page_of
from app.report.zone import local_zone
from app.sources import BY_ID
from app.store.queries import CopyRow, Sums, label_of

if TYPE_CHECKING:
    from rich.console import Console

_MANY = 30
"""Calls from which the table shows only the dearest."""


def run(machine: Machine, *, id: str, trace: str | None, sync: bool, logged: bool, json: bool) -> int:
    with up_to_date(machine, sync) as connection:
        ident = breakdown.find(connection, id)
        found = breakdown.build(connection, ident)
        if logged or not (json or settings.shows_repaired(machine)):
            found = breakdown.logged(found)
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
    project = plain(project_name(facts.project and machine.short(facts.project)))
    paper.print(f"{title} · {project} · {plain(facts.native)}", style="bold")
    amount, certainty = spent(total)
    took = formats.duration(facts.ended_at - facts.started_at)
    begun = _clock(facts.started_at, machine, "%Y-%m-%d %H:%M")
    paper.print(f"{amount}  {certainty} {total.repaired.label}, {total.calls:,} calls, {begun}, {took}")
    if total.repaired_output:
        paper.print(repair_words(total.cost, total.repaired_output, total.repaired_cost), style="dim")
    context = "not known" if found.context.tokens is None else formats.tokens(found.context.tokens)
    window = window_of(facts, machine)
    of = f" of {formats.tokens(window)}" if window else ""
    peak = f", at most {formats.tokens(facts.peak)}" if facts.peak else ""
    paper.print(f"Context now {context}{of}{peak}", style="dim")
    _show_sums(paper, "model", [(plain(key, model_name(None)), sums) for key, sums in found.by_model])
    if len(found.by_subagent) > 1:
        numbers = subagent_numbers(found.calls)
        told = [(who(None if key == MAIN else key, numbers), sums) for key, sums in found.by_subagent]
        _show_sums(paper, "sub-agent", told)
    sheet = table("kind", "tokens", "cost")
    for kind in found.by_kind:
        row = row_of(kind)
        label = "estimated" if kind.repaired_output else "measured"
        sheet.add_row(
            kind.key.replace("_", " "),
            count_of(row),
            formats.amount(kind.cost + kind.repaired_cost, kind.unpriced, label, at_least=kind.high > kind.cost),
        )
    print_table(paper, sheet)
    _show_calls(found, machine)


def _show_sums(paper: Console, name: str, rows: list[tuple[str, Sums]]) -> None:
    sheet = table(name, "calls", "cost")
    for called, sums in rows:
        sheet.add_row(called, f"{sums.calls:,}", spent(sums)[0])
    print_table(paper, sheet)


def _show_calls(found: Breakdown, machine: Machine) -> None:
    numbered = list(enumerate(found.calls, 1))
    shown = numbered
    if len(numbered) > _MANY:
        dearest = sorted(numbered, key=lambda one: -(breakdown.counted(one[1]) or 0))[:_MANY]
        shown = sorted(dearest)
    numbers = subagent_numbers(found.calls)
    sheet = table("call", "time", "model", "sub-agent", "prompt", "output", "cost", left=3)
    for number, call in shown:
        cost = breakdown.counted(call)
        about = formats.ABOUT if call.repaired_output else ""
        label = "estimated" if about else label_of(call.evidence)
        sheet.add_row(
            str(number),
            _clock(call.at, machine, "%m-%d %H:%M:%S"),
            plain(call.model, model_name(None)),
            str(numbers[call.subagent]) if call.subagent else "",
            formats.tokens(call.tokens.prompt),
            about + formats.tokens(call.tokens.output + call.repaired_output),
            formats.amount((cost or 0) + call.repaired_cost, int(cost is None), label, at_least=call.at_least),
        )
    paper = console()
    print_table(paper, sheet, giving=(2,), dropping=() if numbers else ("sub-agent",))
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
        **repaired_members(call),
        "price_row": call.price_row,
        "match": call.price_match,
        "book": call.book,
    }
