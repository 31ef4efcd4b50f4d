"""`fixtures/<source>/<case>/`: a home and what a right reader makes of it, worked out by hand in `expect.toml`.

A new source is found by its folder; nothing here names one. How a case is laid out stands in `app/sources/README.md`.
"""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from app import runtime, settings
from app.model.money import NANO
from app.model.usage import CREDIT
from app.shapes.finding import files_of
from app.shapes.source import Source
from app.sources import BY_ID, SOURCES
from app.store import queries

from .home import FIXTURES, Home, copied_home

TOGETHER = "together"
"""Cases of several agents that log the same request; keys of their totals begin with the agent's id."""
CASES = sorted(
    path.parent for path in FIXTURES.glob("*/*/expect.toml") if path.parent.parent.name in {TOGETHER, *BY_ID}
)
EARLIER = {"claude_code", "codex"}
"""Their cases stand in `edge`, `real` and `samples` (see `test_fixtures`)."""
ODD = (
    b"null",
    b"-1",
    b"1e999",
    b"99999999999999999999",
    b"[[",
    b'"\\ud800"',
    b"\xff\xfe",
    b'{"id":{}}',
    b"true",
    b"\0" * 8,
)
_COUNTS = ("calls", "input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")


def named(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


@pytest.fixture(params=CASES, ids=named)
def case(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def trusting(home: Home) -> Home:
    """A home whose owner has confirmed every agent."""
    confirmed = tuple(source.id for source in SOURCES if not source.verified)
    settings.save(home.machine, settings.Settings(confirmed=confirmed))
    return home


def laid_out(case: Path, home: Home) -> list[Path]:
    """The case's logs; what ends in `.sql` becomes the database that the script makes. What merely lies beside a log, and is
    looked into when that is read, is there from the start.
    """
    wanted = expected(case)
    home.environment(**{name: text.format(home=home.root) for name, text in wanted.get("environment", {}).items()})
    home.machine = replace(home.machine, system=wanted.get("system", home.machine.system))
    data = home.machine.data
    places = {"data": data, "hooks": data / "hooks", "home": home.root}  # hooks: what an agent told our own
    parts = [(case / part, place) for part, place in places.items() if (case / part).is_dir()]
    for file in [one for part, place in parts for one in copied_home(part, place)]:
        if file.suffix == ".sql":
            made = file.with_suffix("")
            with closing(sqlite3.connect(made)) as connection:
                connection.executescript(file.read_text())
            file.unlink()
            home.touch(made)
    logs = [Path(found.path) for source in sources_in(case) for found in files_of(source, home.machine)]
    assert logs, "nothing of it is found"
    return sorted(logs)


def expected(case: Path) -> dict[str, Any]:
    return tomllib.loads((case / "expect.toml").read_text())


def sources_in(case: Path) -> list[Source]:
    return [*SOURCES] if case.parent.name == TOGETHER else [BY_ID[case.parent.name]]


def totals(home: Home, case: Path) -> dict[str, dict[str, int]]:
    """`model day` → counts, those of 0 left out."""
    found: dict[str, dict[str, int]] = {}
    for session in queries.sessions(home.connection).values():
        assert session.source in {one.id for one in sources_in(case)}
        agent = f"{session.source} " if case.parent.name == TOGETHER else ""
        for call in queries.calls_of(home.connection, session.ident):
            day = datetime.fromtimestamp(call.at // 1000, UTC).date()
            counts = found.setdefault(f"{agent}{call.model} {day}", dict.fromkeys(_COUNTS, 0))
            for name, more in {"calls": 1, **call.tokens._asdict()}.items():
                counts[name] += more
    return {key: {name: number for name, number in counts.items() if number} for key, counts in found.items()}


def assert_right(home: Home, case: Path) -> None:
    wanted = expected(case)
    assert totals(home, case) == wanted["totals"], wanted["why"]
    every = [home.health(source.id) for source in sources_in(case)]
    assert sum(one.folded for one in every) == wanted.get("folded", 0)
    assert {reason: count for one in every for reason, count in one.skipped.items()} == wanted.get("skipped", {})
    stated = sum(call.reported or 0 for call in home.calls())
    assert stated == round(float(wanted.get("reported", 0)) * NANO)
    billed = sum(call.credits or 0 for call in home.calls())
    assert billed == round(float(wanted.get("credits", 0)) * CREDIT)
    assert "".join(sorted({call.evidence for call in home.calls()})) == wanted.get("evidence", "A")
    for native, facts in wanted.get("sessions", {}).items():
        assert_session(home, native, facts)


def assert_session(home: Home, native: str, facts: dict[str, Any]) -> None:
    session = home.sessions()[native]
    found = {
        "project": session.project,
        "subagents": session.subagents,
        "context": home.context(native).tokens,
        "window": home.window(native) if "window" in facts else None,
    }
    assert {name: found[name] for name in facts} == facts


def test_a_home(case: Path, trusting: Home) -> None:
    """All at once, the newest file first."""
    laid_out(case, trusting)
    assert_right(trusting.read(), case)


@pytest.mark.parametrize("order", [1, -1], ids=["one by one", "in reverse"])
def test_the_order_does_not_matter(case: Path, trusting: Home, order: int) -> None:
    files = laid_out(case, trusting)
    for file in files:
        file.rename(f"{file}.aside")
    for file in files[::order]:
        Path(f"{file}.aside").rename(file)
        trusting.read()
    assert totals(trusting, case) == expected(case)["totals"]


def test_reading_again_changes_nothing(case: Path, trusting: Home) -> None:
    """Files that were touched, and files that another program wrote anew with the same content."""
    files = laid_out(case, trusting)
    trusting.read()
    for file in files:
        trusting.touch(file)
    assert_right(trusting.read(), case)
    for file in files:
        content = file.read_bytes()
        file.with_name("beside").write_bytes(content)
        file.with_name("beside").replace(file)
        trusting.touch(file)
    assert_right(trusting.read(), case)


def cuts(size: int) -> Iterator[int]:
    yield from sorted({size * part // 7 for part in range(1, 7)} | {size - 1, size - 2})


def alone(case: Path, home: Home) -> None:
    """Only the case's agents are looked for: a survey of all of them at each of a thousand cuts takes a minute in all."""
    off = tuple(source.id for source in SOURCES if source not in sources_in(case))
    settings.change(home.machine, settings.Settings, sources_off=off)


def test_a_file_cut_anywhere(case: Path, trusting: Home) -> None:
    """No cut ends the reading or counts anything twice, and when the file is whole so are the totals."""
    files = laid_out(case, trusting)
    alone(case, trusting)
    wanted = expected(case)["totals"]
    for file in files:
        content = file.read_bytes()
        for size in cuts(len(content)):
            file.write_bytes(content[:size])
            trusting.touch(file)
            runtime.read_new(trusting.machine, trusting.connection)
            assert_no_more(totals(trusting, case), wanted)
        file.write_bytes(content)
        trusting.touch(file)
    trusting.read()
    assert totals(trusting, case) == wanted


def assert_no_more(found: dict[str, dict[str, int]], wanted: dict[str, dict[str, int]]) -> None:
    for key, counts in found.items():
        assert key in wanted, key
        for name, number in counts.items():
            assert number <= wanted[key].get(name, 0), f"{key}: {name}"


@pytest.fixture
def logs(case: Path, trusting: Home) -> list[Path]:
    return laid_out(case, trusting)


@given(data=st.data())
@settings_of_hypothesis(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_is_no_fault_of_ours(case: Path, logs: list[Path], trusting: Home, data: st.DataObject) -> None:
    """Whatever stands in a file, reading it gives calls that a store can take, or says in words why it can't be read."""
    source, file = data.draw(st.sampled_from(sources_in(case))), data.draw(st.sampled_from(logs))
    content = bytearray(file.read_bytes())
    begin = data.draw(st.integers(0, len(content) - 1))
    end = data.draw(st.integers(begin, min(len(content), begin + 200)))
    content[begin:end] = data.draw(st.binary(max_size=40) | st.sampled_from(ODD))
    damaged = file.with_name(f"damaged-{file.name}")
    damaged.write_bytes(content)
    try:
        batches = list(source.read(damaged, None))
    except OSError as error:
        assert str(error)
        return
    place = data.draw(st.uuids())
    with runtime.writer(trusting.machine) as store:
        for number, batch in enumerate(batches):
            store.commit([batch._replace(start=None, path=f"{place}-{number}")], 1)


# --- the fixtures themselves


def test_every_source_has_a_case() -> None:
    """A source without one is told by name."""
    assert sorted(source.id for source in SOURCES if not _has_cases(source.id)) == []


def _has_cases(source: str) -> bool:
    return source in EARLIER or any(case.parent.name == source for case in CASES)


def test_marks_and_ids_tell_sources_apart() -> None:
    """Two letters each, where a name is too long."""
    assert all(len(source.mark) == 2 for source in SOURCES)
    assert len({source.mark for source in SOURCES}) == len({source.id for source in SOURCES}) == len(SOURCES)


def test_every_folder_of_a_source_is_a_case() -> None:
    """With files in it, a reason, and the arithmetic beside the totals."""
    for source in SOURCES:
        for folder in (FIXTURES / source.id).glob("*/"):
            text = (folder / "expect.toml").read_text()
            assert expected(folder)["why"] and any(line.startswith("#") for line in text.splitlines()), folder
            assert any(file.is_file() for file in folder.glob("*/**/*")), folder


@pytest.mark.parametrize("source", [one for one in SOURCES if not one.verified], ids=lambda one: one.id)
def test_an_unverified_source_counts_nowhere(source: Any, home: Home) -> None:
    (case, *_) = [one for one in CASES if one.parent.name == source.id]
    laid_out(case, home)
    home.read()
    assert queries.total(home.connection, queries.Filter()).calls == 0
    assert home.health(source.id).withheld == sum(one["calls"] for one in expected(case)["totals"].values())
