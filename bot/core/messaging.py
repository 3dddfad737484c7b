"""What travels between people and the bot, and what a channel must be able to do.

Only these types are known to both sides: Telegram's, Zalo's or HTTP's own types stop at the
adapter's file.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message or tap of a person.

    Attributes:
        update_id: unique within the channel; a second one with the same id is dropped.
        chat: where it was said; in a private chat the same as `sender`.
        sender: the person's id in the channel.
        sent_at: the messenger's own time of sending; None when it gives none.
    """

    channel: str
    update_id: str
    chat: str
    sender: str
    text: str
    sender_name: str = ""
    in_group: bool = False
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A shortcut: tapping it says `says`, so that typing the same works as well."""

    label: str
    says: str


LONGEST_PART = 1800
"""UTF-16 units of one message that every channel carries; longer texts leave in parts."""


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


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a channel can carry.

    Attributes:
        longest_text: UTF-16 units in one message.
        drops_repeats: the channel itself recognises a key that it has delivered before, so that
            sending again after a lost answer is harmless.
    """

    longest_text: int
    buttons: bool
    drops_repeats: bool


class SendError(Exception):
    """Not delivered, and trying again will not help."""


class ChannelBusy(SendError):
    """Not delivered; worth trying again after `wait` seconds."""

    def __init__(self, reason: str, *, wait: float) -> None:
        super().__init__(reason)
        self.wait = wait


class PersonGone(SendError):
    """Not delivered: the person blocked the bot or left. Tell the superior."""


class Moved(SendError):
    """Not delivered: the chat has the new id `chat` now."""

    def __init__(self, chat: str) -> None:
        super().__init__(f"moved to {chat}")
        self.chat = chat


class FateUnknown(SendError):
    """Perhaps delivered: the channel's answer was lost."""


Receive = Callable[[Sequence[Inbound]], Awaitable[None]]


class Channel(Protocol):
    """All that the bot knows of Telegram, Zalo or the built-in messenger."""

    name: str
    abilities: Abilities

    async def listen(self, receive: Receive) -> None:
        """Pass incoming batches to `receive`, which returns when they are durable; only then
        acknowledge them to the messenger. Runs until cancelled."""

    async def send(self, message: Outbound) -> str:
        """Deliver one message; return the channel's own id for it.

        Raises:
            SendError: one of its kinds above, never an error of the channel's library.
        """


class Fate(StrEnum):
    """Where a queued message stands; the last five are ends (DESIGN §4.9)."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    GONE = "gone"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
