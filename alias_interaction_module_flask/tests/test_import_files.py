"""Files and pasted lines: whose they are, and what is in them."""

from __future__ import annotations

import json

import msgspec
import pytest

from alias_interaction_module_flask.imports.rows import Command
from alias_interaction_module_flask.imports.translating import MOST_FILE, opened, translated
from alias_interaction_module_flask.models import Wish
from alias_interaction_module_flask.tests.payloads import payload
from flask_core.contracts import alias
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput


def wishes(text: str) -> list[Wish]:
    return [row.becomes.wish for row in translated(*opened(text)) if isinstance(row.becomes, Command)]


def test_what_we_export_is_read_again_as_it_was() -> None:
    ours = [
        Wish(
            "text",
            "hug",
            "{user} hugs $(touser)",
            role=Role.VIP,
            cooldown_member=3,
            platforms=(),
            when="online",
            cooldown_channel=0,
        ),
        Wish("alias", "h", "!hug", hidden=True, enabled=False),
    ]
    views = [alias.CommandView(n, **msgspec.structs.asdict(wish)) for n, wish in enumerate(ours, start=1)]
    counters, variables = alias.CounterView("deaths", 3, on_screen=True), alias.VariableView("goal", "100 subs")
    text = msgspec.json.encode(alias.Exported(tuple(views), (counters,), (variables,))).decode()
    assert wishes(text) == ours
    kinds = [(row.kind, row.name, row.status) for row in translated(*opened(text))]
    assert kinds[2:] == [("counter", "deaths", "ok"), ("variable", "goal", "ok")]


@pytest.mark.parametrize("source", ["nightbot", "streamelements"])
def test_a_dump_is_known_by_what_is_in_it(source: str) -> None:
    dump = payload(source)
    assert opened(json.dumps(dump)) == (source, dump)
    only_commands = json.dumps(dump["commands"])
    assert opened(only_commands)[0] == source


def test_lines_that_were_typed_once_are_read_in_both_spellings() -> None:
    (hug, so) = wishes(
        "!commands add -ul=moderator -cd=7 !hug $(user) hugs\n\nnoise\n!addcom -a=!quote !so search $(query)"
    )
    assert (hug.name, hug.role, hug.cooldown_channel, hug.body, hug.dialect) == (
        "hug", Role.MODERATOR, 7, "$(user) hugs", "nightbot",
    )  # fmt: skip
    assert (so.kind, so.body) == ("alias", "!quote search $(query)")
    (lurk,) = wishes("!command add -cd 5 -usercd 9 -level 500 lurk ${sender} lurks")
    assert (lurk.name, lurk.role, lurk.cooldown_channel, lurk.cooldown_member, lurk.body, lurk.dialect) == (
        "lurk", Role.MODERATOR, 5, 9, "${sender} lurks", "streamelements",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "hello", "[" * 5_000, "x" * (MOST_FILE + 1)])
def test_what_holds_no_commands_is_told(text: str) -> None:
    with pytest.raises(InvalidInput):
        opened(text)


def test_a_broken_command_of_a_file_is_told_beside_the_others() -> None:
    text = json.dumps({"commands": [{"name": "a", "kind": "song", "body": "x"}]})
    assert [row.status for row in translated(*opened(text))] == ["unsupported"]
