"""The clock: what time it is, and an alarm that wakes the bot when something may be due."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

log = logging.getLogger(__name__)

JUMP = timedelta(hours=26)
"""A clock that jumps further than this is wrong; posting by it would do harm (DESIGN §2)."""


class Clock:
    """The time in the office's zone.

    Args:
        start: the clock starts there instead of now, and runs on: for trials.
        stepped: it stands still and is moved by `set`: for the demo.
    """

    def __init__(
        self, zone: ZoneInfo, *, start: datetime | None = None, stepped: bool = False
    ) -> None:
        self._zone = zone
        self._stepped = stepped
        self._set_to = start or (datetime.now(zone) if stepped else None)
        self._set_at = time.monotonic()

    def now(self) -> datetime:
        """Return the aware local time."""
        if self._set_to is None:
            return datetime.now(self._zone)
        passed = 0.0 if self._stepped else time.monotonic() - self._set_at
        return (self._set_to + timedelta(seconds=passed)).astimezone(self._zone)

    def set(self, moment: datetime) -> None:
        """Move the clock; it never goes back."""
        self._set_to = max(moment, self.now())
        self._set_at = time.monotonic()


class Alarm:
    """APScheduler as an alarm clock: it only wakes; what is due is computed from the database.

    A machine's clock that jumps while the bot runs stops the waking until somebody has looked.
    """

    def __init__(
        self,
        clock: Clock,
        wake: Callable[[datetime], Awaitable[None]],
        stopped: Callable[[datetime, datetime], Awaitable[None]],
        *,
        seconds: float,
    ) -> None:
        # Heavy, and only a running bot needs it.
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        self._clock = clock
        self._wake = wake
        self._stopped = stopped
        self._last: tuple[datetime, float] | None = None
        self._ticking = asyncio.Lock()
        self._scheduler = AsyncIOScheduler(
            timezone=clock.now().tzinfo,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        # The first time at once, by the machine's clock: ours may be on trial.
        at_once = datetime.now(UTC)
        self._scheduler.add_job(self.tick, "interval", seconds=seconds, next_run_time=at_once)

    def start(self) -> None:
        """Wake the bot now and every so many seconds; a failure is logged and ends no other."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Wake no more; return when what was woken has come to its end."""
        self._scheduler.pause()
        # Shutting down would cancel it in the middle.
        async with self._ticking:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        """Wake the bot, unless the clock has jumped since the last time."""
        async with self._ticking:
            await self._tick()

    async def _tick(self) -> None:
        now, passed = self._clock.now(), time.monotonic()
        if self._last is not None and jumped(self._last, (now, passed)):
            log.error("the clock jumped from %s to %s: nothing is posted", self._last[0], now)
            await self._stopped(self._last[0], now)
            return
        self._last = (now, passed)
        await self._wake(now)


def jumped(before: tuple[datetime, float], after: tuple[datetime, float]) -> bool:
    """Whether the clock went much further than the seconds that really passed."""
    shown = after[0] - before[0]
    return abs(shown - timedelta(seconds=after[1] - before[1])) > JUMP
