"""Commands declared once: the signature is the grammar, the docstring the help, the decorator the policy."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from flask_core.datamodels import (
    Argument,
    ArgumentKind,
    CommandCard,
    Cooldowns,
    GivenMember,
    Invocation,
    MemberRef,
    Platform,
    Reply,
    Role,
    Trigger,
)
from flask_core.errors import NotFound

MAX_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class After:
    """`Annotated[str | None, After("by")]`: the argument begins behind this word."""

    word: str


@dataclass(frozen=True, slots=True)
class Flag:
    """`Annotated[int | None, Flag()]`: the argument is written `--name value`."""


type Rest = Annotated[str, ArgumentKind.REST]
"""The rest of the line, spaces and all."""


@dataclass(frozen=True, slots=True)
class Call[S]:
    """What a command handler gets: the module's service and the invocation."""

    service: S
    invocation: Invocation

    @property
    def community(self) -> int:
        """The id of the community in which the command was typed."""
        return self.invocation.community.id

    @property
    def member(self) -> MemberRef:
        """Who typed it."""
        return self.invocation.member

    @property
    def channel(self) -> str:
        """The key of the channel in which it was typed."""
        return self.invocation.channel.key


type CommandHandler = Callable[..., Awaitable[Reply]]
type ReplyHandler = Callable[[Call[Any], str], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Command:
    """A card and the coroutine behind it."""

    card: CommandCard
    run: CommandHandler
    converts: dict[str, Callable[[Any], Any]]

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        """The JSON values of an invocation as the Python values of the signature."""
        return {name: self.converts[name](value) if name in self.converts else value for name, value in given.items()}


def per_member(*, seconds: float) -> Cooldowns:
    """One use per member in `seconds`."""
    return Cooldowns(member=seconds)


def per_channel(*, seconds: float, member: float = 0) -> Cooldowns:
    """One use per channel in `seconds`, and per member in `member` seconds."""
    return Cooldowns(channel=seconds, member=member)


class CommandGroup:
    """All commands of one module."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.commands: dict[str, Command] = {}
        self._replies: dict[str, ReplyHandler] = {}

    def command(
        self,
        path: str,
        *,
        aliases: tuple[str, ...] = (),
        role: Role = Role.VIEWER,
        or_label: str = "",
        scope: Literal["channel", "community"] = "channel",
        cooldown: Cooldowns | None = None,
        timeout: float = 5,
        group: str = "",
        platforms: tuple[Platform, ...] = (),
        usage: str = "",
        hidden: bool = False,
    ) -> Callable[[CommandHandler], CommandHandler]:
        """Declare `path` (and whole-path `aliases`); a signature that no line can fill fails at import."""

        def register(handler: CommandHandler) -> CommandHandler:
            if not handler.__doc__:
                raise TypeError(f"!{path} needs a docstring: it is the help text")
            arguments, converts = _read_signature(handler)
            card = CommandCard(
                path=path,
                help=inspect.cleandoc(handler.__doc__).splitlines()[0],
                usage=usage or _usage(path, arguments),
                aliases=aliases,
                role=role,
                or_label=or_label,
                scope=scope,
                cooldowns=cooldown,
                timeout=min(timeout, MAX_TIMEOUT),
                arguments=arguments,
                group=group,
                platforms=platforms,
                hidden=hidden,
            )
            self._add(Command(card, handler, converts))
            return handler

        return register

    def reply(self, path: str) -> Callable[[ReplyHandler], ReplyHandler]:
        """Declare what happens with the line that the command `path` waited for: `async def handler(call, line)`."""

        if path not in self.commands:
            raise ValueError(f"!{path} has to be declared before what it waits for")

        def register(handler: ReplyHandler) -> ReplyHandler:
            self._replies[path] = handler
            return handler

        return register

    def _add(self, command: Command) -> None:
        taken = {word for known in self.commands.values() for word in (known.card.path, *known.card.aliases)}
        for word in (command.card.path, *command.card.aliases):
            if word in taken:
                raise ValueError(f"!{word} is declared twice")
        self.commands[command.card.path] = command

    def cards(self) -> tuple[CommandCard, ...]:
        """What the manifest says about every command."""
        return tuple(command.card for command in self.commands.values())

    async def run(self, service: object, invocation: Invocation) -> Reply:
        """Run the command that the invocation names; raises NotFound for one we never declared."""
        command = self.commands.get(invocation.command)
        if command is None:
            raise NotFound(f"There is no command !{invocation.command} here.")
        call: Call[Any] = Call(service, invocation)
        if invocation.trigger is Trigger.REPLY:
            waits = self._replies.get(invocation.command)
            if waits is None:
                raise NotFound(f"!{invocation.command} waits for nothing.")
            return await waits(call, invocation.text)
        return await command.run(call, **command.arguments(invocation.arguments))


_KINDS: dict[object, ArgumentKind] = {
    str: ArgumentKind.WORD,
    int: ArgumentKind.INTEGER,
    float: ArgumentKind.DECIMAL,
    bool: ArgumentKind.BOOLEAN,
    timedelta: ArgumentKind.DURATION,
    GivenMember: ArgumentKind.MEMBER,
}

_CONVERTERS: dict[ArgumentKind, Callable[[Any], Any]] = {
    ArgumentKind.DURATION: lambda seconds: timedelta(seconds=seconds),
    ArgumentKind.MEMBER: lambda fields: msgspec.convert(fields, GivenMember),
}


def _read_signature(handler: CommandHandler) -> tuple[tuple[Argument, ...], dict[str, Callable[[Any], Any]]]:
    hints = typing.get_type_hints(handler, include_extras=True)
    arguments: list[Argument] = []
    converts: dict[str, Callable[[Any], Any]] = {}
    for parameter in list(inspect.signature(handler).parameters.values())[1:]:
        argument = _argument(handler, parameter, hints[parameter.name])
        arguments.append(argument)
        if argument.kind in _CONVERTERS:
            converts[argument.name] = _CONVERTERS[argument.kind]
    return tuple(arguments), converts


def _argument(handler: CommandHandler, parameter: inspect.Parameter, hint: Any) -> Argument:
    plain, notes = _unwrap(hint)
    required = parameter.default is inspect.Parameter.empty
    kind = next((note for note in notes if isinstance(note, ArgumentKind)), None)
    after = next((note.word for note in notes if isinstance(note, After)), "")
    flag = any(isinstance(note, Flag) for note in notes)
    if get_origin(plain) is Literal:
        return Argument(parameter.name, ArgumentKind.CHOICE, required, after, get_args(plain), flag)
    kind = kind or _KINDS.get(plain)
    if kind is None:
        raise TypeError(f"{handler.__qualname__}: no line can fill {parameter.name}: {plain!r}")
    return Argument(parameter.name, kind, required, after, (), flag)


def _unwrap(hint: Any) -> tuple[Any, list[Any]]:
    """The bare type and all notes of a hint such as `Annotated[Rest | None, After("by")]`."""
    notes: list[Any] = []
    while True:
        if isinstance(hint, typing.TypeAliasType):
            hint = hint.__value__
        elif get_origin(hint) is Annotated:
            notes.extend(hint.__metadata__)
            hint = get_args(hint)[0]
        elif len(parts := _alternatives(hint)) == 1:
            hint = parts[0]
        else:
            return hint, notes


def _alternatives(hint: Any) -> list[Any]:
    """What `X | None` is besides None; nothing for a hint that is no union."""
    if get_origin(hint) not in (types.UnionType, typing.Union):
        return []
    return [part for part in get_args(hint) if part is not type(None)]


def _usage(path: str, arguments: tuple[Argument, ...]) -> str:
    words = [f"!{path}"]
    for argument in arguments:
        shown = "|".join(argument.choices) or argument.name.replace("_", " ")
        if argument.flag:
            shown = f"--{argument.name} {shown}"
        elif argument.after:
            shown = f"{argument.after} {shown}"
        words.append(f"<{shown}>" if argument.required else f"[{shown}]")
    return " ".join(words)
