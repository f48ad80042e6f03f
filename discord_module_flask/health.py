"""The tile: what is connected, what is missing where, and how the bot is invited."""

from __future__ import annotations

from urllib.parse import urlencode

from discord_module_flask.attached import Attached
from discord_module_flask.gateway.intents import OFF, Intents
from discord_module_flask.gateway.shards import KIND, Shards
from discord_module_flask.places import NEEDED, Guild
from discord_module_flask.receiving import Receiver
from discord_module_flask.rest import Rest
from discord_module_flask.servers.known import KnownGuilds
from discord_module_flask.servers.proof_repository import ProofRepository
from discord_module_flask.slash.repository import Synced, SyncRepository
from flask_core.contracts import discord as contract
from flask_core.handover import Handover

AUTHORIZE = "https://discord.com/oauth2/authorize"


class Health:
    """`lacks` is what the operator has to set first."""

    def __init__(
        self,
        rest: Rest,
        shards: Shards,
        intents: Intents,
        guilds: KnownGuilds,
        attached: Attached,
        syncs: SyncRepository,
        handover: Handover,
        receiver: Receiver,
        *,
        proofs: ProofRepository,
        lacks: str,
        application_id: str,
        can_prove: bool,
    ) -> None:
        self._rest = rest
        self._shards = shards
        self._intents = intents
        self._guilds = guilds
        self._proofs = proofs
        self._attached = attached
        self._syncs = syncs
        self._handover = handover
        self._receiver = receiver
        self._lacks = lacks
        self._application_id = application_id
        self._can_prove = can_prove

    async def status(self, community_id: int) -> contract.Status:
        """For a community, or for the installation (0)."""
        await self._attached.refresh(now=True)
        attached = self._attached.guilds(community_id)
        proved = await self._proofs.guilds(community_id) if community_id else set[str]()
        known = await (self._guilds.some({*attached, *proved}) if community_id else self._guilds.all())
        synced = await self._syncs.all()
        shards = tuple(self._shard(name) for name in sorted(self._shards.lines))
        trouble = self._lacks or next((one.reason for one in shards if not one.up), "")
        return contract.Status(
            connected=bool(shards) and all(one.up for one in shards),
            shards=shards,
            guilds=tuple(_guild(one, attached.get(one.id, []), synced.get(one.id)) for one in known[:100]),
            guild_count=len(known),
            invite_url=self.invite_url(),
            reason=trouble,
            off=tuple(OFF[name] for name in sorted(self._intents.refused)),
            spooled=await self._handover.waiting(),
            refused=await self._rest.refused_lately(),
            can_connect=not self._lacks,
            can_prove=self._can_prove,
            last_event_at=self._receiver.last_event_at,
        )

    def invite_url(self) -> str:
        """The link with exactly the permissions that the bot uses; "" while it is not known who the bot is."""
        application = self._application_id or self._receiver.bot_id
        if self._lacks or not application:
            return ""
        wanted = sum(NEEDED.values())
        asked = {"client_id": application, "scope": "bot applications.commands", "permissions": str(wanted)}
        return f"{AUTHORIZE}?{urlencode(asked)}"

    def shard_of(self, guild_id: str) -> str:
        """Which shard hears a guild, and how quickly Discord answers it, in words."""
        number = (int(guild_id) >> 22) % max(1, self._shards.count)
        line = self._shards.lines.get(f"{KIND}:{number}")
        if line is None or line.latency is None:
            return (
                f"Shard {number} of {self._shards.count}, held by another replica"
                if line is None
                else f"Shard {number}"
            )
        return f"Shard {number} of {self._shards.count}, {line.latency * 1000:.0f} ms"

    def _shard(self, name: str) -> contract.ShardHealth:
        line = self._shards.lines[name]
        latency = line.latency * 1000 if line.latency is not None else None
        return contract.ShardHealth(int(name.removeprefix(f"{KIND}:")), line.up, latency, line.trouble)


def _guild(guild: Guild, channels: list[str], synced: Synced | None) -> contract.GuildHealth:
    return contract.GuildHealth(
        guild.id, guild.name, guild.members, len(channels), tuple(guild.missing),
        synced.commands if synced else 0, synced.at if synced else None,
    )  # fmt: skip
