#!/usr/bin/env python3
"""Takes the pictures of every surface: `python packaging/screenshots.py` writes those in resources/screenshots anew;
`--all FOLDER` takes every state at one and at two pixels a point. Run it in the environment that bootstrap.py made.

The letters are Inter's, the clock stands still and the logs are the demo's, so a picture changes only with the program.
Each pixel ratio is a process of its own: Qt takes its screen from the environment when it starts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget
    from scenes import Scene, World

    from app.ui.appearance import Appearance

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "resources" / "screenshots"
GROUNDS = ("light", "dark")
SHOWN = ("overview", "popover", "session")
"""In the README, sharp on every screen. What else is kept has one pixel a point: they all weigh on each clone."""
_SCREEN = {
    "name": "pictures",
    "x": 0,
    "y": 0,
    "width": 8000,
    "height": 8000,
    "logicalDpi": 96,
    "logicalBaseDpi": 96,
    "dpr": 1,
}
"""Wide enough for every window at its own size."""

_alive: list[QWidget] = []
"""What lives on, since it hears of the next change of colors."""


def file_name(surface: str, state: str, ground: str, ratio: int) -> str:
    """`popover-light.png`, `popover-empty-dark@2x.png`."""
    parts = [surface, *([state] if state != "usual" else []), ground]
    return "-".join(parts) + ("@2x" if ratio == 2 else "") + ".png"


def main(words: list[str] | None = None) -> int:
    given = _parsed(words)
    with TemporaryDirectory(prefix="cuenta-pictures-") as scratch:
        worlds = given.worlds or Path(scratch, "worlds")
        if given.ratio:
            _take(given, worlds)
            return 0
        config = Path(scratch, "screen.json")
        config.write_text(json.dumps({"screens": [_SCREEN]}))
        for ratio in (1, 2):
            _in_a_process(words, ratio, config, worlds)
    return 0


def _parsed(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Takes the pictures of every surface.")
    parser.add_argument("--all", action="store_true", help="every state, and once the pixels too")
    parser.add_argument("--only", default="", help="only surfaces whose name begins so")
    parser.add_argument("folder", nargs="?", type=Path, default=KEPT)
    parser.add_argument("--ratio", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--worlds", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(words)


def _in_a_process(words: list[str] | None, ratio: int, config: Path, worlds: Path) -> None:
    given = sys.argv[1:] if words is None else words
    own = {"QT_QPA_PLATFORM": f"offscreen:configfile={config}", "QT_SCALE_FACTOR": str(ratio)}
    own |= {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "CUENTA_", "XDG_"))}
    command = [sys.executable, __file__, *given, "--ratio", str(ratio), "--worlds", str(worlds)]
    subprocess.run(command, check=True, env=kept | own)


def _take(given: argparse.Namespace, worlds: Path) -> None:
    sys.path.insert(0, str(ROOT))
    from PySide6.QtWidgets import QApplication
    from scenes import SCENES, USUAL, world

    from app.ui.appearance import Appearance, use_shipped_font

    application = QApplication([])
    look = Appearance(ROOT / "resources")
    look.use_font(use_shipped_font(ROOT / "resources"))
    given.folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, World] = {}
    for scene in (one for one in SCENES if one.name.startswith(given.only)):
        if not given.all and given.ratio != (2 if scene.name in SHOWN else 1):
            continue
        for state in scene.states if given.all else (USUAL,):
            if state not in made:
                made[state] = world(state, worlds)
            for name in _pictures(application, look, scene, state, made[state], given):
                print(name)


def _pictures(
    application: QApplication, look: Appearance, scene: Scene, state: str, of: World, given: argparse.Namespace
) -> Iterator[Path]:
    from scenes import stage

    for ground in GROUNDS:
        with stage(of) as one:
            look.choose(ground)
            widget = scene.show(one)
            look.choose(ground)  # a window that reads the settings has made it the system's
            if (focused := application.focusWidget()) is not None:
                focused.clearFocus()  # pictures are of those who use a pointer
            one.settle()
            path = given.folder / file_name(scene.name, state, ground, given.ratio)
            _save(widget, path)
            widget.close()
            _alive.append(widget)
            yield path


def _save(widget: QWidget, path: Path) -> None:
    """As small as it gets without a change of a pixel."""
    from PIL import Image

    widget.grab().save(str(path))
    with Image.open(path) as picture:
        opaque = picture.mode != "RGBA" or picture.getchannel("A").getextrema() == (255, 255)
        (picture.convert("RGB") if opaque else picture).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
