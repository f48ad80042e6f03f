"""What discord offers other modules."""

from __future__ import annotations

from discord_module_flask.attached import Attached
from discord_module_flask.feedback.service import Feedbacks
from discord_module_flask.gateway.reconnecting import Reconnecting
from discord_module_flask.health import Health
from discord_module_flask.slash.syncing import Syncing
from flask_core.contracts import discord, discord_feedback, module
from flask_core.delivering import Delivering
from flask_core.errors import NotFound
from flask_core.operations import Caller, Endpoints


def endpoints(
    delivering: Delivering,
    health: Health,
    syncing: Syncing,
    attached: Attached,
    feedback: Feedbacks,
    reconnecting: Reconnecting,
) -> Endpoints:
    """Discord's operations."""
    api = Endpoints()

    @api.offers(module.DELIVER)
    async def deliver(asked: module.Deliveries, _: Caller) -> module.DeliveryResults:
        return module.DeliveryResults(tuple(await delivering.deliver(asked.items)))

    @api.offers(discord.STATUS)
    async def status(asked: discord.OfCommunity, _: Caller) -> discord.Status:
        return await health.status(asked.community_id)

    @api.offers(discord.SYNC)
    async def sync(asked: discord.SyncCommands, _: Caller) -> discord.Synced:
        await attached.refresh(now=True)
        if asked.guild_id not in attached.guilds(asked.community_id):
            raise NotFound("This server is not connected here.")
        commands, changed = await syncing.sync_now(asked.guild_id)
        return discord.Synced(commands, changed)

    @api.offers(discord.RECONNECT)
    async def reconnect(_: discord.Reconnect, caller: Caller) -> None:
        await reconnecting.everywhere(caller.person.person_id)

    @api.offers(discord_feedback.FEEDBACK)
    async def told(asked: discord_feedback.FeedbackOf, _: Caller) -> discord_feedback.FeedbackList:
        return discord_feedback.FeedbackList(tuple(await feedback.repository.of(asked.community_id)))

    return api
