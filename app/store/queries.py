"""Every SELECT and every SUM that is shown to anyone. The standard library's driver only: this is what the quick paths load.

Sums are over kept copies (1, see `tables.Call.kept`; 2 is withheld, its source being unverified). A call without our price
counts what its own record states, if that is above 0; else it is unpriced and adds nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from app.model.instant import QUARTER
from app.model.usage import EXACT, UNKNOWN_KIND, Cursor, Tokens
from app.store.files import cursors as _cursors

_COUNTED = "coalesce(call.cost, CASE WHEN call.reported > 0 THEN call.reported END)"
_SUMS = (
    "count(*), sum(call.input), sum(call.cache_read), sum(call.cache_write_5m), sum(call.cache_write_1h),"
    " sum(call.output), sum(call.reasoning),"
    f" coalesce(sum({_COUNTED}), 0), coalesce(sum(CASE WHEN call.cost IS NULL THEN {_COUNTED} END), 0),"
    f" sum({_COUNTED} IS NULL), sum(call.folded), max(call.evidence),"
    f" coalesce(sum(coalesce(call.cost_high, {_COUNTED})), 0), sum(call.repaired_output), sum(call.repaired_cost)"
)
_OPEN = f"coalesce(max(call.evidence > '{EXACT}' AND call.cost IS NOT NULL), 0)"
"""Is the true sum larger for want of a cache split? From what the indexes hold."""
_FROM = " FROM call JOIN session ON session.id = call.session_id WHERE call.kept = 1"
MODEL = "call.model || CASE WHEN call.speed = 'fast' THEN '|fast' ELSE '' END"
"""A model's key in reports: the logged name, with `|fast` behind it in fast mode."""


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything asked inside sees the store at one moment, however much is written meanwhile."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")


def version(connection: sqlite3.Connection) -> int:
    """Is another number, to this connection, once any other connection or process has written."""
    return connection.execute("PRAGMA data_version").fetchone()[0]


def label_of(evidence: str) -> str:
    """How sure a cost is: exact counts are measured, levels B and C rest on an assumption."""
    return "measured" if evidence == EXACT else "estimated"


class Sums(NamedTuple):
    """What a set of calls adds up to. Money in nano-dollars."""

    calls: int = 0
    tokens: Tokens = Tokens()
    cost: int = 0
    """Priced calls by our price, others by what their records state."""
    reported: int = 0
    """The part of `cost` that the records state."""
    unpriced: int = 0
    """Calls that add nothing because nobody knows their price."""
    folded: int = 0
    evidence: str = "A"
    """The weakest level among them."""
    high: int = 0
    """What `cost` is at most, where some logs have no cache split."""
    repaired_output: int = 0
    """Tokens that placeholder counts leave out, beside `tokens`; a lower bound."""
    repaired_cost: int = 0
    """What these tokens cost, beside `cost`."""

    def __add__(self, other: object) -> Sums:
        if not isinstance(other, Sums):
            return NotImplemented
        return Sums(
            self.calls + other.calls,
            Tokens(*(a + b for a, b in zip(self.tokens, other.tokens, strict=True))),
            self.cost + other.cost,
            self.reported + other.reported,
            self.unpriced + other.unpriced,
            self.folded + other.folded,
            max(self.evidence, other.evidence),
            self.high + other.high,
            self.repaired_output + other.repaired_output,
            self.repaired_cost + other.repaired_cost,
        )

    @property
    def label(self) -> str:
        """Of `cost`."""
        return label_of(self.evidence)

    @property
    def at_least(self) -> bool:
        """Is the true sum larger for want of a cache split?"""
        return self.high > self.cost

    @property
    def repaired(self) -> Spent:
        """Both parts together, as people see them."""
        label = "estimated" if self.repaired_output else self.label
        return Spent(self.cost + self.repaired_cost, self.tokens.output + self.repaired_output, label)

    @property
    def logged(self) -> Sums:
        """The bare logged figures."""
        return self._replace(repaired_output=0, repaired_cost=0)


class Spent(NamedTuple):
    """What was logged and what placeholder counts leave out, together."""

    cost: int
    output: int
    label: str


class Filter(NamedTuple):
    """Which calls. Empty means all of them."""

    since: int | None = None
    """First quarter of an hour, inclusive."""
    until: int | None = None
    """Quarter after the last."""
    agents: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    session: int | None = None
    vendor: tuple[str, tuple[str, ...]] | None = None
    """Who sends the bill: the provider as logged, and the sources whose calls are its where the log names none."""
    account: str = ""
    home: tuple[str | None] | None = None
    """Whose machine's or container's home the log lay in; (None,) is this one, None is any."""

    def sql(self) -> tuple[str, list[Any]]:
        """Conditions to append to a WHERE, and their values."""
        terms: list[str] = []
        values: list[Any] = []
        if self.since is not None:
            terms.append("call.quarter >= ?")
            values.append(self.since)
        if self.until is not None:
            terms.append("call.quarter < ?")
            values.append(self.until)
        if self.session is not None:
            terms.append("call.session_id = ?")
            values.append(self.session)
        if self.vendor is not None:
            provider, sources = self.vendor
            marks = ", ".join("?" * len(sources))
            terms.append(f"(call.provider = ? OR (call.provider IS NULL AND call.source IN ({marks})))")
            values += [provider, *sources]
        if self.account:
            terms.append("call.account = ?")
            values.append(self.account)
        if self.home is not None:
            terms.append("call.home IS ?")
            values.append(self.home[0])
        for column, wanted in (("call.source", self.agents), (f"({MODEL})", self.models)):
            if wanted:
                terms.append(f"{column} IN ({', '.join('?' * len(wanted))})")
                values += wanted
        if self.projects:
            # No LIKE: it takes `App` for `app`.
            each = "(session.project = ? OR substr(session.project, ?) IN (?, ?))"
            terms.append("(" + " OR ".join([each] * len(self.projects)) + ")")
            for project in self.projects:
                values += [project, -len(project) - 1, f"/{project}", f"\\{project}"]
        return "".join(f" AND {term}" for term in terms), values


