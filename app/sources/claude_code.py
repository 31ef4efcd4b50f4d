"""Claude Code's transcripts: `projects/<folder>/<session>.jsonl` and its sub-agents' files below.

One response is written as several lines, one a content block, with the same message id and request id; resumed, forked and
background sessions copy lines into other files; the progress lines of early 2026 mirror sub-agents' messages. The rule for
all of these is in `Call.key`, `Call.standing` and `_better`; what is seen here of one file is folded here, the rest where
files meet, in the store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
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
_ONE_ITERATION = 400
"""Bytes that the record of a single sampling stays below."""
_MILLION, _USUAL = 1_000_000, 200_000


class _Split(msgspec.Struct):
    ephemeral_5m_input_tokens: object = None
    ephemeral_1h_input_tokens: object = None


class _Details(msgspec.Struct):
    thinking_tokens: object = None


class _ServerTools(msgspec.Struct):
    web_search_requests: object = None


_Scalar = list[object] | str | int | float | bool | None


class _Usage(msgspec.Struct):
    input_tokens: object = None
    cache_read_input_tokens: object = None
    cache_creation_input_tokens: object = None
    cache_creation: _Split | _Scalar = None
    output_tokens: object = None
    output_tokens_details: _Details | _Scalar = None
    server_tool_use: _ServerTools | _Scalar = None
    service_tier: object = None
    speed: object = None
    inference_geo: object = None
    iterations: msgspec.Raw = msgspec.Raw(b"")
    type: object = None
    model: object = None


class _Message(msgspec.Struct):
    id: object = None
    model: object = None
    usage: _Usage | _Scalar = None
    stop_reason: object = None


_MaybeMessage = _Message | _Scalar


class _Mirrored(msgspec.Struct):
    message: _MaybeMessage = None
    requestId: object = None
    timestamp: object = None


class _Data(msgspec.Struct):
    message: _Mirrored | _Scalar = None
    agentId: object = None


class _Line(msgspec.Struct):
    """The fields of any line that say who, when and how much; everything else is skipped unread."""

    type: object = None
    subtype: object = None
    message: _MaybeMessage = None
    data: _Data | _Scalar = None
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
    asked: dict[str, list[str | int]] = {}
    """Line id → identity of the last answers, for tool results that follow."""
    window: int | None = None


_line = msgspec.json.Decoder(_Line).decode
_memory = msgspec.msgpack.Decoder(_Memory).decode


class _Seen:
    """The records of one call in this stretch, folded as they come."""

    __slots__ = ("at", "finished", "kept", "rank", "records", "text")

    def __init__(self, text: object, at: int) -> None:
        self.text = text
        """The earliest time as written: times of one form are compared without reading them."""
        self.at = at
        self.records = 0
        self.finished = False
        self.rank: tuple[int | bool, ...] = ()
        self.kept: tuple[_Line, _Message, _Usage, Tokens, object, int] | None = None

    def also_at(self, text: object, at: int) -> None:
        if at < self.at:
            self.text, self.at = text, at


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
        self._advisors: list[Call] = []
        self._asked: dict[str, tuple[object, ...]] = {}
        self._searches: list[tuple[object, int]] = []
        self._facts: dict[str, Session] = {}
        self._noted: tuple[object, object, object] = (None, None, None)
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
        if type(message) is _Message and type(message.usage) is _Usage:
            side = record.isSidechain is True
            self._answer(record, message, message.usage, record.requestId, record.timestamp, side, offset, earlier)
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
        if type(inner.message) is _Message and type(inner.message.usage) is _Usage:
            record.agentId = data.agentId
            record.uuid = None
            when = inner.timestamp or record.timestamp
            message = inner.message
            self._answer(record, message, inner.message.usage, inner.requestId, when, True, offset, earlier)

    def _answer(
        self,
        record: _Line,
        message: _Message,
        usage: _Usage,
        request: object,
        when: object,
        side: bool,
        offset: int,
        earlier: Earlier,
    ) -> None:
        if message.model == _SYNTHETIC or record.isApiErrorMessage is True:
            self._skip("no answer of a model")
            return
        tokens = _tokens(usage)
        total = sum(tokens) - tokens.reasoning
        if not total or total > CORRUPT:
            self._skip("more than 10 M tokens" if total else "no tokens")
            return
        ident = self._identity(record, message, request, offset)
        seen = self._seen.get(ident)
        if seen is None:
            seen = self._seen[ident] = _Seen(when, self._time(when, earlier))
        elif when != seen.text and not _later(when, seen.text):
            seen.also_at(when, self._time(when, earlier))
        seen.records += 1
        if message.stop_reason is not None:
            seen.finished = True
        rank = (not side, tokens.output, total, usage.speed is not None)
        if rank > seen.rank:
            seen.rank = rank
            seen.kept = (record, message, usage, tokens, request, offset)
        if type(record.uuid) is str:
            self._asked[record.uuid] = ident

    def _time(self, when: object, earlier: Earlier) -> int:
        at = instant(when)
        self.kept.at = at if at is not None else self._time_before(earlier)
        return self.kept.at

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
        self._noted = (record.sessionId, record.gitBranch, record.version)
        session = self._session_of(record)
        if self.kept.project is None:
            self.kept.project = word(record.cwd)
        known = self._facts.get(session)
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
            if seen.kept is not None:
                record, message, usage, tokens, request, offset = seen.kept
                call = self._call(ident, seen, record, message, usage, tokens, request, offset)
                found.append(call)
                if b"advisor_message" in bytes(usage.iterations):
                    found.extend(_advice(ident, call, usage))
        return tuple(found)

    def _call(
        self,
        ident: tuple[object, ...],
        seen: _Seen,
        record: _Line,
        message: _Message,
        usage: _Usage,
        tokens: Tokens,
        request: object,
        offset: int,
    ) -> Call:
        side = not seen.rank[0]
        if (record.sessionId, record.gitBranch, record.version) != self._noted:
            self._note_session(record)
        key, group = _keys(ident)
        tools = usage.server_tool_use
        named = word(record.agentId) if side else None
        # By position: this is the hottest line of a first run, and names would cost it a third.
        return Call(
            key,
            group,
            Standing.SIDE if side else Standing.OWN,
            self._session_of(record),
            named or self.agent or ("sidechain" if side else None),
            seen.at,
            word(message.model),
            tokens,
            count(tools.web_search_requests) if type(tools) is _ServerTools else 0,
            word(usage.speed),
            word(usage.service_tier),
            word(usage.inference_geo),
            None,  # provider
            word(record.effort),
            _context(usage, tokens),
            None if side else self.kept.window,
            None if record.costUSD is None else dollars(record.costUSD),
            seen.finished,
            "A",
            record.forkedFrom is not None or record.sessionKind == "bg",
            offset,
            seen.records,
            f"{message.id or ''} {request or ''}".strip() or None,
        )

    @property
    def searches(self) -> tuple[Search, ...]:
        found: list[Search] = []
        for line, searches in self._searches:
            ident = self._asked.get(str(line)) or self.kept.asked.get(str(line))
            if ident:
                found.append(Search(*_keys(ident), searches))
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
        latest = {line: list(ident) for line, ident in islice(reversed(self._asked.items()), _REMEMBERED)}
        older = {line: ident for line, ident in self.kept.asked.items() if line not in latest}
        self.kept.asked = dict(islice((latest | older).items(), _REMEMBERED))  # pyright: ignore[reportAttributeAccessIssue]
        return msgspec.msgpack.encode(self.kept)


def _advice(ident: tuple[object, ...], call: Call, usage: _Usage) -> Iterator[Call]:
    """An advisor's answers inside a call: billed for their own model and not part of the call's own counts."""
    for index, one in enumerate(_iterations(usage)):
        tokens = _tokens(one)
        if one.type == "advisor_message" and 0 < tokens.total <= CORRUPT:
            key = key_of("claude", *ident, "advisor", index)
            yield call._replace(
                key=key,
                group=key,
                model=word(one.model),
                tokens=tokens,
                searches=0,
                speed=word(one.speed),
                context=None,
                reported=None,
                subagent=call.subagent or "advisor",
            )


def _later(text: object, than: object) -> bool:
    """Is one written time surely not before another? Only of the form that nearly every line has."""
    if type(text) is not str or type(than) is not str or len(text) != 24 or len(than) != 24:
        return False
    return text[-1] == "Z" and than[-1] == "Z" and text >= than


def _keys(ident: Sequence[object]) -> tuple[int, int]:
    """(key, group): calls with one message id are a group, since a side chain may replay it under a new request id."""
    key = key_of("claude", *ident)
    named = ident[0] not in ("", "line", "place")
    return key, key_of("claude", ident[0]) if named else key


def _tokens(usage: _Usage) -> Tokens:
    """`input_tokens` excludes the cache; the flat write count was 0 beside a filled split before 2.1.152."""
    five = hour = 0
    split = usage.cache_creation
    if type(split) is _Split:
        five, hour = count(split.ephemeral_5m_input_tokens), count(split.ephemeral_1h_input_tokens)
    flat = count(usage.cache_creation_input_tokens)
    output = count(usage.output_tokens)
    details = usage.output_tokens_details
    reasoning = count(details.thinking_tokens) if type(details) is _Details else 0
    writes = flat if flat > five + hour else five + hour
    return Tokens(
        count(usage.input_tokens),
        count(usage.cache_read_input_tokens),
        writes - hour,
        hour,
        output,
        reasoning if reasoning < output else output,
    )


def _iterations(usage: _Usage) -> list[_Usage]:
    try:
        return msgspec.json.decode(usage.iterations, type=list[_Usage])
    except msgspec.MsgspecError:
        return []


def _context(usage: _Usage, tokens: Tokens) -> int:
    """Prompt of the last sampling: with server tools the usage itself is a sum of several."""
    if len(usage.iterations) > _ONE_ITERATION:
        own = [one for one in _iterations(usage) if one.type == "message"]
        if len(own) > 1:
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
