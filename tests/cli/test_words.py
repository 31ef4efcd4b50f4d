"""What may be typed: exit codes, one sentence for each mistake, help, and two readers of words that must agree."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.__main__ import main
from app.cli import typer_app
from app.cli.commands import COMMANDS
from app.cli.spec import Command, Option, quick_values
from tests.cli.conftest import Cuenta
from tests.cli.logs import example, month

BY_NAME = {command.name: command for command in COMMANDS}


# --- exit codes


@pytest.mark.parametrize(
    "words",
    [
        ["sync"],
        ["report"],
        ["report", "--by", "kind", "--csv"],
        ["session", "S1"],
        ["live"],
        ["price", "claude-sonnet-5"],
        ["price", "no-such-model"],
        ["--version"],
        ["--help"],
    ],
)
def test_done_is_0(cuenta: Cuenta, words: list[str]) -> None:
    month(cuenta)
    done = cuenta(*words)
    assert (done.status, done.err) == (0, "")
    assert done.out


@pytest.mark.parametrize(
    "words",
    [
        ["session", "no-such-id"],
        ["session", "no-such-id", "--no-sync"],
        ["report", "--timezone", "Mars/Olympus"],
        ["report", "--timezone", "../../etc/passwd"],
        ["report", "--timezone", "Europe"],
        ["doctor", "--try", "/no/such/file"],
    ],
)
def test_a_problem_is_1_and_one_sentence(cuenta: Cuenta, words: list[str]) -> None:
    for more in ([], ["--json"]):
        status, out, err = cuenta(*words, *more)
        assert (status, out, err.count("\n")) == (1, "", 1), err
        assert err.rstrip().endswith(".")


@pytest.mark.parametrize(
    "words",
    [
        ["report", "--by", "class"],
        ["report", "--by", "outcome"],
        ["report", "--by", "nonsense"],
        ["report", "--by", ""],
        ["report", "--since", "yesterday"],
        ["report", "--until", "2026-02-30"],
        ["report", "--since"],
        ["report", "--nonsense"],
        ["report", "extra"],
        ["report", "--json=yes"],
        ["session"],
        ["session", "S1", "S2"],
        ["price"],
        ["price", "x", "--at", "soon"],
        ["price", "x", "--prompt-tokens", "few"],
        ["nonsense"],
        ["--nonsense"],
        ["--json"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(cuenta: Cuenta, words: list[str]) -> None:
    month(cuenta)
    for more in ([], ["--json"]):
        status, out, err = cuenta(*words, *more)
        assert (status, out) == (2, "")
        assert err
        assert "Traceback" not in err


@pytest.mark.parametrize("by", ["class", "outcome"])
def test_what_is_not_built_says_what_there_is(cuenta: Cuenta, by: str) -> None:
    err = cuenta("report", "--by", by, "--json").err
    assert "not built" in err
    assert "kind" in err


# --- the clock


def test_the_clock_is_obeyed(cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    for written, meant in (
        ("2027-01-02T03:04:05Z", "2027-01-02T03:04:05Z"),
        ("2027-01-02T03:04:05+05:45", "2027-01-01T21:19:05Z"),
        ("2027-01-02T03:04:05.999", "2027-01-02T03:04:05Z"),
        ("2027-01-02", "2027-01-02T00:00:00Z"),
    ):
        monkeypatch.setenv("CUENTA_NOW", written)
        assert cuenta.json("report")["generated_at"] == meant
        assert cuenta.json("live")["at"] == meant


@pytest.mark.parametrize("words", [["report", "--json"], ["live", "--json"], ["doctor", "--json"], ["price", "x"]])
def test_a_wrong_clock_is_a_sentence(cuenta: Cuenta, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUENTA_NOW", "half past nine")
    status, out, err = cuenta(*words)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "CUENTA_NOW" in err
    assert "half past nine" in err


# --- help and completion


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_help(cuenta: Cuenta, command: Command) -> None:
    done = cuenta(command.name, "--help")
    assert (done.status, done.err) == (0, "")
    assert "\x1b" not in done.out
    for option in command.options:
        assert (option.metavar or option.name.upper() if option.argument else option.flag) in done.out
        if option.off:
            assert option.off in done.out
    assert command.help.split(",")[0].split(";")[0][:40] in " ".join(done.out.split())


def test_the_first_help_names_every_command(cuenta: Cuenta) -> None:
    out = cuenta("--help").out
    for command in COMMANDS:
        assert f"\n  {command.name}" in out
    assert "no network" in " ".join(out.split())


def completed(cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch, line: str, words: list[str]) -> set[str]:
    """As the script of `--show-completion bash` asks."""
    monkeypatch.setenv("_CUENTA_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
    done = cuenta(*words)
    assert (done.status, done.err) == (0, "")
    return set(done.out.split())


def test_completion_of_commands_and_options(cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    assert completed(cuenta, monkeypatch, "cuenta rep", ["--help"]) == {"report", "reprice"}
    assert completed(cuenta, monkeypatch, "cuenta ", ["--help"]) == {command.name for command in COMMANDS}
    assert completed(cuenta, monkeypatch, "cuenta report --ti", ["report"]) == {"--timezone"}
    assert not (cuenta.data / "cuenta.sqlite3").exists()  # a TAB reads nothing


def test_a_tab_starts_no_tray(cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell's script calls us by our bare name, with the line in the environment alone."""
    monkeypatch.setattr("app.__main__._tray", lambda **_: pytest.fail("the tray was started"))
    assert completed(cuenta, monkeypatch, "cuenta repo", []) == {"report"}