def total(connection: sqlite3.Connection, which: Filter) -> Sums:
    condition, values = which.sql()
    row = connection.execute(f"SELECT {_SUMS}{_FROM}{condition}", values).fetchone()
    return _sums(row) if row[0] else Sums()


def by_quarter(connection: sqlite3.Connection, which: Filter) -> list[tuple[int, Sums]]:
    """(quarter of an hour since 1970 UTC, sums), ascending."""
    return [(key, sums) for (key,), sums in _grouped(connection, ("call.quarter",), which)]


def by_agent(connection: sqlite3.Connection, which: Filter) -> list[tuple[str, Sums]]:
    return [(key, sums) for (key,), sums in _grouped(connection, ("call.source",), which)]


def by_model(connection: sqlite3.Connection, which: Filter) -> list[tuple[str | None, Sums]]:
    return [(key, sums) for (key,), sums in _grouped(connection, (MODEL,), which)]


def by_project(connection: sqlite3.Connection, which: Filter) -> list[tuple[str | None, Sums]]:
    return [(key, sums) for (key,), sums in _grouped(connection, ("session.project",), which)]


def by_session(connection: sqlite3.Connection, which: Filter) -> list[tuple[int, Sums]]:
    """(our id of the session, sums)."""
    return [(key, sums) for (key,), sums in _grouped(connection, ("call.session_id",), which)]


def _grouped(
    connection: sqlite3.Connection, keys: tuple[str, ...], which: Filter
) -> list[tuple[tuple[Any, ...], Sums]]:
    condition, values = which.sql()
    names = ", ".join(keys)
    numbers = ", ".join(str(index + 1) for index in range(len(keys)))
    statement = f"SELECT {names}, {_SUMS}{_FROM}{condition} GROUP BY {numbers} ORDER BY {numbers}"
    rows = connection.execute(statement, values)
    return [(tuple(row[: len(keys)]), _sums(row[len(keys) :])) for row in rows]


def _sums(row: Sequence[Any]) -> Sums:
    calls, *tokens = row[:7]
    return Sums(calls, Tokens(*tokens), *row[7:])


class Kind(NamedTuple):
    """What one kind of token cost. Money in nano-dollars."""

    key: str
    calls: int
    """Calls that have any of it."""
    tokens: int
    cost: int
    unpriced: int
    evidence: str
    high: int = 0
    """What `cost` is at most: of the input, where some of it may have been read from a cache."""
    repaired_output: int = 0
    """Tokens that placeholder counts leave out, of the kind `output`; beside `tokens`, as in `Sums`."""
    repaired_cost: int = 0

    @property
    def logged(self) -> Kind:
        return self._replace(repaired_output=0, repaired_cost=0)


_KINDS = (
    *((name, f"call.{name}", f"call.cost_{name}") for name in ("input", "cache_read")),
    *((name, f"call.{name}", f"call.cost_{name}") for name in ("cache_write_5m", "cache_write_1h")),
    ("output", "call.output - call.reasoning", "call.cost_output"),
    ("reasoning", "call.reasoning", "call.cost_reasoning"),
    ("requests", "call.requests", "call.cost_requests"),
    ("unsplit", "0", f"CASE WHEN call.cost IS NULL THEN {_COUNTED} END"),
)


def by_kind(connection: sqlite3.Connection, which: Filter) -> list[Kind]:
    """The six kinds of tokens (output without reasoning), `requests` and `unsplit`; only those there are any of."""
    condition, values = which.sql()
    sums: list[str] = []
    for _, tokens, cost in _KINDS:  # in one pass: each row is looked up once for all the kinds
        has = f"({tokens} > 0 OR coalesce({cost}, 0) > 0)"
        sums += [
            f"coalesce(sum({has}), 0)",
            f"coalesce(sum(CASE WHEN {has} THEN {tokens} END), 0)",
            f"coalesce(sum(CASE WHEN {has} THEN {cost} END), 0)",
            f"coalesce(sum({has} AND {_COUNTED} IS NULL), 0)",
            f"max(CASE WHEN {has} THEN call.evidence END)",
        ]
    more = ("call.cost_high - call.cost", "call.repaired_output", "call.repaired_cost")
    sums += [*(f"coalesce(sum({one}), 0)" for one in more), "max(call.evidence)"]
    row = connection.execute(f"SELECT {', '.join(sums)}{_FROM}{condition}", values).fetchone()
    *_, high, tokens, cost, weakest = row
    found = [Kind(key, *row[5 * place : 5 * place + 5]) for place, (key, _, _) in enumerate(_KINDS)]
    found = [_with(kind, high, (tokens, cost), weakest) for kind in found]
    return [kind for kind in found if kind.calls or kind.repaired_output]


