"""Made-up logs for `--demo`: five weeks of a developer's work with two agents, up to the present moment.

This module plays the agents' part: it writes what they would have written, in the folders where the sources look, so
that every surface shows its real path from log to figure. That is why the line shapes of Claude Code and of Codex stand
here and not in their own source files, where all else that is particular to an agent stands: an accepted exception.

First the history is planned as plain values (sessions of calls), then each session is rendered in its agent's lines.
All is drawn from seeds, one a day counted back from today: the same moment in the same zone gives the same bytes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

_SEED = 3
_DAYS = 35
_SECOND, _MINUTE, _HOUR = 1_000, 60_000, 3_600_000
_QUIET = 15 * _MINUTE
"""Sessions other than the three running ones ended at least this long ago, so that none of them seems to run."""
_SOURCES = "/home/demo/src"
_FILLER = "…"

CLAUDE, CODEX = "claude_code", "codex"
_CLAUDE_VERSION, _CODEX_VERSION = "2.1.219", "0.142.5"
_CODEX_WINDOW = 258_400
_UNPRICED = "house-coder-1"
"""A model that no price book knows: one served by a company's own gateway."""

_PLACES = (
    ("atlas-api", ("feat/invoice-totals", "feat/invoice-totals", "fix/rounding", "main"), 9),
    ("ledger-web", ("feat/import", "main", "fix/date-picker"), 7),
    ("parser", ("spike/lexer", "main"), 4),
    ("billing-jobs", ("main", "feat/retry-queue"), 3),
    ("field-notes", ("main",), 2),
    ("dotfiles", ("main",), 1),
)
"""Project, its branches, how often it is worked on."""

_Line = dict[str, Any]
_Limits = dict[tuple[str, int], _Line]
"""(session, number of the call) → the rate limits announced with it."""


class _Recipe(NamedTuple):
    """What a session is to be like."""

    agent: str
    model: str
    effort: str
    project: str
    branch: str
    calls: int
    first: int
    """Prompt of the first call in tokens: system prompt, tools and memory files before any work."""
    full: int
    """Prompt of the last call, or of the last before a compaction."""
    helpers: int = 0
    speed: str = "standard"
    compacts: bool = False
    running: bool = False
    """Ends in the middle of a turn, and the user was never away for an hour."""


class _Call(NamedTuple):
    """One request, in disjoint token counts."""

    at: int
    turn: int
    ends_turn: bool
    fresh: int
    read: int
    write: int
    output: int
    reasoning: int
    """Part of the output."""
    compacted: int = 0
    """Tokens in the context before a compaction that came just before this call; 0 is none."""

    @property
    def prompt(self) -> int:
        return self.fresh + self.read + self.write


class _Helper(NamedTuple):
    """A sub-agent, and which call of the main chain sent it off."""

    after: int
    ident: str
    model: str
    calls: tuple[_Call, ...]


class _Session(NamedTuple):
    ident: str
    recipe: _Recipe
    calls: tuple[_Call, ...]
    helpers: tuple[_Helper, ...] = ()
    origin: _Session | None = None
    """The session whose history this one begins with."""

    @property
    def began(self) -> int:
        return self.calls[0].at - 8 * _SECOND

    @property
    def ended(self) -> int:
        return self.calls[-1].at


def write_logs(home: Path, now: int, zone: ZoneInfo, seed: int = _SEED) -> None:
    """Writes both agents' logs below `home`, as they would lie there at `now` (ms since 1970 UTC).

    Another seed is another developer's five weeks; both may lie in one home.
    """
    sessions = _history(now, zone, seed)
    limits = _limits([one for one in sessions if one.recipe.agent == CODEX])
    made: set[Path] = set()
    for session in sessions:
        for name, lines in _files(session, limits, zone):
            path = home / name
            if path.parent not in made:
                path.parent.mkdir(parents=True, exist_ok=True)
                made.add(path.parent)
            path.write_bytes(_encoded(lines))
            at = _instant(lines[-1]) * 1_000_000
            os.utime(path, ns=(at, at))


# --- the history


def _history(now: int, zone: ZoneInfo, seed: int) -> list[_Session]:
    today = datetime.fromtimestamp(now / 1000, zone).date()
    days = [today - timedelta(days=back) for back in range(_DAYS, -1, -1)]
    past = [one for back, day in enumerate(reversed(days)) for one in _day(day, back, zone, seed)]
    past += _landmarks([day for day in days if day.weekday() < 5 and day != today], zone, seed)
    ended = [one for one in past if one.ended <= now - _QUIET]
    return ended + _running(now, seed)


