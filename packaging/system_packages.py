"""What Linux itself must have: the shared libraries that Qt opens, a font, and the programs that the tests start.

Part of bootstrap.py and, like it, standard library only. Here we find out what is missing and what it is called on this
system, and install it where we may: on Debian and its relatives, as root. Everywhere else there is one command to
print. macOS and Windows need nothing of this.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

FONT = "a font"

# Everything that Qt's two ends need: widgets, and the plug-in that talks to an X server.
QT_FILES = ("QtWidgets.abi3.so", "Qt/plugins/platforms/libqxcb.so")

# Programs the tests start: a screen, a bus, window managers, trays, and hands and eyes. Name → Debian package.
TEST_PROGRAMS = {
    "Xvfb": "xvfb",
    "dbus-daemon": "dbus-daemon",
    "dbus-send": "dbus-bin",
    "openbox": "openbox",
    "trayer": "trayer",
    "xfwm4": "xfwm4",
    "xfce4-panel": "xfce4-panel",
    "xdotool": "xdotool",
    "import": "imagemagick",
    "xprop": "x11-utils",
    "sway": "sway",
    "swaymsg": "sway",
    "waybar": "waybar",
    "grim": "grim",
    "wayvnc": "wayvnc",
    "git": "git",
}

# What they open that is no program: the screen reader's bus, and what asks it. Name → where it lies, Debian package.
TEST_FILES = {
    "at-spi-bus-launcher": (("usr/lib*/at-spi-bus-launcher", "usr/lib*/at-spi*/at-spi-bus-launcher"), "at-spi2-core"),
    "Atspi-2.0.typelib": (
        ("usr/lib*/girepository-1.0/Atspi-2.0.typelib", "usr/lib/*/girepository-1.0/Atspi-2.0.typelib"),
        "gir1.2-atspi-2.0",
    ),
    "python3-gi": (("usr/lib*/python3*/dist-packages/gi", "usr/lib*/python3*/site-packages/gi"), "python3-gi"),
}

# Debian names a library's package after the library (see debian_library); these are the exceptions among Qt's.
DEBIAN_EXCEPTIONS = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libz.so.1": "zlib1g",
}

# What no rpm provides by the name of a program or a library.
RPM_NAMES = {
    "at-spi-bus-launcher": "at-spi2-core",
    "Atspi-2.0.typelib": "'typelib(Atspi)'",
    "python3-gi": "python3-gobject",
}

# Arch has its own names, and fewer packages.
ARCH_NAMES = {
    "libxcb-cursor.so.0": "xcb-util-cursor",
    "libxcb-icccm.so.4": "xcb-util-wm",
    "libxcb-image.so.0": "xcb-util-image",
    "libxcb-keysyms.so.1": "xcb-util-keysyms",
    "libxcb-render-util.so.0": "xcb-util-renderutil",
    "libxcb-util.so.1": "xcb-util",
    "libX11.so.6": "libx11",
    "libX11-xcb.so.1": "libx11",
    "libGL.so.1": "libglvnd",
    "libEGL.so.1": "libglvnd",
    "libglib-2.0.so.0": "glib2",
    "libgthread-2.0.so.0": "glib2",
    "libdbus-1.so.3": "dbus",
    "libfreetype.so.6": "freetype2",
    "libz.so.1": "zlib",
    "Xvfb": "xorg-server-xvfb",
    "dbus-daemon": "dbus",
    "dbus-send": "dbus",
    "swaymsg": "sway",
    "import": "imagemagick",
    "xprop": "xorg-xprop",
    "at-spi-bus-launcher": "at-spi2-core",
    "Atspi-2.0.typelib": "at-spi2-core",
    "python3-gi": "python-gobject",
    FONT: "ttf-dejavu",
}


# --- what is missing -------------------------------------------------------------------------------------------------


def missing_for_display(pyside: Path) -> list[str]:
    """What the tray app would miss on this machine; `pyside` is the installed folder PySide6."""
    return [*missing_libraries(pyside), *([] if has_font() else [FONT])]


def missing_for_tests(pyside: Path) -> list[str]:
    programs = (program for program in TEST_PROGRAMS if not shutil.which(program))
    return [*missing_for_display(pyside), *programs, *(name for name in TEST_FILES if not has_file(name))]


def has_file(name: str, root: Path = Path("/")) -> bool:
    return any(next(root.glob(pattern), None) is not None for pattern in TEST_FILES[name][0])


def missing_libraries(pyside: Path) -> list[str]:
    """Asks the system's own loader. Qt names one library whatever is missing, mostly the wrong one."""
    files = [str(pyside / name) for name in QT_FILES if (pyside / name).exists()]
    if not files or not shutil.which("ldd"):
        return []
    answer = subprocess.run(["ldd", *files], capture_output=True, text=True, errors="replace", check=False)
    return libraries_not_found(answer.stdout)


