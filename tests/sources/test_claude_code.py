"""Claude Code's rules one by one, each as a table: a few lines of a log beside what must come of them."""

from __future__ import annotations

from typing import Any

import pytest
from builders import Record, answer, compacted, lines, mirrored, model_chosen, prompt, tool_result, usage

from app.sources.claude_code import SOURCE

from .home import Counts, Home

CLAUDE = "claude_code"

# --- which records are one call

KEYS: list[tuple[str, list[Record], int]] = [
    ("the same message and request", [answer("m", "r"), answer("m", "r")], 1),
    ("one message, two requests", [answer("m", "r1"), answer("m", "r2")], 2),
    ("another message of the same request", [answer("m1", "r"), answer("m2", "r")], 2),
    ("a message without request, twice", [answer("m", None), answer("m", None)], 1),
    ("two messages without request", [answer("m1", None), answer("m2", None)], 2),
    ("no message id: the line's own id, twice", [answer(None, None, uuid="a"), answer(None, None, uuid="a")], 1),
    ("no message id: two lines", [answer(None, None, uuid="a"), answer(None, None, uuid="b")], 2),
    ("no id at all: each place is a call", [answer(None, None), answer(None, None)], 2),
    ("an empty message id is none", [answer("", None, uuid="a"), answer("", None, uuid="b")], 2),
    ("ids that are no text are none", [answer(7, 8, uuid="a"), answer(7, 8, uuid="b")], 2),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("records", "calls"), [one[1:] for one in KEYS], ids=[one[0] for one in KEYS])
def test_keys(records: list[Record], calls: int, home: Home) -> None:
    """One call is: message and request, else the message, else the line, else the place in the file."""
    home.claude(*records)
    assert home.read().total().calls == calls
    assert home.folded == len(records) - calls


@pytest.mark.parametrize(("records", "calls"), [one[1:] for one in KEYS if "place" not in one[0]])
def test_keys_across_files(records: list[Record], calls: int, home: Home) -> None:
    """The same, each record in a session of its own."""
    for index, record in enumerate(records):
        home.claude(record, session=f"S{index}")
    assert home.read().total().calls == calls


def test_a_place_is_a_place_in_one_file(home: Home) -> None:
    """Nothing but the place tells these apart, and two files are two places."""
    home.claude(answer(None, None), session="S1")
    home.claude(answer(None, None), session="S2")
    assert home.read().total().calls == 2


# --- which record of a call is kept

KEPT: list[tuple[str, list[Record], tuple[int, int, int]]] = [
    ("the larger output", [answer(counts=usage(9, 1)), answer(counts=usage(4, 250))], (4, 0, 250)),
    ("also when it comes first", [answer(counts=usage(4, 250)), answer(counts=usage(9, 1))], (4, 0, 250)),
    ("then the larger sum", [answer(counts=usage(4, 5)), answer(counts=usage(3, 5, read=80))], (3, 80, 5)),
    (
        "then the one that has a speed",
        [answer(counts=usage(3, 5, read=1)), answer(counts=usage(4, 5, speed="fast"))],
        (4, 0, 5),
    ),
    ("main chain before side chain", [answer(counts=usage(1, 90), side=True), answer(counts=usage(2, 7))], (2, 0, 7)),
    ("whole, never the best of two", [answer(counts=usage(50, 1, read=9)), answer(counts=usage(1, 2))], (1, 0, 2)),
]


@pytest.mark.parametrize("apart", [False, True], ids=["one file", "two files"])
@pytest.mark.parametrize(("records", "kept"), [one[1:] for one in KEPT], ids=[one[0] for one in KEPT])
def test_kept(records: list[Record], kept: tuple[int, int, int], apart: bool, home: Home) -> None:
    """Main before side, larger output, larger sum, a speed; the record is kept whole: (input, cache read, output)."""
    for index, record in enumerate(records):
        if apart:
            home.claude(record, session=f"S{index}")
        else:
            home.append(".claude/projects/-home-me-app/S1.jsonl", record)
    total = home.read().total()
    assert (total.calls, total.input, total.cache_read, total.output) == (1, *kept)


