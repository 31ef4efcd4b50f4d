"""Goose's sessions: rows of `sessions.db` with the total of all that each used, and since 2026 a ledger of its requests.

The ledger counts where it has a row. The rest of the total is from before it, or all there is: that is booked as it grows,
at the session's last change. Sub-agents are sessions with totals of their own. Until autumn 2025 each session was a file,
with the total in its first line; those were taken over into the database and stay where they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from app.machine import Machine
from app.model.identity import key_of
from app.model.path import real
from app.model.usage import Batch, Cursor, Standing, Tokens
from app.shapes.database import Base, read_database
from app.shapes.document import read_document
from app.shapes.fields import count, dollars, instant, label, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_DATABASE = "sessions.db"
_DEEPEST = 20
"""Sub-agents of sub-agents."""
_LEDGER = (
    *("created_timestamp", "id", "session_id", "model", "input_tokens", "output_tokens", "total_tokens"),
    *("cache_read_tokens", "cache_write_tokens", "cost", "cost_source", "is_compaction"),
)
_SESSION = (
    *("id", "created_at", "updated_at", "total_tokens", "accumulated_input_tokens", "accumulated_output_tokens"),
    *(
        "accumulated_total_tokens",
        "accumulated_cache_read_tokens",
        "accumulated_cache_write_tokens",
        "accumulated_cost",
    ),
    *("provider_name", "model_config_json", "parent_session_id", "session_type", "working_dir"),
)
_SETTLED = 60_000
"""ms after which what stands in a session's total stands in the ledger, too, if it ever will."""
Row = dict[str, Any]


class _Known(NamedTuple):
    """What is known of the session that a row is of; a sub-agent's belongs to its root."""

    root: str
    subagent: str | None
    model: str | None
    provider: str | None
    window: int | None


class _Booked(NamedTuple):
    """What the ledger tells of a session."""

    tokens: Tokens = Tokens()
    cost: int = 0
    """Nano-dollars."""


# --- the database


def _take(base: Base, gathered: Gathered) -> None:
    """Sessions first: what is written meanwhile is then in the ledger at least, and not counted twice."""
    names = [name for name in _SESSION if name in base.columns("sessions")]
    if not {"id", "updated_at"} <= set(names):
        return
    sessions = {row["id"]: row for row in _rows(base, "sessions", names) if word(row["id"])}
    ledger = tuple(name for name in _LEDGER if name in base.columns("usage_ledger"))
    has_ledger = {"created_timestamp", "session_id", "input_tokens", "output_tokens"} <= set(ledger)
    if has_ledger:
        for _, *values in base.new_rows("usage_ledger", ledger, gathered):
            _request(gathered, dict(zip(ledger, values, strict=True)), sessions)
    changed = _changed(gathered, sessions, has_ledger)
    booked = _booked(base, ledger, changed) if has_ledger and changed else {}
    for session in changed:
        _rest(gathered, sessions[session], sessions, booked.get(session))


def _changed(gathered: Gathered, sessions: dict[str, Row], has_ledger: bool) -> list[str]:
    """Those saved since the newest that was read, that one included: two saves may bear one second."""
    before, found = gathered.kept.get("saved", ""), list[str]()
    for session, row in sessions.items():
        saved = word(row["updated_at"]) or ""
        if has_ledger and gathered.now - (instant(saved) or 0) < _SETTLED:
            gathered.again = True
        elif saved >= before:
            gathered.kept["saved"] = max(saved, gathered.kept.get("saved", ""))
            found.append(session)
    return found


def _booked(base: Base, ledger: Sequence[str], changed: list[str]) -> dict[str, _Booked]:
    """What the ledger tells of these sessions. Raises OSError where it can't be said which it tells of."""
    if next(base.ask("SELECT 1 FROM usage_ledger WHERE session_id IS NULL LIMIT 1"), None):
        raise OSError("a row of its ledger is of no session: it is damaged, or not whole yet")
    wanted, found = set(changed), dict[str, _Booked]()
    one = len(wanted) == 1  # nearly always, and the database passes over the others more quickly
    which = (" WHERE session_id = ?", *changed) if one else ("",)
    for row in _rows(base, "usage_ledger", ledger, *which):
        session = row["session_id"]
        if session in wanted:
            tokens, cost = found.get(session, _Booked())
            found[session] = _Booked(_plus(tokens, _tokens(row)), cost + (dollars(row.get("cost")) or 0))
    return found


def _rows(base: Base, table: str, names: Sequence[str], which: str = "", *values: object) -> Iterator[Row]:
    for row in base.ask(f"SELECT {', '.join(names)} FROM {table}{which}", *values):
        yield dict(zip(names, row, strict=True))


def _request(gathered: Gathered, row: Row, sessions: dict[str, Row]) -> None:
    session, carried = str(row["session_id"]), row.get("cost_source") == "carried_forward"
    about, tokens = _known(gathered, session, sessions), _tokens(row)
    prompts = about.subagent is None and not carried and not row.get("is_compaction")
    gathered.add(
        call(
            *("goose", session, row.get("id"), row["created_timestamp"], *tokens),
            session=about.root,
            subagent=about.subagent,
            at=instant(row["created_timestamp"]) or gathered.written,
            model=word(row.get("model")) or about.model,
            tokens=tokens,
            provider=about.provider,
            reported=dollars(row.get("cost")),
            evidence="C" if carried else "B" if row.get("cache_read_tokens") is None else "A",
            context=tokens.total if prompts else None,
            window=about.window,
            native=str(row.get("id")),
        )
    )


