"""avante.nvim's chats: `projects/<folder>/history/<n>.json`, rewritten, each with the counts of its last request only.

Earlier requests are known as far as Cuenta was there to see them. Of Anthropic's models the prompt is without what was read
from the cache, and that is added to the output: nothing can be made of such an output.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Tokens
from app.shapes.beside import about
from app.shapes.document import read_document
from app.shapes.fields import count, instant, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_ANTHROPIC = ("claude", "bedrock-claude")


def _chat(found: dict[str, Any], gathered: Gathered) -> None:
    usage, last = mapping(found.get("tokens_usage")), _last(found.get("messages"))
    provider, sent = word(last.get("provider")), count(usage.get("prompt_tokens"))
    partly = (provider or "").startswith(_ANTHROPIC)
    output = 0 if partly else count(usage.get("completion_tokens"))
    if not sent + output:
        return
    project = gathered.path.parent.parent
    session = f"{project.name} {gathered.path.stem}"
    root = about(gathered.path.with_name("metadata.json"), lambda said: word(mapping(said).get("project_root")), None)
    gathered.learn(session, project=root)
    gathered.add(
        call(
            *("avante", session, last.get("uuid") or (last.get("timestamp"), sent, output)),
            session=session,
            at=instant(last.get("timestamp")) or gathered.written,
            model=word(last.get("model")),
            tokens=Tokens(sent, output=output),
            provider=provider,
            context=None if partly else sent,
            evidence="C",
        )
    )


def _last(messages: object) -> dict[str, object]:
    """The newest message that a model wrote."""
    for message in reversed(messages if isinstance(messages, list) else []):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        if word(mapping(message).get("model")):
            return mapping(message)
    return {}


def _state(machine: Machine) -> Iterator[Path]:
    app = machine.variable("NVIM_APPNAME") or "nvim"
    if machine.system == "win32":
        local = machine.variable("LOCALAPPDATA")
        yield (Path(local) if local else machine.home / "AppData" / "Local") / f"{app}-data"
    else:
        yield Path(machine.variable("XDG_STATE_HOME") or machine.home / ".local" / "state") / app


def _owns(relative: str) -> bool:
    folder, _, name = relative.rpartition("/")
    return folder.endswith("/history") and name.endswith(".json") and name != "metadata.json"


SOURCE = Source(
    id="avante",
    title="avante.nvim",
    mark="Av",
    color="other",
    version=VERSION,
    roots=lambda machine: [place / "avante" / "projects" for place in _state(machine)],
    owns=_owns,
    read=lambda path, cursor: read_document("avante", VERSION, path, cursor, record_of, _chat),
    evidence="C",
    exact="Keep Cuenta running: avante.nvim keeps only the counts of a chat's last request.",
    verified=False,
)
