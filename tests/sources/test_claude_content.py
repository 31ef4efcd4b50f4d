"""What transcripts say in words: one answer out of all its lines, whatever stands between, and nothing that was not said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import Record, answer, lines, mirrored, prompt, usage
from hypothesis import given
from hypothesis import strategies as st

from app.content import measure
from app.model.content import Answer, ToolCall
from app.model.usage import Cursor
from app.shapes import content as shape
from app.sources.claude_code.content import message_key, read


def said(*texts: str) -> list[Record]:
    return [{"type": "text", "text": text} for text in texts]


def tool(ident: str = "t1", name: str = "Bash", **parameters: Any) -> Record:
    return {"type": "tool_use", "id": ident, "name": name, "input": parameters}


def line(message: str = "m1", *blocks: Record, output: int = 10, stop: str | None = "end_turn", **more: Any) -> Record:
    one = answer(message, f"r-{message}", usage(1, output), stop=stop, **more)
    one["message"]["content"] = list(blocks)
    return one


@pytest.fixture
def told(tmp_path: Path) -> Any:
    def tell(*records: Record | str) -> dict[int, Answer]:
        path = tmp_path / "S1.jsonl"
        path.write_bytes(lines(*records))
        return {one.group: one for _, told, _ in read(path, None) for one in told.answers}

    return tell


def test_the_blocks_of_all_lines_are_one_answer(told: Any) -> None:
    found = told(
        line("m1", *said("First."), output=1, stop=None),
        line("m1", tool("t1", "Read", file_path="/a.py", limit=20), output=1, stop=None),
        prompt("10:00:01"),
        line("m1", tool("t2", "Bash", command="ls", options={"deep": [1, None]}), output=87),
    )
    (one,) = found.values()
    assert one.group == message_key("m1")
    assert one.texts == ("First.",)
    assert one.tools == (
        ToolCall("Read", (("file_path", "/a.py"), ("limit", "20"))),
        ToolCall("Bash", (("command", "ls"), ("options", '{"deep":[1,null]}'))),
    )
    assert (one.output, one.finished, one.thought, one.whole) == (87, True, False, True)


@pytest.mark.parametrize(
    "again",
    [
        pytest.param([line("m1", *said("Hello there"))], id="the same line"),
        pytest.param([line("m1", *said("Hello")), line("m1", *said("Hello there"))], id="grown"),
        pytest.param([line("m1", *said("Hello there")), line("m1", *said("Hello"))], id="the shorter one last"),
        pytest.param([mirrored(line("m1", *said("Hello there")), "x1")], id="mirrored in the parent's log"),
    ],
)
def test_what_is_written_again_is_said_once(again: list[Record], told: Any) -> None:
    found = told(line("m1", *said("Hello there")), *again)
    assert [one.texts for one in found.values()] == [("Hello there",)]


@pytest.mark.parametrize("texts", [("Hello", "Hello there"), ("Hello there", "Hello")])
def test_a_block_that_grew_is_the_longer_one(texts: tuple[str, str], told: Any) -> None:
    found = told(*(line("m1", *said(text)) for text in texts))
    assert [one.texts for one in found.values()] == [("Hello there",)]


def test_a_tool_call_written_again_is_one(told: Any) -> None:
    found = told(line("m1", tool("t1", "Bash")), line("m1", tool("t1", "Bash", command="ls")), line("m1", tool("t1")))
    assert [one.tools for one in found.values()] == [(ToolCall("Bash", (("command", "ls"),)),)]


def test_two_calls_alike_are_two(told: Any) -> None:
    found = told(line("m1", tool("t1", command="ls"), tool("t2", command="ls")))
    assert [len(one.tools) for one in found.values()] == [2]


@pytest.mark.parametrize(
    "block", [{"type": "thinking", "thinking": "", "signature": "x"}, {"type": "redacted_thinking", "data": "x"}]
)
def test_reasoning_is_noted_and_not_measured(block: Record, told: Any) -> None:
    (one,) = told(line("m1", block, *said("Done"))).values()
    assert (one.thought, one.texts, one.tools) == (True, ("Done",), ())


def test_reasoning_that_only_the_count_tells_of(told: Any) -> None:
    record = line("m1", *said("Done"))
    record["message"]["usage"]["output_tokens_details"] = {"thinking_tokens": 400}
    (one,) = told(record).values()
    assert one.thought


def test_a_plan_that_the_program_wrote_is_not_the_models(told: Any) -> None:
    (one,) = told(line("m1", tool("t1", "ExitPlanMode", plan="long " * 500, mode="x"))).values()
    assert one.tools == (ToolCall("ExitPlanMode", (("mode", "x"),)),)
    assert not one.whole


def test_a_block_of_an_unknown_kind_makes_it_no_whole(told: Any) -> None:
    (one,) = told(line("m1", {"type": "hologram"}, *said("Done"))).values()
    assert (one.texts, one.whole) == (("Done",), False)


def test_what_is_no_answer(told: Any) -> None:
    error = line("m2", *said("You've hit your limit"), isApiErrorMessage=True)
    synthetic = line("m3", *said("No response requested."), model="<synthetic>")
    nameless = answer(None, None)
    result = prompt("10:00:01") | {"message": {"role": "user", "content": [{"type": "text", "text": '"usage"'}]}}
    assert told(error, synthetic, nameless, result, '{"usage": ') == {}


def test_an_odd_block_costs_nothing_else(told: Any) -> None:
    record = line("m1", *said("Hello"))
    record["message"]["content"].append({"type": "tool_use", "id": 7, "name": None, "input": "no object"})
    record["message"]["content"].insert(0, {"type": "text", "text": None})
    (one,) = told(record).values()
    assert "Hello" in one.texts


# --- cut anywhere

ANSWERS = [
    *(line(f"m{number}", *said(f"Answer {number}, in one line")) for number in range(3)),
    *(line("m3", *said("Before the tool."), stop=None, output=2) for _ in range(2)),
    prompt("10:00:05"),
    line("m4", *said("In between"), tool("t9", command="make")),
    line("m3", tool("t3", command="ls -la", timeout=5), stop=None, output=2),
    mirrored(line("m5", *said("A sub-agent's words")), "x1"),
    line("m3", *said("And behind it: ünïcödé"), output=55),
]


def _letters(text: str) -> int:
    return len(text)


def rows_of(path: Path, cursor: Cursor | None = None) -> Iterator[tuple[dict[str, list[Any]], Cursor]]:
    for _, told, end in read(path, cursor):
        yield {name: list(rows) for name, rows in measure(told.answers, _letters).items()}, end


def kept(found: list[dict[str, list[Any]]]) -> dict[tuple[str, int], Any]:
    """As the store keeps them: of an answer the larger size, else the later."""
    best: dict[tuple[str, int], Any] = {}
    place = {"visible": 1, "sample": 3}
    for one in found:
        for name, rows in one.items():
            for row in rows:
                known = best.get((name, row[0]))
                if known is None or row[place[name]] >= known[place[name]]:
                    best[name, row[0]] = row
    return best


@given(places=st.lists(st.integers(0, len(lines(*ANSWERS))), min_size=1, max_size=5).map(sorted))
def test_cut_anywhere_it_is_the_same(places: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Read in slices as it grows, or in one go."""
    path = tmp_path_factory.mktemp("cut") / "S1.jsonl"
    data = lines(*ANSWERS)
    path.write_bytes(data)
    whole = kept([rows for rows, _ in rows_of(path)])
    assert len(whole) == 6 + 6
    sliced: list[dict[str, list[Any]]] = []
    cursor: Cursor | None = None
    path.unlink()
    for place in (*places, len(data)):
        with open(path, "ab") as file:
            file.write(data[file.tell() : place])
        for rows, end in rows_of(path, cursor):
            sliced.append(rows)
            cursor = end
    assert kept(sliced) == whole


