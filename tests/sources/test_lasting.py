"""What was once known right stays right, however the logs are cut, moved, copied and read again."""

from __future__ import annotations

import os
import threading
from contextlib import closing

import pytest

from app import runtime
from app.report import overview
from app.report.overview import Question
from app.shapes.lines import STRETCH
from app.store import queries
from tests.builders import answer, lines, prompt, tool_result, usage
from tests.sources.home import UTC, Home

SEARCH = {"searchCount": 1, "query": "…"}


def test_a_log_cut_short_makes_no_call_cheaper(home: Home) -> None:
    """Its last lines held the whole answer; the first is only the beginning of the stream."""
    first, last = answer(counts=usage(2, 3), stop=None), answer(counts=usage(2, 2_500), at="10:00:09")
    file = home.claude(first, last)
    assert home.read().output == 2_500
    home.claude(first)
    assert file.stat().st_size < len(lines(first, last))
    assert home.read().output == 2_500


def test_what_lies_behind_the_first_stretch_is_read_when_reading_starts_over(home: Home) -> None:
    """A large log is replaced by a larger one: offsets go back to nought, and must not be taken for the end."""
    filler = prompt(session="S1") | {"message": {"role": "user", "content": "x" * (1 << 20)}}
    rows = STRETCH // (1 << 20) + 3
    home.claude(*[filler] * rows, answer("m1"))
    assert home.read().total().calls == 1
    home.claude(answer("m0"), *[filler] * (rows + 4), answer("m1"), answer("m2"))
    assert home.read().total().calls == 3


@pytest.mark.parametrize("way", ["renamed", "copied and deleted", "linked"])
def test_a_nameless_answer_stays_one_when_its_log_moves(way: str, home: Home) -> None:
    file = home.claude(answer(None, None))
    home.read()
    elsewhere = home.root / ".claude/projects/-home-me-other" / file.name
    elsewhere.parent.mkdir(parents=True)
    if way == "renamed":
        file.rename(elsewhere)
    elif way == "linked":
        elsewhere.symlink_to(file)
    else:
        elsewhere.write_bytes(file.read_bytes())
        file.unlink()
    assert home.read().total().calls == 1


def test_another_log_at_the_same_place_takes_no_call_away(home: Home) -> None:
    home.claude(answer(None, None, counts=usage(100, 1)))
    home.read()
    home.claude(answer(None, None, counts=usage(777, 1)))
    assert home.read().total().input == 877


def test_a_stored_cost_stays_when_a_copy_turns_up(home: Home) -> None:
    """The user's own prices came later; what was counted before keeps its price until it is re-priced on purpose."""
    home.claude(answer(counts=usage(1_000, 1_000)), session="S1")
    before = home.read().call().cost
    mine = '[[price]]\nmodel = "claude-sonnet-5"\ninput = 100.0\noutput = 100.0\n'
    home.machine.data.mkdir(exist_ok=True)
    (home.machine.data / "prices.user.toml").write_text(mine)
    home.claude(answer(counts=usage(1_000, 1_000), forkedFrom={"sessionId": "S1"}), session="S2")
    assert home.read().call().cost == before
    home.claude(answer("m2", "r2", counts=usage(1_000, 1_000)), session="S3")
    assert home.read().calls()[-1].cost == 200_000_000


def test_an_advisor_replayed_on_a_side_chain_counts_once(home: Home) -> None:
    parts = [
        {"type": "message", **usage(6, 120)},
        {"type": "advisor_message", "model": "claude-opus-5", **usage(900, 70)},
    ]
    told = usage(6, 120, iterations=parts)
    home.claude(answer("m1", "r1", counts=told), answer("m1", "r1", counts=told))
    home.subagent(answer("m1", "r9", counts=told, side=True))
    assert [one.model for one in home.read().calls()].count("claude-opus-5") == 1


@pytest.mark.parametrize("restart", [False, True])
def test_a_result_written_twice_is_one_search(restart: bool, home: Home) -> None:
    asked, result = answer(uuid="a1"), tool_result("a1", **SEARCH)
    file = home.claude(asked, result)
    if restart:
        home.read()
    home.append(file.relative_to(home.root), result)
    assert home.read().call().searches == 1


def test_a_search_told_only_in_the_copy_is_billed(home: Home) -> None:
    """The session went to the background between the call and its result."""
    home.claude(answer(uuid="a1"), session="S1")
    home.claude(answer(uuid="a1", sessionKind="bg"), tool_result("a1", **SEARCH), session="S2")
    assert home.read().call().searches == 1


