"""The page for whoever adds an agent: its template is a source that works as it stands there, and its words are real."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from builders import lines

from app.machine import Machine
from app.model.usage import Call, Tokens
from app.shapes import database, document, gathering, records
from app.shapes import lines as lines_shape
from app.shapes.source import Source
from tests.conftest import ROOT

PAGE = (ROOT / "app" / "sources" / "README.md").read_text()


@pytest.fixture(scope="module")
def source() -> Source:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    module: dict[str, Any] = {"__name__": "newcomer"}
    exec(compile(found.group(1), "README.md", "exec", dont_inherit=True), module)
    return module["SOURCE"]


def test_the_template_reads_a_log(source: Source, tmp_path: Path) -> None:
    log = tmp_path / "s1.jsonl"
    usage = {"input": 1_000, "cached": 400, "output": 50}
    first = {"id": "a", "timestamp": "2026-08-01T10:00:00Z", "cwd": "/w", "model": "m", "usage": usage, "cost": 0.25}
    odd = {"id": "b", "timestamp": None, "model": 7, "usage": {"input": "many", "output": 3.0}}
    log.write_bytes(lines({"type": "user"}, first, first, odd))
    (batch,) = source.read(log, None)
    one, other = batch.calls
    assert (one.session, one.model, one.tokens) == ("s1", "m", Tokens(600, 400, 0, 0, 50))
    assert (one.context, one.reported, one.records) == (1_000, 250_000_000, 2)
    assert (other.at, other.model, other.tokens) == (one.at, None, Tokens(output=3))
    assert batch.sessions[0].project == "/w"


def test_its_folders(source: Source, machine: Machine) -> None:
    """A variable may name several homes; without it the agent's own."""
    assert list(source.roots(machine)) == [machine.home / ".newcomer" / "sessions"]
    several = Machine(machine.home, {"NEWCOMER_HOME": "/a,~/b"}, system="linux")
    assert list(source.roots(several)) == [Path("/a"), machine.home / "b"]
    assert list(Machine(machine.home, {"X": "/a:/b"}, system="linux").folders("X")) == [Path("/a"), Path("/b")]
    assert list(Machine(machine.home, {"X": r"C:\a;D:\b"}, system="win32").folders("X")) == [
        Path(r"C:\a"),
        Path(r"D:\b"),
    ]


def test_what_the_page_names_is_there() -> None:
    known = {*Call._fields, *vars(Source), *Source.__annotations__}
    for module in (database, document, gathering, lines_shape, records):
        known |= {*vars(module)}
    known |= {*vars(database.Base), *vars(records.Records), *vars(gathering.Gathered), "kept"}
    named = re.findall(r"`(?:lines|records|document|database|base|gathered)\.(\w+)", PAGE)
    assert named and set(named) <= known
    for word in ("shallow", "is_database", "evidence", "standing", "subagent", "verified"):
        assert word in known and word in PAGE