def _day(day: date, back: int, zone: ZoneInfo, seed: int) -> Iterator[_Session]:
    """An ordinary day; today counts as a weekday, since someone is working."""
    rng = Random(f"{seed}/{back}")
    weekend = day.weekday() >= 5 and back > 0
    sessions = 5 if not back else rng.choice((0, 0, 1, 1, 2) if weekend else (3, 4, 4, 4, 5, 5))
    for number in range(sessions):
        minutes = 510 + (number + 0.6 * rng.random()) * 540 / sessions
        yield _session(rng, _ordinary(rng), _local(day, minutes, zone))


def _local(day: date, minutes: float, zone: ZoneInfo) -> int:
    """The instant at which local clocks show that many minutes after midnight, before any session's first call."""
    hour, minute = divmod(int(minutes), 60)
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp()) * 1000


def _ordinary(rng: Random) -> _Recipe:
    project, branches, _ = rng.choices(_PLACES, [weight for *_, weight in _PLACES])[0]
    branch = rng.choice(branches)
    if rng.random() < 0.28:
        calls, first = rng.randint(8, 30), rng.randint(11_000, 15_000)
        model = rng.choice(("gpt-5.6-sol", "gpt-5.6-sol", "gpt-5.6-terra"))
        effort, full = rng.choice(("medium", "high")), first + calls * rng.randint(2_100, 5_000)
        return _Recipe(CODEX, model, effort, project, branch, calls, first, full)
    calls, first = rng.randint(10, 42), rng.randint(18_000, 26_000)
    model = rng.choice(("claude-opus-5",) * 5 + ("claude-sonnet-5",) * 3 + ("claude-opus-4-6",))
    effort, full = rng.choice(("medium", "high", "high")), first + calls * rng.randint(1_900, 4_100)
    return _Recipe(CLAUDE, model, effort, project, branch, calls, first, full, helpers=rng.choice((0, 0, 0, 1, 2)))


def _landmarks(workdays: list[date], zone: ZoneInfo, seed: int) -> Iterator[_Session]:
    """What is there once: a compaction, a resumed and a forked session, a model without a price, the fast mode."""
    rng = Random(f"{seed}/landmarks")
    long = _Recipe(CLAUDE, "claude-opus-4-6", "high", "atlas-api", "feat/invoice-totals", 54, 23_000, 166_000, 2)
    yield _session(rng, long._replace(compacts=True), _local(workdays[-2], 605, zone))

    plan = _Recipe(CLAUDE, "claude-sonnet-5", "high", "parser", "spike/lexer", 16, 21_000, 64_000)
    planned = _session(rng, plan, _local(workdays[-4], 850, zone))
    yield planned
    yield _session(rng, plan._replace(calls=14, full=103_000), _local(workdays[-3], 545, zone), planned)

    fix = _Recipe(CODEX, "gpt-5.6-sol", "high", "ledger-web", "main", 18, 12_500, 74_000)
    tried = _session(rng, fix, _local(workdays[-6], 660, zone))
    yield tried
    yield _session(rng, fix._replace(calls=11, full=112_000), _local(workdays[-6], 915, zone), tried)

    local = _Recipe(CLAUDE, _UNPRICED, "medium", "billing-jobs", "main", 12, 17_000, 41_000)
    yield _session(rng, local, _local(workdays[-9], 610, zone))
    yield _session(rng, local._replace(branch="feat/retry-queue"), _local(workdays[-9], 845, zone))

    hurry = _Recipe(CLAUDE, "claude-opus-5", "high", "atlas-api", "fix/rounding", 15, 22_000, 58_000, speed="fast")
    yield _session(rng, hurry, _local(workdays[-12], 975, zone))


def _running(now: int, seed: int) -> list[_Session]:
    """Three sessions at work: one half full, one nearly, and one of the other agent."""
    rng = Random(f"{seed}/running")
    half = _Recipe(
        CLAUDE, "claude-opus-4-6", "high", "atlas-api", "feat/invoice-totals", 48, 23_500, 102_300, 2, running=True
    )
    nearly = _Recipe(
        CLAUDE, "claude-sonnet-4-6", "high", "ledger-web", "feat/import", 44, 22_000, 170_200, 1, running=True
    )
    other = _Recipe(CODEX, "gpt-5.6-sol", "high", "parser", "spike/lexer", 22, 12_800, 96_000, running=True)
    return [
        _until(_session(rng, half, now), now - 35 * _SECOND),
        _until(_session(rng, nearly, now), now - 4 * _MINUTE),
        _until(_session(rng, other, now), now - 2 * _MINUTE),
    ]


