"""The rules of the house, run: every import contract holds, and is shown to break when somebody breaks it."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
PLANTED = {
    "Each layer imports only those below it": ("app/model/usage.py", "import app.store.writer"),
    "Qt and charts only in app.ui": ("app/report/meters.py", "import PySide6.QtCore"),
    "SQL only in app.store": ("app/ingest/worker.py", "import sqlalchemy"),
    "No network module anywhere": ("app/pricing/catalog.py", "import urllib.request"),
    "No processes are started": ("app/ingest/reading.py", "import subprocess"),
    "Sources know nothing of each other": ("app/sources/codex.py", "import app.sources.claude_code"),
}
AGENT = re.compile(r"claude|codex|gemini|opencode|copilot|cline|cursor ide", re.IGNORECASE)
PLAYS_AGENTS = {"app/demo.py"}
"""Writes made-up logs in the agents' own shapes, and says so."""


def test_each_contract_has_a_planted_violation() -> None:
    """A new contract without a case here would never be seen to work."""
    assert {contract["name"] for contract in CONTRACTS} == set(PLANTED)


def _lint(folder: Path) -> str:
    """What import-linter says of a tree: its own words, whatever its exit status."""
    script = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    ran = subprocess.run(
        [sys.executable, "-c", script, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return re.sub(r"\x1b\[[0-9;]*m", "", ran.stdout + ran.stderr)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "app", folder / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_contracts_are_kept(tree: Path) -> None:
    said = _lint(tree)
    for contract in CONTRACTS:
        assert f"{contract['name']} KEPT" in said, said


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_violation_is_caught(name: str, tree: Path) -> None:
    path, offence = PLANTED[name]
    module = tree / path
    before = module.read_text()
    module.write_text(before + f"\n{offence}\n")
    try:
        assert f"{name} BROKEN" in _lint(tree)
    finally:
        module.write_text(before)


def test_a_stray_module_is_asked_where_it_belongs(tree: Path) -> None:
    """`helpers.py` would be at home nowhere."""
    stray = tree / "app/helpers.py"
    stray.write_text("")
    try:
        assert "helpers" in _lint(tree)
    finally:
        stray.unlink()


def _modules() -> list[Path]:
    return sorted((ROOT / "app").rglob("*.py"))


def test_qtnetwork_is_named_nowhere() -> None:
    """It is a part of a foreign package, which import-linter cannot name."""
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
            home = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            assert not any("QtNetwork" in name for name in (*names, home)), path


def test_agents_are_named_only_where_they_are_described() -> None:
    """One fact, one home: an agent's name, paths and quirks stand in its own source file."""
    offenders: list[str] = []
    for path in _modules():
        relative = path.relative_to(ROOT).as_posix()
        if relative.startswith(("app/sources/", "app/pricing/")) or relative in PLAYS_AGENTS:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if AGENT.search(line):
                offenders.append(f"{relative}:{number}: {line.strip()}")
    assert not offenders, "\n".join(offenders)
