"""Moderation rules on their pages: written, tried, switched live, and looked back with."""

from __future__ import annotations

from portal_module_flask.tests.house import House
from portal_module_flask.tests.neighbours import Neighbours

SECRET = "a secret of at least thirty-two characters"
FREE = {
    "match": "contains", "pattern": "free skins", "do": "timeout", "timeout_time": "10m", "normalise": "yes",
    "stop": "yes", "enabled": "yes", "dry_run": "yes", "priority": "100", "exempt_role": "moderator",
}  # fmt: skip


async def test_a_rule_is_written_tried_and_switched_live(house: House) -> None:
    rules, new = f"{house.here}/moderation", f"{house.here}/moderation/rules/new"
    assert "No rule yet." in await house.page(rules)
    await house.say("get FREE Ⓢkins here", "Dee")
    form = await house.page(new)
    for offered in (
        'name="pattern"',
        "Try a line of chat",
        'name="dry_run" value="yes" checked>',
        "Delete the message",
    ):
        assert offered in form
    tried = await house.send(new, 200, **FREE, text="FREE Ⓢkins!", **{"try": "yes"})
    assert '<span class="badge danger">matches</span>' in tried
    assert "Seen as “free skins!”." in tried
    for kept in ('value="free skins"', 'value="10m"', 'value="FREE Ⓢkins!"', 'value="timeout" checked'):
        assert kept in tried
    looked = await house.send(new, 200, **FREE, replay="yes", hours="24")
    assert "1 of 1 messages would have been hit, by 1 person." in looked
    assert "get FREE Ⓢkins here" in looked
    saved = await house.send(new, **FREE)
    assert saved == f"{rules}?saved=1"
    shown = await house.page(saved)
    for part in (
        "Rule #1 is saved as dry run",
        "<code>free skins</code>",
        "timeout 10m",
        ">dry run<",
        "Switch live: rule #1",
    ):
        assert part in shown
    await house.send(f"{rules}/rules/1/live", on=rules, version="1")
    assert 'badge ok">live<' in await house.page(rules)
    await house.say("free skins", "Dee")
    assert ("times Dee out for 600 s: Rule #1", "event") in [(one.text, one.kind) for one in await house.lines(0)]
    assert "Matches <a" in await house.send(f"{rules}/rules/try", 200, on=rules, text="my free skins")
    assert "No rule that is on matches that." in await house.send(f"{rules}/rules/try", 200, on=rules, text="hello")
    night = await house.send(f"{rules}/rules/replay", 200, on=rules, hours="6")
    assert "2 of 2 messages would have been hit, by 1 person." in night
    await house.send(f"{rules}/rules/1/off", on=rules, version="2")
    assert ">off<" in await house.page(rules)
    await house.send(f"{rules}/rules/1/delete", on=rules)
    assert "No rule yet." in await house.page(rules)


async def test_a_rule_comes_back_as_it_was_written(house: House) -> None:
    rules = f"{house.here}/moderation"
    await house.say("hello", "Cy")
    everything = FREE | {
        "name": "No skins", "do": "command", "command_line": "!note add {user} {text}", "command_role": "moderator",
        "exempt_members": "Cy", "exempt_label": "trusted", "channels": f"console:{house.community_id}:playground",
        "platforms": "console", "message_types": "cheer", "expires_at": "2090-01-31T20:00", "priority": "7",
    }  # fmt: skip
    await house.send(f"{rules}/rules/new", **everything)
    form = await house.page(f"{rules}/rules/1")
    for kept in (
        'value="No skins"', 'value="!note add {user} {text}"', "<option selected>moderator</option>", ">Cy</textarea>",
        'value="trusted"', 'value="console" checked', 'value="cheer" checked', 'value="2090-01-31T20:00"', 'value="7"',
        'value="command" checked',
    ):  # fmt: skip
        assert kept in form
    assert 'value="delete" checked' not in form
    assert "was changed meanwhile" in await house.send(f"{rules}/rules/1", 409, **everything, version="0")
    await house.send(f"{rules}/rules/1", **everything | {"pattern": "gold", "exempt_members": ""}, version="1")
    assert "<code>gold</code>" in await house.page(rules)


async def test_secrets_are_never_shown_again(house: House) -> None:
    rules = f"{house.here}/moderation"
    hook = FREE | {"do": "webhook", "webhook_url": "https://example.org/hook", "webhook_secret": SECRET}
    await house.send(f"{rules}/rules/new", **hook)
    form = await house.page(f"{rules}/rules/1")
    assert "ends with ters; empty keeps it" in form
    assert SECRET not in form
    await house.send(f"{rules}/rules/1", **hook | {"webhook_secret": ""}, version="1")


async def test_refusals_keep_what_was_typed(house: House) -> None:
    new = f"{house.here}/moderation/rules/new"
    for wrong, sentence in (
        ({"match": "regex", "pattern": "free(?=skins)"}, "At character 5: this kind of group"),
        ({"do": "delete", "priority": "high"}, "A priority is a number"),
        ({"timeout_time": "long"}, "Say how long a timeout is"),
        ({"match": "vaguely"}, "Choose how the pattern is compared."),
        ({"exempt_members": "Nobody at all"}, "Nobody here is called Nobody at all."),
        ({"expires_at": "soon"}, "Write the end of the rule as"),
        ({"do": "command", "command_line": "!nothing"}, "There is no command !nothing here."),
        ({"do": "nothing"}, "A rule has 1 to 4 actions."),
    ):
        refused = await house.send(new, 400, **FREE | wrong)
        assert sentence in refused
        assert 'name="pattern"' in refused
    rules = f"{house.here}/moderation"
    assert "No rule #9 here." in await house.send(f"{rules}/rules/9/off", 404, on=rules, version="1")
    assert "cannot be done with a rule" in await house.send(f"{rules}/rules/9/frame", 400, on=rules)


async def test_rules_are_for_moderators(house: House) -> None:
    rules = f"{house.here}/moderation"
    people = await Neighbours.of(house)
    viewer = await people.becomes("Dee", "twitch", "viewer")
    assert (await viewer.web.get(rules)).status_code == 403
    mod = await people.becomes("Ben", "discord", "moderator")
    ban = FREE | {"do": "command", "command_line": "!module off memories", "command_role": "admin"}
    assert "runs with the rights of admins here, and you are moderator." in await mod.send(
        f"{rules}/rules/new", 403, **ban
    )
    await mod.send(f"{rules}/rules/new", **FREE)
    assert "<code>free skins</code>" in await mod.page(rules)
