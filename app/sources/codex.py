"""Codex rollouts: `sessions/Y/M/D/rollout-<time>-<thread>.jsonl`, archived ones, and either of them as `.zst`.

A `token_count` line announces running totals and the last request; it is repeated for many reasons. Forks and spawned
sub-agents begin with a copy of their parent's lines, stamped anew, so time and file say nothing about who made a call.
What does: the turn it belongs to and the running totals at that point, which copies keep. Both are in the call's key, so a
copy and its original meet in the store whichever is read first. A copy whose original was never seen is `INHERITED` and
does not count, since it would stand on the wrong day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from app.machine import Machine
from app.model.identity import key_of
from app.model.usage import Batch, Call, Cursor, Occurrence, Quota, Search, Session, Standing, Tokens
from app.shapes.fields import CORRUPT, count, decode, instant, label, mapping, word
from app.shapes.lines import Earlier, Line, Readable, plain, read_lines
from app.shapes.packed import unpacked
from app.shapes.source import Source, Vendor

VERSION = 1
_NEEDLES = re.compile(rb'"(?:token_count|turn_context|session_meta|task_started|thread_settings_applied)"')
_BURST = 1_000
"""Copied lines follow each other within milliseconds; a pause this long (ms) ends the copy."""
_KINDS = ("input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens", "reasoning_output_tokens")
_VECTOR = (*_KINDS, "total_tokens")
_SEVERAL_MINUTES = 120_000
_LIMITS = 16
"""How many rate-limit windows are remembered; two or four are announced."""


class _Payload(msgspec.Struct):
    type: object = None
    id: object = None
    session_id: object = None
    forked_from_id: object = None
    parent_thread_id: object = None
    timestamp: object = None
    cwd: object = None
    cli_version: object = None
    originator: object = None
    source: object = None
    thread_source: object = None
    agent_nickname: object = None
    agent_role: object = None
    model_provider: object = None
    model_provider_id: object = None
    git: object = None
    turn_id: object = None
    model: object = None
    effort: object = None
    reasoning_effort: object = None
    service_tier: object = None
    started_at: object = None
    model_context_window: object = None
    info: object = None
    rate_limits: object = None


class _Line(msgspec.Struct):
    timestamp: object = None
    type: object = None
    payload: _Payload | list[object] | str | int | float | bool | None = None


class _Memory(msgspec.Struct):
    """What must survive between two readings of a rollout."""

    at: int | None = None
    """When the line before was written, whatever it says: the time of a line that has none."""
    fed_at: int | None = None
    """When the last line we were handed was written. Pauses are measured from here: which other lines are seen depends on
    where reading was cut."""
    thread: str | None = None
    """The thread this file is; its first `session_meta` says so."""
    home: str | None = None
    """The session its calls belong to, where that is another thread's: a sub-agent works for its root."""
    root: str | None = None
    """The thread whose history the file begins with, as far back as the file tells; else itself."""
    subagent: str | None = None
    provider: str | None = None
    project: str | None = None
    began: int | None = None
    """When the file began, ms: turns older than this were copied."""
    copying: bool = False
    turn: str | None = None
    own_turn_at: int | None = None
    model: str | None = None
    effort: str | None = None
    tier: str | None = None
    total: tuple[int, ...] | None = None
    ordinal: int = 0
    context: int | None = None
    last_group: int | None = None
    quota: tuple[tuple[str, int, float, int], ...] = ()


_line = msgspec.json.Decoder(_Line).decode
_memory = msgspec.msgpack.Decoder(_Memory).decode