def _until(session: _Session, end: int) -> _Session:
    """The same session, moved so that its last call is at `end`."""
    by = end - session.ended
    helpers = tuple(one._replace(calls=_moved(one.calls, by)) for one in session.helpers)
    return session._replace(calls=_moved(session.calls, by), helpers=helpers)


def _moved(calls: Iterable[_Call], by: int) -> tuple[_Call, ...]:
    return tuple(one._replace(at=one.at + by) for one in calls)


# --- a session


class _Moment(NamedTuple):
    at: int
    turn: int
    ends_turn: bool


def _session(rng: Random, recipe: _Recipe, start: int, origin: _Session | None = None) -> _Session:
    ident = _ident(rng)
    sent = sorted(rng.sample(range(1, recipe.calls - 1), recipe.helpers))
    pauses = {after: rng.randint(60, 150) * _SECOND for after in sent}
    if origin is not None:
        last = origin.calls[-1]
        recipe = recipe._replace(first=last.prompt + last.output + 400)
    calls = _calls(rng, recipe, _moments(rng, recipe, start, pauses), continued=origin is not None)
    helpers = (_helper(rng, after, calls[after].at, pause) for after, pause in pauses.items())
    return _Session(ident, recipe, calls, tuple(helpers), origin)


def _moments(rng: Random, recipe: _Recipe, start: int, pauses: dict[int, int]) -> list[_Moment]:
    """When the calls are made: some a turn, with the user's reading and typing between turns."""
    found: list[_Moment] = []
    at, turn, left = start + 8 * _SECOND, 0, rng.randint(2, 7)
    for number in range(recipe.calls):
        left -= 1
        done = number == recipe.calls - 1 and not recipe.running
        ends = (left <= 0 or done) and number not in pauses
        found.append(_Moment(at, turn, ends))
        at += pauses.get(number, 0) + rng.randint(9_000, 44_000)
        if ends:
            away = not recipe.running and rng.random() < 0.03
            at += rng.randint(64, 95) * _MINUTE if away else rng.randint(20, 420) * _SECOND
            turn, left = turn + 1, rng.randint(2, 7)
    return found


def _prompts(rng: Random, recipe: _Recipe) -> list[int]:
    """Size of the prompt at each call: it grows, by much where a file was read, until a compaction."""
    if not recipe.compacts:
        return _growth(rng, recipe.calls, recipe.first, recipe.full)
    before = recipe.calls * 2 // 3
    after = recipe.first + 13_500
    rest = recipe.calls - before
    return _growth(rng, before, recipe.first, recipe.full) + _growth(rng, rest, after, after + rest * 2_300)


def _growth(rng: Random, calls: int, first: int, last: int) -> list[int]:
    steps = [0.0, *(rng.lognormvariate(0, 0.8) for _ in range(calls - 1))]
    whole = sum(steps)
    return [first + round((last - first) * so_far / whole) for so_far in accumulate(steps)]


def _calls(rng: Random, recipe: _Recipe, moments: list[_Moment], *, continued: bool = False) -> tuple[_Call, ...]:
    """Each call reads what the one before has sent and writes what is new; after a pause of an hour it writes all."""
    grain = 128 if recipe.agent == CODEX else 1
    shared = recipe.first * 3 // 5 // grain * grain
    before = 0 if continued else rng.choice((0, shared))
    found: list[_Call] = []
    for moment, prompt in zip(moments, _prompts(rng, recipe), strict=True):
        last = found[-1] if found else None
        shrunk = last is not None and prompt < last.prompt
        cold = last is not None and moment.at - last.at > _HOUR
        read = 0 if cold else shared if shrunk else before // grain * grain
        fresh = min(rng.randint(20, 120) if grain > 1 else rng.randint(3, 14), prompt - read)
        reasoning = round(rng.lognormvariate(6.0, 0.6)) if rng.random() < 0.55 else 0
        output = reasoning + round(rng.lognormvariate(6.0, 0.7))
        compacted = last.prompt + last.output if last is not None and shrunk else 0
        found.append(_Call(*moment, fresh, read, prompt - read - fresh, output, reasoning, compacted))
        before = prompt
    return tuple(found)


