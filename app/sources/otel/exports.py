"""Settings that make a collector, and agents through it or by themselves, write files that are read here."""

from __future__ import annotations

from collections.abc import Iterator

from app.machine import Machine

_COLLECTOR = """\
receivers:
  otlp:
    protocols:
      grpc: {{ endpoint: 127.0.0.1:4317 }}
      http: {{ endpoint: 127.0.0.1:4318 }}
exporters:
  file:
    path: {path}
    rotation: {{ max_megabytes: 100 }}
service:
  pipelines:
    traces: {{ receivers: [otlp], exporters: [file] }}
    logs: {{ receivers: [otlp], exporters: [file] }}"""
_CLAUDE = """\
export CLAUDE_CODE_ENABLE_TELEMETRY=1
export OTEL_LOGS_EXPORTER=otlp
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318"""
_CODEX = """\
[otel]
exporter = { otlp-http = { endpoint = "http://localhost:4318/v1/logs", protocol = "binary" } }"""
_GEMINI = """\
{{ "telemetry": {{ "enabled": true, "target": "local", "outfile": "{path}", "logPrompts": false }} }}"""
_COPILOT_CLI = """\
export COPILOT_OTEL_ENABLED=true
export COPILOT_OTEL_EXPORTER_TYPE=file
export COPILOT_OTEL_FILE_EXPORTER_PATH={path}"""


def exports(machine: Machine) -> Iterator[tuple[str, str]]:
    folder = machine.data / "otel"
    path = (folder / "collector.jsonl").as_posix()
    yield f"An OpenTelemetry collector, config.yaml (the folder {folder} must exist)", _COLLECTOR.format(path=path)
    yield "Claude Code, through that collector (its own logs tell more; there they count)", _CLAUDE
    yield "Codex, through that collector (its own logs tell more), ~/.codex/config.toml", _CODEX
    yield "Gemini CLI, ~/.gemini/settings.json", _GEMINI.format(path=(folder / "gemini.log").as_posix())
    yield "GitHub Copilot CLI", _COPILOT_CLI.format(path=(folder / "copilot-cli.jsonl").as_posix())
