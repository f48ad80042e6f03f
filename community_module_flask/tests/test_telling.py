"""Modules hear that two members are one person, also those that were away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from community_module_flask.asking import Asking
from community_module_flask.ending_repository import EndingRepository
from community_module_flask.merge_repository import MergeRepository
from community_module_flask.telling import ModuleTeller
from community_module_flask.tests.conftest import Town
from community_module_flask.transfer_repository import TransferRepository
from flask_core.contracts import router
from flask_core.contracts.module import MERGE, UNMERGE, MergeMembers, Receipt
from flask_core.datamodels import Manifest
from flask_core.errors import Unavailable
from flask_core.operations import Caller

KIM, DEE = ("twitch", "kim"), ("discord", "dee")


class Modules:
    """Two modules that keep personal data, one that keeps none, and the router that knows them."""

    def __init__(self, town: Town) -> None:
        self.away: set[str] = set()
        self.heard: list[tuple[str, str, MergeMembers]] = []
        self.now = datetime.now(UTC)
        database = town.service.database
        asking = Asking(TransferRepository(database), town.service.services, lambda: self.now, public_url="")
        self.teller = ModuleTeller(
            MergeRepository(database), EndingRepository(database), asking, town.service.services, lambda: self.now
        )  # fmt: skip
        for name in ("reputation", "memories", "clock"):
            self._plays(town, name)

        @town.inst.fake("router").offers(router.MODULES)
        async def modules(_: router.Nothing, __: Caller) -> router.ModuleList:
            if "router" in self.away:
                raise Unavailable("Back soon.")
            known = {"memories": "quotes", "clock": "", "reputation": "points"}
            return router.ModuleList(tuple(_known(name, data) for name, data in known.items()))

    def _plays(self, town: Town, name: str) -> None:
        module = town.inst.fake(name)

        def hears(operation: Any, kind: str) -> None:
            @module.offers(operation)
            async def hear(asked: MergeMembers, _: Caller) -> Receipt:
                if name in self.away:
                    raise Unavailable("Back soon.")
                self.heard.append((name, kind, asked))
                return Receipt({})

        hears(MERGE, "merge")
        hears(UNMERGE, "unmerge")

    async def a_minute_later(self) -> list[tuple[str, str]]:
        """Who heard what in the next round."""
        self.heard, self.now = [], self.now + timedelta(minutes=1, seconds=1)
        await self.teller.tell_due()
        return [(name, kind) for name, kind, _ in self.heard]


def _known(name: str, data: str) -> router.ModuleState:
    manifest = Manifest(name, "1", "core", "", "1", personal_data=(data,) if data else ())
    return router.ModuleState(manifest, 1, True)


@pytest.mark.promise("community.16")
async def test_a_merge_is_told_once_and_to_a_module_that_was_away_later(town: Town) -> None:
    modules = Modules(town)
    made = await town.found()
    await town.attach(made.id, "twitch:1:1")
    await town.attach(made.id, "discord:7:70")
    kim, dee = await town.member("twitch:1:1", "kim"), await town.member("discord:7:70", "dee")
    modules.away.add("memories")
    for _ in range(2):
        await town.link("merge-1", "person-kim", KIM, DEE)
    assert await modules.a_minute_later() == [("reputation", "merge")]
    modules.away = {"router"}
    assert await modules.a_minute_later() == []
    modules.away.clear()
    assert await modules.a_minute_later() == [("memories", "merge"), ("reputation", "merge")]
    assert {asked for _, _, asked in modules.heard} == {MergeMembers("merge-1", made.id, dee, kim)}
    assert await modules.a_minute_later() == []
    await town.link("merge-1", "person-kim", KIM, DEE)
    assert await modules.a_minute_later() == []
    await town.link("merge-1", "person-kim", DEE, undo=True)
    assert await modules.a_minute_later() == [("memories", "unmerge"), ("reputation", "unmerge")]
