"""Edits of settings as people keep them: what was there stays to the letter, and undoing gives the same letters back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agent_files.edit import Done, Edit
from app.agent_files.edits import RefusedError, read, stands, with_edits, without

HOOK = Edit(("hooks", "stop"), {"command": "cuenta hook x"}, joins=True)
SWITCH = Edit(("telemetry", "outfile"), "/d/out.jsonl")


def changed(text: str, edit: Edit = HOOK, name: str = "hooks.json") -> tuple[str, Done]:
    after, done = with_edits(text, (edit,), name)
    return after, done[0]


# --- JSON

JSONS = {
    "compact": '{"hooks":{"stop":[{"command":"a"}]},"x":1}',
    "two lines": '{\n  "hooks": {\n    "stop": [\n      {"command": "a"},\n      {"command": "b"}\n    ]\n  }\n}\n',
    "commas before brackets": '{\n\t"hooks": {\n\t\t"stop": [\n\t\t\t{"command": "a"},\n\t\t],\n\t},\n}\n',
    "comments": '// mine\n{\n  /* all\n  of it */ "hooks": {\n    "stop": [\n      "a", // loud, really\n'
    '      "b" // last\n    ]\n  }\n}',
    "comment in an empty list": '{"hooks": {"stop": [ // none yet\n]}}',
    "windows": '\ufeff{\r\n    "hooks": {\r\n        "stop": [\r\n            "a"\r\n        ]\r\n    }\r\n}\r\n',
    "no list": '{\n  "hooks": {\n    "start": ["a"]\n  }\n}\n',
    "no hooks": '{\n  "version": 1, // of it\n  "unknown": {"deep": [1, 2.5e3, null, true, "\\u00e9 // no comment"]}\n}\n',
    "nothing": "{}",
    "twice the same name": '{"hooks": {}, "hooks": {"stop": ["a"]}}',
    "comment behind a list in one line": '{"hooks": {"stop": ["a" // one\n]}}',
    "comma in a comment": '{"hooks": {"stop": ["a" /* , */ ]}}',
}


@pytest.mark.parametrize("text", JSONS.values(), ids=JSONS)
def test_a_hook_comes_behind_the_others_and_goes_without_a_trace(text: str) -> None:
    after, done = changed(text)
    before = read(text, "hooks.json").get("hooks", {}).get("stop", [])
    assert read(after, "hooks.json")["hooks"]["stop"] == [*before, HOOK.value]
    assert read(without(after, done, "hooks.json"), "hooks.json") == read(text, "hooks.json")
    for comment in (
        "// mine",
        "/* all\n  of it */",
        "// loud, really",
        "// last",
        "// none yet",
        "// of it",
        "// one",
        "/* , */",
    ):
        assert (comment in after) == (comment in text)
        assert (comment in without(after, done, "hooks.json")) == (comment in text)
    assert after.count("\r\n") == after.count("\n") or "\r" not in text


@pytest.mark.parametrize("name", ["two lines", "commas before brackets", "comments", "windows"])
def test_the_letters_are_the_same_again(name: str) -> None:
    after, done = changed(JSONS[name])
    assert after != JSONS[name]
    assert without(after, done, "hooks.json") == JSONS[name]


def test_what_its_owner_added_meanwhile_stays() -> None:
    after, done = changed(JSONS["two lines"])
    edited = after.replace('{"command": "b"}', '{"command": "c"}').replace('"hooks"', '"new": 1,\n  "hooks"')
    stops = read(without(edited, done, "hooks.json"), "hooks.json")
    assert stops == {"new": 1, "hooks": {"stop": [{"command": "a"}, {"command": "c"}]}}


def test_a_list_that_came_with_the_hook_goes_with_it_unless_something_moved_in() -> None:
    after, done = changed('{"version": 1}')
    assert read(without(after, done, "hooks.json"), "hooks.json") == {"version": 1}
    moved_in = after.replace('"stop": [', '"start": ["a"], "stop": [')
    assert read(without(moved_in, done, "hooks.json"), "hooks.json")["hooks"] == {"start": ["a"]}


def test_an_entry_changed_by_hand_is_its_owners() -> None:
    after, done = changed(JSONS["two lines"])
    edited = after.replace("cuenta hook x", "cuenta hook x --mine")
    assert without(edited, done, "hooks.json") == edited


def test_a_value_gives_way_and_comes_back() -> None:
    text = '{\n  "telemetry": {"enabled": true, "outfile": "/mine" /* here */},\n  "other": 1,\n}\n'
    after, done = changed(text, SWITCH, "settings.json")
    assert read(after, "settings.json")["telemetry"] == {"enabled": True, "outfile": "/d/out.jsonl"}
    assert (done.before, done.made) == ("/mine", 0)
    assert without(after, done, "settings.json") == text
    mine = after.replace("/d/out.jsonl", "/elsewhere")
    assert without(mine, done, "settings.json") == mine


def test_one_and_true_are_two_things() -> None:
    assert not stands('{"a": 1}', Edit(("a",), True), "s.json")
    assert not stands('{"a": [1]}', Edit(("a",), True, joins=True), "s.json")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"hooks": {"stop": ["a"}}', "damaged (line 1)"),
        ('{\n"hooks": 1,,}', "damaged (line 2)"),
        ("", "damaged"),
        ("[]", "holds no settings"),
        ('{"hooks": []}', "something else at hooks.stop"),
        ('{"hooks": {"stop": {}}}', "something else at hooks.stop"),
        ("[" * 5_000, "damaged"),
        ('{"a": 1} x', "damaged"),
    ],
)
def test_what_cannot_be_edited_without_harm_is_refused(text: str, why: str) -> None:
    with pytest.raises(RefusedError, match=why.replace("(", r"\(").replace(")", r"\)")):
        changed(text)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('a/*"\\,{}[]é\n', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab:,", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(
    others=st.dictionaries(st.text("xyz,", max_size=3), PLAIN, max_size=3),
    stops=st.none() | st.lists(PLAIN, max_size=3),
    indent=st.sampled_from([None, 2, "\t"]),
    first=st.booleans(),
)
def test_any_document_says_the_same_and_the_hook(others: Any, stops: Any, indent: Any, first: bool) -> None:
    ours = {} if stops is None else {"hooks": {"stop": stops}}
    document = {**ours, **others} if first else {**others, **ours}
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    after, done = changed(text)
    assert json.loads(after) == {**document, "hooks": {"stop": [*(stops or []), HOOK.value]}}
    assert json.loads(without(after, done, "hooks.json")) == document


# --- TOML

TOML = '# mine\nmodel = "m" # of it\n\n[telemetry]\n# where\nenabled = true\n\n[[list]]\na = 1\n'


def test_a_line_of_toml_comes_and_goes() -> None:
    after, done = changed(TOML, SWITCH, "config.toml")
    assert after == TOML.replace("enabled = true\n", 'enabled = true\noutfile = "/d/out.jsonl"\n')
    assert without(after, done, "config.toml") == TOML


def test_a_value_of_toml_gives_way_and_comes_back() -> None:
    text = TOML.replace("# where", 'outfile = "/mine"')
    after, done = changed(text, SWITCH, "config.toml")
    assert read(after, "config.toml")["telemetry"] == {"enabled": True, "outfile": "/d/out.jsonl"}
    assert without(after, done, "config.toml") == text


@pytest.mark.parametrize("text", ["", "model = 1", TOML.replace("[telemetry]", "[other]")])
def test_a_table_of_toml_is_added_at_the_end(text: str) -> None:
    after, _ = changed(text, SWITCH, "config.toml")
    assert after.startswith(text)
    assert read(after, "config.toml") == {**read(text, "config.toml"), "telemetry": {"outfile": "/d/out.jsonl"}}


@pytest.mark.parametrize(
    "text",
    [
        "telemetry = { enabled = true }\n",  # inline: a table of that name can't be opened again
        'telemetry = "off"\n',
        '[telemetry]\noutfile = """\nlong\n"""\n',
        "[telemetry\n",
    ],
)
def test_toml_that_a_line_would_break_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        changed(text, SWITCH, "config.toml")
