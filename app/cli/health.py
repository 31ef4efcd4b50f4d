"""`cuenta doctor`: every source, and the machine around it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app import formats
from app.cli import confirming, sampling, trying
from app.cli import exports as settings_to_export
from app.cli.paper import console, plain, print_json, print_table, table, up_to_date
from app.machine import Machine
from app.model.path import real
from app.report import books, doctor, drift
from app.report.doctor import SourceHealth, Watching
from app.settings import Settings, load
from app.sources import chosen
from app.store.queries import Withheld

_PROBLEMS = 20
"""Files that are named of those that cannot be read."""
TRAY_KIND: Callable[[], str] = lambda: "unknown"  # noqa: E731 - set by whoever knows the desktop


def run(
    machine: Machine,
    *,
    try_: str | None,
    sample: str | None,
    confirm: str | None,
    withdraw: str | None,
    exports: bool,
    sync: bool,
    json: bool,
) -> int:
    if try_ is not None:
        return trying.run(machine, Path(real(try_)), json=json)
    if exports:
        return settings_to_export.run(machine, json=json)
    if sample is not None:
        return sampling.run(machine, sample, sync=sync, json=json)
    for name in (confirm, withdraw):
        if name is not None:
            return confirming.run(machine, name, counts=name is confirm)
    with up_to_date(machine, sync) as connection:
        settings = load(machine, Settings)
        sources = doctor.examine(connection, machine, chosen((), settings.folders, settings.homes.values()))
        watching = doctor.watching(machine)
        surroundings: dict[str, Any] = {
            "tray": _within(5.0, TRAY_KIND),
            "keyring": _within(5.0, _keyring),
            "watch": watching.kind,
            "database": doctor.database_facts(connection, machine),
            "prices": books.in_use_json(books.in_use(machine, books.catalog_of(machine))),
            # Asking would take a socket, and none is ever opened.
            "network": "unknown",
        }
    if json:
        print_json(doctor.as_json(sources, surroundings))
    else:
        _show(sources, surroundings, watching, machine)
    return 0


def _within(seconds: float, ask: Callable[[], str]) -> str:
    """The answer, or `no answer`: a locked keyring or a hanging panel must not hang the doctor."""
    answer: list[str] = []

    def work() -> None:
        try:
            answer.append(ask())
        except Exception as error:  # whatever a desktop throws at us is an answer too
            answer.append(f"failed: {type(error).__name__}")

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    return answer[0] if answer else "no answer"


def _keyring() -> str:
    import keyring

    found = keyring.get_keyring()
    return "none" if found.name.startswith(("fail", "null")) else found.name


def _show(sources: list[SourceHealth], around: dict[str, Any], watching: Watching, machine: Machine) -> None:
    paper = console()
    found = [one for one in sources if one.is_found]
    homes = load(machine, Settings).homes
    sheet = table("source", "files", "records", "calls", "folded", "skipped", "behind", "evidence")
    for one in found:
        counts = (one.stored.files, one.stored.records, one.stored.calls, one.stored.folded, sum(one.skipped.values()))
        shares = ", ".join(doctor.shares(one.levels)) or formats.NONE
        sheet.add_row(one.source.title, *(f"{count:,}" for count in counts), str(one.behind), shares)
    if found:
        print_table(paper, sheet, dropping=("evidence", "records", "folded", "behind"))
    for one in found:
        _show_source(one, homes)
    _show_missing([one for one in sources if not one.is_found], machine)
    database = around["database"]
    paper.print(f"\nDatabase   {plain(database['path'])}, {formats.size(database['bytes'])}, check {database['check']}")
    prices = around["prices"]
    aged = formats.counted(prices["age_days"], "day", "days")
    paper.print(f"Prices     book of {prices['built']}, {aged} old, {prices['models']:,} models")
    if prices["age_days"] > books.OLD_AFTER:
        paper.print("           A newer version, or `cuenta prices import FILE`, brings newer ones.", style="yellow")
    if prices["problem"]:
        paper.print(f"           {plain(prices['problem'])}", style="yellow", soft_wrap=True)
    paper.print(f"Tray       {around['tray']}")
    paper.print(f"Keyring    {plain(around['keyring'])}")
    paper.print(f"Watching   {watching.kind}, {formats.counted(watching.folders, 'folder', 'folders')}")
    paper.print("Network    never used")
    if watching.advice:
        paper.print(watching.advice, style="yellow")


def _show_missing(sources: list[SourceHealth], machine: Machine) -> None:
    """Most agents are on nobody's machine: a line each."""
    paper = console()
    if sources:
        paper.print("\nNot found", style="bold")
    for one in sources:
        roots = ", ".join(dict.fromkeys(machine.short(root) for root in one.roots))
        paper.print(f"  {one.source.title}: {plain(roots)}", style="dim", soft_wrap=True)


def _show_source(one: SourceHealth, homes: Mapping[str, str]) -> None:
    paper = console()
    version = f" {plain(one.versions[0])}" if one.versions else ""
    sure = "read against real files of it" if one.source.verified else "known from descriptions only"
    paper.print(f"\n{one.source.title}{version}", style="bold")
    paper.print(f"  format {sure}", style="dim")
    for root in one.roots:
        mark = "found" if root in one.present else "not there"
        mark += "".join(f", home {plain(label)}" for label, home in homes.items() if root.is_relative_to(home))
        paper.print(f"  {plain(str(root))} ({mark})", soft_wrap=True)
    if one.last_withheld is not None:
        _show_withheld(one, one.last_withheld)
    for reason, count in sorted(one.skipped.items(), key=lambda item: -item[1]):
        paper.print(f"  skipped {count:,}: {plain(reason)}", style="dim")
    for sign in one.signs:
        paper.print(f"  {plain(drift.words(sign))}", style="yellow" if sign.loses else "dim", soft_wrap=True)
    if any(sign.loses for sign in one.signs):
        paper.print(f"  For a report, without your words: cuenta doctor --sample {one.source.id}", style="dim")
    if one.source.exact:
        paper.print(f"  more exact: {one.source.exact}", style="dim", soft_wrap=True)
    problems = one.stored.problems
    for path, what, _ in problems[:_PROBLEMS]:
        paper.print(f"  {plain(path)}: {plain(what)}", style="yellow", soft_wrap=True)
    if len(problems) > _PROBLEMS:
        paper.print(f"  and {len(problems) - _PROBLEMS:,} more", style="yellow")


def _show_withheld(one: SourceHealth, last: Withheld) -> None:
    """What its owner compares with the agent's own figures before the calls count."""
    tokens, paper = last.tokens, console()
    paper.print(
        f"  Unverified: {formats.counted(one.stored.withheld, 'call', 'calls')} kept out of every total. The last session,"
        f" {plain(last.native)} in {plain(last.project)}: {formats.counted(last.calls, 'call', 'calls')},"
        f" {tokens.input:,} in, {tokens.cache_read:,} from the cache,"
        f" {tokens.cache_write_5m + tokens.cache_write_1h:,} to the cache, {tokens.output:,} out,"
        f" {formats.amount(last.cost, last.unpriced)}. If the agent says so too: cuenta doctor --confirm {one.source.id}",
        style="yellow",
        soft_wrap=True,
    )