def _with(kind: Kind, high: int, repaired: tuple[int, int], weakest: str) -> Kind:
    """What is known of all calls together is one kind's: input may have been read from a cache, output may be missing."""
    if kind.key == "output":
        tokens, cost = repaired
        # Without any output logged its evidence is that of the calls.
        kind = kind._replace(repaired_output=tokens, repaired_cost=cost, evidence=kind.evidence or weakest)
    return kind._replace(high=kind.cost + (high if kind.key == "input" else 0))


class SessionFacts(NamedTuple):
    """One session as the lists show it."""

    ident: int
    source: str
    native: str
    project: str | None
    branch: str | None
    version: str | None
    entrypoint: str | None
    started_at: int
    ended_at: int
    models: tuple[str, ...]
    peak: int | None
    """Most tokens the main chain's context held."""
    window: int | None
    """The context window as logged last; None is not said."""
    subagents: int
    model: str | None
    """Of the main chain's last call."""
    effort: str | None


def sessions(connection: sqlite3.Connection, idents: Iterable[int] | None = None) -> dict[int, SessionFacts]:
    """Facts of the sessions with these ids; of all when None."""
    chosen = "" if idents is None else f" AND call.session_id IN ({', '.join(str(int(one)) for one in idents)})"
    rows = connection.execute(
        "SELECT session.id, session.source, session.native, session.project, session.branch, session.version,"
        " session.entrypoint, min(call.counted_at), max(call.counted_at),"
        f" json_group_array(DISTINCT {MODEL}),"
        " max(CASE WHEN call.subagent IS NULL THEN call.context END), NULL,"
        f" count(DISTINCT call.subagent){_FROM}{chosen} GROUP BY session.id"
    ).fetchall()
    # Of the bare column SQLite takes the row that has the maximum: the last announcement, which may be None.
    announced = {
        session: (at, after)
        for session, at, after in connection.execute(
            "SELECT session_id, max(at), after FROM occurrence WHERE kind = 'window' AND subagent = '' GROUP BY session_id"
        )
    }
    return {row[0]: _facts(connection, row, announced.get(row[0])) for row in rows}


def _facts(
    connection: sqlite3.Connection, row: Sequence[Any], announced: tuple[int, int | None] | None
) -> SessionFacts:
    import json

    models = tuple(sorted(one for one in json.loads(row[9]) if one))
    model, effort, window, at, subagent = connection.execute(
        "SELECT model, effort, window, counted_at, subagent FROM call WHERE kept = 1 AND session_id = ?"
        " ORDER BY subagent IS NOT NULL, counted_at DESC LIMIT 1",
        (row[0],),
    ).fetchone()
    if subagent is not None:
        window = None  # a sub-agent's window says nothing of the conversation's
    if announced is not None and announced[0] >= at:
        window = announced[1]
    return SessionFacts._make((*row[:9], models, row[10], window, row[12], model, effort))


def find_sessions(connection: sqlite3.Connection, prefix: str) -> list[tuple[int, str, str]]:
    """(our id, source, the agent's id) of sessions whose id begins so; an exact match stands alone."""
    plain = prefix.replace("|", "||").replace("%", "|%").replace("_", "|_")
    rows = connection.execute(
        "SELECT id, source, native FROM session WHERE native LIKE ? ESCAPE '|'"
        " AND EXISTS (SELECT 1 FROM call WHERE call.session_id = session.id AND call.kept = 1) ORDER BY native LIMIT 50",
        (f"{plain}%",),
    ).fetchall()
    exact = [row for row in rows if row[2] == prefix]
    return exact or rows


def prices_known(connection: sqlite3.Connection) -> str | None:
    """Which book and file of prices the calls without a price were last looked through with."""
    row = connection.execute("SELECT value FROM meta WHERE name = 'prices'").fetchone()
    return row[0] if row else None


class Context(NamedTuple):
    """How full a session's main chain is now, and whose it is."""

    tokens: int | None
    """None is unknown: just compacted, or never logged."""
    estimated: bool
    """`tokens` is the agent's own estimate after a compaction."""
    window: int | None
    """As logged last; None is not said."""
    highest: int | None
    model: str | None
    """Of the chain's last call."""
    effort: str | None
    last_at: int | None
    written: Tokens
    """Tokens of the chain's last call that wrote to the cache: what it wrote decides how long the cache stays."""


