"""How much a messenger's plan lets one bot carry, and how much of it is used."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

_WARNED_FROM = Fraction(80, 100)


class Limit(StrEnum):
    """What a plan limits."""

    PEOPLE = "people"
    MESSAGES = "messages"
    GROUPS = "groups"


@dataclass(frozen=True, slots=True)
class Quota:
    """What one bot may carry.

    Source: reference of Zalo's basic plan (50 users, 3,000 messages a month, 3 groups); which
    messages count is not published, so that both readings are provided for.

    Attributes:
        messages: in a calendar month of the office's zone.
        people: who talk to the bot.
        groups: that it may be in.
        reserve: messages of the month kept back for digests: below it nobody is asked or reminded.
        both_ways: what people write counts as well.
    """

    messages: int = 3000
    people: int = 50
    groups: int = 3
    reserve: int = 300
    both_ways: bool = False

    def of(self, limit: Limit) -> int:
        """Return how much of one thing a bot may carry."""
        return {
            Limit.PEOPLE: self.people,
            Limit.MESSAGES: self.messages,
            Limit.GROUPS: self.groups,
        }[limit]


@dataclass(frozen=True, slots=True)
class Usage:
    """What one bot has carried in a month, as its quota counts it.

    Attributes:
        messages: of the month so far.
        people, groups: that it has now.
    """

    messages: int
    people: int
    groups: int

    def of(self, limit: Limit) -> int:
        """Return how much of one thing is used."""
        return {
            Limit.PEOPLE: self.people,
            Limit.MESSAGES: self.messages,
            Limit.GROUPS: self.groups,
        }[limit]

    def left(self, quota: Quota) -> int:
        """Return the messages that may still be sent this month, those of the reserve included."""
        return max(quota.messages - self.messages, 0)

    def share(self, quota: Quota) -> Fraction:
        """Return the share of the month's messages that is used; above 1 when it was overdrawn.

        A plan without any messages is used up.
        """
        return _share(self.messages, quota.messages)

    def below_reserve(self, quota: Quota) -> bool:
        """Whether the next message would come out of what is kept back for digests."""
        return self.left(quota) <= quota.reserve

    def warned(self, quota: Quota) -> tuple[Limit, ...]:
        """Return what is used to 80 % or more: an office needs time to add a bot.

        Source: reference zalo.md §5.8.
        """
        return tuple(
            limit for limit in Limit if _share(self.of(limit), quota.of(limit)) >= _WARNED_FROM
        )


def _share(used: int, whole: int) -> Fraction:
    return Fraction(used, whole) if whole > 0 else Fraction(1)


def month_of(now: datetime) -> tuple[datetime, datetime]:
    """Return the calendar month of a moment: its first moment, and that of the next month.

    When Zalo's month begins is not published; a calendar month is what people expect.

    Args:
        now: aware, in the office's zone, in which the month is meant.

    Raises:
        ValueError: `now` is naive.
    """
    if now.utcoffset() is None:
        raise ValueError("a month needs a moment with a zone")
    since = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    year, month = divmod(now.year * 12 + now.month, 12)
    return since, since.replace(year=year, month=month + 1)
