"""Aider's messages: `.aider.chat.history.md` in each project, and an analytics log where somebody asked for one.

The history rounds its counts (`4.2k sent`) and knows no time but that of a chat's start; the log has exact counts and times,
but neither the project nor what the cache held. A message is known in both by the words that the history has of it, into
which the exact numbers are rounded as Aider rounds them, by the day on which its chat began, and by how often that day had
the same words before. A message may be several requests, whose sent and received are summed, but not what the cache held.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.document import read_document
from app.shapes.fields import count, dollars, local_instant, mapping, word
from app.shapes.gathering import Gathered, call
from app.shapes.lines import read_lines
from app.shapes.projects import projects_with
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_HISTORY = ".aider.chat.history.md"
_STARTED = "# aider chat started at "
_NUMBER = r"(\d[\d,]{0,11}(?:\.\d)?k?)"
_TOKENS = rf"> Tokens: {_NUMBER} sent(?:, {_NUMBER} cache write)?(?:, {_NUMBER} cache(?: hit|d))?, {_NUMBER} received\."
_COST = r"(?:> )?Cost: \$([\d.]+) (?:message|request), \$([\d.]+) session\."


# --- the history of chats


def _history(text: str, gathered: Gathered) -> None:
    """An unfinished last line is left for the next time: it would be another message when it is whole."""
    chat = _Chat(gathered)
    lines = text.split("\n")[:-1]
    for place, line in enumerate(lines):
        if line.startswith(_STARTED):
            chat.begins(line.removeprefix(_STARTED).strip())
        elif line.startswith("> Aider v"):
            chat.version = line.removeprefix("> Aider v").strip()
        elif line.startswith(("> Main model: ", "> Model: ")):
            chat.model = line.partition(": ")[2].partition(" with ")[0].strip() or None
        elif line.startswith("> Tokens: "):
            chat.message(line, lines[place + 1] if place + 1 < len(lines) else None)


class _Chat:
    """What is known while a history is read."""

    def __init__(self, gathered: Gathered) -> None:
        self.gathered = gathered
        self.session = gathered.path.parent.name
        self.at = gathered.file_time
        self.model: str | None = None
        self.version: str | None = None
        self.words = _Words({})

    def begins(self, started: str) -> None:
        """Local time, as people see it."""
        self.at, self.model, self.version = local_instant(started) or self.gathered.file_time, None, None
        self.session = f"{self.gathered.path.parent.name} {started}"
        self.words.day_is(started[:10])

    def message(self, line: str, following: str | None) -> None:
        tokens = re.match(_TOKENS, line)
        if tokens is None:
            return
        sent, write, hit, received = tokens.groups()
        cost = re.match(_COST, line[tokens.end() :].strip()) or re.match(_COST, (following or "").strip())
        if cost is None and following is None and write and hit:
            return  # where the cache says both, the cost has a line of its own, which is not there yet
        message, session = cost.groups() if cost is not None else (None, None)
        counts = _counts(self.model, *map(_number, (sent, write, hit, received)))
        self.gathered.learn(self.session, project=str(self.gathered.path.parent), version=self.version)
        self.gathered.add(
            call(
                *("aider", *self.words.next(sent, received, message, session)),
                session=self.session,
                at=self.at,
                model=self.model,
                tokens=counts,
                reported=dollars(message),
                context=counts.prompt,
                evidence="C",
            )
        )


def _counts(model: str | None, sent: int, write: int, hit: int, received: int) -> Tokens:
    """Claude's cached tokens are not among those sent, what was written for it is; other models' cached ones are."""
    beside = hit > sent or "claude" in (model or "").lower()
    write = min(write, sent)
    return Tokens(sent - write if beside else sent - hit - min(write, sent - hit), hit, write, 0, received)


def _number(text: str | None) -> int:
    if text is None:
        return 0
    return round(float(text.rstrip("k").replace(",", "")) * (1000 if text.endswith("k") else 1))


# --- the analytics log


class _Analytics(Records):
    needles = re.compile(rb'"(?:message_send|launched)"')
    clock = "time"

    def entry(self, record: dict[str, Any], offset: int) -> None:
        at, event = self.when(record.get("time")), record.get("event")
        words = _Words(self.kept)
        if event == "launched" or "launch" not in self.kept:
            self.kept["launch"] = at
            words.day_is(time.strftime("%Y-%m-%d", time.localtime(at // 1000)))
        if event != "message_send":
            return
        said = mapping(record.get("properties"))
        sent, received = count(said.get("prompt_tokens")), count(said.get("completion_tokens"))
        cost, total = said.get("cost"), said.get("total_cost")
        model = word(said.get("main_model"))
        session = f"aider {self.kept['launch'] // 1000}"
        if (self.path.parent / _HISTORY).exists():
            self.learn(session, project=str(self.path.parent))
        self.add(
            call(
                *("aider", *words.next(_rounded(sent), _rounded(received), _money(cost), _money(total))),
                session=session,
                at=at,
                model=None if model is None or model.endswith("REDACTED") else model,
                tokens=Tokens(input=sent, output=received),
                reported=dollars(cost),
                context=sent,
                evidence="B",
                offset=offset,
            )
        )


def _rounded(number: int) -> str:
    """As Aider writes it."""
    if number < 1_000:
        return str(number)
    return f"{number / 1000:.1f}k" if number < 10_000 else f"{round(number / 1000)}k"


def _money(value: object) -> str | None:
    """As Aider writes it."""
    if type(value) not in (int, float) or not 0 < value < 1e9:  # pyright: ignore[reportOperatorIssue]
        return None
    amount = float(value)  # pyright: ignore[reportArgumentType]
    return f"{amount:.2f}" if amount >= 0.01 else f"{amount:.{max(2, 2 - int(math.log10(amount)))}f}"


class _Words:
    """What a history has of a message, and how often the day had the same before."""

    def __init__(self, kept: dict[str, Any]) -> None:
        self._kept = kept

    def day_is(self, day: str) -> None:
        if self._kept.get("day") != day:
            self._kept.update(day=day, same={})

    def next(self, sent: str, received: str, cost: str | None, total: str | None) -> tuple[object, ...]:
        told = f"{sent} {received} {_some(cost)} {_some(total)}"
        same: dict[str, int] = self._kept.setdefault("same", {})
        same[told] = same.get(told, 0) + 1
        return self._kept.get("day"), told, same[told]


def _some(cost: str | None) -> str:
    """No price and a price of nothing are written alike in one of the two."""
    return cost if cost and cost.strip("0.") else ""


# --- where they are

_SAID = {"chat-history-file": "AIDER_CHAT_HISTORY_FILE", "analytics-log": "AIDER_ANALYTICS_LOG"}


def _shallow(machine: Machine) -> Iterator[Path]:
    """Each project has its own history: there is no central place."""
    settings = _settings(machine)
    for name, variable in _SAID.items():
        file = machine.variable(variable) or settings.get(name)
        if file and machine.path(file).is_absolute():
            yield machine.path(file).parent
    yield from projects_with(_HISTORY, machine)


def _settings(machine: Machine) -> dict[str, str]:
    """What Aider's own settings say of the two files: `name: value`, a line each."""
    try:
        text = (machine.home / ".aider.conf.yml").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(":")[::2] for line in text.splitlines())
    return {name: value.strip().strip("'\"") for name, value in pairs if name in _SAID}


def _owns(relative: str) -> bool:
    name = relative.rpartition("/")[2]
    if name.endswith(".md"):
        return "aider" in name and "history" in name
    return name.endswith((".jsonl", ".log")) and ("aider" in name or "analytics" in name)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").replace("\r\n", "\n")


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    if path.suffix == ".md":
        return read_document("aider", VERSION, path, cursor, _text, _history)
    return read_lines("aider", VERSION, path, cursor, _Analytics)


def _nowhere(machine: Machine) -> Iterable[Path]:
    return ()


SOURCE = Source(
    id="aider",
    title="Aider",
    mark="Ai",
    color="other",
    version=VERSION,
    roots=_nowhere,
    shallow=_shallow,
    owns=_owns,
    read=_read,
    verified=False,
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    evidence="BC",
    states_cost=True,
    exact="Start Aider with --analytics-log aider-analytics.jsonl: then the counts are exact and each message has its time.",
)
