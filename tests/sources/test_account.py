"""What is read of an agent's own settings: the named fields and nothing beside them, and no file with a secret at all.

The settings hold fake secrets in every place around the named fields. They are made and written inside functions, so that
nothing of the test itself holds them, and looked for in every object that the program still has afterwards.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app import runtime
from app.machine import Machine
from app.model.usage import Quota
from app.settings import Settings
from app.shapes.source import Account
from app.sources import claude_code, codex
from tests.conftest import ROOT

NOW = 1_795_534_920_000
SECRET = ("sk-ant-", "never-look")
"""Both parts stand in each of the secrets; whole they are nowhere in this file."""


def secret(place: str) -> str:
    return f"{SECRET[0]}{place}-{SECRET[1]}"


def settings(tier: str | None = "default_claude_max_20x", **more: Any) -> dict[str, Any]:
    account = {
        "accountUuid": secret("uuid"),
        "emailAddress": secret("mail"),
        "organizationName": secret("company"),
        "organizationRateLimitTier": tier,
        "organizationType": "claude_max",
        "billingType": "stripe_subscription",
        "hasExtraUsageEnabled": True,
        "accessToken": {"deep": [secret("token")]},
    }
    limits = {
        "fetchedAtMs": NOW - 3_600_000,
        "utilization": {
            "five_hour": {"utilization": 12.5, "resets_at": "2026-11-24T18:00:00Z", "note": secret("five")},
            "seven_day": {"utilization": 58, "resets_at": "2026-11-27T00:00:00Z"},
            "seven_day_opus": {"utilization": secret("opus")},
        },
    }
    return {
        "primaryApiKey": secret("key"),
        "oauthAccount": account,
        "cachedUsageUtilization": limits,
        "projects": {secret("path"): {"history": [{"display": secret("prompt")}] * 50}},
        "customApiKeyResponses": {"approved": [secret("approved")]},
    } | more


def write(machine: Machine, content: object = None, folder: str = "") -> Path:
    path = machine.home / folder / ".claude.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(settings() if content is None else content))
    return path


def read(machine: Machine) -> Account | None:
    assert claude_code.SOURCE.account is not None
    return claude_code.SOURCE.account(machine)


def kept_secrets() -> list[str]:
    """Texts with a secret in them that any object of this process still refers to."""
    gc.collect()
    found: list[str] = []
    for one in gc.get_objects():
        for held in gc.get_referents(one):
            if isinstance(held, (str, bytes, bytearray)):
                text = held if isinstance(held, str) else bytes(held).decode("utf-8", "replace")
                if all(part in text for part in SECRET) and "def secret" not in text:
                    found.append(text[:80])
    return found


def test_the_search_finds_what_is_kept(machine: Machine) -> None:
    """Else the next test would prove nothing."""
    kept = [json.loads(write(machine).read_text())]
    assert kept_secrets()
    del kept
    assert kept_secrets() == []


def test_the_named_fields_and_nothing_else_are_kept(machine: Machine) -> None:
    write(machine)
    found = read(machine)
    assert kept_secrets() == []
    assert found == Account(
        plan="max_20x",
        extra=True,
        limits=(
            Quota("claude", 300, NOW - 3_600_000, 12.5, 1_795_543_200_000, None),
            Quota("claude", 10_080, NOW - 3_600_000, 58.0, 1_795_737_600_000, None),
        ),
    )


def test_the_fields_are_named_one_by_one() -> None:
    """Everything else is skipped unread by the decoder itself."""
    named = {kind.__name__: set(kind.__struct_fields__) for kind in (claude_code._Config, claude_code._Oauth)}
    assert named == {
        "_Config": {"oauthAccount", "cachedUsageUtilization"},
        "_Oauth": {"organizationRateLimitTier", "organizationType", "hasExtraUsageEnabled"},
    }


@pytest.mark.parametrize(
    ("tier", "plan"),
    [
        ("default_claude_max_20x", "max_20x"),
        ("default_claude_max_5x", "max_5x"),
        ("default_claude_ai", "max"),
        (None, "max"),
    ],
)
def test_a_tier_names_its_plan(tier: str | None, plan: str, machine: Machine) -> None:
    write(machine, settings(tier))
    found = read(machine)
    assert found is not None and found.plan == plan


def test_a_secret_in_a_named_field_is_not_kept_either(machine: Machine) -> None:
    """What is no plan's name is no plan."""
    write(machine, {"oauthAccount": {"organizationRateLimitTier": secret("tier"), "organizationType": secret("type")}})
    assert read(machine) == Account(None)
    assert kept_secrets() == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '"text"',
        '{"oauthAccount": null}',
        '{"oauthAccount": [1]}',
        '{"oauthAccount": {"organizationRateLimitTier": {"a": 1}}}',
        '{"primaryApiKey": "x"}',
    ],
)
def test_what_is_not_as_we_know_it_tells_nothing(content: str, machine: Machine) -> None:
    write(machine, content)
    assert read(machine) is None


def test_limits_that_make_no_sense_are_left_out(machine: Machine) -> None:
    limits = {"fetchedAtMs": NOW, "utilization": {"five_hour": {"utilization": -1}, "seven_day": None}}
    write(machine, settings() | {"cachedUsageUtilization": limits})
    found = read(machine)
    assert found is not None and found.limits == ()


def test_it_lies_where_the_agent_was_told_to_keep_it(machine: Machine) -> None:
    write(machine, folder="elsewhere")
    assert read(machine) is None
    told = Machine(machine.home, {"CLAUDE_CONFIG_DIR": "~/elsewhere"}, clock=machine.clock, data=machine.data)
    found = read(told)
    assert found is not None and found.plan == "max_20x"
    assert codex.SOURCE.account is None


_OPENED = """
import sys
opened = []
sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
from contextlib import closing
from app import runtime
from app.__main__ import main
from app.machine import Machine
from app.report import plans
from app.report.zone import local_zone
from app.settings import Settings
for words in (["sync"], ["report", "--json"], ["live", "--json"], ["doctor", "--json"], ["reconcile", "list", "--json"]):
    assert main(words) == 0, words
here = Machine.here()
with closing(runtime.reader(here)) as connection:
    lines = plans.look(connection, here, Settings(), local_zone(here))
assert [line.paid.plan for line in lines if line.paid.source == "claude_code"] == ["Max 20x"]
sys.stderr.write("\\n".join(["", *opened]))
"""


def test_no_file_with_a_secret_is_ever_opened(machine: Machine) -> None:
    """Everything that reads, under an audit hook: what was opened is named, and the secrets' files are not among it."""
    write(machine)
    for name in (".claude/.credentials.json", ".codex/auth.json"):
        path = machine.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"token": secret("file")}))
    (machine.home / ".claude/projects").mkdir()
    (machine.home / ".codex/sessions").mkdir()
    done = subprocess.run([sys.executable, "-c", _OPENED], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    opened = done.stderr.splitlines()
    assert str(machine.home / ".claude.json") in opened, "else the hook has heard nothing"
    assert [path for path in opened if path.endswith((".credentials.json", "auth.json"))] == []
    for kept in machine.data.rglob("*"):
        assert not kept.is_file() or all(part.encode() not in kept.read_bytes() for part in SECRET), kept
    assert all(part not in done.stdout for part in SECRET)


def test_no_plan_reaches_the_settings_by_itself(machine: Machine) -> None:
    """What an agent's settings say is looked at each time and never stored."""
    write(machine)
    connection = runtime.reader(machine)
    connection.close()
    read(machine)
    assert Settings().billing == {} and not (machine.data / "settings.json").exists()
