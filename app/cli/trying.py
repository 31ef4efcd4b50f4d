"""`cuenta doctor --try FILE`: what each source makes of a file, whatever it is called. Nothing is stored."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from app.cli.paper import plain, print_json
from app.diagnostics import KnownError
from app.machine import Machine
from app.model.path import named
from app.model.usage import Tokens
from app.shapes.source import Source
from app.sources import SOURCES

SCHEMA = "cuenta.try/1"


def run(machine: Machine, path: Path, *, json: bool) -> int:
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        hint = "Name a log file." if not path.is_file() else "Make it readable."
        raise KnownError(f"{path} can't be read: {error.strerror or error}.", hint) from error
    found = [_tried(source, path, machine) for source in SOURCES]
    if json:
        print_json({"schema": SCHEMA, "file": named(str(path)), "sources": found})
        return 0
    for one in found:
        if one["calls"] or one["skipped"]:
            _show(one)
    for where, what in filter(None, (source.amiss(machine) for source in SOURCES)):
        print(f"{plain(named(where))}: {plain(what)}", file=sys.stderr)
    if not any(one["calls"] for one in found):
        print("No source finds a call in it.", file=sys.stderr)
    return 0


def _tried(source: Source, path: Path, machine: Machine) -> dict[str, Any]:
    """A file that a source can't make out is none of its: that is said, and no error."""
    try:
        list(source.roots(machine))  # of logs that the user describes: which they are
        batches, problem = list(source.read(path, None)), None
    except OSError as error:
        batches, problem = [], error.strerror or str(error)
    calls = [call for batch in batches for call in batch.calls]
    skipped: dict[str, int] = {}
    for batch in batches:
        for reason, count in batch.skipped.items():
            skipped[reason] = skipped.get(reason, 0) + count
    tokens = [sum(kind) for kind in zip(*(call.tokens for call in calls), strict=True)] or [0] * 6
    return {
        "id": source.id,
        "verified": source.verified,
        "calls": len(calls),
        "records": sum(call.records for call in calls),
        "models": sorted({call.model for call in calls if call.model}),
        "sessions": sorted({call.session for call in calls}),
        "projects": sorted({one.project for batch in batches for one in batch.sessions if one.project}),
        "evidence": sorted({call.evidence for call in calls}),
        "tokens": dict(zip(Tokens._fields, tokens, strict=True)),
        "reported_cost_nanousd": sum(call.reported or 0 for call in calls),
        "skipped": skipped,
        "problem": problem,
    }


def _show(one: dict[str, Any]) -> None:
    print(
        f"{one['id']}: {one['calls']:,} calls in {one['records']:,} records,"
        f" models {plain(', '.join(one['models'])) or '–'}"
    )
    if one["calls"]:
        print("  " + ", ".join(f"{name} {count:,}" for name, count in one["tokens"].items() if count))
        print(f"  evidence {', '.join(one['evidence'])}, sessions {plain(', '.join(one['sessions'][:5]))}")
    for reason, count in one["skipped"].items():
        print(f"  skipped {count:,}: {plain(reason)}")