def test_a_kept_record_brings_its_own_details(home: Home) -> None:
    """Model, tier, speed and window come from the record that is kept."""
    home.claude(
        answer(model="claude-opus-5", counts=usage(1, 2, service_tier="batch"), stop=None),
        answer(model="claude-opus-4-8", counts=usage(1, 9, service_tier="priority", speed="fast", inference_geo="us")),
    )
    call = home.read().call()
    assert (call.model, call.tier, call.speed, call.geo) == ("claude-opus-4-8|fast", "priority", "fast", "us")
    assert call.finished


def test_an_unfinished_answer_is_marked(home: Home) -> None:
    """No stop reason on any line: the output may be a placeholder."""
    home.claude(answer(stop=None), answer(stop=None))
    assert not home.read().call().finished


# --- when a call was made

DAYS: list[tuple[str, list[Record], dict[str, int]]] = [
    ("the first line's", [answer(at="23:59:59"), answer(at="2026-06-02T00:00:05.000Z")], {"2026-06-01": 1}),
    ("the earliest, in any order", [answer(at="2026-06-02T00:00:05.000Z"), answer(at="23:59:59")], {"2026-06-01": 1}),
    ("an offset is reckoned in", [answer(at="2026-06-01T23:30:00-05:00")], {"2026-06-02": 1}),
    ("no milliseconds", [answer(at="2026-06-01T10:00:00Z")], {"2026-06-01": 1}),
    ("no zone is UTC", [answer(at="2026-06-01T23:30:00")], {"2026-06-01": 1}),
    ("microseconds", [answer(at="2026-06-01T23:59:59.999999Z")], {"2026-06-01": 1}),
    ("a number of milliseconds", [answer(at=1780308000000)], {"2026-06-01": 1}),
    ("a number of seconds", [answer(at=1780308000)], {"2026-06-01": 1}),
    ("missing: the nearest line before", [prompt("12:00:00"), answer(at=None)], {"2026-06-01": 1}),
    ("no time: the nearest line before", [prompt("12:00:00"), answer(at="soon")], {"2026-06-01": 1}),
    ("an object: the nearest line before", [prompt("12:00:00"), answer(at={"a": 1})], {"2026-06-01": 1}),
    ("no line before: the file's", [answer(at=None)], {"2026-05-05": 1}),
    (
        "one form beside another",
        [answer(at="2026-06-02T00:30:00Z"), answer(at="2026-06-02T00:00:00+01:00")],
        {"2026-06-01": 1},
    ),
]


@pytest.mark.parametrize(("records", "days"), [one[1:] for one in DAYS], ids=[one[0] for one in DAYS])
def test_days(records: list[Record], days: dict[str, int], home: Home) -> None:
    home.claude(*records, modified="2026-05-05T12:00:00Z")
    assert home.read().days() == days


@pytest.mark.parametrize("first", [0, 1])
def test_the_day_across_files(first: int, home: Home) -> None:
    """A copy made after midnight stays on the day of the original, whichever file is read first."""
    copies = [answer(at="23:59:59", session="S0"), answer(at="2026-06-02T00:00:05.000Z", session="S1")]
    for index in (first, 1 - first):
        home.claude(copies[index], session=f"S{index}")
        home.read()
    assert home.days() == {"2026-06-01": 1}


WILD = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 9e17, 1e14, -5, "1600-01-01T00:00:00+14:00"]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.parametrize("at", WILD)
def test_a_wild_time_breaks_no_report(at: Any, zone: str, home: Home) -> None:
    """Times far outside anything an agent could have written are no times: the line before it tells."""
    from zoneinfo import ZoneInfo

    from app.report.overview import Question, build

    home.claude(prompt("12:00:00"), answer(at=at))
    home.read()
    rows = build(home.connection, Question(ZoneInfo(zone), "day")).rows
    assert [row.sums.calls for row in rows] == [1]
    assert rows[0].key in ("2026-06-01", "2026-06-02")


# --- side chains, mirrors and copies

