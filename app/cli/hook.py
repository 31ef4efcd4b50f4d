"""`cuenta hook AGENT`: an agent calls it after a turn and tells it what the turn took. One line of counts is kept.

The agent waits for us and may be stopped by us: whatever happens, the answer is an empty object and the exit status 0.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

_LONGEST = 16 << 20


def run(words: list[str]) -> int:
    if os.isatty(0):
        print("Agents call this. To have one call it: cuenta connect", file=sys.stderr)
        return 2
    with suppress(Exception):  # the agent's turn matters more than our count of it
        _keep(words)
    with suppress(OSError):
        os.write(1, b"{}\n")
    return 0


def _keep(words: list[str]) -> None:
    told = _told()
    from app.machine import Machine
    from app.sources import BY_ID

    machine = Machine.here()
    connection = BY_ID[words[0]].connection
    if connection is None or connection.keep is None:
        return
    line = connection.keep(told, machine.clock())
    if line is not None:
        _append(machine, words[0], line)


def _told() -> dict[str, Any]:
    """What stands at the standard input, to its end: an agent whose pipe is not read may hang."""
    import msgspec

    pieces: list[bytes] = []
    size = 0
    while piece := os.read(0, 1 << 16):
        size += len(piece)
        if size <= _LONGEST:
            pieces.append(piece)
    return msgspec.json.decode(b"".join(pieces), type=dict[str, Any])


def _append(machine: Any, agent: str, line: dict[str, Any]) -> None:
    """In one writing, so that two turns that end at once do not mix."""
    import msgspec

    folder = machine.data / "hooks"
    folder.mkdir(parents=True, exist_ok=True)
    file = os.open(folder / f"{agent}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(file, msgspec.json.encode(line) + b"\n")
    finally:
        os.close(file)
