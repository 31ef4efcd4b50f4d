"""The folders of the VS Code family, on every system, and what is kept in them under keys."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.machine import Machine
from app.model.usage import Cursor
from app.shapes import vscode
from app.shapes.database import Base, read_database
from app.shapes.gathering import Gathered
from app.shapes.vscdb import items


def made(home: Path, *folders: str) -> None:
    for folder in folders:
        (home / folder).mkdir(parents=True)


def below(home: Path, folders: Sequence[Path]) -> list[str]:
    return [folder.relative_to(home).as_posix() for folder in folders]


SYSTEMS = {"linux": ".config", "darwin": "Library/Application Support", "win32": "AppData/Roaming"}


@pytest.mark.parametrize(("system", "base"), SYSTEMS.items())
def test_products_of_each_system(tmp_path: Path, system: str, base: str) -> None:
    """Those that are there, VS Code's own even if it is not; a folder of another program is none."""
    made(tmp_path, f"{base}/VSCodium/User", f"{base}/IBM Bob/User", f"{base}/Slack/User", f"{base}/Cursor")
    machine = Machine(tmp_path, system=system)
    found = below(tmp_path, list(vscode.users(machine)))
    assert found == [f"{base}/Code/User", f"{base}/VSCodium/User", f"{base}/IBM Bob/User"]


@pytest.mark.parametrize(
    ("system", "variable"), [("linux", "XDG_CONFIG_HOME"), ("win32", "APPDATA"), ("linux", "VSCODE_APPDATA")]
)
def test_a_variable_moves_them(tmp_path: Path, system: str, variable: str) -> None:
    made(tmp_path, "elsewhere/Cursor/User", ".config/Cursor/User", "AppData/Roaming/Cursor/User")
    machine = Machine(tmp_path, {variable: str(tmp_path / "elsewhere")}, system)
    assert below(tmp_path, list(vscode.users(machine))) == ["elsewhere/Code/User", "elsewhere/Cursor/User"]


def test_portable_remote_and_packed(tmp_path: Path) -> None:
    wanted = [
        "stick/data/user-data/User",
        ".config/Code/User",
        "agents/data/User",
        ".vscode-server/data/User",
        ".cursor-server/data/User",
        ".local/share/code-server/User",
        ".var/app/com.vscodium.codium/config/VSCodium/User",
    ]
    made(tmp_path, *wanted)
    environment = {"VSCODE_PORTABLE": "~/stick/data", "VSCODE_AGENT_FOLDER": str(tmp_path / "agents")}
    found = below(tmp_path, list(vscode.users(Machine(tmp_path, environment, "linux"))))
    assert found[0] == ".config/Code/User" and sorted(found) == sorted(wanted)


def test_storage_of_all_workspaces_and_of_each(tmp_path: Path) -> None:
    user = ".config/Code/User"
    made(tmp_path, f"{user}/profiles/-5e1/globalStorage", f"{user}/workspaceStorage/b1", f"{user}/workspaceStorage/a1")
    (tmp_path / user / "workspaceStorage" / "note.txt").touch()
    machine = Machine(tmp_path, system="linux")
    assert below(tmp_path, list(vscode.global_storage(machine))) == [
        f"{user}/globalStorage",
        f"{user}/profiles/-5e1/globalStorage",
    ]
    assert below(tmp_path, list(vscode.workspace_storage(machine))) == [
        f"{user}/workspaceStorage/a1",
        f"{user}/workspaceStorage/b1",
    ]


@pytest.mark.parametrize(
    ("facts", "project"),
    [
        ({"folder": "file:///home/me/caf%C3%A9%20bar"}, "/home/me/café bar"),
        ({"folder": "file:///c%3A/Users/me/app"}, "C:\\Users\\me\\app"),
        ({"folder": "file://server/share/app"}, "\\\\server\\share\\app"),
        ({"folder": "vscode-remote://wsl%2Bubuntu/home/me/app"}, "/home/me/app"),
        ({"workspace": "file:///home/me/all.code-workspace"}, "/home/me/all.code-workspace"),
        ({"workspace": {"id": "1", "configPath": "file:///home/me/old.code-workspace"}}, "/home/me/old.code-workspace"),
        ({"folder": "no uri"}, None),
        ({}, None),
    ],
)
def test_the_project_of_a_workspace(tmp_path: Path, facts: dict[str, Any], project: str | None) -> None:
    (tmp_path / "workspace.json").write_text(json.dumps(facts))
    assert vscode.project_of(tmp_path) == project


def test_a_workspace_without_a_file_or_with_a_damaged_one(tmp_path: Path) -> None:
    assert vscode.project_of(tmp_path) is None
    (tmp_path / "workspace.json").write_bytes(b'{"folder": "file:///ho')
    assert vscode.project_of(tmp_path) is None


# --- state.vscdb


def stored(path: Path, **values: str | bytes) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)")
        connection.executemany("INSERT INTO ItemTable VALUES (?, ?)", values.items())


def asked(path: Path, cursor: Cursor | None, *keys: str) -> tuple[dict[str, Any], dict[str, int], bool, Cursor]:
    """What was found, what was left out, whether counting began anew, and where reading stopped."""
    found: dict[str, Any] = {}
    anew: list[bool] = []

    def take(base: Base, gathered: Gathered) -> None:
        found.update(items(base, gathered, *keys))
        anew.append(gathered.anew)

    (batch,) = read_database("test", 1, path, cursor, take)
    return found, dict(batch.skipped), anew[-1], batch.end


def test_only_what_was_named_is_asked_for(tmp_path: Path) -> None:
    """Text and bytes, lists and objects; what begins with a name that ends in a star; no secret beside them."""
    path = tmp_path / vscode.STATE
    secrets = {"secret://x": '{"token": "canary"}', "chats-": "[0]"}
    stored(path, **{"a.ext": '{"n": 1}', "chat-1": b"[1]", "chat-2": '["\\ud800"]', "bad": "{", **secrets})
    found, skipped, anew, _ = asked(path, None, "a.ext", "chat-*", "bad", "absent")
    assert found == {"a.ext": {"n": 1}, "chat-1": [1], "chat-2": ["�"]}
    assert skipped == {"not JSON": 1} and not anew


def test_what_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    """The editor writes there all the time; where one of the values changed all of them are told again."""
    path = tmp_path / vscode.STATE
    stored(path, a="1", b="2", other="3")
    first, _, _, cursor = asked(path, None, "a", "b")
    stored(path, other="4")
    second, _, _, cursor = asked(path, cursor, "a", "b")
    stored(path, b="5")
    third, _, anew, _ = asked(path, cursor, "a", "b")
    assert (first, second, third, anew) == ({"a": 1, "b": 2}, {}, {"a": 1, "b": 5}, True)


def test_a_database_without_the_table_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / vscode.STATE
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE other (key)")
    assert asked(path, None, "a")[0] == {}
