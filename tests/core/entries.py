"""Entries of a day, made by hand."""

from datetime import date, datetime, timedelta, timezone

from bot.core.form import Value
from bot.core.life import Status
from bot.core.rollup import Counts, DaySnapshot, Entry

HANOI = timezone(timedelta(hours=7))
WEDNESDAY = date(2020, 4, 15)

ZEROES: dict[str, Value] = {
    "counter_status": "open",
    "staff_on_duty": 1,
    "staff_total": 2,
    "received_direct": 0,
    "received_online": 0,
    "received_postal": 0,
    "resolved_on_time": 0,
    "resolved_late": 0,
    "pending": 0,
    "overdue": 0,
    "urgent_received": 0,
    "urgent_resolved": 0,
    "issues": "",
}


def reported(
    unit: str,
    *,
    name: str = "",
    level: str = "commune",
    parent: str | None = "D1",
    counts: Counts = Counts.OWN,
    status: Status = Status.ON_TIME,
    **answers: Value,
) -> Entry:
    """Return a unit that sent its report; figures that are not given are 0."""
    return Entry(
        unit=unit,
        name=name or f"Xã {unit}",
        level=level,
        parent=parent,
        counts=counts,
        status=status,
        on_time=status is not Status.LATE,
        answers={**ZEROES, **answers},
        revision=1,
        sent_at=datetime(2020, 4, 15, 15, 30, tzinfo=HANOI),
    )


def absent(
    unit: str, *, name: str = "", level: str = "commune", parent: str | None = "D1",
    status: Status = Status.MISSING,
) -> Entry:  # fmt: skip
    """Return a unit that sent nothing."""
    return Entry(unit, name or f"Xã {unit}", level, parent, Counts.OWN, status)


def day(*entries: Entry, on: date = WEDNESDAY, at: tuple[int, int] = (17, 0)) -> DaySnapshot:
    """Return a day's snapshot taken at a local hour."""
    return DaySnapshot(on, datetime(on.year, on.month, on.day, *at, tzinfo=HANOI), entries)