class Rollout:
    """Parser of one stretch of one rollout."""

    needles = _NEEDLES

    def __init__(self, path: Path, cursor: Cursor) -> None:
        self.path = path
        self.kept = _memory(cursor.memory) if cursor.memory else _Memory()
        self.file_time = cursor.seen
        self.skipped: dict[str, int] = {}
        self._found: dict[int, Call] = {}
        self._facts: dict[str, Session] = {}
        self._occurrences: list[Occurrence] = []
        self._quotas: list[Quota] = []
        self._sighted: dict[tuple[str, int], Quota] = {}
        """The newest announcement of each window, news or not."""

    def head(self, line: Line) -> bool:
        return False

    def passing(self, earlier: Earlier) -> None:
        self.kept.at = self._time_before(earlier)

    def feed(self, line: Line, offset: int, earlier: Earlier) -> None:
        record = decode(line, _line, _Line)
        if record is None:
            self._skip("not JSON")
            return
        if type(record.payload) is not _Payload:
            return
        at = instant(record.timestamp)
        if at is None:
            at = self._time_before(earlier)
        kind = record.payload.type if record.type == "event_msg" else record.type
        self._end_of_copy(kind, record.payload, at)
        self.kept.at = self.kept.fed_at = at
        if kind == "token_count":
            self._counted(record.payload, at, offset)
        elif kind == "session_meta":
            self._introduced(record.payload, at)
        elif kind == "turn_context":
            self._turn(record.payload, at)
        elif kind == "thread_settings_applied":
            self._settings(record.payload)

    # --- who is speaking

    def _introduced(self, payload: _Payload, at: int) -> None:
        """The first `session_meta` is the file's own; later ones were copied from whom it descends, or are repeats."""
        kept, ident = self.kept, word(payload.id)
        if kept.thread is None:
            self._own_meta(payload, ident or self._thread, at)
        elif ident and ident != kept.thread:
            kept.copying = kept.copying or kept.own_turn_at is None
            if ident == kept.root or kept.root == kept.thread:
                kept.root = word(payload.forked_from_id) or ident

    def _own_meta(self, payload: _Payload, ident: str, at: int) -> None:
        kept = self.kept
        forked = word(payload.forked_from_id)
        kept.thread, kept.began = ident, at
        kept.root = forked or ident
        kept.copying = forked is not None
        kept.provider = word(payload.model_provider)
        kept.project = word(payload.cwd) or kept.project
        kind = mapping(payload.source).get("subagent")
        if kind is not None or payload.thread_source == "subagent":
            self._spawned(payload, kind, ident)
        self._learn(
            branch=word(mapping(payload.git).get("branch")),
            version=word(payload.cli_version),
            entrypoint=word(payload.originator),
        )

    def _spawned(self, payload: _Payload, kind: object, ident: str) -> None:
        """A sub-agent: its calls belong to the session of its root, or of its parent where an old file names no root."""
        spawn = mapping(mapping(kind).get("thread_spawn"))
        names = (payload.agent_nickname, payload.agent_role, spawn.get("agent_nickname"), spawn.get("agent_role"), kind)
        above = (payload.session_id, payload.parent_thread_id, spawn.get("parent_thread_id"))
        self.kept.subagent = next(filter(None, map(word, names)), ident)
        self.kept.home = next((one for one in map(word, above) if one and one != ident), None)

    def _learn(self, **facts: str | None) -> None:
        """Facts of the session; the root's own outrank a sub-agent's."""
        ident, kept = self._session, self.kept
        known = self._facts.get(ident) or Session(ident, kept.subagent is None, None, None, None, None)
        self._facts[ident] = known._replace(project=kept.project, **facts)

    def _end_of_copy(self, kind: object, payload: _Payload, at: int) -> None:
        """A copy ends with the first pause, or a second after a turn that began in this file.

        A `task_started` keeps the time its turn really began: one older than the file belongs to the copied part.
        """
        kept = self.kept
        if not kept.copying:
            return
        started = instant(payload.started_at) if kind == "task_started" else None
        if started is not None and kept.began is not None:
            if started < kept.began - _SEVERAL_MINUTES:
                kept.own_turn_at = None
                return
            kept.own_turn_at = at if kept.own_turn_at is None else kept.own_turn_at
        paused = kept.fed_at is not None and at - kept.fed_at >= _BURST
        working = kept.own_turn_at is not None and at - kept.own_turn_at >= _BURST
        kept.copying = not (paused or working)

    def _turn(self, payload: _Payload, at: int) -> None:
        kept = self.kept
        kept.turn = word(payload.turn_id) or kept.turn
        kept.model = word(payload.model) or kept.model
        kept.effort = label(payload.effort) or kept.effort
        if kept.project is None and not kept.copying and (folder := word(payload.cwd)):
            kept.project = folder
            self._learn()

    def _settings(self, payload: _Payload) -> None:
        kept = self.kept
        kept.model = word(payload.model) or kept.model
        kept.effort = label(payload.reasoning_effort) or kept.effort
        kept.provider = word(payload.model_provider_id) or kept.provider
        kept.tier = label(payload.service_tier)

    # --- what was counted

    def _counted(self, payload: _Payload, at: int, offset: int) -> None:
        self._limits(payload.rate_limits, at)
        info = mapping(payload.info)
        if not info:
            return
        kept = self.kept
        total = _vector(info.get("total_token_usage"))
        last = _vector(info.get("last_token_usage"))
        before, kept.total = kept.total, total if total is not None else kept.total
        if total is not None and total == before:
            self._announced_again(last, info, at, offset)
            return
        used = last if last is not None else _difference(total, before)
        tokens = _tokens(used)
        kept.context = _held(last, tokens.total, _window_of(info)) or kept.context
        if not tokens.total:
            self._skip("no tokens")
        elif tokens.total > CORRUPT:
            self._skip("more than 10 M tokens")
        else:
            self._keep(self._call(tokens, total, info, at, offset))
            if _tells_too_little(total, before, last) and not kept.copying:
                self._skip("requests the log does not tell apart")

    def _announced_again(self, last: tuple[int, ...] | None, info: dict[str, object], at: int, offset: int) -> None:
        """The same totals: a repeat, or after a compaction an estimate of what the context holds now."""
        kept = self.kept
        if last is None:
            return
        if any(last[:-1]):
            if kept.last_group is not None:
                self._repeat(kept.last_group, info, at, offset)
        elif (now := _held(last, 0, _window_of(info))) and now != kept.context:
            self._occurrences.append(
                Occurrence(self._session, kept.subagent, at, "compaction", kept.context, now, None)
            )
            kept.context = now

    def _repeat(self, group: int, info: dict[str, object], at: int, offset: int) -> None:
        known = self._found.get(group)
        if known is None:
            # Its call was stored with an earlier stretch: a copy of the lowest rank joins it there, and is only counted.
            ordinal = self.kept.ordinal
            blank = self._call(Tokens(), None, info, at, offset)
            self.kept.ordinal = ordinal
            self._found[group] = blank._replace(group=group, key=0, standing=Standing.INHERITED)
        else:
            self._found[group] = known._replace(records=known.records + 1)

    def _keep(self, call: Call) -> None:
        known = self._found.get(call.group)
        if known is not None:
            call = known._replace(records=known.records + 1)
        self._found[call.group] = call
        self.kept.last_group = call.group

    @property
    def _thread(self) -> str:
        return self.kept.thread or self.path.name.partition(".")[0]

    @property
    def _session(self) -> str:
        return self.kept.home or self._thread

    def _call(
        self, tokens: Tokens, total: tuple[int, ...] | None, info: dict[str, object], at: int, offset: int
    ) -> Call:
        kept = self.kept
        kept.ordinal += 1
        state: tuple[object, ...] = total if total is not None else ("n", kept.ordinal, *tokens)
        return Call(
            # Two forks of one parent share its root: where the log names no turns and both make the same first request,
            # they are taken for one. Without the parent nothing tells a copied call from one of the fork's own.
            group=key_of("codex", kept.root or self._thread, kept.turn, *state),
            key=0,
            standing=Standing.INHERITED if kept.copying else Standing.OWN,
            session=self._session,
            subagent=kept.subagent,
            at=at,
            model=kept.model or word(info.get("model")),
            tokens=tokens,
            searches=0,
            speed="fast" if kept.tier == "fast" else None,
            tier=None if kept.tier == "fast" else kept.tier,
            geo=None,
            provider=kept.provider,
            effort=kept.effort,
            context=kept.context,
            window=_window_of(info),
            reported=None,
            finished=True,
            evidence="A",
            copied=kept.copying,
            offset=offset,
            records=1,
            native=kept.turn,
        )

    # --- rate limits

    def _limits(self, value: object, at: int) -> None:
        limits = mapping(value)
        if not limits or self.kept.copying:
            return
        name = label(limits.get("limit_id")) or "codex"
        plan = label(limits.get("plan_type"))
        now: list[tuple[str, int, float, int]] = []
        for place in ("primary", "secondary"):
            quota = _quota(name, mapping(limits.get(place)) or _flat(limits, place), at, plan)
            if quota is None:
                continue
            sighted = self._sighted.get((name, quota.minutes))
            if sighted is None or sighted.at <= at:
                self._sighted[name, quota.minutes] = quota
            state = (name, quota.minutes, quota.used, quota.resets_at or 0)
            now.append(state)
            if state not in self.kept.quota:
                self._quotas.append(quota)
        said = {state[:2] for state in now}
        self.kept.quota = (*(state for state in self.kept.quota if state[:2] not in said), *now)[-_LIMITS:]

    def _time_before(self, earlier: Earlier) -> int:
        for line in earlier():
            record = decode(line, _line, _Line)
            at = instant(record.timestamp) if record is not None else None
            if at is not None:
                return at
        return self.kept.at if self.kept.at is not None else self.file_time

    def _skip(self, reason: str) -> None:
        self.skipped[reason] = self.skipped.get(reason, 0) + 1

    def calls(self) -> tuple[Call, ...]:
        return tuple(self._found.values())

    @property
    def sessions(self) -> tuple[Session, ...]:
        return tuple(self._facts.values())

    @property
    def searches(self) -> tuple[Search, ...]:
        return ()

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        return tuple(self._occurrences)

    @property
    def quotas(self) -> tuple[Quota, ...]:
        """Every change, and the last word on each window: another file may have said something else meanwhile."""
        return tuple(dict.fromkeys((*self._quotas, *self._sighted.values())))

    @property
    def memory(self) -> bytes:
        return msgspec.msgpack.encode(self.kept)


