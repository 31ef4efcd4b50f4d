"""A slow and obvious reader of Claude Code and Codex logs: the independent yardstick for our own.

It never imports anything of `app` and shares no code with it: where the two agree, two people agree.

    reference.py HOME            totals as JSON
    reference.py HOME --write F  the same into F

It holds all records in memory and applies the rules one after another, so that each can be read and doubted.
It does not price, repair placeholder output, or see through Codex forks that copy their parent's history.
Tokens of Claude: [input, output, cache_write_5m, cache_write_1h, cache_read]; of Codex: [uncached, cached, output].
Days are UTC days of a call's first record.
"""

from __future__ import annotations

import collections
import json
import os
import sys


def number(value):
    """A count as logged, or 0 where it is missing, negative, or no number."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, (int, float)) and value > 0:
        return int(value)
    return 0


def lines(root, sub):
    """Every JSON object in the .jsonl files below root/sub, in order of path, with its path."""
    for folder, _, names in os.walk(os.path.join(root, sub)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not name.endswith(".jsonl") or not os.path.isfile(path):
                continue
            with open(path, "rb") as log:
                data = log.read()
            for raw in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
                raw = raw.strip(b"\r\0 \t")
                if raw:
                    try:
                        record = json.loads(raw.decode("utf-8", "replace"))
                    except (ValueError, RecursionError):
                        continue
                    if isinstance(record, dict):
                        yield path, record


def claude(root):
    calls, anonymous = {}, 0
    for _, record in [*lines(root, ".config/claude/projects"), *lines(root, ".claude/projects")]:
        copies = [
            (record.get("message"), record.get("requestId"), record.get("timestamp"), bool(record.get("isSidechain")))
        ]
        data = record.get("data")
        if record.get("type") == "progress" and isinstance(data, dict) and isinstance(data.get("message"), dict):
            inner = data["message"]  # a sub-agent's message, mirrored into its parent's log
            copies.append(
                (inner.get("message"), inner.get("requestId"), inner.get("timestamp") or record.get("timestamp"), True)
            )
        for message, request, when, side in copies:
            if not isinstance(message, dict) or not isinstance(message.get("usage"), dict):
                continue
            usage, model = message["usage"], message.get("model")
            if model == "<synthetic>":
                continue
            split = usage.get("cache_creation") if isinstance(usage.get("cache_creation"), dict) else {}
            five, hour = number(split.get("ephemeral_5m_input_tokens")), number(split.get("ephemeral_1h_input_tokens"))
            writes = max(number(usage.get("cache_creation_input_tokens")), five + hour)
            tokens = [
                number(usage.get("input_tokens")),
                number(usage.get("output_tokens")),
                writes - hour,
                hour,
                number(usage.get("cache_read_input_tokens")),
            ]
            if not any(tokens):
                continue
            ident = message.get("id")
            if not ident:
                anonymous += 1
            key = (ident, request or "") if ident else ("no id", request or anonymous)
            day = str(when or "")[:10]
            known = calls.get(key)
            if known is None:
                calls[key] = {
                    "tokens": tokens,
                    "model": model,
                    "day": day,
                    "side": side,
                    "speed": usage.get("speed"),
                    "copies": 1,
                }
            else:
                known["copies"] += 1
                known["side"] = known["side"] and side
                known["tokens"] = [max(pair) for pair in zip(known["tokens"], tokens, strict=True)]
                if day and (not known["day"] or day < known["day"]):
                    known["day"] = day
                known["speed"] = known["speed"] or usage.get("speed")
    main = {ident for (ident, _), call in calls.items() if not call["side"]}
    return [
        call for (ident, request), call in calls.items() if not (call["side"] and ident != "no id" and ident in main)
    ]  # a side chain that replays the main one


def codex(root):
    calls, seen = [], set()
    for sub in (".codex/sessions", ".codex/archived_sessions"):
        by_file = collections.defaultdict(list)
        for path, record in lines(root, sub):
            by_file[path].append(record)
        for path, records in sorted(by_file.items()):
            if os.path.basename(path) in seen:
                continue  # the archived copy of a live file
            seen.add(os.path.basename(path))
            model, before = None, None
            for record in records:
                payload = record.get("payload") if isinstance(record.get("payload"), dict) else {}
                if record.get("type") == "turn_context":
                    model = payload.get("model") or model
                if (
                    record.get("type") != "event_msg"
                    or payload.get("type") != "token_count"
                    or not isinstance(payload.get("info"), dict)
                ):
                    continue
                total, last = payload["info"].get("total_token_usage"), payload["info"].get("last_token_usage")
                if total is not None and total == before:
                    continue  # the same state announced again
                use = last
                if use is None and total is not None:
                    use = {k: number(total.get(k)) - number((before or {}).get(k)) for k in total}
                before = total if total is not None else before
                if not isinstance(use, dict):
                    continue
                fresh, cached = number(use.get("input_tokens")), number(use.get("cached_input_tokens"))
                cached = min(fresh, cached)
                calls.append(
                    {
                        "tokens": [fresh - cached, cached, number(use.get("output_tokens"))],
                        "model": model,
                        "day": str(record.get("timestamp") or "")[:10],
                        "speed": None,
                        "copies": 1,
                    }
                )
    return calls


def by_model_and_day(calls):
    """`model day` → [calls, tokens of each kind …]; a model that is not known is called None."""
    out = {}
    for call in calls:
        name = str(call["model"]) + ("|fast" if call["speed"] == "fast" else "")
        numbers = [1, *call["tokens"]]
        known = out.setdefault(f"{name} {call['day']}", [0] * len(numbers))
        out[f"{name} {call['day']}"] = [a + b for a, b in zip(known, numbers, strict=True)]
    return dict(sorted(out.items()))


def sums(calls, kinds):
    out = {"calls": len(calls), "tokens": dict.fromkeys(kinds, 0), "by_model": {}, "by_day": {}}
    for call in calls:
        name = str(call["model"]) + ("|fast" if call["speed"] == "fast" else "")
        for place in (
            out,
            out["by_model"].setdefault(name, {"calls": 0, "tokens": dict.fromkeys(kinds, 0)}),
            out["by_day"].setdefault(call["day"], {"calls": 0, "tokens": dict.fromkeys(kinds, 0)}),
        ):
            if place is not out:
                place["calls"] += 1
            for kind, count in zip(kinds, call["tokens"], strict=True):
                place["tokens"][kind] += count
    out["by_model_and_day"] = by_model_and_day(calls)
    out["by_model"], out["by_day"] = dict(sorted(out["by_model"].items())), dict(sorted(out["by_day"].items()))
    return out


def main():
    sys.set_int_max_str_digits(0)
    sys.setrecursionlimit(20_000)
    root = sys.argv[1]
    result = {
        "claude": sums(claude(root), ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")),
        "codex": sums(codex(root), ("input", "cache_read", "output")),
    }
    text = json.dumps(result, indent=1)
    if "--write" in sys.argv:
        with open(sys.argv[sys.argv.index("--write") + 1], "w", encoding="utf-8") as file:
            file.write(text + "\n")
    else:
        print(text)


if __name__ == "__main__":
    main()
