"""Who went over from one agent to a fork of it took the sessions along: what both hold was asked once."""

from __future__ import annotations

import shutil

import pytest

from app import settings

from .home import FIXTURES, Counts, Home

ENTRY = (
    '{"type":"message","id":"n1","parentId":"c3d4e5f6","timestamp":"2026-08-01T10:01:00.000Z","message":{"role":"assistant",'
    '"provider":"anthropic","model":"claude-sonnet-5","stopReason":"stop","timestamp":1785578456000,"content":[],"usage":'
    '{"input":8,"output":20,"cacheRead":4150,"cacheWrite":100,"totalTokens":4278}}}\n'
)
BEFORE = Counts(2, 50, 4_000, 4_150, 0, 200)
"""As `fixtures/pi/fork` says."""


@pytest.mark.parametrize(("confirmed", "new"), [((), Counts()), (("omp",), Counts(1, 8, 4_150, 100, 0, 20))])
def test_a_session_in_both_homes(home: Home, confirmed: tuple[str, ...], new: Counts) -> None:
    """The older file keeps it, and what the other went on with is its own."""
    settings.save(home.machine, settings.Settings(confirmed=confirmed))
    log = FIXTURES / "pi/fork/home/.pi/agent/sessions/--w-app--/2026-08-01T10-00-00-000Z_s1.jsonl"
    older, younger = (home.root / one / "agent" / "sessions" / "--w-app--" for one in (".pi", ".omp"))
    for folder in (older, younger):
        folder.mkdir(parents=True)
        home.touch(shutil.copy(log, folder))
    with open(younger / log.name, "a") as file:
        file.write(ENTRY)
    home.touch(younger / log.name)
    home.read()
    assert (home.total("pi"), home.total("omp")) == (BEFORE, new)
