"""Real logs whose counts are blanked as old versions left them, and what the program makes of them: is the repair right?

What was true is read here by a loop of its own over plain JSON, which shares nothing with the program.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from app import runtime
from app.machine import Machine

HOW = ("text", "tool_use")
"""Blocks that are all output and nothing but output …"""
ADDED = "ExitPlanMode"
"""… except of this tool: the program writes the plan into it."""


class Truth(NamedTuple):
    """A message as it was logged before it was blanked."""

    output: int
    thought: bool


class Mended(NamedTuple):
    """How near the repair came, over messages whose counts were blanked."""

    messages: int
    total: float
    """Mended ÷ logged, of all together."""
    median: float
    """Share by which the middle one is off."""
    highest: float
    """Mended ÷ logged, of the one mended most."""

    @staticmethod
    def of(found: dict[str, int], truths: dict[str, Truth]) -> Mended:
        off = [abs(found[name] - truths[name].output) / truths[name].output for name in found]
        ratios = [found[name] / truths[name].output for name in found]
        total = sum(found.values()) / sum(truths[name].output for name in found)
        return Mended(len(found), total, median(off), max(ratios))


def truths(home: Path) -> dict[str, Truth]:
    """Message id → what is true of it, of those whose count can be trusted: finished, counted, nothing added."""
    output: dict[str, int] = {}
    blocks: dict[str, set[str]] = {}
    finished: set[str] = set()
    for line in _lines(home):
        for message in _messages(line):
            name, used = message["id"], message["usage"]
            output[name] = max(output.get(name, 0), used.get("output_tokens") or 0)
            kinds = blocks.setdefault(name, set())
            if message.get("stop_reason"):
                finished.add(name)
            if (used.get("output_tokens_details") or {}).get("thinking_tokens"):
                kinds.add("thinking")
            content = message.get("content")
            for block in content if isinstance(content, list) else [{"type": "text"}]:
                kinds.add(ADDED if block.get("name") == ADDED else block.get("type"))
    return {
        name: Truth(output[name], "thinking" in blocks[name])
        for name in finished
        if output[name] and blocks[name] and blocks[name] <= {*HOW, "thinking"}
    }


def blanked(home: Path, into: Path, wanted: Callable[[str], bool]) -> None:
    """A copy of the home in which the wanted messages hold the first count of their stream and no stop reason."""
    for file in sorted((home / ".claude").rglob("*.jsonl")):
        copy = into / file.relative_to(home)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with open(file, "rb") as old, open(copy, "wb") as new:
            for line in old:
                new.write(_blanked(line, wanted))


def _blanked(line: bytes, wanted: Callable[[str], bool]) -> bytes:
    record = _record(line)
    concerned = [one for one in _messages(record) if wanted(one["id"])]
    if not concerned:
        return line
    for message in concerned:
        message["stop_reason"] = None
        message["usage"] = {**message["usage"], "output_tokens": 1, "output_tokens_details": None, "iterations": None}
    return json.dumps(record).encode() + b"\n"


def mended(machine: Machine) -> dict[str, int]:
    """Message id → logged and repaired output together, after both passes over the machine's home by the program itself."""
    connection = runtime.reader(machine)
    try:
        runtime.read_new(machine, connection)
        runtime.measure_new(machine)
        rows = connection.execute(
            "SELECT native, output + repaired_output FROM call WHERE kept = 1 AND native IS NOT NULL"
        )
        return {native.split()[0]: output for native, output in rows}
    finally:
        connection.close()


def _lines(home: Path) -> Iterator[Any]:
    for file in sorted((home / ".claude").rglob("*.jsonl")):
        with open(file, "rb") as lines:
            yield from map(_record, lines)


def _record(line: bytes) -> Any:
    try:
        return json.loads(line) if b'"usage"' in line else None
    except ValueError:
        return None


def _messages(record: Any) -> Iterator[Any]:
    """The answer that a line holds, or mirrors."""
    if not isinstance(record, dict) or record.get("isApiErrorMessage"):
        return
    data = record.get("data")
    inner = data.get("message") if isinstance(data, dict) else None
    for one in (record.get("message"), inner.get("message") if isinstance(inner, dict) else None):
        counted = isinstance(one, dict) and one.get("id") and isinstance(one.get("usage"), dict)
        if counted and one.get("model") != "<synthetic>":
            yield one
