from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.calendar import Calendar
from bot.core.periods import MovedFriday, Times, period_of, week_named, week_of, weeks

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
YEARS = range(2018, 2028)
HOLIDAYS = dict(holidays.country_holidays("VN", years=YEARS))
OFFICE = Calendar(HOLIDAYS)
PREVIOUS, NEXT, KEEP = MovedFriday


def day(month: int, of_month: int, year: int = 2020) -> date:
    return date(year, month, of_month)


def at(month: int, of_month: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2020, month, of_month, hour, minute, tzinfo=HANOI)


def office(calendar: Calendar = OFFICE, moved_friday: MovedFriday = PREVIOUS) -> dict[str, Any]:
    return {"calendar": calendar, "times": Times(moved_friday=moved_friday), "zone": HANOI}


# --- a day


def test_period_runs_from_yesterdays_closing_to_todays_and_locks_next_morning() -> None:
    wednesday = period_of(day(4, 15), **office())

    assert wednesday.day == day(4, 15)
    assert wednesday.opens_at == at(4, 14, 15)
    assert wednesday.closes_at == at(4, 15, 15)
    assert wednesday.cut_off == at(4, 15, 16, 30)
    assert wednesday.locks_at == at(4, 16, 9)


def test_period_is_the_same_moment_everywhere() -> None:
    cut_off = period_of(day(4, 15), **office()).cut_off

    assert cut_off == datetime(2020, 4, 15, 9, 30, tzinfo=ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("reporting_day", "opens", "locks"),
    [
        pytest.param(day(4, 13), at(4, 10, 15), at(4, 14, 9), id="Monday"),
        pytest.param(day(4, 10), at(4, 9, 15), at(4, 13, 9), id="Friday"),
        pytest.param(day(1, 22), at(1, 21, 15), at(1, 30, 9), id="last day before Tết"),
        pytest.param(day(1, 30), at(1, 22, 15), at(1, 31, 9), id="first day after Tết"),
        pytest.param(day(4, 29), at(4, 28, 15), at(5, 4, 9), id="before 30/4"),
        pytest.param(day(5, 4), at(4, 29, 15), at(5, 5, 9), id="after 1/5"),
    ],
)
def test_period_reaches_over_weekends_and_holidays(
    reporting_day: date, opens: datetime, locks: datetime
) -> None:
    period = period_of(reporting_day, **office())

    assert (period.opens_at, period.locks_at) == (opens, locks)


@pytest.mark.parametrize(
    ("now", "locked"),
    [
        (at(4, 16, 8, 59), False),
        (at(4, 16, 9), True),
        (at(4, 16, 9, 1), True),
    ],
)
def test_day_is_locked_from_nine_the_next_working_morning(now: datetime, locked: bool) -> None:
    assert period_of(day(4, 15), **office()).locked(now) is locked


def test_weekend_reported_in_an_epidemic_has_its_own_figures_and_locks_on_monday() -> None:
    saturday = period_of(day(4, 11), **office(Calendar(HOLIDAYS, every_day=True)))

    assert saturday.opens_at == at(4, 10, 15)
    assert saturday.closes_at == at(4, 11, 15)
    assert saturday.locks_at == at(4, 13, 9)


def test_week_that_closes_on_a_kept_holiday_locks_its_days_before_the_next_working_day() -> None:
    wednesday = period_of(day(4, 29), **office(moved_friday=KEEP))

    assert wednesday.locks_at == at(5, 1, 9)


def test_day_that_became_a_day_off_after_reports_had_come_keeps_its_deadline() -> None:
    storm = Calendar({**HOLIDAYS, day(4, 15): "Nghỉ tránh bão"})

    period = period_of(day(4, 15), **office(storm))

    assert period.cut_off == at(4, 15, 16, 30)
    assert period.locks_at == at(4, 16, 9)


# --- a week


def test_week_covers_last_friday_to_this_thursday_and_is_issued_on_friday() -> None:
    week = week_named("2020-W16", **office())

    assert week.id == "2020-W16"
    assert week.days == (day(4, 10), day(4, 13), day(4, 14), day(4, 15), day(4, 16))
    assert week.issue_day == day(4, 17)
    assert week.closes_at == at(4, 17, 9)
    assert week.issue_by == at(4, 17, 16)


@pytest.mark.parametrize(
    ("reporting_day", "week_id"),
    [
        pytest.param(day(4, 9), "2020-W15", id="Thursday"),
        pytest.param(day(4, 10), "2020-W16", id="Friday belongs to the week after"),
        pytest.param(day(4, 13), "2020-W16", id="Monday"),
        pytest.param(day(4, 16), "2020-W16", id="last day"),
        pytest.param(day(4, 17), "2020-W17", id="next Friday"),
        pytest.param(day(12, 30), "2020-W53", id="last week of the year"),
        pytest.param(day(12, 31), "2021-W01", id="issued that day, since 01/01/2021 is off"),
    ],
)
def test_reporting_day_falls_to_the_first_week_issued_after_it(
    reporting_day: date, week_id: str
) -> None:
    assert week_of(reporting_day, **office()).id == week_id


