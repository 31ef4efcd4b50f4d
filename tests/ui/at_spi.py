"""What a screen reader gets of a program: `python3 at_spi.py PID` walks its tree over AT-SPI and prints it as JSON.

Run by the system's Python, whose `gi` asks the accessibility bus; nothing of the program is imported.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

STATES = ("FOCUSABLE", "SHOWING", "VISIBLE", "ENABLED", "CHECKED", "CHECKABLE", "SELECTABLE", "EDITABLE")
MOST = 40
"""Children that are looked at of each: rows of long tables are alike."""


def program(process: int) -> Any:
    """The program of that process, once it is on the bus."""
    for _ in range(300):
        desktop = Atspi.get_desktop(0)
        for place in range(desktop.get_child_count()):
            one = desktop.get_child_at_index(place)
            if one is not None and one.get_process_id() == process and one.get_child_count():
                return one
        time.sleep(0.05)
    raise SystemExit("the program is not on the accessibility bus")


def told(one: Any) -> dict[str, Any]:
    states = one.get_state_set()
    place = one.get_extents(Atspi.CoordType.SCREEN) if one.get_component_iface() else None
    actions = one.get_action_iface()
    kept: dict[str, Any] = {
        "role": one.get_role_name(),
        "name": one.get_name() or "",
        "description": one.get_description() or "",
        "states": [name for name in STATES if states.contains(getattr(Atspi.StateType, name))],
        "place": place.y if place else 0,
        "size": [place.width, place.height] if place else [0, 0],
        "actions": [actions.get_action_name(place) for place in range(actions.get_n_actions())] if actions else [],
    }
    children = (one.get_child_at_index(place) for place in range(min(MOST, one.get_child_count())))
    kept["children"] = [told(child) for child in children if child is not None]
    return kept


if __name__ == "__main__":
    Atspi.init()
    print(json.dumps(told(program(int(sys.argv[1])))["children"]))
