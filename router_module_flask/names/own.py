"""Names that a community has for itself, and which module it chose where several offer the same words."""

from __future__ import annotations

import msgspec

from flask_core.contracts.names import DynamicCommand
from flask_core.datamodels import Argument, ArgumentKind, CommandCard, Event
from flask_core.grammar import bind, tokenize
from router_module_flask.models import FoundCommand, Speaker

_WORDS = (Argument("words", ArgumentKind.REST, required=False),)


class OwnCommand(msgspec.Struct, frozen=True):
    """A command of one community: who answers it, its card, and where and when it is one."""

    module: str
    card: CommandCard
    channels: tuple[str, ...] = ()
    when: str = "always"
    enabled: bool = True

    @classmethod
    def of(cls, module: str, pushed: DynamicCommand) -> OwnCommand:
        """The command that `module` pushed."""
        card = CommandCard(
            path=pushed.name,
            help=pushed.help,
            usage=f"!{pushed.name}",
            role=pushed.role,
            cooldowns=pushed.cooldowns,
            timeout=pushed.timeout,
            arguments=_WORDS,
            platforms=pushed.platforms,
            hidden=pushed.hidden,
        )
        return cls(module, card, pushed.channels, pushed.when, pushed.enabled)

    def in_channel(self, channel: str) -> bool:
        """Whether it works in a channel, as far as that depends on the channel; "" is any."""
        return not channel or not self.channels or channel in self.channels

    def found(self, line: str, prefix: str) -> FoundCommand:
        """The command as `line` (without its prefix) names it; whatever follows is its argument."""
        return FoundCommand(
            self.module,
            self.card,
            self.card.path,
            line,
            bind(self.card, line, tokenize(line)[1:]),
            prefix,
            absent=self.absent,
        )

    def absent(self, event: Event, speaker: Speaker) -> str:
        """Why this is no command here and now, for the trace; "" when it is one."""
        if not self.enabled:
            return "is switched off"
        if self.card.platforms and event.platform not in self.card.platforms:
            return "is not for this platform"
        if self.channels and event.channel not in self.channels:
            return "is not for this channel"
        live = speaker.context.channel.settings.get("live")
        if self.when != "always" and live is not None and live != (self.when == "online"):
            return f"works {self.when} only"
        return ""


class CommunityNames(msgspec.Struct, frozen=True):
    """`own` commands by name; `chosen` modules by group, where "" is none."""

    own: dict[str, OwnCommand] = {}
    chosen: dict[str, str] = {}


NOTHING = CommunityNames()
