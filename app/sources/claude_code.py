"""Claude Code's transcripts: `projects/<folder>/<session>.jsonl` and its sub-agents' files below.

One response is written as several lines, one a content block, with the same message id and request id; resumed, forked and
background sessions copy lines into other files; the progress lines of early 2026 mirror sub-agents' messages. The rule for
all of these is in `Call.key`, `Call.standing` and `_better`; what is seen here of one file is folded here, the rest where
files meet, in the store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from app.machine import Machine
from app.model.identity import key_of
from app.model.usage import Batch, Call, Cursor, Occurrence, Quota, Search, Session, Standing, Tokens
from app.shapes.fields import CORRUPT, count, decode, dollars, instant, mapping, word
from app.shapes.lines import Earlier, Line, read_lines
from app.shapes.source import Source

VERSION = 1
_NEEDLES = re.compile(rb'"(?:usage|searchCount|compact_boundary|modelId)"')
_SYNTHETIC = "<synthetic>"
_REMEMBERED = 64
"""How many of the last answers a tool's result may still refer to after a restart."""
_MILLION, _USUAL = 1_000_000, 200_000


class _Message(msgspec.Struct):
    id: object = None
    model: object = None
    usage: object = None
    stop_reason: object = None


_MaybeMessage = _Message | list[object] | str | int | float | bool | None


class _Mirrored(msgspec.Struct):
    message: _MaybeMessage = None
    requestId: object = None
    timestamp: object = None


class _Data(msgspec.Struct):
    message: _Mirrored | list[object] | str | int | float | bool | None = None
    agentId: object = None


class _Line(msgspec.Struct):
    """The fields of any line that say who, when and how much; everything else is skipped unread."""

    type: object = None
    subtype: object = None
    message: _MaybeMessage = None
    data: _Data | list[object] | str | int | float | bool | None = None
    requestId: object = None
    timestamp: object = None
    isSidechain: object = None
    isApiErrorMessage: object = None
    agentId: object = None
    sessionId: object = None
    uuid: object = None
    parentUuid: object = None
    cwd: object = None
    gitBranch: object = None
    version: object = None
    entrypoint: object = None
    effort: object = None
    forkedFrom: object = None
    sessionKind: object = None
    costUSD: object = None
    compactMetadata: object = None
    attachment: msgspec.Raw = msgspec.Raw(b"")
    toolUseResult: msgspec.Raw = msgspec.Raw(b"")


class _SearchResult(msgspec.Struct):
    searchCount: object = None


class _Memory(msgspec.Struct):
    """What must survive between two readings of a file."""

    at: int | None = None
    """Time of the last line that had one."""
    project: str | None = None
    asked: dict[str, tuple[int, int]] = {}
    """Line id → key and group of the last answers, for tool results that follow."""
    window: int | None = None


_line = msgspec.json.Decoder(_Line).decode
_memory = msgspec.msgpack.Decoder(_Memory).decode


class _Seen:
    """The records of one call in this stretch, folded as they come."""

    __slots__ = ("at", "call", "finished", "rank", "records")

    def __init__(self) -> None:
        self.rank: tuple[int | bool, ...] = ()
        self.records = 0
        self.at = 0
        self.finished = False
        self.call: tuple[_Line, _Message, dict[str, object], Tokens, str | None, object, int] | None = None


