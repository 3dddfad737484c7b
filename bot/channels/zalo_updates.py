"""What the updates of the Zalo Bot Platform say, in the bot's own words.

The same object comes by polling and by webhook. What is none of the bot's business is dropped
here and never stored: its own messages, other bots, what is no command in a group.
"""

import hashlib
import json
import logging
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.channels.zalo_client import Account
from bot.core.messaging import Inbound

# Events in Zalo's words, each with what came instead of words.
_EVENTS = {
    "message.text.received": "",
    "message.image.received": "photo",
    "message.sticker.received": "sticker",
    "message.voice.received": "voice",
    "message.unsupported.received": "unsupported",
}
_NAME = re.compile(r"[a-z_.]{1,60}")
_COMMAND = re.compile(r"\s*(?:@[^/\n]*)?/\w")
_IN_GROUP = {"GROUP": True, "PRIVATE": False}
_FIRST = datetime(2012, 12, 1, tzinfo=UTC)  # Zalo's first month

log = logging.getLogger(__name__)


def heard(channel: str, update: object, me: Account) -> Inbound | None:
    """Return what an update says; None when it is none of the bot's business.

    Args:
        channel: name of the bot's channel.
        update: as Zalo gives it, wrapped in an answer or not.
    """
    event = _unwrapped(update)
    name = event.get("event_name")
    if not isinstance(name, str) or name not in _EVENTS:
        known = isinstance(name, str) and _NAME.fullmatch(name)
        log.info("an update of %s is not known: %s", channel, name if known else "no name")
        return None
    message = _part(event, "message")
    sender, chat = _part(message, "from"), _part(message, "chat")
    if not _id(sender) or not _id(chat):
        log.warning("an update of %s names no sender or chat", channel)
        return None
    if sender.get("is_bot") is True or _id(sender) == me.id:
        return None
    return _said(channel, message, me, attachment=_EVENTS[name])


def _unwrapped(update: object) -> Mapping[str, Any]:
    """Return the event: documented as the result of an answer, seen to come bare as well."""
    event = update if isinstance(update, dict) else {}
    result = event.get("result")
    return result if isinstance(result, dict) and "event_name" not in event else event


def _said(
    channel: str, message: Mapping[str, Any], me: Account, *, attachment: str
) -> Inbound | None:
    sender, chat = _part(message, "from"), _part(message, "chat")
    in_group = _in_group(message)
    # What really arrives is `photo_url`; documented is `photo`.
    picture = message.get("photo_url") or message.get("photo")
    text = _text(message, "text") or _text(message, "caption")
    if in_group:
        text = _without_mention(text, me)
        if not _COMMAND.match(text):
            return None
    return Inbound(
        channel,
        f"{_id(chat)}/{_message_id(message)}",
        chat=_id(chat),
        sender=_id(sender),
        text=text,
        sender_name=_text(sender, "display_name") or _text(sender, "name"),
        in_group=in_group,
        sent_at=_moment(message.get("date")),
        group_title=_text(chat, "title") if in_group else "",
        attachment="photo" if picture else attachment,
    )


def _in_group(message: Mapping[str, Any]) -> bool:
    """Whether others read along; the id of a private chat is the person's."""
    sender, chat = _part(message, "from"), _part(message, "chat")
    kind = _text(chat, "chat_type").upper()
    return _IN_GROUP.get(kind, _id(chat) != _id(sender))


def _part(fields: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = fields.get(key)
    return value if isinstance(value, dict) else {}


def _text(fields: Mapping[str, Any], key: str) -> str:
    """Return a text, in which half an emoji, as is left where one was cut, is a "?".

    It cannot be kept: a bot that tried for ever would be deaf.
    """
    value = fields.get(key)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _id(fields: Mapping[str, Any]) -> str:
    """Return an id: a string of whatever shape, which is never counted with."""
    value = fields.get("id")
    return str(value) if isinstance(value, str | int) and value != "" else ""


def _message_id(message: Mapping[str, Any]) -> str:
    """Return the id by which a message that comes twice is known again."""
    given = message.get("message_id")
    if isinstance(given, str | int) and given != "":
        return str(given)
    body = json.dumps(message, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def _without_mention(text: str, me: Account) -> str:
    """Return what was said in a group without the name of the bot, wherever it stands.

    The name may hold spaces, and nothing else marks where it ends.
    """
    name = unicodedata.normalize("NFC", me.name)
    mention = re.compile(rf"@{re.escape(name)}(?!\w)[,:]?", re.IGNORECASE)
    text = unicodedata.normalize("NFC", text)
    return mention.sub(" ", text).strip() if name else text


def _moment(milliseconds: object) -> datetime | None:
    """Return when it was sent; None for what cannot be true, as a report is judged by it."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    return moment if moment >= _FIRST else None
