"""The look-ups that twitch offers."""

from __future__ import annotations

from flask_core.contracts import twitch, twitch_lookups
from flask_core.operations import Caller, Endpoints
from twitch_module_flask.lookups.added_emotes import AddedEmotes
from twitch_module_flask.lookups.channels import Channels
from twitch_module_flask.lookups.roles import Roles
from twitch_module_flask.lookups.users import Users


def endpoints(users: Users, channels: Channels, roles: Roles, added: AddedEmotes) -> Endpoints:
    """All of them."""
    api = Endpoints()

    @api.offers(twitch.USER)
    async def user(asked: twitch.UserQuery, _: Caller) -> twitch.UserFacts:
        return await users.find(asked)

    @api.offers(twitch_lookups.CHANNEL)
    async def channel(asked: twitch_lookups.ChannelId, _: Caller) -> twitch_lookups.ChannelFacts:
        return await channels.channel(asked.id)

    @api.offers(twitch_lookups.CLIPS)
    async def clips(asked: twitch_lookups.ClipQuery, _: Caller) -> twitch_lookups.ClipList:
        return await channels.clips(asked)

    @api.offers(twitch_lookups.EMOTES)
    async def emotes(asked: twitch_lookups.EmoteQuery, _: Caller) -> twitch_lookups.EmoteList:
        return await channels.emotes(asked.set)

    @api.offers(twitch_lookups.CHANNEL_EMOTES)
    async def channel_emotes(asked: twitch_lookups.ChannelEmoteQuery, _: Caller) -> twitch_lookups.EmoteList:
        if asked.source == "twitch":
            return await channels.own_emotes(asked.broadcaster_id)
        return await added.of(asked.source, asked.broadcaster_id)

    @api.offers(twitch_lookups.FOLLOW)
    async def follow(asked: twitch_lookups.FollowQuery, _: Caller) -> twitch_lookups.FollowFacts:
        return await roles.follow(asked)

    @api.offers(twitch_lookups.ROLES)
    async def role(asked: twitch_lookups.RoleQuery, _: Caller) -> twitch_lookups.RoleFacts:
        return await roles.role(asked)

    @api.offers(twitch_lookups.HOLDERS)
    async def holders(asked: twitch_lookups.HolderQuery, _: Caller) -> twitch_lookups.HolderList:
        return await roles.holders(asked)

    return api
