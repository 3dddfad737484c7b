"""What the Official Account's events say, in the bot's own words.

What is none of the bot's business is dropped here and never stored: what people say among
themselves in a group, what the account itself sent, who has seen it.
"""

import hashlib
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.core.messaging import Inbound, Kind

CHANNEL = "zalo-oa"

# What a person can send, by the end of the event's name, and what it is called here; text is none.
_SENT = {
    "text": "",
    "link": "",
    "image": "photo",
    "gif": "animation",
    "file": "document",
    "audio": "voice",
    "video": "video",
    "sticker": "sticker",
    "location": "location",
    "business_card": "contact",
}
_EVENT = re.compile(r"user_send_(group_)?(\w+)")
# In a group one may speak to the account by naming it first; its name may have spaces.
_COMMAND = re.compile(r"\s*(?:\[?@[^/\n]{0,100}\s)?(/[^\W\d].*)", re.DOTALL)

Event = Mapping[str, Any]

log = logging.getLogger(__name__)


def heard(event: Event, body: bytes) -> Inbound | None:
    """Return what an event says; None when it is none of the bot's business.

    Args:
        body: of the post that brought it.
    """
    try:
        return _inbound(event)
    except Exception as error:  # noqa: BLE001  # one bad event must not be posted for ever
        # Only the kind of error: its text quotes what people wrote.
        log.error("an event of Zalo OA cannot be read: %s", type(error).__name__)
        name = f"unreadable/{hashlib.sha256(body).hexdigest()[:32]}"
        return Inbound(CHANNEL, name, chat="", sender="", text="", kind=Kind.UNREADABLE)


def _inbound(event: Event) -> Inbound | None:
    name = str(event.get("event_name", ""))
    if name in ("follow", "unfollow"):
        return _came_or_left(event, Kind.CAME if name == "follow" else Kind.LEFT)
    found = _EVENT.fullmatch(name)
    if found is None or found[2] not in _SENT:
        return None
    return _said(event, attachment=_SENT[found[2]], in_group=bool(found[1]))


def _came_or_left(event: Event, kind: Kind) -> Inbound:
    person = _id(_part(event, "follower").get("id") or _part(event, "sender").get("id"))
    at = str(event.get("timestamp", ""))
    return Inbound(
        CHANNEL,
        f"{kind.value}/{person}/{at}",
        chat=person,
        sender=person,
        text="",
        kind=kind,
        sent_at=_moment(at),
    )


def _said(event: Event, *, attachment: str, in_group: bool) -> Inbound | None:
    message, speaker = event["message"], event["sender"]
    sender, at = _id(speaker["id"]), str(event.get("timestamp", ""))
    text = str(message.get("text") or "")
    if in_group:
        command = _COMMAND.fullmatch(text)
        if command is None:
            return None
        text = command[1]
    number = str(message.get("msg_id") or "")
    return Inbound(
        CHANNEL,
        # Zalo posts the same event again when it was not answered in time: the number stays.
        number or f"{event['event_name']}/{sender}/{at}",
        chat=_group(event) if in_group else sender,
        sender=sender,
        text=text,
        sender_name=str(speaker.get("name") or speaker.get("display_name") or ""),
        in_group=in_group,
        sent_at=_moment(at),
        message_id=number,
        group_title=str(_part(event, "group_info").get("group_name") or ""),
        attachment=attachment,
    )


def _group(event: Event) -> str:
    """Return the group's id: `recipient.id` in most notes, a key of its own in others."""
    recipient, about = _part(event, "recipient"), _part(event, "group_info")
    return _id(recipient.get("group_id") or about.get("group_id") or recipient.get("id"))


def _part(event: Event, name: str) -> Mapping[str, Any]:
    part = event.get(name)
    return part if isinstance(part, dict) else {}


def _id(value: object) -> str:
    if not isinstance(value, str | int) or value == "":
        raise ValueError("no id")
    return str(value)


def _moment(milliseconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
