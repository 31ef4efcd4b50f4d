"""Claude Code's transcripts: `projects/<folder>/<session>.jsonl` and its sub-agents' files below.

One response is written as several lines, one a content block, with the same message id and request id; resumed, forked and
background sessions copy lines into other files; the progress lines of early 2026 mirror sub-agents' messages. The rule for
all of these is in `Call.group`, `Call.key` and `Call.standing`; what is seen here of one file is folded here, the rest where
files meet, in the store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import msgspec

from app.machine import Machine
from app.model.identity import key_of, request_key
from app.model.usage import UNKNOWN_KIND, Batch, Call, Cursor, Occurrence, Quota, Search, Session, Standing, Tokens
from app.shapes.content import Told
from app.shapes.fields import CORRUPT, Count, count, decode, dollars, fitted, instant, label, mapping, word
from app.shapes.lines import Earlier, Line, read_lines
from app.shapes.source import Account, Content, Source, Unlogged, Vendor

VERSION = 1
CONTENT_VERSION = 1
_NEEDLES = re.compile(rb'"(?:usage|searchCount|compact_boundary|modelId)"')
_SYNTHETIC = "<synthetic>"
_KNOWN_KINDS = {
    *(
        "user",
        "assistant",
        "system",
        "attachment",
        "progress",
        "queue-operation",
        "summary",
        "ai-title",
        "custom-title",
    ),
    *("last-prompt", "tag", "pr-link", "mode", "permission-mode", "file-history-snapshot"),
}
_UNNAMED = ("", "line", "place")
"""How the identity of an answer without a message id begins."""
_REMEMBERED = 64
"""How many of the last answers a tool's result may still refer to after a restart."""
_MOST_SEARCHES = 10_000
_MILLION, _USUAL = 1_000_000, 200_000


class _Split(msgspec.Struct):
    ephemeral_5m_input_tokens: Count = 0
    ephemeral_1h_input_tokens: Count = 0


class _Details(msgspec.Struct):
    thinking_tokens: Count = 0


class _ServerTools(msgspec.Struct):
    web_search_requests: Count = 0


class _Usage(msgspec.Struct):
    input_tokens: Count = 0
    cache_read_input_tokens: Count = 0
    cache_creation_input_tokens: Count = 0
    cache_creation: _Split | None = None
    output_tokens: Count = 0
    output_tokens_details: _Details | None = None
    server_tool_use: _ServerTools | None = None
    service_tier: str | None = None
    speed: str | None = None
    inference_geo: str | None = None
    iterations: msgspec.Raw = msgspec.Raw(b"")
    type: str | None = None
    model: str | None = None