def test_a_script_for_the_shell(cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each shell by its name; otherwise typer takes the one the tests were started from, which may be any."""
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    for shell in ("bash", "zsh", "fish"):
        done = cuenta("--show-completion", shell)
        assert done.status == 0
        assert "_CUENTA_COMPLETE" in done.out


# --- two readers of words


def through_typer(words: list[str]) -> dict[str, Any] | None:
    """The values that typer hands to the command; None where it refuses the words."""
    handed: list[dict[str, Any]] = []

    def note(command: Command, values: dict[str, Any]) -> int:
        handed.append(dict(values))
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer_app, "invoke", note)
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            status = typer_app.run(words)
    assert (status == 0) == bool(handed) or "--help" in words
    return handed[0] if handed else None


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)
TRICKY = st.sampled_from(["", "-", "--", "-1", "--json", "--no-sync", "a=b", "=", "²", "٣", "007", " 5", "1_0", "x y"])
VALUE = TEXT | TRICKY


def well_formed(option: Option) -> st.SearchStrategy[list[str]]:
    """The words of one option."""
    if option.argument:
        return st.just([])
    if option.kind is bool:
        return st.sampled_from([[option.flag], *([[option.off]] if option.off else [])])
    value = st.integers(0, 10**9).map(str) if option.kind is int else VALUE
    return value.flatmap(lambda one: st.sampled_from([[option.flag, one], [f"{option.flag}={one}"]]))


@st.composite
def calls(draw: st.DrawFn) -> tuple[Command, list[str]]:
    """A command with any of its options, in any order, any number of times."""
    command = draw(st.sampled_from(COMMANDS))
    parts = draw(st.lists(st.one_of(*map(well_formed, command.options)), max_size=6))
    plain = VALUE.filter(lambda word: not word.startswith("-"))
    parts += [[draw(plain)] for option in command.options if option.argument]
    return command, [word for part in draw(st.permutations(parts)) for word in part]


@settings(max_examples=150, deadline=None)
@given(calls())
def test_the_quick_path_and_typer_read_the_same(call: tuple[Command, list[str]]) -> None:
    command, words = call
    quick = quick_values(command, words)
    assert quick is not None, "a well-formed call must not pay for typer"
    assert quick == through_typer([command.name, *words])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(COMMANDS), st.data())
def test_what_the_quick_path_takes_typer_takes(command: Command, data: st.DataObject) -> None:
    """Any words at all: wherever the quick path has an answer, it is typer's."""
    flags = [option.flag for option in command.options if not option.argument]
    word = VALUE | st.sampled_from([*flags, *(f"{flag}=" for flag in flags), "--no-sync", "--sync", "--help"])
    words = data.draw(st.lists(word, max_size=5))
    quick = quick_values(command, words)
    if quick is not None:
        assert quick == through_typer([command.name, *words])


def test_lists_are_not_shared_between_calls() -> None:
    report = BY_NAME["report"]
    first = quick_values(report, ["--agent", "codex"])
    second = quick_values(report, [])
    assert first is not None
    assert second is not None
    first["model"].append("x")
    assert (second["agent"], second["model"]) == ([], [])
    assert quick_values(report, [])["model"] == []  # type: ignore[index]


def test_demo_may_stand_before_the_command(cuenta: Cuenta) -> None:
    assert cuenta.json("--demo", "report")["total"]["calls"] > 1_000
    assert not (cuenta.data / "cuenta.sqlite3").exists()


def test_a_command_without_options_goes_through_both(cuenta: Cuenta) -> None:
    """The same report, asked the quick way and typer's."""
    cuenta.claude("S1", *example())
    quick = cuenta.json("report", "--by", "model", "--model", "claude-sonnet-5")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.cli.run.quick_values", lambda *_: None)
        assert cuenta.json("report", "--by", "model", "--model", "claude-sonnet-5") == quick


def test_main_takes_the_words_of_the_process(cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["cuenta", "--version"])
    assert main() == 0