SIDES: list[tuple[str, list[Record], list[Record], int]] = [
    (
        "a replay of the main chain does not count",
        [answer("m", "r1", usage(1, 5))],
        [answer("m", "r9", usage(1, 7, read=500), side=True)],
        5,
    ),
    (
        "what the main chain lacks counts",
        [answer("m", "r1", usage(1, 5))],
        [answer("n", "r9", usage(1, 7), side=True)],
        12,
    ),
    (
        "two side chains, two requests",
        [answer("o", "r0", usage(1, 1))],
        [answer("m", "r1", usage(1, 5), side=True), answer("m", "r2", usage(1, 7), side=True)],
        13,
    ),
    (
        "one side chain twice",
        [],
        [answer("m", "r1", usage(1, 5), side=True), answer("m", "r1", usage(1, 7), side=True)],
        7,
    ),
]


@pytest.mark.parametrize("subagent_first", [False, True])
@pytest.mark.parametrize(("main", "side", "output"), [one[1:] for one in SIDES], ids=[one[0] for one in SIDES])
def test_sides(main: list[Record], side: list[Record], output: int, subagent_first: bool, home: Home) -> None:
    """A side chain loses only against the same message in the main chain."""
    writes = [lambda: home.claude(*main), lambda: home.subagent(*side)]
    for write in reversed(writes) if subagent_first else writes:
        write()
        home.read()
    assert home.output == output


def test_a_replay_is_folded_into_what_it_replays(home: Home) -> None:
    home.claude(answer("m", "r1"), answer("m", "r9", side=True))
    assert (home.read().total().calls, home.folded) == (1, 1)


PLACEHOLDER, WHOLE = (
    answer("m", "r", usage(10, 2, read=40)),
    answer("m", "r", usage(10, 700, read=40), side=True, agentId="x1"),
)


@pytest.mark.parametrize("with_file", [True, False])
def test_agent_progress(with_file: bool, home: Home) -> None:
    """A mirrored answer is the sub-agent's own, once; where the sub-agent's file is gone it is the only copy."""
    home.claude(prompt(), answer("main", "r0"), mirrored(PLACEHOLDER, "x1"))
    if with_file:
        home.subagent(WHOLE)
    assert home.read().total() == Counts(2, 11, 40, 0, 0, 701 if with_file else 3)
    assert [one.subagent for one in home.calls()] == [None, "x1"]
    assert set(home.sessions()) == {"S1"}


def test_agent_progress_without_a_time_of_its_own(home: Home) -> None:
    line = {name: value for name, value in WHOLE.items() if name != "timestamp"}
    home.claude(mirrored(line, "x1", at="2026-06-03T10:00:00.000Z"))
    assert home.read().days() == {"2026-06-03": 1}


def test_a_tool_result_repeats_usage_that_is_not_added(home: Home) -> None:
    home.claude(answer(uuid="a"), tool_result("a", agentId="x1", totalTokens=3100, usage=usage(10, 90)))
    assert home.read().total().calls == 1


FORKS = [
    ("forkedFrom", {"forkedFrom": {"sessionId": "S1", "messageUuid": "a"}}),
    ("a background session", {"sessionKind": "bg"}),
]


@pytest.mark.parametrize("fork_first", [False, True], ids=["original first", "fork first"])
@pytest.mark.parametrize("mark", [one[1] for one in FORKS], ids=[one[0] for one in FORKS])
def test_a_fork_leaves_the_call_with_the_original(mark: Record, fork_first: bool, home: Home) -> None:
    """Copied lines belong to the session that made them, though the copy's file may be the older one on disk."""
    original = [prompt(), answer("m", "r", session="S1")]
    fork = [prompt(session="S2"), answer("m", "r", session="S2", **mark), answer("n", "r2", session="S2", **mark)]
    writes = [
        lambda: home.claude(*original, session="S1", modified="2026-06-01T12:00:00Z"),
        lambda: home.claude(*fork, session="S2", modified="2026-06-01T11:00:00Z"),
    ]
    for write in reversed(writes) if fork_first else writes:
        write()
        home.read()
    assert home.by_session() == {"S1": 1, "S2": 1}


def test_without_a_mark_the_older_file_is_the_original(home: Home) -> None:
    for session, modified in (("S2", "2026-06-02T12:00:00Z"), ("S1", "2026-06-01T12:00:00Z")):
        home.claude(answer("m", "r", session=session), session=session, modified=modified)
        home.read()
    assert home.by_session() == {"S1": 1}


# --- counts

