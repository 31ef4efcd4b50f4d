"""What the doctor found, in words and cells for the window."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import tzinfo
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from app import __version__, formats
from app.machine import Machine
from app.report import doctor, drift
from app.report.doctor import Around, SourceHealth
from app.report.names import evidence_name
from app.report.sources import Line
from app.ui.moments import moment
from app.ui.settings_pages.checks import Refusal
from app.ui.settings_pages.parts import Verdict
from app.ui.settings_pages.source_rows import TONES, state_words
from app.ui.widgets.cells import AgentMark, Cell, ChipCell, Number, Words
from app.ui.widgets.table import Column

Both = tuple[Line, SourceHealth]
FIRST_MISSING = 6
"""Agents of which nothing was found that have a row of their own without being asked for."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Doctor", text)


class Fact(NamedTuple):
    """One thing of the machine. `verdict` is of what was tried; None where nothing could be."""

    label: str
    value: str
    line: str
    verdict: Verdict | None = None


def facts(around: Around, refusal: Refusal | None) -> tuple[Fact, ...]:
    network = {"denied": _tr("denied"), "not restricted": _tr("not restricted")}.get(refusal or "", _tr("not known"))
    folders = formats.counted(around.watching.folders, _tr("folder"), _tr("folders"))
    limit = around.watching.limit
    watched = (
        folders
        if limit is None
        else _tr("{n} of {limit} folders").format(n=f"{around.watching.folders:,}", limit=f"{limit:,}")
    )
    sound = around.check == "ok"
    aged = formats.counted(around.age, _tr("day old"), _tr("days old"))
    return (
        Fact(
            _tr("Network"),
            network,
            _tr("by the system; Cuenta never uses it"),
            "holds" if refusal == "denied" else None,
        ),
        Fact(_tr("Watching"), around.watching.kind, watched, "fails" if around.watching.advice else "holds"),
        Fact(
            _tr("Database"),
            formats.size(around.size),
            _tr("checked just now") if sound else around.check,
            "holds" if sound else "fails",
        ),
        Fact(_tr("Price book"), aged, around.book),
    )


def columns() -> tuple[Column, ...]:
    return (
        Column(_tr("Source"), -1),
        Column(_tr("Version")),
        Column(_tr("Files"), right=True),
        Column(_tr("Calls"), right=True),
        Column(_tr("Folded"), right=True),
        Column(_tr("Skipped"), right=True),
        Column(_tr("Lag or last"), right=True),
        Column(_tr("Evidence")),
        Column(_tr("Format")),
        Column("", right=True, said=_tr("State")),
    )


NARROW, NARROWEST = (1, 2, 4), (6, 7, 8)
"""Columns that go where room is short, and where there is hardly any: the card below tells the same."""


def row(both: Both, machine: Machine, zone: tzinfo) -> tuple[Cell, ...]:
    line, health = both
    mark = AgentMark(line.source, line.title)
    state = _tr("not in totals") if line.state == "unverified" else state_words(line.state)
    chip = ChipCell(state, TONES.get(line.state, "plain"), right=True)
    if not line.found:
        return (mark, *[None] * 8, chip)
    skipped = sum(health.skipped.values()) + sum(health.unknown_kinds.values())
    odd = any(sign.loses for sign in health.signs)
    version = health.versions[0] if health.versions else ""
    level = " ".join(doctor.shares(health.levels))
    return (
        mark,
        Words(version, "text2", chip=_tr("new") if _is_new(health) else ""),
        _number(line.files),
        _number(line.calls),
        _number(health.stored.folded, "text2"),
        Number(f"{skipped:,}", ink="text" if odd else "text2", weight=600 if odd else 400),
        Number(_lag(both, machine, zone), ink="text2"),
        Words(level or formats.NONE, "text" if level else "text3"),
        Words(_tr("verified"), "text2") if health.source.verified else Words(_tr("unverified"), "text3"),
        chip,
    )


def _number(count: int, ink: str = "text") -> Number:
    return Number(f"{count:,}", ink=ink)


def _is_new(health: SourceHealth) -> bool:
    return any(sign.sign == "version" for sign in health.signs)


def _lag(both: Both, machine: Machine, zone: tzinfo) -> str:
    line, health = both
    if health.behind:
        return _tr("{time} behind").format(time=formats.duration(round(health.lag * 1000)))
    return formats.NONE if line.last_at is None else moment(line.last_at, machine.clock(), zone)


def legend() -> str:
    levels = ". ".join(f"{level}: {evidence_name(level, _tr)}" for level in "ABC")
    told = _tr(
        "Evidence {levels}. Verified: read against real files. Unverified: only described, in no total until you say so."
    )
    return told.format(levels=levels)