@pytest.mark.parametrize(
    ("week_id", "moved", "first", "last", "issued"),
    [
        # Friday 01/5/2020 and the Thursday before it are days off.
        ("2020-W18", PREVIOUS, day(4, 24), day(4, 28), day(4, 29)),
        ("2020-W19", PREVIOUS, day(4, 29), day(5, 7), day(5, 8)),
        ("2020-W18", NEXT, day(4, 24), day(4, 29), day(5, 4)),
        ("2020-W19", NEXT, day(5, 4), day(5, 7), day(5, 8)),
        ("2020-W18", KEEP, day(4, 24), day(4, 29), day(5, 1)),
        ("2020-W19", KEEP, day(5, 4), day(5, 7), day(5, 8)),
        # Tết 2020: Thursday 23/01 to Wednesday 29/01.
        ("2020-W04", PREVIOUS, day(1, 17), day(1, 21), day(1, 22)),
        ("2020-W05", PREVIOUS, day(1, 22), day(1, 30), day(1, 31)),
        ("2020-W04", NEXT, day(1, 17), day(1, 22), day(1, 30)),
        ("2020-W05", NEXT, day(1, 30), day(1, 30), day(1, 31)),
        ("2020-W04", KEEP, day(1, 17), day(1, 22), day(1, 24)),
        ("2020-W05", KEEP, day(1, 30), day(1, 30), day(1, 31)),
    ],
)
def test_friday_off_moves_the_issue_and_the_days_of_both_weeks(
    week_id: str, moved: MovedFriday, first: date, last: date, issued: date
) -> None:
    week = week_named(week_id, **office(moved_friday=moved))

    assert (week.days[0], week.days[-1], week.issue_day) == (first, last, issued)
    assert week.closes_at.date() == week.issue_by.date() == issued


def test_friday_off_is_issued_on_the_saturday_worked_in_exchange() -> None:
    exchanged = Calendar(HOLIDAYS, working_days=frozenset({day(5, 2)}))

    week = week_named("2020-W18", **office(exchanged, NEXT))

    assert week.issue_day == day(5, 2)
    assert week_of(day(5, 2), **office(exchanged, NEXT)).id == "2020-W19"


def test_every_day_of_an_epidemic_is_in_the_week_and_issue_still_waits_for_a_working_day() -> None:
    epidemic = Calendar(HOLIDAYS, every_day=True)

    week = week_named("2020-W18", **office(epidemic))

    assert week.days == tuple(day(4, n) for n in range(24, 29))
    assert week.issue_day == day(4, 29)


CLOSED_WEEK = Calendar({date(2026, 2, n): "Tết Nguyên đán" for n in range(14, 23)})


@pytest.mark.parametrize(
    ("moved", "reporting_day", "week_id", "issued"),
    [
        (PREVIOUS, date(2026, 2, 12), "2026-W07", date(2026, 2, 13)),
        (PREVIOUS, date(2026, 2, 13), "2026-W09", date(2026, 2, 27)),
        (NEXT, date(2026, 2, 13), "2026-W08", date(2026, 2, 23)),
        (KEEP, date(2026, 2, 13), "2026-W08", date(2026, 2, 20)),
    ],
)
def test_days_around_a_week_off_are_reported_in_the_nearest_paper(
    moved: MovedFriday, reporting_day: date, week_id: str, issued: date
) -> None:
    week = week_of(reporting_day, **office(CLOSED_WEEK, moved))

    assert (week.id, week.issue_day) == (week_id, issued)


FORTNIGHT_OFF = Calendar({date(2026, 2, n): "Tết Nguyên đán" for n in range(13, 28)})


