"""What becomes of files between two readings: moved, cut, replaced, gone, back, unreadable, oddly named."""

from __future__ import annotations

import errno
import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import pytest

from app import runtime
from app.model.path import real
from app.shapes import lines as lines_module
from app.store import queries
from tests.ingest.world import World, answer, append, counted, later, rollout, said, turn, write

ONE = [said("begin"), answer("a"), answer("b", output=7), answer("b", output=90), answer("c", output=30)]
"""Three calls; one of them in two records."""
SUMS = {"calls": 3, "output": 220, "folded": 1}


def sums(world: World) -> dict[str, int]:
    return {name: count for name, count in world.totals().items() if name in SUMS}


@pytest.fixture
def read(world: World) -> Path:
    """A file that has been read."""
    path = later(write(world.claude("session-1.jsonl"), ONE), -600)
    world.sync()
    assert sums(world) == SUMS
    return path


# --- read once


def test_nothing_new_reads_nothing(world: World, read: Path) -> None:
    before = world.totals(), world.rows()
    assert world.pending() == []
    world.sync()
    assert (world.totals(), world.rows()) == before


def test_only_what_was_appended_is_read(world: World, read: Path) -> None:
    append(read, answer("d", output=1) + "\n")
    catch_up = world.sync()
    assert catch_up.read_bytes < 700
    assert sums(world) == {"calls": 4, "output": 221, "folded": 1}
    append(read, answer("b", output=91) + "\n")  # a later record of a call that is stored
    world.sync()
    assert sums(world) == {"calls": 4, "output": 222, "folded": 2}


def test_touched_but_unchanged_adds_nothing(world: World, read: Path) -> None:
    before = world.rows()
    later(read, -10)
    world.sync()
    assert world.rows() == before
    assert world.pending() == []