COUNTS: list[tuple[str, Record, tuple[int, ...]]] = [
    ("plain", usage(11, 22, write=33, read=44), (11, 44, 33, 0, 22)),
    ("only the flat count: five minutes", usage(1, 1, write=500), (1, 0, 500, 0, 1)),
    ("split equals the flat count", usage(1, 1, write=500, five=200, hour=300), (1, 0, 200, 300, 1)),
    ("flat 0 beside a filled split", usage(1, 1, write=0, five=200, hour=300), (1, 0, 200, 300, 1)),
    ("flat above the split: the rest is five minutes", usage(1, 1, write=700, five=200, hour=300), (1, 0, 400, 300, 1)),
    ("flat below the split", usage(1, 1, write=100, five=200, hour=300), (1, 0, 200, 300, 1)),
    ("only the hour", usage(1, 1, write=300, hour=300), (1, 0, 0, 300, 1)),
    ("null is 0", usage(None, 5, read=None, write=None), (0, 0, 0, 0, 5)),  # type: ignore[arg-type]
    ("a split of null", usage(1, 5, write=7, cache_creation=None), (1, 0, 7, 0, 5)),
    ("a split that is no object", usage(1, 5, write=7, cache_creation=[3]), (1, 0, 7, 0, 5)),
    (
        "nulls inside the split",
        usage(1, 5, write=7) | {"cache_creation": {"ephemeral_1h_input_tokens": None}},
        (1, 0, 7, 0, 5),
    ),
    ("negative is 0", usage(-3, 5, read=-9), (0, 0, 0, 0, 5)),
    ("a float is its whole part", usage(2.9, 5.0), (2, 0, 0, 0, 5)),  # type: ignore[arg-type]
    ("true is no number", usage(True, 5, read=True), (0, 0, 0, 0, 5)),
    ("a text is no number", usage("12", 5), (0, 0, 0, 0, 5)),  # type: ignore[arg-type]
    ("an object is no number", usage({}, 5, read=[1]), (0, 0, 0, 0, 5)),  # type: ignore[arg-type]
    ("missing is 0", {"output_tokens": 5}, (0, 0, 0, 0, 5)),
    ("just under ten million", usage(9_999_995, 5), (9_999_995, 0, 0, 0, 5)),
]


@pytest.mark.parametrize(("counts", "expected"), [one[1:] for one in COUNTS], ids=[one[0] for one in COUNTS])
def test_counts(counts: Record, expected: tuple[int, ...], home: Home) -> None:
    """(input, cache read, 5-minute write, 1-hour write, output): null, negative and no number are 0, the line stays."""
    home.claude(answer(counts=counts))
    assert home.read().total() == Counts(1, *expected)


NOTHING: list[tuple[str, Record, str]] = [
    ("all zero", answer(counts=usage(0, 0)), "no tokens"),
    ("no counts", answer(counts={}), "no tokens"),
    ("one above ten million", answer(counts=usage(10_000_001, 0)), "more than 10 M tokens"),
    ("a sum above ten million", answer(counts=usage(6_000_000, 1, read=6_000_000)), "more than 10 M tokens"),
    ("a cache write above ten million", answer(counts=usage(1, 1, hour=10_000_001)), "more than 10 M tokens"),
    ("far beyond any integer", answer(counts=usage(10**30, 5)), "more than 10 M tokens"),
    ("far beyond, as a float", answer(counts=usage(1e30, 5)), "more than 10 M tokens"),  # type: ignore[arg-type]
    ("<synthetic>", answer(model="<synthetic>", counts=usage(1, 1)), "no answer of a model"),
    ("an API error", answer(counts=usage(1, 1), isApiErrorMessage=True), "no answer of a model"),
]


@pytest.mark.parametrize(("record", "reason"), [one[1:] for one in NOTHING], ids=[one[0] for one in NOTHING])
def test_not_counted(record: Record, reason: str, home: Home) -> None:
    """What is no usage, or damaged, counts nothing, and `doctor` can say how often."""
    home.claude(answer("other", "r0", usage(7, 8)), record)
    assert home.read().total() == Counts(1, 7, 0, 0, 0, 8)
    assert home.health(CLAUDE).skipped == {reason: 1}


