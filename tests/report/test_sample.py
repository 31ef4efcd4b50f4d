"""A redacted sample: what a developer needs to read a new format, and nothing that is somebody's."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import runtime
from app.machine import Machine
from app.report import sample
from app.report.sample import HIDDEN, structure
from app.sources import BY_ID
from tests.builders import answer, lines

CANARY = "canary-7f3a9c"


def test_names_and_types_are_shown_and_no_value() -> None:
    record = {
        "type": "usage-v2",
        "timestamp": "2026-11-24T10:00:00Z",
        "cost": 0.25,
        "ok": True,
        "parent": None,
        "usage": {"input_tokens": 12, "cacheRead": 3, "ephemeral_5m_input_tokens": 0},
        "gen_ai.usage.input_tokens": 5,
        "content": [{"type": "text", "text": CANARY}, {"type": "text", "text": "b"}, "c", 4],
        "$schema": "x",
        "empty": [],
        "none": {},
    }
    assert structure(record) == (
        "{\n"
        '  "type": string,\n'
        '  "timestamp": time,\n'
        '  "cost": number,\n'
        '  "ok": boolean,\n'
        '  "parent": null,\n'
        '  "usage": {\n    "input_tokens": integer,\n    "cacheRead": integer,\n'
        '    "ephemeral_5m_input_tokens": integer\n  },\n'
        '  "gen_ai.usage.input_tokens": integer,\n'
        '  "content": [\n    {\n      "type": string,\n      "text": string\n    },\n    string,\n    integer\n  ],\n'
        '  "$schema": string,\n'
        '  "empty": [],\n'
        '  "none": {}\n'
        "}"
    )


@pytest.mark.parametrize(
    "key",
    [
        "/home/me/secret.txt",
        "src/app.py",
        "app.py",
        "C:\\work",
        "me@example.com",
        "6f1c1b9e-2b1d-4f0e-9f6a-0d6c3c2f7a11",
        "toolu_01A9bcDEFghiJK",
        "deadbeefcafe",
        "call_0123ab",
        "a sentence of mine",
        "Makefile",
        "my-project",
        "claude-sonnet-4-5",
        "x" * 41,
        "2026-11-24",
        "qWeRtYuIoP",
        "",
        "naïve",
    ],
)
def test_a_key_that_looks_like_data_is_hidden(key: str) -> None:
    shown = structure({"files": {key: {"lines": 3}}, key: 1})
    assert HIDDEN in shown
    assert not key or f'"{key}"' not in shown
    assert '"lines": integer' in shown


def test_keys_of_a_dictionary_are_data_whatever_they_look_like() -> None:
    shown = structure({"people": {"anna": {"calls": 1}, "bob": {"calls": 2}, "carol": {"calls": 3}}})
    assert shown == f'{{\n  "people": {{\n    "{HIDDEN}": {{\n      "calls": integer\n    }}\n  }}\n}}'


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=30,
    )
)
def test_whatever_a_record_holds_only_types_come_out(value: Any) -> None:
    """Every word that is shown is a type's, or a key that a program could have been written with."""
    shown = structure(value)
    for line in shown.split("\n"):
        name, colon, kind = line.strip().rstrip(",").rpartition(": ")
        assert kind.strip("{}[]") in {
            *("", "string", "time", "integer", "number", "boolean", "null", "object", "list", "…"),
            *(", ".join(pair) for pair in _pairs()),
        }
        assert (
            not colon
            or name == f'"{HIDDEN}"'
            or name.strip('"').replace("_", "").replace(".", "").lstrip("$").isalnum()
        )


def _pairs() -> list[tuple[str, ...]]:
    from itertools import permutations

    plain = ("string", "time", "integer", "number", "boolean", "null")
    return [pair for length in (2, 3) for pair in permutations(plain, length)]


def test_a_deep_or_a_long_record_ends() -> None:
    deep: Any = "x"
    for _ in range(50):
        deep = {"a": [deep]}
    assert "object" in structure(deep) or "list" in structure(deep)
    # Each field is of a form of its own: a dictionary of one form would be cut short anyway.
    wide = {f"field_{letter}{other}": {f"n{letter}{other}": 1} for letter in "abcdefghijk" for other in "abcdefghijk"}
    assert structure(wide).count("\n") == 160 and structure(wide).endswith("…")


# --- of which record


def taken(machine: Machine, source: str = "claude_code") -> sample.Sample | None:
    with closing(runtime.reader(machine)) as connection:
        runtime.read_new(machine, connection)
        return sample.take(connection, machine, BY_ID[source])


def log(machine: Machine, name: str, *records: Any) -> Path:
    path = machine.home / ".claude" / "projects" / "p" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lines(*records))
    return path


def test_the_record_of_the_unknown_kind_is_taken(machine: Machine) -> None:
    strange = {"type": "usage-v2", "metrics": {"usage": {"in": 1}}, "who": CANARY, CANARY: 1}
    log(machine, "S1", strange, answer(version="2.1.219"), {"type": "user", "text": CANARY})
    found = taken(machine)
    assert found is not None
    assert (found.kind, found.lines) == ("usage-v2", 1)
    assert '"metrics": {\n    "usage": {\n      "in": integer' in found.text
    assert CANARY not in found.report and "S1" not in found.report
    assert 'kind "usage-v2" is not known, 1 time' in found.report
    assert found.report.startswith("Cuenta ") and "claude_code, reader" in found.report


def test_else_the_newest_with_usage(machine: Machine) -> None:
    log(machine, "S1", answer(), {"type": "user", "text": CANARY})
    found = taken(machine)
    assert found is not None and found.kind is None
    assert '"input_tokens": integer' in found.text and '"text"' not in found.text


def test_nothing_where_no_log_lies(machine: Machine) -> None:
    assert taken(machine) is None


def test_of_a_database_its_tables(machine: Machine) -> None:
    path = machine.home / ".local" / "share" / "opencode" / "opencode.db"
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE message (id text, session_id text, data TEXT NOT NULL)")
        connection.execute("INSERT INTO message VALUES (?, ?, ?)", (CANARY, CANARY, json.dumps({"text": CANARY})))
        connection.commit()
    found = taken(machine, "opencode")
    assert found is not None
    assert found.text == "message(id text, session_id text, data text)"
    assert {one.name for one in path.parent.iterdir()} == {"opencode.db"}
