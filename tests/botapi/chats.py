"""Accounts, chats and messages, as the server keeps them and as the API shows them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .updates import Polling, Updates

Json = dict[str, Any]

PRESENT = {"creator", "administrator", "member"}


@dataclass(eq=False)
class User:
    """An account, of a person or of a bot."""

    id: int
    name: str
    username: str | None = None
    phone: str = ""
    deleted: bool = False
    is_bot: bool = False

    def json(self) -> Json:
        named = {"username": self.username} if self.username else {}
        language = {} if self.is_bot else {"language_code": "vi"}
        return {
            "id": self.id,
            "is_bot": self.is_bot,
            "first_name": self.name,
            **named,
            **language,
        }


ANONYMOUS = User(1087968824, "Group", "GroupAnonymousBot", is_bot=True)
"""Who writes when an administrator writes in the name of the group."""


@dataclass(eq=False, kw_only=True)
class Bot(User):
    """A bot with its token, its queue, and what BotFather and its own calls set.

    Attributes:
        privacy: in groups it sees only what is meant for it, unless it is an administrator.
        profile: what its set… methods keep, by (what, scope or chat, language).
    """

    token: str
    updates: Updates
    polling: Polling
    privacy: bool = True
    started: set[int] = field(default_factory=set)
    profile: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    is_bot: bool = True

    def link(self, payload: str) -> str:
        """The address that opens a chat with the bot and starts it with this payload."""
        return f"https://t.me/{self.username}?start={payload}"


@dataclass(eq=False)
class Chat:
    """A private chat, as its bot sees it, a group or a channel.

    Attributes:
        person, bot: the two of a private chat.
        statuses: of members and former members, by their id; a bot that is blocked is "kicked".
        shown: what bots posted and how they edited it, in order.
    """

    id: int
    type: str
    title: str = ""
    person: User | None = None
    bot: Bot | None = None
    forum: bool = False
    deleted: bool = False
    statuses: dict[int, str] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)
    messages: dict[int, "Message"] = field(default_factory=dict)
    shown: list["Message"] = field(default_factory=list)
    migrated_to: "Chat | None" = None
    migrated_from: "Chat | None" = None
    last_id: int = 0
    last_bot: Bot | None = None

    def json(self) -> Json:
        if self.person:
            named = {"username": self.person.username} if self.person.username else {}
            return {"id": self.id, "type": "private", "first_name": self.person.name, **named}
        forum = {"is_forum": True} if self.forum else {}
        return {"id": self.id, "type": self.type, "title": self.title, **forum}

    def history(self) -> Iterator["Message"]:
        """All messages in order, those from before the group became a supergroup first."""
        if self.migrated_from:
            yield from self.migrated_from.history()
        yield from self.messages.values()

    def all_shown(self) -> list["Message"]:
        earlier = self.migrated_from.all_shown() if self.migrated_from else []
        return earlier + self.shown


@dataclass(frozen=True, eq=False)
class Message:
    """A message as it stands; an edit puts a new one in its place.

    Attributes:
        body: its content in the words of the API: text and entities, caption, photo, …
        markup: the keyboard that came with it, inline or not.
        sender: who wrote it; in a channel nobody is told.
        sender_chat: the group in whose name an administrator wrote it.
    """

    id: int
    chat: Chat
    date: int
    sender: User | None
    body: Json
    thread: int | None = None
    markup: Json | None = None
    reply_to: "Message | None" = None
    sender_chat: Chat | None = None
    forward_origin: Json | None = None
    edit_date: int | None = None

    def json(self, *, with_reply: bool = True) -> Json:
        in_channel = self.chat.type == "channel"
        sender_chat = self.chat if in_channel else self.sender_chat
        optional = {
            "from": self.sender.json() if self.sender and not in_channel else None,
            "sender_chat": sender_chat and sender_chat.json(),
            "message_thread_id": self.thread,
            "is_topic_message": (self.thread in self.chat.topics) or None,
            "reply_to_message": with_reply and self.reply_to and self._replied(),
            "forward_origin": self.forward_origin,
            "edit_date": self.edit_date,
            "reply_markup": self.markup if self.is_inline else None,
        }
        told = {name: value for name, value in optional.items() if value}
        base = {"message_id": self.id, "date": self.date, "chat": self.chat.json()}
        return {**base, **told, **self.body}

    def _replied(self) -> Json | None:
        """The message that is replied to as it stands now."""
        replied = self.reply_to and self.chat.messages.get(self.reply_to.id)
        return replied.json(with_reply=False) if replied else None

    @property
    def is_inline(self) -> bool:
        return self.markup is not None and "inline_keyboard" in self.markup

    @property
    def text(self) -> str:
        return str(self.body.get("text") or self.body.get("caption") or "")

    @property
    def entities(self) -> list[Json]:
        return self.body.get("entities") or self.body.get("caption_entities") or []

    @property
    def is_service(self) -> bool:
        return not CONTENT & self.body.keys()


CONTENT = {"text", "photo", "document", "voice", "sticker", "contact"}


@dataclass(eq=False)
class Tapped:
    """A tap on a button, which its bot may answer once within a while."""

    id: str
    bot: Bot
    at: datetime
    answer: Json | None = None
