"""Amazon Quick Desktop's metrics: `metrics/metrics-<day>.jsonl` in its folder or a profile's, in CloudWatch's format.

A line a request. Nothing says what was cached. Newer ones keep conversations in the cloud.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Tokens
from app.shapes.fields import count, dollars, listed, mapping, record_of, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_LARGEST = 1 << 20
"""Bytes of the list of profiles."""


class _Metrics(Records):
    needles = re.compile(rb'"InputTokens"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        """Lines have no ids, so one that stands twice is one."""
        at, session = self.when(mapping(record.get("_aws")).get("Timestamp")), word(record.get("session_id"))
        model, tokens = (
            word(record.get("Model")),
            Tokens(count(record.get("InputTokens")), output=count(record.get("OutputTokens"))),
        )
        self.add(
            call(
                *("quick_desktop", session, at, model, *tokens),
                session=session or self.path.stem,
                at=at,
                model=model,
                tokens=tokens,
                evidence="B",
                context=tokens.prompt if session else None,
                reported=dollars(record.get("CostUSD")),
                offset=offset,
            )
        )


def _roots(machine: Machine) -> Iterator[Path]:
    home = machine.path(machine.variable("QUICKWORK_HOME") or "~/.quickwork")
    yield home
    for entry in map(mapping, listed(_profiles(home))):
        place = word(entry.get("data_path"))
        if place:
            yield home / machine.path(place)


def _profiles(home: Path) -> object:
    try:
        with open(home / "profiles.json", "rb") as file:
            return (record_of(file.read(_LARGEST)) or {}).get("entries")
    except OSError:
        return None


def _owns(relative: str) -> bool:
    folder, _, name = relative.rpartition("/")
    return name.startswith("metrics-") and name.endswith(".jsonl") and folder.rpartition("/")[2] == "metrics"


SOURCE = Source(
    id="quick_desktop",
    title="Amazon Quick Desktop",
    mark="Qd",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=_owns,
    read=lambda path, cursor: read_lines("quick_desktop", VERSION, path, cursor, _Metrics),
    verified=False,
    evidence="B",
    states_cost=True,
)
