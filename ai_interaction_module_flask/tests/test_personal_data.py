"""What happens to a person's ai."""

from __future__ import annotations

import asyncio

import pytest

from ai_interaction_module_flask.personal_data import PersonalData
from ai_interaction_module_flask.repository import AiRepository
from flask_core.contracts.module import MergeMembers, PersonAccounts

ANN = PersonAccounts("request-1", member_ids=("member-ann",))


@pytest.mark.promise("ai.2")
async def test_points_of_joined_members_are_added_up_and_erased_ones_are_gone(repository: AiRepository) -> None:
    people = PersonalData(repository)
    await repository.add(2, "member-ann", 3)
    await repository.add(2, "member-ann-on-slack", 4)
    joined = MergeMembers("merge-1", 2, source="member-ann-on-slack", target="member-ann")
    assert (await people.merge(joined)).counts == {"points": 1}
    assert (await people.merge(joined)).counts == {"points": 0}
    assert (await people.export(ANN)).tables == {"points": [{"community": 2, "points": 7}]}
    assert (await people.unmerge(joined)).counts == {}
    assert (await people.erase(ANN)).counts == {"points": 1}
    assert (await people.export(ANN)).tables == {"points": []}


async def test_a_community_that_ended_leaves_nothing(repository: AiRepository) -> None:
    await repository.add(2, "member-ann", 3)
    await repository.add(3, "member-ann", 5)
    assert (await PersonalData(repository).erase_community(2)).counts == {"points": 1}
    assert await repository.of_person(["member-ann"]) == [(3, 5)]


async def test_points_given_at_once_all_count(repository: AiRepository) -> None:
    await asyncio.gather(*(repository.add(2, "member-ann", 1) for _ in range(20)))
    assert await repository.of(2, "member-ann") == 20
