"""What Telegram's updates say, in the bot's own words.

What is none of the bot's business is dropped here and never stored: what people say among
themselves in a group, posts of channels, other bots, service messages.
"""

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiogram.enums import ChatMemberStatus, ChatType, ContentType
from aiogram.types import (
    CallbackQuery,
    Chat,
    ChatMemberRestricted,
    ChatMemberUpdated,
    Message,
    Update,
    User,
)

from bot.core.messaging import Inbound, Kind, Tap

CHANNEL = "telegram"
TRANSLATED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The types of update that are asked for, in Telegram's words."""

# What a person can send. All else are service messages: somebody came, a message was pinned.
_SAID = {
    *(ContentType.TEXT, ContentType.PHOTO, ContentType.DOCUMENT, ContentType.VOICE),
    *(ContentType.VIDEO, ContentType.VIDEO_NOTE, ContentType.AUDIO, ContentType.ANIMATION),
    *(ContentType.STICKER, ContentType.LOCATION, ContentType.VENUE, ContentType.CONTACT),
    *(ContentType.POLL, ContentType.DICE, ContentType.GAME, ContentType.STORY),
    *(ContentType.LIVE_PHOTO, ContentType.PAID_MEDIA, ContentType.CHECKLIST),
    # Newer than the library: whoever sent it should be told that it cannot be read.
    *(ContentType.RICH_MESSAGE, ContentType.UNKNOWN),
}
_COMMAND = re.compile(r"(/\w+)(?:@(\w+))?(?!\S)")
_BUTTON = re.compile(r"([^.]{1,60})\.([0-9]{1,3})")

Raw = Update | Mapping[str, Any]
"""An update as the library or as Telegram gives it."""

log = logging.getLogger(__name__)


def heard(update_id: int, update: Raw, me: User) -> Inbound | None:
    """Return what an update says; None when it is none of the bot's business.

    Args:
        me: the bot itself.
    """
    try:
        return _inbound(Update.model_validate(update), me)
    except Exception as error:  # noqa: BLE001  # one bad update must not keep the others back
        # Only the kind of error: its text quotes what people wrote.
        log.error("update %d cannot be read: %s", update_id, type(error).__name__)
        name = _name(update_id, me)
        return Inbound(CHANNEL, name, chat="", sender="", text="", kind=Kind.UNREADABLE)


def _inbound(update: Update, me: User) -> Inbound | None:
    update_id = _name(update.update_id, me)
    if update.message:
        return _said(update_id, update.message, Kind.SAID, me)
    if update.edited_message:
        return _said(update_id, update.edited_message, Kind.EDITED, me)
    if update.callback_query:
        return _tapped(update_id, update.callback_query)
    if update.my_chat_member:
        return _came_or_left(update_id, update.my_chat_member)
    return None


def _name(update_id: int, me: User) -> str:
    # Every bot has numbers of its own, and an office may get itself another one.
    return f"{me.id}/{update_id}"


def _said(update_id: str, message: Message, kind: Kind, me: User) -> Inbound | None:
    if message.migrate_to_chat_id:
        return _moved(update_id, message, message.migrate_to_chat_id)
    speaker = _speaker(message)
    text = _meant_for(me, message)
    if speaker is None or text is None or message.content_type not in _SAID:
        return None
    sender, sender_name = speaker
    phone = _own_phone(message)
    return Inbound(
        CHANNEL,
        update_id,
        chat=str(message.chat.id),
        sender=sender,
        text=text,
        sender_name=sender_name,
        in_group=_is_group(message.chat),
        sent_at=_sent_at(message, kind),
        kind=kind,
        message_id=str(message.message_id),
        replies_to=_replies_to(message, me),
        thread=_thread(message),
        group_title=message.chat.title or "",
        forwarded=message.forward_origin is not None,
        attachment="" if phone or message.text else ContentType(message.content_type).value,
        phone=phone,
    )


