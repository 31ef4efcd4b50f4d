"""A desk on Wayland: sway without a screen, waybar as its panel, and a pointer that comes in through wayvnc.

A seat without devices has no pointer, so sway's own commands can't click; a VNC client brings one. Nothing listens on
the network: wayvnc has a socket in the file system.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import struct
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from tests.ui.desk import WATCHER, Box, Desk, wait

PROGRAMS = ("sway", "swaymsg", "waybar", "grim", "wayvnc")

_SWAY = """output HEADLESS-1 resolution 1280x900 position 0 0
output * bg #102030 solid_color
default_border normal
xwayland disable
"""
_WAYBAR = {"layer": "top", "position": "top", "height": 32, "modules-right": ["tray"], "tray": {"icon-size": 22}}
_STYLE = "window#waybar { background: #202430; color: white; } #tray { padding: 0 8px; }"


class Sway(Desk):
    """Needs the PROGRAMS."""

    def _start_screen(self, screen: str) -> None:
        # sway runs for nobody but an ordinary user, who must own the folder of its sockets; root may use them as well.
        self._sockets = Path(tempfile.mkdtemp(prefix="cuenta-sway-"))
        config = self._sockets / "sway.conf"
        config.write_text(_SWAY)
        more: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self._sockets, nobody.pw_uid, nobody.pw_gid)
            more = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": self._sockets}
        kept = dict(self.env)
        self.env |= {"XDG_RUNTIME_DIR": str(self._sockets), "HOME": str(self._sockets), "WLR_BACKENDS": "headless"}
        self.env |= {"WLR_LIBINPUT_NO_DEVICES": "1", "WLR_RENDERER": "pixman"}
        self.spawn(["sway", "-c", str(config)], **more)
        self.env = kept
        display = wait(lambda: next(iter(self._sockets.glob("wayland-?")), None), "sway: " + self.log("sway"))
        control = wait(lambda: next(iter(self._sockets.glob("sway-ipc.*.sock")), None), "sway's own socket")
        self.env |= {"WAYLAND_DISPLAY": str(display), "SWAYSOCK": str(control), "XDG_SESSION_TYPE": "wayland"}
        self._pointer: socket.socket | None = None

    def waybar(self) -> None:
        """A panel with a StatusNotifier tray along the top."""
        (self.folder / "waybar.json").write_text(json.dumps(_WAYBAR))
        (self.folder / "waybar.css").write_text(_STYLE)
        files = ["-c", str(self.folder / "waybar.json"), "-s", str(self.folder / "waybar.css")]
        self.spawn(["waybar", *files])
        wait(lambda: self.owned(WATCHER), "waybar")

    def shot(self) -> Image.Image:
        path = self.folder / "screen.png"
        self.run("grim", str(path))
        with Image.open(path) as picture:
            return picture.convert("RGB")

    def click(self, box: Box, button: int = 1) -> None:
        across, down = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
        for mask in (0, 1 << (button - 1), 0):
            self._viewer().sendall(struct.pack(">BBHH", 5, mask, across, down))

    def windows(self, title: str = "") -> set[str]:
        """Titles that begin so."""
        found: set[str] = set()
        trees: list[dict[str, Any]] = [json.loads(self.run("swaymsg", "-t", "get_tree") or "{}")]
        while trees:
            tree = trees.pop()
            trees += [*tree.get("nodes", ()), *tree.get("floating_nodes", ())]
            if tree.get("pid") and (tree.get("name") or "").startswith(title):
                found.add(tree["name"])
        return found

    def _viewer(self) -> socket.socket:
        """A VNC connection up to where events may be sent."""
        if self._pointer is None:
            path = self.folder / "vnc"
            self.spawn(["wayvnc", "-u", str(path)])
            wait(path.exists, "wayvnc")
            self._pointer = viewer = socket.socket(socket.AF_UNIX)
            viewer.settimeout(10)
            viewer.connect(str(path))
            viewer.sendall(viewer.recv(12, socket.MSG_WAITALL))  # the version, as it is
            (kinds,) = viewer.recv(1, socket.MSG_WAITALL)
            viewer.recv(kinds, socket.MSG_WAITALL)
            viewer.sendall(b"\x01")  # no password
            viewer.recv(4, socket.MSG_WAITALL)
            viewer.sendall(b"\x01")  # beside others
            head = viewer.recv(24, socket.MSG_WAITALL)
            viewer.recv(struct.unpack(">I", head[20:])[0], socket.MSG_WAITALL)
        return self._pointer

    def close(self) -> None:
        if getattr(self, "_pointer", None) is not None:
            self._pointer.close()  # type: ignore[union-attr]
        super().close()
        shutil.rmtree(self._sockets, ignore_errors=True)
