"""What a session is called: by its project, else by as much of its id as tells it from others."""

from __future__ import annotations

import pytest

from app.report.meters import session_name


@pytest.mark.parametrize(
    ("project", "native", "name"),
    [
        ("/home/me/atlas-api", "223b2708-aa", "atlas-api"),
        ("C:\\src\\atlas-api\\", "223b2708-aa", "atlas-api"),
        (None, "223b2708-5e5a-4d6f-9c0e-8a1b2c3d4e5f", "session 223b2708"),
        (None, "claude-session-two", "session claude-session-two"),
        ("", "", ""),
    ],
)
def test_a_session_is_called_by_a_word(project: str | None, native: str, name: str) -> None:
    assert session_name(project, native) == name
