"""What travels between people and the bot, and what a channel must be able to do.

Only these types are known to both sides: Telegram's, Zalo's or HTTP's own types stop at the
adapter's file.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Protocol

from bot.core.quota import Quota


class Kind(StrEnum):
    """What an update tells of."""

    SAID = "said"
    EDITED = "edited"  # a message said before has other words now
    TAPPED = "tapped"  # a button of ours; which one, `Inbound.tap` says
    LEFT = "left"  # in private: the person blocked the bot; in a group: the bot was removed
    CAME = "came"  # in private: the person unblocked it; in a group: it was added, or its rights
    MOVED = "moved"  # the group has another id now, which is in `Inbound.text`
    UNREADABLE = "unreadable"  # the channel could not make anything of it


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap on a button.

    Attributes:
        id: by which the channel wants it answered.
        screen: `Outbound.screen` of the message as it was tapped; "" when it is not one of ours.
        number: which of its buttons, from 0.
    """

    id: str
    screen: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Inbound:
    """One update: somebody said or tapped something, came or left.

    Attributes:
        update_id: unique within the channel; a second one with the same id is dropped.
        chat: where it was said; in a private chat the same as `sender`.
        sender: the person's id in the channel; "" when a group's admin hides it.
        sent_at: the messenger's own time of sending; None when it gives none.
        message_id: the messenger's id of the message; an edited one keeps its id.
        replies_to: id of the message of ours that this one was said in reply to.
        thread: the topic of the group in which it was said; "" outside any.
        group_title: what the group is called.
        forwarded: somebody else wrote it, perhaps elsewhere and long ago.
        attachment: what came instead of words ("photo", "document", ...); `text` is its caption.
        phone: the sender's own number, shared on being asked for it.
    """

    channel: str
    update_id: str
    chat: str
    sender: str
    text: str
    sender_name: str = ""
    in_group: bool = False
    sent_at: datetime | None = None
    kind: Kind = Kind.SAID
    message_id: str = ""
    replies_to: str = ""
    tap: Tap | None = None
    thread: str = ""
    group_title: str = ""
    forwarded: bool = False
    attachment: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A shortcut: tapping it says `says`, so that typing the same works as well.

    Attributes:
        asks_phone: tapping it shares the person's own number instead, where a channel can do so.
        only_tapped: where there are no buttons, it is of no use to say it.
    """

    label: str
    says: str
    asks_phone: bool = False
    only_tapped: bool = False


LONGEST_PART = 1800
"""UTF-16 units of one message that every channel carries; longer texts leave in parts."""


LONGEST_PASSING = 200
"""Letters of what is shown in passing to who taps."""

LONGEST_CAPTION = 1024
"""UTF-16 units of a text that goes under a file; a longer one follows as a message of its own."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a message; its bytes are kept under their SHA-256.

    Attributes:
        picture: shown in the chat itself; any other file is offered under its name.
    """

    sha256: str
    name: str
    picture: bool = False


class Priority(IntEnum):
    """Which message leaves first when many wait."""

    REPLY = 1
    DIGEST = 2
    PROMPT = 3


class Repeat(StrEnum):
    """What to do when it is unknown whether a message arrived (DESIGN §4.9)."""

    ONCE = "once"  # a private receipt or prompt: one more copy does no harm
    ASK = "ask"  # a group post or paper: a person decides


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message that wants to leave.

    Attributes:
        key: names what the message is about; a second one with the same key is never queued.
        useful_until: after this moment it is dropped instead of sent; None keeps it for ever.
        after: key of the part that must be sent before this one.
        asks: what it asks for, as "VP-VY-TS01/2020-04-15"; it is dropped when that is answered.
        edits: key of a message sent before, whose text and buttons this one replaces.
        target: the channel's own id of that message, filled in when this one is taken to be sent;
            None sends it as a message of its own.
        instead: what is said in a new message where the old one cannot be replaced; by itself the
            same text.
        tap: id of the tap that it answers.
        passing: its text is shown in passing to who tapped and leaves nothing in the chat.
        thread: the topic of the group; "" outside any.
        file: goes with it; the text is its caption and may be empty.
        file_url: where the file can be fetched, filled in when the message is taken to be sent on a
            channel that shows pictures by their address; "" otherwise.
        screen: by which its buttons are known again when tapped; by itself made from the key.
        numbered: its buttons are shown as a numbered list, to be chosen by number.
    """

    key: str
    channel: str
    chat: str
    text: str
    buttons: tuple[Button, ...] = ()
    in_group: bool = False
    priority: Priority = Priority.REPLY
    repeat: Repeat = Repeat.ONCE
    useful_until: datetime | None = None
    after: str | None = None
    asks: str | None = None
    edits: str | None = None
    target: str | None = None
    instead: str = ""
    tap: str | None = None
    passing: bool = False
    thread: str = ""
    file: File | None = None
    file_url: str = ""
    screen: str = ""
    numbered: bool = False

    def __post_init__(self) -> None:
        if not self.screen:
            object.__setattr__(self, "screen", screen_of(self.key))


