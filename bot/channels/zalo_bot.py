"""A bot of the Zalo Bot Platform: what people have on their telephones, and little else.

No buttons, no edits, no files, one update at a time; messages and people are counted.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlsplit

from bot.channels.outage import Outage
from bot.channels.zalo_client import FAULTS, Account, ZaloClient, ZaloRefused
from bot.channels.zalo_gateway import LONGEST_TEXT, Gateway
from bot.channels.zalo_inbound import Keeper, Patience, Posts, Webhook, path_of, poll
from bot.core.messaging import Abilities, ChannelClosed, Outbound, Receive
from bot.core.quota import Quota

T = TypeVar("T")

_PATIENCE = Patience()


def channel_name(token: str) -> str:
    """Return the name of a bot's channel: the number in its token, which stays when the office
    has the secret in it changed.
    """
    return f"zalo-{token.partition(':')[0]}"


def webhook_url(public_url: str, token: str) -> str:
    """Return the address to which a bot's updates are posted."""
    return f"{public_url}/zalo/{channel_name(token).removeprefix('zalo-')}"


class ZaloBot:
    """One bot; an office with many people has several, each a channel of its own.

    Args:
        token: as Bot Creator gives it.
        api_url: base address of the Bot Platform.
        quota: how much its plan carries.
        webhook: where updates are posted; None asks for them.
        take_over: get the updates even if they are sent elsewhere now.
        deadline: seconds for one call.
    """

    def __init__(
        self,
        token: str,
        *,
        api_url: str,
        quota: Quota,
        webhook: Webhook | None = None,
        take_over: bool = False,
        patience: Patience = _PATIENCE,
        deadline: float = 20.0,
    ) -> None:
        self.name = channel_name(token)
        self.title = f"Zalo (bot {self.name.removeprefix('zalo-')})"
        self.abilities = Abilities(
            longest_text=LONGEST_TEXT,
            buttons=False,
            drops_repeats=False,
            pictures_by_url=True,
            quota=quota,
            at_once=1,
        )
        self.caught_up = asyncio.Event()
        self._asking = ZaloClient(token, api_url=api_url, deadline=deadline)
        # Of its own: a send must not wait for a poll, which takes half a minute.
        self._sending = ZaloClient(token, api_url=api_url, deadline=deadline)
        self._gateway = Gateway(self.name, self._sending)
        self._webhook = webhook
        self._take_over = take_over
        self._patience = patience

    async def close(self) -> None:
        """Close the connections; nothing can be sent after it."""
        await self._sending.close()

    async def listen(self, receive: Receive) -> None:
        """Listen until cancelled; see `Channel.listen`.

        Raises:
            ChannelClosed: the token is wrong, or the updates are sent elsewhere.
            OSError: the port is taken.
        """
        keeper = Keeper(self.name, receive, self._patience)
        async with self._asking:
            me = await self._reached(self._asking.account)
            self.title = f"Zalo ({me.name})"
            if self._webhook is None:
                await self._reached(lambda: self._claim(""))
                await poll(self._asking, me, self.name, keeper, self._patience, self.caught_up)
            await self._be_posted(self._webhook, me, keeper)

    async def _be_posted(self, webhook: Webhook, me: Account, keeper: Keeper) -> None:
        taking = Posts(webhook, me, self.name, keeper)
        try:
            async with webhook.site.serving(path_of(webhook), taking.taken):
                await self._reached(lambda: self._claim(webhook.url))
                await self._set(webhook)
                await asyncio.Event().wait()
        finally:
            await taking.stop()

    async def _claim(self, url: str) -> None:
        """See that the updates are posted to nobody else: to the address, or given to who asks.

        Args:
            url: the address that is ours; "" if there is to be none.
        """
        left = await self._asking.webhook()
        if left in ("", url):
            return
        if not self._take_over:
            raise ChannelClosed(
                f"Tin nhắn của bot {self.name} đang được chuyển đến {_host_of(left)} "
                "(webhook do nơi khác đặt). Nếu muốn nhận tin tại đây, chạy: "
                "giaoban run --take-over"
            )
        if not url:
            await self._asking.delete_webhook()

    async def _set(self, webhook: Webhook) -> None:
        """Have the updates posted, and see to it that they arrive.

        Even if the address is there already: which secret goes with it cannot be asked.
        """
        deaf = Outage(
            f"{self.name}: Zalo gets no answer from {_host_of(webhook.url)}",
            first=self._patience.rest,
            longest=self._patience.longest_rest,
        )
        while not await self._reached(lambda: self._set_once(webhook)):
            # It is kept even so, and nothing waits for a bot that was away.
            self.caught_up.set()
            await asyncio.sleep(deaf.fault())
        deaf.over()
        self.caught_up.set()

    async def _set_once(self, webhook: Webhook) -> bool:
        try:
            return await self._asking.set_webhook(webhook.url, webhook.secret)
        except ZaloRefused as refused:
            if refused.code != HTTPStatus.BAD_REQUEST:
                raise
            raise ChannelClosed(
                f"Zalo không nhận địa chỉ webhook của bot {self.name} tại "
                f"{_host_of(webhook.url)} (mã 400). Đề nghị kiểm tra [web] public_url (phải là "
                "https, truy cập được từ ngoài) và [zalo] webhook_secret (8 đến 256 ký tự)."
            ) from refused

    async def send(self, message: Outbound, content: bytes | None = None) -> str:  # noqa: ARG002
        """Deliver one message; see `Channel.send`."""
        return await self._gateway.send(message)

    async def _reached(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what Zalo answers, however long it takes to reach it."""
        silence = Outage(
            f"{self.name} cannot be reached",
            first=self._patience.rest,
            longest=self._patience.longest_rest,
        )
        while True:
            try:
                answer = await ask()
            except ZaloRefused as refused:
                if refused.code == HTTPStatus.UNAUTHORIZED:
                    raise ChannelClosed(
                        f"Mã (token) của bot {self.name} không đúng. Đề nghị kiểm tra [zalo] "
                        "tokens hoặc tokens_file."
                    ) from refused
                await asyncio.sleep(silence.fault(str(refused)))
            except FAULTS as error:
                await asyncio.sleep(silence.fault(str(error)))
            else:
                silence.over()
                return answer


def _host_of(url: str) -> str:
    """Return what of an address may be told: its path can be a secret."""
    try:
        return urlsplit(url).hostname or "?"
    except ValueError:
        return "?"
