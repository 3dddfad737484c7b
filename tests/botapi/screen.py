"""What stands on a person's screen."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .chats import Json, Message, User
from .files import Files


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it stands on somebody's screen.

    Attributes:
        text: text or caption, without markup; entities as the API has them.
        buttons: labels under the message, row by row.
        keyboard: labels of the keyboard that it puts in place of the usual one.
        photo: its content; document: its name and content.
        event: what a message that nobody wrote tells, such as "new_chat_members".
        thread: the name of the topic.
        handle: names the message to whoever showed it.
    """

    text: str
    sender: str
    from_me: bool
    time: datetime
    entities: tuple[Json, ...] = ()
    buttons: tuple[tuple[str, ...], ...] = ()
    keyboard: tuple[tuple[str, ...], ...] = ()
    photo: bytes | None = None
    document: tuple[str, bytes] | None = None
    edited: bool = False
    event: str = ""
    thread: str | None = None
    reply_to: str | None = None
    handle: object = field(kw_only=True, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tap brought up: a notice, an alert, or an address that was opened."""

    text: str = ""
    alert: bool = False
    url: str = ""


def seen_by(files: Files, user: User, message: Message) -> Seen:
    """A message as one person sees it."""
    body, markup = message.body, message.markup or {}
    document = _content(files, body.get("document"))
    photo = _content(files, body["photo"][-1]) if "photo" in body else None
    replied = message.reply_to
    return Seen(
        text=message.text,
        sender=message.sender.name if message.sender else message.chat.title,
        from_me=message.sender is user,
        time=datetime.fromtimestamp(message.date, UTC),
        entities=tuple(message.entities),
        buttons=_labels(markup.get("inline_keyboard", [])),
        keyboard=_labels(markup.get("keyboard", [])),
        photo=photo[1] if photo else None,
        document=document,
        edited=message.edit_date is not None,
        event=next(iter(body)) if message.is_service else "",
        thread=message.chat.topics.get(message.thread or 0),
        reply_to=replied.text if replied else None,
        handle=message,
    )


def _labels(rows: list[list[Any]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(b if isinstance(b, str) else b["text"] for b in row) for row in rows)


def buttons_of(message: Message) -> list[Json]:
    markup = message.markup or {}
    rows = markup.get("inline_keyboard", []) + markup.get("keyboard", [])
    return [{"text": b} if isinstance(b, str) else b for row in rows for b in row]


def _content(files: Files, told: Json | None) -> tuple[str, bytes] | None:
    if told is None:
        return None
    file = files.by_id[told["file_id"]]
    return file.name, file.content


def message_of(seen: Seen) -> Message:
    """The message as it was when it was seen."""
    if not isinstance(seen.handle, Message):
        raise TypeError("seen elsewhere")
    return seen.handle


def current(seen: Seen) -> Message:
    """The message as it stands now."""
    was = message_of(seen)
    message = was.chat.messages.get(was.id)
    if message is None:
        raise LookupError(f"{seen.text!r} was deleted")
    return message
