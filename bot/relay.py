"""The relay: takes queued messages, paces them, hands them to their channel, writes down the end.

A handler enqueues, the relay sends. It decides only when; the five ends of a send are those of
DESIGN §4.9.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.choices import with_typed_choices
from bot.core.delivery_messages import file_elsewhere
from bot.core.messaging import (
    Abilities,
    Channel,
    ChannelBusy,
    Fate,
    FateUnknown,
    File,
    Moved,
    NotSetUp,
    Outbound,
    PersonGone,
    Repeat,
    SendError,
    TargetGone,
)
from bot.core.text import shortened, utf16_length
from storage import outbox
from storage.database import Database, is_passing
from storage.files import content_of
from storage.outbox import Queued, Settled

log = logging.getLogger(__name__)

_LOOK_AGAIN = 1.0  # seconds, when nothing says that something was queued
_BURST = 0.05  # seconds: what was not sent in a moment may follow at once, but no more
_MOST_SENDS = 8  # of one message, however harmless a repeat is
_SENDS_OF_A_NOTICE = 2  # one more copy of a prompt or receipt does no harm, a third would
_LONGEST_REST = 60.0  # seconds between two sends of which nobody knows what became
_TIME_TO_END = 5.0  # seconds for the sends under way when the bot stops

_BETWEEN = "\n\n"  # a text and the line about its file

Trouble = Callable[[AsyncSession, Queued, SendError], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast may be sent.

    Attributes:
        per_second: messages in all.
        chat_seconds, group_seconds: between two messages to one chat or group.
        in_flight: sends under way at once, on each channel.
    """

    per_second: float
    chat_seconds: float
    group_seconds: float
    in_flight: int


class Offers(Protocol):
    """How people get a file on a channel that does not carry it."""

    def url_of(self, file: File) -> str:
        """Return a public address at which the file can be fetched from now on; "" if none."""

    def line_for(self, file: File) -> str:
        """Return the line that tells where to get the file, with the address if there is one."""


@dataclass(frozen=True, slots=True)
class AtOffice:
    """There are no links: people get files at the office."""

    contact: str

    def url_of(self, file: File) -> str:  # noqa: ARG002  # nowhere
        return ""

    def line_for(self, file: File) -> str:
        return file_elsewhere(file.name, self.contact)


_AT_OFFICE = AtOffice("cơ quan tổng hợp báo cáo")


@dataclass(frozen=True, slots=True)
class _End:
    """What a send came to.

    Attributes:
        moved_to: the chat's new id, when it has one.
        error: what a person must learn of.
    """

    queued: Queued
    settled: Settled
    moved_to: str | None = None
    error: SendError | None = None