def _speaker(message: Message) -> tuple[str, str] | None:
    """Return id and name of who speaks; None for a bot or a channel."""
    if message.chat.type == ChatType.CHANNEL or message.is_automatic_forward:
        return None
    if message.sender_chat and message.sender_chat.id == message.chat.id:
        return "", ""  # an admin who speaks in the group's name
    person = message.from_user
    if person is None or person.is_bot:
        return None
    return str(person.id), person.full_name


def _meant_for(me: User, message: Message) -> str | None:
    """Return the text, a command without the bot's name; None when it is not for the bot.

    In a group only commands are, and of these not the ones that name another bot.
    """
    text = message.text or message.caption or ""
    command = _COMMAND.match(text)
    if command is None or _names_another(command, me):
        return None if _is_group(message.chat) else text
    return command[1] + text[command.end() :]


def _names_another(command: re.Match[str], me: User) -> bool:
    return bool(command[2]) and command[2].lower() != (me.username or "").lower()


def _own_phone(message: Message) -> str:
    """Return the number that the speaker shared as the own one."""
    contact, person = message.contact, message.from_user
    return contact.phone_number if contact and person and contact.user_id == person.id else ""


def _sent_at(message: Message, kind: Kind) -> datetime:
    if kind is Kind.EDITED and message.edit_date:
        return datetime.fromtimestamp(message.edit_date, UTC)
    return message.date.astimezone(UTC)


def _replies_to(message: Message, me: User) -> str:
    answered = message.reply_to_message
    if answered is None or answered.from_user is None or answered.from_user.id != me.id:
        return ""
    return str(answered.message_id)


def _moved(update_id: str, message: Message, new_chat: int) -> Inbound:
    return Inbound(
        CHANNEL,
        update_id,
        chat=str(message.chat.id),
        sender="",
        text=str(new_chat),
        in_group=True,
        sent_at=message.date.astimezone(UTC),
        kind=Kind.MOVED,
        group_title=message.chat.title or "",
    )


def _tapped(update_id: str, query: CallbackQuery) -> Inbound:
    # The message is missing when it was sent in the name of a person, which this bot never does.
    person, message = query.from_user, query.message
    button = _BUTTON.fullmatch(query.data or "")
    return Inbound(
        CHANNEL,
        update_id,
        chat=str(message.chat.id if message else person.id),
        sender=str(person.id),
        text="",
        sender_name=person.full_name,
        in_group=message is not None and _is_group(message.chat),
        kind=Kind.TAPPED,
        message_id=str(message.message_id) if message else "",
        tap=Tap(query.id, button[1], int(button[2])) if button else Tap(query.id),
        thread=_thread(message) if isinstance(message, Message) else "",
        group_title=(message.chat.title or "") if message else "",
    )


def _came_or_left(update_id: str, change: ChatMemberUpdated) -> Inbound | None:
    if change.chat.type == ChatType.CHANNEL:
        return None
    member, person = change.new_chat_member, change.from_user
    away = member.status in (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED)
    if isinstance(member, ChatMemberRestricted):
        away = not member.is_member
    # An admin who hides acts through a bot of Telegram's.
    sender, sender_name = ("", "") if person.is_bot else (str(person.id), person.full_name)
    return Inbound(
        CHANNEL,
        update_id,
        chat=str(change.chat.id),
        sender=sender,
        text="",
        sender_name=sender_name,
        in_group=_is_group(change.chat),
        sent_at=change.date.astimezone(UTC),
        kind=Kind.LEFT if away else Kind.CAME,
        group_title=change.chat.title or "",
    )


def _is_group(chat: Chat) -> bool:
    return chat.type in (ChatType.GROUP, ChatType.SUPERGROUP)


def _thread(message: Message) -> str:
    # Outside forums the number names a chain of replies, in which nothing can be posted.
    return str(message.message_thread_id) if message.is_topic_message else ""
