"""`cuenta reconcile`: totals typed in, beside the month by hand of `logs.py`."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Cuenta
from tests.cli.logs import EXAMPLE, FAST, MICRO, OPUS, STATED, month

OURS = EXAMPLE + OPUS + FAST + STATED
"""What Anthropic would send a bill for: all but the thread of the other agent."""
ADD = ("reconcile", "add", "--vendor", "anthropic", "--from", "2026-06-01", "--to", "2026-06-30", "--total")


def test_one_total_beside_ours(cuenta: Cuenta) -> None:
    """0.57 typed: 0.00001 more than ours and a half percent is 0.00285, so the two agree; 0.80 is 0.23001 more."""
    month(cuenta)
    (one,) = cuenta.json(*ADD, "0.57")["totals"]
    assert (one["vendor"], one["account"], one["since"], one["until"]) == (
        "anthropic",
        None,
        "2026-06-01",
        "2026-06-30",
    )
    assert one["total"] == {"nano": 570_000_000, "currency": "USD"} and one["rate"] is None
    assert one["ours"] == {"calls": 8, "cost_nanousd": OURS, "label": "measured", "unpriced_calls": 2}
    assert one["difference_nanousd"] == 570_000_000 - OURS == 10_000
    assert one["agrees"] is True and one["reasons"] == [] and one["unexplained_nanousd"] == 0

    document = cuenta.json(*ADD, "0.80")
    assert document["schema"] == "cuenta.reconcile/1"
    (one,) = document["totals"]
    assert one["agrees"] is False and one["difference_nanousd"] == 230_010 * MICRO
    unlogged, unpriced = one["reasons"]
    assert unlogged == {
        "reason": "unlogged",
        "amount_nanousd": 36_700 * MICRO,  # four sessions: half way from 4 × 350 to 4 × 18,000
        "low_nanousd": 1_400 * MICRO,
        "high_nanousd": 72_000 * MICRO,
        "label": "estimated",
        "calls": 4,
        "names": ["titles and topics the agent asks a small model for"],
        "edges": [],
    }
    assert (unpriced["reason"], unpriced["amount_nanousd"], unpriced["calls"]) == ("unpriced", None, 2)
    assert one["known_nanousd"] + one["unexplained_nanousd"] == one["difference_nanousd"]


def test_the_list_has_all_of_them_and_nothing_counted_changes(cuenta: Cuenta) -> None:
    month(cuenta)
    before = cuenta.json("report")["total"]
    assert cuenta.json("reconcile", "list") == {"schema": "cuenta.reconcile/1", "totals": []}
    cuenta(*ADD, "0.57")
    cuenta(*ADD, "0.80")
    cuenta("reconcile", "add", "--vendor", "Codex", "--from=2026-06-01", "--to=2026-06-30", "--total=1", "--after-tax")
    found = cuenta.json("reconcile", "list")["totals"]
    assert [(one["vendor"], one["total"]["nano"], one["before_tax"]) for one in found] == [
        ("anthropic", 800_000_000, True),
        ("openai", 1_000_000_000, False),
    ]
    assert cuenta.json("report")["total"] == before


def test_another_currency_with_its_rate_and_day(cuenta: Cuenta) -> None:
    month(cuenta)
    euros = ("--currency", "eur", "--rate", "0.92", "--rate-date", "2026-11-01")
    (one,) = cuenta.json(*ADD, "11.40", *euros)["totals"]
    assert one["total"] == {"nano": 11_400_000_000, "currency": "EUR"}
    assert (one["rate"], one["rate_date"], one["invoice_nanousd"]) == ("0.92", "2026-11-01", 12_391_304_348)
    said = cuenta("reconcile", "list").out
    assert "invoice $12.39 (€11.40 at 0.92, Nov 1), ours ≥ $0.57" in said


def test_people_read_what_fits_and_what_does_not(cuenta: Cuenta) -> None:
    month(cuenta)
    said = cuenta(*ADD, "0.80").out
    assert "Anthropic, 2026-06-01 to 2026-06-30" in said
    assert "invoice $0.80, ours ≥ $0.57 (8 calls), difference ≤ +$0.23" in said
    assert "≈ +$0.04" in said and "$0.0014 to $0.07" in said and "not known" in said
    assert "Looked at, does not fit: placeholder output counts (0), UTC days on the invoice (0)" in said
    assert "They agree." in cuenta(*ADD, "0.57").out
    assert not any(word in said.lower() for word in ("error", "overcharged", "wrong"))
    assert "No total was typed in yet." not in said


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("reconcile", "sum"), 2, "neither add nor list"),
        (("reconcile", "add", "--vendor", "anthropic"), 2, "add wants --vendor, --from, --to and --total"),
        ((*ADD, "191,20"), 2, "is no amount"),
        ((*ADD, "1", "--rate", "0.92"), 2, "go with another currency"),
        ((*ADD, "1", "--currency", "EUR"), 2, "wants --rate and --rate-date"),
        ((*ADD, "1", "--currency", "EUR", "--rate", "0", "--rate-date", "2026-11-01"), 2, "no rate"),
        ((*ADD, "1", "--to", "2026-05-31"), 2, "lies before"),
        ((*ADD, "1", "--to", "May"), 2, "write days like"),
        ((*ADD, "1", "--vendor", "nobody"), 1, "There is no vendor"),
        ((*ADD, "1", "--account", "work"), 1, "names an account"),
        (("reconcile", "list", "--total", "1"), 2, "list takes no total"),
    ],
)
def test_a_wrong_call_is_one_sentence(cuenta: Cuenta, words: tuple[str, ...], status: int, said: str) -> None:
    done = cuenta(*words)
    assert (done.status, done.out) == (status, "") and said in done.err and done.err.count("\n") == 1
    assert cuenta.json("reconcile", "list")["totals"] == []


def test_before_the_first_one(cuenta: Cuenta) -> None:
    assert cuenta("reconcile", "list").out.startswith("No total was typed in yet.")