def test_many_stretches_are_the_same_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "S1.jsonl"
    path.write_bytes(lines(*ANSWERS * 3, *[line(f"n{number}", *said("x" * 50)) for number in range(80)]))
    whole = kept([rows for rows, _ in rows_of(path)])
    monkeypatch.setattr(shape, "STRETCH", 1)  # whatever is in memory at once
    monkeypatch.setattr("app.shapes.lines.CHUNK", 12_000)
    stretches = [rows for rows, _ in rows_of(path)]
    assert len(stretches) >= 3
    assert kept(stretches) == whole


def test_no_text_is_among_the_rows(tmp_path: Path) -> None:
    """Numbers, and the name of the model."""
    path = tmp_path / "S1.jsonl"
    path.write_bytes(lines(line("m1", *said("canary"), tool("t1", "canary", canary="canary"))))
    ((rows, end),) = rows_of(path)
    assert rows.keys() == {"visible", "sample"}
    assert "canary" not in json.dumps([*rows["visible"], *rows["sample"]])
    assert end.memory == b""


def test_the_sizes_are_those_of_texts_names_and_values(tmp_path: Path) -> None:
    """In letters: `Hello` 5, `Bash` 4, `command` 7 and `ls` 2, `deep` 4 and `true` 4."""
    path = tmp_path / "S1.jsonl"
    path.write_bytes(lines(line("m1", *said("Hello"), tool("t1", command="ls", deep=True), output=33)))
    ((rows, _),) = rows_of(path)
    assert rows["visible"] == [(message_key("m1"), 26, 1, 2, 0)]
    assert rows["sample"] == [(message_key("m1"), "claude-sonnet-5", 1_780_308_000_000, 26, 1, 2, 33)]


@pytest.mark.parametrize(
    ("what", "record"),
    [
        ("unfinished", line("m1", *said("Hello"), stop=None)),
        ("reasoned", line("m1", {"type": "thinking"}, *said("Hello"))),
        ("with a plan", line("m1", *said("Hello"), tool("t1", "ExitPlanMode", plan="x"))),
        ("not counted", line("m1", *said("Hello"), output=0)),
    ],
)
def test_what_cannot_be_trusted_is_no_sample(what: str, record: Record, tmp_path: Path) -> None:
    path = tmp_path / "S1.jsonl"
    path.write_bytes(lines(record))
    ((rows, _),) = rows_of(path)
    assert rows.keys() == {"visible"}, what
