"""`cuenta report`: sums, as JSON, CSV or a table."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING

from app import formats, settings
from app.cli.paper import (
    about,
    console,
    count_of,
    plain,
    print_json,
    print_table,
    repair_words,
    spent,
    table,
    up_to_date,
)
from app.machine import Machine
from app.report import asked, export, overview
from app.report.names import model_name, project_name
from app.report.overview import GROUPS, PERIODS, UNBUILT, Question, Report, Row
from app.report.zone import local_zone, zone_named
from app.sources import BY_ID, SOURCES
from app.store.queries import Sums

if TYPE_CHECKING:
    from rich.console import Console


def run(
    machine: Machine,
    *,
    by: str,
    since: str | None,
    until: str | None,
    agent: list[str],
    model: list[str],
    project: list[str],
    timezone: str | None,
    utc: bool,
    sync: bool,
    logged: bool,
    json: bool,
    csv: bool,
) -> int:
    try:
        _check(by, json, csv, utc)
        first, last = _day(since, "--since"), _day(until, "--until")
        if first and last and last < first:
            raise ValueError(f"--until {until} lies before --since {since}.")
        agents = tuple(_agent(name) for name in agent)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    zone = zone_named(timezone) if timezone else local_zone(machine)
    question = Question(zone, by, first, last, agents, tuple(model), tuple(project), utc)
    with up_to_date(machine, sync) as connection:
        question = asked.meant(connection, machine, question)
        report = overview.build(connection, question)
        if not report.rows:
            for unknown in asked.unknown(connection, question):
                print(unknown, file=sys.stderr)
    if logged or not (json or csv or settings.shows_repaired(machine)):
        report = overview.logged(report)
    if json:
        print_json(export.as_json(report, machine))
    elif csv:
        sys.stdout.buffer.write(export.as_csv(report, machine).encode())  # names keep their letters in any encoding
    else:
        _show(report, machine)
    return 0


def _check(by: str, json: bool, csv: bool, utc: bool) -> None:
    """Raises ValueError with a sentence for the user."""
    if by not in GROUPS:
        what = "is not built yet" if by in UNBUILT else "is no grouping"
        raise ValueError(f"--by {by} {what}. There are: {', '.join(GROUPS)}.")
    if json and csv:
        raise ValueError("--json and --csv: one of them.")
    if utc and by not in PERIODS:
        raise ValueError(f"--utc goes with --by {', '.join(PERIODS)}.")


def _agent(name: str) -> str:
    """An agent's id, for which its title will do. Raises ValueError with what there is."""
    for source in SOURCES:
        if name.casefold() in (source.id, source.title.casefold()):
            return source.id
    raise ValueError(f"There is no agent {name!r}. There are: {', '.join(BY_ID)}.")


def _day(text: str | None, option: str) -> date | None:
    """Raises ValueError with a sentence for the user."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{option} {text}: that is no day. Write it like 2026-09-30.") from None


def _show(report: Report, machine: Machine) -> None:
    if not report.rows:
        everything = Question(report.question.zone, report.question.by)
        console().print(_NOTHING if report.question == everything else _NONE_SUCH)
        return
    by, paper = report.question.by, console()
    if by == "kind":
        _show_kinds(report, paper)
        return
    wide = paper.width >= _WIDE
    names = ("session", "project") if by == "session" else (by,)
    utc = report.question.utc
    vendor = (f"UTC {by}",) if utc else ()
    sheet = table(*names, *(_ALL_KINDS if wide else _FEW_KINDS), "cost", "", *vendor, left=len(names))
    for row in report.rows:
        theirs = "" if row.utc is None else formats.amount(row.utc.cost, row.utc.unpriced, row.utc.label)
        sheet.add_row(*_names(row, by, machine), *_figures(row.sums, wide), *((theirs,) if utc else ()))
    sheet.add_section()
    sheet.add_row(
        "total", *("" for _ in names[1:]), *_figures(report.total, wide), *(("",) if utc else ()), style="bold"
    )
    giving = () if by in PERIODS else (len(names) - 1,)
    print_table(
        paper, sheet, giving, dropping=("reasoning", "input", "output", "reads", "writes", "cache read", "calls")
    )
    for line in _remarks(report):
        paper.print(line, style="dim")


def _show_kinds(report: Report, paper: Console) -> None:
    """Calls overlap here, so only tokens and cost add up to the total; a call has several kinds."""
    sheet = table("kind", "calls with it", "tokens", "cost", "")
    for row in report.rows:
        sums = row.sums
        sheet.add_row(plain(row.key).replace("_", " "), f"{sums.calls:,}", count_of(row), *spent(sums))
    total = report.total
    sheet.add_section()
    sheet.add_row("total", f"{total.calls:,}", about(total, total.tokens.total), *spent(total), style="bold")
    print_table(paper, sheet)
    for line in _remarks(report):
        paper.print(line, style="dim")


_WIDE = 104
"""Columns from which every kind of token has its own."""
_ALL_KINDS = ("calls", "input", "cache read", "cache write", "output", "reasoning")
_FEW_KINDS = ("calls", "input", "reads", "writes", "output")
_NONE_SUCH = "Nothing was logged in that time, or by what was asked for."
_NOTHING = "No agent has logged anything yet. `cuenta doctor` shows where logs were looked for."


def _names(row: Row, by: str, machine: Machine) -> tuple[str, ...]:
    """What stands for the row; `--project` and `--model` take it as it is shown, also with its beginning cut."""
    if by == "agent" and row.key in BY_ID:
        return (BY_ID[row.key].title,)
    if row.session is not None:
        return plain(row.key)[:13], _project(row.session.project, machine)
    if by == "project":
        return (_project(row.key, machine),)
    return (plain(row.key, model_name(None)),)


def _project(key: str | None, machine: Machine) -> str:
    return plain(project_name(key and machine.short(key)))


def _figures(sums: Sums, wide: bool) -> tuple[str, ...]:
    tokens = sums.tokens
    written = tokens.cache_write_5m + tokens.cache_write_1h
    counts = (tokens.input, tokens.cache_read, written)
    reasoning = (formats.tokens(tokens.reasoning),) if wide else ()
    output = about(sums, tokens.output)
    return f"{sums.calls:,}", *(formats.tokens(one) for one in counts), output, *reasoning, *spent(sums)


def _remarks(report: Report) -> list[str]:
    """What a reader of the sum must know: unpriced calls, stated costs, folded copies, the zone of the days."""
    total, by = report.total, report.question.by
    kinds = (
        "output excludes reasoning" if by == "kind" else "reads and writes are the cache's, output includes reasoning"
    )
    remarks = [f"● measured from logged usage at list price; days in {report.question.zone.key}; {kinds}."]
    if report.question.utc:
        remarks.append(f"UTC {by}: what the vendor's own {by} sums to, where it differs.")
    if by == "kind":
        remarks.append("Requests are tools billed one by one, such as web searches.")
    if total.unpriced:
        remarks.append(
            f"≥ {formats.counted(total.unpriced, 'call has no price and adds', 'calls have no price and add')} nothing."
        )
    if total.at_least:
        remarks.append(f"At most {formats.money(total.high)}: some logs do not say what came from the cache.")
    if total.repaired_output:
        remarks.append(repair_words(total.cost, total.repaired_output, total.repaired_cost))
    if total.reported:
        remarks.append(f"{formats.money(total.reported)} of it is what the logs themselves state.")
    if total.folded:
        remarks.append(f"{formats.counted(total.folded, 'repeated record was', 'repeated records were')} folded.")
    return remarks
