"""Secrets are opened by their keys only, and keys can be exchanged."""

from __future__ import annotations

import base64

import pytest

from flask_core.config import ConfigError
from flask_core.encryption import Sealer, new_key
from flask_core.errors import Unavailable


@pytest.mark.parametrize("secret", ["oauth:abc", "🐧 ünïcödé", "", "x" * 100_000])
def test_what_was_sealed_can_be_opened(secret: str) -> None:
    sealer = Sealer(new_key())
    sealed = sealer.seal(secret)
    assert sealer.open(sealed).decode() == secret
    assert sealer.open(sealer.seal(secret.encode())).decode() == secret
    assert sealed.isascii()


def test_the_same_secret_looks_different_every_time() -> None:
    sealer = Sealer(new_key())
    assert sealer.seal("hunter2") != sealer.seal("hunter2")


def test_the_first_key_seals_and_all_keys_open() -> None:
    old, new = new_key(), new_key()
    before, both, after = Sealer(old), Sealer(f"{new}, {old}"), Sealer(new)
    assert both.open(before.seal("hunter2")) == b"hunter2"
    assert after.open(both.seal("hunter2")) == b"hunter2"
    with pytest.raises(Unavailable, match="cannot be opened"):
        after.open(before.seal("hunter2"))


def _changed(sealed: str) -> list[str]:
    key_id, _, text = sealed.partition(".")
    raw = bytearray(base64.urlsafe_b64decode(text))
    raw[-1] ^= 1
    changed = base64.urlsafe_b64encode(bytes(raw)).decode()
    return [f"{key_id}.{changed}", f"{key_id}.{text[:-8]}", f"{key_id}.", key_id, "", "…", f"00000000.{text}"]


def test_a_changed_text_is_refused() -> None:
    sealer = Sealer(new_key())
    for text in _changed(sealer.seal("hunter2")):
        with pytest.raises(Unavailable, match="cannot be opened"):
            sealer.open(text)


def test_a_hash_needs_the_key_and_outlives_a_new_one() -> None:
    old, new = new_key(), new_key()
    code = Sealer(old).keyed_hash("123456")
    assert code == Sealer(f"{new},{old}").keyed_hash("123456")
    assert code != Sealer(new).keyed_hash("123456")
    assert code != Sealer(old).keyed_hash("123457")
    assert len(code) == 64


@pytest.mark.parametrize(
    "keys",
    ["", "short", base64.b64encode(b"x" * 31).decode(), "ü" * 44, f"{new_key()},"],
    ids=["none", "short", "31 bytes", "no base64", "an empty second"],
)
def test_bad_keys_are_refused_without_being_shown(keys: str) -> None:
    with pytest.raises(ConfigError, match="WADDLEBOT_ENCRYPTION_KEYS") as caught:
        Sealer(keys)
    assert not keys or keys not in str(caught.value)


def test_new_keys_differ() -> None:
    assert new_key() != new_key()