def _vector(value: object) -> tuple[int, ...] | None:
    if not isinstance(value, dict):
        return None
    facts = mapping(value)  # pyright: ignore[reportUnknownArgumentType]
    return tuple(count(facts.get(name)) for name in _VECTOR)


def _difference(total: tuple[int, ...] | None, before: tuple[int, ...] | None) -> tuple[int, ...]:
    """What was added since; a fall of the counter is a reset and adds nothing by itself."""
    if total is None:
        return (0,) * len(_VECTOR)
    if before is None:
        return total
    return tuple(max(0, now - then) for now, then in zip(total, before, strict=True))


def _tokens(used: tuple[int, ...]) -> Tokens:
    """Cache reads and writes stand inside `input_tokens`, reasoning inside `output_tokens`."""
    sent, cached, written, output, reasoning = used[: len(_KINDS)]
    cached = min(cached, sent)
    written = min(written, sent - cached)
    return Tokens(sent - cached - written, cached, written, 0, output, min(reasoning, output))


def _window_of(info: dict[str, object]) -> int | None:
    window = count(info.get("model_context_window"))
    return window if 0 < window <= CORRUPT else None


def _held(last: tuple[int, ...] | None, otherwise: int, window: int | None) -> int | None:
    """Tokens in the context by the last request's own total, or by its counts where that is missing or absurd."""
    most = CORRUPT if window is None else min(2 * window, CORRUPT)
    if last is not None and 0 < last[-1] <= most:
        return last[-1]
    return otherwise if 0 < otherwise <= CORRUPT else None


