"""With which accounts one signs in here."""

from __future__ import annotations

from flask_core.contracts import identity, oauth
from flask_core.errors import ServiceError
from portal_module_flask.visits import door


async def platforms() -> tuple[str, ...]:
    """Names of platforms; none while identity does not answer."""
    try:
        return (await door().client.call("identity", oauth.PROVIDERS, identity.Nothing(), timeout=3)).items
    except ServiceError:
        return ()
