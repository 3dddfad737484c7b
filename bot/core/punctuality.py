"""How punctual a unit was: each reporting day is judged once, and what is no fault of it is none.

* A report sent by the deadline is on time, whatever is corrected, returned or reopened later.
* Where the bot was down before the deadline, the deadline is a later one (`periods.moved`). A day
  that was locked before the moved deadline is excused.
* An exempted day is not judged.
* A leave never excuses the unit, which still owes its report; but where everybody who could report
  was on leave nobody could be asked: such a day is no minus, and still counts as not reported.
* What could only be sent because the day was reopened is late, unless the day is excused.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.core.life import Life
from bot.core.periods import Period

_NO_TIME = timedelta()


class Mark(StrEnum):
    """What one reporting day is for a unit."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"
    EXEMPT = "exempt"
    OUTAGE = "outage"  # the bot could not be reached
    UNMANNED = "unmanned"  # everybody on leave, nobody stood in
    AHEAD = "ahead"  # not due yet


@dataclass(frozen=True, slots=True)
class DayMark:
    """One reporting day of a unit, judged.

    Attributes:
        cut_off: by which it was judged, moved where the bot was down.
        sent_at: of the first submission; None when nothing was sent.
        late_by: zero unless it is late.
        reason: of an exemption.
        overdue: overdue dossiers by the newest revision; None when nothing was sent.
        returned: it waits to be corrected.
        locks_at: until then it can be sent or corrected.
    """

    day: date
    mark: Mark
    cut_off: datetime
    sent_at: datetime | None = None
    late_by: timedelta = _NO_TIME
    reason: str = ""
    overdue: int | None = None
    returned: bool = False
    locks_at: datetime | None = None

    @property
    def judged(self) -> bool:
        """Whether the day counts, for or against the unit."""
        return self.mark in (Mark.ON_TIME, Mark.LATE, Mark.MISSING)

    @property
    def minus(self) -> bool:
        return self.mark in (Mark.LATE, Mark.MISSING)


@dataclass(frozen=True, slots=True)
class UnitDay:
    """What is known of a unit's day before it is judged.

    Attributes:
        unmanned: everybody who could report was on leave.
        overdue: as in `DayMark`.
    """

    period: Period
    life: Life = field(default_factory=Life)
    unmanned: bool = False
    overdue: int | None = None


def judged(day: UnitDay, *, now: datetime) -> DayMark:
    """Return the one mark of a day; it is never judged twice."""
    cut_off = day.period.cut_off
    mark = _mark(day, cut_off, now)
    sent_at = day.life.first_sent_at
    late = mark is Mark.LATE and sent_at is not None
    return DayMark(
        day=day.period.day,
        mark=mark,
        cut_off=cut_off,
        sent_at=sent_at,
        late_by=sent_at - cut_off if late and sent_at else _NO_TIME,
        reason=day.life.exempt_reason or "",
        overdue=day.overdue,
        returned=day.life.returned,
        locks_at=day.period.locks_at,
    )


def _mark(day: UnitDay, cut_off: datetime, now: datetime) -> Mark:
    life, sent_at = day.life, day.life.first_sent_at
    if life.exempt_reason is not None:
        return Mark.EXEMPT
    if life.on_time or (sent_at is not None and sent_at <= cut_off):
        return Mark.ON_TIME
    if sent_at is None and now <= cut_off:
        return Mark.AHEAD
    if day.unmanned:
        return Mark.UNMANNED
    if day.period.moved and cut_off >= day.period.locks_at:
        return Mark.OUTAGE  # there was no time in which the unit could have been on time
    return Mark.LATE if sent_at is not None else Mark.MISSING


@dataclass(frozen=True, slots=True)
class Punctuality:
    """A unit's reporting days of a week, oldest first."""

    marks: tuple[DayMark, ...]

    @property
    def of(self) -> int:
        """Days that count."""
        return sum(m.judged for m in self.marks)

    @property
    def on_time(self) -> int:
        return sum(m.mark is Mark.ON_TIME for m in self.marks)

    @property
    def overdue(self) -> DayMark | None:
        """The newest day of which the overdue dossiers are known; None when none is."""
        known = [m for m in self.marks if m.overdue is not None]
        return known[-1] if known else None


def overdue_since(marks: Iterable[DayMark]) -> date | None:
    """Return the first of the days in a row, up to the newest report, that had overdue dossiers.

    Args:
        marks: of all days that are looked at, oldest first; days without a report are passed over.
    """
    since = None
    for mark in marks:
        if mark.overdue is not None:
            since = (since or mark.day) if mark.overdue else None
    return since


def unmanned(reporters: Iterable[int], away: Iterable[int]) -> bool:
    """Whether all who could report for a unit, of whom there are some, were on leave."""
    holders = set(reporters)
    return bool(holders) and holders <= set(away)
