"""A Telegram channel at the stand-in of the Bot API, for the tests of its parts."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession
from botapi import Bot, BotApi, Group
from botapi import Person as User
from contract import until
from ports import free_port

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_gateway import Gateway
from bot.channels.telegram_polling import Patience
from bot.channels.telegram_webhook import Site
from bot.core.messaging import Inbound

SECRET = "a-secret-of-the-office"  # noqa: S105
HURRIED = Patience(
    poll=1,
    answer=1,
    rest=0.01,
    longest_rest=0.1,
    rival_rest=0.01,
    longest_rival_rest=0.1,
)


@dataclass(frozen=True, slots=True)
class Office:
    """A bot of the stand-in's, its channel, and Lan, who has pressed Start."""

    api: BotApi
    bot: Bot
    lan: User
    channel: TelegramChannel
    gateway: Gateway

    @property
    def chat(self) -> str:
        return str(self.lan.id)

    @property
    def answered(self) -> bool:
        """Nothing is left that the bot has not acknowledged."""
        return not self.bot.updates.waiting()

    def group(self, title: str = "Phòng, chống dịch", **more: bool) -> Group:
        return self.api.group(title, owner=self.lan, **more)

    async def webhook_elsewhere(self, url: str) -> None:
        """Somebody else sets a webhook with the bot's token."""
        address = f"{self.api.base}/bot{self.bot.token}/setWebhook"
        async with (
            ClientSession() as somebody,
            somebody.post(address, json={"url": url}) as response,
        ):
            assert response.status == 200

    def calls(self, method: str) -> int:
        return self.api.counts(method=method)


@asynccontextmanager
async def office(
    *,
    webhook: bool = False,
    take_over: bool = False,
    token: str = "",
    patience: Patience = HURRIED,
    **server,
) -> AsyncIterator[Office]:
    """Everything is there, and the channel does not listen yet."""
    async with BotApi(**{"hurry": 100, **server}) as api:
        bot = api.bot("giaoban_bot", name="Giao Ban")
        lan = api.person("Nguyễn Thị Lan")
        await lan.opens(bot.link(""))
        bot.updates.forget_all()
        token = token or bot.token
        gateway = gateway_for(api.base, token)
        site = site_at(free_port()) if webhook else None
        channel = TelegramChannel(
            token, gateway, api_url=api.base, site=site, take_over=take_over, patience=patience
        )
        try:
            yield Office(api, bot, lan, channel, gateway)
        finally:
            await gateway.close()


def gateway_for(api_url: str, token: str, **more) -> Gateway:
    pace = {"per_second": 2500, "group_seconds": 0.001, "in_flight": 8}
    return Gateway(token, api_url=api_url, **{"proxy": "", **pace, **more})


def site_at(port: int) -> Site:
    return Site(f"http://127.0.0.1:{port}/telegram", "127.0.0.1", port, SECRET)


class Somebody:
    """Lan, for the contract."""

    def __init__(self, office: Office) -> None:
        self.chat = office.chat
        self._office = office

    async def say(self, text: str) -> None:
        await self._office.lan.says(self._office.bot, text)
        await until(lambda: self._office.answered)

    async def sees(self, count: int) -> Sequence[tuple[str, Sequence[str]]]:
        await until(lambda: len(seen(self._office)) >= count)
        return seen(self._office)


def seen(office: Office) -> list[tuple[str, list[str]]]:
    """Texts and labels of what the bot has written to Lan."""
    messages = [m for m in office.lan.sees(office.bot) if not m.from_me]
    return [(m.text, [label for row in m.buttons for label in row]) for m in messages]


def words(arrived: Sequence[Inbound]) -> list[str]:
    return [inbound.text for inbound in arrived]