def _helper(rng: Random, after: int, at: int, pause: int) -> _Helper:
    """A sub-agent that is done before the main chain goes on."""
    calls = pause // (14 * _SECOND)
    first = rng.randint(8_000, 12_000)
    model = rng.choice(("claude-haiku-4-5-20251001", "claude-haiku-4-5-20251001", "claude-sonnet-5"))
    recipe = _Recipe(CLAUDE, model, "medium", "", "", calls, first, first + calls * rng.randint(2_000, 4_500))
    moments = [_Moment(at + (5 + 12 * number) * _SECOND, 0, number == calls - 1) for number in range(calls)]
    return _Helper(after, f"a{rng.getrandbits(60):015x}", model, _calls(rng, recipe, moments))


def _ident(rng: Random) -> str:
    """A random UUID."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


# --- files

_encoded = msgspec.json.Encoder().encode_lines


def _files(session: _Session, limits: _Limits, zone: ZoneInfo) -> Iterator[tuple[str, list[_Line]]]:
    """(path below the home folder, lines) of each file that the session leaves."""
    if session.recipe.agent == CODEX:
        began = datetime.fromtimestamp(session.began / 1000, zone)
        folder = began.strftime(".codex/sessions/%Y/%m/%d")
        yield f"{folder}/rollout-{began:%Y-%m-%dT%H-%M-%S}-{session.ident}.jsonl", _rollout(session, limits).lines
        return
    folder = f".claude/projects/{re.sub('[^A-Za-z0-9]', '-', _folder(session.recipe))}"
    yield f"{folder}/{session.ident}.jsonl", _main_chain(session).lines
    for helper in session.helpers:
        yield f"{folder}/{session.ident}/subagents/agent-{helper.ident}.jsonl", _side_chain(session, helper).lines


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _instant(line: _Line) -> int:
    """When the line was written, ms since 1970 UTC."""
    return round(datetime.fromisoformat(line["timestamp"]).timestamp() * 1000)


def _folder(recipe: _Recipe) -> str:
    return f"{_SOURCES}/{recipe.project}"


# --- Claude Code


class _Chain:
    """The lines of one transcript, each tied to the one before."""

    def __init__(self, session: _Session, helper: _Helper | None = None) -> None:
        self.session = session
        self.helper = helper
        self.rng = Random(helper.ident if helper else session.ident)
        self.lines: list[_Line] = []
        self.last: str | None = None
        self.tool = ""
        """Id of the tool use that waits for its result."""

    def add(self, kind: str, at: int, rest: _Line) -> None:
        uuid = _ident(self.rng)
        line: _Line = {
            "parentUuid": self.last,
            "isSidechain": self.helper is not None,
            "userType": "external",
            "cwd": _folder(self.session.recipe),
            "sessionId": self.session.ident,
            "version": _CLAUDE_VERSION,
            "gitBranch": self.session.recipe.branch,
            "entrypoint": "cli",
            "type": kind,
            "uuid": uuid,
            "timestamp": _stamp(at),
        }
        if self.helper is not None:
            line["agentId"] = self.helper.ident
        self.lines.append(line | rest)
        self.last = uuid

    def copy(self, origin: _Chain) -> None:
        """Begins with another session's lines, as a resumed session of some versions does."""
        for line in origin.lines:
            source = {"sessionId": origin.session.ident, "messageUuid": line["uuid"]}
            self.lines.append(line | {"sessionId": self.session.ident, "forkedFrom": source})
        self.last = origin.last


def _main_chain(session: _Session) -> _Chain:
    chain = _Chain(session)
    if session.origin is not None:
        chain.copy(_main_chain(session.origin))
    name = session.recipe.model
    chain.add("attachment", session.began, {"attachment": {"type": "model", "identity": {"modelId": name}}})
    sent = {helper.after: helper for helper in session.helpers}
    back: _Helper | None = None
    for number, call in enumerate(session.calls):
        if call.compacted:
            _compaction(chain, call)
        _before(chain, call, back)
        back = sent.get(number)
        _answer(chain, call, name, _blocks(chain, call, "Agent" if back else "Read"))
        if call.ends_turn:
            chain.add("system", call.at + 1_500, {"subtype": "turn_duration", "durationMs": 60_000})
    return chain


def _side_chain(session: _Session, helper: _Helper) -> _Chain:
    """A sub-agent's file; its lines are streamed: the first of an answer holds a placeholder for the output."""
    chain = _Chain(session, helper)
    for call in helper.calls:
        _before(chain, call, None)
        blocks = _blocks(chain, call, "Grep")
        _answer(chain, call, helper.model, blocks if call.ends_turn else [_text(), *blocks[-1:]], streamed=True)
    return chain


