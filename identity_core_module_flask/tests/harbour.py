"""Identity beside small platforms of our own, and people who go there and come back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from flask_core.contracts import identity, oauth
from flask_core.database import AsyncDAL
from flask_core.operations import Acting
from flask_core.testing import fake_discord, fake_slack, fake_twitch
from flask_core.testing.fake_discord import FakeDiscord, FakeMember
from flask_core.testing.fake_slack import FakeSlack
from flask_core.testing.fake_twitch import FakeTwitch
from flask_core.testing.installation import environment
from identity_core_module_flask.config import Config
from identity_core_module_flask.tests.conftest import FIREFOX, FOLDER, House

PORTAL = "https://bot.example"
HERS, HIS = "what only Ann's browser has", "what only Eve's browser has"
PLATFORMS = ("twitch", "discord", "slack")


@dataclass
class Harbour:
    """`house` is identity; everybody goes by the names of the fakes' people."""

    house: House
    twitch: FakeTwitch
    discord: FakeDiscord
    slack: FakeSlack

    def acting(self, person_id: str) -> Acting:
        """Somebody who is signed in."""
        return Acting(person_id, datetime.now(UTC))

    async def set_out(self, platform: str, person_id: str = "", *, binding: str = HERS, back: str = "/me") -> str:
        """The address at the platform: to sign in, or to link for a person."""
        asked = oauth.StartOAuth(platform, binding, "link" if person_id else "login", back, FIREFOX)
        return await self.house.made.platforms.start(asked, self.acting(person_id) if person_id else None)

    def at_the_platform(self, url: str, name: str, email: str = "", *, answer: str = "yes") -> str:
        """Where `name` is sent back to by the platform of that address."""
        platform = urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0]).path.split("/")[2]
        if platform == "twitch":
            forced = "force_verify" in url
            return self.twitch.go(url, self.twitch.add_user(f"1{name}", name, email), answer=answer, forced=forced)
        if platform == "discord":
            self.discord.emails[f"2{name}"] = email
            return self.discord.go(url, FakeMember(f"2{name}", name), answer=answer)
        team = self.slack.workspaces["T1"]
        return self.slack.openid.go(url, team, team.add_member(f"U{name}", name), email=email, answer=answer)

    async def come_back(
        self, path: str, person_id: str = "", *, binding: str = HERS, platform: str = ""
    ) -> oauth.FinishedOAuth:
        """The browser arrives at our path."""
        parts = urlsplit(path)
        given = {key: values[0] for key, values in parse_qs(parts.query).items()}
        asked = oauth.FinishOAuth(
            platform or parts.path.split("/")[2], given["state"], binding, given.get("code", ""),
            given.get("error", ""), FIREFOX,
        )  # fmt: skip
        return await self.house.made.platforms.finish(asked, self.acting(person_id) if person_id else None)

    async def sign_in(self, platform: str, name: str, email: str = "") -> identity.NewSession:
        """There and back again."""
        done = await self.come_back(self.at_the_platform(await self.set_out(platform), name, email))
        assert done.session is not None
        return done.session

    async def link(self, person_id: str, platform: str, name: str) -> oauth.FinishedOAuth:
        """There and back again, for somebody who is signed in."""
        return await self.come_back(self.at_the_platform(await self.set_out(platform, person_id), name), person_id)

    async def people(self) -> int:
        """How many there are."""
        return int(await self.house.database.read(lambda tx: tx.value("SELECT count(*) FROM persons")))

    async def accounts(self, person_id: str) -> list[str]:
        """A person's accounts as one sees them."""
        found = await self.house.own.overview(person_id)
        return [f"{one.platform}:{one.user_id}" for one in found.accounts]


@asynccontextmanager
async def open_harbour(make_database: Callable[[Path], AsyncDAL], **more: str) -> AsyncIterator[Harbour]:
    """All three platforms are set up; `more` are settings."""
    async with AsyncExitStack() as stack:
        twitch = await stack.enter_async_context(fake_twitch.running_twitch())
        discord = await stack.enter_async_context(fake_discord.running_discord())
        slack = await stack.enter_async_context(fake_slack.running_slack())
        slack.add_workspace("T1", "Pond")
        settings = {
            "PUBLIC_URL": PORTAL, "TWITCH_OAUTH_CLIENT_ID": fake_twitch.CLIENT_ID,
            "TWITCH_OAUTH_CLIENT_SECRET": fake_twitch.CLIENT_SECRET, "TWITCH_AUTH_URL": f"{twitch.url}/oauth2",
            "TWITCH_API_URL": f"{twitch.url}/helix", "DISCORD_OAUTH_CLIENT_ID": fake_discord.APPLICATION_ID,
            "DISCORD_OAUTH_CLIENT_SECRET": fake_discord.CLIENT_SECRET, "DISCORD_API_URL": discord.url,
            "SLACK_OAUTH_CLIENT_ID": fake_slack.CLIENT_ID, "SLACK_OAUTH_CLIENT_SECRET": fake_slack.CLIENT_SECRET,
            "SLACK_API_URL": slack.api_url, "SLACK_OPENID_URL": f"{slack.url}/openid/connect", **more,
        }  # fmt: skip
        config = Config.from_env({**environment("sqlite:///unused.db"), **settings})
        house = House(make_database(FOLDER), config=config)
        slack.openid.clock = house.seconds
        stack.push_async_callback(house.auth.close)
        stack.push_async_callback(house.http.close)
        yield Harbour(house, twitch, discord, slack)