def found_words(every: Sequence[Both]) -> str:
    found = sum(line.found for line, _ in every)
    return _tr("{n} known formats looked for, {found} found").format(n=f"{len(every):,}", found=f"{found:,}")


# --- the chosen one


def sentences(both: Both, machine: Machine) -> list[tuple[str, str]]:
    """(words, ink) of what is worth knowing about it, the worst first."""
    line, health = both
    told = [
        (_tr("{path}: {why}.").format(path=machine.short(path), why=why.rstrip(".")), "badText")
        for path, why in line.unreadable[:3]
    ]
    told += [(drift.words(sign, _tr), "warnText" if sign.loses else "text2") for sign in health.signs]
    if any(sign.loses for sign in health.signs):
        told.append((_tr("What is missing stays in the logs and is read by a version that knows it."), "text2"))
    if health.last_withheld is not None:
        told.append((_withheld(both, machine), "text2"))
    if not line.found:
        told.append((_tr("Nothing of it was found."), "text2"))
    return told or [(_tr("Nothing is amiss."), "text2")]


def _withheld(both: Both, machine: Machine) -> str:
    line, health = both
    last = health.last_withheld
    assert last is not None
    text = _tr(
        "This format was only described, so it stays out of every total: {waiting} so far. Its last session, in {project}:"
        " {calls}, {sent} tokens sent, {written} written, {amount}. Does that fit what you did?"
    )
    return text.format(
        waiting=formats.counted(line.withheld, _tr("call"), _tr("calls")),
        project=machine.short(last.project) if last.project else _tr("an unknown folder"),
        calls=formats.counted(last.calls, _tr("call"), _tr("calls")),
        sent=f"{last.tokens.prompt:,}",
        written=f"{last.tokens.output:,}",
        amount=formats.amount(last.cost, last.unpriced),
    )


def properties(both: Both, machine: Machine) -> list[tuple[str, str]]:
    """What was looked for, found, read, skipped, how sure, and what would make it better."""
    line, health = both
    looked = [
        _tr("{folder} (not there)").format(folder=machine.short(one.path))
        if not one.present
        else machine.short(one.path)
        for one in line.folders
    ]
    rows = [(_tr("Looked for"), "\n".join(looked) or _tr("what projects and settings name"))]
    if line.found:
        files = formats.counted(line.files, _tr("file"), _tr("files"))
        behind = _tr(", {n} with something new").format(n=f"{health.behind:,}") if health.behind else ""
        calls = formats.counted(line.calls, _tr("call"), _tr("calls"))
        repeats = formats.counted(health.stored.folded, _tr("repeat"), _tr("repeats"))
        rows += [
            (_tr("Found"), files + behind),
            (_tr("Read"), _tr("{calls}, {repeats} folded").format(calls=calls, repeats=repeats)),
            (_tr("Skipped"), _skipped(health)),
        ]
    rows.append((_tr("How sure"), _sure(health)))
    rows.append((_tr("To be exact"), health.source.exact or _tr("nothing to set")))
    return rows


def _skipped(health: SourceHealth) -> str:
    reasons = sorted(health.skipped.items(), key=lambda one: -one[1])
    kinds = [
        (_tr("of the unknown kind {kind}").format(kind=kind), count) for kind, count in health.unknown_kinds.items()
    ]
    return "\n".join(f"{count:,} {reason}" for reason, count in (*kinds, *reasons)) or _tr("nothing")


def _sure(health: SourceHealth) -> str:
    levels = list(health.levels) or list(health.source.evidence)
    evidence = "; ".join(f"{level}: {evidence_name(level, _tr)}" for level in levels)
    how = _tr("verified") if health.source.verified else _tr("unverified")
    return f"{how}. {evidence}" if evidence else _tr("{how}. It tells of no call").format(how=how)


def report(every: Sequence[Both]) -> str:
    """What a developer needs to know, and nothing that is the user's: no path, no name of a project."""
    found = [
        {
            "source": line.source,
            "state": line.state,
            "versions": list(health.versions[:3]),
            "reader": health.source.version,
            "files": line.files,
            "behind": health.behind,
            "calls": line.calls,
            "folded": health.stored.folded,
            "skipped": health.skipped,
            "unknown_kinds": health.unknown_kinds,
            "evidence": dict(health.levels),
            "drift": [sign._asdict() for sign in health.signs],
            "unreadable": sorted({why for _, why in line.unreadable}),
        }
        for line, health in every
        if line.found
    ]
    return json.dumps({"cuenta": __version__, "sources": found}, indent=2)