def test_thinking_stands_inside_output(home: Home) -> None:
    home.claude(answer(counts=usage(1, 50, output_tokens_details={"thinking_tokens": 30})))
    tokens = home.read().call().tokens
    assert (tokens.output, tokens.reasoning) == (50, 30)


def test_more_thinking_than_output_is_all_of_it(home: Home) -> None:
    home.claude(answer(counts=usage(1, 50, output_tokens_details={"thinking_tokens": 90})))
    assert home.read().call().tokens.reasoning == 50


REPORTED = [(0.25, 250_000_000), (0, 0), ("0.5", 500_000_000), (-1, None), (None, None), ("much", None), (1e9, None)]


@pytest.mark.parametrize(("stated", "nano"), REPORTED)
def test_a_stated_cost(stated: Any, nano: int | None, home: Home) -> None:
    """Very old logs state dollars; they are kept beside our own price."""
    home.claude(answer(costUSD=stated))
    assert home.read().call().reported == nano


def test_a_stated_cost_counts_where_we_have_no_price(home: Home) -> None:
    from app.store import queries
    from app.store.queries import Filter

    home.claude(answer("m1", model="nobody-knows-1", costUSD=0.25), answer("m2", model="nobody-knows-1", costUSD=0))
    sums = queries.total(home.read().connection, Filter())
    assert (sums.cost, sums.reported, sums.unpriced) == (250_000_000, 250_000_000, 1)


# --- several samplings in one answer


def sampling(kind: str, counts: Record, **more: Any) -> Record:
    return {"type": kind} | counts | more


def long(counts: Record) -> Record:
    """As full as the API writes it."""
    return counts | {"cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}}


def test_iterations_of_the_message_are_not_added(home: Home) -> None:
    """They mirror the answer's own counts; the last of them is the context's true size."""
    parts = [sampling("message", usage(10, 20, read=100)), sampling("message", usage(5, 30, read=400))]
    home.claude(answer(counts=usage(15, 50, read=500, iterations=parts)))
    call = home.read().call()
    assert home.total() == Counts(1, 15, 500, 0, 0, 50)
    assert call.context == 405


@pytest.mark.parametrize("full", [False, True], ids=["bare", "as the API writes it"])
def test_an_advisor_is_a_call_of_its_own(full: bool, home: Home) -> None:
    """Its tokens are not in the answer's; its model is another."""
    parts = [
        sampling("message", usage(6, 120)),
        sampling("advisor_message", usage(900, 70, read=11), model="claude-opus-5"),
    ]
    home.claude(answer(counts=usage(6, 120, iterations=[long(one) for one in parts] if full else parts)))
    models = {one.model: one.tokens for one in home.read().calls()}
    assert models["claude-sonnet-5"][:2] == (6, 0)
    assert models["claude-opus-5"] == (900, 11, 0, 0, 70, 0)
    assert home.total() == Counts(2, 906, 11, 0, 0, 190)


def test_an_advisor_counts_once_however_often_it_is_written(home: Home) -> None:
    parts = [sampling("message", usage(6, 120)), sampling("advisor_message", usage(900, 70), model="claude-opus-5")]
    lines_of_it = [answer(counts=usage(6, 120, iterations=[long(one) for one in parts])) for _ in range(3)]
    home.claude(*lines_of_it, session="S1")
    home.claude(*lines_of_it, session="S2")
    assert home.read().total().calls == 2


ITERATIONS = [
    None,
    [],
    {},
    "x",
    5,
    [None],
    [[]],
    [{"type": "advisor_message"}],
    [{"type": "advisor_message", "input_tokens": "x"}],
]


@pytest.mark.parametrize("iterations", ITERATIONS)
def test_odd_iterations_cost_nothing(iterations: Any, home: Home) -> None:
    home.claude(answer(counts=usage(6, 120, iterations=iterations)))
    assert home.read().total() == Counts(1, 6, 0, 0, 0, 120)


# --- web searches

SEARCHES: list[tuple[str, list[Record], int]] = [
    ("the server's counter", [answer(uuid="a", counts=usage(1, 1, server_tool_use={"web_search_requests": 3}))], 3),
    ("a tool's result where the counter is 0", [answer(uuid="a"), tool_result("a", searchCount=2)], 2),
    (
        "two results of one answer",
        [answer(uuid="a"), tool_result("a", searchCount=2), tool_result("a", "10:00:11", searchCount=1)],
        3,
    ),
    (
        "never both",
        [
            answer(uuid="a", counts=usage(1, 1, server_tool_use={"web_search_requests": 1})),
            tool_result("a", searchCount=2),
        ],
        1,
    ),
    ("the result of another line", [answer(uuid="a"), tool_result("b", searchCount=2)], 0),
    ("any of the answer's lines", [answer(uuid="a"), answer(uuid="b"), tool_result("a", searchCount=1)], 1),
    ("no count", [answer(uuid="a"), tool_result("a", searchCount="many")], 0),
]


@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "a restart after each line"])
@pytest.mark.parametrize(("records", "searches"), [one[1:] for one in SEARCHES], ids=[one[0] for one in SEARCHES])
def test_searches(records: list[Record], searches: int, restart: bool, home: Home) -> None:
    """Billed per request, on the call that asked: the counter of the answer, else what the tool's result admits."""
    for record in records:
        home.append(".claude/projects/-home-me-app/S1.jsonl", record)
        if restart:
            home.read()
    call = home.read().call()
    assert call.searches == searches
    assert call.parts[6] == searches * 10_000_000  # $10 per thousand


