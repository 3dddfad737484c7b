"""What Telegram itself says of a bot: who it is, where its updates go, what it is in its groups.

It only asks, and never for updates, so that it may do so beside the bot that runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aiogram import Bot
from aiogram.exceptions import (
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.types import ChatFullInfo, ChatMemberRestricted, ResultChatMemberUnion

from bot.channels.telegram_polling import FAULTS
from bot.channels.telegram_session import asker, wrong_token

_PATIENCE = 10.0  # seconds for one answer


class NotReached(Exception):
    """Telegram gives no answer, or none that can be read; the message is the kind of fault."""


class Standing(StrEnum):
    """What the bot is in a group."""

    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"
    LEFT = "left"
    KICKED = "kicked"
    UNKNOWN = "unknown"  # Telegram does not say


@dataclass(frozen=True, slots=True)
class Account:
    """The bot, and where its updates go.

    Attributes:
        joins_groups: people may add it to groups.
        hears_all: in groups it gets all that is said, not only commands.
        webhook: address to which its updates are sent; "" when they wait for who asks.
        waiting: updates that nobody has got yet.
        failure, failed_at: what went wrong last at that address, in Telegram's words; "" and None.
    """

    username: str
    joins_groups: bool
    hears_all: bool
    webhook: str
    waiting: int
    failure: str
    failed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Membership:
    """What the bot is in one group, and whether it may write there.

    Attributes:
        title: what the group is called now; "" when Telegram does not say.
    """

    standing: Standing
    may_post: bool = False
    title: str = ""


async def look_up(
    token: str, *, api_url: str, proxy: str, groups: Sequence[str]
) -> tuple[Account, list[Membership]]:
    """Return what Telegram says of the bot, and of each of these groups.

    Args:
        proxy: address of an HTTP proxy; "" for none.
        groups: ids of their chats.

    Raises:
        ChannelClosed: the token is wrong.
        NotReached: Telegram says nothing.
    """
    async with asker(token, api_url=api_url, proxy=proxy, timeout=_PATIENCE) as bot:
        try:
            account = await _account(bot)
        except (TelegramUnauthorizedError, TelegramNotFound) as error:
            raise wrong_token() from error
        except FAULTS as error:
            raise NotReached(type(error).__name__) from error
        return account, [await _membership(bot, chat) for chat in groups]


async def _account(bot: Bot) -> Account:
    me, webhook = await bot.get_me(), await bot.get_webhook_info()
    return Account(
        username=me.username or "",
        joins_groups=bool(me.can_join_groups),
        hears_all=bool(me.can_read_all_group_messages),
        webhook=webhook.url,
        waiting=webhook.pending_update_count,
        failure=webhook.last_error_message or "",
        failed_at=webhook.last_error_date,
    )


async def _membership(bot: Bot, chat: str | int) -> Membership:
    try:
        group, me = await bot.get_chat(chat), await bot.get_chat_member(chat, bot.id)
    except TelegramMigrateToChat as moved:
        return await _membership(bot, moved.migrate_to_chat_id)
    except TelegramForbiddenError as error:
        return Membership(Standing.KICKED if "kicked" in error.message else Standing.LEFT)
    except FAULTS:
        return Membership(Standing.UNKNOWN)
    return membership_of(group, me)


def membership_of(group: ChatFullInfo, me: ResultChatMemberUnion) -> Membership:
    """Return what a group, and the bot as a member of it, come to."""
    standing = Standing(me.status)
    everybody = group.permissions is None or group.permissions.can_send_messages is not False
    may_post = standing is Standing.ADMINISTRATOR or (standing is Standing.MEMBER and everybody)
    if isinstance(me, ChatMemberRestricted):
        standing = Standing.RESTRICTED if me.is_member else Standing.LEFT
        may_post = me.is_member and me.can_send_messages
    return Membership(standing, may_post, group.title or "")