def context_of(connection: sqlite3.Connection, session: int) -> Context:
    call = connection.execute(
        "SELECT counted_at, context, id FROM call WHERE kept = 1 AND session_id = ? AND subagent IS NULL"
        " AND context IS NOT NULL ORDER BY counted_at DESC LIMIT 1",
        (session,),
    ).fetchone()
    events = connection.execute(
        "SELECT kind, at, after FROM occurrence WHERE session_id = ? AND subagent = '' ORDER BY at", (session,)
    ).fetchall()
    highest = connection.execute(
        "SELECT max(context) FROM call WHERE kept = 1 AND session_id = ? AND subagent IS NULL", (session,)
    ).fetchone()[0]
    at, tokens, ident = call or (-1, None, None)
    window, model, effort = connection.execute(
        "SELECT window, model, effort FROM call WHERE id = ?", (ident,)
    ).fetchone() or (None, None, None)
    written = connection.execute(
        "SELECT input, cache_read, cache_write_5m, cache_write_1h, output, reasoning FROM call WHERE kept = 1"
        " AND session_id = ? AND subagent IS NULL AND cache_write_5m + cache_write_1h > 0"
        " ORDER BY counted_at DESC LIMIT 1",
        (session,),
    ).fetchone()
    estimated = False
    for kind, when, after in events:
        if when < at:
            continue
        if kind == "compaction":
            tokens, estimated = after, True
        elif kind == "window":
            window = after  # None takes an earlier announcement back
        elif kind == "context":
            tokens, estimated = after, False
    last_at = at if call else None
    return Context(tokens, estimated, window, highest, model, effort, last_at, Tokens(*written or ()))


class SoFar(NamedTuple):
    """Today in the few figures that the tray shows."""

    calls: int
    cost: int
    unpriced: int
    evidence: str
    at_least: bool = False
    """The true cost is larger for want of a cache split."""
    repaired_output: int = 0
    """As in `Sums`; 0 where it was not asked for."""
    repaired_cost: int = 0

    @property
    def repaired(self) -> Spent:
        """As `Sums.repaired`, without tokens that were never asked for."""
        label = "estimated" if self.repaired_output else label_of(self.evidence)
        return Spent(self.cost + self.repaired_cost, self.repaired_output, label)


def so_far(connection: sqlite3.Connection, since: int, until: int) -> SoFar:
    """The calls from one quarter of an hour up to, not including, another; answered by an index alone."""
    calls, cost, unpriced, evidence, is_open = connection.execute(
        f"SELECT count(*), coalesce(sum({_COUNTED}), 0), coalesce(sum({_COUNTED} IS NULL), 0), max(call.evidence), {_OPEN}"
        " FROM call WHERE call.kept = 1 AND call.quarter >= ? AND call.quarter < ?",
        (since, until),
    ).fetchone()
    return SoFar(calls, cost, unpriced, evidence or "A", bool(is_open))


def left_out(connection: sqlite3.Connection, since: int, until: int) -> tuple[int, int]:
    """(tokens, nano-dollars) that placeholder counts leave out of these quarters of an hour; answered by an index alone."""
    return connection.execute(
        "SELECT coalesce(sum(repaired_output), 0), coalesce(sum(repaired_cost), 0) FROM call"
        " WHERE finished = 0 AND kept = 1 AND quarter >= ? AND quarter < ?",
        (since, until),
    ).fetchone()


class RunningRow(NamedTuple):
    """A session that wrote lately, and what it has cost in all."""

    ident: int
    source: str
    native: str
    project: str | None
    branch: str | None
    last_at: int
    cost: int
    unpriced: int
    at_least: int
    """1 where the true cost is larger for want of a cache split."""
    began_at: int


