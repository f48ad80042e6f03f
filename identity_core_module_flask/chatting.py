"""What people in chat are told about who they are."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.datamodels import Invocation, Role
from flask_core.errors import Conflict, InvalidInput, NotFound
from identity_core_module_flask.account_directory import PLATFORMS
from identity_core_module_flask.desk.passes import MINUTES, DeskPasses
from identity_core_module_flask.linking import Linking
from identity_core_module_flask.models import OwnAccount, SeenAccount
from identity_core_module_flask.own_links import OwnLinks
from identity_core_module_flask.passwords import folded
from identity_core_module_flask.people import People

NOT_LINKED = "Not linked yet: !identity link <platform> <name>."


@dataclass(frozen=True, slots=True)
class Chatting:
    """Sentences about the account that the trigger observed; nothing that was typed says who somebody is."""

    linking: Linking
    own: OwnLinks
    people: People
    portal_url: str
    passes: DeskPasses

    async def whoami(self, invocation: Invocation) -> str:
        """Account, links, role."""
        account = speaker(invocation)
        said = f"{account.name} on {account.platform.capitalize()}"
        own = await self.own.beside(account)
        others = [one.account.place for one in own if one.account.key != account.key]
        linked = f", linked with {', '.join(others)}" if others else ""
        role = invocation.member.role
        here = f" {role.word.capitalize()} in «{invocation.community.name}»." if role > Role.VIEWER else ""
        return f"{said}{linked}.{here}" if others else f"{said}.{here} {NOT_LINKED}"

    def help(self) -> str:
        """The subcommands and the portal."""
        return (
            "!identity status, !identity link <twitch|discord|slack> <name>, !identity unlink <platform>,"
            f" !identity primary <platform>, !identity data, !verify <code>. In the portal: {self.portal_url}/me"
        )

    async def status(self, invocation: Invocation) -> str:
        """Accounts, since when, and what is under way."""
        account = speaker(invocation)
        own = await self.own.beside(account)
        if not own:
            return NOT_LINKED
        said = ", ".join(f"{one.account.place} since {one.verified_at:%Y-%m-%d}" for one in own)
        return f"{said}.{await self._under_way(account)}"

    async def _under_way(self, account: SeenAccount) -> str:
        person_id = await self.own.person_of(account)
        waiting = [
            f" Open request: {request.expected_name or request.platform.capitalize()}, {minutes} min left."
            for request, minutes in await self.own.open_requests(person_id or "")
        ]
        return "".join(waiting)

    async def link(self, invocation: Invocation, platform: str, name: str) -> str:
        """Send a code to the account that is meant."""
        account = _real(speaker(invocation))
        target = await self.linking.begin_in_chat(account, invocation.member.role, platform, name)
        minutes = self.linking.minutes
        return f"I sent a code to {target.name} on {platform.capitalize()}. Answer it there within {minutes} min."

    async def verify(self, invocation: Invocation, code: str, word: str) -> str:
        """What becomes of a code."""
        account = _real(speaker(invocation))
        return await self.linking.verify(account, invocation.channel.key, code, yes=word.lower() == "yes")

    async def confirm(self, invocation: Invocation) -> str:
        """The last word of whoever began."""
        return await self.linking.confirm_in_chat(speaker(invocation))

    async def unlink(self, invocation: Invocation, platform: str, name: str, word: str) -> str:
        """Take an account away, once it was said twice."""
        if name.lower() == "yes" and not word:
            name, word = "", name
        account = speaker(invocation)
        gone = _chosen(await self.own.beside(account), platform, name).account
        if word.lower() != "yes":
            return f"To unlink {gone.place} send: !identity unlink {platform} {gone.login or gone.user_id} yes"
        person_id = await self._person(account)
        await self.own.unlink(person_id, gone)
        return f"Unlinked {gone.place}."

    async def primary(self, invocation: Invocation, platform: str) -> str:
        """Take the person's name from another account."""
        account = speaker(invocation)
        chosen = _chosen(await self.own.beside(account), platform, "").account
        await self.people.rename(await self._person(account), chosen.name[:64])
        return f"Your name here is now taken from {platform.capitalize()}: {chosen.name}."

    async def data(self, invocation: Invocation) -> str:
        """A link to the desk; whoever has a sign-in goes through that, which may need more than this account."""
        account = _real(speaker(invocation))
        person_id = await self.own.person_for(account)
        if await self.own.accounts.signs_in(person_id):
            return f"See, take and erase what is kept about you: sign in at {self.portal_url}/me/data"
        token = await self.passes.link(person_id)
        return f"What is kept about you, for {MINUTES} min and once: {self.portal_url}/data/enter?token={token}"

    async def _person(self, account: SeenAccount) -> str:
        person_id = await self.own.person_of(account)
        if person_id is None:
            raise NotFound(NOT_LINKED)
        return person_id


def speaker(invocation: Invocation) -> SeenAccount:
    """The account that the trigger observed; raises InvalidInput when two platforms are named for it."""
    platform = invocation.event.platform
    account = invocation.member.account
    if invocation.member.platform not in {"", platform}:
        raise InvalidInput("This message does not say clearly whose it is.")
    return SeenAccount(platform, account.user_id, account.login, account.display_name)


def _real(account: SeenAccount) -> SeenAccount:
    if account.platform not in PLATFORMS:
        raise InvalidInput("The people of the playground are made up: they cannot be linked.")
    return account


def _chosen(own: list[OwnAccount], platform: str, name: str) -> OwnAccount:
    wanted = folded(name.removeprefix("@"))
    found = [one for one in own if one.account.platform == platform]
    if wanted:
        found = [
            one
            for one in found
            if wanted in {folded(one.account.login), folded(one.account.display_name), one.account.user_id}
        ]
    if not found:
        raise NotFound(f"You have no such account on {platform.capitalize()}.")
    if len(found) > 1:
        raise Conflict(f"Say which one: {', '.join(one.account.name for one in found)}.")
    return found[0]
