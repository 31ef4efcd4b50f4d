"""The log of changes that a chat session of VS Code is, line by line."""

from __future__ import annotations

from app.sources.copilot_chat.sessions import replayed


def test_lists_are_cut_before_they_grow() -> None:
    """The catalogue's sample: exactly one part of the answer is left, the final one."""
    state = replayed(
        b'{"kind":0,"v":{"requests":[]}}\n{"kind":2,"k":["requests"],"v":[{"response":[]}]}\n'
        b'{"kind":2,"k":["requests",0,"response"],"v":[{"value":"draft"}]}\n'
        b'{"kind":2,"k":["requests",0,"response"],"v":[{"value":"final"}],"i":0}\n'
    )
    assert state == {"requests": [{"response": [{"value": "final"}]}]}


def test_changes_that_lead_nowhere_are_passed_over() -> None:
    state = replayed(
        b'{"kind":0,"v":{"a":[1],"b":{"c":2}}}\n{"kind":3,"k":["b","c"]}\n{"kind":1,"k":["x","y"],"v":3}\n'
        b'{"kind":1,"k":["a",9],"v":3}\n{"kind":1,"k":["a",1],"v":4}\n{"kind":2,"k":["n"],"v":[5]}\n{"kind":1,"k":[],"v":6}\n'
        b'{"kind":2,"k":["a","z"],"v":[7]}\n{"kind":1,"k":["a",0'
    )
    assert state == {"a": [1, 4], "b": {}, "n": [5]}


def test_without_its_beginning_a_log_says_nothing() -> None:
    assert replayed(b'{"kind":1,"k":["a"],"v":1}\n') is None