def _tells_too_little(
    total: tuple[int, ...] | None, before: tuple[int, ...] | None, last: tuple[int, ...] | None
) -> bool:
    """Have the totals grown by more than the last request? Then another one was made that no line tells of.

    The last request counts all the same: what else there was has no time, no model and no context.
    """
    if total is None or before is None or last is None:
        return False
    added = [now - then for now, then in zip(total, before, strict=True)]
    more = [one - other for one, other in zip(added, last, strict=True)]
    sent, output = more[_KINDS.index("input_tokens")], more[_KINDS.index("output_tokens")]
    return min(added) >= 0 and min(more) >= 0 and sent > 0 and output > 0


def _flat(limits: dict[str, object], place: str) -> dict[str, object]:
    """A window as it was written until autumn 2025, side by side with the other: `primary_used_percent` and so on."""
    for prefix in (place, "weekly") if place == "secondary" else (place,):
        if f"{prefix}_used_percent" in limits:
            names = ("used_percent", "window_minutes", "resets_in_seconds")
            return {name: limits.get(f"{prefix}_{name}") for name in names}
    return {}


def _quota(name: str, facts: dict[str, object], at: int, plan: str | None) -> Quota | None:
    used, minutes = facts.get("used_percent"), count(facts.get("window_minutes"))
    if not isinstance(used, (int, float)) or isinstance(used, bool) or not 0 <= used <= 10_000 or not minutes:
        return None
    resets = instant(facts.get("resets_at"))
    seconds = count(facts.get("resets_in_seconds"))
    if resets is None and 0 < seconds < 100_000_000:
        resets = at + seconds * 1000
    return Quota(name, minutes, at, float(used), resets, plan)