class _Message(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    usage: _Usage | None = None
    stop_reason: str | None = None


class _Mirrored(msgspec.Struct):
    message: _Message | None = None
    requestId: str | None = None
    timestamp: str | float | None = None


class _Data(msgspec.Struct):
    message: _Mirrored | None = None
    agentId: str | None = None


class _Line(msgspec.Struct):
    """The fields of any line that say who, when and how much; everything else is skipped unread."""

    type: str | None = None
    subtype: str | None = None
    message: _Message | None = None
    data: _Data | None = None
    requestId: str | None = None
    timestamp: str | float | None = None
    isSidechain: bool | None = None
    isApiErrorMessage: bool | None = None
    agentId: str | None = None
    sessionId: str | None = None
    uuid: str | None = None
    parentUuid: str | None = None
    cwd: str | None = None
    gitBranch: str | None = None
    version: str | None = None
    entrypoint: str | None = None
    effort: str | None = None
    forkedFrom: object = None
    sessionKind: str | None = None
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
    told: list[str] = []
    """Ids of the last results that told of searches: a result can be written twice."""


_line = msgspec.json.Decoder(_Line).decode
_memory = msgspec.msgpack.Decoder(_Memory).decode


class _Seen:
    """The records of one call in this stretch, folded as they come."""

    __slots__ = ("at", "finished", "line", "message", "offset", "rank", "records", "request", "text", "window")

    line: _Line
    """The record that was kept, whole; `message`, `request`, `offset` and `window` are of the same record."""
    message: _Message
    request: str | None
    offset: int
    window: int | None

    def __init__(self, text: object, at: int) -> None:
        self.text = text
        """The earliest time as written: times of one form are compared without reading them."""
        self.at = at
        self.records = 0
        self.finished = False
        self.rank: tuple[int | bool, ...] = ()


class Transcript:
    """Parser of one stretch of one transcript."""

    needles = _NEEDLES

    def __init__(self, path: Path, cursor: Cursor) -> None:
        self.path = path
        self.session, self.agent = _place(path)
        self.kept = _memory(cursor.memory) if cursor.memory else _Memory()
        self.file_time = cursor.seen
        self.skipped: dict[str, int] = {}
        self._seen: dict[tuple[str | int, ...], _Seen] = {}
        self._asked: dict[str, tuple[str | int, ...]] = {}
        self._searches: list[tuple[object, int]] = []
        self._facts: dict[str, Session] = {}
        self._noted: tuple[object, object, object] = (None, None, None)
        self._occurrences: list[Occurrence] = []

    # --- the file's first lines, and what is about to leave memory

    def head(self, line: Line) -> bool:
        if self.kept.project is not None:
            return False  # an earlier reading has seen it
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
        message, data = record.message, record.data
        if message is not None and message.usage is not None:
            side = record.isSidechain is True
            self._answer(
                record, message, message.usage, record.requestId, record.timestamp, side, line, offset, earlier
            )
        elif data is not None and data.message is not None:
            self._mirrored(record, data, data.message, line, offset, earlier)
        elif record.subtype == "compact_boundary":
            self._compacted(record, earlier)
        elif record.attachment:
            self._window_announced(record, earlier)
        elif record.toolUseResult:
            self._searched(record)
        elif record.type not in _KNOWN_KINDS:
            # The format has changed; `doctor` shows it.
            self._skip(UNKNOWN_KIND + (label(record.type) or "no name"))

    def _mirrored(
        self, record: _Line, data: _Data, inner: _Mirrored, line: Line, offset: int, earlier: Earlier
    ) -> None:
        """A sub-agent's message, repeated in its parent's log: the same call as in the sub-agent's own file."""
        message = inner.message
        if message is not None and message.usage is not None:
            record.agentId = data.agentId
            record.uuid = None
            when = record.timestamp if inner.timestamp is None else inner.timestamp
            self._answer(record, message, message.usage, inner.requestId, when, True, line, offset, earlier)

    def _answer(
        self,
        record: _Line,
        message: _Message,
        usage: _Usage,
        request: str | None,
        when: object,
        side: bool,
        line: Line,
        offset: int,
        earlier: Earlier,
    ) -> None:
        """The hottest function of a first run: half of all lines here repeat a call, and cost next to nothing."""
        if message.model == _SYNTHETIC or record.isApiErrorMessage:
            self._skip("no answer of a model")
            return
        output, writes = usage.output_tokens, usage.cache_creation_input_tokens
        split = usage.cache_creation
        if split is not None:
            writes = max(writes, split.ephemeral_5m_input_tokens + split.ephemeral_1h_input_tokens)
        total = usage.input_tokens + usage.cache_read_input_tokens + writes + output
        if not total or total > CORRUPT:
            self._skip("more than 10 M tokens" if total else "no tokens")
            return
        ident = (message.id, request or "") if message.id else self._unnamed(record, request, line, offset)
        seen = self._seen.get(ident)
        if seen is None:
            seen = self._seen[ident] = _Seen(when, self._time(when, earlier))
        elif (when is None or when != seen.text) and not _later(when, seen.text):
            at = self._time(when, earlier)
            if at < seen.at:
                seen.text, seen.at = when, at
        seen.records += 1
        if message.stop_reason is not None:
            seen.finished = True
        if record.uuid is not None:
            self._asked[record.uuid] = ident
        rank = (not side, output, total, usage.speed is not None)
        if rank > seen.rank:
            seen.rank = rank
            seen.line, seen.message, seen.request, seen.offset = record, message, request, offset
            seen.window = self.kept.window

    def _time(self, when: object, earlier: Earlier) -> int:
        at = instant(when)
        self.kept.at = at if at is not None else self._time_before(earlier)
        return self.kept.at

    def _unnamed(self, record: _Line, request: str | None, line: Line, offset: int) -> tuple[str | int, ...]:
        """What identifies an answer without an id: its request, its line's id, else its place in the session, and its bytes.

        Not the file's path: a log that was moved or linked would count twice, and another one put there take its calls.
        """
        if request:
            return ("", request)
        if record.uuid:
            return ("line", record.uuid)
        digest = blake2b(bytes(line).rstrip(), digest_size=12).hexdigest()
        return ("place", self._session_of(record), digest, offset)

    def _time_before(self, earlier: Earlier) -> int:
        """Of the nearest earlier line that has a time; the file's own where none has."""
        for line in earlier():
            record = decode(line, _line, _Line)
            at = instant(record.timestamp) if record is not None else None
            if at is not None:
                self.kept.at = at
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
                cause=label(facts.get("trigger")),
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
        told = record.uuid in self.kept.told if record.uuid else False
        if 0 < searches < _MOST_SEARCHES and record.parentUuid and not told:
            self._searches.append((record.parentUuid, searches))
            if record.uuid:
                self.kept.told = [*self.kept.told, record.uuid][-_REMEMBERED:]

    def _session_of(self, record: _Line) -> str:
        return (self.session or word(record.sessionId) or self.path.stem).replace("\0", "")  # no database takes a NUL

    def _note_session(self, record: _Line) -> None:
        self._noted = (record.sessionId, record.gitBranch, record.version)
        session = self._session_of(record)
        if self.kept.project is None:
            self.kept.project = word(record.cwd)
        known = self._facts.get(session)
        self._facts[session] = Session(
            id=session,
            main=self.agent is None,
            project=(known.project if known else None) or self.kept.project,
            branch=word(record.gitBranch) or (known.branch if known else None),
            version=word(record.version) or (known.version if known else None),
            entrypoint=word(record.entrypoint) or (known.entrypoint if known else None),
        )

    def _skip(self, reason: str) -> None:
        self.skipped[reason] = self.skipped.get(reason, 0) + 1

    # --- what came of it

    def calls(self) -> tuple[Call, ...]:
        found: list[Call] = []
        for ident, seen in self._seen.items():
            call = self._call(ident, seen)
            found.append(call)
            usage = seen.message.usage
            if usage is not None and _worth_opening(usage):
                found.extend(_advice(ident, call, usage))
        return tuple(found)

    def _call(self, ident: tuple[str | int, ...], seen: _Seen) -> Call:
        record, message, side = seen.line, seen.message, not seen.rank[0]
        usage = message.usage or _Usage()
        if (record.sessionId, record.gitBranch, record.version) != self._noted or self.kept.project is None:
            self._note_session(record)
        group, key = _keys(ident)
        tokens = _tokens(usage)
        tools = usage.server_tool_use
        # By position: names would cost this line, the second hottest of a first run, a third.
        return Call(
            group,
            key,
            Standing.SIDE if side else Standing.OWN,
            self._session_of(record),
            (record.agentId if side else None) or self.agent or ("sidechain" if side else None),
            seen.at,
            message.model or None,
            tokens,
            tools.web_search_requests if tools is not None and tools.web_search_requests < _MOST_SEARCHES else 0,
            usage.speed,
            usage.service_tier,
            usage.inference_geo or None,
            None,  # provider
            label(record.effort),
            _context(usage, tokens),
            None if side else seen.window,
            None if record.costUSD is None else dollars(record.costUSD),
            seen.finished,
            "A",
            record.forkedFrom is not None or record.sessionKind == "bg",
            seen.offset,
            seen.records,
            f"{message.id or ''} {seen.request or ''}".strip() or None,
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


def _advice(ident: Sequence[str | int], call: Call, usage: _Usage) -> Iterator[Call]:
    """An advisor's answers inside a call: billed for their own model and not part of the call's own counts.

    They are a message of their own beside the call's, so that a replay of the one is a replay of the other.
    """
    message = ident if ident[0] in _UNNAMED else ident[:1]
    advisors = [one for one in _iterations(usage) if one.type == "advisor_message"]
    for number, one in enumerate(advisors):
        tokens = _tokens(one)
        if 0 < tokens.total <= CORRUPT:
            yield call._replace(
                group=key_of("claude", *message, "advisor", number),
                records=0,  # it has none of its own: whether its call's was written again is told there
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


def _keys(ident: Sequence[str | int]) -> tuple[int, int]:
    """(group, key): calls with one message id are a group, since a side chain may replay it under a new request id."""
    if ident[0] in _UNNAMED:
        return key_of("claude", *ident), 0
    return message_key(str(ident[0])), request_key(str(ident[1]))


def _tokens(usage: _Usage) -> Tokens:
    """`input_tokens` excludes the cache; the flat write count was 0 beside a filled split before 2.1.152."""
    five = hour = 0
    if usage.cache_creation is not None:
        five, hour = usage.cache_creation.ephemeral_5m_input_tokens, usage.cache_creation.ephemeral_1h_input_tokens
    details = usage.output_tokens_details
    return Tokens(
        usage.input_tokens,
        usage.cache_read_input_tokens,
        max(usage.cache_creation_input_tokens, five + hour) - hour,
        hour,
        usage.output_tokens,
        0 if details is None else min(details.thinking_tokens, usage.output_tokens),
    )


def _iterations(usage: _Usage) -> list[_Usage]:
    try:
        found = msgspec.json.decode(usage.iterations)
    except msgspec.MsgspecError:
        return []
    fits = [fitted(one, _Usage) for one in (found if isinstance(found, list) else ())]  # pyright: ignore[reportUnknownVariableType]
    return [one for one in fits if one is not None]


def _worth_opening(usage: _Usage) -> bool:
    """Nearly always the iterations are a single mirror of the usage itself, which says nothing new."""
    raw = bytes(usage.iterations)
    return raw.count(b'"type"') > 1 or b"advisor_message" in raw


def _context(usage: _Usage, tokens: Tokens) -> int:
    """Prompt of the last sampling: with server tools the usage itself is a sum of several."""
    if _worth_opening(usage):
        own = [one for one in _iterations(usage) if one.type == "message"]
        if len(own) > 1:
            return _tokens(own[-1]).prompt
    return tokens.prompt


def _place(path: Path) -> tuple[str | None, str | None]:
    """(session, sub-agent) as the place of the file tells: None where only its lines can."""
    name = path.name.partition(".jsonl")[0]
    parts = path.parts
    below = parts[len(parts) - parts[::-1].index("projects") :] if "projects" in parts else parts
    if "subagents" in below[1:]:
        return below[below.index("subagents") - 1], name.removeprefix("agent-")
    if name.startswith("agent-"):
        return None, name.removeprefix("agent-")
    return name, None


def _roots(machine: Machine) -> Iterable[Path]:
    chosen = machine.variable("CLAUDE_CONFIG_DIR")
    if chosen:
        folders = [machine.path(one.strip()) for one in chosen.split(",") if one.strip()]
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


_LOG = re.compile(r"\.jsonl(?:\.orphaned-[^/]*)?$")


def _owns(relative: str) -> bool:
    """Below the desktop app's `local_<id>` folders only the transcripts are logs; elsewhere everything is."""
    if not _LOG.search(relative) or relative.rpartition("/")[2] == "history.jsonl":
        return False
    return "/local_" not in f"/{relative}" or "/.claude/projects/" in relative


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


def _compacts(window: int) -> int:
    """Observed at the window less about 33,000: 167k of 200k, 967k of 1M."""
    return window - 33_000


def _cache_lifetime(tokens: Tokens) -> int:
    """A one-hour write keeps the whole prefix for an hour; anything else, a mere read included, for five minutes."""
    return 3_600_000 if tokens.cache_write_1h else 300_000


class _Oauth(msgspec.Struct):
    """Of the account block these three are looked at; everything else in there is somebody's own business."""

    organizationRateLimitTier: str | None = None
    organizationType: str | None = None
    hasExtraUsageEnabled: bool | None = None


class _Limit(msgspec.Struct):
    utilization: float | None = None
    resets_at: str | int | float | None = None


class _Limits(msgspec.Struct):
    five_hour: _Limit | None = None
    seven_day: _Limit | None = None


class _CachedLimits(msgspec.Struct):
    fetchedAtMs: int | float | None = None
    utilization: _Limits | None = None


class _Config(msgspec.Struct):
    """Skips all but two members of the settings unread: the file holds names, tokens and whole histories."""

    oauthAccount: _Oauth | None = None
    cachedUsageUtilization: _CachedLimits | None = None


_config = msgspec.json.Decoder(_Config).decode
_LARGEST_CONFIG = 64 << 20
_PLANS = (
    ("max_20x", "max_20x"),
    ("max_5x", "max_5x"),
    ("max", "max"),
    ("enterprise", "enterprise"),
    ("team", "team"),
    ("pro", "pro"),
)
"""What a tier's name contains → the plan, the more telling first."""


def _account(machine: Machine) -> Account | None:
    """Of `.claude.json`, which lies in the home, or where the agent was told to keep its settings."""
    chosen = (machine.variable("CLAUDE_CONFIG_DIR") or "").partition(",")[0].strip()
    path = machine.path(chosen) / ".claude.json" if chosen else machine.home / ".claude.json"
    try:
        if path.stat().st_size > _LARGEST_CONFIG:
            return None
        found = _config(path.read_bytes())
    except (
        OSError,
        msgspec.MsgspecError,
        UnicodeError,
        RecursionError,
    ):  # none there, no JSON, or not as we know it: then nobody has told
        return None
    oauth = found.oauthAccount
    if oauth is None:
        return None
    tier = f"{oauth.organizationRateLimitTier or ''} {oauth.organizationType or ''}".lower()
    plan = next((plan for mark, plan in _PLANS if mark in tier), None)
    return Account(plan, bool(oauth.hasExtraUsageEnabled), tuple(_kept_limits(found.cachedUsageUtilization)))


def _kept_limits(cached: _CachedLimits | None) -> Iterator[Quota]:
    at = instant(cached.fetchedAtMs) if cached is not None else None
    if cached is None or cached.utilization is None or at is None:
        return
    for minutes, limit in ((300, cached.utilization.five_hour), (10_080, cached.utilization.seven_day)):
        if limit is not None and limit.utilization is not None and 0 <= limit.utilization <= 10_000:
            yield Quota("claude", minutes, at, limit.utilization, instant(limit.resets_at), None)


_UNLOGGED = Unlogged(
    "titles and topics the agent asks a small model for",
    "claude-haiku-4-5",
    least=Tokens(input=300, output=10),
    most=Tokens(input=15_000, output=600),
)
"""Nobody has counted them: one short question a session at the least, ten longer ones at the most."""


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_lines("claude_code", VERSION, path, cursor, Transcript)


def _content(path: Path, cursor: Cursor | None) -> Iterator[tuple[str, Told, Cursor]]:
    """Only the helper of the content pass needs its parser."""
    from app.sources.claude_code.content import read

    return read(path, cursor)


def message_key(ident: str) -> int:
    """Identity of a message by its id, in whichever file it stands."""
    return key_of("claude", ident)


SOURCE = Source(
    id="claude_code",
    title="Claude Code",
    mark="CC",
    color="claude_code",
    version=VERSION,
    roots=_roots,
    owns=_owns,
    read=_read,
    tried="2.1.219",
    content=Content(CONTENT_VERSION, _content),
    window=_window,
    compacts=_compacts,
    cache_lifetime=_cache_lifetime,
    vendor=Vendor("anthropic", "Anthropic"),
    unlogged=_UNLOGGED,
    account=_account,
    usage_at=("message", "usage"),
    deletes_after_days=30,
)

OPEN_CLAUDE = replace(
    SOURCE,
    id="openclaude",
    title="OpenClaude",
    mark="Ol",
    color="other",
    roots=lambda machine: [machine.home / ".openclaude" / "projects"],
    read=lambda path, cursor: read_lines("openclaude", VERSION, path, cursor, Transcript),
    content=None,
    vendor=None,
    unlogged=None,
    account=None,
    verified=False,
    deletes_after_days=None,
)
"""Came of Claude Code, writes its transcripts, and works with anybody's models."""
