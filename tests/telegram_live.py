"""The real bot as a process apart at the stand-in's server of Telegram.

Its people and its group are at hand by name; its clock is moved from outside.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from botapi import Bot, BotApi, Group, Person, Seen
from botapi.execution import Call
from live import FAST, SECRET, Founded, Front, Office, copy_of, until

from handlers.join import GROUP


@dataclass(kw_only=True)
class Life(Office):
    """A bot that lives and dies, and who is around it."""

    api: BotApi
    bot: Bot
    front: Front
    mode: str
    heard: Callable[[Call], None] = lambda _: None

    def person(self, name: str) -> Person:
        return self.api.person(name)

    def calls(self, method: str) -> list[Call]:
        return [c for c in self.api.calls if c.method == method]

    async def starts(self) -> None:
        """Start the bot; return when it listens."""
        known = len(self.api.calls)
        self.runs(self._settings())
        method = "getUpdates" if self.mode == "polling" else "setWebhook"
        await self.listens(lambda: any(c.method == method for c in self.api.calls[known:]))

    async def settles(self) -> None:
        """Return when the bot has taken and done all that there is for it."""
        await until(lambda: not self.bot.updates.waiting(), "the bot has taken all updates")
        await super().settles()

    async def joins(self, person: Person, unit: str, role: str) -> None:
        code = self.invitations[unit, role].removeprefix("/start ")
        await person.opens(self.bot.link(code))

    async def binds(self, title: str, unit: str, *, admin: Person) -> Group:
        """Bind a new group to a unit, with the admin's consent."""
        group = self.api.group(title, owner=admin)
        await admin.adds(self.bot, group)
        await admin.says(group, self.invitations[unit, GROUP])
        await self.settles()
        await admin.taps(self.bot, "Chấp nhận")
        await self.settles()
        return group

    def _settings(self) -> str:
        webhook = (
            f'mode = "webhook"\nwebhook_url = "{self.api.base}/front"\n'
            f'webhook_port = {self.front.port}\nwebhook_secret = "{SECRET}"\n'
        )
        return (
            f'[telegram]\nenabled = true\ntoken = "{self.bot.token}"\n'
            f'api_url = "{self.api.base}"\n{webhook if self.mode == "webhook" else ""}'
        )


@asynccontextmanager
async def life(
    folder: Path, office: Founded, *, mode: str, relay: str = FAST, **server: Any
) -> AsyncIterator[Life]:
    """A copy of the office in an empty folder, whose bot does not run yet; it ends after this.

    Args:
        relay: the section of the settings that says how fast is sent.
        server: as to `BotApi`.
    """
    copy_of(office, folder)
    front = Front()
    api = BotApi(now=lambda: lived.now, hurry=100, **server)
    bot = api.bot("giaoban_bot", name="Giao Ban")
    lived = Life(
        folder=folder,
        invitations=office.invitations,
        relay=relay,
        api=api,
        bot=bot,
        front=front,
        mode=mode,
    )
    api.serves_also([web.post("/front", front.passed_on)])
    api.tells(lambda call: lived.heard(call))
    async with api:
        try:
            yield lived
        finally:
            await lived.ends()


def shown(person: Person, to: Bot | Group) -> list[Seen]:
    """Return what the bot has written, as it stands."""
    return [m for m in person.sees(to) if not m.from_me and not m.event]
