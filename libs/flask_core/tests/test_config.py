"""Settings: a module's own name first, then the common one, then the default; a mistake is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flask_core.config import ConfigError, Env, Inventory, ServiceConfig, data_dir
from flask_core.testing.installation import environment


def env(**values: str) -> Env:
    return Env("MEMORIES", values)


def test_the_modules_own_setting_wins() -> None:
    assert env(MEMORIES_PORT="1", PORT="2").integer("PORT", 3) == 1
    assert env(MEMORIES_PORT="", PORT="2").integer("PORT", 3) == 2
    assert env(PORT="").integer("PORT", 3) == 3
    assert env().text("NAME", "") == ""
    assert env(ROUTER_PORT="9").integer("PORT", 3) == 3


@pytest.mark.parametrize("word", ["true", "YES", " on ", "1"])
def test_yes_has_many_words(word: str) -> None:
    assert env(LOUD=word).flag("LOUD", False) is True


@pytest.mark.parametrize("word", ["false", "No", "off", "0"])
def test_no_has_many_words(word: str) -> None:
    assert env(LOUD=word).flag("LOUD", True) is False
    assert env().flag("LOUD", True) is True


@pytest.mark.parametrize(
    ("read", "sentence"),
    [
        (lambda: env().text("DATABASE_URL"), r"Set DATABASE_URL \(or MEMORIES_DATABASE_URL\)\."),
        (lambda: env(PORT="many").integer("PORT", 1), "PORT must be a whole number"),
        (lambda: env(WAIT="long").number("WAIT", 1), "WAIT must be a number"),
        (lambda: env(LOUD="perhaps").flag("LOUD", False), "LOUD must be true or false"),
        (lambda: env().secret("KEY"), "Set KEY"),
        (lambda: env(KEY="ChangeMe").secret("KEY", at_least=4), "KEY must be a random text of at least 4"),
        (lambda: env(KEY="x" * 31).secret("KEY"), "KEY must be a random text of at least 32"),
    ],
)
def test_a_mistake_names_the_setting_and_what_is_accepted(read: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        read()


def test_numbers_and_secrets_are_read() -> None:
    assert env(WAIT="0.5").number("WAIT", 1) == 0.5
    assert env().number("WAIT", 1) == 1
    assert env(KEY="x" * 32).secret("KEY") == "x" * 32


def test_other_modules_are_found_by_their_addresses() -> None:
    found = env(ROUTER_SERVICE_URL="http://router:8000/", BROWSER_SOURCE_SERVICE_URL="http://b", X_SERVICE_URL="")
    assert found.service_urls() == {"router": "http://router:8000", "browser_source": "http://b"}


def test_what_is_asked_for_is_noted_for_the_documentation() -> None:
    asked = Inventory({"PORT": "1"})
    env = Env("MEMORIES", asked)
    env.integer("PORT", 8031)
    env.text("NAME", "")
    assert asked.asked == {"PORT": "8031", "NAME": ""}


def config(**values: str) -> ServiceConfig:
    return ServiceConfig(
        **ServiceConfig.common(
            Env("MEMORIES", {**environment("sqlite:///x.db"), **values}), port=8031, data_name="memories"
        )
    )


def test_a_module_knows_where_it_is() -> None:
    made = config(BASE_URL="", PUBLIC_URL="https://bot.example/", PORT="9")
    assert (made.port, made.base_url, made.public_url) == (9, "http://127.0.0.1:9", "https://bot.example")
    assert config(DATABASE_URL="", DATA_DIR="/srv").database_url == "sqlite:///srv/memories.db"
    assert data_dir(env()) == Path("data")


def test_secrets_are_not_among_what_may_be_shown() -> None:
    made = config(DATABASE_URL="postgres://u:hunter2@db/x", REDIS_URL="redis://:hunter2@r")
    shown = made.settings()
    assert {"port", "host", "public_url", "base_url"} <= shown.keys()
    assert not {"service_key", "encryption_keys", "database_url", "redis_url"} & shown.keys()
    for secret in ("hunter2", made.service_key, made.encryption_keys):
        assert secret not in repr(made)
        assert secret not in str(shown)
