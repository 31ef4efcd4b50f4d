"""A settings file on a disk: shown first, copied, written whole, and as it was again after undoing."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from app.agent_files import ledger
from app.agent_files.edit import Edit
from app.agent_files.edits import RefusedError
from app.agent_files.plan import Plan, connect, disconnect
from app.agent_files.writing import carry_out, undo_all
from app.diagnostics import KnownError
from app.machine import Machine

EDITS = (Edit(("hooks", "stop"), {"command": "cuenta hook x"}, joins=True),)
TEXT = '{\n  // mine\n  "version": 1,\n  "hooks": {"stop": [{"command": "mine"}]},\n}\n'
EMPTY = '{\n  "version": 1\n}\n'


@pytest.fixture
def file(machine: Machine) -> Path:
    path = machine.home / ".agent" / "hooks.json"
    path.parent.mkdir()
    path.write_text(TEXT)
    return path


def planned(machine: Machine, file: Path, edits: tuple[Edit, ...] = EDITS) -> Plan:
    return connect(machine, "agent", file, edits, EMPTY)


def undo(machine: Machine) -> None:
    one = ledger.written(machine, "agent")
    assert one is not None
    carry_out(machine, disconnect(machine, one))


def left_over(machine: Machine, file: Path) -> set[str]:
    return {path.name for path in file.parent.iterdir()} | {str(path) for path in machine.data.rglob("*")}


def test_the_difference_is_told_before_anything_is_written(machine: Machine, file: Path) -> None:
    diff = planned(machine, file).diff(machine)
    assert diff.startswith("--- ~/.agent/hooks.json\n+++ ~/.agent/hooks.json\n@@")
    assert '+  "hooks": {"stop": [{"command": "mine"}, {"command": "cuenta hook x"}]},' in diff
    assert file.read_text() == TEXT
    assert left_over(machine, file) == {"hooks.json"}


def test_undoing_gives_the_file_back_and_leaves_nothing(machine: Machine, file: Path) -> None:
    carry_out(machine, planned(machine, file))
    assert "cuenta hook x" in file.read_text()
    assert (machine.data / "connected" / "agent.before").read_text() == TEXT
    undo(machine)
    assert file.read_text() == TEXT
    assert left_over(machine, file) == {"hooks.json"}


def test_a_file_that_we_made_goes_and_one_that_was_used_since_stays(machine: Machine, file: Path) -> None:
    file.unlink()
    plan = planned(machine, file)
    assert plan.diff(machine).startswith("--- ~/.agent/hooks.json (not there)\n")
    carry_out(machine, plan)
    assert json.loads(file.read_text()) == {"version": 1, "hooks": {"stop": [{"command": "cuenta hook x"}]}}
    undo(machine)
    assert not file.exists()
    carry_out(machine, planned(machine, file))
    file.write_text(file.read_text().replace('"version": 1', '"version": 1, "theirs": 2'))
    undo(machine)
    assert json.loads(file.read_text()) == {"version": 1, "theirs": 2}


def test_of_a_file_changed_since_only_our_part_goes(machine: Machine, file: Path) -> None:
    carry_out(machine, planned(machine, file))
    file.write_text(file.read_text().replace("// mine", "// mine, newer"))
    undo(machine)
    assert file.read_text() == TEXT.replace("// mine", "// mine, newer")
    assert ledger.all_written(machine) == ()


def test_our_part_goes_even_where_the_copy_is_lost(machine: Machine, file: Path) -> None:
    carry_out(machine, planned(machine, file))
    (machine.data / "connected" / "agent.before").unlink()
    undo(machine)
    assert file.read_text() == TEXT


def test_a_file_that_its_agent_removed_is_undone(machine: Machine, file: Path) -> None:
    carry_out(machine, planned(machine, file))
    file.unlink()
    undo(machine)
    assert not file.exists()
    assert ledger.all_written(machine) == ()


def test_a_file_changed_since_the_difference_is_left_alone(machine: Machine, file: Path) -> None:
    plan = planned(machine, file)
    file.write_text(TEXT + "\n")
    with pytest.raises(RefusedError, match="has changed since"):
        carry_out(machine, plan)
    assert file.read_text() == TEXT + "\n"
    assert left_over(machine, file) == {"hooks.json"}


def test_a_file_damaged_since_can_be_undone_once_it_is_mended(machine: Machine, file: Path) -> None:
    carry_out(machine, planned(machine, file))
    good = file.read_text()
    file.write_text(good[:-4])
    with pytest.raises(RefusedError, match="damaged"):
        undo(machine)
    assert file.read_text() == good[:-4]
    file.write_text(good)
    undo(machine)
    assert file.read_text() == TEXT


def test_a_newer_command_takes_the_place_of_ours(machine: Machine, file: Path) -> None:
    """The program has moved: one hook of ours, and undoing still gives back what its owner had."""
    carry_out(machine, planned(machine, file))
    file.write_text(file.read_text().replace("// mine", "// mine, newer"))
    newer = (Edit(("hooks", "stop"), {"command": "/new/cuenta hook x"}, joins=True),)
    carry_out(machine, planned(machine, file, newer))
    assert file.read_text().count("cuenta hook x") == 1
    undo(machine)
    assert file.read_text() == TEXT.replace("// mine", "// mine, newer")


def test_what_is_there_already_is_not_written_twice(machine: Machine, file: Path) -> None:
    carry_out(machine, planned(machine, file))
    plan = planned(machine, file)
    assert not plan.changes
    assert plan.diff(machine) == ""
    carry_out(machine, plan)
    undo(machine)
    assert file.read_text() == TEXT


def test_what_somebody_wrote_by_hand_is_not_ours(machine: Machine, file: Path) -> None:
    file.write_text(planned(machine, file).after.decode())  # type: ignore[union-attr]
    plan = planned(machine, file)
    assert not plan.changes
    carry_out(machine, plan)
    assert ledger.all_written(machine) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")
def test_mode_and_link_stay(machine: Machine, file: Path) -> None:
    kept = machine.home / "dotfiles.json"
    file.rename(kept)
    kept.chmod(0o640)
    file.symlink_to(kept)
    carry_out(machine, planned(machine, file))
    assert file.is_symlink()
    assert "cuenta hook x" in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640
    undo(machine)
    assert file.is_symlink()
    assert (kept.read_text(), stat.S_IMODE(kept.stat().st_mode)) == (TEXT, 0o640)
    assert {path.name for path in machine.home.iterdir()} == {".agent", "dotfiles.json"}


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_copies_are_for_their_owner_alone(machine: Machine, file: Path) -> None:
    """Settings may hold keys."""
    carry_out(machine, planned(machine, file))
    kept = [machine.data / "connected" / "agent.before", machine.data / "connected.json"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in kept] == [0o600, 0o600]


def _read_only(file: Path) -> None:
    file.chmod(0o444)


def _to_nowhere(file: Path) -> None:
    file.unlink()
    file.symlink_to("gone")


def _not_utf8(file: Path) -> None:
    file.write_bytes(b'{"a": "\xff"}')


def _huge(file: Path) -> None:
    file.write_bytes(b" " * (4 << 20) + b"{}")


def _a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _no_agent(file: Path) -> None:
    file.unlink()
    file.parent.rmdir()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_read_only, "is read-only"),
        (_to_nowhere, "leads nowhere"),
        (_not_utf8, "not UTF-8"),
        (_huge, "too large"),
        (_a_folder, "can't be read"),
        (_no_agent, "There is no folder ~/.agent"),
    ],
)
def test_what_must_not_be_written_is_refused(machine: Machine, file: Path, spoil: object, why: str) -> None:
    spoil(file)  # type: ignore[operator]
    with pytest.raises(KnownError, match=why):
        planned(machine, file)
    assert not machine.data.exists() or not list(machine.data.iterdir())


def test_a_full_disk_leaves_the_file_as_it_was(machine: Machine, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(machine, file)
    replace = os.replace

    def full(source: Path, target: Path) -> None:
        if Path(target) == file:
            raise OSError(28, "No space left on device", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(KnownError, match="can't be written: No space left"):
        carry_out(machine, plan)
    assert file.read_text() == TEXT
    assert [path.name for path in file.parent.iterdir()] == ["hooks.json"]
    monkeypatch.undo()
    undo(machine)  # the record was there before the file: nothing of ours is found, and it goes
    assert file.read_text() == TEXT
    assert ledger.all_written(machine) == ()


def test_all_is_undone_at_once_and_what_cannot_be_is_told(machine: Machine, file: Path) -> None:
    other = file.with_name("other.json")
    other.write_text("{}")
    carry_out(machine, planned(machine, file))
    carry_out(machine, connect(machine, "other", other, EDITS, EMPTY))
    other.write_text("{")
    done, failures = undo_all(machine)
    assert [one.connection for one in done] == ["agent"]
    assert ["other.json is damaged" in str(one) for one in failures] == [True]
    assert file.read_text() == TEXT
    assert [one.connection for one in ledger.all_written(machine)] == ["other"]


def test_a_damaged_record_stops_everything(machine: Machine, file: Path) -> None:
    carry_out(machine, planned(machine, file))
    (machine.data / "connected.json").write_text("[{")
    with pytest.raises(KnownError, match=r"connected\.json can't be read"):
        planned(machine, file)
    with pytest.raises(KnownError):
        undo_all(machine)
