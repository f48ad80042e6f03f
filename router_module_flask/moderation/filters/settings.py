"""How a filter is set, checked, and turned into what looks at lines."""

from __future__ import annotations

from typing import Any

import msgspec

from flask_core.contracts.filters import PutFilter
from flask_core.datamodels import ChannelKey, Event, Platform, Role
from flask_core.errors import InvalidInput
from router_module_flask.models import Speaker
from router_module_flask.moderation.filters import ladder
from router_module_flask.moderation.filters.kinds import Kind
from router_module_flask.moderation.filters.line import Check

LONGEST_MESSAGE = 300
_MOST_CHANNELS, _LONGEST_LABEL = 100, 100
_PLATFORMS = frozenset(Platform)


class FilterSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """The document that is kept; what is missing is as it comes. `values` are those of the filter's own struct."""

    enabled: bool = False
    channels: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    exempt_role: str = "moderator"
    exempt_label: str | None = None
    ladder: tuple[str, ...] = ladder.USUAL
    message: str = ""
    silent: bool = False
    values: dict[str, Any] = {}


class Active(msgspec.Struct, frozen=True):
    """A filter that is on, ready to look."""

    kind: Kind
    settings: FilterSettings
    check: Check
    exempt_role: Role
    exempt_label: str

    def concerns(self, event: Event, speaker: Speaker) -> bool:
        """Whether it watches this speaker there."""
        settings = self.settings
        if speaker.role >= self.exempt_role:
            return False
        if settings.channels and event.channel not in settings.channels:
            return False
        if settings.platforms and event.platform not in settings.platforms:
            return False
        member = speaker.context.member
        return not (self.exempt_label and member is not None and self.exempt_label in member.labels)


def active(kind: Kind, settings: FilterSettings) -> Active:
    """The filter as it is set."""
    return Active(
        kind,
        settings,
        kind.check(values_of(kind, settings)),
        Role.named(settings.exempt_role),
        label_of(kind, settings),
    )


def label_of(kind: Kind, settings: FilterSettings) -> str:
    """The label whose members are left alone; empty for none."""
    return kind.exempt_label if settings.exempt_label is None else settings.exempt_label


def values_of(kind: Kind, settings: FilterSettings) -> msgspec.Struct:
    """The filter's own values. One that another version wrote and this one does not know is as it comes."""
    known = {name: value for name, value in settings.values.items() if _fits(kind, name, value)}
    return msgspec.convert(known, kind.values)


def _fits(kind: Kind, name: str, value: Any) -> bool:
    try:
        msgspec.convert({name: value}, kind.values)
    except msgspec.ValidationError:
        return False
    return True


def changed(kind: Kind, settings: FilterSettings, asked: PutFilter) -> FilterSettings:
    """The settings with what was asked for; raises InvalidInput naming the field."""
    given = {
        name: value
        for name in ("enabled", "channels", "platforms", "exempt_role", "exempt_label", "ladder", "message", "silent")
        if (value := getattr(asked, name)) is not None
    }
    values = {**msgspec.to_builtins(values_of(kind, settings)), **asked.values}
    try:
        given["values"] = msgspec.to_builtins(msgspec.convert(values, kind.values))
    except msgspec.ValidationError as error:
        raise InvalidInput("The filter cannot be set like that.", problem=str(error)) from None
    return _checked(msgspec.structs.replace(settings, **given))


def _checked(settings: FilterSettings) -> FilterSettings:
    if len(settings.channels) > _MOST_CHANNELS:
        raise InvalidInput(f"Name at most {_MOST_CHANNELS} channels.", field="channels")
    for channel in settings.channels:
        ChannelKey.parse(channel)
    if not _PLATFORMS.issuperset(settings.platforms):
        raise InvalidInput(f"Platforms are {', '.join(Platform)}.", field="platforms")
    if Role.named(settings.exempt_role) is Role.VIEWER:
        raise InvalidInput("Were viewers exempt, nobody would be left. Choose a higher role.", field="exempt_role")
    if len(settings.message) > LONGEST_MESSAGE:
        raise InvalidInput(f"Write at most {LONGEST_MESSAGE} characters.", field="message")
    if len(settings.exempt_label or "") > _LONGEST_LABEL:
        raise InvalidInput(f"A label has at most {_LONGEST_LABEL} characters.", field="exempt_label")
    return msgspec.structs.replace(settings, ladder=ladder.checked(settings.ladder))
