"""A desk for a test: an X server, a session bus, a home of its own, and on request real panels.

Everything is waited for by a condition, never by a fixed time; the display is picked by the X server, so tests can run
side by side. Used as `with Desk(tmp_path) as desk:` or through the fixture `desk`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Self, TypeVar

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus
from PIL import Image

from tests.patience import PATIENCE

Found = TypeVar("Found")
Box = tuple[int, int, int, int]

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
NEEDED = ("Xvfb", "dbus-daemon", "xdotool", "import")
HUES = {"live": (0x5C, 0xC3, 0xCF), "near": (0xE3, 0xA5, 0x3A), "problem": (0xF0, 0x70, 0x5F)}
"""The color set for a dark panel: the marks by which a screenshot is searched for the icon."""

_XFCE = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="true"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/><value type="int" value="2"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="known-items" type="array"><value type="string" value="Cuenta"/></property>
    </property>
  </property>
</channel>
"""


ROOT = Path(__file__).resolve().parents[2]


def missing(*programs: str) -> str | None:
    """Why a test can't run here, for `skipif`; None where all programs are installed."""
    absent = [name for name in (*NEEDED, *programs) if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


def wait(condition: Callable[[], Found | None], what: str, seconds: float = PATIENCE, step: float = 0.03) -> Found:
    """The first true value of the condition. Fails with the name of what was waited for."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(step)


class Desk:
    """One user's screen, bus and home, with the processes that were started on it."""

    def __init__(self, folder: Path, screen: str = "800x600x24") -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        self._processes: list[subprocess.Popen[str]] = []
        self._logs: list[IO[str]] = []
        self.env = self._environment()
        try:
            self._start_screen(screen)
            self._start_bus()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _environment(self) -> dict[str, str]:
        kept = {
            name: os.environ[name]
            for name in ("PATH", "LANG", "LD_LIBRARY_PATH", "PYTHONPYCACHEPREFIX")
            if name in os.environ
        }
        folders = {"XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache", "XDG_DATA_HOME": "share"}
        runtime = self.folder / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        return {
            **kept,
            **{name: str(self.home / folder) for name, folder in folders.items()},
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(runtime),
            "LC_ALL": "C.UTF-8",
            "NO_AT_BRIDGE": "1",
            "GTK_A11Y": "none",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def _start_screen(self, screen: str) -> None:
        reading, writing = os.pipe()
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", screen, "-nolisten", "tcp", "-noreset"]
        self.spawn(command, pass_fds=(writing,))
        os.close(writing)
        with os.fdopen(reading) as pipe:  # to the end of the line: Xvfb dies if the pipe closes while it writes
            number = pipe.readline().strip()
        assert number, "Xvfb has not started: " + self.log("Xvfb")
        self.env["DISPLAY"] = f":{number}"

    def _start_bus(self) -> None:
        """Always one: without it Qt and GTK would start a stray bus by dbus-launch."""
        command = ["dbus-daemon", "--session", "--nofork", "--print-address=1", "--address=unix:tmpdir=/tmp"]
        process = self.spawn(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        self.env["DBUS_SESSION_BUS_ADDRESS"] = process.stdout.readline().strip()

    def spawn(
        self, command: Sequence[str], stdout: int | IO[str] = subprocess.DEVNULL, **more: Any
    ) -> subprocess.Popen[str]:
        """Starts a program on this desk; it ends with the desk."""
        name = "python" if command[0] == sys.executable else Path(command[0]).name
        log = (self.folder / f"{name}.log").open("a")
        self._logs.append(log)
        process = subprocess.Popen(
            list(command), env=self.env, stdout=stdout, stderr=log, text=True, start_new_session=True, **more
        )
        self._processes.append(process)
        return process

    def python(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        """Starts Python in the checkout with these arguments; stderr goes to the log named `python`."""
        return self.spawn([sys.executable, *arguments], cwd=ROOT, **more)

    def run(self, *command: str) -> str:
        """What a program wrote to stdout, whatever its exit status."""
        return subprocess.run(command, check=False, env=self.env, capture_output=True, text=True, timeout=20).stdout

    def log(self, program: str) -> str:
        """What that program has written to stderr."""
        path = self.folder / f"{program}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # The panels.

    def trayer(self) -> subprocess.Popen[str]:
        """An XEmbed tray at the top right."""
        options = ["--edge", "top", "--align", "right", "--widthtype", "request", "--height", "28"]
        return self.spawn(["trayer", *options, "--tint", "0x202326", "--transparent", "true", "--alpha", "0"])

    def xfce_panel(self) -> subprocess.Popen[str]:
        """A panel with a StatusNotifier tray along the top."""
        folder = Path(self.env["XDG_CONFIG_HOME"]) / "xfce4/xfconf/xfce-perchannel-xml"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "xfce4-panel.xml").write_text(_XFCE)
        return self.spawn(["xfce4-panel", "--disable-wm-check"])

    def window_manager(self) -> subprocess.Popen[str]:
        return self.spawn(["openbox"])

    # The bus.

    def call(self, name: str, path: str, interface: str, member: str, signature: str = "", *body: Any) -> list[Any]:
        """The answer to a call on the session bus."""
        message = Message(name, path, interface, member, signature=signature, body=list(body))

        async def ask() -> list[Any]:
            bus = await MessageBus(bus_address=self.env["DBUS_SESSION_BUS_ADDRESS"]).connect()
            try:
                reply = await bus.call(message)
            finally:
                bus.disconnect()
            assert reply is not None
            if reply.message_type == MessageType.ERROR:
                raise RuntimeError(f"{member}: {reply.error_name} {reply.body}")
            return reply.body

        return asyncio.run(ask())

    def owned(self, name: str) -> bool:
        """Has that bus name an owner?"""
        bus = "org.freedesktop.DBus"
        return self.call(bus, "/org/freedesktop/DBus", bus, "NameHasOwner", "s", name)[0]

    def item(self) -> str | None:
        """The bus name of the first StatusNotifier item; None while there is none."""
        if not self.owned(WATCHER):
            return None
        items = self._property(WATCHER, "/StatusNotifierWatcher", WATCHER, "RegisteredStatusNotifierItems")
        return items[0].partition("/")[0] if items else None

    def item_property(self, name: str) -> Any:
        """A property of that item, such as ToolTip or IconPixmap."""
        return self._property(self.item() or "", "/StatusNotifierItem", ITEM, name)

    def tooltip(self) -> str:
        """The tooltip as the host reads it."""
        return self.item_property("ToolTip")[2]

    def _property(self, name: str, path: str, interface: str, wanted: str) -> Any:
        return self.call(name, path, "org.freedesktop.DBus.Properties", "Get", "ss", interface, wanted)[0].value

    # The screen.

    def shot(self) -> Image.Image:
        """The whole screen."""
        path = self.folder / "screen.png"
        self.run("import", "-window", "root", str(path))
        with Image.open(path) as picture:
            return picture.convert("RGB")

    def pixels(self, *states: str) -> list[tuple[int, int]]:
        """Where the screen shows the icon's hue of these states (all of them by default)."""
        hues = [HUES[state] for state in states or HUES]
        picture = self.shot()
        width = picture.width
        raw = picture.tobytes()
        found: list[tuple[int, int]] = []
        for index in range(width * picture.height):
            pixel = raw[3 * index : 3 * index + 3]
            if pixel != b"\0\0\0" and any(
                sum(abs(a - b) for a, b in zip(pixel, hue, strict=True)) < 30 for hue in hues
            ):
                found.append((index % width, index // width))
        return found

    def icon(self, *states: str) -> Box | None:
        """The box around the icon's pixels; None while it does not show."""
        found = self.pixels(*states)
        if len(found) < 6:
            return None
        across, down = [x for x, _ in found], [y for _, y in found]
        return min(across), min(down), max(across), max(down)

    def wait_icon(self, *states: str) -> Box:
        """The icon once it shows in one of these states."""
        return wait(lambda: self.icon(*states), f"the icon on the screen ({', '.join(states) or 'any state'})")

    def click(self, box: Box, button: int = 1) -> None:
        """A real click in the middle of a box."""
        across, down = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
        self.run("xdotool", "mousemove", str(across), str(down), "click", str(button))

    def windows(self, title: str = "") -> set[str]:
        """Ids of the visible top windows whose title matches; menus are windows too, and some have no title."""
        return set(self.run("xdotool", "search", "--onlyvisible", "--maxdepth", "1", "--name", title).split())

    def close(self) -> None:
        """Ends what was started, youngest first."""
        for process in reversed(self._processes):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self._processes):
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(3)
            if process.stdout is not None:
                process.stdout.close()
        for log in self._logs:
            log.close()
