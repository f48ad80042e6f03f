"""Whoever keeps the rules of the town, and sees what they do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask_core.contracts import community, identity, module, router, rules
from flask_core.contracts.rules import Draft, Rule
from flask_core.datamodels import Argument, CommandCard, Cooldowns, Invocation, Manifest, Moderate, Reply, Role
from flask_core.operations import Acting, Caller
from router_module_flask.tests.conftest import Town


class Guard:
    """Ann's rules, and what they did on the platform."""

    def __init__(self, town: Town) -> None:
        self.town = town

    async def ask(self, operation: Any, asked: Any, acting: Acting | None = None) -> Any:
        return await self.town.portal.client.call("router", operation, asked, acting=acting or self.town.owner)

    async def rule(self, pattern: str, *actions: rules.RuleAction, **more: Any) -> Rule:
        draft = Draft(**{
            "match": "contains", "pattern": pattern, "actions": actions or (rules.Delete(),), "dry_run": False, **more
        })  # fmt: skip
        added: Rule = await self.ask(rules.ADD, rules.AddRule(self.town.community_id, draft))
        return added

    async def traced(self, text: str, user: str = "dee", **options: Any) -> router.TraceView:
        return await self.town.recorded(await self.town.write(text, user, **options))

    def acts(self) -> list[Moderate]:
        return [said.action for said in self.town.said if isinstance(said.action, Moderate)]

    def steps(self, trace: router.TraceView) -> list[str]:
        return [f"{step.name}: {step.said}" for step in trace.steps if step.name.startswith("rule")]

    async def member(self, user: str) -> str:
        """The id of whoever writes under this name."""
        asked = community.ContextItem(self.town.channel, self.town.event("hello", user).account)
        context = await self.town.portal.client.call("community", community.CONTEXT, community.ContextRequest((asked,)))
        return str(context.items[0].member.id)

    async def makes(self, user: str, role: Role) -> None:
        """Ann gives somebody a role."""
        asked = community.SetRole(self.town.community_id, await self.member(user), role)
        await self.town.portal.client.call("community", community.SET_ROLE, asked, acting=self.town.owner)

    async def signs_in(self, user: str, role: Role) -> Acting:
        """Somebody whose account of the console is that of a person with a role, signed in at the portal."""
        people = self.town.inst.fake("identity")

        @people.offers(identity.LOOKUP)
        async def look_up(asked: identity.LookUp, _: Caller) -> identity.LookUpAnswer:
            return identity.LookUpAnswer(
                tuple(
                    identity.FoundPerson(f"person-{one.user_id}" if one.user_id == user else "") for one in asked.items
                )
            )

        await self.makes(user, role)
        return Acting(f"person-{user}", datetime.now(UTC), self.town.community_id, role, name=user)


EAR = Manifest(
    "ear", "1", "interaction", "http://127.0.0.1:1", "one",
    commands=(
        CommandCard("hear", "Hear two words.", "!hear <who> <what>", cooldowns=Cooldowns(),
                    arguments=(Argument("who"), Argument("what"))),
        CommandCard("ban", "Ban somebody.", "!ban <who>", role=Role.MODERATOR, cooldowns=Cooldowns(),
                    arguments=(Argument("who"),)),
        CommandCard("reset", "Forget everything.", "!reset", role=Role.OWNER, scope="community", cooldowns=Cooldowns()),
    ),
)  # fmt: skip


async def listening_ear(town: Town) -> list[Invocation]:
    """A module that keeps what it is told."""
    heard: list[Invocation] = []
    ear = town.inst.fake("ear")

    @ear.offers(module.EXECUTE)
    async def execute(asked: Invocation, _: Caller) -> Reply:
        heard.append(asked)
        return Reply.chat(f"heard {asked.command}")

    await ear.client.call("router", router.INTRODUCE, router.Introduction("ear", EAR))
    return heard
