"""`cuenta doctor --confirm AGENT` and `--withdraw AGENT`: whether the calls of an unverified source count."""

from __future__ import annotations

from app import runtime
from app.diagnostics import KnownError
from app.machine import Machine
from app.settings import Settings, change, load
from app.sources import BY_ID, SOURCES


def run(machine: Machine, name: str, *, counts: bool) -> int:
    """Holds at once, here and in a running tray app."""
    source = next((one for one in SOURCES if name.lower() in (one.id, one.title.lower())), None)
    if source is None:
        raise KnownError(f"There is no agent {name!r}.", f"There are: {', '.join(BY_ID)}.")
    if source.verified:
        raise KnownError(f"{source.title} needs no confirming.", "Its reader was tried on real logs; its calls count.")
    others = [one for one in load(machine, Settings).confirmed if one != source.id]
    change(machine, Settings, confirmed=(*others, source.id) if counts else tuple(others))
    runtime.writer(machine).close()  # brings the store in line
    print(f"The calls of {source.title} {'count' if counts else 'count nowhere'} from now on.")
    return 0
