"""A Zalo bot's channel at the stand-in of the Bot Platform, for the tests of its parts."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from contract import SOON, until
from ports import free_port
from zaloapi import Bot, Call, Group, ZaloApi
from zaloapi import Person as User

from bot.channels.website import WebSite
from bot.channels.zalo_bot import ZaloBot
from bot.channels.zalo_inbound import Patience, Webhook
from bot.core.messaging import Inbound
from bot.core.quota import Quota

SECRET = "a-secret-of-the-office"  # noqa: S105
HURRIED = Patience(first_poll=1, poll=30, rest=0.01, longest_rest=0.1)
WAYS = pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])


@dataclass(frozen=True, slots=True)
class Office:
    """A bot of the stand-in's, its channel, and Lan, who has written to the bot before.

    Attributes:
        url: at which the bot's webhook is or would be.
        port: at which its posts come in on this machine.
    """

    api: ZaloApi
    bot: Bot
    lan: User
    channel: ZaloBot
    url: str
    port: int

    @property
    def chat(self) -> str:
        return self.bot.chat_of(self.lan)

    def group(self, title: str = "Chống dịch Vĩnh Phúc") -> Group:
        group = self.api.group(title)
        group.add(self.bot)
        return group

    def calls(self, method: str) -> int:
        return self.api.counts(method=method)

    async def listens(self) -> None:
        """The bot waits for its next update, or has said where to post it."""
        await self.bot.listens(SOON)
        await self.channel.caught_up.wait()


@asynccontextmanager
async def office(
    *,
    webhook: bool = False,
    take_over: bool = False,
    token: str = "",
    patience: Patience = HURRIED,
    deadline: float = SOON,
    name: str = "Bot Giao Ban",
    shape: str = "flat",
    echoes: bool = False,
    port: int = 0,
    outside: int = 0,
    **server,
) -> AsyncIterator[Office]:
    """Everything is there, and the channel does not listen yet.

    Args:
        port: at which posts come in; outside: to which they are sent. By itself a free one.
    """
    port = port or free_port()
    async with ZaloApi(**{"hurry": 100, **server}) as api:
        bot = api.bot(name, shape=shape, echoes=echoes)
        lan = api.person("Nguyễn Thị Lan")
        bot.meets(lan)
        url = f"http://127.0.0.1:{outside or port}/zalo/1"
        hook = Webhook(url, SECRET, WebSite("127.0.0.1", port))
        channel = ZaloBot(
            token or bot.token,
            api_url=api.base,
            quota=Quota(),
            webhook=hook if webhook else None,
            take_over=take_over,
            patience=patience,
            deadline=deadline,
        )
        try:
            yield Office(api, bot, lan, channel, url, port)
        finally:
            await channel.close()


class Somebody:
    """Lan, for the contract.

    Zalo keeps nothing for a bot that does not ask or answer just then, and never repeats. The
    messenger that "repeats by itself what the bot did not acknowledge" is Lan: without a receipt
    she says it again, as README tells people to. By polling nothing is acknowledged either; that
    the bot has something is known from its asking for the next.
    """

    def __init__(self, office: Office) -> None:
        self.chat = office.chat
        self._office = office

    async def say(self, text: str) -> None:
        here = self._office
        await heard(here, lambda: here.lan.says(here.bot, text))

    async def sees(self, count: int) -> Sequence[tuple[str, Sequence[str]]]:
        await until(lambda: len(seen(self._office)) >= count)
        return seen(self._office)


async def heard(here: Office, happens: Callable[[], Awaitable[bool]]) -> None:
    """Let something happen until the bot got it and is done with it."""
    async with asyncio.timeout(SOON):
        while not (await happens() and await _went_on(here)):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def _went_on(here: Office) -> bool:
    """Whether the bot, having been given an update, asked for the next.

    Who first asks who it is has been started anew, and what was under way then is lost.
    """
    if here.bot.webhook:  # its answer told
        return True
    await until(lambda: asked_next(here))
    return asked_next(here)[0].method == "getUpdates"


def asked_next(here: Office) -> list[Call]:
    """What the one who listens asked after it was given the newest update."""
    asked = [call for call in here.api.calls if call.method in ("getMe", "getUpdates")]
    given = [n for n, call in enumerate(asked) if call.event]
    return asked[given[-1] + 1 :]


def seen(here: Office) -> list[tuple[str, list[str]]]:
    """Texts of what the bot has written to Lan; Zalo has no buttons."""
    return [(m.text, []) for m in here.lan.sees(here.bot) if not m.from_me]


def words(arrived: Sequence[Inbound]) -> list[str]:
    return [inbound.text for inbound in arrived]


def told(error: BaseException | None, log: pytest.LogCaptureFixture) -> str:
    """All that can be read of an error, of what caused it, and of the log."""
    said = [log.text, *(traceback.format_exception(error) if error else ())]
    while error is not None:
        said += [str(error), repr(error), repr(vars(error))]
        error = error.__cause__
    return "".join(said)


def levels(log: pytest.LogCaptureFixture) -> list[int]:
    """How grave the lines were that the bot wrote into the log."""
    return [
        record.levelno
        for record in log.records
        if record.name.startswith("bot.") and record.levelno > logging.INFO
    ]
