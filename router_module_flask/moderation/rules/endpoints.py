"""Rules as other modules and the portal ask for them."""

from __future__ import annotations

from flask_core.contracts import rules as contract
from flask_core.datamodels import MAX_TEXT
from flask_core.errors import InvalidInput
from flask_core.operations import Caller, Endpoints
from router_module_flask.moderation.rules.authors import author_of
from router_module_flask.moderation.rules.replay import RuleReplay
from router_module_flask.moderation.rules.service import Rules, Writer
from router_module_flask.moderation.rules.word_cover import WordCover


def rule_endpoints(rules: Rules, replay: RuleReplay, cover: WordCover) -> Endpoints:
    """CRUD, test, replay, and the word rules on demand."""
    api = Endpoints()

    @api.offers(contract.LIST)
    async def list_rules(asked: contract.ListRules, _: Caller) -> contract.RulePage:
        return await rules.page(asked.community_id, asked.page, asked.per_page)

    @api.offers(contract.ADD)
    async def add(asked: contract.AddRule, caller: Caller) -> contract.Rule:
        return await rules.add(asked.community_id, asked.rule, _writer(caller))

    @api.offers(contract.GET)
    async def show(asked: contract.RuleOf, _: Caller) -> contract.Rule:
        return await rules.one(asked.community_id, asked.number)

    @api.offers(contract.PUT)
    async def put(asked: contract.PutRule, caller: Caller) -> contract.Rule:
        return await rules.put(asked.community_id, asked.number, asked.version, asked.rule, _writer(caller))

    @api.offers(contract.SWITCH)
    async def switch(asked: contract.SwitchRule, caller: Caller) -> contract.Rule:
        return await rules.switch(
            asked.community_id, asked.number, _writer(caller),
            version=asked.version, enabled=asked.enabled, dry_run=asked.dry_run,
        )  # fmt: skip

    @api.offers(contract.DELETE)
    async def delete(asked: contract.RuleOf, caller: Caller) -> None:
        await rules.delete(asked.community_id, asked.number, _writer(caller))

    @api.offers(contract.TEST)
    async def test(asked: contract.TestText, _: Caller) -> contract.TestAnswer:
        return await rules.test(asked.community_id, asked.text, asked.draft)

    @api.offers(contract.REPLAY)
    async def replay_rules(asked: contract.Replay, _: Caller) -> contract.ReplayAnswer:
        return await replay.run(asked)

    @api.offers(contract.CHECK)
    async def check(asked: contract.CheckText, _: Caller) -> contract.Checked:
        if len(asked.text) > MAX_TEXT:
            raise InvalidInput(f"A text has at most {MAX_TEXT} characters.", field="text")
        hit = await cover.hit(asked.community_id, asked.text, asked.channel)
        return contract.Checked(hit is None, hit.number if hit is not None else 0)

    return api


def _writer(caller: Caller) -> Writer:
    person = caller.person.person_id
    return Writer(person, author_of(person), caller.role)
