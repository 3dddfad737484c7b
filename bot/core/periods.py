"""Reporting days and weeks: working days, closing of figures, deadline, lock.

Source: DESIGN §2, the table of a day and a week.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

from bot.core.calendar import Calendar

_FRIDAY = 4
_HALF_AN_HOUR = timedelta(minutes=30)
_ONE_DAY = timedelta(days=1)
_ONE_WEEK = timedelta(weeks=1)


class MovedFriday(StrEnum):
    """Where the day of issue goes when Friday is a day off."""

    PREVIOUS = "previous"  # the nearest earlier working day: 01/5/2020 becomes 29/4
    NEXT = "next"  # the nearest later working day: 01/5/2020 becomes 04/5
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Times:
    """The times of an office's day, local.

    Attributes:
        closes_at: figures run from yesterday's to today's (thời gian chốt số liệu).
        reminders: the first and the last; the last one goes to deputies as well.
        cut_off: last moment, inclusive, at which a report is on time (thời hạn gửi báo cáo).
        morning_at: next morning's update of the digest, the lock, and the close of the week.
        issue_by: the signed weekly paper must be out before it, exclusive ("trước 16h").
        slip_at: on the day of issue each unit is told how punctual it was; None: never.

    Raises:
        ValueError: the times contradict each other, as a reminder after the cut-off would.
    """

    closes_at: time = time(15)
    prompt_at: time = time(15)
    reminders: tuple[time, time] = (time(16), time(16, 20))
    cut_off: time = time(16, 30)
    digest_at: time = time(17)
    update_at: time = time(18, 30)
    morning_at: time = time(9)
    issue_by: time = time(16)
    moved_friday: MovedFriday = MovedFriday.PREVIOUS
    slip_at: time | None = time(9, 30)

    def __post_init__(self) -> None:
        ladders = {
            "closes_at, cut_off, digest_at, update_at": (
                self.closes_at,
                self.cut_off,
                self.digest_at,
                self.update_at,
            ),
            "prompt_at, reminders, cut_off": (self.prompt_at, *self.reminders, self.cut_off),
            "morning_at, digest_at": (self.morning_at, self.digest_at),
            "morning_at, issue_by": (self.morning_at, self.issue_by),
        }
        if self.slip_at is not None:
            ladders["morning_at, slip_at"] = (self.morning_at, self.slip_at)
        for names, ladder in ladders.items():
            if any(earlier >= later for earlier, later in pairwise(ladder)):
                raise ValueError(f"{names}: each must be later than the one before")


@dataclass(frozen=True, slots=True)
class Period:
    """One reporting day; aware local datetimes.

    Attributes:
        opens_at, closes_at: figures run from the first, exclusive, to the second (thời gian chốt
            số liệu).
        cut_off: the last moment, inclusive, at which a report is on time (thời hạn gửi báo cáo).
        moved: the bot was down before the deadline, which is later therefore.
        locks_at: from then on only a reopened report can be changed.
    """

    day: date
    opens_at: datetime
    closes_at: datetime
    cut_off: datetime
    locks_at: datetime
    moved: bool = False

    def locked(self, now: datetime) -> bool:
        return now >= self.locks_at


@dataclass(frozen=True, slots=True)
class Week:
    """The reporting days that one weekly paper is about; aware local datetimes.

    Attributes:
        id: ISO week of its Friday, as in "2020-W16", also when its day of issue has moved: two
            moved days may lie in the same week, two Fridays never do.
        days: reporting days from the previous week's day of issue, inclusive, to the day before
            its own; never empty. A Friday's own daily report belongs to the week after.
        issue_day: Friday, or where a day off has moved it.
        closes_at: all its days are locked and its figures frozen.
        issue_by: the signed paper must be out before this moment, exclusive.
    """

    id: str
    days: tuple[date, ...]
    issue_day: date
    closes_at: datetime
    issue_by: datetime


def period_of(day: date, *, calendar: Calendar, times: Times, zone: ZoneInfo) -> Period:
    """Return the period of a reporting day.

    It locks on the next working day's morning, or when its week closes if that is earlier: a day
    that reports on a holiday may have no working day before a Friday that was kept. A day that
    became a day off after reports had come keeps its period, so that they can still be judged.
    """
    previous = calendar.previous_reporting_day(day)
    next_morning = datetime.combine(calendar.next_working_day(day), times.morning_at, zone)
    week = week_of(day, calendar=calendar, times=times, zone=zone)
    return Period(
        day=day,
        opens_at=datetime.combine(previous, times.closes_at, zone),
        closes_at=datetime.combine(day, times.closes_at, zone),
        cut_off=datetime.combine(day, times.cut_off, zone),
        locks_at=min(next_morning, week.closes_at),
    )


@dataclass(frozen=True, slots=True)
class Down:
    """A time in which the bot did not run."""

    since: datetime
    until: datetime


def moved(period: Period, outages: Iterable[Down]) -> Period:
    """Return a period whose deadline is moved if the bot was down in the half hour before it.

    It moves by that time and half an hour more, so that nobody is late who was not heard.

    Source: DESIGN §2.
    """
    since = period.cut_off - _HALF_AN_HOUR
    near = [o.until - o.since for o in outages if o.since < period.cut_off and o.until > since]
    if not near:
        return period
    cut_off = period.cut_off + sum(near, _HALF_AN_HOUR)
    return replace(period, cut_off=cut_off, moved=True)


def week_of(day: date, *, calendar: Calendar, times: Times, zone: ZoneInfo) -> Week:
    """Return the week that covers a reporting day: the first one issued after it."""
    return next(_weeks_after(day, calendar, times, zone))


def week_named(week_id: str, *, calendar: Calendar, times: Times, zone: ZoneInfo) -> Week:
    """Return the week of that id, as in "2020-W16".

    Raises:
        ValueError: this is no ISO week, or its days belong to a neighbouring week because the
            office was closed for a whole one.
    """
    try:
        friday = date.fromisoformat(f"{week_id}-{_FRIDAY + 1}")  # ISO counts Monday as 1
    except ValueError as error:
        raise ValueError(f"{week_id!r} is not a week such as 2020-W16") from error
    week = _week(friday, calendar, times, zone)
    if not week.days:
        raise ValueError(f"{week_id} has no paper of its own: no reporting day falls to it")
    return week


def weeks(
    first: date, last: date, *, calendar: Calendar, times: Times, zone: ZoneInfo
) -> list[Week]:
    """Return the weeks running at some time from the first day to the last, oldest first.

    A week runs from its first reporting day to its day of issue, both inclusive.
    """
    issued_since = _weeks_after(first - _ONE_DAY, calendar, times, zone)
    return list(takewhile(lambda week: week.days[0] <= last, issued_since))


def _weeks_after(day: date, calendar: Calendar, times: Times, zone: ZoneInfo) -> Iterator[Week]:
    """Yield the weeks issued after a day, oldest first, without end."""
    friday = _first_friday_issued_after(day, calendar, times.moved_friday)
    while True:
        week = _week(friday, calendar, times, zone)
        if week.days:
            yield week
        friday += _ONE_WEEK


def _week(friday: date, calendar: Calendar, times: Times, zone: ZoneInfo) -> Week:
    """Return the week of a Friday; its days are empty if the Friday has none of its own.

    Looking back one Friday is enough even when that one has no week: it was then moved onto the
    day of issue before it, which is where this week starts.
    """
    start = _issue_day(friday - _ONE_WEEK, calendar, times.moved_friday)
    issue_day = _issue_day(friday, calendar, times.moved_friday)
    span = (start + timedelta(days=n) for n in range((issue_day - start).days))
    year, number, _ = friday.isocalendar()
    return Week(
        id=f"{year}-W{number:02}",
        days=tuple(day for day in span if calendar.is_reporting_day(day)),
        issue_day=issue_day,
        closes_at=datetime.combine(issue_day, times.morning_at, zone),
        issue_by=datetime.combine(issue_day, times.issue_by, zone),
    )


def _issue_day(friday: date, calendar: Calendar, moved: MovedFriday) -> date:
    match moved:
        case MovedFriday.PREVIOUS:
            return calendar.previous_working_day(friday + _ONE_DAY)
        case MovedFriday.NEXT:
            return calendar.next_working_day(friday - _ONE_DAY)
        case MovedFriday.KEEP:
            return friday


def _first_friday_issued_after(day: date, calendar: Calendar, moved: MovedFriday) -> date:
    """Return the first Friday whose day of issue lies after a day."""
    match moved:
        case MovedFriday.PREVIOUS:
            return _friday_from(calendar.next_working_day(day))
        case MovedFriday.NEXT:
            # A Friday after the last working day so far moves on beyond this day.
            return _friday_from(calendar.previous_working_day(day + _ONE_DAY) + _ONE_DAY)
        case MovedFriday.KEEP:
            return _friday_from(day + _ONE_DAY)


def _friday_from(day: date) -> date:
    return day + timedelta(days=(_FRIDAY - day.weekday()) % 7)
