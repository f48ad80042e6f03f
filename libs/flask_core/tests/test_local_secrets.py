"""Secrets of an installation: made once, kept for their owner, and never in the way of what the operator sets."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from flask_core import local_secrets as secrets_of
from flask_core.encryption import Sealer
from flask_core.local_secrets import FILE, from_secrets_file, into_environment, local_secrets, read_secrets

NAMES = {"WADDLEBOT_SERVICE_KEY", "WADDLEBOT_ENCRYPTION_KEYS", "TWITCH_EVENTSUB_SECRET"}


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, "DATA_DIR", "WADDLEBOT_SECRETS_FILE"):
        # Set first, so that what the test sets is taken back.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_start_makes_secrets_and_later_ones_find_them(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    made = local_secrets(folder)
    assert made.keys() == NAMES
    assert local_secrets(folder) == made
    assert len(made["WADDLEBOT_SERVICE_KEY"]) >= 48
    assert 10 <= len(made["TWITCH_EVENTSUB_SECRET"]) <= 100
    sealer = Sealer(made["WADDLEBOT_ENCRYPTION_KEYS"])
    assert sealer.open(sealer.seal("token")) == b"token"
    assert local_secrets(tmp_path / "other") != made


def test_only_the_owner_reads_them(tmp_path: Path) -> None:
    (tmp_path / "secrets.new").write_text("left behind by a crash")
    (tmp_path / "secrets.new").chmod(0o666)
    local_secrets(tmp_path)
    assert mode(tmp_path / FILE) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_new_secret_joins_the_old_ones(tmp_path: Path) -> None:
    old = local_secrets(tmp_path)
    more = local_secrets(tmp_path, {"DISCORD_KEY": lambda: "made=now"})
    assert more == {**old, "DISCORD_KEY": "made=now"}
    assert read_secrets(tmp_path / FILE) == more
    assert (tmp_path / FILE).read_text().startswith("# ")


def test_without_a_file_there_are_no_secrets(tmp_path: Path) -> None:
    assert read_secrets(tmp_path / FILE) == {}


def test_what_the_operator_set_wins_and_an_empty_setting_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WADDLEBOT_SERVICE_KEY", "mine")
    monkeypatch.setenv("TWITCH_EVENTSUB_SECRET", "")
    into_environment(tmp_path)
    kept = read_secrets(tmp_path / FILE)
    assert os.environ["WADDLEBOT_SERVICE_KEY"] == "mine"
    assert os.environ["TWITCH_EVENTSUB_SECRET"] == kept["TWITCH_EVENTSUB_SECRET"]
    assert os.environ["WADDLEBOT_ENCRYPTION_KEYS"] == kept["WADDLEBOT_ENCRYPTION_KEYS"]
    assert os.environ["DATA_DIR"] == str(tmp_path)


def test_a_container_finds_its_secrets_in_the_file_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_secrets_file()
    assert "WADDLEBOT_SERVICE_KEY" not in os.environ
    made = local_secrets(tmp_path)
    monkeypatch.setenv("WADDLEBOT_SECRETS_FILE", str(tmp_path / FILE))
    from_secrets_file()
    assert os.environ["WADDLEBOT_SERVICE_KEY"] == made["WADDLEBOT_SERVICE_KEY"]


def test_a_composed_installation_has_one_password_for_its_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["local_secrets", str(tmp_path)])
    secrets_of.main()
    first = read_secrets(tmp_path / FILE)
    secrets_of.main()
    assert read_secrets(tmp_path / FILE) == first
    password = (tmp_path / "postgres").read_text()
    assert first["POSTGRES_PASSWORD"] == password
    assert first["DATABASE_URL"] == f"postgres://waddlebot:{password}@postgres:5432/waddlebot"
    # Every container reads them, and none has the right to change them.
    assert (mode(tmp_path / FILE), mode(tmp_path / "postgres")) == (0o444, 0o444)
