"""The relay: takes queued messages, paces them, hands them to their channel, writes down the end.

A handler enqueues, the relay sends. It decides only when; the five ends of a send are those of
DESIGN §4.9.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.messaging import (
    Channel,
    ChannelBusy,
    Fate,
    FateUnknown,
    Moved,
    PersonGone,
    Repeat,
    SendError,
)
from storage import outbox
from storage.database import Database
from storage.outbox import Queued, Settled

log = logging.getLogger(__name__)

_LOOK_AGAIN = 1.0  # seconds, when nothing says that something was queued
_SENDS_OF_UNKNOWN_FATE = 2
_BURST = 0.05  # seconds: what was not sent in a moment may follow at once, but no more

Trouble = Callable[[Queued, SendError], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast may be sent.

    Attributes:
        per_second: messages in all.
        chat_seconds, group_seconds: between two messages to one chat or group.
        in_flight: sends under way at once.
    """

    per_second: float
    chat_seconds: float
    group_seconds: float
    in_flight: int


@dataclass(frozen=True, slots=True)
class _End:
    """What a send came to; `error` when a person must learn of it."""

    queued: Queued
    settled: Settled
    error: SendError | None = None


class Relay:
    """Sends what is queued for some channels.

    Args:
        now: aware time, by which messages are due or no longer useful.
        trouble: told of messages that ended badly, so that a person learns of it.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        *,
        pace: Pace,
        now: Callable[[], datetime],
        trouble: Trouble,
    ) -> None:
        self._database = database
        self._channels = channels
        self._pace = pace
        self._now = now
        self._trouble = trouble
        self._stirred = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._ended: list[_End] = []
        self._halted: dict[str, float] = {}  # channel → loop time until which it is not sent to
        self._resting: dict[tuple[str, str], float] = {}  # chat → the same for one chat
        self._next_start = 0.0

    def wake(self) -> None:
        """Say that something was queued."""
        self._stirred.set()

    async def run(self) -> None:
        """Send what is queued as it comes, until cancelled; what was interrupted comes first."""
        await self._recover()
        try:
            while True:
                await self._turn_safely()
        finally:
            for task in self._sending:
                task.cancel()
            await asyncio.gather(*self._sending, return_exceptions=True)

    async def _turn_safely(self) -> None:
        try:
            busy = await self._turn()
        except (SQLAlchemyError, OSError):
            log.exception("the relay could not read or write its queue; trying again")
            busy = False
        if not busy:
            await self._wait()

    async def _wait(self) -> None:
        """Wait until something is queued or ended, a chat has rested, or the pace allows more."""
        now = asyncio.get_running_loop().time()
        soonest = min([self._next_start, *self._resting.values(), *self._halted.values()])
        pause = soonest - now if soonest > now else _LOOK_AGAIN
        try:
            await asyncio.wait_for(self._stirred.wait(), min(pause, _LOOK_AGAIN))
        except TimeoutError:
            return
        self._stirred.clear()

    async def _turn(self) -> bool:
        """Write down what has ended and start what may leave; return whether there was anything."""
        ended, self._ended = self._ended, []
        try:
            async with self._database.write() as connection:
                for end in ended:
                    if isinstance(end.error, Moved):
                        await outbox.move_chat(connection, end.queued.message, end.error.chat)
                await outbox.settle(connection, [e.settled for e in ended], now=self._now())
                taken = await self._take(connection)
        except BaseException:
            self._ended = ended + self._ended
            raise
        for queued in taken:
            self._start(queued)
        for end in ended:
            if end.error is not None and end.settled.fate is not Fate.PENDING:
                await self._trouble(end.queued, end.error)
        return bool(ended or taken)

    async def _take(self, connection: AsyncConnection) -> list[Queued]:
        moment = asyncio.get_running_loop().time()
        self._resting = {c: t for c, t in self._resting.items() if t > moment}
        self._halted = {c: t for c, t in self._halted.items() if t > moment}
        room = min(self._pace.in_flight - len(self._sending), self._allowed(moment))
        if room <= 0:
            return []
        taken = await outbox.take(
            connection,
            channels=self._channels.keys() - self._halted.keys(),
            resting=self._resting.keys(),
            now=self._now(),
            limit=room,
        )
        if taken:
            earliest = max(self._next_start, moment - _BURST)
            self._next_start = earliest + len(taken) / self._pace.per_second
        return taken

    def _allowed(self, moment: float) -> int:
        """Return how many sends the pace allows at this moment."""
        if moment < self._next_start:
            return 0
        unused = min(moment - self._next_start, _BURST)
        return 1 + int(unused * self._pace.per_second)

    def _start(self, queued: Queued) -> None:
        task = asyncio.create_task(self._deliver(queued))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _deliver(self, queued: Queued) -> None:
        """Send one message and note its end; the next turn writes it down."""
        message = queued.message
        channel = self._channels[message.channel]
        try:
            external_id = await channel.send(message)
            end = _End(queued, Settled(queued.id, Fate.SENT, external_id=external_id))
        except SendError as error:
            end = self._failed(channel, queued, error)
        except Exception as error:
            log.exception("message %s: the channel broke", message.key)
            end = self._failed(channel, queued, FateUnknown(type(error).__name__))
        rest = self._pace.group_seconds if message.in_group else self._pace.chat_seconds
        moment = asyncio.get_running_loop().time()
        self._resting[message.channel, message.chat] = moment + rest
        self._ended.append(end)
        self._stirred.set()

    def _failed(self, channel: Channel, queued: Queued, error: SendError) -> _End:
        """Return the end that an error of sending means."""
        again = Settled(queued.id, Fate.PENDING, failure=str(error))
        match error:
            case ChannelBusy():
                # One refusal for too much speed concerns the whole channel (engineering.md E.3).
                moment = asyncio.get_running_loop().time()
                self._halted[channel.name] = moment + error.wait
                due = self._now() + timedelta(seconds=error.wait)
                return _End(
                    queued, Settled(queued.id, Fate.PENDING, failure=str(error), due_at=due)
                )
            case Moved():
                return _End(queued, again, error)
            case FateUnknown() if _may_repeat(channel, queued):
                return _End(queued, again)
            case FateUnknown():
                fate = Fate.UNKNOWN
            case PersonGone():
                fate = Fate.GONE
            case _:
                fate = Fate.REFUSED
        return _End(queued, Settled(queued.id, fate, failure=str(error)), error)

    async def _recover(self) -> None:
        """Settle what was being sent when the bot stopped: nobody knows whether it arrived."""
        for name, channel in self._channels.items():
            async with self._database.write() as connection:
                left = await outbox.interrupted(connection, name)
            lost = FateUnknown("the bot stopped while sending")
            self._ended += [self._failed(channel, queued, lost) for queued in left]


def _may_repeat(channel: Channel, queued: Queued) -> bool:
    """Whether sending once more does no harm: the channel drops it, or a copy is harmless."""
    if channel.abilities.drops_repeats:
        return True
    return queued.message.repeat is Repeat.ONCE and queued.attempts < _SENDS_OF_UNKNOWN_FATE
