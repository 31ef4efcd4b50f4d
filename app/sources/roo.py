"""Roo Code and what grew from it: tasks as Cline's, with a model that only the text around a prompt names.

Tokens sent held the cache with some vendors' protocol and not with others', until a version from which they always do. A
sub-task is a task of its own, which its parent's sums leave out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.machine import Machine
from app.model.usage import Batch, Cursor
from app.shapes.source import Source
from app.shapes.vscode import global_storage, users

if TYPE_CHECKING:
    from app.shapes.tasks import Asked, Beside

VERSION = 1
_MESSAGES, _ITEM = "ui_messages.json", "history_item.json"


def _project(item: Any) -> str | None:
    from app.shapes.fields import mapping, word

    return word(mapping(item).get("workspace"))


def _beside(task: Path) -> Beside:
    from app.shapes.beside import about
    from app.shapes.surroundings import surroundings
    from app.shapes.tasks import Beside

    said = surroundings(task)
    return Beside(said.models, about(task / _ITEM, _project, None) or said.project)


def _fresh(asked: Asked, since: int) -> int:
    """An update may have come late: of a request that is too small to hold its cache, none is taken away."""
    protocol, cached = asked.protocol or "", asked.read + asked.write
    inside = protocol == "openai" or (protocol.endswith("anthropic") and asked.at >= since)
    return asked.sent - cached if inside and cached <= asked.sent else asked.sent


def _agent(
    ident: str, title: str, mark: str, *extensions: str, since: int = 1_761_955_200_000, setting: str | None = None
) -> Source:
    """`since`: from when on (ms) tokens sent hold the cache whatever the protocol; 1 November 2025 but for Kilo. `setting`
    names another folder for the tasks.
    """

    def read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
        from app.shapes.tasks import Dialect, read_task  # only for who has it: every command imports every source

        return read_task(Dialect(ident, _beside, lambda asked: _fresh(asked, since)), VERSION, path, cursor)

    def roots(machine: Machine) -> Iterator[Path]:
        for folder in global_storage(machine):
            yield from (folder / extension / "tasks" for extension in extensions)
        if setting is not None:
            yield from _elsewhere(machine, setting)

    return Source(
        id=ident,
        title=title,
        mark=mark,
        color="other",
        version=VERSION,
        roots=roots,
        owns=lambda relative: relative.endswith(_MESSAGES),
        read=read,
        window=lambda model, logged, highest, machine: logged,
        compacts=lambda _: None,
        cache_lifetime=lambda _: None,
        verified=False,
        evidence="AC",
        states_cost=True,
    )


def _elsewhere(machine: Machine, setting: str) -> Iterator[Path]:
    """The editor's settings may hold comments, so they are no JSON document."""
    for user in users(machine):
        try:
            text = (user / "settings.json").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        found = re.search(rf'^\s*"{re.escape(setting)}"\s*:\s*"((?:[^"\\]|\\.)+)"', text, re.MULTILINE)
        if found:
            yield machine.path(re.sub(r"\\(.)", r"\1", found[1])) / "tasks"


SOURCE = _agent(
    *("roo", "Roo Code", "Ro", "rooveterinaryinc.roo-cline", "rooveterinaryinc.roo-code-nightly"),
    setting="roo-cline.customStoragePath",
)
ZOO = _agent("zoo", "Zoo Code", "Zo", "zoocodeorganization.zoo-code")
BOB = _agent("bob", "IBM Bob", "Bo", "ibm.bob-code")
KILO_LEGACY = _agent("kilo_legacy", "Kilo Code until 5.10", "Ko", "kilocode.kilo-code", since=1_762_905_600_000)
