"""Token counts from shipped ranks: right, offline, and a sentence where the ranks are damaged."""

from __future__ import annotations

import ast
import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import tokenizers
from app.diagnostics import KnownError
from app.machine import Machine
from tests.conftest import ROOT

# As OpenAI's cookbook ("How to count tokens with tiktoken") has them for o200k_base; the first is the research's.
COUNTED = {
    "def hello(): return 1": 6,
    "antidisestablishmentarianism": 6,
    "2 + 2 = 4": 7,
    "お誕生日おめでとう": 8,
    "": 0,
}
FAMILIES = {
    "claude-opus-4-6": "claude-2024",
    "claude-sonnet-4-5-20250929": "claude-2024",
    "claude-opus-4-20250514": "claude-2024",
    "claude-haiku-4-5-20251001": "claude-2024",
    "claude-3-7-sonnet-20250219": "claude-2024",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0": "claude-2024",
    "claude-4.6-opus-high-thinking": "claude-2024",
    "claude-opus-4-7": "claude-2026",
    "claude-opus-4-8": "claude-2026",
    "claude-sonnet-5": "claude-2026",
    "claude-haiku-5-5": "claude-2026",
    "claude-fable-5": "claude-2026",
    "anthropic/claude-opus-5.5": "claude-2026",
    "gpt-5.3-codex": "openai",
    "openai/gpt-6-sol": "openai",
    "o3": "openai",
    "gemini-2.5-pro": "gemini",
    "qwen3-coder-plus": "other",
    None: "other",
}


@pytest.fixture(scope="module")
def count() -> tokenizers.Count:
    return tokenizers.load(ROOT / "resources")


@pytest.mark.parametrize("text", COUNTED)
def test_counts_are_those_of_the_vendor(text: str, count: tokenizers.Count) -> None:
    assert count(text) == COUNTED[text]


def test_text_that_looks_like_a_special_token_is_text(count: tokenizers.Count) -> None:
    assert count("<|endoftext|>") > 1


def test_half_a_pair_of_surrogates_is_counted(count: tokenizers.Count) -> None:
    assert count("a \ud83d b") > 0


@pytest.mark.parametrize("letter", [" ", "\n", "a", "!", "\t "])
def test_a_million_of_one_letter(letter: str, count: tokenizers.Count) -> None:
    """Uncut, a million blanks overflow the stack of tiktoken's matcher and end the helper."""
    assert 0 < count(letter * 1_000_000) <= 1_000_000


def test_a_cut_changes_next_to_nothing(count: tokenizers.Count, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "app" / "store" / "queries.py").read_text()
    whole = count(text)
    monkeypatch.setattr(tokenizers, "_SLICE", 1_000)
    assert abs(count(text) - whole) <= 2 * (len(text) // 1_000 + 1)


def _damage(kind: str, path: Path) -> None:
    raw = path.read_bytes()
    if kind == "missing":
        path.unlink()
    elif kind == "cut off":
        path.write_bytes(raw[:-1_000])
    elif kind == "one bit":
        path.write_bytes(raw[:900_000] + bytes([raw[900_000] ^ 1]) + raw[900_001:])
    elif kind == "other ranks":
        path.write_bytes(gzip.compress(gzip.decompress(raw).replace(b" 7\n", b" 8\n", 1)))
    else:
        path.write_bytes(b"no archive at all")


@pytest.mark.parametrize("kind", ["missing", "cut off", "one bit", "other ranks", "no archive"])
def test_damaged_ranks_are_one_sentence(kind: str, tmp_path: Path) -> None:
    """And no download: any socket fails a test."""
    shutil.copytree(ROOT / "resources" / "tokenizers", tmp_path / "tokenizers")
    _damage(kind, tmp_path / tokenizers.RANKS)
    with pytest.raises(KnownError) as found:
        tokenizers.load(tmp_path)
    assert str(tmp_path / tokenizers.RANKS) in found.value.title
    assert found.value.hint


def test_what_tiktoken_downloads_with_is_never_loaded() -> None:
    """Its loader is a module of its own, imported by the encodings it knows by name."""
    script = (
        "import sys; from pathlib import Path; from app import tokenizers;"
        "assert tokenizers.load(Path('resources'))('2 + 2 = 4') == 7;"
        "bad = {'tiktoken.load', 'tiktoken_ext.openai_public', 'requests', 'urllib.request', 'http.client', 'ssl'};"
        "sys.exit(' '.join(bad & set(sys.modules)) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_nothing_of_ours_asks_tiktoken_for_an_encoding_by_name() -> None:
    """Only the class that is given its ranks is imported, in one place."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tiktoken":
                found.setdefault(path.name, set()).update(f"{node.module}.{one.name}" for one in node.names)
            elif isinstance(node, ast.Import) and any(one.name.split(".")[0] == "tiktoken" for one in node.names):
                found.setdefault(path.name, set()).add("tiktoken")
    assert found == {"tokenizers.py": {"tiktoken.Encoding"}}


@pytest.mark.parametrize("model", FAMILIES)
def test_families(model: str | None, machine: Machine) -> None:
    assert tokenizers.family_of(model, machine.resources).id == FAMILIES[model]


def test_only_openais_own_counts_are_no_estimate(machine: Machine) -> None:
    exact = {model for model in FAMILIES if tokenizers.family_of(model, machine.resources).exact}
    assert exact == {model for model, family in FAMILIES.items() if family == "openai"}


def test_a_ratio_adds_tools_and_parameters() -> None:
    """1.18 × 100 + 27 × 2 + 13 × 5 + 7, worked out by hand."""
    assert tokenizers.Ratio(1.18, 27, 13, 7).tokens(100, 2, 5) == pytest.approx(244)
