"""How many bots with a quota an office needs: a plan, made before anybody is invited."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import ceil

from bot.core.calendar import Calendar
from bot.core.quota import Limit, Quota

BOTS_OF_AN_OWNER = 3
"""Bots that one Zalo account may own (reference zalo.md §1.7)."""

_MONTHS_AHEAD = 12
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Load:
    """What an office asks of its bots.

    Attributes:
        units: that report on every reporting day.
        people: who talk to a bot, each to one.
        groups: that get a digest, each from one bot.
        days: reporting days in the fullest month.
    """

    units: int
    people: int
    groups: int
    days: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """How many messages a reporting day makes.

    Reminders go to units that are missing, so that nobody knows their number beforehand. One day's
    share of units is planned for, because a bot that runs short gives up reminders first, when they
    are needed most; whatever else is said (a doubt asked back, a correction, the list of missing
    units for a coordinator, Friday's papers) comes from what the plan leaves free.

    Source: reference zalo.md §1.7 (what a report costs); DESIGN §2 (a day's posts).

    Attributes:
        outgoing: messages to one unit for one report: the prompt and the receipt.
        both_ways: the same with the report itself, which the unit writes.
        posts: in one group on one day: a digest in 2 parts and up to 2 updates.
        reminded: share of the units that need a reminder on a day, one each.
    """

    outgoing: int = 2
    both_ways: int = 3
    posts: int = 4
    reminded: Fraction = Fraction(1, 5)


@dataclass(frozen=True, slots=True)
class Need:
    """What a load comes to under one reading of the quota.

    Attributes:
        messages: of all bots together, in the fullest month.
        by: bots needed for each limit taken alone.
        free: messages that all bots together have left in that month, without their reserves.
    """

    messages: int
    by: Mapping[Limit, int]
    free: int

    @property
    def bots(self) -> int:
        return max(self.by.values())

    @property
    def binding(self) -> tuple[Limit, ...]:
        """What decides the number of bots; nothing when none is needed."""
        return tuple(limit for limit, bots in self.by.items() if bots == self.bots > 0)

    @property
    def owners(self) -> int:
        """Accounts that own these bots."""
        return ceil(Fraction(self.bots, BOTS_OF_AN_OWNER))


@dataclass(frozen=True, slots=True)
class Plan:
    """What an office needs under both readings of the quota, since it is not known which holds."""

    outgoing: Need
    both_ways: Need

    @property
    def larger(self) -> Need:
        """What the office should prepare."""
        return max(self.outgoing, self.both_ways, key=lambda need: need.bots)


def plan(load: Load, quota: Quota, traffic: Traffic | None = None) -> Plan:
    """Return what an office needs, whichever messages count.

    Raises:
        ValueError: with this quota a bot carries nobody, no group, or nothing beyond its reserve.
    """
    outgoing, both_ways = (replace(quota, both_ways=counted) for counted in (False, True))
    return Plan(need(load, outgoing, traffic), need(load, both_ways, traffic))


def need(load: Load, quota: Quota, traffic: Traffic | None = None) -> Need:
    """Return what an office needs under one reading of the quota.

    Each number of bots is the exact quotient rounded up. A unit and a group stay with one bot, so
    that bots may differ by one unit's messages from an even share: the reserve covers that.

    Raises:
        ValueError: as `plan`.
    """
    carried = quota.messages - quota.reserve
    if min(carried, quota.people, quota.groups) <= 0:
        raise ValueError("a bot that carries nothing helps nobody")
    messages = _messages(load, traffic or Traffic(), both_ways=quota.both_ways)
    by = {
        Limit.PEOPLE: ceil(Fraction(load.people, quota.people)),
        Limit.MESSAGES: ceil(Fraction(messages, carried)),
        Limit.GROUPS: ceil(Fraction(load.groups, quota.groups)),
    }
    return Need(messages, by, free=max(by.values()) * carried - messages)


def _messages(load: Load, traffic: Traffic, *, both_ways: bool) -> int:
    """Return the messages of the fullest month."""
    of_unit = (traffic.both_ways if both_ways else traffic.outgoing) + traffic.reminded
    return ceil(load.days * (load.units * of_unit + load.groups * traffic.posts))


def fullest_month(calendar: Calendar, *, today: date) -> tuple[date, int]:
    """Return the month with most reporting days: its first day, and how many they are.

    Of the twelve months from this one on, each counted whole; the earliest of those that are equal.
    """
    this = today.year * 12 + today.month - 1
    firsts = [
        date(month // 12, month % 12 + 1, 1) for month in range(this, this + _MONTHS_AHEAD + 1)
    ]
    months = [(first, _reporting_days(calendar, first, after)) for first, after in pairwise(firsts)]
    return max(months, key=lambda month: month[1])


def _reporting_days(calendar: Calendar, first: date, after: date) -> int:
    days = (first + n * _ONE_DAY for n in range((after - first).days))
    return sum(map(calendar.is_reporting_day, days))