def running(connection: sqlite3.Connection, since: int, until: int) -> list[RunningRow]:
    """The sessions with a call after `since` and not after `until`.

    Summed one by one along the index: in one statement SQLite sorts all their calls, five times as long.
    """
    rows = connection.execute(
        "SELECT session.id, session.source, session.native, session.project, session.branch, max(call.counted_at)"
        f"{_FROM} AND call.quarter BETWEEN ? AND ? AND call.counted_at > ? AND call.counted_at <= ? GROUP BY session.id",
        (since // QUARTER, until // QUARTER, since, until),
    ).fetchall()
    return [
        RunningRow(ident, source, native, project, branch, last_at, *_spent(connection, ident))
        for ident, source, native, project, branch, last_at in rows
    ]


def _spent(connection: sqlite3.Connection, session: int) -> tuple[int, int, int, int]:
    """(nano-dollars, calls without a price, 1 where the true cost is larger, first call) of the whole session."""
    return connection.execute(
        f"SELECT coalesce(sum({_COUNTED}), 0), coalesce(sum({_COUNTED} IS NULL), 0), {_OPEN}, min(counted_at)"
        " FROM call WHERE kept = 1 AND session_id = ?",
        (session,),
    ).fetchone()


def since(connection: sqlite3.Connection, instant: int, until: int) -> tuple[int, int, int]:
    """(calls, nano-dollars, calls without a price) of the calls from the instant up to and including `until`."""
    return connection.execute(
        f"SELECT count(*), coalesce(sum({_COUNTED}), 0), coalesce(sum({_COUNTED} IS NULL), 0) FROM call"
        " WHERE kept = 1 AND quarter BETWEEN ? AND ? AND counted_at > ? AND counted_at <= ?",
        (instant // QUARTER, until // QUARTER, instant, until),
    ).fetchone()


class CallRow(NamedTuple):
    """One kept call, for breakdowns and traces."""

    ident: int
    key: int
    message: int
    at: int
    model: str | None
    subagent: str | None
    tokens: Tokens
    searches: int
    cost: int | None
    parts: tuple[int, ...]
    reported: int | None
    context: int | None
    window: int | None
    speed: str | None
    tier: str | None
    geo: str | None
    effort: str | None
    finished: bool
    evidence: str
    folded: int
    path: str
    position: int
    native: str | None
    price_row: str | None
    price_match: str | None
    book: str | None
    high: int | None = None
    """What `cost` is at most, where the log has no cache split."""
    repaired_output: int = 0
    """Tokens that the record's placeholder count leaves out; 0 where there is none."""
    repaired_cost: int = 0
    credits: int | None = None
    """Millionths of the vendor's own unit; None where the log says none."""

    @property
    def at_least(self) -> bool:
        """Is the true cost larger for want of a cache split?"""
        return self.high is not None and self.cost is not None and self.high > self.cost


_CALL_ROW = (
    "SELECT call.id, call.key, call.message, call.counted_at,"
    f" {MODEL}, call.subagent, call.input, call.cache_read, call.cache_write_5m,"
    f" call.cache_write_1h, call.output, call.reasoning, call.requests, call.cost,"
    " call.cost_input, call.cost_cache_read, call.cost_cache_write_5m, call.cost_cache_write_1h, call.cost_output,"
    " call.cost_reasoning, call.cost_requests, call.reported, call.context, call.window, call.speed, call.tier, call.geo,"
    " call.effort, call.finished, call.evidence, call.folded, file.path, call.position, call.native, price.name,"
    " price.match, price.book, call.cost_high, call.repaired_output, call.repaired_cost, call.credits"
    " FROM call JOIN file ON file.id = call.file_id LEFT JOIN price ON price.id = call.price_id"
)


def calls_of(connection: sqlite3.Connection, session: int) -> list[CallRow]:
    """The session's calls in order of time."""
    rows = connection.execute(
        f"{_CALL_ROW} WHERE call.kept = 1 AND call.session_id = ? ORDER BY call.counted_at, call.id", (session,)
    )
    return [_call_row(row) for row in rows]


def _call_row(row: Sequence[Any]) -> CallRow:
    head, tokens, searches, cost = row[:6], Tokens(*row[6:12]), row[12], row[13]
    values = (*head, tokens, searches, cost, tuple(row[14:21]), *row[21:28], bool(row[28]), *row[29:])
    return CallRow._make(values)


class CopyRow(NamedTuple):
    """One copy of a call or of a replay of it."""

    path: str
    position: int
    records: int
    output: int
    standing: int
    kept: bool
    key: int
    at: int


def copies_of(connection: sqlite3.Connection, message: int) -> list[CopyRow]:
    rows = connection.execute(
        "SELECT file.path, call.position, call.records, call.output, call.standing, call.kept, call.key, call.at"
        " FROM call JOIN file ON file.id = call.file_id WHERE call.message = ? ORDER BY call.kept DESC, file.path",
        (message,),
    )
    return [CopyRow._make((*row[:5], bool(row[5]), *row[6:])) for row in rows]


class SourceHealth(NamedTuple):
    """What the store knows of one source."""

    files: int
    calls: int
    folded: int
    records: int
    """Records with usage that were read: kept and folded."""
    skipped: dict[str, int]
    problems: tuple[tuple[str, str, int], ...]
    """(path, what, when) of files that can't be read, newest first."""
    last_call_at: int | None
    last_read_at: int | None
    withheld: int = 0
    """Calls that count nowhere, since the source is unverified and nobody has confirmed it."""


def health(connection: sqlite3.Connection, source: str) -> SourceHealth:
    import json

    files, last_read = connection.execute(
        "SELECT count(*), max(read_at) FROM file WHERE source = ? AND reader > 0", (source,)
    ).fetchone()
    if not connection.execute("SELECT 1 FROM file WHERE source = ? LIMIT 1", (source,)).fetchone():
        return SourceHealth(0, 0, 0, 0, {}, (), None, None)  # most agents are on nobody's machine
    calls, folded, last, withheld = connection.execute(
        "SELECT count(*), coalesce(sum(folded), 0), max(counted_at), coalesce(sum(kept = 2), 0) FROM call"
        " WHERE kept > 0 AND source = ?",
        (source,),
    ).fetchone()
    skipped: dict[str, int] = {}
    for (text,) in connection.execute("SELECT skipped FROM file WHERE source = ? AND skipped <> '{}'", (source,)):
        for reason, count in json.loads(text).items():
            skipped[reason] = skipped.get(reason, 0) + count
    unkept = connection.execute(
        "SELECT copy.standing = 2, coalesce(sum(records), 0) FROM call AS copy WHERE source = ? AND kept = 0"
        " AND NOT EXISTS (SELECT 1 FROM call WHERE call.message = copy.message AND call.kept > 0) GROUP BY 1",
        (source,),
    ).fetchall()
    for inherited, count in unkept:
        skipped["copied from a thread whose log is gone" if inherited else "told by the agent's own log"] = count
    problems = connection.execute(
        "SELECT path, problem, problem_at FROM file WHERE source = ? AND problem IS NOT NULL ORDER BY problem_at DESC",
        (source,),
    ).fetchall()
    return SourceHealth(files, calls, folded, calls + folded, skipped, tuple(problems), last, last_read, withheld)


def withheld(connection: sqlite3.Connection) -> list[str]:
    """The sources whose calls count nowhere: unverified, and nobody has confirmed them."""
    import json

    row = connection.execute("SELECT value FROM meta WHERE name = 'withheld'").fetchone()
    return json.loads(row[0]) if row else []


class Withheld(NamedTuple):
    """One session of a source that is not trusted yet, for its owner to compare with what the agent says."""

    native: str
    project: str | None
    last_at: int
    calls: int
    tokens: Tokens
    cost: int
    unpriced: int


def last_withheld(connection: sqlite3.Connection, source: str) -> Withheld | None:
    """The newest session of the source whose calls count nowhere."""
    row = connection.execute(
        "SELECT session.native, session.project, max(call.counted_at), count(*), sum(call.input), sum(call.cache_read),"
        " sum(call.cache_write_5m), sum(call.cache_write_1h), sum(call.output), sum(call.reasoning),"
        f" coalesce(sum({_COUNTED}), 0), sum({_COUNTED} IS NULL)"
        " FROM call JOIN session ON session.id = call.session_id WHERE call.kept = 2 AND call.source = ?"
        " GROUP BY session.id ORDER BY 3 DESC LIMIT 1",
        (source,),
    ).fetchone()
    if row is None:
        return None
    native, project, last_at, calls, *tokens, cost, unpriced = row
    return Withheld(native, project, last_at, calls, Tokens(*tokens), cost, unpriced)


class UnknownKind(NamedTuple):
    """Lines of one log that hold usage in a place we do not know."""

    source: str
    path: str
    kind: str
    lines: int


def unknown_kinds(connection: sqlite3.Connection, since: int = 0) -> list[UnknownKind]:
    """Of logs written since that instant (ms since 1970 UTC), the newest first."""
    import json

    rows = connection.execute(
        "SELECT source, path, skipped FROM file WHERE skipped LIKE ? AND modified >= ? ORDER BY modified DESC, path",
        (f'%"{UNKNOWN_KIND}%', since * 1_000_000),
    )
    return [
        UnknownKind(source, path, reason[len(UNKNOWN_KIND) :], count)
        for source, path, skipped in rows
        for reason, count in json.loads(skipped).items()
        if reason.startswith(UNKNOWN_KIND)
    ]


def cursors(connection: sqlite3.Connection, source: str) -> dict[str, Cursor]:
    """Path → how far it has been read, without a writing connection."""
    return _cursors(lambda statement, values: connection.execute(statement, values).fetchall(), source)


def check(connection: sqlite3.Connection) -> str:
    """`ok`, or what SQLite's own quick check finds."""
    return str(connection.execute("PRAGMA quick_check(3)").fetchone()[0])


class Limit(NamedTuple):
    """The newest word on one rate-limit window that has not been reset since."""

    source: str
    name: str
    minutes: int
    at: int
    used: float
    resets_at: int | None
    plan: str | None


def limits(connection: sqlite3.Connection, now: int) -> list[Limit]:
    rows = connection.execute(
        "SELECT source, name, minutes, max(at), used, resets_at, plan FROM quota WHERE at <= ?"
        " GROUP BY source, name, minutes ORDER BY source, name, minutes",
        (now,),
    )
    found = [Limit(*row) for row in rows]
    return [one for one in found if (one.resets_at or one.at + one.minutes * 60_000) > now]


def by_subagent(connection: sqlite3.Connection, which: Filter) -> list[tuple[str | None, Sums]]:
    """None is the main chain."""
    return [(key, sums) for (key,), sums in _grouped(connection, ("call.subagent",), which)]


def spent_by_quarter(connection: sqlite3.Connection, which: Filter) -> list[tuple[int, int]]:
    """(quarter of an hour since 1970 UTC, nano-dollars); answered by an index alone where only times are asked for."""
    condition, values = which.sql()
    return connection.execute(
        f"SELECT call.quarter, coalesce(sum({_COUNTED}), 0) FROM call WHERE call.kept = 1{condition} GROUP BY 1", values
    ).fetchall()


def by_quarter_and_agent(connection: sqlite3.Connection, which: Filter) -> list[tuple[int, str | None, Sums]]:
    return _by_quarter_and(connection, "call.source", which)


def by_quarter_and_model(connection: sqlite3.Connection, which: Filter) -> list[tuple[int, str | None, Sums]]:
    return _by_quarter_and(connection, MODEL, which)


def by_quarter_and_project(connection: sqlite3.Connection, which: Filter) -> list[tuple[int, str | None, Sums]]:
    return _by_quarter_and(connection, "session.project", which)


def _by_quarter_and(connection: sqlite3.Connection, key: str, which: Filter) -> list[tuple[int, str | None, Sums]]:
    return [(quarter, name, sums) for (quarter, name), sums in _grouped(connection, ("call.quarter", key), which)]


def count_sessions(connection: sqlite3.Connection, which: Filter) -> int:
    condition, values = which.sql()
    return connection.execute(f"SELECT count(DISTINCT call.session_id){_FROM}{condition}", values).fetchone()[0]


def session_ident(connection: sqlite3.Connection, source: str, native: str) -> int | None:
    """Our id of a session that has a counted call."""
    row = connection.execute(
        "SELECT id FROM session WHERE source = ? AND native = ?"
        " AND EXISTS (SELECT 1 FROM call WHERE call.session_id = session.id AND call.kept = 1)",
        (source, native),
    ).fetchone()
    return row[0] if row else None


def compactions(connection: sqlite3.Connection, session: int) -> list[tuple[int, int | None, int | None, str | None]]:
    """(when, tokens before, tokens after, cause) of the main chain's compactions."""
    return connection.execute(
        "SELECT at, before, after, cause FROM occurrence WHERE session_id = ? AND kind = 'compaction' AND subagent = ''"
        " ORDER BY at",
        (session,),
    ).fetchall()


def files_of_session(connection: sqlite3.Connection, session: int) -> list[tuple[str, int, int, int]]:
    """(path, calls, bytes, when it was last read) of the files its counted calls stand in."""
    return connection.execute(
        "SELECT file.path, count(*), file.size, file.read_at FROM call JOIN file ON file.id = call.file_id"
        " WHERE call.kept = 1 AND call.session_id = ? GROUP BY file.id ORDER BY count(*) DESC, file.path",
        (session,),
    ).fetchall()


def prices_of_session(connection: sqlite3.Connection, session: int) -> list[tuple[str, str, str, int]]:
    """(row of the book, how the name matched, book, calls) of the prices its calls were computed with."""
    return connection.execute(
        "SELECT price.name, price.match, price.book, count(*) FROM call JOIN price ON price.id = call.price_id"
        " WHERE call.kept = 1 AND call.session_id = ? GROUP BY price.id ORDER BY count(*) DESC, price.name",
        (session,),
    ).fetchall()


class ListedSession(NamedTuple):
    """One row of the list of sessions."""

    ident: int
    source: str
    native: str
    project: str | None
    branch: str | None
    started_at: int
    ended_at: int
    calls: int
    cost: int
    unpriced: int
    evidence: str
    peak: int | None
    """Most tokens the main chain's context held."""
    subagents: int
    at_least: int = 0
    """1 where the true cost is larger for want of a cache split."""


_PAGE = 500


def list_sessions(connection: sqlite3.Connection, which: Filter) -> list[ListedSession]:
    """The sessions with calls in the period, and their sums over it, last call first.

    SQLite hands them over by the page, as JSON: for each row of its own the driver lets go of the interpreter and waits to
    get it back, and fifty thousand such waits are seconds while another thread is at work.
    """
    import msgspec

    condition, values = which.sql()
    pages = connection.execute(
        "WITH listed AS (SELECT session.id AS ident, max(call.counted_at) AS ended_at, json_array(session.id,"
        " session.source, session.native, session.project, session.branch, min(call.counted_at),"
        f" max(call.counted_at), count(*), coalesce(sum({_COUNTED}), 0), sum({_COUNTED} IS NULL), max(call.evidence),"
        f" max(CASE WHEN call.subagent IS NULL THEN call.context END), count(DISTINCT call.subagent), {_OPEN}) AS row"
        f"{_FROM}{condition} GROUP BY session.id),"
        " numbered AS (SELECT row, row_number() OVER (ORDER BY ended_at DESC, ident) - 1 AS place FROM listed)"
        " SELECT '[' || group_concat(row, ',') || ']' FROM numbered GROUP BY place / ? ORDER BY place / ?",
        (*values, _PAGE, _PAGE),
    )
    found: list[ListedSession] = []
    for (page,) in pages:
        found += sorted(msgspec.json.decode(page, type=list[ListedSession]), key=_last_call_first)
    return found


def _last_call_first(one: ListedSession) -> tuple[int, int]:
    return -one.ended_at, one.ident


def contexts_of(connection: sqlite3.Connection, session: int, most: int = 200) -> list[int]:
    """The main chain's context call by call, for a sparkline: thinned to `most` values, peaks kept."""
    found = [
        row[0]
        for row in connection.execute(
            "SELECT context FROM call WHERE kept = 1 AND session_id = ? AND subagent IS NULL AND context IS NOT NULL"
            " ORDER BY counted_at",
            (session,),
        )
    ]
    if len(found) <= most:
        return found
    step = -(-len(found) // most)
    return [max(found[place : place + step]) for place in range(0, len(found), step)]


def agents_of_models(connection: sqlite3.Connection, which: Filter) -> dict[str | None, str]:
    """A model's key → the agent that spent most with it."""
    condition, values = which.sql()
    rows = connection.execute(
        f"SELECT {MODEL}, call.source{_FROM}{condition} GROUP BY 1, 2 ORDER BY coalesce(sum({_COUNTED}), 0)", values
    )
    return dict(rows.fetchall())


class NoPrice(NamedTuple):
    """The calls of one model that add nothing because nobody knows their price."""

    model: str
    """As in reports: the logged name, with `|fast` behind it in fast mode."""
    calls: int
    first_at: int
    """ms since 1970 UTC."""
    sources: tuple[str, ...]


def models_without_price(connection: sqlite3.Connection, since: int = 0) -> list[NoPrice]:
    """From that quarter of an hour on; the one with most calls first. A call without a model's name is none of them."""
    rows = connection.execute(
        f"SELECT {MODEL}, count(*), min(call.counted_at), group_concat(DISTINCT call.source) FROM call"
        f" WHERE call.kept = 1 AND call.quarter >= ? AND {_COUNTED} IS NULL AND call.model IS NOT NULL"
        " AND call.input + call.cache_read + call.cache_write_5m + call.cache_write_1h + call.output > 0"
        " GROUP BY 1 ORDER BY 2 DESC, 1",
        (since,),
    )
    return [NoPrice(model, calls, first, tuple(sorted(found.split(",")))) for model, calls, first, found in rows]


def calls_by_price(connection: sqlite3.Connection) -> dict[str, int]:
    """The name of a price row → how many calls are priced by it."""
    rows = connection.execute(
        "SELECT price.name, count(*) FROM call JOIN price ON price.id = call.price_id WHERE call.kept = 1 GROUP BY 1"
    )
    return dict(rows.fetchall())


def newest_sessions(connection: sqlite3.Connection, which: Filter, limit: int) -> list[ListedSession]:
    """The sessions that wrote last in the period, as `list_sessions` has them; the ids come from an index alone."""
    rows = connection.execute(
        "SELECT session_id FROM call WHERE kept = 1 AND quarter >= ? AND quarter < ?"
        " GROUP BY session_id ORDER BY max(counted_at) DESC, session_id LIMIT ?",
        (which.since or 0, which.until or 1 << 40, limit),
    ).fetchall()
    return [one for (ident,) in rows for one in list_sessions(connection, which._replace(session=ident))]


def count_in(connection: sqlite3.Connection, which: Filter) -> int:
    """Sessions with a call in the period; answered by an index alone."""
    return connection.execute(
        "SELECT count(DISTINCT session_id) FROM call WHERE kept = 1 AND quarter >= ? AND quarter < ?",
        (which.since or 0, which.until or 1 << 40),
    ).fetchone()[0]


def last_quarter(connection: sqlite3.Connection, before: int) -> int | None:
    """The last quarter of an hour with a call before that one."""
    return connection.execute("SELECT max(quarter) FROM call WHERE kept = 1 AND quarter < ?", (before,)).fetchone()[0]


def models_of_sessions(connection: sqlite3.Connection) -> dict[int, tuple[str, ...]]:
    """Our id of each session → the models of its calls. Looks at every call."""
    found: dict[int, tuple[str, ...]] = {}
    for session, model in connection.execute(
        f"SELECT DISTINCT session_id, {MODEL} FROM call WHERE kept = 1 AND model IS NOT NULL"
    ):
        found[session] = (*found.get(session, ()), model)
    return found


def paths_of(connection: sqlite3.Connection, session: int) -> list[str]:
    """The files that a session's counted calls stand in."""
    rows = connection.execute(
        "SELECT path FROM file WHERE id IN (SELECT file_id FROM call WHERE kept = 1 AND session_id = ?)", (session,)
    )
    return [path for (path,) in rows]


class Billed(NamedTuple):
    """A way that calls were paid, as the logs tell it: which agent, through whom, on whose account."""

    source: str
    provider: str | None
    account: str | None
    home: str | None


def billed(connection: sqlite3.Connection) -> list[Billed]:
    """Every way there is. Looks at every call."""
    rows = connection.execute(
        "SELECT DISTINCT source, provider, account, home FROM call WHERE kept = 1 ORDER BY 1, 2, 3, 4"
    )
    return [Billed(*row) for row in rows]


def unpriced_models(connection: sqlite3.Connection, which: Filter) -> list[tuple[str | None, int]]:
    """(model, calls) of the calls that nobody has a price for, most calls first."""
    condition, values = which.sql()
    return connection.execute(
        f"SELECT {MODEL}, count(*){_FROM} AND {_COUNTED} IS NULL{condition} GROUP BY 1 ORDER BY 2 DESC, 1", values
    ).fetchall()


def count_tiers(connection: sqlite3.Connection, which: Filter, tiers: Sequence[str]) -> int:
    """Calls of which the log names one of these service tiers."""
    condition, values = which.sql()
    marks = ", ".join("?" * len(tiers))
    return connection.execute(
        f"SELECT count(*){_FROM} AND lower(call.tier) IN ({marks}){condition}", [*tiers, *values]
    ).fetchone()[0]


def plans_logged(connection: sqlite3.Connection) -> dict[str, str]:
    """Source → the plan that its log named last."""
    rows = connection.execute("SELECT source, max(at), plan FROM quota WHERE plan IS NOT NULL GROUP BY source")
    return {source: plan for source, _, plan in rows}


def agents_in(connection: sqlite3.Connection, which: Filter) -> list[str]:
    """The agents with a call."""
    condition, values = which.sql()
    return [
        agent for (agent,) in connection.execute(f"SELECT DISTINCT call.source{_FROM}{condition} ORDER BY 1", values)
    ]


def repaired(connection: sqlite3.Connection, which: Filter) -> tuple[int, int]:
    """(calls whose count of output is a placeholder, nano-dollars of what these leave out)."""
    condition, values = which.sql()
    return connection.execute(
        f"SELECT count(*), coalesce(sum(call.repaired_cost), 0){_FROM} AND call.repaired_output > 0{condition}", values
    ).fetchone()
