"""A Report as JSON and CSV, in the shapes that `cli.md` fixes."""

from __future__ import annotations

from typing import Any

from app.machine import Machine
from app.model.instant import text_of
from app.report.overview import Report, Row
from app.sources import BY_ID
from app.store.queries import CallRow, Kind, SessionFacts, Sums

SCHEMA = "cuenta.report/1"
Members = dict[str, Any]


def as_json(report: Report, machine: Machine) -> Members:
    """The contract's document. Full precision: whole tokens, whole nano-dollars."""
    question = report.question
    return {
        "schema": SCHEMA,
        "generated_at": text_of(machine.clock()),
        "timezone": question.zone.key,
        "since": question.since.isoformat() if question.since else None,
        "until": question.until.isoformat() if question.until else None,
        "by": question.by,
        "rows": [row_members(row, machine) for row in report.rows],
        "total": sums_members(report.total),
    }


def row_members(row: Row, machine: Machine) -> Members:
    members: Members = {"key": row.key, **sums_members(row.sums)}
    if row.requests:
        members["requests"] = row.requests
    if row.session is not None:
        members |= session_members(row.session, machine)
    if row.utc is not None:
        members |= {
            "utc_calls": row.utc.calls,
            "utc_cost_nanousd": row.utc.cost,
            "utc_unpriced_calls": row.utc.unpriced,
        }
    return members


def sums_members(sums: Sums) -> Members:
    members: Members = {
        "calls": sums.calls,
        "tokens": sums.tokens._asdict(),
        "cost_nanousd": sums.cost,
        "label": sums.label,
        "unpriced_calls": sums.unpriced,
        "folded_records": sums.folded,
    }
    if sums.high > sums.cost:
        members["cost_high_nanousd"] = sums.high
    if sums.reported:
        members["reported_cost_nanousd"] = sums.reported
    return members | repaired_members(sums)


def repaired_members(found: Sums | Kind | CallRow) -> Members:
    """What placeholder counts leave out; nothing where that is nothing."""
    named = {"repaired_output": found.repaired_output, "repaired_cost_nanousd": found.repaired_cost}
    return {name: value for name, value in named.items() if value}


def session_members(session: SessionFacts, machine: Machine) -> Members:
    return {
        "agent": session.source,
        "project": session.project,
        "title": None,
        "started_at": text_of(session.started_at),
        "ended_at": text_of(session.ended_at),
        "models": list(session.models),
        "peak_context_tokens": session.peak,
        "context_window_tokens": window_of(session, machine),
        "subagents": session.subagents,
    }


def window_of(session: SessionFacts, machine: Machine) -> int | None:
    """Tokens that fit into the session's context, as its agent works them out; None is unknown."""
    source = BY_ID.get(session.source)
    return source.window(session.model, session.window, session.peak, machine) if source else session.window


def as_csv(report: Report, machine: Machine) -> str:
    """The rows' members, flattened: `tokens.input` becomes `tokens_input`, lists are joined by a space."""
    import csv
    import io

    rows = [_flat(row_members(row, machine)) for row in report.rows]
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["key"]
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _safe(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _flat(members: Members) -> Members:
    flat: Members = {}
    for name, value in members.items():
        if isinstance(value, dict):
            flat |= {f"{name}_{inner}": each for inner, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
        elif isinstance(value, list):
            flat[name] = " ".join(str(one) for one in value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        else:
            flat[name] = value
    return flat


def _safe(value: Any) -> Any:
    """A folder named like a formula must not become one in a spreadsheet."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t"):
        return f"'{value}"
    return "" if value is None else value
