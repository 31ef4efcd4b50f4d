"""Which notifications there are: once for each session, three a day, never again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.model.meters import Meters, Running
from app.ui.notices import Notices

NOW = int(datetime(2026, 11, 20, 15, 42, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000


def running(name: str = "ledger-web", context: int | None = 182_000, **more: Any) -> Running:
    """A session at 91 % of its window."""
    values: dict[str, Any] = {"window": 200_000, "compacts_at": None, **more}
    return Running("claude_code", name, name, None, None, None, None, NOW, 0, 0, context, **values)


def meters(*sessions: Running, at: int = NOW, paused: bool = False) -> Meters:
    return Meters(at, 0, 0, 0, "measured", None, running=sessions, paused=paused)


def said(notices: Notices, *sessions: Running, **more: Any) -> list[str]:
    return [f"{one.title}. {one.text}".strip() for one in notices.due(meters(*sessions, **more))]


def notices(**more: Any) -> Notices:
    return Notices(zone=UTC, **more)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (running(compacts_at=204_000), ["ledger-web: context 91%. About 22k tokens before compaction."]),
        (running(context=151_999, compacts_at=167_000), []),
        (
            running(context=152_000, compacts_at=167_000),
            ["ledger-web: context 76%. About 15k tokens before compaction."],
        ),
        (running(context=166_900, compacts_at=167_000), ["ledger-web: context 83%. Compaction may come at any turn."]),
        (running(context=159_999), []),
        (running(context=160_000), ["ledger-web: context 80%."]),
        (running(context=None), []),
        (running("<b>&", 160_000), ["‹b›&: context 80%."]),
    ],
)
def test_what_is_told(one: Running, words: list[str]) -> None:
    """From 80 % of the window, or 15,000 tokens before compaction."""
    assert said(notices(), one) == words


def test_each_session_once() -> None:
    """However often it is read, and also after it was compacted and has filled up again."""
    one = notices()
    assert len(said(one, running())) == 1
    assert said(one, running(context=190_000)) == []
    assert said(one, running(context=30_000)) == []
    assert said(one, running(context=185_000)) == []
    assert len(said(one, running(), running("other"))) == 1


def test_three_a_day() -> None:
    """The fourth is not told later either; the next day has three of its own."""
    one = notices()
    five = [running(f"s{number}") for number in range(5)]
    assert [words.split(":")[0] for words in said(one, *five)] == ["s0", "s1", "s2"]
    assert said(one, *five) == []
    assert said(one, running("s6")) == []
    assert said(one, *five, at=NOW + DAY) == []
    assert len(said(one, running("s7"), at=NOW + DAY)) == 1


def test_nothing_is_told_again_after_a_start() -> None:
    kept: list[dict[str, int]] = []
    assert len(said(notices(keep=kept.append), running())) == 1
    assert kept == [{"claude_code ledger-web": NOW}]
    assert said(notices(told=kept[0]), running()) == []


def test_off_and_paused() -> None:
    """Whoever switches it on later hears what is near then."""
    one = notices(on=False)
    assert said(one, running()) == []
    one.on = True
    assert said(one, running(), paused=True) == []
    assert len(said(one, running())) == 1


def test_only_the_newest_are_remembered() -> None:
    """A list that grows for ever would be written at each notification."""
    kept: list[dict[str, int]] = []
    one = notices(told={f"claude_code s{number}": 1 for number in range(600)}, keep=kept.append)
    said(one, running())
    assert len(kept[0]) == 500
    assert list(kept[0])[-1] == "claude_code ledger-web"


def unpriced(*models: str, **more: Any) -> Meters:
    return meters(**more)._replace(no_price=models, unpriced=len(models))


def test_a_model_without_a_price_is_told_once() -> None:
    """However often it is read; one that comes later has its own word, and what is told leads to the page of prices."""
    kept: list[dict[str, int]] = []
    one = notices(keep_models=kept.append)
    (first,) = one.due(unpriced("house-coder-2"))
    assert (first.title, first.text) == ("house-coder-2 has no price", "Totals show ≥ until you add one.")
    assert (first.page, first.session) == ("prices", "")
    assert one.due(unpriced("house-coder-2")) == []
    assert [each.title for each in one.due(unpriced("house-coder-2", "next-1"))] == ["next-1 has no price"]
    assert kept == [{"house-coder-2": NOW}, {"house-coder-2": NOW, "next-1": NOW}]
    assert notices(models=kept[-1]).due(unpriced("next-1", "house-coder-2")) == []


def test_several_new_models_are_told_together() -> None:
    (told,) = notices().due(unpriced("a", "b", "c"))
    assert told.title == "3 models have no price"


def test_prices_have_a_switch_of_their_own() -> None:
    """Without contexts being told, and the other way around; nothing while paused or while the history is read."""
    one = notices(on=False)
    assert one.due(unpriced("a", paused=True)) == []
    assert one.due(unpriced("a")._replace(reading=(1, 9))) == []
    assert len(one.due(unpriced("a", *[]))) == 1
    other = notices(prices_on=False)
    assert [each.page for each in other.due(unpriced("a")._replace(running=(running(),)))] == [""]
