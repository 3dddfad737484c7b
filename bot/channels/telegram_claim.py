"""Where Telegram sends a bot's updates: to who asks for them, or to one address (webhook)."""

from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.types import User

from bot.channels.telegram_updates import TRANSLATED
from bot.channels.telegram_webhook import Site
from bot.core.messaging import ChannelClosed


async def claim(bot: Bot, me: User, site: Site | None, *, take_over: bool) -> None:
    """Have the updates sent here.

    Args:
        site: where this bot takes them; None when it asks for them.
        take_over: from whoever gets them now.

    Raises:
        ChannelClosed: somebody else gets them, who may not be robbed of them.
    """
    left = (await bot.get_webhook_info()).url
    if left and left != (site.url if site else "") and not take_over:
        raise _taken(me, left)
    if site:
        # Even if it is there already: which secret goes with it cannot be asked.
        await bot.set_webhook(
            site.url,
            secret_token=site.secret,
            allowed_updates=list(TRANSLATED),
            drop_pending_updates=False,
        )
    elif left:
        await bot.delete_webhook(drop_pending_updates=False)


async def refuse_webhook(bot: Bot, me: User) -> None:
    """Return if who asks gets the updates.

    Raises:
        ChannelClosed: they are sent to an address.
    """
    if left := (await bot.get_webhook_info()).url:
        raise _taken(me, left)


def _taken(me: User, url: str) -> ChannelClosed:
    return ChannelClosed(
        f"Tin nhắn của bot Telegram @{me.username} đang được chuyển đến {urlsplit(url).hostname} "
        "(webhook do nơi khác đặt). Nếu muốn nhận tin tại đây, chạy: giaoban run --take-over"
    )
