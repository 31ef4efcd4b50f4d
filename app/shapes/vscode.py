"""Where editors of the VS Code family keep what their extensions write: one User directory for each product and place.

Only what is there is told, and VS Code's own always: a new product is found at the next look at everything. What lies
elsewhere (`--user-data-dir`, a WSL home seen from Windows) is a folder that its owner adds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.shapes.fields import mapping, record_of, word

STATE = "state.vscdb"
"""The key/value database of a storage folder (see `shapes.vscdb`)."""
_PRODUCTS = (
    *("Code", "Code - Insiders", "Code - Exploration", "Code - OSS", "VSCodium", "VSCodium - Insiders"),
    *("Cursor", "Cursor Nightly", "Windsurf", "Windsurf - Next", "Devin", "Positron", "Antigravity", "Antigravity IDE"),
    *("Kiro", "Trae", "Trae CN", "TRAE SOLO CN", "CodeBuddy", "Qoder", "QoderCN", "Void", "IBM Bob", "Bob-IDE"),
)
_SERVERS = (
    *(".vscode-server", ".vscode-server-insiders", ".vscode-remote", ".vscodium-server", ".cursor-server"),
    *(".windsurf-server", ".kiro-server", ".antigravity-server", ".openvscode-server"),
)
_FLATPAKS = (("com.visualstudio.code", "Code"), ("com.vscodium.codium", "VSCodium"))
_LARGEST = 65_536
"""Bytes: a workspace's file names one folder."""


def users(machine: Machine) -> Iterator[Path]:
    """The User directories that exist, after VS Code's own, which may not."""
    usual = applications(machine) / _PRODUCTS[0] / "User"
    yield usual
    yield from (place for place in _places(machine) if place != usual and place.is_dir())


def global_storage(machine: Machine) -> Iterator[Path]:
    """Folders of what is kept for all workspaces, one a profile; an extension's own is below it, its id in lower case."""
    for user in users(machine):
        yield user / "globalStorage"
        yield from sorted(user.glob("profiles/*/globalStorage"))


def workspace_storage(machine: Machine) -> Iterator[Path]:
    """The folder of each workspace that was ever opened; an extension's own is below it, its id in any case."""
    for user in users(machine):
        yield from sorted(one for one in user.glob("workspaceStorage/*") if one.is_dir())


def applications(machine: Machine) -> Path:
    """Where programs of this system keep their data; a product's User directory is `<product>/User` below it."""
    named = machine.variable("VSCODE_APPDATA")
    if named:
        return machine.path(named)
    if machine.system == "win32":
        return Path(machine.variable("APPDATA") or machine.home / "AppData" / "Roaming")
    if machine.system == "darwin":
        return machine.home / "Library" / "Application Support"
    return Path(machine.variable("XDG_CONFIG_HOME") or machine.home / ".config")


def _places(machine: Machine) -> Iterator[Path]:
    portable, agent = machine.variable("VSCODE_PORTABLE"), machine.variable("VSCODE_AGENT_FOLDER")
    if portable:
        yield machine.path(portable) / "user-data" / "User"
    yield from (applications(machine) / product / "User" for product in _PRODUCTS)
    if agent:
        yield machine.path(agent) / "data" / "User"
    yield from (machine.home / server / "data" / "User" for server in _SERVERS)
    if machine.system != "win32":
        shared = machine.variable("XDG_DATA_HOME") or machine.home / ".local" / "share"
        yield Path(shared) / "code-server" / "User"
    yield from (machine.home / ".var" / "app" / name / "config" / product / "User" for name, product in _FLATPAKS)


def project_of(workspace: Path) -> str | None:
    """The folder that a workspace's storage is for, or the file that names its several folders; None where it has none."""
    try:
        with open(workspace / "workspace.json", "rb") as file:
            facts = record_of(file.read(_LARGEST)) or {}
    except OSError:
        return None
    several = facts.get("workspace") or facts.get("configuration")
    uri = word(facts.get("folder")) or word(several) or word(mapping(several).get("configPath"))
    return None if uri is None else path_of(uri)


def path_of(uri: str) -> str | None:
    """The path in a URI as VS Code writes it, on whatever machine: `file:///c%3A/w` is `C:\\w`. None where it is no URI."""
    scheme, between, rest = uri.partition("://")
    if not between:
        return None
    host, slash, below = _decoded(rest).partition("/")
    if re.match("[A-Za-z]:", below):
        return (below[0].upper() + below[1:]).replace("/", "\\")
    if scheme == "file" and host:
        return f"\\\\{host}\\{below}".replace("/", "\\")
    return (slash + below) or None


def _decoded(text: str) -> str:
    """`urllib`, which does this too, is not imported: nothing here can reach a network."""
    escaped = os.fsencode(text) if text.isascii() else text.encode("utf-8", "replace")
    return re.sub(b"%([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), escaped).decode(
        "utf-8", "replace"
    )
