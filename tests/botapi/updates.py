"""The updates of one bot, kept until they are acknowledged or too old, and polling them."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from .bell import Bell
from .errors import ApiError, refused

KINDS = frozenset(
    {
        *("message", "edited_message", "channel_post", "edited_channel_post", "callback_query"),
        *("my_chat_member", "chat_member", "message_reaction", "message_reaction_count"),
        *("inline_query", "chosen_inline_result", "shipping_query", "pre_checkout_query"),
        *("poll", "poll_answer", "chat_join_request", "chat_boost", "removed_chat_boost"),
    }
)
ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}
USUAL = KINDS - ON_REQUEST
KEPT = timedelta(hours=24)
CALLBACK_KEPT = timedelta(seconds=150)

OTHER_POLL = (
    "Terminated by other getUpdates request; make sure that only one bot instance is running"
)
WEBHOOK_SET = "Terminated by setWebhook request"


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """One update as it was when it happened; those with the same key are delivered in order."""

    id: int
    kind: str
    body: dict[str, Any]
    key: Hashable
    expires_at: datetime

    def json(self) -> dict[str, Any]:
        return {"update_id": self.id, self.kind: self.body}


class Updates:
    """The queue of one bot. Identifiers grow and are never used again."""

    def __init__(self, *, now: Callable[[], datetime], first_id: int) -> None:
        self.bell = Bell()
        self.allowed: frozenset[str] = USUAL
        self._now = now
        self._next_id = first_id
        self._kept: deque[Update] = deque()

    def allow(self, kinds: list[str] | None) -> None:
        """Remember which updates are wanted from now on; none named is the default."""
        self.allowed = (KINDS & set(kinds or ())) or USUAL

    def push(self, kind: str, body: dict[str, Any], key: Hashable) -> None:
        if kind not in self.allowed:
            return
        kept = CALLBACK_KEPT if kind == "callback_query" else KEPT
        self._kept.append(Update(self._next_id, kind, body, key, self._now() + kept))
        self._next_id += 1
        self.bell.ring()

    def waiting(self, limit: int | None = None) -> list[Update]:
        """The oldest updates that are not acknowledged and not too old."""
        now = self._now()
        if any(update.expires_at <= now for update in self._kept):
            self._kept = deque(u for u in self._kept if u.expires_at > now)
        return list(islice(self._kept, limit))

    def acknowledge(self, offset: int) -> None:
        """Forget all below a positive offset; keep the newest n for -n; nothing for 0."""
        if offset < 0:
            self._kept = deque(list(self._kept)[offset:])
        while offset > 0 and self._kept and self._kept[0].id < offset:
            self._kept.popleft()

    def forget(self, update: Update) -> None:
        """Acknowledge one update, wherever it stands in the queue."""
        if update in self._kept:
            self._kept.remove(update)

    def forget_all(self) -> None:
        self._kept.clear()


class Polling:
    """getUpdates of one bot: one poll at a time, the newest wins."""

    CALM = 3.0  # seconds: the least wait of a repeated poll, and between two conflicts
    HASTE = 0.5  # seconds: a poll repeated sooner gets one update only

    def __init__(self, updates: Updates, *, hurry: float) -> None:
        self._updates = updates
        self._hurry = hurry
        self._turn: object = None
        self._ended_by = ""
        self._last: tuple[int, float] | None = None
        self._next_conflict = 0.0

    async def poll(self, *, offset: int, limit: int, timeout: int) -> list[Update]:  # noqa: ASYNC109
        """The oldest updates from an offset on, held for `timeout` seconds while there are none.

        Raises:
            ApiError: another poll or a webhook ended this one.
        """
        self.end(OTHER_POLL)
        limit, seconds = self._calmed(offset, limit, timeout)
        self._updates.acknowledge(offset)
        turn = self._turn = object()
        await self._updates.bell.until(
            lambda: self._turn is not turn or self._updates.waiting(1), seconds
        )
        if self._turn is not turn:
            raise await self.conflict(self._ended_by)
        self._turn = None
        return self._updates.waiting(limit)

    def end(self, reason: str) -> None:
        """End the poll that is held, if any."""
        if self._turn is not None:
            self._turn, self._ended_by = None, reason
            self._updates.bell.ring()

    async def conflict(self, reason: str) -> ApiError:
        """The refusal of a poll; a second one within three seconds comes three seconds late."""
        now = asyncio.get_running_loop().time()
        if now < self._next_conflict:
            await asyncio.sleep(self.CALM / self._hurry)
        else:
            self._next_conflict = now + self.CALM / self._hurry
        return refused(409, reason)

    def _calmed(self, offset: int, limit: int, timeout: int) -> tuple[int, float]:
        """Limit and seconds to wait: whoever repeats a poll at once is slowed down."""
        now = asyncio.get_running_loop().time()
        last, self._last = self._last, (offset, now)
        seconds = float(timeout)
        if last is None or last[0] != offset:
            return limit, seconds
        since = (now - last[1]) * self._hurry
        if since < self.CALM and timeout < self.CALM:
            seconds = self.CALM / self._hurry
        return (1 if since < self.HASTE else limit), seconds
