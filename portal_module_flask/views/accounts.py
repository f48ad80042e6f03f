"""A person's accounts on their own page: what is linked, and taking it away."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from quart import Blueprint

from flask_core.contracts import identity
from flask_core.errors import ServiceError
from portal_module_flask.pages import ask, blueprint, field, go
from portal_module_flask.views.entrance import platforms
from portal_module_flask.visits import Visit, signed_in


@dataclass(frozen=True, slots=True)
class OwnAccounts:
    """What is linked, and with which platforms more can be."""

    linked: tuple[identity.LinkedAccount, ...]
    platforms: tuple[str, ...]


def views() -> Blueprint:
    """/me/accounts/…"""
    pages = blueprint("accounts")

    @pages.post("/me/accounts/unlink")
    @signed_in
    async def unlink(visit: Visit) -> Any:
        asked = identity.AccountKey(await field("platform"), await field("user_id"))
        try:
            await ask(visit, "identity", identity.UNLINK, asked)
        except ServiceError as problem:
            if problem.details.get("sign_in_again"):
                return go("/auth/sign-in?next=/me&again=1")
            raise
        return go("/me")

    return pages


async def accounts_for(visit: Visit) -> OwnAccounts:
    """For the person's own page."""
    links, offered = await asyncio.gather(ask(visit, "identity", identity.LINKS, identity.Nothing()), platforms())
    return OwnAccounts(links.accounts, offered)
