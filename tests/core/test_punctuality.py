"""Each day of a unit is judged once, and what is no fault of the unit is none."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.life import Life
from bot.core.periods import Down, Period, moved
from bot.core.punctuality import (
    DayMark,
    Mark,
    Punctuality,
    UnitDay,
    judged,
    overdue_since,
    unmanned,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TUESDAY = date(2020, 4, 14)


def at(hour: int, minute: int = 0, day: int = 14) -> datetime:
    return datetime(2020, 4, day, hour, minute, tzinfo=HANOI)


PERIOD = Period(TUESDAY, at(15, day=13), at(15), at(16, 30), at(9, day=15))
LATER = at(10, day=15)


def sent(when: datetime) -> Life:
    return Life(first_sent_at=when, on_time=when <= PERIOD.cut_off, revisions=1)


def mark(life: Life, *outages: Down, now: datetime = LATER, unmanned_then: bool = False) -> DayMark:
    return judged(UnitDay(moved(PERIOD, outages), life, unmanned_then), now=now)


@pytest.mark.parametrize(
    ("when", "found", "late_by"),
    [
        pytest.param(at(16, 29), Mark.ON_TIME, 0, id="just before the deadline"),
        pytest.param(at(16, 30), Mark.ON_TIME, 0, id="at the deadline"),
        pytest.param(at(16, 55), Mark.LATE, 25, id="after the deadline"),
        pytest.param(at(9, 30, day=16), Mark.LATE, 41 * 60, id="only because it was reopened"),
    ],
)
def test_a_report_is_judged_by_its_first_submission(when: datetime, found: Mark, late_by: int):
    day = mark(sent(when))

    assert (day.mark, day.late_by) == (found, timedelta(minutes=late_by))


@pytest.mark.parametrize(
    "life",
    [
        replace(sent(at(16)), revisions=2),
        replace(sent(at(16)), returned=True),
        replace(sent(at(16)), reopened=True),
        replace(sent(at(16)), amended=True, revisions=3),
    ],
)
def test_what_comes_after_a_report_that_was_on_time_never_makes_it_late(life: Life):
    assert mark(life).mark is Mark.ON_TIME


def test_an_exempted_day_counts_neither_for_nor_against_a_unit():
    day = mark(Life(exempt_reason="mất điện"))

    assert (day.mark, day.judged, day.minus, day.reason) == (Mark.EXEMPT, False, False, "mất điện")


@pytest.mark.parametrize(
    ("now", "found"),
    [
        pytest.param(at(16, 30), Mark.AHEAD, id="at the deadline"),
        pytest.param(at(16, 31), Mark.MISSING, id="after it"),
    ],
)
def test_a_day_is_missing_only_after_its_deadline(now: datetime, found: Mark):
    assert mark(Life(), now=now).mark is found


@pytest.mark.parametrize(
    ("since", "until", "when", "found"),
    [
        pytest.param(at(16, 10), at(16, 50), at(17, 40), Mark.ON_TIME, id="by the moved deadline"),
        pytest.param(at(16, 10), at(16, 50), at(17, 41), Mark.LATE, id="after the moved deadline"),
        pytest.param(at(15), at(16), at(16, 31), Mark.LATE, id="up half an hour before"),
        pytest.param(at(15), at(16, 1), at(16, 31), Mark.ON_TIME, id="down in that half hour"),
        pytest.param(at(16, 30), at(18), at(18, 5), Mark.LATE, id="down from the deadline on"),
    ],
)
def test_the_deadline_moves_by_an_outage_before_it_and_half_an_hour(
    since: datetime, until: datetime, when: datetime, found: Mark
):
    assert mark(sent(when), Down(since, until)).mark is found


def test_lateness_is_counted_from_the_moved_deadline():
    day = mark(sent(at(17, 45)), Down(at(16, 10), at(16, 50)))

    assert day.late_by == timedelta(minutes=5)


@pytest.mark.parametrize("life", [Life(), sent(at(10, day=16))])
def test_an_outage_until_the_lock_excuses_a_missing_report_and_one_of_a_reopened_day(life: Life):
    day = mark(life, Down(at(16), at(8, 50, day=15)), now=at(12, day=16))

    assert (day.mark, day.minus) == (Mark.OUTAGE, False)


@pytest.mark.parametrize("life", [Life(), sent(at(17))])
def test_a_day_without_anybody_who_could_be_asked_is_no_minus(life: Life):
    day = mark(life, unmanned_then=True)

    assert (day.mark, day.judged, day.minus) == (Mark.UNMANNED, False, False)


def test_a_unit_that_reports_in_time_although_everybody_is_on_leave_gets_its_due():
    assert mark(sent(at(16)), unmanned_then=True).mark is Mark.ON_TIME


@pytest.mark.parametrize(
    ("reporters", "away", "found"),
    [
        ([1, 2], [1], False),
        ([1, 2], [1, 2], True),
        ([1], [1], True),
        pytest.param([], [], False, id="nobody had joined, so nobody was on leave"),
    ],
)
def test_a_unit_is_unmanned_when_all_its_people_are_away(
    reporters: list[int], away: list[int], found: bool
):
    assert unmanned(reporters, away) is found


def test_no_day_is_counted_twice():
    days = [
        mark(sent(at(16))),
        mark(sent(at(17))),
        mark(Life()),
        mark(Life(exempt_reason="x")),
        mark(Life(), unmanned_then=True),
        mark(Life(), now=at(16)),
    ]

    week = Punctuality(tuple(days))

    assert (week.on_time, week.of, sum(d.minus for d in days)) == (1, 3, 2)


def test_overdue_dossiers_are_known_since_the_first_of_the_days_in_a_row():
    figures = [1, 0, 2, None, 3]
    days = [
        DayMark(TUESDAY + timedelta(days=n), Mark.ON_TIME, at(16, 30), overdue=count)
        for n, count in enumerate(figures)
    ]

    assert overdue_since(days) == TUESDAY + timedelta(days=2)
    assert overdue_since(days[:2]) is None
