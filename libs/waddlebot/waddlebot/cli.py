"""The command line: `waddlebot up`, `chat`, `check`, `render`, `migrate`, `backup`, `restore`, `doctor` and more."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from flask_core import local_secrets
from flask_core.config import ConfigError
from waddlebot import checks, rendering, tree

app = typer.Typer(no_args_is_help=True, add_completion=False, help="One bot for Twitch, Discord and Slack.")
console = Console(highlight=False)

DataFolder = Annotated[Path, typer.Option("--data", help="Where this installation keeps its files.")]
_DATA = Path("data")


@app.command()
def up(data: DataFolder = _DATA) -> None:
    """Bring up every module in this process and print where to go."""
    from waddlebot import all_in_one  # noqa: PLC0415 - loading all modules is what takes time

    local_secrets.into_environment(data)
    os.environ.setdefault("LOG_DIR", str(data / "logs"))
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    for name, value in all_in_one.own_addresses(tree.modules(), os.environ).items():
        os.environ.setdefault(name, value)
    all_in_one.configure_logging()
    try:
        if asyncio.run(all_in_one.run_all(tree.modules(), console.print)):
            # Modules are made once per process, and remember what was before.
            os.execv(sys.executable, [sys.executable, "-m", "waddlebot", "up", "--data", str(data)])  # noqa: S606
    except (ConfigError, all_in_one.ModuleFailed) as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from error


@app.command()
def chat(
    data: DataFolder = _DATA,
    once: Annotated[str, typer.Option(help="Say one line, print the replies and end.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print actions and trace as JSON.")] = False,
    url: Annotated[str, typer.Option(help="Another installation's portal; needs WADDLEBOT_API_KEY.")] = "",
) -> None:
    """Talk to the bot from the terminal, as anybody you like."""
    from waddlebot.terminal import session  # noqa: PLC0415 - only needed here

    portal = next(info for info in tree.modules() if info.name == "portal")
    raise typer.Exit(session.chat(portal, data, url, os.environ, once=once, json=as_json))


@app.command()
def check(only: Annotated[list[str] | None, typer.Argument(help="Names of checks; all without.")] = None) -> None:
    """Look whether the tree is as it should be; each failure says what to run."""
    raise typer.Exit(checks.run(tree.root(), only or [], console))


@app.command("new-module")
def new_module(name: Annotated[str, typer.Argument(help="Such as karma_interaction.")]) -> None:
    """Make a working module with its test."""
    from waddlebot import scaffold  # noqa: PLC0415 - only needed here

    folder = scaffold.make(tree.root(), name)
    rendering.render(tree.root())
    console.print(f"Made {folder.name}. Try: python -m pytest {folder.name}", soft_wrap=True)
    if not (folder / "requirements.txt").exists():
        console.print("No other module needs the same packages. Run: make lock")


@app.command()
def render() -> None:
    """Write everything that is derived from the modules: compose, settings, docs."""
    for path in rendering.render(tree.root()):
        console.print(f"wrote {path}")


@app.command()
def migrate(
    data: DataFolder = _DATA,
    drift: Annotated[bool, typer.Option("--drift", help="Only tell how tables differ from the steps.")] = False,
) -> None:
    """Bring every module's tables up to date."""
    from waddlebot import migrating  # noqa: PLC0415 - loads every module's settings

    local_secrets.into_environment(data)
    raise typer.Exit(migrating.run(tree.modules(), only_drift=drift, say=console.print))


@app.command()
def backup(data: DataFolder = _DATA) -> None:
    """Back everything up into one sealed file, also while WaddleBot runs."""
    from waddlebot import backing_up  # noqa: PLC0415 - loading all modules is what takes time

    passphrase = _passphrase(twice=True)
    local_secrets.into_environment(data)
    raise typer.Exit(asyncio.run(backing_up.back_up(tree.modules(), passphrase, _say)))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup.", exists=True, dir_okay=False)], data: DataFolder = _DATA
) -> None:
    """Put a backup in place of what is there; stop WaddleBot before."""
    from waddlebot import backing_up  # noqa: PLC0415 - loading all modules is what takes time

    passphrase = _passphrase(twice=False)
    raise typer.Exit(backing_up.restore(tree.modules(), data, file, passphrase, _say))


def _passphrase(*, twice: bool) -> str:
    known: str = os.environ.get("BACKUP_PASSPHRASE") or typer.prompt(
        "Passphrase", hide_input=True, confirmation_prompt=twice
    )
    return known


def _say(line: str) -> None:
    console.print(line, markup=False, soft_wrap=True)


@app.command()
def doctor(data: DataFolder = _DATA) -> None:
    """Tell what would keep this machine from running WaddleBot, and how to mend it."""
    from waddlebot import diagnosis  # noqa: PLC0415 - only needed here

    raise typer.Exit(diagnosis.run(tree.modules(), data, console.print))


@app.command("modules")
def list_modules(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the modules, for people or for a workflow's matrix."""
    infos = tree.modules()
    if as_json:
        json.dump([{"name": i.name, "folder": i.folder.name, "port": i.port} for i in infos], sys.stdout)
        return
    for info in infos:
        console.print(f"{info.port}  {info.name:<16} {info.kind:<12} {info.description}")
