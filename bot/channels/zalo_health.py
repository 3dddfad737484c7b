"""What Zalo itself says of a bot: who it is, whether it may join groups, where its updates go.

It only asks, and never for updates: those that it got would be lost to the bot that runs.
"""

from dataclasses import dataclass
from http import HTTPStatus

from bot.channels.zalo_client import ZaloClient, ZaloRefused, ZaloUnclear, ZaloUnreached
from bot.core.messaging import ChannelClosed


class NotReached(Exception):
    """Zalo gives no answer, or none that can be used; the message is the kind of fault."""


@dataclass(frozen=True, slots=True)
class Account:
    """The bot, and where its updates go.

    Attributes:
        name: as people see it; the handle when Zalo gives none.
        handle: Zalo's technical name of it.
        joins_groups: people may add it to groups; it does not say that it is in any.
        webhook: address to which its updates are sent; "" when they wait for who asks.
    """

    id: str
    name: str
    handle: str
    joins_groups: bool
    webhook: str


async def look_up(
    token: str,
    *,
    api_url: str,
    timeout: float,  # noqa: ASYNC109  # of each answer
) -> Account:
    """Return what Zalo says of the bot.

    Args:
        timeout: seconds to wait for one answer.

    Raises:
        ChannelClosed: the token is wrong.
        NotReached: Zalo says nothing that can be used.
    """
    async with ZaloClient(token, api_url=api_url, deadline=timeout) as zalo:
        try:
            me, webhook = await zalo.account(), await zalo.webhook()
        except ZaloRefused as refused:
            if refused.code == HTTPStatus.UNAUTHORIZED:
                raise ChannelClosed(
                    "Mã (token) của bot Zalo không đúng hoặc đã được đặt lại. "
                    "Đề nghị lấy mã trong Bot Creator của Zalo rồi ghi lại vào cấu hình."
                ) from refused
            raise NotReached(f"mã lỗi {refused.code}") from refused
        except (ZaloUnreached, ZaloUnclear) as error:
            raise NotReached(str(error)) from error
    return Account(me.id, me.name, me.handle, joins_groups=me.joins_groups, webhook=webhook)
