"""Logs that the user describes: what is wrong in the description is one sentence with its line, and others go on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import settings
from app.sources import BY_ID, custom
from app.sources.custom.declared import BrokenError, declared

from .home import FIXTURES, Home

_GOOD = """\
[[source]]
name = "A"
files = "~/logs/*.jsonl"
format = "json-lines"

[source.fields]
output = "out"
"""


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (_GOOD + "\n[[source]]\nname = \n", 10, "no TOML"),
        (_GOOD + 'x = "unclosed', 8, "no TOML"),
        ("sources = []\n", 1, "there is no `sources`"),
        ("[source]\nname = 'A'\n", 1, "two brackets"),
        (_GOOD.replace("format", "from"), 4, "there is no `from`"),
        (_GOOD.replace("json-lines", "xml"), 4, "`format` is one of"),
        (_GOOD.replace('"A"', "3"), 2, "`name` is a text"),
        (_GOOD.replace("~/logs/", ""), 3, "from the root"),
        (_GOOD.replace("~/logs/", "~/"), 3, "look through everything"),
        (_GOOD.replace("output", "outputs"), 7, "no field `outputs`"),
        (_GOOD.replace("output =", "model ="), 6, "names none of"),
        (_GOOD + _GOOD.replace('name = "A"\n', ""), 8, "`name` is missing"),
        (_GOOD.replace("[source.f", 'inside = { cache_read = "output" }\n\n[source.f'), 6, "`inside` can say"),
        (_GOOD.replace("[source.f", 'time_unit = "h"\n[source.f'), 6, "`time_unit` is one of"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, what: str, tmp_path: Path) -> None:
    file = tmp_path / "sources.user.toml"
    file.write_text(text)
    with pytest.raises(BrokenError) as caught:
        declared(file, tmp_path)
    said = str(caught.value)
    assert said.startswith(f"line {line}: ") and what in said and "\n" not in said


def test_a_broken_description_stops_nobody_else(home: Home) -> None:
    home.write(home.machine.data / "sources.user.toml", "[[source]]\nname = \n")
    home.claude(
        {
            "type": "assistant",
            "timestamp": "2026-08-01T10:00:00Z",
            "message": {"id": "m", "usage": {"output_tokens": 5}},
        }
    )
    assert home.read().output == 5
    amiss = BY_ID["custom"].amiss(home.machine)
    assert amiss is not None and amiss[0].endswith("sources.user.toml") and amiss[1].startswith("line 2: ")


def test_a_mended_description_is_read_without_a_restart(home: Home) -> None:
    settings.save(home.machine, settings.Settings(confirmed=("custom",)))
    home.write("logs/a.jsonl", '{"out": 4}\n')
    home.write(home.machine.data / "sources.user.toml", _GOOD.replace("json-lines", "xml"))
    assert home.read().output == 0
    home.write(home.machine.data / "sources.user.toml", _GOOD)
    assert home.read().output == 4
    assert BY_ID["custom"].amiss(home.machine) is None


def test_a_row_that_is_still_being_written_is_no_row(home: Home) -> None:
    """`12` of `1234` is a number, too."""
    settings.save(home.machine, settings.Settings(confirmed=("custom",)))
    text = _GOOD.replace("*.jsonl", "*.csv").replace("json-lines", "csv")
    home.write(home.machine.data / "sources.user.toml", text)
    for content in (b"out\n7\n12", b"out\n7\n1234\n"):
        home.write("logs/a.csv", content)
        home.read()
    assert home.output == 1_241


def test_the_example_of_the_readme_and_of_the_module_hold(tmp_path: Path) -> None:
    """Both are what people copy."""
    for told in ((FIXTURES.parent.parent / "README.md").read_text(encoding="utf-8"), custom.__doc__ or ""):
        (example,) = [block for block in re.findall(r"```toml\n(.*?)```", told, re.DOTALL) if "[[source]]" in block]
        file = tmp_path / f"{len(told)}.toml"
        file.write_text(example)
        (one,) = declared(file, tmp_path)
        assert (one.base, one.inside) == (tmp_path / "proxy/logs", {"cache_read", "reasoning"})
        assert one.fits("2026/a.jsonl") and one.fits("a.jsonl") and not one.fits("a.json")