def test_a_mirror_that_does_not_say_its_request_is_the_same_call(home: Home) -> None:
    home.claude(answer("m1", "r1", counts=usage(5, 50)), answer("m1", None, counts=usage(5, 2)))
    assert home.read().total().calls == 1


def test_the_project_is_found_wherever_it_is_first_said(home: Home) -> None:
    late = answer("m2", "r2", cwd="/home/dev/late")
    home.claude(answer("m1", "r1"), late)
    assert home.read().sessions()["S1"].project == "/home/dev/late"


def test_only_transcripts_count_in_the_desktop_apps_folders(home: Home) -> None:
    below = ".config/Claude/local-agent-mode-sessions/app/space/local_1"
    home.write(f"{below}/.claude/projects/-x/S1.jsonl", answer("m1", "r1"))
    home.write(f"{below}/audit.jsonl", answer("m1", None))
    assert home.read().total().calls == 1
    assert home.health("claude_code").files == 1


def test_an_orphaned_log_is_a_log(home: Home) -> None:
    home.write(".claude/projects/-x/S1.jsonl.orphaned-17", answer())
    assert home.read().by_session() == {"S1": 1}


def test_a_nul_in_a_session_id_is_no_end(home: Home) -> None:
    home.write(".claude/projects/-x/agent-a.jsonl", answer(session="S\0one"))
    home.read()
    home.write(".claude/projects/-x/agent-b.jsonl", answer("m2", "r2", session="S\0two"))
    assert home.read().by_session() == {"Sone": 1, "Stwo": 1}


@pytest.mark.parametrize("seconds", [-11_644_473_600, 253_402_300_800])
def test_a_files_impossible_time_stops_nothing(seconds: int, home: Home) -> None:
    file = home.claude(answer(at=None))
    try:
        os.utime(file, (seconds, seconds))
    except OSError:
        pytest.skip("this file system holds no such time")
    home.claude(answer("m2", "r2"), session="S2")
    assert home.read().total().calls == 2
    assert all(day is not None and "2000" <= day[:4] <= "2100" for day in home.days())


def test_another_device_number_is_not_another_file(home: Home) -> None:
    """After a restart the same disk may bear another number: nothing is read again for that."""
    home.claude(answer())
    home.read()
    home.connection.close()
    with closing(queries.sqlite3.connect(home.machine.database)) as store:
        store.execute("UPDATE file SET device = '12345'")
        store.commit()
    with closing(runtime.reader(home.machine)) as connection:
        assert runtime.read_new(home.machine, connection) is None


def test_a_log_without_times_is_read_in_time(home: Home) -> None:
    """Looking back for a time stops where it was looked for before: two thousand lines, not two million."""
    home.claude(*[answer(f"m{number}", f"r{number}", at=None) for number in range(2_000)])
    looked = threading.Event()
    timer = threading.Timer(20, looked.set)
    timer.start()
    assert home.read().total().calls == 2_000
    timer.cancel()
    assert not looked.is_set()


def test_the_window_is_one_on_every_surface(home: Home) -> None:
    """The 1M model was left: live and report both say 200k."""
    from tests.builders import model_chosen

    chosen, left = model_chosen("claude-opus-4-6[1m]"), model_chosen("claude-opus-4-6", at="10:10:00")
    home.claude(
        chosen, answer(model="claude-opus-4-6"), left, answer("m2", "r2", at="10:11:00", model="claude-opus-4-6")
    )
    home.read()
    assert home.window("S1") == 200_000
    row = overview.build(home.connection, Question(UTC, "session")).rows[0]
    assert row.session is not None
    assert row.session.window is None


def test_calls_without_a_price_get_one_once_there_is_one(home: Home) -> None:
    """See "no price", write the file, look again: no log has changed, and yet the figure is there."""
    home.claude(answer(model="house-coder-1", counts=usage(1_000_000, 0)), answer("m2", "r2"))
    assert [one.cost is None for one in home.read().calls()] == [True, False]
    own = home.machine.data / "prices.user.toml"
    own.write_text('[[price]]\nmodel = "house-coder-1"\ninput = 4.0\noutput = 20.0\n')
    assert home.read().calls()[0].cost == 4_000_000_000
    own.write_text('[[price]]\nmodel = "house-coder-1"\ninput = 8.0\noutput = 20.0\n')
    assert home.read().calls()[0].cost == 4_000_000_000  # a stored cost is changed on purpose only