def libraries_not_found(ldd_output: str) -> list[str]:
    found = re.findall(r"^\s*(\S+) => not found", ldd_output, flags=re.MULTILINE)
    return sorted(set(found))


def has_font() -> bool:
    """Without any font every letter is an empty box, and nothing fails."""
    return any(path.suffix in {".ttf", ".otf", ".ttc", ".pfb"} for folder in font_folders() for path in walk(folder))


def font_folders() -> list[Path]:
    home = Path(os.path.expanduser("~"))
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts", home / ".fonts"]


def walk(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)


# --- what it is called here ------------------------------------------------------------------------------------------


def debian_name(thing: str) -> str:
    if thing == FONT:
        return "fonts-dejavu-core"
    if thing in TEST_FILES:
        return TEST_FILES[thing][1]
    return TEST_PROGRAMS.get(thing) or DEBIAN_EXCEPTIONS.get(thing) or debian_library(thing)


def debian_library(soname: str) -> str:
    """Debian's own rule: libxcb-cursor.so.0 lies in libxcb-cursor0, libdbus-1.so.3 in libdbus-1-3."""
    name, _, version = soname.lower().replace("_", "-").partition(".so.")
    return name + ("-" if name[-1:].isdigit() else "") + version


def rpm_name(thing: str) -> str:
    """Fedora and openSUSE also install by what a package provides, so that no table of names is needed."""
    if thing == FONT:
        return "dejavu-sans-fonts" if shutil.which("dnf") else "dejavu-fonts"
    if thing in TEST_FILES:
        return RPM_NAMES[thing]
    return f"'{thing}()(64bit)'" if ".so" in thing else f"/usr/bin/{thing}"


def arch_name(thing: str) -> str:
    return ARCH_NAMES.get(thing) or ("libxcb" if thing.startswith("libxcb") else thing.partition(".so")[0])


# The program that installs, how it names things, and the command. Only the first was tried by us.
MANAGERS: dict[str, tuple[Callable[[str], str], str]] = {
    "apt-get": (debian_name, "sudo apt-get update && sudo apt-get install -y --no-install-recommends {names}"),
    "dnf": (rpm_name, "sudo dnf install {names}"),
    "zypper": (rpm_name, "sudo zypper install {names}"),
    "pacman": (arch_name, "sudo pacman -S --needed {names}"),
}


def package_names(manager: str, things: list[str]) -> list[str]:
    name_of = MANAGERS[manager][0]
    return sorted({name_of(thing) for thing in things})


def manager_here() -> str | None:
    return next((name for name in MANAGERS if shutil.which(name)), None)


def advice(manager: str | None, things: list[str]) -> str:
    """The one command that a person can copy."""
    if manager is None:
        return "Please install with your system's package manager: " + ", ".join(things)
    command = MANAGERS[manager][1].format(names=" ".join(package_names(manager, things)))
    untried = "" if manager == "apt-get" else "  (we have not tried this command)"
    return f"This installs it:\n\n    {command}{untried}\n"


# --- installing ------------------------------------------------------------------------------------------------------


def may_install(manager: str | None) -> bool:
    return manager == "apt-get" and os.geteuid() == 0


def install_debian_packages(names: list[str]) -> tuple[bool, str]:
    """True if all went well, and what apt-get said. After a failed update the old lists may still be good enough."""
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]
    update = run_quietly([*apt, "update"])
    install = run_quietly([*apt, "install", "-y", "--no-install-recommends", *names])
    return install.returncode == 0, update.stdout + install.stdout


def run_quietly(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