def test_searches_of_a_copied_session_count_once(home: Home) -> None:
    for session in ("S1", "S2"):
        home.claude(answer(uuid="a", session=session), tool_result("a", searchCount=1), session=session)
    assert home.read().call().searches == 1


# --- sub-agents' files

PLACES: list[tuple[str, str, str | None]] = [
    ("S1/subagents/agent-x1.jsonl", "S1", "x1"),
    ("S1/subagents/workflows/run1/agent-x1.jsonl", "S1", "x1"),
    ("S1/subagents/a/b/c/agent-x1.jsonl", "S1", "x1"),
    ("agent-x1.jsonl", "S9", "x1"),
    ("S1.jsonl", "S1", "sidechain"),
]


@pytest.mark.parametrize(("place", "session", "agent"), PLACES)
def test_places(place: str, session: str, agent: str, home: Home) -> None:
    """A sub-agent's file belongs to the session above it, however deep; of old ones beside it the lines tell."""
    home.write(f".claude/projects/-home-me-app/{place}", answer(side=True, session="S9"))
    call = home.read().call()
    assert (list(home.sessions()), call.subagent) == ([session], agent)


@pytest.mark.parametrize("root", ["subagents/claude", "x/subagents"])
def test_a_folder_above_that_is_called_subagents(root: str, home: Home) -> None:
    """Only what lies below `projects` says whose a file is."""
    home.environment(CLAUDE_CONFIG_DIR=str(home.root / root))
    home.write(f"{root}/projects/-home-me-app/S1.jsonl", answer())
    assert (list(home.read().sessions()), home.call().subagent) == (["S1"], None)


def test_other_files_are_left_alone(home: Home) -> None:
    for name in ("history.jsonl", "S1/tool-results/x.txt", "S1/subagents/agent-x1.meta.json", "notes.json"):
        home.write(f".claude/projects/-home-me-app/{name}", answer(name))
    assert home.read().total().calls == 0


# --- sessions


def test_the_project_is_the_first_records_folder(home: Home) -> None:
    """Though the answers were given after a `cd`."""
    home.claude({"type": "summary", "summary": "x"}, prompt(cwd="/home/me/app"), answer(cwd="/home/me/app/deep"))
    facts = home.read().sessions()["S1"]
    assert (facts.project, facts.branch, facts.version) == ("/home/me/app", "main", "2.1.220")


def test_the_project_when_the_file_was_first_read_without_it(home: Home) -> None:
    """The watcher is quick: it may read the first line before there is a second."""
    path = home.claude({"type": "file-history-snapshot", "messageId": "x"})
    home.read()
    home.append(path, prompt(cwd="/home/me/app"), answer(cwd="/home/me/app/deep"))
    assert home.read().sessions()["S1"].project == "/home/me/app"


