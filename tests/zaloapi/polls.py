"""Events on their way to polls: one each, at most once, lost when nobody polls."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from botapi.bell import Bell

from .errors import IDLE, ZaloError
from .world import Json


@dataclass(eq=False)
class Event:
    """Something that a bot is to hear, and whether it did."""

    json: Json
    fate: "asyncio.Future[bool]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def text(self) -> str:
        message = self.json["message"]
        return str(message.get("text") or message.get("caption") or "")

    def settle(self, *, heard: bool) -> None:
        """Its fate is decided once."""
        if not self.fate.done():
            self.fate.set_result(heard)


@dataclass(eq=False)
class _Poll:
    """A call that waits; `alive` is whether anybody still waits for its answer."""

    alive: Callable[[], bool]
    answer: "asyncio.Future[Event]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Polls:
    """The polls of one bot, of which only the newest is served."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self.overlaps = 0
        self._closed = False
        self._waiting: _Poll | None = None
        self._held: deque[Event] = deque()
        self._undecided: set[Event] = set()

    @property
    def waiting(self) -> bool:
        return self._waiting is not None and self._waiting.alive()

    async def offer(self, event: Event, *, grace: float) -> bool:
        """Give an event to the poll that waits, or that comes within the grace.

        Returns:
            Whether it was written out as the answer of a poll.
        """
        if self._closed:
            return False
        if self._waiting and self._waiting.alive():
            self._waiting.answer.set_result(event)
            self._waiting = None
        elif grace > 0:
            self._held.append(event)
            asyncio.get_running_loop().call_later(grace, self._forget, event)
        else:
            return False
        self._undecided.add(event)
        try:
            return await event.fate
        finally:
            self._undecided.discard(event)

    async def next(self, seconds: float, *, alive: Callable[[], bool]) -> Event:
        """The next event; the caller settles it once it is written out.

        Raises:
            ZaloError: there was none in time, or another poll took this one's place.
        """
        if self.waiting:
            self.overlaps += 1
        self.end(ZaloError(*IDLE))
        if self._held:
            return self._held.popleft()
        poll = self._waiting = _Poll(alive)
        self._bell.ring()
        try:
            # Not asyncio.timeout: that would drop an event which comes at the very last moment.
            await asyncio.wait([poll.answer], timeout=seconds)
        finally:
            if self._waiting is poll:
                self._waiting = None
        if not poll.answer.done():
            raise ZaloError(*IDLE)
        return poll.answer.result()

    def end(self, error: Exception) -> None:
        """Let the poll that waits end with an error."""
        if self._waiting:
            self._waiting.answer.set_exception(error)
            self._waiting = None

    def close(self) -> None:
        """Whatever is still on its way arrives no more."""
        self._closed = True
        self._held.clear()
        for event in self._undecided:
            event.settle(heard=False)

    def _forget(self, event: Event) -> None:
        if event in self._held:
            self._held.remove(event)
            event.settle(heard=False)