class Transcript:
    """Parser of one stretch of one transcript."""

    needles = _NEEDLES

    def __init__(self, path: Path, cursor: Cursor) -> None:
        self.path = path
        self.session, self.agent = _place(path)
        self.kept = _memory(cursor.memory) if cursor.memory else _Memory()
        self.file_time = cursor.seen
        self.skipped: dict[str, int] = {}
        self._seen: dict[tuple[object, ...], _Seen] = {}
        self._advisors: list[tuple[tuple[object, ...], dict[str, object]]] = []
        self._asked: dict[str, tuple[object, ...]] = {}
        self._searches: list[tuple[object, int]] = []
        self._facts: dict[str, Session] = {}
        self._occurrences: list[Occurrence] = []

    # --- the file's first lines, and what is about to leave memory

    def head(self, line: Line) -> bool:
        record = decode(line, _line, _Line)
        if record is not None and word(record.cwd):
            self._note_session(record)
        if self.session is None and record is not None:
            self.session = word(record.sessionId)
        return self.kept.project is None

    def passing(self, earlier: Earlier) -> None:
        self.kept.at = self._time_before(earlier)

    # --- lines that may hold usage

    def feed(self, line: Line, offset: int, earlier: Earlier) -> None:
        record = decode(line, _line, _Line)
        if record is None:
            self._skip("not JSON")
            return
        message = record.message
        if type(message) is _Message and message.usage is not None:
            self._answer(record, message, record.requestId, record.timestamp, record.isSidechain is True, offset, earlier)
        elif type(record.data) is _Data and type(record.data.message) is _Mirrored:
            self._mirrored(record, record.data, record.data.message, offset, earlier)
        elif record.subtype == "compact_boundary":
            self._compacted(record, earlier)
        elif record.attachment:
            self._window_announced(record, earlier)
        elif record.toolUseResult:
            self._searched(record)

    def _mirrored(self, record: _Line, data: _Data, inner: _Mirrored, offset: int, earlier: Earlier) -> None:
        """A sub-agent's message, repeated in its parent's log: the same call as in the sub-agent's own file."""
        if type(inner.message) is _Message and inner.message.usage is not None:
            record.agentId = data.agentId
            record.uuid = None
            self._answer(record, inner.message, inner.requestId, inner.timestamp or record.timestamp, True, offset, earlier)

    def _answer(
        self,
        record: _Line,
        message: _Message,
        request: object,
        when: object,
        side: bool,
        offset: int,
        earlier: Earlier,
    ) -> None:
        usage = mapping(message.usage)
        if not usage or message.model == _SYNTHETIC or record.isApiErrorMessage is True:
            self._skip("no answer of a model")
            return
        tokens = _tokens(usage)
        total = tokens.total
        if not total:
            self._skip("no tokens")
            return
        if total > CORRUPT:
            self._skip("more than 10 M tokens")
            return
        at = instant(when)
        if at is None:
            at = self._time_before(earlier)
        self.kept.at = at
        ident = self._identity(record, message, request, offset)
        seen = self._seen.get(ident)
        if seen is None:
            seen = self._seen[ident] = _Seen()
            seen.at = at
        elif at < seen.at:
            seen.at = at
        seen.records += 1
        if message.stop_reason is not None:
            seen.finished = True
        speed = usage.get("speed")
        rank = (not side, tokens.output, total, speed is not None)
        if seen.call is None or rank > seen.rank:
            seen.rank = rank
            seen.call = (record, message, usage, tokens, word(record.agentId) if side else None, request, offset)
        if type(record.uuid) is str:
            self._asked[record.uuid] = ident

    def _identity(self, record: _Line, message: _Message, request: object, offset: int) -> tuple[object, ...]:
        """The catalogue's rule: id and request id, id alone, line id, else the place in this file."""
        if type(message.id) is str and message.id:
            return (message.id, request if type(request) is str else "")
        if type(request) is str and request:
            return ("", request)
        if type(record.uuid) is str:
            return ("line", record.uuid)
        return ("place", str(self.path), offset)

    def _time_before(self, earlier: Earlier) -> int:
        """Of the nearest earlier line that has a time; the file's own where none has."""
        for line in earlier():
            record = decode(line, _line, _Line)
            at = instant(record.timestamp) if record is not None else None
            if at is not None:
                return at
        return self.kept.at if self.kept.at is not None else self.file_time

    # --- lines that say something else

    def _compacted(self, record: _Line, earlier: Earlier) -> None:
        facts = mapping(record.compactMetadata)
        at = instant(record.timestamp)
        self._occurrences.append(
            Occurrence(
                session=self._session_of(record),
                subagent=self.agent or (word(record.agentId) if record.isSidechain is True else None),
                at=at if at is not None else self._time_before(earlier),
                kind="compaction",
                before=count(facts.get("preTokens")) or None,
                after=count(facts.get("postTokens")) or None,
                cause=word(facts.get("trigger")),
            )
        )

    def _window_announced(self, record: _Line, earlier: Earlier) -> None:
        """`{"type": "model", "identity": {"modelId": "claude-opus-5[1m]"}}`: the only place that names the window."""
        try:
            attachment = mapping(msgspec.json.decode(record.attachment))
        except msgspec.DecodeError:
            return
        name = word(mapping(attachment.get("identity")).get("modelId"))
        if attachment.get("type") != "model" or not name:
            return
        self.kept.window = _MILLION if name.endswith("[1m]") else None
        at = instant(record.timestamp)
        when = at if at is not None else self._time_before(earlier)
        known = self.kept.window
        self._occurrences.append(Occurrence(self._session_of(record), self.agent, when, "window", None, known, name))

    def _searched(self, record: _Line) -> None:
        """Claude Code's own web search runs in a hidden side call; its result is the only trace of the request."""
        try:
            searches = count(msgspec.json.decode(record.toolUseResult, type=_SearchResult).searchCount)
        except msgspec.MsgspecError:
            return
        if searches and type(record.parentUuid) is str:
            self._searches.append((record.parentUuid, searches))

    def _session_of(self, record: _Line) -> str:
        return self.session or word(record.sessionId) or self.path.stem

    def _note_session(self, record: _Line) -> None:
        session = self._session_of(record)
        project = word(record.cwd)
        if self.kept.project is None:
            self.kept.project = project
        known = self._facts.get(session)
        if known is None or (known.branch, known.version) != (record.gitBranch, record.version):
            self._facts[session] = Session(
                id=session,
                main=self.agent is None,
                project=known.project if known else self.kept.project,
                branch=word(record.gitBranch),
                version=word(record.version),
                entrypoint=word(record.entrypoint),
            )

    def _skip(self, reason: str) -> None:
        self.skipped[reason] = self.skipped.get(reason, 0) + 1

    # --- what came of it

    def calls(self) -> tuple[Call, ...]:
        found: list[Call] = []
        for ident, seen in self._seen.items():
            if seen.call is not None:
                call = self._call(ident, seen, *seen.call)
                found.append(call)
                found.extend(self._advice(ident, call, seen.call[2]))
        return tuple(found)

    def _call(
        self,
        ident: tuple[object, ...],
        seen: _Seen,
        record: _Line,
        message: _Message,
        usage: dict[str, object],
        tokens: Tokens,
        subagent: str | None,
        request: object,
        offset: int,
    ) -> Call:
        side = not seen.rank[0]
        self._note_session(record)
        key, group = _keys(ident)
        return Call(
            key=key,
            group=group,
            standing=Standing.SIDE if side else Standing.OWN,
            session=self._session_of(record),
            subagent=subagent or self.agent or ("sidechain" if side else None),
            at=seen.at,
            model=word(message.model),
            tokens=tokens,
            searches=count(mapping(usage.get("server_tool_use")).get("web_search_requests")),
            speed=word(usage.get("speed")),
            tier=word(usage.get("service_tier")),
            geo=word(usage.get("inference_geo")),
            provider=None,
            effort=word(record.effort),
            context=_context(usage, tokens),
            window=None if side else self.kept.window,
            reported=dollars(record.costUSD),
            finished=seen.finished,
            evidence="A",
            copied=record.forkedFrom is not None or record.sessionKind == "bg",
            offset=offset,
            records=seen.records,
            native=f"{message.id or ''} {request or ''}".strip() or None,
        )

    def _advice(self, ident: tuple[object, ...], call: Call, usage: dict[str, object]) -> Iterator[Call]:
        """An advisor's answers inside a call: billed for their own model and not part of the call's own counts."""
        iterations = usage.get("iterations")
        for index, one in enumerate(iterations if isinstance(iterations, list) else ()):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            facts = mapping(one)  # pyright: ignore[reportUnknownArgumentType]
            if facts.get("type") != "advisor_message":
                continue
            tokens = _tokens(facts)
            if tokens.total and tokens.total <= CORRUPT:
                key = key_of("claude", *ident, "advisor", index)
                yield call._replace(
                    key=key,
                    group=key,
                    model=word(facts.get("model")),
                    tokens=tokens,
                    searches=0,
                    speed=word(facts.get("speed")),
                    context=None,
                    reported=None,
                    subagent=call.subagent or "advisor",
                )

    @property
    def searches(self) -> tuple[Search, ...]:
        found: list[Search] = []
        for line, searches in self._searches:
            ident = self._asked.get(str(line))
            keys = _keys(ident) if ident else self.kept.asked.get(str(line))
            if keys is not None:
                found.append(Search(*keys, searches))
        return tuple(found)

    @property
    def sessions(self) -> tuple[Session, ...]:
        return tuple(self._facts.values())

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        return tuple(self._occurrences)

    @property
    def quotas(self) -> tuple[Quota, ...]:
        return ()

    @property
    def memory(self) -> bytes:
        latest = list(self._asked.items())[-_REMEMBERED:]
        asked = {**self.kept.asked, **{line: _keys(ident) for line, ident in latest}}
        self.kept.asked = dict(list(asked.items())[-_REMEMBERED:])
        return msgspec.msgpack.encode(self.kept)


