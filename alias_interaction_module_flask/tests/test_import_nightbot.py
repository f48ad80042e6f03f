"""What Nightbot's things become."""

from __future__ import annotations

from typing import Any

from alias_interaction_module_flask.imports.crons import seconds_of
from alias_interaction_module_flask.imports.rows import Command, Counter, Filter, Regular, Row, Timer, Trigger
from alias_interaction_module_flask.imports.translating import translated
from alias_interaction_module_flask.models import Wish
from alias_interaction_module_flask.tests.payloads import nightbot_command, payload
from flask_core.contracts.rules import RunLine
from flask_core.datamodels import Role


def rows() -> dict[tuple[str, str], Row]:
    return {(row.kind, row.external_id): row for row in translated("nightbot", payload("nightbot"))}


def wish(row: Row) -> Wish:
    assert isinstance(row.becomes, Command)
    return row.becomes.wish


def codes(row: Row) -> list[str]:
    return [note.code for note in row.notes]


def test_a_text_keeps_its_words_and_its_cooldown_and_its_count() -> None:
    found = rows()
    hug = found["command", "c01"]
    assert (hug.status, hug.original) == ("ok", "!hug $(user) hugs $(touser), hug number $(count)")
    assert wish(hug) == Wish(
        "text", "hug", "$(user) hugs $(touser), hug number $(count)", "nightbot", Role.VIEWER, 5, send_caller=True
    )
    assert found["counter", "c01"].becomes == Counter("hug", 214)
    # It never counted, so there is nothing to go on counting.
    assert ("counter", "c02") not in found


def test_levels_become_roles_and_what_is_unknown_is_the_owners() -> None:
    found = rows()
    roles = {key: wish(found["command", key]).role for key in ("c01", "c02", "c05", "c06", "c08", "c09")}
    assert roles == {
        "c01": Role.VIEWER, "c02": Role.MODERATOR, "c05": Role.OWNER, "c06": Role.VIP, "c08": Role.VIP,
        "c09": Role.OWNER,
    }  # fmt: skip
    assert wish(found["alias", "c03"]).role is Role.REGULAR
    assert found["command", "c09"].status == "review"
    assert codes(found["command", "c09"]) == ["level_unknown", "cooldown_clamped"]
    assert wish(found["command", "c09"]).cooldown_channel == 86_400
    assert "managers_had_it" in codes(found["command", "c05"])
    assert "one_platform" in codes(found["command", "c08"])


def test_an_alias_runs_its_target_with_the_message_as_its_words() -> None:
    ask = rows()["alias", "c03"]
    assert (wish(ask).kind, wish(ask).body, wish(ask).dialect) == ("alias", "!quote search $(query)", "nightbot")


def test_words_without_a_sign_become_a_rule_that_runs_the_command() -> None:
    found = rows()
    assert wish(found["command", "c04"]).name == "good_bot"
    rule = found["trigger", "c04:trigger"]
    assert isinstance(rule.becomes, Trigger)
    assert rule.status == "ok"
    assert (rule.becomes.rule.match, rule.becomes.rule.pattern) == ("regex", r"^\s*good\ bot(\s|$)")
    assert rule.becomes.rule.actions == (RunLine("!good_bot"),)
    assert (rule.becomes.rule.dry_run, rule.becomes.rule.stop, rule.becomes.rule.exempt.role) == (False, False, None)


def test_what_runs_code_fetches_the_past_or_guesses_a_zone_is_told() -> None:
    found = rows()
    assert codes(found["command", "c05"]) == ["managers_had_it", "query_was_code"]
    assert found["command", "c05"].status == "review"
    assert codes(found["command", "c06"]) == ["eval_used"]
    assert codes(found["command", "c02"]) == ["retired_field"]
    assert codes(found["command", "c07"]) == ["ambiguous_zone"]
    assert codes(found["command", "c08"]) == ["one_platform", "retired_variable"]
    assert codes(found["command", "c12"]) == ["other_platform", "no_zone"]
    assert (found["command", "c11"].status, codes(found["command", "c11"])) == ("unsupported", ["empty_text"])


def test_a_long_text_is_kept_in_the_report_only() -> None:
    (row,) = translated("nightbot", {"commands": [nightbot_command(1, message="x" * 2_001)]})
    assert (row.status, codes(row)) == ("unsupported", ["text_too_long"])


