"""What identity offers about signing in with a platform."""

from __future__ import annotations

from flask_core.contracts import identity, oauth
from flask_core.operations import Caller, Endpoints
from identity_core_module_flask.platform_sign_in import PlatformSignIn


def oauth_endpoints(platforms: PlatformSignIn) -> Endpoints:
    """Operations on the way to a platform and back."""
    api = Endpoints()

    @api.offers(oauth.PROVIDERS)
    async def providers(_: identity.Nothing, __: Caller) -> oauth.Providers:
        return oauth.Providers(tuple(platforms.providers))

    @api.offers(oauth.START)
    async def start(asked: oauth.StartOAuth, caller: Caller) -> oauth.OAuthUrl:
        return oauth.OAuthUrl(await platforms.start(asked, caller.acting))

    @api.offers(oauth.FINISH)
    async def finish(asked: oauth.FinishOAuth, caller: Caller) -> oauth.FinishedOAuth:
        return await platforms.finish(asked, caller.acting)

    return api
