"""The pictures: of every window there is, the same ones each time, and the README shows what lies there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.conftest import ROOT

SCRIPT = ROOT / "packaging" / "screenshots.py"
_NAMES = """
import json, sys
sys.path[:0] = [sys.argv[1], sys.argv[2]]
from scenes import SCENES
from app.ui.settings_pages import PAGES
from app.ui.windows import WINDOWS
found = {"scenes": [one.name for one in SCENES], "windows": [one.key for one in WINDOWS]}
print(json.dumps(found | {"pages": [one.key for one in PAGES]}))
"""


def test_every_surface_is_among_them() -> None:
    """The list in a process of its own: the script's folder is on its path there, as when it is started."""
    command = [sys.executable, "-c", _NAMES, str(SCRIPT.parent), str(ROOT)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)
    wanted = {key for key in found["windows"] if key != "settings"} | {f"settings-{key}" for key in found["pages"]}
    wanted |= {"settings-prices-file", "settings-prices-form"}
    assert wanted | {"tray", "popover", "session", "trace"} == set(found["scenes"])
    assert len(found["scenes"]) == len(set(found["scenes"]))


def test_the_same_picture_each_time(tmp_path: Path) -> None:
    """A page as usual and with trouble, light and dark, once and twice the pixels."""
    taken: list[dict[str, bytes]] = []
    for name in ("first", "second"):
        folder = tmp_path / name
        command = [sys.executable, str(SCRIPT), "--all", "--only", "settings-sources", str(folder)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        taken.append({one.name: one.read_bytes() for one in folder.iterdir()})
    assert len(taken[0]) == 2 * 2 * 2
    assert taken[0] == taken[1]
    assert len(set(taken[0].values())) == len(taken[0])
    sizes = {name: _size(picture) for name, picture in taken[0].items()}
    assert sizes["settings-sources-light.png"] == (960, 676)
    for name, (width, height) in sizes.items():
        if "@" not in name:
            assert sizes[name.replace(".png", "@2x.png")] == (2 * width, 2 * height)


def _size(picture: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(picture)) as opened:
        return opened.size


def test_the_readme_shows_pictures_that_are_there() -> None:
    shown = re.findall(r'(?:src|srcset)="([^"]+)"', (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(shown) >= 4
    assert [one for one in shown if not (ROOT / one).is_file()] == []
