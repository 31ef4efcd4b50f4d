"""`cuenta price`: what a name leads to, and what it cost."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Cuenta

MEMBERS = {
    *("schema", "name", "at", "match", "resolved", "usd_per_mtok", "tier_above_tokens", "valid_from", "source"),
    "disputed",
}
KINDS = ["input", "cache_read", "cache_write_5m", "cache_write_1h", "output"]
AT = ("--at", "2026-03-01T00:00:00Z")


def test_the_example_of_the_contract(cuenta: Cuenta) -> None:
    found = cuenta.json("price", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", *AT)
    assert found.keys() >= MEMBERS
    assert found["schema"] == "cuenta.price/1"
    assert found["name"] == "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    assert found["at"] == "2026-03-01T00:00:00Z"
    assert (found["match"], found["resolved"]) == ("near", "bedrock/claude-sonnet-4-5")
    assert found["usd_per_mtok"] == dict(zip(KINDS, ["3.3", "0.33", "4.125", "6.6", "16.5"], strict=True))
    assert found["tier_above_tokens"] is None
    assert found["disputed"] is False
    assert found["source"]


@pytest.mark.parametrize(
    ("name", "match", "resolved"),
    [
        ("claude-sonnet-5", "exact", "anthropic/claude-sonnet-5"),
        ("claude-4.8-opus", "alias", "anthropic/claude-opus-4-8"),
        ("gpt-5.4-2026-03-05-high", "near", "openai/gpt-5.4"),
        ("nobodys-model", "none", None),
        ("", "none", None),
        ("\udcff\x1b[31m", "none", None),
    ],
)
def test_how_a_name_matches(cuenta: Cuenta, name: str, match: str, resolved: str | None) -> None:
    found = cuenta.json("price", name)
    if match == "near":
        assert (found["match"], found["resolved"].startswith(resolved)) == (match, True)
    else:
        assert (found["match"], found["resolved"]) == (match, resolved)
    assert (found["usd_per_mtok"] is None) == (match == "none")
    assert found["at"] == "2026-11-24T15:42:00Z"  # now, where nothing else is asked


def test_the_users_own_price_goes_first(cuenta: Cuenta) -> None:
    cuenta.data.mkdir()
    cuenta.data.joinpath("prices.user.toml").write_text(
        '[[price]]\nmodel = "claude-sonnet-5"\ninput = 1.25\noutput = 7\n'
    )
    found = cuenta.json("price", "claude-sonnet-5")
    assert found["match"] == "user"
    assert (found["usd_per_mtok"]["input"], found["usd_per_mtok"]["output"]) == ("1.25", "7")


def test_a_broken_price_file_is_a_warning(cuenta: Cuenta) -> None:
    cuenta.data.mkdir()
    cuenta.data.joinpath("prices.user.toml").write_text('[[price]]\nmodel = "x"\ninput = "many"\n')
    status, out, err = cuenta("price", "claude-sonnet-5", "--json")
    assert (status, out.count("cuenta.price/1")) == (0, 1)
    assert "prices.user.toml, line" in err


def test_the_tier_of_a_request(cuenta: Cuenta) -> None:
    def asked(size: str) -> tuple[int | None, str]:
        found = cuenta.json("price", "gpt-5.4", "--at", "2026-06-01", "--prompt-tokens", size)
        return found["tier_above_tokens"], found["usd_per_mtok"]["input"]

    assert asked("0") == asked("272000") == (None, "2.5")
    assert asked("272001") == asked("9" * 18) == (272_000, "5")


@pytest.mark.parametrize("size", ["many", "²", "1.5", "9" * 5_000])
def test_a_size_that_is_no_number(cuenta: Cuenta, size: str) -> None:
    status, out, err = cuenta("price", "gpt-5.4", "--prompt-tokens", size)
    assert (status, out) == (2, "")
    assert "--prompt-tokens" in err


def test_a_time_that_is_none(cuenta: Cuenta) -> None:
    status, out, err = cuenta("price", "gpt-5.4", "--at", "yesterday", "--json")
    assert (status, out, err.count("\n")) == (2, "", 1)


def test_who_serves_it(cuenta: Cuenta) -> None:
    assert cuenta.json("price", "claude-sonnet-4-5", "--provider", "amazon-bedrock")["resolved"].startswith("bedrock/")
    assert cuenta.json("price", "claude-sonnet-4-5", "--provider", "anthropic")["resolved"].startswith("anthropic/")


def test_for_people(cuenta: Cuenta) -> None:
    out = cuenta("price", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", *AT).out
    for figure in ("3.3", "0.33", "4.125", "6.6", "16.5", "-20250929"):
        assert figure in out
    assert "No price" in cuenta("price", "nobodys-model").out
    assert "the vendor's list, looked up by hand (pricing.md §2)." in " ".join(out.split())
    assert "Context window 200k, longest answer 64.0k" in " ".join(out.split())
    assert "both price packages agree" in " ".join(cuenta("price", "claude-opus-5", *AT).out.split())
