"""Factory Droid's sessions: `<session>.settings.json`, rewritten, with the total of all that the session used so far.

Its transcript beside it says when, and counts nothing. So what was used before we saw the session stands at its beginning,
and what it grows by at the time when it did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.model.path import real
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.document import read_document
from app.shapes.fields import count, instant, label, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_END = ".settings.json"
_COUNTS = ("inputTokens", "cacheReadTokens", "cacheCreationTokens", "outputTokens", "thinkingTokens", "totalTokens")
_LONGEST = 1 << 20
_CUSTOM = re.compile(r"custom:|\[[^\]]*\]|(?<=\])-\d+$")


def _session(settings: dict[str, Any], gathered: Gathered) -> None:
    session = gathered.path.name.removesuffix(_END)
    total = _tokens(mapping(settings.get("tokenUsage")))
    begun = _begun(gathered.path, session)
    project = word(begun.get("cwd"))
    if project and project.replace("\\", "/").endswith("/.factory"):
        gathered.skip("a session of Droid's own")
        return
    first = not gathered.kept
    grown = gathered.growth(session, total)
    if grown is None:
        return
    started = instant(settings.get("providerLockTimestamp")) or instant(begun.get("timestamp"))
    gathered.learn(session, project=project, version=_version(begun))
    gathered.add(
        call(
            *("factory_droid", session, *total),
            session=session,
            at=started if first and started is not None else gathered.written,
            model=_model(word(settings.get("model"))),
            tokens=grown,
            provider=label(settings.get("providerLock")),
            effort=label(settings.get("reasoningEffort")),
            evidence="C",
        )
    )


def _tokens(usage: dict[str, object]) -> Tokens:
    """Thinking stands beside the output, unless the total says that it is inside."""
    sent, read, written, output, thought, total = (count(usage.get(name)) for name in _COUNTS)
    inside = total > 0 and total == sent + read + written + output and thought <= output
    return Tokens(sent, read, written, 0, output if inside else output + thought, thought)


def _model(name: str | None) -> str | None:
    """`custom:GLM-5.1-[Proxy]-0` is how the user's own list names GLM-5.1."""
    return _CUSTOM.sub("", name).strip("-") or None if name else None


def _begun(path: Path, session: str) -> dict[str, Any]:
    """The transcript's first line, which names the folder."""
    try:
        with open(Path(real(str(path))).with_name(f"{session}.jsonl"), "rb") as file:
            return record_of(file.readline(_LONGEST)) or {}
    except OSError:
        return {}


def _version(begun: dict[str, Any]) -> str | None:
    said = begun.get("version")
    return word(said) or (str(said) if type(said) is int else None)


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_document("factory_droid", VERSION, path, cursor, record_of, _session)


SOURCE = Source(
    id="factory_droid",
    title="Factory Droid",
    mark="Dr",
    color="other",
    version=VERSION,
    roots=lambda machine: [machine.home / ".factory" / "sessions"],
    owns=lambda relative: relative.endswith(_END),
    read=_read,
    verified=False,
    evidence="C",
    exact="Keep Cuenta running: Droid keeps only a session's total, and what was added to it is then booked to its own day.",
)