@pytest.mark.parametrize("place", ["-home-dev-app/other.jsonl", "-home-dev-elsewhere/session-1.jsonl", "x/y/z.jsonl"])
def test_a_moved_file_is_not_read_again(world: World, read: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = world.totals(), world.rows()
    target = world.projects / place
    target.parent.mkdir(parents=True, exist_ok=True)
    read.rename(target)
    catch_up = world.sync()
    assert catch_up.read_bytes == 0
    assert (world.totals(), world.rows()) == before
    assert world.ask("SELECT path, generation FROM file") == [(str(target), 0)]
    assert world.pending() == []


def test_a_moved_file_that_grew_goes_on(world: World, read: Path) -> None:
    target = read.with_name("moved.jsonl")
    read.rename(target)
    append(target, answer("d", output=1) + "\n")
    catch_up = world.sync()
    assert catch_up.read_bytes < 700
    assert sums(world) == {"calls": 4, "output": 221, "folded": 1}


def test_a_moved_folder(world: World, read: Path) -> None:
    before = world.rows()
    read.parent.rename(world.projects / "-home-dev-renamed")
    world.sync()
    assert world.rows() == before


def test_there_and_back_again(world: World, read: Path) -> None:
    before = world.totals(), world.rows()
    archived = world.projects / "archived" / "session-1.jsonl"
    archived.parent.mkdir()
    for _ in range(3):
        read.rename(archived)
        world.sync()
        archived.rename(read)
        world.sync()
    assert (world.totals(), world.rows()) == before


def test_a_moved_file_whose_old_name_is_taken_at_once(world: World, read: Path) -> None:
    """As when a log is rotated: the records stand on the disk once, so nothing more is folded."""
    rotated = read.with_name("rotated.jsonl")
    read.rename(rotated)
    later(write(read, [answer("new", output=5)]), -5)
    world.sync()
    world.sync()
    assert sums(world) == {"calls": 4, "output": 225, "folded": 1}
    assert world.pending() == []
    assert dict(world.ask("SELECT native, path FROM call JOIN file ON file.id = file_id")) == {
        "msg_a req_a": str(rotated),
        "msg_b req_b": str(rotated),
        "msg_c req_c": str(rotated),
        "msg_new req_new": str(read),
    }


def test_an_inode_used_again_is_no_move(world: World, read: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new log often gets the inode of a deleted one; the old calls keep the place they were read from."""
    inode = read.stat().st_ino
    read.unlink()
    new = write(world.claude("new.jsonl"), [said("hello"), answer("n", output=5, session="new")])
    if new.stat().st_ino != inode:  # the file system is free to choose: say so in its place
        world_file = world.ask("SELECT id FROM file")[0][0]
        _set_inode(world, world_file, new.stat().st_ino)
    world.sync()
    assert sums(world) == {"calls": 4, "output": 225, "folded": 1}
    assert dict(world.ask("SELECT native, path FROM call JOIN file ON file.id = file_id")) == {
        "msg_a req_a": str(read),
        "msg_b req_b": str(read),
        "msg_c req_c": str(read),
        "msg_n req_n": str(new),
    }


def _set_inode(world: World, ident: int, inode: int) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(world.machine.database)) as connection, connection:
        connection.execute("UPDATE file SET inode = ? WHERE id = ?", (str(inode), ident))


def test_a_hard_link_is_a_copy(world: World, read: Path) -> None:
    """Two names of one file hold each record twice; tokens and calls count once."""
    os.link(read, read.with_name("link.jsonl"))
    world.sync()
    assert (world.totals()["calls"], world.totals()["output"]) == (3, 220)


# --- cut, replaced, rewritten


def test_cut_short(world: World, read: Path) -> None:
    """What was read stays: the database outlives the logs."""
    write(read, ONE[:2])
    world.sync()
    assert sums(world) == SUMS
    write(read, [*ONE, answer("d", output=1)])
    world.sync()
    assert sums(world) == {"calls": 4, "output": 221, "folded": 1}


def test_cut_to_nothing(world: World, read: Path) -> None:
    os.truncate(read, 0)
    world.sync()
    assert sums(world) == SUMS
    append(read, "\n".join(ONE) + "\n")
    world.sync()
    assert sums(world) == SUMS


def test_rewritten_in_place_with_other_content(world: World, read: Path) -> None:
    with open(read, "r+b") as file:  # same inode, longer than before
        file.write(("\n".join([said("other"), *(answer(f"o{one}", output=1) for one in range(9))]) + "\n").encode())
        file.truncate()
    world.sync()
    assert sums(world) == {"calls": 12, "output": 229, "folded": 1}


def test_rewritten_in_place_with_the_same_records(world: World, read: Path) -> None:
    """Same inode, longer; the records before are there again, behind a new first line."""
    with open(read, "r+b") as file:
        file.write(("\n".join([said("a new first line"), *ONE, answer("d", output=1)]) + "\n").encode())
    world.sync()
    assert sums(world) == {"calls": 4, "output": 221, "folded": 1}


def test_replaced_by_another_inode(world: World, read: Path) -> None:
    other = write(read.with_name("new.tmp"), [*ONE, answer("d", output=1)])
    os.replace(other, read)
    world.sync()
    assert sums(world) == {"calls": 4, "output": 221, "folded": 1}
    assert world.ask("SELECT count(*), max(generation) FROM file") == [(1, 1)]


def test_replaced_while_it_is_opened(world: World, read: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name may point to another file a moment after it was opened: that one must still be read."""
    opened = open

    def open_and_replace(path: Path, *rest: Any, **named: Any) -> Any:
        file = opened(path, *rest, **named)
        monkeypatch.setattr(lines_module, "open", opened, raising=False)
        os.replace(later(write(read.with_name("new.tmp"), [*ONE, answer("d", output=1)]), 5), read)
        return file

    append(read, said("more") + "\n")
    monkeypatch.setattr(lines_module, "open", open_and_replace, raising=False)
    world.sync()
    world.sync()
    assert sums(world) == {"calls": 4, "output": 221, "folded": 1}


# --- gone, back, late


def test_deleted_files_leave_their_rows(world: World, read: Path) -> None:
    before = world.rows()
    read.unlink()
    world.sync()
    assert world.rows() == before


def test_deleted_and_made_anew(world: World, read: Path) -> None:
    before = world.totals(), world.rows()
    read.unlink()
    world.sync()
    write(read, ONE)
    world.sync()
    assert (world.totals(), world.rows()) == before


def test_deleted_and_back_elsewhere(world: World, read: Path) -> None:
    """From a backup, say: another inode at another place is a copy, and no token counts twice."""
    read.unlink()
    write(world.claude("restored.jsonl", "-backup"), ONE)
    world.sync()
    assert (world.totals()["calls"], world.totals()["output"]) == (3, 220)


def test_gone_between_looking_and_reading(world: World, read: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = write(world.claude("other.jsonl"), [answer("d", output=1)])
    opened = open

    def vanish(path: Path, *rest: Any, **named: Any) -> Any:
        other.unlink(missing_ok=True)
        return opened(path, *rest, **named)

    monkeypatch.setattr(lines_module, "open", vanish, raising=False)
    catch_up = world.sync()
    assert catch_up.problems == []
    assert sums(world) == SUMS


def test_a_root_that_appears_later(world: World) -> None:
    world.sync()
    assert sums(world) == {"calls": 0, "output": 0, "folded": 0}
    write(world.claude("session-1.jsonl"), ONE)
    world.sync()
    assert sums(world) == SUMS


def test_a_root_deleted_and_made_anew(world: World, read: Path) -> None:
    import shutil

    shutil.rmtree(world.projects)
    world.sync()
    assert sums(world) == SUMS
    write(world.claude("session-2.jsonl"), [answer("d", output=1, session="session-2")])
    world.sync()
    assert sums(world) == {"calls": 4, "output": 221, "folded": 1}


# --- things that are no files


def test_a_folder_named_like_a_log(world: World, read: Path) -> None:
    inside = world.claude("x.jsonl") / "deep.jsonl"
    write(inside, [answer("d", output=1)])
    world.sync()
    assert sums(world) == {"calls": 4, "output": 221, "folded": 1}


def test_links_that_lead_back(world: World, read: Path) -> None:
    os.symlink(world.projects, world.projects / "loop")
    os.symlink("loop", read.parent / "loop2")
    os.symlink(".", read.parent / "here")
    os.symlink("nowhere.jsonl", read.parent / "dangling.jsonl")
    os.symlink("self.jsonl", read.parent / "self.jsonl")
    world.sync()
    assert sums(world) == SUMS
    assert world.pending() == []
    assert world.ask("SELECT count(*) FROM file") == [(1,)]


def test_a_link_to_a_folder_outside_is_followed(world: World, tmp_path: Path) -> None:
    write(tmp_path / "disk" / "session-1.jsonl", ONE)
    world.projects.mkdir(parents=True)
    os.symlink(tmp_path / "disk", world.projects / "-on-another-disk")
    world.sync()
    assert sums(world) == SUMS


def test_a_linked_root_is_read_once(world: World, read: Path) -> None:
    config = world.machine.home / ".config"
    config.mkdir()
    os.symlink(world.machine.home / ".claude", config / "claude")
    world.sync()
    assert sums(world) == SUMS
    assert world.ask("SELECT count(*) FROM file") == [(1,)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such thing here")
def test_a_pipe_is_not_waited_for(world: World, read: Path) -> None:
    os.mkfifo(read.parent / "pipe.jsonl")
    world.sync()
    assert sums(world) == SUMS


def test_folders_very_deep(world: World, read: Path) -> None:
    """No log lies so deep; a folder that does must not end the reading of the others."""
    folder = os.open(world.projects, os.O_RDONLY)
    try:
        for _ in range(1_200):
            os.mkdir("d", dir_fd=folder)
            below = os.open("d", os.O_RDONLY, dir_fd=folder)
            os.close(folder)
            folder = below
    finally:
        os.close(folder)
    append(read, answer("d", output=1) + "\n")
    try:
        world.sync()
        assert sums(world) == {"calls": 4, "output": 221, "folded": 1}
    finally:
        _take_apart(world.projects / "d")


def _take_apart(folder: Path) -> None:
    """Level by level: Python itself can't remove so deep a tree."""
    aside = folder.with_name("aside")
    while (folder / "d").exists():
        (folder / "d").rename(aside)
        folder.rmdir()
        aside.rename(folder)
    folder.rmdir()


# --- what can't be read


def _refuse(path: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening this one file fails."""
    opened = open

    def refusing(name: Path, *rest: Any, **named: Any) -> Any:
        if Path(name) == path:
            raise OSError(number, os.strerror(number), str(name))
        return opened(name, *rest, **named)

    monkeypatch.setattr(lines_module, "open", refusing, raising=False)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE, errno.ELOOP, errno.EMFILE])
def test_an_unreadable_file_is_noted_and_the_others_read(
    world: World, read: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = later(write(world.claude("bad.jsonl"), [answer("d", output=1)]), 0)
    write(world.claude("good.jsonl"), [answer("e", output=2)])
    with monkeypatch.context() as patch:
        _refuse(bad, number, patch)
        catch_up = world.sync()
    assert [problem.path for problem in catch_up.problems] == [str(bad)]
    assert world.problems().keys() == {str(bad)}
    assert world.problems()[str(bad)]
    assert sums(world) == {"calls": 4, "output": 222, "folded": 1}
    world.sync()  # readable again
    assert world.problems() == {}
    assert sums(world) == {"calls": 5, "output": 223, "folded": 1}


def test_every_unreadable_file_is_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many; only few of them are ever named."""
    for number in range(31):
        write(world.claude(f"bad{number}.jsonl"), [answer("d", output=1)])

    def refusing(*_: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(lines_module, "open", refusing, raising=False)
    world.sync()
    with closing(runtime.reader(world.machine)) as connection:
        assert len(queries.health(connection, "claude_code").problems) == 31


def test_what_was_read_of_an_unreadable_file_stays(world: World, read: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(read, answer("d", output=1) + "\n")
    with monkeypatch.context() as patch:
        _refuse(read, errno.EACCES, patch)
        world.sync()
    assert world.problems() == {str(read): "no permission to read it"}
    assert sums(world) == SUMS
    catch_up = world.sync()
    assert catch_up.read_bytes < 700
    assert world.problems() == {}
    assert sums(world) == {"calls": 4, "output": 221, "folded": 1}


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Linux has a file that no one can read from its start")
def test_a_file_that_fails_while_it_is_read(world: World, read: Path) -> None:
    os.symlink("/proc/self/mem", world.claude("broken.jsonl"))
    catch_up = world.sync()
    assert [problem.path for problem in catch_up.problems] == [str(world.claude("broken.jsonl"))]
    assert sums(world) == SUMS


# --- names

_NAMES = [
    "new\nline",
    "tab\tand \x1b[31mcolour",
    "😀 emoji 中文",
    "per%cent%41 #hash ?question &and",
    "-dash --json",
    "'quote\" `tick` $HOME",
    "n" * 249,
    "combin\u0065\u0301",
    "\U0010fffd private \ue000",
]
if sys.platform == "linux":
    _NAMES += [os.fsdecode(b"bytes \xff\xfe\x80"), os.fsdecode(b"half \xf0\x9f")]


@pytest.mark.parametrize("name", _NAMES, ids=[ascii(name)[:20] for name in _NAMES])
def test_strange_names(world: World, read: Path, name: str) -> None:
    path = write(world.claude(f"{name}.jsonl", f"-home-{name[:200]}"), [answer("d", output=1, session="other")])
    for again in range(2):
        catch_up = world.sync()
        assert catch_up.problems == [], again
        assert sums(world) == {"calls": 4, "output": 221, "folded": 1}
    assert world.pending() == []
    append(path, answer("e", output=1, session="other") + "\n")
    assert world.sync().read_bytes < 700
    moved = path.with_name("plain.jsonl")
    path.rename(moved)
    assert world.sync().read_bytes == 0
    moved.rename(path)
    assert world.sync().read_bytes == 0
    assert sums(world) == {"calls": 5, "output": 222, "folded": 1}


@pytest.mark.parametrize("name", ["new\nline \x1b[31m", *_NAMES[9:]], ids=ascii)
def test_strange_names_in_every_document(world: World, read: Path, name: str) -> None:
    path = write(world.claude(f"{name}.jsonl", f"-home-{name}"), [answer("d", output=1)])
    documents = [json.loads(world.run("sync", "--json").stdout)]
    documents += [json.loads(world.run(*words, "--json", "--no-sync").stdout) for words in _SHOWING]
    assert len(documents[2]["rows"]) == 2
    sessions = [row[0] for row in world.ask("SELECT native FROM session WHERE native <> 'session-1'")]
    assert len(sessions) == 1
    traced = json.loads(world.run("session", sessions[0], "--trace", "1", "--json").stdout)
    assert real(traced["file"]) == str(path)
    shown = world.run("session", sessions[0], "--trace", "1")
    assert shown.returncode == 0
    assert b"\x1b[31m" not in shown.stdout


_SHOWING = (["doctor"], ["report", "--by", "session"], ["live"])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a name be any bytes")
def test_a_rollout_whose_name_is_no_text(world: World) -> None:
    path = world.rollouts / os.fsdecode(b"rollout-\xff.jsonl")
    write(path, [turn("t"), counted((10, 0, 5, 0), (10, 0, 5, 0))])  # no session_meta: the name is all there is
    world.sync()
    assert sums(world) == {"calls": 1, "output": 5, "folded": 0}
    assert world.pending() == []


# --- lines that end later


def test_half_a_line_is_completed_later(world: World, read: Path) -> None:
    line = (answer("d", output=1, cwd="/home/dev/größe 😀") + "\n").encode()
    for at in range(0, len(line), 97):
        append(read, line[at : at + 97])
        world.sync()
    assert sums(world) == {"calls": 4, "output": 221, "folded": 1}
    assert world.skipped() == {}


def test_a_whole_line_without_an_end_counts_at_once_and_once(world: World, read: Path) -> None:
    append(read, answer("d", output=1))
    world.sync()
    assert sums(world) == {"calls": 4, "output": 221, "folded": 1}
    append(read, "\n" + answer("e", output=1) + "\n")
    world.sync()
    assert sums(world) == {"calls": 5, "output": 222, "folded": 1}
    assert world.skipped() == {}


def test_a_half_line_that_is_never_completed(world: World, read: Path) -> None:
    append(read, answer("d", output=1)[:-30])
    world.sync()
    append(read, "\n" + answer("e", output=1) + "\n")
    world.sync()
    assert sums(world) == {"calls": 4, "output": 221, "folded": 1}
    assert world.skipped() == {"not JSON": 1}


def test_a_repeated_announcement_is_folded_wherever_reading_stopped(world: World) -> None:
    """Codex announces its totals again; whether the file was read before or behind that changes no figure."""
    begin = [rollout("t1"), turn("u1"), counted((10, 0, 5, 0), (10, 0, 5, 0))]
    again = [counted((10, 0, 5, 0), (10, 0, 5, 0), at="2026-11-24T10:00:02.000Z")] * 2
    end = [turn("u2"), *again[:1], counted((30, 10, 9, 0), (20, 10, 4, 0), at="2026-11-24T10:00:05.000Z")]
    path = write(world.codex("t1"), begin)
    world.sync()
    append(path, "\n".join(again) + "\n")
    world.sync()
    append(path, "\n".join(end) + "\n")
    world.sync()
    assert sums(world) == {"calls": 2, "output": 9, "folded": 3}
    in_parts = world.rows()
    whole = World(type(world.machine)(world.machine.home, {"TZ": "UTC"}, data=world.machine.data.with_name("whole")))
    whole.sync()
    assert whole.rows() == in_parts


# --- long lines


def test_a_line_over_the_limit_is_passed_over_and_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "LONGEST", 3 << 20)
    giant = answer("giant", output=1, padding="x" * (20 << 20))
    path = write(world.claude("session-1.jsonl"), [answer("a"), giant, answer("c", output=30)])
    world.sync()
    assert sums(world) == {"calls": 2, "output": 130, "folded": 0}
    assert sum(world.skipped().values()) == 1
    append(path, answer("d", output=1) + "\n")
    assert world.sync().read_bytes < 700
    assert sums(world) == {"calls": 3, "output": 131, "folded": 0}
    assert sum(world.skipped().values()) == 1


def test_a_line_over_the_limit_that_is_still_being_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "LONGEST", 3 << 20)
    path = write(world.claude("session-1.jsonl"), [answer("a")])
    giant = answer("giant", output=1, padding="x" * (30 << 20)) + "\n"
    for at in range(0, len(giant), 7 << 20):
        append(path, giant[at : at + (7 << 20)])
        world.sync()
    append(path, answer("d", output=1) + "\n")
    world.sync()
    assert sums(world) == {"calls": 2, "output": 101, "folded": 0}


@pytest.mark.long
def test_a_line_of_100_mb_in_bounded_memory(world: World) -> None:
    resource = pytest.importorskip("resource")
    path = write(world.claude("session-1.jsonl"), [answer("a")])
    with open(path, "a") as file:
        file.write(answer("giant", output=1, padding="x")[:-2])
        for _ in range(100):
            file.write("x" * (1 << 20))
        file.write('"}\n' + answer("c", output=30) + "\n")
    done = world.run("sync", "--json", timeout=120)
    assert done.returncode == 0, done.stderr
    assert sums(world) == {"calls": 3, "output": 131, "folded": 0}
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # kB of the largest child so far
    assert peak < 450_000
