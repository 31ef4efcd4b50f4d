"""Every log format that can be read. A new agent is one file here and one line in SOURCES."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.machine import Machine
from app.shapes.source import Source
from app.sources import (
    aider,
    amazon_q_ide,
    amp,
    antigravity,
    auggie,
    avante,
    claude_code,
    cline,
    codebuff,
    codex,
    cody,
    continue_dev,
    copilot_chat,
    copilot_cli,
    copilot_eclipse,
    copilot_jetbrains,
    copilot_studio,
    crush,
    cursor,
    custom,
    devin,
    dsh,
    factory_droid,
    forge,
    gateways,
    gemini_cli,
    goose,
    gptme,
    grok_build,
    hermes,
    iflow,
    jetbrains_ai,
    junie,
    kimi_cli,
    kimi_code,
    kiro_cli,
    kiro_ide,
    lingtai,
    mistral_vibe,
    mux,
    openclaw,
    opencode,
    openhands,
    otel,
    pi,
    piebald,
    poolside,
    posit_assistant,
    qoder,
    quick_desktop,
    qwen_code,
    qwenpaw,
    roo,
    shelley,
    tabby,
    trae,
    trae_agent,
    void,
    warp,
    windsurf,
    workbuddy,
    zcode,
    zed,
    zerostack,
)

SOURCES: tuple[Source, ...] = (
    claude_code.SOURCE,
    codex.SOURCE,
    gemini_cli.SOURCE,
    opencode.SOURCE,
    qwen_code.SOURCE,
    copilot_cli.SOURCE,
    amp.SOURCE,
    goose.SOURCE,
    pi.SOURCE,
    pi.OMP,
    pi.PRIME,
    openclaw.SOURCE,
    openclaw.QCLAW,
    openclaw.KIMI_OPENCLAW,
    hermes.SOURCE,
    crush.SOURCE,
    kimi_cli.SOURCE,
    kimi_code.SOURCE,
    aider.SOURCE,
    mistral_vibe.SOURCE,
    opencode.KILO,
    opencode.MIMO_CODE,
    opencode.ICODE_MATE,
    kiro_cli.AMAZON_Q,
    kiro_cli.SOURCE,
    claude_code.OPEN_CLAUDE,
    codex.EVERY_CODE,
    gemini_cli.LLXPRT,
    codex.TRAE_X,
    grok_build.SOURCE,
    gptme.SOURCE,
    poolside.SOURCE,
    workbuddy.SOURCE,
    posit_assistant.SOURCE,
    mux.SOURCE,
    lingtai.SOURCE,
    zcode.SOURCE,
    shelley.SOURCE,
    zerostack.SOURCE,
    zerostack.CODE_WHALE,
    trae_agent.SOURCE,
    openhands.SOURCE,
    warp.SOURCE,
    codebuff.SOURCE,
    dsh.SOURCE,
    devin.SOURCE,
    forge.SOURCE,
    iflow.SOURCE,
    qwenpaw.SOURCE,
    quick_desktop.SOURCE,
    factory_droid.SOURCE,
    cline.SOURCE,
    roo.SOURCE,
    roo.ZOO,
    roo.BOB,
    roo.KILO_LEGACY,
    continue_dev.SOURCE,
    cody.SOURCE,
    amazon_q_ide.SOURCE,
    tabby.SOURCE,
    trae.SOURCE,
    void.SOURCE,
    zed.SOURCE,
    antigravity.SOURCE,
    cursor.SOURCE,
    otel.SOURCE,
    junie.SOURCE,
    auggie.SOURCE,
    qoder.SOURCE,
    copilot_chat.SOURCE,
    kiro_ide.SOURCE,
    avante.SOURCE,
    piebald.SOURCE,
    windsurf.SOURCE,
    jetbrains_ai.SOURCE,
    copilot_studio.SOURCE,
    copilot_jetbrains.SOURCE,
    copilot_eclipse.SOURCE,
    gateways.SOURCE,
    custom.SOURCE,
)
BY_ID = {source.id: source for source in SOURCES}


def title_of(source: str) -> str:
    """The agent's name for people."""
    return BY_ID[source].title if source in BY_ID else source


def chosen(
    off: Collection[str], folders: Mapping[str, Sequence[str]], homes: Collection[str] = ()
) -> tuple[Source, ...]:
    """The sources that are not switched off, each with the folders that were added to its own, and its own ones in other
    home folders.
    """
    return tuple(_with(source, folders.get(source.id, ()), homes) for source in SOURCES if source.id not in off)


def unconfirmed(confirmed: Collection[str]) -> frozenset[str]:
    """The sources whose calls must not count: nobody here has seen a file of theirs, and the user has confirmed none."""
    return frozenset(source.id for source in SOURCES if not source.verified) - frozenset(confirmed)


def _with(source: Source, added: Sequence[str], homes: Collection[str]) -> Source:
    if not added and not homes:
        return source

    def roots(machine: Machine) -> Iterator[Path]:
        yield from source.roots(machine)
        yield from map(machine.path, added)
        for home in homes:
            yield from source.roots(machine.at_home(machine.path(home)))

    def shallow(machine: Machine) -> Iterator[Path]:
        yield from source.shallow(machine)
        for home in homes:
            yield from source.shallow(machine.at_home(machine.path(home)))

    return replace(source, roots=roots, shallow=shallow)
