"""Signing in with an account of a platform, and linking one: whoever comes back from there has proved it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_core.auth import hashed, utc_now
from flask_core.contracts import identity, oauth
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from flask_core.operations import Acting
from identity_core_module_flask.account_repository import AccountRepository
from identity_core_module_flask.linking import TAKEN
from identity_core_module_flask.models import AccountOwner, PersonRow
from identity_core_module_flask.oauth_state_repository import Begun, OAuthStateRepository
from identity_core_module_flask.oauth_ways import Profile, Provider, Way
from identity_core_module_flask.passwords import folded
from identity_core_module_flask.sign_in import NAME, SignIn
from identity_core_module_flask.telling_now import TellNow
from identity_core_module_flask.throttle import Throttle

LIFE = timedelta(seconds=600)
WAITS = timedelta(hours=24)
_LONGEST_PATH = 500
_NOT_HERE = "This way back was not begun in this browser, took more than ten minutes, or was used already. Begin again."
_KNOWN_ADDRESS = "Somebody signs in here with that address. Sign in first, then link the account on your own page."
_NEW = "This account was linked less than a day ago. Until then sign in the way you did before."


@dataclass(frozen=True, slots=True)
class PlatformSignIn:
    """`providers` are those that the operator has set up; with `open_to_new` whoever is unknown becomes a person."""

    providers: Mapping[str, Provider]
    states: OAuthStateRepository
    accounts: AccountRepository
    ways_in: SignIn
    throttle: Throttle
    tell_now: TellNow
    open_to_new: bool
    now: Callable[[], datetime] = utc_now

    async def start(self, asked: oauth.StartOAuth, person: Acting | None) -> str:
        """Where the platform asks. Raises InvalidInput for a way back that is not a path of ours."""
        provider = self._provider(asked.provider)
        if not asked.binding:
            raise InvalidInput("Name the browser that comes back.", field="binding")
        if not _own_path(asked.back):
            raise InvalidInput("The way back is a path of this site.", field="back")
        if (asked.mode == "link") != (person is not None):
            raise InvalidInput("Somebody who is signed in links; everybody else signs in.", field="mode")
        await self.throttle.setting_out(asked.door.address)
        way, now = Way.new(), self.now()
        person_id = person.person_id if person else ""
        begun = Begun(provider.name, asked.mode, person_id, hashed(asked.binding), asked.back, way)
        await self.states.begin(begun, now + LIFE, now)
        return provider.url(way, ask_again=asked.mode == "link")

    async def finish(self, asked: oauth.FinishOAuth, person: Acting | None) -> oauth.FinishedOAuth:
        """What becomes of somebody who came back.

        Raises InvalidInput for a state that is not this browser's or was used, Forbidden for newcomers where there are
        none, Conflict for an account of somebody else.
        """
        provider = self._provider(asked.provider)
        begun = await self.states.end(asked.state, self.now()) if asked.state else None
        if begun is None or begun.provider != provider.name or begun.binding_hash != hashed(asked.binding):
            raise InvalidInput(_NOT_HERE, field="state")
        if begun.mode == "link" and (person is None or person.person_id != begun.person_id):
            raise InvalidInput(_NOT_HERE, field="state")
        if asked.error or not asked.code:
            raise InvalidInput(f"You said no at {provider.name.capitalize()}. Nothing was changed.")
        profile = await provider.who(asked.code, begun.way)
        if begun.mode == "link":
            return await self._link(begun, profile)
        return await self._sign_in(begun, profile, asked.door)

    def _provider(self, name: str) -> Provider:
        found = self.providers.get(name)
        if found is None:
            raise NotFound("Nobody signs in with that here.")
        return found

    async def _link(self, begun: Begun, profile: Profile) -> oauth.FinishedOAuth:
        if not await self.accounts.attach(begun.person_id, profile.account, self.now()):
            raise Conflict(TAKEN)
        await self.tell_now()
        return oauth.FinishedOAuth("link", begun.back, linked=profile.account.place)

    async def _sign_in(self, begun: Begun, profile: Profile, door: identity.Door) -> oauth.FinishedOAuth:
        owner = await self.accounts.owner(profile.account)
        if owner is None:
            person = await self._newcomer(profile)
        else:
            person = await self._known(owner)
        await self.accounts.signed_in(profile.account, self.now())
        if owner is None:
            await self.tell_now()
        return oauth.FinishedOAuth("login", begun.back, await self.ways_in.proved_elsewhere(person, door))

    async def _known(self, owner: AccountOwner) -> PersonRow:
        # For a day a link gives nobody what they did not have before: not by signing in either.
        if not owner.founding and self.now() - owner.linked_at < WAITS:
            raise Forbidden(_NEW)
        return await self._active(owner.person_id)

    async def _newcomer(self, profile: Profile) -> PersonRow:
        if profile.email and await self.ways_in.repository.has_email(folded(profile.email)):
            raise Conflict(_KNOWN_ADDRESS)
        if not self.open_to_new:
            raise Forbidden("Nobody new signs in here. Ask the operator to open the sign-up.")
        account = replace(profile.account, display_name=profile.account.name[:NAME])
        return await self._active(await self.accounts.make_person(account, self.now()))

    async def _active(self, person_id: str) -> PersonRow:
        person = await self.ways_in.repository.person(person_id)
        if person is None or person.state != "active":
            raise Unauthenticated("Nobody signs in with this account any more.")
        return person


def _own_path(path: str) -> bool:
    return (
        path.startswith("/")
        and not path.startswith("//")
        and "\\" not in path
        and path.isprintable()
        and len(path) <= _LONGEST_PATH
    )
