"""Which days an office works, and on which of them it reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of one office; Monday to Friday are worked unless said otherwise here.

    Attributes:
        days_off: public holidays and the office's own days off, each with its name.
        working_days: days worked in exchange for a day off, mostly Saturdays. They are worked
            even when they are a weekend or a holiday.
        every_day: units report on days off as well, as during an epidemic. Nobody works more for
            it: what an office signs still waits for a working day.

    Source: DESIGN §2; the Government announces exchanged days every year, so they are data.
    """

    days_off: Mapping[date, str]
    working_days: frozenset[date] = frozenset()
    every_day: bool = False

    def is_working_day(self, day: date) -> bool:
        if day in self.working_days:
            return True
        return day.weekday() < _SATURDAY and day not in self.days_off

    def is_reporting_day(self, day: date) -> bool:
        return self.every_day or self.is_working_day(day)

    def next_working_day(self, day: date) -> date:
        """Return the first working day strictly after a day."""
        day += _ONE_DAY
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def previous_working_day(self, day: date) -> date:
        """Return the last working day strictly before a day."""
        day -= _ONE_DAY
        while not self.is_working_day(day):
            day -= _ONE_DAY
        return day

    def next_reporting_day(self, day: date) -> date:
        """Return the first reporting day strictly after a day."""
        return day + _ONE_DAY if self.every_day else self.next_working_day(day)

    def previous_reporting_day(self, day: date) -> date:
        """Return the last reporting day strictly before a day."""
        return day - _ONE_DAY if self.every_day else self.previous_working_day(day)
