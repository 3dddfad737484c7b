"""What is due when: the rows of DESIGN §2 as moments, computed and never remembered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.core.calendar import Calendar
from bot.core.periods import Times, Week, period_of, weeks


class Slot(StrEnum):
    """What is done at a due moment. Of those due at one moment, the earlier listed come first."""

    PROMPT = "prompt"
    REMINDER_1 = "reminder_1"
    REMINDER_2 = "reminder_2"  # the last one: to deputies as well
    ESCALATION = "escalation"  # each superior gets all of its missing units
    DIGEST = "digest"
    UPDATE_1 = "update_1"
    UPDATE_2 = "update_2"
    LOCK = "lock"
    WEEK = "week"  # the week closes: its figures are frozen
    SLIP = "slip"  # each unit is told how punctual it was in the week that closed
    AMENDMENT = "amendment"  # not by the clock: something changed in a day after its lock


_ORDER = {slot: place for place, slot in enumerate(Slot)}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One due moment.

    Attributes:
        day: the reporting day it is about; of a week, its day of issue.
        due: aware local datetime.
        useful_until: after this moment it is skipped instead of done; None: it is always done.
    """

    slot: Slot
    day: date
    due: datetime
    useful_until: datetime | None

    @property
    def key(self) -> str:
        """Names the occurrence for ever, as in "prompt@2020-04-15"."""
        return f"{self.slot}@{self.day}"


def due_occurrences(
    *, since: datetime, until: datetime, calendar: Calendar, times: Times, zone: ZoneInfo
) -> list[Occurrence]:
    """Return the occurrences with since < due <= until, oldest first.

    Args:
        since, until: aware datetimes; in production `until` is now.
        zone: where the office's times are meant.
    """
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    # A week closes after everything else about its days, so the running weeks hold all that is due.
    running = weeks(first, last, calendar=calendar, times=times, zone=zone)
    found = [o for week in running for o in _of_week(week, calendar, times, zone)]
    due = (o for o in found if since < o.due <= until)
    return sorted(due, key=lambda o: (o.due, _ORDER[o.slot], o.day))


def _of_week(week: Week, calendar: Calendar, times: Times, zone: ZoneInfo) -> Iterator[Occurrence]:
    for day in week.days:
        yield from _of_day(day, calendar, times, zone)
    yield Occurrence(Slot.WEEK, week.issue_day, week.closes_at, None)
    if times.slip_at is not None:
        at = datetime.combine(week.issue_day, times.slip_at, zone)
        midnight = datetime.combine(week.issue_day + timedelta(days=1), time(), zone)
        yield Occurrence(Slot.SLIP, week.issue_day, at, midnight)


def _of_day(day: date, calendar: Calendar, times: Times, zone: ZoneInfo) -> Iterator[Occurrence]:
    period = period_of(day, calendar=calendar, times=times, zone=zone)
    deadline, lock = period.cut_off, period.locks_at
    prompt, reminder_1, reminder_2, digest, update = (
        datetime.combine(day, at, zone)
        for at in (times.prompt_at, *times.reminders, times.digest_at, times.update_at)
    )
    next_day = calendar.next_reporting_day(day)
    next_morning = datetime.combine(next_day, times.morning_at, zone)
    next_digest = datetime.combine(next_day, times.digest_at, zone)

    yield Occurrence(Slot.PROMPT, day, prompt, deadline)
    yield Occurrence(Slot.REMINDER_1, day, reminder_1, deadline)
    yield Occurrence(Slot.REMINDER_2, day, reminder_2, deadline)
    # A report sent at the deadline itself is on time: what has arrived is read before it is done.
    yield Occurrence(Slot.ESCALATION, day, deadline, digest)
    yield Occurrence(Slot.DIGEST, day, digest, lock)
    yield Occurrence(Slot.UPDATE_1, day, update, lock)
    # Mostly due at the lock itself, so it cannot lapse there: the next digest takes its place.
    yield Occurrence(Slot.UPDATE_2, day, min(next_morning, lock), next_digest)
    yield Occurrence(Slot.LOCK, day, lock, None)
