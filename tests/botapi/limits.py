"""Flood control. Telegram publishes no exact rules: these are sliding windows to be set."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import dataclass
from math import ceil

LONG = 500
"""Code points of a text from which on it counts for more in its chat."""


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `count` messages in any `seconds`; whoever sends more is banned for `ban` seconds."""

    count: int
    seconds: float
    ban: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The rules of one bot; None lets everything through.

    Attributes:
        long_counts: for how many messages a long text counts in its chat.
        unsent: messages under way to one chat, beyond which calls are held and refused.
        active: calls under way in all, likewise.
    """

    chat: Rule | None = None
    group: Rule | None = None
    overall: Rule | None = None
    long_counts: int = 1
    unsent: int = 310
    active: int = 1000


STRICT = Limits(
    chat=Rule(count=5, seconds=5, ban=3),
    group=Rule(count=20, seconds=60, ban=10),
    overall=Rule(count=30, seconds=1, ban=3),
    long_counts=2,
)
"""One a second in a chat with short bursts, 20 a minute in a group, 30 a second overall."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """For how many seconds to send nothing more, and whether the sender should have known."""

    retry_after: int
    during_ban: bool


class Flood:
    """What one bot sent, and until when it is banned, by the loop's clock."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._sent: defaultdict[Hashable, deque[float]] = defaultdict(deque)
        self._banned_until: dict[Hashable, float] = {}

    def refusal(self, *, chat: int | str, in_group: bool, length: int) -> Refusal | None:
        """Count one message to a chat, or say why it may not be sent."""
        now = asyncio.get_running_loop().time()
        weight = self._limits.long_counts if length > LONG else 1
        in_chat = self._limits.group if in_group else self._limits.chat
        rules = {"overall": (self._limits.overall, 1), ("chat", chat): (in_chat, weight)}
        until = max(self._banned_until.get(key, 0.0) for key in rules)
        if until > now:
            return Refusal(ceil(until - now), during_ban=True)
        for key, (rule, counts) in rules.items():
            if rule and self._full(key, rule, counts, now):
                self._banned_until[key] = now + rule.ban
                return Refusal(rule.ban, during_ban=False)
        for key, (rule, counts) in rules.items():
            if rule:
                self._sent[key].extend([now] * counts)
        return None

    def _full(self, key: Hashable, rule: Rule, counts: int, now: float) -> bool:
        sent = self._sent[key]
        while sent and sent[0] <= now - rule.seconds:
            sent.popleft()
        return len(sent) + counts > rule.count
