"""Keys are stored: the same ids must give the same key in every version, on every machine."""

from __future__ import annotations

from app.model.identity import key_of, request_key


def test_a_key_is_the_one_that_is_stored() -> None:
    """`printf 'claude\\x1fmsg_1\\x1f' | b2sum -l 64` is 7e0d547b429e5d85: little-endian and signed."""
    wanted = int.from_bytes(bytes.fromhex("7e0d547b429e5d85"), "little") - 2**64
    assert wanted < 0
    assert key_of("claude", "msg_1", None) == key_of("claude", "msg_1", "") == wanted


def test_ids_are_told_apart_by_their_borders() -> None:
    keys = [key_of(*parts) for parts in (("a", "bc"), ("ab", "c"), ("abc",), ("a", "b", "c"), (1, 2), (12,), ("a",))]
    assert len({*keys, key_of("a", None)}) == 8
    assert key_of(1, 2) == key_of("1", "2")
    assert all(-(2**63) <= key < 2**63 for key in keys)


def test_half_a_letter_is_no_crash() -> None:
    """Logs hold lone surrogates; UTF-8 has none."""
    assert key_of("\ud800") == key_of("?")
    assert request_key("\ud800") == request_key("?")


def test_a_requests_key_is_its_crc_32() -> None:
    assert request_key("123456789") == 0xCBF43926  # the check value that every table of checksums gives
    assert request_key("") == 0