def _roots(machine: Machine) -> Iterable[Path]:
    home = machine.path(machine.variable("CODEX_HOME") or "~/.codex")
    return (home / "sessions", home / "archived_sessions")


def _owns(relative: str) -> bool:
    return relative.endswith((".jsonl", ".jsonl.zst"))


def _open(path: Path) -> Readable:
    return unpacked(path) if path.suffix == ".zst" else plain(path)


def _read(path: Path, cursor: Cursor | None, source: str = "codex") -> Iterator[Batch]:
    return read_lines(source, VERSION, path, cursor, Rollout, _open)


def _window(model: str | None, logged: int | None, highest: int | None, machine: Machine) -> int | None:
    return logged


def _compacts(window: int) -> int:
    """At 90 % of the raw window, of which 95 % is what the log calls the window."""
    return window * 90 // 95


SOURCE = Source(
    id="codex",
    title="Codex",
    mark="Cx",
    color="codex",
    version=VERSION,
    roots=_roots,
    owns=_owns,
    read=_read,
    window=_window,
    compacts=_compacts,
    cache_lifetime=lambda _: None,
    tried="0.142.5",
    vendor=Vendor("openai", "OpenAI"),
    usage_at=("payload", "info"),
)


def _fork(ident: str, title: str, mark: str, *, home: str, variable: str | None = None) -> Source:
    """A program that came of Codex and keeps its rollouts. One that runs on Codex' own sees the same requests."""

    def roots(machine: Machine) -> Iterator[Path]:
        for folder in (machine.folders(variable) if variable else []) or [machine.home / home]:
            yield from (folder / "sessions", folder / "archived_sessions")

    def read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
        return _read(path, cursor, ident)

    plain_fork = replace(SOURCE, id=ident, title=title, mark=mark, color="other", roots=roots, read=read)
    return replace(plain_fork, verified=False, vendor=None, account=None, content=None)


TRAE_X = _fork("traex", "TraeX", "Tx", home=".trae/cli")
EVERY_CODE = _fork("every_code", "Every Code", "Ev", home=".code", variable="CODE_HOME")
