"""Telegram: aiogram listens, python-telegram-bot delivers (DESIGN §4.5)."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNotFound, TelegramUnauthorizedError

from bot.channels.outage import Outage
from bot.channels.telegram_claim import claim
from bot.channels.telegram_gateway import ABILITIES, Gateway
from bot.channels.telegram_polling import FAULTS, Patience, Poller, asked
from bot.channels.telegram_session import asker, wrong_token
from bot.channels.telegram_updates import CHANNEL
from bot.channels.telegram_webhook import Site, served
from bot.core.messaging import ChannelClosed, Outbound, Receive

T = TypeVar("T")

_PATIENCE = Patience()
_LOOK_AGAIN = 1.0  # seconds between two looks whether Telegram has posted all that waited


class TelegramChannel:
    """A bot of Telegram's.

    Args:
        token: as BotFather gives it.
        gateway: by which it sends with the same token; whoever made it closes it.
        api_url: base address of the Bot API, such as https://api.telegram.org.
        proxy: address of an HTTP proxy; "" for none.
        site: where Telegram posts updates; None asks it for them.
        take_over: get the updates even if they are sent elsewhere now.
    """

    name = CHANNEL
    title = "Telegram"
    abilities = ABILITIES

    def __init__(
        self,
        token: str,
        gateway: Gateway,
        *,
        api_url: str,
        proxy: str = "",
        site: Site | None = None,
        take_over: bool = False,
        patience: Patience = _PATIENCE,
    ) -> None:
        self._token = token
        self._gateway = gateway
        self._api_url = api_url
        self._proxy = proxy
        self._site = site
        self._take_over = take_over
        self._patience = patience
        self.caught_up = asyncio.Event()

    async def listen(self, receive: Receive) -> None:
        """Listen until cancelled; see `Channel.listen`.

        A webhook stays set after it: Telegram keeps what comes until the bot runs again.

        Raises:
            ChannelClosed: the token is wrong, or the updates are sent elsewhere.
            OSError: the port is taken.
        """
        async with asker(self._token, api_url=self._api_url, proxy=self._proxy) as bot:
            me = await self._reached(bot.get_me)
            claimed = partial(claim, bot, me, self._site, take_over=self._take_over)
            if self._site:
                async with served(self._site, me, receive):
                    await self._reached(claimed)
                    await self._catch_up(bot)
                    await asyncio.Event().wait()
            else:
                await self._reached(claimed)
                await Poller(bot, me, receive, self._patience, self.caught_up).run()

    async def _catch_up(self, bot: Bot) -> None:
        """Return once Telegram has posted all that waited."""
        while (await self._reached(bot.get_webhook_info)).pending_update_count:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_AGAIN)
        self.caught_up.set()

    async def send(self, message: Outbound, content: bytes | None = None) -> str:
        """Deliver one message, edit or answer to a tap; see `Channel.send`."""
        return await self._gateway.send(message, content)

    async def _reached(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what Telegram answers, however long it takes to reach it."""
        rest, longest = self._patience.rest, self._patience.longest_rest
        silence = Outage("Telegram cannot be reached", first=rest, longest=longest)
        while True:
            try:
                answer = await ask()
            except (TelegramUnauthorizedError, TelegramNotFound) as error:
                raise wrong_token() from error
            except TelegramBadRequest as error:
                raise ChannelClosed(f"Telegram không nhận [telegram]: {error.message}") from error
            except FAULTS as error:
                await asyncio.sleep(max(silence.fault(type(error).__name__), asked(error)))
            else:
                silence.over()
                return answer
