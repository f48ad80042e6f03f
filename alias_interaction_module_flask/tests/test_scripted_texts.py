"""Texts with scripts, which really run."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from alias_interaction_module_flask.evaluator.values import Origin
from alias_interaction_module_flask.evaluator.world import LookupFailed
from alias_interaction_module_flask.scripts.pool import Scripts
from alias_interaction_module_flask.tests.imagined_world import ImaginedWorld
from alias_interaction_module_flask.tests.texts import said
from flask_core.errors import ServiceError

_CASES = tomllib.loads((Path(__file__).parent / "fixtures" / "scripts.toml").read_text("utf-8"))["case"]
_PAGES = {
    "https://api.test/list": '{"total": 2, "data": [{"name": "Ada"}]}',
    "https://api.test/text": '{"a": 5, "b": "\\";x"}',
}


@dataclass
class Thinking(ImaginedWorld):
    """Scripts run; everything else is imagined."""

    pool: Scripts | None = None

    async def script(self, code: str, seed: str) -> str:
        assert self.pool is not None
        try:
            return await self.pool.run(code, seed=seed)
        except ServiceError as refused:
            raise LookupFailed(str(refused.details["reason"])) from refused


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scripts() -> AsyncIterator[Scripts]:
    made = Scripts(1)
    yield made
    await made.close()


@pytest.mark.promise("alias.2")
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", _CASES, ids=[case["template"][:50] for case in _CASES])
async def test_a_script_says(scripts: Scripts, case: dict[str, Any]) -> None:
    world = Thinking(pages=_PAGES, pool=scripts)
    result = await said(case["template"], case.get("words", ""), case.get("dialect", "nightbot"), world)
    assert result.text == case["expected"]
    assert (result.origin, result.verbatim_start, result.actions) == (Origin.EXTERNAL, False, ())