class Relay:
    """Sends what is queued for some channels.

    Args:
        now: aware time, by which messages are due or no longer useful.
        trouble: told of messages that ended badly, in the transaction that writes it down, so
            that a person learns of it exactly once.
        offers: how people get files on channels that do not carry them.
        patience: seconds after which nobody knows what became of a send.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        *,
        pace: Pace,
        now: Callable[[], datetime],
        trouble: Trouble,
        offers: Offers = _AT_OFFICE,
        patience: float = 60.0,
    ) -> None:
        self._database = database
        self._channels = channels
        self._pace = pace
        self._now = now
        self._trouble = trouble
        self._offers = offers
        self._patience = patience
        self._stirred = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._stopping = False
        self._sending: dict[asyncio.Task[None], str] = {}  # → its channel
        self._ended: list[_End] = []
        self._halted: dict[str, float] = {}  # channel → loop time until which it is not sent to
        self._resting: dict[tuple[str, str], float] = {}  # chat → the same for one chat
        self._next_start = 0.0
        self._looked = 0.0  # loop time at which the last turn began

    @property
    def stopping(self) -> bool:
        """Whether it has been told to end."""
        return self._stopping

    def wake(self) -> None:
        """Say that something was queued."""
        if not self._stopping:
            self._settled.clear()
        self._stirred.set()

    async def settled(self) -> None:
        """Return when it has sent, and written down, all that may leave now, or is to end."""
        await self._settled.wait()

    async def run(self) -> None:
        """Send what is queued as it comes, until cancelled; what was interrupted comes first.

        Cancelled, it lets what is being sent come to an end and writes that down: otherwise every
        ordinary stop would leave sends of unknown fate.
        """
        turning = asyncio.create_task(self._turns())
        try:
            await asyncio.shield(turning)
        finally:
            self._stopping = True
            self._settled.set()
            self.wake()
            await turning

    async def _turns(self) -> None:
        await self._recover()
        try:
            while not self._stopping:
                await self._turn_safely()
        finally:
            await self._finish()

    async def _finish(self) -> None:
        if self._sending:
            await asyncio.wait(self._sending, timeout=_TIME_TO_END)
        for task in self._sending:
            task.cancel()
        ended, self._ended = self._ended, []
        async with self._database.session() as session:
            await self._write_down(session, ended)

    async def _turn_safely(self) -> None:
        # What is queued from here on may be missed by this turn, and gets one of its own.
        self._stirred.clear()
        self._looked = asyncio.get_running_loop().time()
        try:
            busy = await self._turn()
        except (SQLAlchemyError, OSError):
            log.exception("the relay could not read or write its queue; trying again")
            busy = False
        if not busy:
            if not self._sending and not self._stirred.is_set():
                self._settled.set()
            await self._wait()

    async def _wait(self) -> None:
        """Wait until something is queued or ended, a chat has rested, or the pace allows more."""
        now = asyncio.get_running_loop().time()
        moments = [self._next_start, *self._resting.values(), *self._halted.values()]
        # One that came while the turn was written down is not slept through.
        pause = min((m - now for m in moments if m > self._looked), default=_LOOK_AGAIN)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), min(pause, _LOOK_AGAIN))

    async def _turn(self) -> bool:
        """Write down what has ended and start what may leave; return whether there was anything."""
        ended, self._ended = self._ended, []
        try:
            async with self._database.session() as session:
                await self._write_down(session, ended)
                for queued in await outbox.expire(await session.connection(), now=self._now()):
                    await self._tell(session, queued, SendError("quá giờ đăng"))
                taken = await self._take(await session.connection())
        except BaseException:
            self._ended = ended + self._ended
            raise
        for queued in taken:
            self._start(queued)
        return bool(ended or taken)

    async def _write_down(self, session: AsyncSession, ended: Sequence[_End]) -> None:
        now = self._now()
        connection = await session.connection()
        for end in ended:
            if end.moved_to is not None:
                channel, old = end.queued.message.channel, end.queued.message.chat
                await outbox.move_chat(connection, channel, old, end.moved_to, today=now.date())
        await outbox.settle(connection, [e.settled for e in ended], now=now)
        for end in ended:
            if end.error is not None:
                await self._tell(session, end.queued, end.error)

    async def _tell(self, session: AsyncSession, queued: Queued, error: SendError) -> None:
        try:
            async with session.begin_nested():
                await self._trouble(session, queued, error)
        except Exception as fault:
            if is_passing(fault):
                raise
            # What was sent must be written down all the same.
            log.exception("message %s: nobody could be told of its end", queued.message.key)

    async def _take(self, connection: AsyncConnection) -> list[Queued]:
        moment = asyncio.get_running_loop().time()
        self._resting = {c: t for c, t in self._resting.items() if t > moment}
        self._halted = {c: t for c, t in self._halted.items() if t > moment}
        rooms = self._rooms()
        limit = min([self._allowed(moment), *rooms.values()])
        if not rooms or limit == 0:
            return []
        taken = await outbox.take(
            connection,
            channels=rooms.keys(),
            resting=self._resting.keys(),
            now=self._now(),
            limit=limit,
        )
        if taken:
            earliest = max(self._next_start, moment - _BURST)
            self._next_start = earliest + len(taken) / self._pace.per_second
        return taken

    def _rooms(self) -> dict[str, int]:
        """Return how many more sends each channel takes, without those that take none now."""
        # What has ended since this turn began is under way until the next one writes it down:
        # else a kill would leave more of unknown fate than a channel may have at a time.
        under_way = Counter(self._sending.values())
        under_way.update(end.queued.message.channel for end in self._ended)
        rooms = {name: self._at_once(name) - under_way[name] for name in self._channels}
        return {c: room for c, room in rooms.items() if room > 0 and c not in self._halted}

    def _at_once(self, channel: str) -> int:
        at_once = self._channels[channel].abilities.at_once
        return min(self._pace.in_flight, at_once or self._pace.in_flight)

    def _allowed(self, moment: float) -> int:
        """Return how many sends the pace allows at this moment."""
        if moment < self._next_start:
            return 0
        unused = min(moment - self._next_start, _BURST)
        return 1 + int(unused * self._pace.per_second)

    def _start(self, queued: Queued) -> None:
        task = asyncio.create_task(self._deliver(queued))
        self._sending[task] = queued.message.channel
        task.add_done_callback(self._sending.pop)

    async def _deliver(self, queued: Queued) -> None:
        """Send one message and note its end; the next turn writes it down."""
        message = queued.message
        try:
            async with asyncio.timeout(self._patience):
                external_id = await self._send(message)
            end = _End(queued, Settled(queued.id, Fate.SENT, external_id=external_id))
        except SendError as error:
            end = self._failed(queued, error)
        except Exception as error:
            log.exception("message %s: the channel broke", message.key)
            end = self._failed(queued, FateUnknown(type(error).__name__))
        if not message.passing:  # which is no message in the chat
            pace = self._pace
            self._rest(queued, pace.group_seconds if message.in_group else pace.chat_seconds)
        self._ended.append(end)
        self._stirred.set()

    async def _send(self, queued: Outbound) -> str:
        channel, content = self._channels[queued.channel], None
        message = as_carried(queued, channel.abilities, self._offers)
        if message.file and channel.abilities.files:
            async with self._database.read() as connection:
                content = await content_of(connection, message.file)
        return await channel.send(message, content)

    def _failed(self, queued: Queued, error: SendError) -> _End:
        """Return the end that an error of sending means."""
        again = Settled(queued.id, Fate.PENDING, failure=str(error))
        match error:
            case NotSetUp() if queued.message.repeat is not Repeat.ASK:
                # Only this one waits: a post behind it must get its turn, to go by hand.
                later = self._now() + timedelta(seconds=error.wait)
                return _End(queued, replace(again, due_at=later), error=error)
            case ChannelBusy() if not isinstance(error, NotSetUp):
                return _End(queued, self._halt(queued, error))
            case TargetGone():
                return _End(queued, replace(again, anew=True))
            case Moved() if queued.attempts < _MOST_SENDS:
                return _End(queued, again, moved_to=error.chat)
            case FateUnknown() if queued.attempts < self._most_sends(queued):
                self._rest(queued, min(2.0 ** (queued.attempts - 1), _LONGEST_REST))
                return _End(queued, again)
            case FateUnknown():
                fate = Fate.UNKNOWN
            case PersonGone():
                fate = Fate.GONE
            case _:
                fate = Fate.REFUSED
        return _End(queued, Settled(queued.id, fate, failure=str(error)), error=error)

    def _most_sends(self, queued: Queued) -> int:
        """Return how often a message is sent at most while nobody knows whether it arrived."""
        message = queued.message
        abilities = self._channels[message.channel].abilities
        edit = abilities.edits and message.target is not None
        harmless = edit or message.passing
        if harmless or abilities.drops_repeats:
            return _MOST_SENDS
        if abilities.quota is not None:
            return 1  # where messages are counted, a second copy is one less for somebody else
        return _SENDS_OF_A_NOTICE if message.repeat is Repeat.ONCE else 1

    def _rest(self, queued: Queued, seconds: float) -> None:
        """Send nothing to the chat of a message for so long."""
        chat = (queued.message.channel, queued.message.chat)
        until = asyncio.get_running_loop().time() + seconds
        self._resting[chat] = max(until, self._resting.get(chat, 0.0))

    def _halt(self, queued: Queued, busy: ChannelBusy) -> Settled:
        """Send nothing on the channel for so long as it asks, and this message after that.

        One refusal for too much speed concerns the whole channel (engineering.md E.3).
        """
        channel = queued.message.channel
        until = asyncio.get_running_loop().time() + busy.wait
        self._halted[channel] = max(until, self._halted.get(channel, 0.0))
        due_at = self._now() + timedelta(seconds=busy.wait)
        return Settled(queued.id, Fate.PENDING, failure=str(busy), due_at=due_at)

    async def _recover(self) -> None:
        """Settle what was being sent when the bot stopped: nobody knows whether it arrived."""
        lost = FateUnknown("the bot stopped while sending")
        for name in self._channels:
            async with self._database.read() as connection:
                left = await outbox.interrupted(connection, name)
            self._ended += [self._failed(queued, lost) for queued in left]


def as_carried(message: Outbound, can: Abilities, offers: Offers) -> Outbound:
    """Return the message as a channel that can do so much carries it.

    Without edits, or for a text that has become too long to replace another, it is one of its
    own. Without buttons, what they say is typed. Without files, a picture goes by its address if
    the channel shows such, and any other file becomes a line under the text.
    """
    fits = utf16_length(message.text) <= can.longest_text
    if message.target is not None and not (can.edits and fits):
        message = outbox.alone(message)
    if message.buttons and not can.buttons:
        message = with_typed_choices(message)
    if message.file is None or can.files:
        return message
    shows = message.file.picture and can.pictures_by_url
    if shows and (url := offers.url_of(message.file)):
        return replace(message, file_url=url)
    told = _with_line(message.text, message.file, can.longest_text, offers)
    return replace(message, text=told, file=None)


def _with_line(text: str, file: File, longest: int, offers: Offers) -> str:
    """Return the text with a line below it that tells where to get the file.

    Where there is no room, the line shrinks to the bare address. If even that is too long, the
    text ends earlier, with "…": half an address opens nothing, and the file is where the rest
    can be read. Texts leave in parts well below what a channel takes, so this is rare.
    """
    line = offers.line_for(file)
    room = longest - utf16_length(f"{text}{_BETWEEN}" if text else "")
    if utf16_length(line) > room:
        line = offers.url_of(file) or line
    if utf16_length(line) > room:
        text = shortened(text, longest - utf16_length(f"{_BETWEEN}{line}"))
    return f"{text}{_BETWEEN}{line}" if text else line