def test_default_commands_are_ours_or_have_no_equivalent() -> None:
    found = rows()
    assert (found["built_in", "game"].status, found["built_in", "game"].becomes) == ("ok", None)
    assert wish(found["built_in", "commands"]) == Wish("alias", "cmds", "!commands")
    assert (found["built_in", "winner"].status, codes(found["built_in", "winner"])) == (
        "unsupported",
        ["no_equivalent"],
    )


def test_timers_keep_their_rhythm_and_their_lines() -> None:
    found = rows()
    link, shop, song, odd = (found["timer", key] for key in ("t01", "t02", "t03", "t04"))
    assert isinstance(link.becomes, Timer)
    assert isinstance(shop.becomes, Timer)
    assert isinstance(song.becomes, Timer)
    assert (link.becomes.name, link.becomes.settings.texts) == ("discord-link", ("Join us: discord.example/penguins",))
    assert (link.becomes.settings.every, link.becomes.settings.lines, link.becomes.settings.lines_within) == (
        900,
        3,
        300,
    )
    assert (shop.becomes.enabled, shop.becomes.settings.every, shop.becomes.settings.command) == (
        False, 7_200, "!timer-shop",
    )  # fmt: skip
    said = wish(found["command", "t02:timer"])
    assert (said.name, said.body, said.role, said.hidden) == (
        "timer-shop",
        "Day $(count) of the shop",
        Role.MODERATOR,
        True,
    )
    assert (song.becomes.settings.command, song.becomes.settings.every) == ("!song now", 600)
    assert codes(song) == ["weekday_rhythm"]
    assert (odd.status, codes(odd)) == ("review", ["cron_unknown", "timer_caller"])


def test_cron_lines_are_read_as_far_as_a_timer_can_keep_them() -> None:
    assert [seconds_of(line) for line in ("*/5 * * * *", "0 * * * *", "0,30 * * * *", "7 3 * * *")] == [
        300, 3_600, 1_800, 86_400,
    ]  # fmt: skip
    assert [seconds_of(line) for line in ("", "* *", "61 * * * *", "a * * * *", "*/0 * * * *", "5-1 * * * *")] == [
        None
    ] * 6


def test_filters_stay_off_and_their_expressions_are_rules_on_trial() -> None:
    found = rows()
    words = found["filter", "blacklist"]
    assert words.becomes == Filter(
        "words", ("warn", "600s"), "regular", "Language!", values={"words": ["badword", "buy * followers"]}
    )
    assert (words.status, codes(words)) == ("ok", ["not_yet_on"])
    rule, refused = found["filter", "blacklist:0"], found["filter", "blacklist:1"]
    assert isinstance(rule.becomes, Trigger)
    assert (rule.becomes.rule.pattern, rule.becomes.rule.enabled, rule.becomes.rule.dry_run) == (
        r"(?i)fr[e3]{2}\s*nitro", False, True,
    )  # fmt: skip
    assert (refused.status, codes(refused)) == ("review", ["not_yet_on", "regex_refused"])
    assert found["filter", "caps"].becomes == Filter("caps", ("warn", "5s"), silent=True, values={"letters": 20})
    assert found["filter", "emotes"].becomes == Filter(
        "emotes", ("warn", "delete"), "subscriber", silent=True, values={"most": 12}
    )
    assert found["filter", "links"].becomes == Filter(
        "links", ("warn", "30s"), "subscriber", "No links.", values={"allow": ["youtube.com", "twitch.tv"]}
    )
    assert found["filter", "symbols"].becomes == Filter("symbols", ("warn", "5s"), silent=True, values={"row": 3})
    assert found["filter", "symbols"].status == "review"
    assert found["filter", "repetitions"].becomes == Filter(
        "repeats", ("warn", "5s"), silent=True, values={"words": 100}
    )
    assert found["filter", "moods"].status == "unsupported"


def test_regulars_of_twitch_and_discord_are_taken_and_songs_are_reported() -> None:
    found = rows()
    assert found["regular", "r01"].becomes == Regular("Linus", "twitch", "1001")
    assert found["regular", "r02"].becomes == Regular("alan", "discord", "2002")
    assert found["regular", "r03"].status == "unsupported"
    assert [codes(found["song", key]) for key in ("s01", "s02")] == [["no_songs"], ["song_provider"]]


def test_whatever_an_answer_holds_nothing_raises() -> None:
    answers: list[dict[str, Any]] = [
        {"commands": {"commands": [None, 1, {}, {"name": 5, "message": []}]}}, {"timers": "x"}, {"spam": [{}]},
    ]  # fmt: skip
    for odd in answers:
        assert all(row.status == "unsupported" for row in translated("nightbot", odd))