def _before(chain: _Chain, call: _Call, back: _Helper | None) -> None:
    """The user's line before an answer: what they typed, or the result of the tool that was asked for."""
    at = call.at - 3 * _SECOND
    if not chain.tool:
        chain.add("user", at, {"message": {"role": "user", "content": _FILLER}})
        return
    result = {"type": "tool_result", "tool_use_id": chain.tool, "content": _FILLER}
    line: _Line = {"message": {"role": "user", "content": [result]}}
    if back is not None:
        last = back.calls[-1]
        line["toolUseResult"] = {
            "status": "completed",
            "agentId": back.ident,
            "totalTokens": last.prompt + last.output,
            "totalToolUseCount": len(back.calls),
            "usage": _usage(last, hour=False),
        }
    chain.add("user", at, line)


def _blocks(chain: _Chain, call: _Call, tool: str) -> list[_Line]:
    blocks: list[_Line] = [{"type": "thinking", "thinking": "", "signature": _FILLER}] if call.reasoning else []
    if call.ends_turn:
        chain.tool = ""
        return [*blocks, _text()]
    return [*blocks, _tool(chain, tool)]


def _text() -> _Line:
    return {"type": "text", "text": _FILLER}


def _tool(chain: _Chain, name: str) -> _Line:
    chain.tool = f"toolu_01{chain.rng.getrandbits(80):020x}"
    return {"type": "tool_use", "id": chain.tool, "name": name, "input": {}}


def _answer(chain: _Chain, call: _Call, model: str, blocks: list[_Line], *, streamed: bool = False) -> None:
    """One answer: a line for each block, all with the same ids and, unless streamed, the same usage."""
    ids = f"{chain.rng.getrandbits(96):024x}"
    usage = _usage(call, hour=chain.helper is None)
    if chain.helper is None:
        usage |= {"service_tier": "standard", "speed": chain.session.recipe.speed}
    reason = "end_turn" if call.ends_turn else "tool_use"
    for number, block in enumerate(blocks, 1):
        begun = streamed and number < len(blocks)
        message: _Line = {
            "model": model,
            "id": f"msg_01{ids}",
            "type": "message",
            "role": "assistant",
            "content": [block],
            "stop_reason": None if begun else reason,
            "usage": usage | {"output_tokens": 2, "output_tokens_details": None} if begun else usage,
        }
        line: _Line = {"message": message, "requestId": f"req_01{ids}"}
        if chain.helper is None:
            line["effort"] = chain.session.recipe.effort
        chain.add("assistant", call.at + (number - 1) * _SECOND, line)


def _usage(call: _Call, *, hour: bool) -> _Line:
    """Main chains write for an hour, sub-agents for five minutes."""
    return {
        "input_tokens": call.fresh,
        "cache_creation_input_tokens": call.write,
        "cache_read_input_tokens": call.read,
        "output_tokens": call.output,
        "output_tokens_details": {"thinking_tokens": call.reasoning},
        "cache_creation": {
            "ephemeral_5m_input_tokens": 0 if hour else call.write,
            "ephemeral_1h_input_tokens": call.write if hour else 0,
        },
    }


def _compaction(chain: _Chain, call: _Call) -> None:
    facts = {"trigger": "auto", "preTokens": call.compacted, "postTokens": call.prompt - 600}
    chain.add("system", call.at - 5 * _SECOND, {"subtype": "compact_boundary", "compactMetadata": facts})
    message = {"role": "user", "content": _FILLER}
    chain.add("user", call.at - 4 * _SECOND, {"isCompactSummary": True, "message": message})
    chain.tool = ""


# --- Codex


