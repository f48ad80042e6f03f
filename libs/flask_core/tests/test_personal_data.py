"""A module that keeps something about people answers the five questions about it, to those who may ask."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from flask_core.contracts import module
from flask_core.errors import Forbidden
from flask_core.operations import Operation, encoder
from flask_core.personal_data import personal_data_endpoints

from .notebook import FakeGate


class Keeper:
    """Says what it was asked."""

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        return module.PersonData({"quotes": [{"of": asked.person_id}]})

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        return module.Receipt({f"erased {asked.person_id}": 1})

    async def merge(self, asked: module.MergeMembers) -> module.Receipt:
        return module.Receipt({f"{asked.source} into {asked.target}": 1})

    async def unmerge(self, asked: module.MergeMembers) -> module.Receipt:
        return module.Receipt({f"{asked.source} out of {asked.target}": 1})

    async def erase_community(self, community_id: int) -> module.Receipt:
        return module.Receipt({f"community {community_id}": 1}, {"bans": "law"})


ANN = module.PersonAccounts("request-1", (("twitch", "7"),), ("member-1",), "person-ann")
MERGE = module.MergeMembers("merge-1", 2, "member-1", "member-2")


@pytest.mark.parametrize(
    ("operation", "caller", "asked", "answer"),
    [
        (module.EXPORT, "identity", ANN, module.PersonData({"quotes": [{"of": "person-ann"}]})),
        (module.ERASE, "identity", ANN, module.Receipt({"erased person-ann": 1})),
        (module.MERGE, "community", MERGE, module.Receipt({"member-1 into member-2": 1})),
        (module.UNMERGE, "community", MERGE, module.Receipt({"member-1 out of member-2": 1})),
        (module.ERASE_COMMUNITY, "community", module.CommunityOnly(2),
         module.Receipt({"community 2": 1}, {"bans": "law"})),
    ],
)  # fmt: skip
async def test_each_question_has_its_asker_and_its_answer(
    operation: Operation[Any, Any], caller: str, asked: msgspec.Struct, answer: msgspec.Struct
) -> None:
    api = personal_data_endpoints(Keeper())
    body = encoder.encode(asked)
    assert operation.decode_answer(await api.serve(operation.key, caller, body, FakeGate())) == answer
    for other in ("router", "ann", {"identity": "community", "community": "identity"}[caller]):
        with pytest.raises(Forbidden):
            await api.serve(operation.key, other, body, FakeGate())
