"""What can be found out about our own process: each check is tried, and None is that this system does not tell.

Nothing here opens a socket; the system is asked what it knows.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Literal, NamedTuple

from app.machine import Machine

PROC = Path("/proc/self")
NETWORK = frozenset(
    (
        *("socket", "ssl", "http", "urllib", "ftplib", "smtplib", "poplib", "imaplib", "telnetlib", "socketserver"),
        *("xmlrpc", "asyncio", "requests", "httpx", "httpx2", "aiohttp", "urllib3", "websockets"),
    )
)
"""What no module of Cuenta may hold."""
CLIENTS = frozenset(("requests", "httpx", "httpx2", "aiohttp", "urllib3", "websockets", "PySide6.QtNetwork"))
_TABLES = ("tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp", "icmp6")
Refusal = Literal["denied", "not restricted", "unknown"]


def refusal(proc: Path = PROC) -> Refusal | None:
    """Does the system keep this process from the network?

    `denied` where it sees no network device but its own loopback; `unknown` under a filter whose rules are not told.
    """
    try:
        devices = [line.partition(":")[0].strip() for line in (proc / "net/dev").read_text().splitlines()[2:]]
        status = (proc / "status").read_text().splitlines()
    except OSError:
        return None
    if set(devices) <= {"lo"}:
        return "denied"
    return "not restricted" if "Seccomp:\t0" in status else "unknown"


def connections(proc: Path = PROC) -> int | None:
    """Internet sockets that this process holds open."""
    try:
        links = [_link(one) for one in (proc / "fd").iterdir()]
        held = {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}
        tables = [proc / "net" / name for name in _TABLES]
        inet = {words[9] for table in tables if table.exists() for words in _rows(table)}
    except OSError:
        return None
    return len(held & inet)


def _rows(table: Path) -> list[list[str]]:
    rows = [line.split() for line in table.read_text().splitlines()[1:]]
    return [words for words in rows if len(words) > 9]


class Modules(NamedTuple):
    ours: int
    """Modules of Cuenta that are loaded."""
    holding: tuple[str, ...]
    """Those of them that hold a network module or something out of one."""
    loaded: int
    clients: tuple[str, ...]
    """HTTP clients and QtNetwork, whoever loaded them."""
    standard: tuple[str, ...]
    """Of the standard library's network modules, those that libraries have loaded."""


def modules(proc: Path = PROC) -> Modules:
    """Looks into every module of this process."""
    everything = dict(sys.modules)
    ours = {name: module for name, module in everything.items() if name == "app" or name.startswith("app.")}
    holding = tuple(sorted(name for name, module in ours.items() if _holds_network(module)))
    clients = {name for name in CLIENTS if name in everything} | _mapped(proc)
    standard = tuple(sorted(name for name in ("http.client", "socket", "ssl", "urllib.request") if name in everything))
    return Modules(len(ours), holding, len(everything), tuple(sorted(clients)), standard)


def _holds_network(module: ModuleType) -> bool:
    for value in list(vars(module).values()):
        if isinstance(value, ModuleType):
            home = value.__name__
        elif isinstance(value, type | FunctionType):
            home = value.__module__ or ""
        else:
            continue
        if home.partition(".")[0] in NETWORK:
            return True
    return False


def _mapped(proc: Path) -> set[str]:
    """QtNetwork where a plugin of Qt brought it in, which Python would not know."""
    try:
        maps = (proc / "maps").read_text(errors="replace")
    except OSError:
        return set()
    return {"QtNetwork"} if "Qt6Network" in maps else set()


class OpenLogs(NamedTuple):
    reading: int
    writing: int


def open_logs(roots: Iterable[Path], proc: Path = PROC) -> OpenLogs | None:
    """Files below these folders that this process has open at this moment, by what it may do with them."""
    places = [f"{root}{os.sep}" for root in roots]
    reading = writing = 0
    try:
        for one in (proc / "fd").iterdir():
            link = _link(one)
            if not any(link.startswith(place) for place in places):
                continue
            if _flags(proc / "fdinfo" / one.name) & (os.O_WRONLY | os.O_RDWR):
                writing += 1
            else:
                reading += 1
    except OSError:
        return None
    return OpenLogs(reading, writing)


def _link(descriptor: Path) -> str:
    try:
        return os.readlink(descriptor)
    except FileNotFoundError:  # closed while we looked
        return ""


def _flags(facts: Path) -> int:
    try:
        lines = facts.read_text().splitlines()
    except FileNotFoundError:
        return 0
    return next((int(line.split()[1], 8) for line in lines if line.startswith("flags:")), 0)


class DataFolder(NamedTuple):
    bytes: int
    mode: int | None
    """Permissions; None where the system has none of that kind."""


def data_folder(machine: Machine) -> DataFolder:
    """How large all that Cuenta keeps is, and who may look into it."""
    size = 0
    for folder, _, names in os.walk(machine.data):
        for name in names:
            try:
                size += os.stat(os.path.join(folder, name)).st_size
            except OSError:
                continue
    try:
        mode = None if machine.system == "win32" else machine.data.stat().st_mode & 0o777
    except OSError:
        mode = None
    return DataFolder(size, mode)


def command(machine: Machine) -> str:
    """What shows this process's connections in a terminal."""
    pid = os.getpid()
    if machine.system == "win32":
        return f"netstat -ano | findstr {pid}"
    if machine.system == "darwin":
        return f"lsof -nP -a -i -p {pid}"
    return f'ss -tupn | grep "pid={pid},"'