class _Allowance:
    """One window of the plan: it opens with the first call after the last one closed, and fills."""

    def __init__(self, minutes: int, size: int) -> None:
        self.minutes, self.size = minutes, size
        self.ends = 0
        self.used = 0

    def take(self, at: int, weight: int) -> _Line:
        if at >= self.ends:
            self.ends, self.used = at + self.minutes * _MINUTE, 0
        self.used += weight
        percent = min(97.0, round(100 * self.used / self.size, 1))
        return {"used_percent": percent, "window_minutes": self.minutes, "resets_at": self.ends // 1000}


def _limits(sessions: list[_Session]) -> _Limits:
    """What the vendor would say with each call, whichever session makes it."""
    calls = sorted((call.at, one.ident, number, call) for one in sessions for number, call in enumerate(one.calls))
    hours, week = _Allowance(300, 1_100_000), _Allowance(10_080, 4_200_000)
    found: _Limits = {}
    for at, ident, number, call in calls:
        weight = call.fresh + call.write + call.read // 10 + 5 * call.output
        found[ident, number] = {
            "limit_id": "codex",
            "primary": hours.take(at, weight),
            "secondary": week.take(at, weight),
            "plan_type": "plus",
        }
    return found


class _Rollout:
    """The lines of one thread, with its running totals."""

    def __init__(self, session: _Session) -> None:
        self.session = session
        self.rng = Random(session.ident)
        self.lines: list[_Line] = []
        self.turn = ""
        self.totals = _counts(_Call(0, 0, False, 0, 0, 0, 0, 0))

    def add(self, kind: str, at: int, payload: _Line) -> None:
        self.lines.append({"timestamp": _stamp(at), "type": kind, "payload": payload})

    def event(self, kind: str, at: int, payload: _Line) -> None:
        self.add("event_msg", at, {"type": kind} | payload)

    def copy(self, origin: _Rollout) -> None:
        """Begins with another thread's lines, stamped anew within a moment; its totals go on."""
        for number, line in enumerate(origin.lines, 1):
            self.lines.append(line | {"timestamp": _stamp(self.session.began + number * 2)})
        self.totals = origin.totals


def _rollout(session: _Session, limits: _Limits) -> _Rollout:
    rollout = _Rollout(session)
    rollout.add("session_meta", session.began, _meta(session))
    if session.origin is not None:
        rollout.copy(_rollout(session.origin, limits))
    turn = -1
    for number, call in enumerate(session.calls):
        announced = limits[session.ident, number]
        if call.turn != turn:
            turn = call.turn
            _begin_turn(rollout, call, announced)
        _respond(rollout, call, announced)
    return rollout


def _meta(session: _Session) -> _Line:
    meta: _Line = {
        "id": session.ident,
        "session_id": session.ident,
        "timestamp": _stamp(session.began),
        "cwd": _folder(session.recipe),
        "originator": "codex-tui",
        "cli_version": _CODEX_VERSION,
        "source": "cli",
        "model_provider": "openai",
        "git": {"branch": session.recipe.branch},
    }
    return meta | {"forked_from_id": session.origin.ident} if session.origin is not None else meta


def _begin_turn(rollout: _Rollout, call: _Call, announced: _Line) -> None:
    at, recipe = call.at - 5 * _SECOND, rollout.session.recipe
    rollout.turn = _ident(rollout.rng)
    started = {"turn_id": rollout.turn, "started_at": at // 1000, "model_context_window": _CODEX_WINDOW}
    rollout.event("task_started", at, started)
    context = {"turn_id": rollout.turn, "cwd": _folder(recipe), "model": recipe.model, "effort": recipe.effort}
    rollout.add("turn_context", at + 20, context)
    rollout.event("user_message", at + 30, {"message": _FILLER})
    if call.turn == 0:
        rollout.event("token_count", at + 900, {"info": None, "rate_limits": announced})


def _respond(rollout: _Rollout, call: _Call, announced: _Line) -> None:
    """One response: its tool call or message, the new totals, and at the end of a turn the same totals again."""
    if call.ends_turn:
        rollout.event("agent_message", call.at - 10, {"message": _FILLER})
    else:
        name = f"call_{rollout.rng.getrandbits(64):016x}"
        asked = {"type": "function_call", "name": "shell", "arguments": "{}", "call_id": name}
        rollout.add("response_item", call.at - 10, asked)
    last = _counts(call)
    rollout.totals = {kind: rollout.totals[kind] + last[kind] for kind in last}
    info = {
        "total_token_usage": rollout.totals,
        "last_token_usage": last,
        "model_context_window": _CODEX_WINDOW,
    }
    rollout.event("token_count", call.at, {"info": info, "rate_limits": announced})
    if call.ends_turn:
        rollout.event("token_count", call.at + 150, {"info": info, "rate_limits": announced})
        rollout.event("task_complete", call.at + 200, {"turn_id": rollout.turn, "duration_ms": 60_000})


def _counts(call: _Call) -> dict[str, int]:
    """Cache reads and writes stand inside the input, reasoning inside the output."""
    return {
        "input_tokens": call.prompt,
        "cached_input_tokens": call.read,
        "cache_write_input_tokens": call.write,
        "output_tokens": call.output,
        "reasoning_output_tokens": call.reasoning,
        "total_tokens": call.prompt + call.output,
    }
