"""Phrases what `!community …` answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from community_module_flask.bans import Bans
from community_module_flask.communities import Communities
from community_module_flask.ending_chatting import EndingChatting
from community_module_flask.finding import Finding, is_called
from community_module_flask.joining_in_chat import JoiningInChat
from community_module_flask.members import Members
from community_module_flask.models import Founder
from community_module_flask.rank import in_whole_community
from community_module_flask.servers import Servers
from flask_core.contracts.community import AttachChannel, Ban, Community, CreateCommunity, ListMembers, PatchCommunity
from flask_core.contracts.community_servers import Server
from flask_core.datamodels import ChannelKey, GivenMember, MemberRef, Platform, Role
from flask_core.errors import Forbidden, InvalidInput, NotFound, ServiceError
from flask_core.when_told import in_words

_PER_PAGE = 10


class Chatting:
    """One sentence per request; the acting member is always the one that the router resolved."""

    def __init__(
        self,
        communities: Communities,
        members: Members,
        bans: Bans,
        servers: Servers,
        joining: JoiningInChat,
        ending: EndingChatting,
        finding: Finding,
    ) -> None:
        self.joining = joining
        self.ending = ending
        self._servers = servers
        self._communities = communities
        self._finding = finding
        self._members = members
        self._bans = bans

    async def list_own(self, member: MemberRef) -> str:
        """The speaker's communities."""
        own = await self._communities.of_account(member.platform, member.account.user_id)
        if not own:
            return "You are in no community yet. Create one: !community create <name>"
        return ", ".join(f"#{c.id} {c.name} ({(c.role or Role.VIEWER).word}), {_counts(c)}" for c in own[:5])

    async def info(self, community_id: int, member: MemberRef, name: str | None = None) -> str:
        """Description, counts and ways of joining."""
        found = (
            await self._communities.show(community_id, None) if not name else await self._finding.visible(member, name)
        )
        about = f" {found.description}" if found.description else ""
        return f"«{found.name}» (#{found.id}): {_counts(found)}.{about} Joining: {found.join_mode}."

    async def create(self, member: MemberRef, channel: str, name: str) -> str:
        """A community of the speaker's, with this channel when the platform shows it as theirs."""
        if member.platform == Platform.CONSOLE:
            raise Forbidden("The people of the playground are made up. Make communities in the portal.")
        founder = Founder(member.name, member.person_id, member.platform, member.account)
        made = await self._communities.create(CreateCommunity(name.strip()), founder)
        try:
            await self._communities.prove_control(channel, member.account.platform_role)
            await self._communities.attach(AttachChannel(made.id, channel), founder.actor)
        except ServiceError as refusal:
            return f"Created «{made.name}» (#{made.id}). You are its owner. Not attached here: {refusal.message}"
        return f"Created «{made.name}» (#{made.id}) and attached this channel. You are its owner."

    async def attach(self, member: MemberRef, channel: str, name: str) -> str:
        """Attach this channel to a community where the speaker is admin."""
        found = await self._home(member, channel, name)
        await self._communities.attach(AttachChannel(found.id, channel), member.person_id or member.id)
        return f"This channel belongs to «{found.name}» now."

    async def attach_server(self, member: MemberRef, channel: str, name: str) -> str:
        """Attach all of this server to a community where the speaker is admin."""
        key = ChannelKey.parse(channel)
        if key.platform not in (Platform.DISCORD, Platform.SLACK) or key.direct:
            raise InvalidInput("Only a whole Discord server or Slack workspace can be attached so.")
        found = await self._home(member, channel, name)
        await self._servers.attach(Server(key.platform, key.server_id, found.id), member.person_id or member.id)
        return (
            f"This server belongs to «{found.name}» now, with every channel that is not attached by itself."
            " I speak unasked, as with timers, only where a channel is."
        )

    async def _home(self, member: MemberRef, channel: str, name: str) -> Community:
        """The community that the speaker may attach this place to."""
        await self._communities.prove_control(channel, member.account.platform_role)
        for found in await self._finding.own(member):
            if is_called(found, name):
                if (found.role or Role.VIEWER) < Role.ADMIN:
                    raise Forbidden(f"Only admins of «{found.name}» can attach channels.")
                return found
        raise NotFound("You are in no community of that name.")

    async def change(self, community_id: int, actor: MemberRef, what: str, value: str) -> str:
        """Change a text of the community, or who may come in."""
        found = await self._communities.show(community_id, None)
        fields: dict[str, Any] = {what: value.strip()}
        if what == "join":
            fields = {"join_mode": _one_of(value, {word: word for word in ("open", "approval", "invite")})}
        elif what == "public":
            fields = {"public": _one_of(value, {"yes": True, "on": True, "no": False, "off": False})}
        elif what == "timezone":
            fields = {"time_zone": value.strip()}
        changed = await self._communities.patch(PatchCommunity(community_id, found.version, **fields), actor.id)
        return f"{what.capitalize()} is now: {_shown(changed, next(iter(fields)))}."

    async def channels(self, community_id: int) -> str:
        """Attached channels and whole servers by platform."""
        attached = await self._communities.channels(community_id)
        servers = [
            f"{s.name or s.server_id} ({s.platform}, whole server)" for s in await self._servers.of(community_id)
        ]
        said = [*servers, *(f"{c.name or c.key} ({c.key.partition(':')[0]})" for c in attached)]
        return ", ".join(said) or "No channel yet."

    async def list_members(self, community_id: int, member: MemberRef, page: int) -> str:
        """Ten names a page with their roles, for members."""
        await self._members.check_in(community_id, member.id)
        asked = ListMembers(community_id, status="active", page=page, per_page=_PER_PAGE)
        found = await self._members.page(asked, with_ids=False)
        names = ", ".join(f"{m.name} ({m.role.word})" if m.role else m.name for m in found.items)
        return f"{names or 'Nobody'} (page {found.page}/{max(1, -(-found.total // _PER_PAGE))})"

    async def set_role(self, community_id: int, actor: MemberRef, given: GivenMember, role: str) -> str:
        """Assign a role."""
        target = await self._members.named(community_id, given.user_id or given.name)
        changed = await self._members.set_role(
            community_id, target.id, Role.named(role), actor.assigned_role, actor.id
        )  # fmt: skip
        return f"{changed.name} is {changed.role.word} now."

    async def ban(
        self, community_id: int, actor: MemberRef, given: GivenMember, time: timedelta | None, reason: str
    ) -> str:
        """Ban a member."""
        target = await self._members.named(community_id, given.user_id or given.name)
        seconds = int(time.total_seconds()) if time else 0
        banned = await self._bans.ban(
            Ban(community_id, target.id, reason, seconds),
            in_whole_community(actor.role, actor.assigned_role),
            actor.id,
        )
        return f"{banned.name} is banned{f' for {in_words(time)}' if time else ''} in the whole community."

    async def unban(self, community_id: int, actor: MemberRef, given: GivenMember) -> str:
        """Lift a ban."""
        target = await self._members.named(community_id, given.user_id or given.name)
        member = await self._bans.unban(community_id, target.id, actor.id)
        return f"{member.name} may come back."


def _one_of[V](value: str, choices: dict[str, V]) -> V:
    if value.strip().lower() not in choices:
        raise InvalidInput(f"Write one of these: {', '.join(choices)}.")
    return choices[value.strip().lower()]


def _shown(community: Community, field: str) -> str:
    value = getattr(community, field)
    return value if isinstance(value, str) else "yes" if value else "no"


def _counts(community: Community) -> str:
    return f"{community.members} members, {community.channels} channels"