def _keys(ident: tuple[object, ...]) -> tuple[int, int]:
    """(key, group): calls with one message id are a group, since a side chain may replay it under a new request id."""
    key = key_of("claude", *ident)
    named = ident[0] not in ("", "line", "place")
    return key, key_of("claude", ident[0]) if named else key


def _tokens(usage: dict[str, object]) -> Tokens:
    """`input_tokens` excludes the cache; the flat write count was 0 beside a filled split before 2.1.152."""
    five = hour = 0
    split = usage.get("cache_creation")
    if type(split) is dict:
        five, hour = count(split.get("ephemeral_5m_input_tokens")), count(split.get("ephemeral_1h_input_tokens"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    flat = count(usage.get("cache_creation_input_tokens"))
    output = count(usage.get("output_tokens"))
    details = usage.get("output_tokens_details")
    reasoning = count(details.get("thinking_tokens")) if type(details) is dict else 0  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    return Tokens(
        count(usage.get("input_tokens")),
        count(usage.get("cache_read_input_tokens")),
        max(flat, five + hour) - hour,
        hour,
        output,
        min(reasoning, output),
    )


def _context(usage: dict[str, object], tokens: Tokens) -> int:
    """Prompt of the last sampling: with server tools the usage itself is a sum of several."""
    iterations = usage.get("iterations")
    if type(iterations) is list and len(iterations) > 1:  # pyright: ignore[reportUnknownArgumentType]
        samplings = [mapping(one) for one in iterations]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        own = [one for one in samplings if one.get("type") == "message"]
        if own:
            return _tokens(own[-1]).prompt
    return tokens.prompt


def _place(path: Path) -> tuple[str | None, str | None]:
    """(session, sub-agent) as the place of the file tells: None where only its lines can."""
    name = path.stem
    if "subagents" in path.parts:
        above = path.parts[: len(path.parts) - 1 - path.parts[::-1].index("subagents")]
        return above[-1], name.removeprefix("agent-")
    if name.startswith("agent-"):
        return None, name.removeprefix("agent-")
    return name, None


def _roots(machine: Machine) -> Iterable[Path]:
    chosen = machine.variable("CLAUDE_CONFIG_DIR")
    if chosen:
        folders = [Path(one.strip()).expanduser() for one in chosen.split(",") if one.strip()]
    else:
        config = Path(machine.variable("XDG_CONFIG_HOME") or machine.home / ".config")
        folders = [machine.home / ".claude", config / "claude"]
    yield from (folder / "projects" for folder in folders)
    yield from _desktop(machine)


def _desktop(machine: Machine) -> Iterator[Path]:
    """The desktop app's local agent mode keeps the same transcripts, several folders down."""
    below = "local-agent-mode-sessions"
    if machine.system == "darwin":
        yield machine.home / "Library/Application Support/Claude" / below
    elif machine.system == "win32":
        roaming, local = machine.variable("APPDATA"), machine.variable("LOCALAPPDATA")
        if roaming:
            yield Path(roaming) / "Claude" / below
        if local:
            packages = Path(local) / "Packages"
            for pattern in ("Claude_*", "*.Claude_*"):
                yield from (one / "LocalCache/Roaming/Claude" / below for one in packages.glob(pattern))
    else:
        yield Path(machine.variable("XDG_CONFIG_HOME") or machine.home / ".config") / "Claude" / below


def _owns(relative: str) -> bool:
    return relative.endswith(".jsonl") and relative.rpartition("/")[2] != "history.jsonl"


_NATIVE_MILLION = re.compile(r"claude-(?:fable-5|sonnet-5|opus-4-[789]|opus-5)")


def _window(model: str | None, logged: int | None, highest: int | None, machine: Machine) -> int | None:
    """Size of the context window in tokens, in the catalogue's order (§1.6)."""
    override = machine.variable("CLAUDE_CODE_MAX_CONTEXT_TOKENS")
    if override and override.isdigit() and int(override):
        return int(override)
    if machine.variable("CLAUDE_CODE_DISABLE_1M_CONTEXT") == "1":
        return _USUAL
    if logged:
        return logged
    if highest is not None and highest > _USUAL:
        return _MILLION
    return _MILLION if model and _NATIVE_MILLION.match(model) else _USUAL


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_lines("claude_code", VERSION, path, cursor, Transcript)


SOURCE = Source(
    id="claude_code",
    title="Claude Code",
    mark="CC",
    color="claude_code",
    version=VERSION,
    roots=_roots,
    owns=_owns,
    read=_read,
    window=_window,
    deletes_after_days=30,
)
