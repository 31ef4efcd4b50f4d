"""JetBrains AI Assistant: no counts of any request, only how many of the month's credits are used.

Each IDE of each version keeps that for itself (`options/AIAssistantQuotaManager2.xml`), as JSON in an attribute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Quota
from app.shapes.document import read_document
from app.shapes.fields import instant, mapping, record_of, word
from app.shapes.gathering import Gathered
from app.shapes.source import Source
from app.shapes.vscode import applications

VERSION = 1
_FILE = "AIAssistantQuotaManager2.xml"
_MAKERS = ("JetBrains", "Google")
_MONTH = 30 * 1440


def _options(raw: bytes) -> dict[str, Any] | None:
    """The file's options by name, those that hold JSON."""
    from xml.etree import ElementTree  # most people have no such file

    try:
        root = ElementTree.fromstring(raw)
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    values = {one.get("name"): one.get("value") for one in root.iter("option")}
    found = {name: record_of(value.encode()) for name, value in values.items() if name and value}
    return {name: value for name, value in found.items() if value is not None}


def _quota(options: dict[str, Any], gathered: Gathered) -> None:
    info, refill = mapping(options.get("quotaInfo")), mapping(options.get("nextRefill"))
    used, whole = _amount(info.get("current")), _amount(info.get("maximum"))
    if used is None or not whole:
        return
    length = re.fullmatch(r"PT(\d{1,5})H", word(mapping(refill.get("tariff")).get("duration")) or "")
    minutes = 60 * int(length[1]) if length else _MONTH
    resets = instant(refill.get("next")) or instant(info.get("until"))
    share = min(100.0, 100 * used / whole)
    gathered.quotas = (Quota("AI credits", minutes, gathered.written, share, resets, None),)


def _amount(value: object) -> float | None:
    """Amounts are texts, with decimals."""
    try:
        amount = float(value) if isinstance(value, (str, int, float)) else -1.0
    except ValueError:
        return None
    return amount if 0 <= amount < 1e15 else None


def _places(machine: Machine) -> Iterator[Path]:
    for maker in _MAKERS:
        yield from sorted((applications(machine) / maker).glob("*/options"))


SOURCE = Source(
    id="jetbrains_ai",
    title="JetBrains AI",
    mark="Jb",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_places,
    owns=lambda relative: relative == _FILE,
    read=lambda path, cursor: read_document("jetbrains_ai", VERSION, path, cursor, _options, _quota),
    evidence="",
    live=False,
    verified=False,
)
