"""What people see: whole figures at 80 columns, a sign for every doubt, and nothing that drives a terminal."""

from __future__ import annotations

import pytest

from app import formats
from app.sources import BY_ID
from tests.builders import Thread, answer, meta, prompt, turn, usage
from tests.cli.conftest import Cuenta
from tests.cli.logs import THREAD, month

GROUPS = ("day", "week", "month", "agent", "model", "project", "session", "kind")
LONG = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
DEEP = "/home/somebody/a-folder-with-a-long-name/another-one-just-as-long/and-the-project-in-the-end"


def large(cuenta: Cuenta) -> None:
    """Long names, large numbers, and a call right now."""
    month(cuenta)
    thousand = [
        answer(
            f"m{number}", f"r{number}", usage(900_000, 90_000, read=8_000_000, five=700_000, write=700_000), model=LONG
        )
        for number in range(1_200)
    ]
    cuenta.claude("S1", prompt(cwd=DEEP), *thousand)
    today = {"at": "2026-11-24T15:40:00Z", "session": "L1", "model": LONG}
    cuenta.claude(
        "L1", prompt(cwd=DEEP, session="L1"), answer("now", "rnow", usage(100_000, 90_000, read=99_500), **today)
    )


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("by", GROUPS)
def test_no_figure_is_cut(cuenta: Cuenta, by: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    large(cuenta)
    found = cuenta.json("report", "--by", by)
    status, out, err = cuenta("report", "--by", by)
    assert (status, err) == (0, "")
    body = out.splitlines()[2:]  # under the head and its rule
    for row, line in zip([*found["rows"]], body, strict=False):
        spent = formats.amount(row["cost_nanousd"], row["unpriced_calls"], row["label"])
        assert spent in line, (row["key"], line)
        assert f"{row['calls']:,}" in line.split()
        if by != "kind":
            read = row["tokens"]["cache_read"]
            written = row["tokens"]["cache_write_5m"] + row["tokens"]["cache_write_1h"]
            kinds = {"input": row["tokens"]["input"], "read": read, "write": written, "output": row["tokens"]["output"]}
            for kind, count in kinds.items():  # a column may go where there is no room, a figure may not be cut
                assert kind not in out.splitlines()[0] or formats.tokens(count) in line.split()
    total = found["total"]
    (last,) = [line for line in body if line.startswith("total")]
    assert formats.amount(total["cost_nanousd"], total["unpriced_calls"], total["label"]) in last
    assert all(len(line) <= columns for line in body)


def test_no_figure_of_a_session_is_cut(cuenta: Cuenta) -> None:
    month(cuenta)
    side = {"session": "S1", "side": True, "agentId": "a-helper-with-quite-a-long-name", "model": LONG}
    counts = usage(900_000, 90_000, read=8_000_000)
    cuenta.claude("S1", prompt(cwd=DEEP), *(answer(f"m{n}", f"r{n}", counts, model=LONG) for n in range(20)))
    cuenta.claude("agent-1", *(answer(f"s{n}", f"t{n}", counts, **side) for n in range(5)))
    found = cuenta.json("session", "S1")
    out = cuenta("session", "S1").out
    lines = out.splitlines()
    for part in (*found["by_model"], *found["by_subagent"]):
        assert any(formats.amount(part["cost_nanousd"], 0) in line and f" {part['calls']} " in line for line in lines)
    for kind in found["by_kind"]:
        assert any(
            line.startswith(kind["key"].replace("_", " ")) and formats.money(kind["cost_nanousd"]) in line
            for line in lines
        )
    tail = lines[next(n for n, line in enumerate(lines) if line.startswith("call")) + 2 :]
    assert len(found["calls"]) == 25
    for call, line in zip(found["calls"], tail, strict=False):
        prompted = sum(call["tokens"][kind] for kind in ("input", "cache_read", "cache_write_5m", "cache_write_1h"))
        wanted = [
            formats.tokens(prompted),
            formats.tokens(call["tokens"]["output"]),
            formats.money(call["cost_nanousd"]),
        ]
        assert line.split()[0] == str(call["call"])
        assert line.split()[-3:] == wanted
        assert len(line) <= 80


def test_no_figure_of_the_meter_is_cut(cuenta: Cuenta) -> None:
    large(cuenta)
    found = cuenta.json("live")
    out = cuenta("live").out
    (one,) = found["sessions"]
    (line,) = [line for line in out.splitlines() if formats.tokens(one["context_tokens"]) in line]
    window = f"{formats.tokens(one['context_tokens'])} of {formats.tokens(one['context_window_tokens'])}"
    assert window in line
    assert line.rstrip().endswith(formats.amount(one["cost_nanousd"]))
    assert formats.percent(one["context_tokens"] / one["context_window_tokens"]) in line
    assert len(line) <= 80
    assert formats.amount(found["today"]["cost_nanousd"]) + " today" in out


def test_doubt_has_a_sign(cuenta: Cuenta) -> None:
    month(cuenta)
    out = cuenta("report", "--by", "model").out
    lines = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    assert "≥ $0.50" in lines["nobodys-model"]
    assert "no price" in lines["no-such"]
    assert "≥" in lines["total"]
    assert "≥" not in lines["claude-sonnet-5"]
    assert "2 calls have no price" in out
    assert "$0.50 of it is what the logs themselves state" in out
    assert "2 repeated records" in out


def test_a_kind_that_is_partly_without_a_price_says_so(cuenta: Cuenta) -> None:
    month(cuenta)
    lines = {line.split("  ")[0]: line for line in cuenta("report", "--by", "kind").out.splitlines()}
    assert "≥" in lines["input"]
    assert "≥" in lines["output"]
    assert "≥" not in lines["cache read"]
    assert "≥" not in lines["unsplit"]


@pytest.mark.parametrize("by", ["day", "kind"])
def test_a_kind_and_a_day_without_any_price(cuenta: Cuenta, by: str) -> None:
    cuenta.claude("S1", answer(model="no-such"))
    lines = cuenta("report", "--by", by).out.splitlines()
    figures = [line for line in lines if line.startswith(("2026", "input", "output", "total"))]
    assert len(figures) == (2 if by == "day" else 3)
    assert all("no price" in line and "$" not in line for line in figures)


def test_nothing_found_is_told_from_nothing_logged(cuenta: Cuenta) -> None:
    assert "No agent has logged anything yet" in cuenta("report").out
    month(cuenta)
    for words in (["--until", "2020-01-01"], ["--since", "2027-01-01"], ["--model", "none"], ["--project", "none"]):
        out = cuenta("report", *words).out
        assert out
        assert "No agent has logged" not in out


def test_an_agent_is_known_by_name_and_by_id(cuenta: Cuenta) -> None:
    month(cuenta)
    by_name, by_id = (cuenta.json("report", "--agent", name)["total"] for name in ("claude code", "claude_code"))
    assert by_name == by_id
    status, _, err = cuenta("report", "--agent", "clod")
    assert (status, err) == (2, f"There is no agent 'clod'. There are: {', '.join(BY_ID)}.\n")


# --- terminals


EVIL = "/w/\x1b[31mred\x07\x1b]0;title\x07\u202egnp\r\n\x9b2Jx"


def test_control_characters_reach_no_terminal(cuenta: Cuenta) -> None:
    model = "gpt\x1b[2J-x"
    at = "2026-11-24T15:40:00Z"
    for name in ("S\x1b[1m1", "S\x1b[1m2"):
        cuenta.claude(
            f"s{name[-1]}",
            prompt(at, cwd=EVIL, session=name, gitBranch=EVIL),
            answer(f"m{name}\x1b[5m", f"r{name}", at=at, session=name, model=model),
        )
    cuenta.codex(THREAD, meta(THREAD, at, cwd=EVIL), turn("t1", at, model), Thread().call(at, 1_000, 10))
    log = cuenta.home / ".claude" / "projects" / "project" / "s1.jsonl"
    calls: list[list[str]] = [["report", "--by", by] for by in GROUPS]
    calls += [["sync"], ["live"], ["session", THREAD], ["session", THREAD, "--trace", "1"], ["session", "S"]]
    calls += [["session", "S\x1b[1m1"], ["session", "S\x1b[1m1", "--trace", "1"], ["price", model]]
    calls += [["doctor", "--try", str(log)], ["session", "S\x1b"]]
    for words in calls:
        done = cuenta(*words)
        bad = {letter for letter in done.out + done.err if not letter.isprintable()} - {"\n"}
        assert not bad, (words, bad)
    assert cuenta.rows("--by", "project")[EVIL]["calls"] == 3  # data is as logged


@pytest.mark.parametrize("words", [["sync"], ["report"], ["live"], ["session", "S1"], ["price", "gpt-5.4"]])
def test_a_pipe_gets_no_escape_codes(cuenta: Cuenta, words: list[str]) -> None:
    month(cuenta)
    assert "\x1b" not in "".join(cuenta(*words)[1:])


def test_half_a_letter_in_a_log_stops_nothing(cuenta: Cuenta) -> None:
    cuenta.claude("S1", prompt(cwd="/w/x"), answer())
    broken = '{"type":"user","sessionId":"S2","cwd":"/w/\\ud800x","timestamp":"2026-06-01T10:00:00Z"}'
    cuenta.claude("S2", broken, answer("b", "rb", session="S2"))
    found = cuenta.json("report", "--by", "project")
    assert found["total"]["calls"] == 2
    assert cuenta("report", "--by", "project").status == 0


# --- names that are too long, and filters that take what is shown

APPS = ("/home/me/one/workspace/atlas-api", "/home/me/two/workspace/atlas-api")


def two_apps(cuenta: Cuenta) -> None:
    for number, folder in enumerate(APPS):
        one = {"session": f"P{number}", "cwd": folder}
        counts = usage(900_000, 90_000, read=8_000_000)
        cuenta.claude(f"P{number}", prompt(**one), answer(f"p{number}", f"rp{number}", counts, model=LONG, **one))


@pytest.mark.parametrize(("what", "whole"), [("project", DEEP), ("model", LONG)])
def test_paths_and_models_keep_their_end_and_are_taken_so(cuenta: Cuenta, what: str, whole: str) -> None:
    large(cuenta)
    shown = next(line.split("  ")[0] for line in cuenta("report", "--by", what).out.splitlines() if line[:1] == "…")
    assert whole.endswith(shown[1:])
    assert [row["key"] for row in cuenta.json("report", "--by", what, f"--{what}", shown)["rows"]] == [whole]


def test_a_session_keeps_its_id_beside_its_project(cuenta: Cuenta) -> None:
    large(cuenta)
    (line,) = [line for line in cuenta("report", "--by", "session").out.splitlines() if line.startswith("S1 ")]
    assert DEEP.endswith(line.split()[1].removeprefix("…"))
    assert line.split()[1].startswith("…")


def test_a_cut_name_that_may_be_several_lists_them(cuenta: Cuenta) -> None:
    two_apps(cuenta)
    status, out, err = cuenta("report", "--project", "…/workspace/atlas-api")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert all(folder in err for folder in APPS)
    assert len(cuenta.json("report", "--by", "project", "--project", "…/two/workspace/atlas-api")["rows"]) == 1


def test_the_home_is_short_in_tables_and_in_filters(cuenta: Cuenta) -> None:
    folder = str(cuenta.home / "work")
    cuenta.claude("H1", prompt(session="H1", cwd=folder), answer("h", "rh", session="H1", cwd=folder))
    assert "~/work " in cuenta("report", "--by", "project").out
    assert "· ~/work ·" in cuenta("session", "H1").out
    assert len(cuenta.json("report", "--by", "project", "--project", "~/work")["rows"]) == 1


@pytest.mark.parametrize("what", ["model", "project"])
def test_a_name_that_no_log_has_is_told_with_those_that_there_are(cuenta: Cuenta, what: str) -> None:
    month(cuenta)
    status, out, err = cuenta("report", f"--{what}", "nope")
    assert (status, err.count("\n")) == (0, 1)
    assert "Nothing was logged" in out
    assert err.startswith(f"No log names a {what} 'nope'. There are: ")
    assert ("claude-sonnet-5" if what == "model" else "/home/me/app") in err


# --- sub-agents, requests, sessions without a folder


def test_a_sub_agent_has_one_name(cuenta: Cuenta) -> None:
    """Its number by first call; the log's own id stands beside it in JSON."""
    cuenta.claude("S1", prompt(), answer("a", "ra", usage(10, 10), at="2026-06-01T10:00:00Z"))
    for number, name in enumerate(("zeta", "alpha"), 1):
        side = {"side": True, "agentId": name, "at": f"2026-06-01T10:0{number}:00Z"}
        cuenta.claude(f"agent-{name}", answer(f"s{number}", f"r{number}", usage(number * 1_000, 10), **side))
    out = cuenta("session", "S1").out
    lines = out.splitlines()
    names = [line.split("  ")[0] for line in lines if line.startswith(("Main", "Sub-agent "))]
    assert names == ["Main conversation", "Sub-agent 1", "Sub-agent 2"]
    assert "zeta" not in out
    head = next(line for line in lines if line.startswith("call"))
    place = head.index("sub-agent")
    calls = lines[lines.index(head) + 2 : lines.index(head) + 5]
    assert [line[place : place + 9].strip() for line in calls] == ["", "1", "2"]
    found = cuenta.json("session", "S1")
    assert [(one["number"], one["key"]) for one in found["by_subagent"]] == [(None, "main"), (1, "zeta"), (2, "alpha")]
    assert [(one["subagent_number"], one["subagent"]) for one in found["calls"]] == [
        (None, None),
        (1, "zeta"),
        (2, "alpha"),
    ]


def test_requests_are_no_tokens(cuenta: Cuenta) -> None:
    counts = usage(1_000, 10) | {"server_tool_use": {"web_search_requests": 3}}
    cuenta.claude("S1", prompt(), answer("a", "ra", counts))
    for words in (["session", "S1"], ["report", "--by", "kind"]):
        (line,) = [line for line in cuenta(*words).out.splitlines() if line.startswith("requests")]
        assert "3 requests" in line
    for rows in (cuenta.json("session", "S1")["by_kind"], cuenta.json("report", "--by", "kind")["rows"]):
        (one,) = [row for row in rows if row["key"] == "requests"]
        assert (one["requests"], sum(one["tokens"].values()), one["label"]) == (3, 0, "measured")


def test_a_folder_that_no_log_names_has_one_word(cuenta: Cuenta) -> None:
    cuenta.claude("N1", answer("a", "ra", session="N1", cwd=None))
    assert cuenta.json("session", "N1")["project"] is None
    for words in (["session", "N1"], ["report", "--by", "project"], ["report", "--by", "session"]):
        assert "unknown project" in cuenta(*words).out