def _rest(gathered: Gathered, row: Row, sessions: dict[str, Row], booked: _Booked | None) -> None:
    """What of a session's total no row of the ledger tells."""
    session = row["id"]
    total = _tokens({f"{name}_tokens": row.get(f"accumulated_{name}_tokens") for name in _COUNTS})
    if booked is not None:
        left = Tokens(*(max(0, now - then) for now, then in zip(total, booked.tokens, strict=True)))
        total = gathered.most(session, left)
    grown = gathered.growth(session, total)
    cost = (dollars(row.get("accumulated_cost")) or 0) - (booked.cost if booked is not None else 0)
    stated = gathered.growth(f"{session} $", Tokens(max(0, cost)))
    about = _known(gathered, session, sessions)
    if grown is None:
        return
    last = count(row.get("total_tokens")) or None
    one = call(
        "goose",
        session=about.root,
        subagent=about.subagent,
        at=instant(row.get("updated_at") if booked is None else row.get("created_at")) or gathered.written,
        model=about.model,
        tokens=grown,
        provider=about.provider,
        reported=stated.input if stated is not None else None,
        evidence="C",
        context=last if booked is None and about.subagent is None else None,
        window=about.window,
    )
    gathered.add(one._replace(group=key_of("goose", session), key=key_of(*total)))


_COUNTS = ("input", "output", "total", "cache_read", "cache_write")


def _tokens(row: Row) -> Tokens:
    """The input holds what the cache gave and took, of whatever provider, unless the total says that it stood beside."""
    sent, output, total, read, write = (count(row.get(f"{name}_tokens")) for name in _COUNTS)
    cached = read + write
    beside = cached > sent or (cached and total == sent + output + cached)
    return Tokens(sent if beside else sent - cached, read, write, 0, output)


def _plus(one: Tokens, other: Tokens) -> Tokens:
    return Tokens(*map(sum, zip(one, other, strict=True)))


def _known(gathered: Gathered, session: str, sessions: dict[str, Row]) -> _Known:
    own, root = sessions.get(session, {}), session
    for _ in range(_DEEPEST):
        parent = word(sessions.get(root, {}).get("parent_session_id"))
        if parent is None:
            break
        root = parent
    config = record_of(str(own.get("model_config_json") or "").encode()) or {}
    gathered.learn(root, main=root == session, project=word(sessions.get(root, own).get("working_dir")))
    return _Known(
        root,
        None if root == session else session,
        word(config.get("model_name")),
        label(own.get("provider_name")),
        count(config.get("context_limit")) or None,
    )


# --- the files before it


def _first_line(content: bytes) -> dict[str, Any] | None:
    return record_of(content.partition(b"\n")[0])


def _file(header: dict[str, Any], gathered: Gathered) -> None:
    if Path(real(str(gathered.path))).with_name(_DATABASE).exists():
        return
    session = gathered.path.stem
    total = _tokens({name: header.get(f"accumulated_{name}") for name in ("input_tokens", "output_tokens")})
    grown = gathered.growth(session, total)
    gathered.learn(session, project=word(header.get("working_dir")))
    if grown is None:
        return
    context = count(header.get("total_tokens")) or None
    one = call("goose", session=session, at=gathered.written, model=None, tokens=grown, evidence="C", context=context)
    # Counts until the database tells of the session.
    gathered.add(one._replace(group=key_of("goose", session), key=key_of(*total), standing=Standing.SUM))


# --- where


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    if path.suffix == ".db":
        return read_database("goose", VERSION, path, cursor, _take)
    return read_document("goose", VERSION, path, cursor, _first_line, _file)


def _folders(machine: Machine) -> Iterator[Path]:
    root = machine.variable("GOOSE_PATH_ROOT")
    if root:
        yield machine.path(root) / "data" / "sessions"
        return
    if machine.system == "win32":
        roaming = machine.variable("APPDATA")
        yield (
            (Path(roaming) if roaming else machine.home / "AppData" / "Roaming")
            / "Block"
            / "goose"
            / "data"
            / "sessions"
        )
        return
    share = Path(machine.variable("XDG_DATA_HOME") or machine.home / ".local" / "share")
    yield from (share / "goose" / "sessions", share / "Block" / "goose" / "sessions")
    if machine.system == "darwin":
        yield machine.home / "Library" / "Application Support" / "goose" / "sessions"


def _window(model: str | None, logged: int | None, highest: int | None, machine: Machine) -> int | None:
    chosen = machine.variable("GOOSE_CONTEXT_LIMIT") or ""
    return logged or (int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None)


SOURCE = Source(
    id="goose",
    title="Goose",
    mark="Go",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_folders,
    owns=lambda relative: relative == _DATABASE or ("/" not in relative and relative.endswith(".jsonl")),
    is_database=lambda name: name.endswith(".db"),
    read=_read,
    window=_window,
    compacts=lambda window: window * 80 // 100,
    verified=False,
    evidence="ABC",
    states_cost=True,
    exact="Update Goose: newer ones keep each request in a ledger.",
)
