"""Reporting days and weeks: working days, closing of figures, deadline, lock."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Period:
    """One reporting day; aware local datetimes.

    Attributes:
        opens_at, closes_at: figures run from the first, exclusive, to the second (thời gian chốt
            số liệu).
        cut_off: the last moment, inclusive, at which a report is on time (thời hạn gửi báo cáo).
        locks_at: from then on only a reopened report can be changed.
    """

    day: date
    opens_at: datetime
    closes_at: datetime
    cut_off: datetime
    locks_at: datetime

    def locked(self, now: datetime) -> bool:
        return now >= self.locks_at