@pytest.mark.parametrize("subagent_first", [False, True])
def test_the_main_log_names_the_project(subagent_first: bool, home: Home) -> None:
    writes = [
        lambda: home.claude(prompt(cwd="/home/me/app"), answer("m1")),
        lambda: home.subagent(prompt(cwd="/home/me/app/.worktree"), answer("m2", side=True)),
    ]
    for write in reversed(writes) if subagent_first else writes:
        write()
        home.read()
    assert home.sessions()["S1"].project == "/home/me/app"


# --- context and its limit

CONTEXTS: list[tuple[str, list[Record], int | None]] = [
    (
        "the last answer's prompt",
        [
            answer("m1", counts=usage(1, 9, read=100)),
            answer("m2", counts=usage(6, 120, write=500, read=20_000), at="10:01:00"),
        ],
        20_506,
    ),
    ("output is not in it", [answer(counts=usage(10, 5000))], 10),
    (
        "a side chain is not it",
        [answer("m1", counts=usage(10, 1)), answer("m2", counts=usage(999, 1), side=True, at="10:05:00")],
        10,
    ),
    (
        "an API error is not it",
        [answer("m1", counts=usage(10, 1)), answer("m2", counts=usage(0, 0), at="10:05:00", isApiErrorMessage=True)],
        10,
    ),
    ("after a compaction what it says", [answer(counts=usage(10, 1)), compacted(after=5_000)], 5_000),
    ("after a compaction that says nothing", [answer(counts=usage(10, 1)), compacted(after=None)], None),
    (
        "the first answer after it",
        [answer("m1", counts=usage(10, 1)), compacted(), answer("m2", counts=usage(77, 1), at="11:00:00")],
        77,
    ),
    (
        "the later of two compactions",
        [answer(counts=usage(10, 1)), compacted(after=5_000), compacted("10:40:00", after=6_000)],
        6_000,
    ),
]


@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "a restart after each line"])
@pytest.mark.parametrize(("records", "tokens"), [one[1:] for one in CONTEXTS], ids=[one[0] for one in CONTEXTS])
def test_context(records: list[Record], tokens: int | None, restart: bool, home: Home) -> None:
    for record in records:
        home.append(".claude/projects/-home-me-app/S1.jsonl", record)
        if restart:
            home.read()
    assert home.read().context("S1").tokens == tokens


def test_a_compaction_is_kept_with_what_it_says(home: Home) -> None:
    home.claude(answer(), compacted(before=297_190, after=None), compacted("10:40:00", before=20_626, after=5_000))
    assert home.read().compactions() == [(297_190, None), (20_626, 5_000)]


MILLION, USUAL = 1_000_000, 200_000
WINDOWS: list[tuple[str, list[Record], int]] = [
    ("Sonnet 5", [answer(model="claude-sonnet-5")], MILLION),
    ("Fable 5", [answer(model="claude-fable-5")], MILLION),
    ("Opus 4.7", [answer(model="claude-opus-4-7")], MILLION),
    ("Opus 5", [answer(model="claude-opus-5-20260501")], MILLION),
    ("Opus 4.6", [answer(model="claude-opus-4-6")], USUAL),
    ("Sonnet 4.6", [answer(model="claude-sonnet-4-6")], USUAL),
    ("Haiku 4.5", [answer(model="claude-haiku-4-5-20251001")], USUAL),
    ("a name nobody knows", [answer(model="glm-9")], USUAL),
    ("more than 200,000 seen", [answer(model="claude-opus-4-6", counts=usage(1, 1, read=250_000))], MILLION),
    ("[1m] announced", [model_chosen("claude-opus-4-6[1m]"), answer(model="claude-opus-4-6")], MILLION),
    ("announced without [1m]: the table", [model_chosen("claude-opus-4-6"), answer(model="claude-opus-4-6")], USUAL),
    ("announced since", [answer(model="claude-opus-4-6"), model_chosen("claude-opus-4-6[1m]", "10:05:00")], MILLION),
    (
        "[1m] given up again",
        [
            model_chosen("claude-opus-4-6[1m]"),
            answer(model="claude-opus-4-6"),
            model_chosen("claude-opus-4-6", "10:05:00"),
            answer("m2", model="claude-opus-4-6", at="10:06:00"),
        ],
        USUAL,
    ),
    (
        "[1m] given up, no answer since",
        [
            model_chosen("claude-opus-4-6[1m]"),
            answer(model="claude-opus-4-6"),
            model_chosen("claude-opus-4-6", "10:05:00"),
        ],
        USUAL,
    ),
]


