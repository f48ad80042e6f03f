"""What StreamElements' things become."""

from __future__ import annotations

from alias_interaction_module_flask.imports.rows import Command, Counter, Filter, Row, Timer, Trigger
from alias_interaction_module_flask.imports.translating import translated
from alias_interaction_module_flask.models import Wish
from alias_interaction_module_flask.tests.payloads import payload
from flask_core.contracts.timers import TimerSettings
from flask_core.datamodels import Role


def rows() -> dict[tuple[str, str], Row]:
    return {(row.kind, row.external_id): row for row in translated("streamelements", payload("streamelements"))}


def wish(row: Row) -> Wish:
    assert isinstance(row.becomes, Command)
    return row.becomes.wish


def codes(row: Row) -> list[str]:
    return [note.code for note in row.notes]


def test_a_command_keeps_both_cooldowns_its_price_and_its_other_names() -> None:
    found = rows()
    lurk = found["command", "e01"]
    assert wish(lurk) == Wish(
        "text", "lurk", "${sender} is lurking, ${user.lastmessage}", "streamelements", Role.VIEWER, 5, 15, style="me",
        cost=50,
    )  # fmt: skip
    assert (lurk.status, codes(lurk)) == ("ok", ["check_price", "not_kept_here"])
    afk = wish(found["alias", "e01:alias:0"])
    assert (afk.kind, afk.name, afk.body, afk.hidden) == ("alias", "afk", "!lurk", True)
    other = found["alias", "e01:alias:1"]
    assert (wish(other).name, other.status) == ("away_now", "review")


def test_what_writes_at_the_platform_is_for_moderators() -> None:
    setcat = rows()["command", "e02"]
    assert (wish(setcat).role, wish(setcat).style, codes(setcat)) == (Role.MODERATOR, "reply", ["privileged"])


def test_levels_become_roles_and_what_lies_between_the_next_higher_one() -> None:
    found = rows()
    assert (wish(found["command", "e03"]).role, found["command", "e03"].status) == (Role.ADMIN, "ok")
    between = found["command", "e04"]
    assert (wish(between).role, between.status) == (Role.ADMIN, "review")
    assert codes(between) == ["level_unknown", "cooldown_clamped"]
    assert (wish(found["command", "e07"]).role, found["command", "e07"].status) == (Role.OWNER, "review")


def test_keywords_and_expressions_become_rules() -> None:
    found = rows()
    assert codes(found["command", "e05"]) == ["type_unknown", "check_user"]
    rules = [found["trigger", f"e05:{key}"].becomes for key in ("keyword:0", "keyword:1", "regex")]
    assert [(rule.rule.match, rule.rule.pattern, rule.rule.enabled) for rule in rules if isinstance(rule, Trigger)] == [
        ("word", "good game", True), ("word", "gg wp", True), ("regex", "^g+g+$", True),
    ]  # fmt: skip
    refused = found["trigger", "e08:regex"]
    assert isinstance(refused.becomes, Trigger)
    assert (refused.status, refused.becomes.rule.enabled) == ("review", False)
    assert codes(refused) == ["regex_refused", "trigger_as_viewer"]


def test_when_it_answers_is_kept() -> None:
    found = rows()
    assert (wish(found["command", "e06"]).when, wish(found["command", "e06"]).hidden) == ("offline", True)
    assert (wish(found["command", "e07"]).when, wish(found["command", "e07"]).enabled) == ("always", False)
    assert "retired_variable" in codes(found["command", "e07"])


def test_default_commands_counters_and_timers() -> None:
    found = rows()
    assert (found["built_in", "uptime"].status, found["built_in", "roulette"].status) == ("ok", "unsupported")
    assert found["counter", "deaths"].becomes == Counter("deaths", 42)
    assert found["timer", "u01"].becomes == Timer(
        "follow", TimerSettings(900, ("Follow us!", "Subscribe!"), offline_every=3_600, lines=5, lines_within=900)
    )
    assert codes(found["timer", "u02"]) == ["timer_clamped", "timer_caller", "timer_variables"]
    night = found["timer", "u03"].becomes
    assert isinstance(night, Timer)
    assert (night.settings.stream, night.settings.every) == ("offline", 1_800)


def test_filters_are_the_routers_own_and_off() -> None:
    found = rows()
    assert found["filter", "bannedWords"].becomes == Filter(
        "words", ("warn", "300s"), values={"words": ["badword", "worse*"]}
    )
    assert found["filter", "bannedWords:0"].name == "rule"
    assert found["filter", "links"].becomes == Filter(
        "links", ("warn", "delete"), "subscriber", values={"allow": ["youtube.com"], "deny": ["grabify.example"]}
    )
    assert found["filter", "caps"].becomes == Filter("caps", ("warn", "5s"), values={"letters": 8, "percent": 60})
    assert found["filter", "symbols"].becomes == Filter("symbols", ("warn", "5s"), values={"row": 12, "percent": 40})
    assert found["filter", "emotes"].status == "review"
    assert found["filter", "paragraph"].becomes == Filter(
        "length", ("warn", "5s"), message="Shorter, please.", values={"longest": 350}
    )


def test_whatever_an_answer_holds_nothing_raises() -> None:
    odd = {
        "commands": [{}, {"command": 3, "cooldown": 4, "aliases": 5, "type": []}],
        "filters": {"caps": 1, "links": {}},
    }
    assert [row.status for row in translated("streamelements", odd)] == ["unsupported", "ok"]