@pytest.mark.parametrize(
    ("calendar", "moved", "absent"),
    [
        pytest.param(CLOSED_WEEK, PREVIOUS, "2026-W08", id="moved onto the issue before"),
        pytest.param(FORTNIGHT_OFF, NEXT, "2026-W08", id="moved onto the same day as W07"),
        pytest.param(FORTNIGHT_OFF, KEEP, "2026-W08", id="no day to report about"),
    ],
)
def test_friday_without_a_reporting_day_to_it_has_no_paper(
    calendar: Calendar, moved: MovedFriday, absent: str
) -> None:
    found = weeks(date(2026, 1, 30), date(2026, 3, 13), **office(calendar, moved))

    assert absent not in [week.id for week in found]
    with pytest.raises(ValueError, match="2026-W08 has no paper of its own"):
        week_named(absent, **office(calendar, moved))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("", id="nothing"),
        pytest.param("W16", id="no year"),
        pytest.param("2020-16", id="no W"),
        pytest.param("2020-w16", id="small w"),
        pytest.param("2020W16", id="no dash"),
        pytest.param("2020-W1", id="one digit"),
        pytest.param("2020-W161", id="three digits"),
        pytest.param("2020-W1６", id="wide digit"),
        pytest.param("2020-W16\n", id="line break"),
        pytest.param("2020-04-17", id="a day"),
        pytest.param("2020-W00", id="week 0"),
        pytest.param("2020-W54", id="week 54"),
        pytest.param("2021-W53", id="year of 52 weeks"),
        pytest.param("0000-W01", id="year 0"),
    ],
)
def test_what_is_not_a_week_is_refused_with_an_example(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not a week such as 2020-W16"):
        week_named(wrong, **office())


@pytest.mark.parametrize(
    ("first", "last", "ids"),
    [
        pytest.param(day(4, 14), day(4, 15), ["2020-W16"], id="within one week"),
        pytest.param(day(4, 9), day(4, 9), ["2020-W15"], id="day before the issue"),
        pytest.param(day(4, 10), day(4, 10), ["2020-W15", "2020-W16"], id="day of issue"),
        pytest.param(day(4, 11), day(4, 11), ["2020-W16"], id="day after the issue"),
        pytest.param(day(4, 15), day(4, 24), ["2020-W16", "2020-W17", "2020-W18"], id="long"),
        pytest.param(day(4, 30), day(5, 3), ["2020-W19"], id="holidays"),
    ],
)
def test_friday_closes_one_week_and_begins_the_next(
    first: date, last: date, ids: list[str]
) -> None:
    assert [week.id for week in weeks(first, last, **office())] == ids


# --- the office's times


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"cut_off": time(14)}, "closes_at, cut_off"),
        ({"digest_at": time(16, 30)}, "cut_off, digest_at"),
        ({"update_at": time(16, 45)}, "digest_at, update_at"),
        ({"prompt_at": time(16, 10)}, "prompt_at, reminders"),
        ({"reminders": (time(16, 20), time(16))}, "reminders"),
        ({"reminders": (time(16), time(16, 30))}, "reminders, cut_off"),
        ({"morning_at": time(16)}, "morning_at, issue_by"),
        ({"morning_at": time(17), "issue_by": time(18)}, "morning_at, digest_at"),
    ],
)
def test_office_times_that_contradict_each_other_are_refused_by_name(
    wrong: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        Times(**wrong)


# --- ten years

SATURDAYS = [date(2018, 1, 6) + timedelta(weeks=n) for n in range(520)]


@st.composite
def offices(draw: st.DrawFn) -> dict[str, Any]:
    """Return an office with closures of up to three weeks and some Saturdays worked."""
    starts = st.dates(date(2018, 1, 1), date(2027, 12, 1))
    closures = draw(st.lists(st.tuples(starts, st.integers(1, 21)), max_size=12))
    own = {d + timedelta(days=n): "Nghỉ" for d, length in closures for n in range(length)}
    calendar = Calendar(
        days_off=HOLIDAYS | own,
        working_days=draw(st.frozensets(st.sampled_from(SATURDAYS), max_size=20)),
        every_day=draw(st.booleans()),
    )
    return office(calendar, draw(st.sampled_from(MovedFriday)))


@settings(max_examples=50, deadline=None)
@given(offices())
def test_every_reporting_day_of_ten_years_is_in_exactly_one_week(its: dict[str, Any]) -> None:
    first, last = date(2018, 1, 1), date(2027, 12, 31)
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    reporting_days = [d for d in span if its["calendar"].is_reporting_day(d)]

    found = weeks(first, last, **its)

    covered = [d for week in found for d in week.days]
    assert [d for d in covered if first <= d <= last] == reporting_days
    assert len({week.id for week in found}) == len(found)
    assert all(week.days[-1] < week.issue_day for week in found)
    assert all(one.issue_day <= other.days[0] for one, other in pairwise(found))
    assert all(week_named(week.id, **its) == week for week in found)


@settings(max_examples=20, deadline=None)
@given(offices())
def test_every_day_of_ten_years_is_locked_when_its_week_closes(its: dict[str, Any]) -> None:
    for week in weeks(date(2018, 1, 1), date(2027, 12, 31), **its):
        for reporting_day in week.days:
            period = period_of(reporting_day, **its)

            assert week_of(reporting_day, **its) == week
            assert period.opens_at < period.closes_at < period.cut_off < period.locks_at
            assert period.locks_at <= week.closes_at