@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "a restart after each line"])
@pytest.mark.parametrize(("records", "window"), [one[1:] for one in WINDOWS], ids=[one[0] for one in WINDOWS])
def test_window(records: list[Record], window: int, restart: bool, home: Home) -> None:
    """The announced suffix, else the table of models, else what was seen to fit."""
    for record in records:
        home.append(".claude/projects/-home-me-app/S1.jsonl", record)
        if restart:
            home.read()
    assert home.read().window("S1") == window


def test_window_by_environment(home: Home) -> None:
    """Claude Code's own variables outrank what the log says."""
    for name, value, window in (
        ("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1", USUAL),
        ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "300000", 300_000),
    ):
        home.environment(**{name: value})
        assert SOURCE.window("claude-sonnet-5", None, 250_000, home.machine) == window


# --- lines as they lie on disk


def test_lines_are_cut_at_line_feeds_only(home: Home) -> None:
    """U+2028, U+0085, form feeds and lone surrogates stand inside strings."""
    text = '{"type":"assistant","x":"\u2028\u2029\x85\x0b\x0c",'
    text += '"message":{"id":"m","model":"claude-sonnet-5\\ud800","usage":{"output_tokens":5}}}'
    home.claude(text.encode() + b"\n", answer("m2", counts=usage(1, 6)))
    assert home.read().total() == Counts(2, 1, 0, 0, 0, 11)


ODD: list[tuple[str, bytes]] = [
    ("a byte order mark", b"\xef\xbb\xbf" + lines(answer())),
    ("NULs before it", b"\0\0\0\0" + lines(answer())),
    ("NULs after it", lines(answer()) + b"\0" * 4000),
    ("blanks around it", b"  \t" + lines(answer())[:-1] + b"  \r\n"),
    ("blank lines", b"\n\n\r\n" + lines(answer()) + b"\n \n"),
    ("garbage lines", b'{"usage"\n\xff\xfe\n' + lines(answer()) + b'[{"usage":1}]\n"usage"\n12\n'),
    ("no line end", lines(answer())[:-1]),
    ("half a line behind", lines(answer()) + lines(answer("m2"))[:90]),
    (
        "bytes that are no UTF-8",
        lines(answer()).replace(b'"S1"', b'"S1"').replace(b'"type"', b'"gitBranch":"caf\xe9","type"'),
    ),
    ("a lone surrogate", lines(answer()).replace(b'"type"', b'"gitBranch":"\\ud83d","type"', 1)),
    ("a deep nest beside it", lines(answer()).replace(b'"type"', b'"x":' + b"[" * 3000 + b"]" * 3000 + b',"type"', 1)),
    (
        "keys in another order",
        b'{"message":{"usage":{"output_tokens":1,"input_tokens":1},"id":"msg_1"},"requestId":"req_1"}\n',
    ),
    ("spaces between", lines(answer()).replace(b":", b" : ", 3)),
]


@pytest.mark.parametrize("data", [one[1] for one in ODD], ids=[one[0] for one in ODD])
def test_odd_files(data: bytes, home: Home) -> None:
    home.claude(data)
    assert home.read().total() == Counts(1, 1, 0, 0, 0, 1)


FIELDS = [
    "type",
    "uuid",
    "sessionId",
    "isSidechain",
    "timestamp",
    "cwd",
    "gitBranch",
    "version",
    "entrypoint",
    "effort",
    "forkedFrom",
    "sessionKind",
    "costUSD",
    "isApiErrorMessage",
    "agentId",
    "parentUuid",
    "toolUseResult",
    "attachment",
]


@pytest.mark.parametrize("odd", [7, -1.5, [1], {"a": {}}, "", "\U0001f600", None, 10**40], ids=repr)
@pytest.mark.parametrize("field", FIELDS)
def test_an_odd_field_never_costs_the_line(field: str, odd: Any, home: Home) -> None:
    """Whatever any field beside the usage holds, the tokens count."""
    home.claude(prompt(), answer() | {field: odd})
    assert home.read().total() == Counts(1, 1, 0, 0, 0, 1)