def screen_of(key: str) -> str:
    """Return the short name of a message by which its buttons are known again: 12 letters."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a channel can carry.

    Attributes:
        longest_text: UTF-16 units in one message.
        edits: a message that was sent can be replaced.
        files: a message can carry a file.
        drops_repeats: the channel itself recognises a key that it has delivered before, so that
            sending again after a lost answer is harmless.
        pictures_by_url: it shows a picture that it fetches from a public address.
        at_once: sends that may be under way at a time; None leaves it to the relay.
        quota: how much it carries; None when nothing is counted. Where messages are counted, a
            whole and certain report is sent without a review, and nothing is repeated by itself.
        only_here: it is used at the bot's own machine, so that nobody else is sent there.
    """

    longest_text: int
    buttons: bool
    drops_repeats: bool
    edits: bool = False
    files: bool = False
    pictures_by_url: bool = False
    at_once: int | None = None
    quota: Quota | None = None
    only_here: bool = False


class SendError(Exception):
    """Not delivered, and trying again will not help."""


class ChannelBusy(SendError):
    """Not delivered; worth trying again after `wait` seconds."""

    def __init__(self, reason: str, *, wait: float) -> None:
        super().__init__(reason)
        self.wait = wait


class NotSetUp(ChannelBusy):
    """Not delivered: the channel is not set up as it must be, which only an admin can mend.

    A private message waits for it; a post goes the other way, by hand. The message is one line of
    Vietnamese that says what to do.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason, wait=60.0)


class PersonGone(SendError):
    """Not delivered: the person blocked the bot or left. Tell the superior."""


class Moved(SendError):
    """Not delivered: the chat has the new id `chat` now."""

    def __init__(self, chat: str) -> None:
        super().__init__(f"moved to {chat}")
        self.chat = chat


class FateUnknown(SendError):
    """Perhaps delivered: the channel's answer was lost."""


class TargetGone(SendError):
    """Not edited: the message to edit is no longer there, or too old to be changed."""


class ChannelClosed(Exception):
    """The channel cannot be used as it is set up; the message is one line of Vietnamese."""


Receive = Callable[[Sequence[Inbound]], Awaitable[None]]


class Waited(Protocol):
    """Something that will have happened: `asyncio.Event`, of which the core knows only this."""

    async def wait(self) -> object: ...


class Channel(Protocol):
    """All that the bot knows of Telegram, Zalo or the built-in messenger.

    Attributes:
        title: as people call it.
    """

    name: str
    title: str
    abilities: Abilities

    @property
    def caught_up(self) -> Waited:
        """What was said while the bot was away has been passed on."""

    async def listen(self, receive: Receive) -> None:
        """Pass incoming batches to `receive`, which returns when they are durable; only then
        acknowledge them to the messenger. Runs until cancelled.

        Raises:
            ChannelClosed: it cannot be used as it is set up.
        """

    async def send(self, message: Outbound, content: bytes | None = None) -> str:
        """Deliver one message, edit or answer to a tap; return the channel's own id for it.

        Args:
            content: of the message's file, for a channel that carries files.

        Raises:
            SendError: one of its kinds above, never an error of the channel's library.
        """


Channels = Mapping[str, Channel]
"""The channels that run, by name."""


class Fate(StrEnum):
    """Where a queued message stands; the last five are ends (DESIGN §4.9)."""

    PENDING = "pending"
    WAITING = "waiting"  # an edit: it is unknown whether the message to edit arrived
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    GONE = "gone"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
