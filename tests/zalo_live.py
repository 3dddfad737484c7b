"""The real bot as a process apart at the stand-in's server of Zalo, with two bots of the platform.

Its people and its group are at hand by name; its clock is moved from outside.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from live import SECRET, Founded, Front, Office, copy_of, until
from zaloapi import Bot, Call, Group, Person, ZaloApi

from handlers.join import GROUP
from storage.database import Database
from storage.health import Unsure, unsure

COMMITTEE = "Ban Chỉ đạo"
_GRACE = 0.5  # seconds: on a busy machine a poll follows the one before it no sooner


@dataclass(kw_only=True)
class Life(Office):
    """A bot that lives and dies, and who is around it.

    Attributes:
        first, second: bots of the platform; only the first is in the group.
        at: with which of them a person speaks.
        silent: those that get no updates now.
    """

    api: ZaloApi
    first: Bot
    second: Bot
    group: Group
    front: Front
    mode: str
    at: Mapping[str, str]
    silent: set[Bot] = field(default_factory=set)
    heard: Callable[[Call], None] = lambda _: None

    @property
    def bots(self) -> tuple[Bot, Bot]:
        return self.first, self.second

    def person(self, name: str) -> Person:
        return self.api.person(name)

    def bot_of(self, name: str) -> Bot:
        return self.second if self.at[name] == "second" else self.first

    def chat_of(self, name: str) -> str:
        """Return the id of a person's chat, as the bot knows it."""
        return self.bot_of(name).chat_of(self.person(name))

    async def says(self, name: str, text: str) -> bool:
        """Let a person write to their bot; return whether it heard."""
        return await self.person(name).says(self.bot_of(name), text)

    def screen(self, name: str) -> list[str]:
        """Return what a person was shown by either bot, or the group by its own."""
        if name == COMMITTEE:
            return [post.text for post in self.group.chat.posts if post.sender is self.first]
        person = self.person(name)
        return [s.text for bot in self.bots for s in person.sees(bot) if not s.from_me]

    def calls(self, method: str, bot: Bot | None = None) -> list[Call]:
        """Return the calls of a method so far, of one bot or of both."""
        return [
            c for c in self.api.calls if c.method == method and bot in (None, self._called_by(c))
        ]

    def _called_by(self, call: Call) -> Bot:
        return self.first if call.bot_number == self.first.number else self.second

    async def starts(self) -> None:
        """Start the bot; return when it listens."""
        known = len(self.api.calls)
        self.runs(self._settings())
        method = "getUpdates" if self.mode == "polling" else "setWebhook"
        numbers = {bot.number for bot in self.bots}

        def listening() -> set[str]:
            new = self.api.calls[known:]
            return {c.bot_number for c in new if c.method == method and not c.error_code}

        await self.listens(lambda: listening() == numbers)

    async def settles(self) -> None:
        """Return when the bot has taken and done all that there is for it."""
        if self.mode == "polling":
            # The next update is asked for as soon as one is kept.
            listening = [bot for bot in self.bots if bot not in self.silent]
            await until(lambda: all(b.polling for b in listening), "the bot has taken all updates")
        await super().settles()

    async def joins(self, name: str, unit: str, role: str) -> None:
        await self.says(name, self.invitations[unit, role])
        await self.settles()

    async def unsure(self) -> list[Unsure]:
        """Return the messages of unknown fate, as `giaoban doctor` asks for them."""
        database = Database(self.url)
        try:
            async with database.read_session() as session:
                return await unsure(session)
        finally:
            await database.close()

    async def binds(self, unit: str, *, admin: str) -> None:
        """Bind the group to a unit, with the admin's consent."""
        await self.person(admin).says(
            self.group, f"@{self.first.name} {self.invitations[unit, GROUP]}"
        )
        await self.settles()
        await self.says(admin, "/chapnhan 1")
        await self.settles()

    def _settings(self) -> str:
        tokens = ", ".join(f'"{bot.token}"' for bot in self.bots)
        zalo = f'[zalo]\nenabled = true\ntokens = [{tokens}]\napi_url = "{self.api.base}"\n'
        if self.mode == "polling":
            return zalo
        return (
            f'{zalo}mode = "webhook"\nwebhook_secret = "{SECRET}"\n'
            f'[web]\npublic_url = "{self.api.base}/front"\nport = {self.front.port}\n'
            f'link_secret = "{SECRET}-of-links"\n'
        )


@asynccontextmanager
async def life(
    folder: Path, office: Founded, *, mode: str, at: Mapping[str, str]
) -> AsyncIterator[Life]:
    """A copy of the office in an empty folder, whose bot does not run yet; it ends after this.

    Made anew, both bots and the group have the same ids, and so have people.
    """
    copy_of(office, folder)
    front = Front()
    api = ZaloApi(now=lambda: lived.now, grace=_GRACE)
    lived = Life(
        folder=folder,
        invitations=office.invitations,
        api=api,
        first=api.bot("Bot Giao Ban"),
        second=api.bot("Bot Giao Ban Hai"),
        group=api.group(COMMITTEE),
        front=front,
        mode=mode,
        at=at,
    )
    lived.group.add(lived.first)
    api.serves_also([web.post("/front/{path:.*}", front.passed_on)])
    api.tells(lambda call: lived.heard(call))
    async with api:
        try:
            yield lived
        finally:
            await lived.ends()
