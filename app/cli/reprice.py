"""`cuenta reprice`: what today's prices would make of stored calls; written only on the user's word, and undone by it."""

from __future__ import annotations

import sys
from contextlib import closing

from app import formats, runtime
from app.cli.paper import console, plain, print_json, print_table, table, up_to_date
from app.machine import Machine
from app.report import books, repricing
from app.report.repricing import WHY, Plan
from app.store import repricing as stored


def run(machine: Machine, *, apply: bool, undo: bool, sync: bool, json: bool) -> int:
    if apply and undo:
        print("--apply and --undo: one of them.", file=sys.stderr)
        return 2
    if undo:
        return _undo(machine, json)
    catalog = books.catalog_of(machine)
    with up_to_date(machine, sync) as connection:
        plan = repricing.plan(connection, catalog)
    applied = runtime.reprice(machine, plan) if apply else None
    with closing(runtime.reader(machine)) as connection:
        last = stored.last(connection)
    if json:
        print_json(repricing.as_json(plan, applied, last))
    else:
        _show(plan, applied)
    return 0


def _undo(machine: Machine, json: bool) -> int:
    back = runtime.take_repricing_back(machine)
    if json:
        print_json({"schema": repricing.SCHEMA, "taken_back": back or 0})
    elif back is None:
        print("No repricing was done that could be taken back.")
    else:
        print(
            f"{formats.counted(back, 'call has', 'calls have')} the cost again that {'it' if back == 1 else 'they'} had."
        )
    return 0


def _show(plan: Plan, applied: int | None) -> None:
    paper = console()
    if not plan.calls:
        paper.print(f"All {plan.looked_at:,} calls cost what today's prices say.")
        return
    sheet = table("model", "why", "calls", "now", "new", "difference", left=2)
    for one in plan.changes:
        sheet.add_row(
            plain(one.model), WHY[one.why], f"{one.calls:,}", _amount(one.before), _amount(one.after), _gain(one.gain)
        )
    sheet.add_section()
    total = (
        f"{len(plan.calls):,}",
        formats.money(plan.before),
        formats.money(plan.after),
        _gain(plan.after - plan.before),
    )
    sheet.add_row("total", "", *total, style="bold")
    print_table(paper, sheet, giving=(0,), dropping=("difference",))
    for one in plan.changes:
        if one.row_before != one.row_after:
            before, after = (row or formats.NO_PRICE for row in (one.row_before, one.row_after))
            paper.print(f"{plain(one.model)}: {plain(before)} → {plain(after)}", style="dim", soft_wrap=True)
    if applied is None:
        paper.print("Nothing was changed. --apply stores these costs, all or none; --undo takes that back.")
    else:
        paper.print(f"{formats.counted(applied, 'call', 'calls')} changed. `cuenta reprice --undo` takes it back.")


def _amount(nano: int | None) -> str:
    return formats.NO_PRICE if nano is None else formats.money(nano)


def _gain(nano: int) -> str:
    return f"+{formats.money(nano)}" if nano > 0 else formats.money(nano)
