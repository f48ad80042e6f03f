"""The settings of alias: the operator's from the environment, a community's from its document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

from alias_interaction_module_flask.imports.config import ImportConfig
from flask_core.app_factory import module_info
from flask_core.config import Env, ServiceConfig

MODULE = module_info(__file__)

type CooldownSeconds = Annotated[int, Meta(ge=0, le=86_400)]


@dataclass(frozen=True, slots=True)
class SourceKeys:
    """Keys of services outside; a source without its key says that it is not set up."""

    lastfm: str = field(default="", repr=False)
    steam: str = field(default="", repr=False)
    riot: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SourceAddresses:
    """Where services outside are; in Riot's, `{region}` becomes a platform or a continent."""

    weather: str = "https://api.open-meteo.com/v1"
    places: str = "https://geocoding-api.open-meteo.com/v1"
    lastfm: str = "https://ws.audioscrobbler.com/2.0/"
    steam: str = "https://api.steampowered.com"
    riot: str = "https://{region}.api.riotgames.com"


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """`max_commands` are those of one community; `eval_workers` run scripts, 0 for none.

    `fetch_per_minute` addresses are fetched for one community, and as many services with an address of their own asked.
    """

    max_commands: int
    eval_workers: int
    fetch_per_minute: int
    source_keys: SourceKeys
    source_addresses: SourceAddresses
    imports: ImportConfig

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `ALIAS_…` wins over the common name."""
        env = Env("ALIAS", values)
        return cls(
            **cls.common(env, port=MODULE.port, data_name=MODULE.name),
            max_commands=env.integer("MAX_COMMANDS", 500),
            eval_workers=env.integer("EVAL_WORKERS", 2),
            fetch_per_minute=env.integer("FETCH_PER_MINUTE", 30),
            source_keys=SourceKeys(
                env.text("LASTFM_API_KEY", ""), env.text("STEAM_API_KEY", ""), env.text("RIOT_API_KEY", "")
            ),
            source_addresses=_addresses(env),
            imports=ImportConfig.from_env(env),
        )


def _addresses(env: Env) -> SourceAddresses:
    usual = SourceAddresses()
    return SourceAddresses(
        env.text("WEATHER_URL", usual.weather).rstrip("/"),
        env.text("WEATHER_PLACES_URL", usual.places).rstrip("/"),
        env.text("LASTFM_URL", usual.lastfm),
        env.text("STEAM_URL", usual.steam).rstrip("/"),
        env.text("RIOT_URL", usual.riot).rstrip("/"),
    )


class CommunityChoices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a community's admins choose about its own commands."""

    edit_role: Annotated[
        Literal["regular", "vip", "moderator", "admin", "owner"],
        Meta(
            title="Who edits commands",
            description="In the portal. In chat, this and the role of !cmd add under Commands must both allow it",
        ),
    ] = "moderator"
    default_cooldown_channel: Annotated[
        CooldownSeconds, Meta(title="Channel cooldown", description="Seconds, for new commands")
    ] = 5
    default_cooldown_member: Annotated[
        CooldownSeconds, Meta(title="Member cooldown", description="Seconds, for new commands")
    ] = 0
    moderators_pay: Annotated[bool, Meta(title="Moderators pay", description="For commands that cost points")] = False
    time_style: Annotated[Literal["24h", "12h"], Meta(title="Clock", description="How $(time.UTC) writes times")] = (
        "24h"
    )
    eval: Annotated[
        Literal["imported", "on", "off"],
        Meta(title="JavaScript in commands", description="imported: only in commands from another bot"),
    ] = "imported"
    http_hosts: Annotated[
        tuple[Annotated[str, Meta(max_length=253)], ...],
        Meta(max_length=20, title="Hosts without https", description="$(urlfetch) may ask these over http"),
    ] = ()
    public_command_page: Annotated[
        bool, Meta(title="Public command page", description="For everybody, signed in or not")
    ] = True
