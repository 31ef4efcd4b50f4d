"""The quick path and typer take the same words for the same values; what the quick path does not take, typer explains."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.cli import run, typer_app
from app.cli.commands import COMMANDS
from app.cli.spec import Command, quick_values

READ_ONLY = [command for command in COMMANDS if command.read_only]
VALUES = st.sampled_from(
    ["", "x", "day", "0", "7", "-1", "1e3", "²", "٣", "007", "--json", "-x", "-", "--", "a=b", "é", "2026-09-30", "h i"]
)


def words_of(command: Command) -> st.SearchStrategy[list[str]]:
    """Words somebody might write: flags right and wrong, with values beside and behind `=`, in any order."""
    flags = [option.flag for option in command.options if not option.argument]
    flags += [option.off for option in command.options if option.off]
    flags += ["--nonsense", "--no-json", "--js", "--help-me"]
    flag = st.sampled_from(flags)
    one = st.one_of(
        flag.map(lambda name: [name]),
        st.tuples(flag, VALUES).map(list),
        st.tuples(flag, VALUES).map(lambda both: ["=".join(both)]),
        VALUES.map(lambda value: [value]),
    )
    return st.lists(one, max_size=5).map(lambda lists: [word for words in lists for word in words])


def by_typer(command: Command, words: list[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any] | None:
    """The values typer hands to the command; None where it refuses the words."""
    taken: list[dict[str, Any]] = []

    def invoke(command: Command, values: dict[str, Any]) -> int:
        taken.append(dict(values))
        return 0

    monkeypatch.setattr(typer_app, "invoke", invoke)
    status = typer_app.run([command.name, *words])
    assert status in (0, 2)
    return taken[0] if taken else None


@pytest.mark.parametrize("command", READ_ONLY, ids=[one.name for one in READ_ONLY])
def test_both_ways_take_the_same_words_for_the_same(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    @settings(max_examples=80, deadline=None)
    @given(words=words_of(command))
    @example(words=[])
    @example(words=["--json"])
    def check(words: list[str]) -> None:
        quick = quick_values(command, words)
        if quick is not None:
            assert quick == by_typer(command, words, monkeypatch), words

    check()


PLAIN = {
    "sync": [[], ["--json"], ["--content"], ["--content", "--json"], ["--json", "--demo"]],
    "report": [
        [],
        ["--json"],
        ["--by", "model", "--json", "--timezone", "UTC"],
        ["--by=week", "--since=2026-09-01", "--until", "2026-09-30", "--no-sync"],
        ["--agent", "a", "--agent", "b", "--model=m", "--project", "p", "--csv"],
        ["--sync", "--no-sync", "--json"],
        ["--logged", "--json"],
    ],
    "session": [["abc"], ["--json", "abc", "--trace", "3"], ["abc", "--no-sync"], ["abc", "--logged"]],
    "live": [[], ["--watch"], ["--json", "--no-sync"]],
    "price": [["m"], ["m", "--at", "2026-03-01T00:00:00Z", "--provider=x", "--prompt-tokens", "200001", "--json"]],
}


@pytest.mark.parametrize(("name", "words"), [(name, words) for name, all_ in PLAIN.items() for words in all_])
def test_plain_words_take_the_quick_path(name: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    command = next(one for one in COMMANDS if one.name == name)
    quick = quick_values(command, words)
    assert quick is not None
    assert quick == by_typer(command, words, monkeypatch)


def test_every_command_that_only_reads_is_tried() -> None:
    assert set(PLAIN) == {command.name for command in READ_ONLY}


@given(words=st.lists(st.text(max_size=8), max_size=4), name=st.sampled_from([one.name for one in COMMANDS]))
@settings(max_examples=100, deadline=None)
def test_no_words_break_the_quick_path(words: list[str], name: str) -> None:
    command = next(one for one in COMMANDS if one.name == name)
    values = quick_values(command, words)
    assert values is None or values.keys() == {option.name for option in command.options}


def test_completion_is_left_to_typer(monkeypatch: pytest.MonkeyPatch, own_world: None) -> None:
    asked: list[list[str]] = []

    def note(words: list[str]) -> int:
        asked.append(words)
        return 0

    monkeypatch.setattr(typer_app, "run", note)
    monkeypatch.setenv("_CUENTA_COMPLETE", "complete_bash")
    assert run.main(["report", "--json"]) == 0
    assert asked == [["report", "--json"]]
