from datetime import date

import pytest

from bot.core.calendar import Calendar

TET = {date(2020, 1, n): "Tết Nguyên đán" for n in range(23, 30)}
MAY_DAYS = {date(2020, 4, 30): "Ngày Chiến thắng", date(2020, 5, 1): "Quốc tế Lao động"}
OFFICE = Calendar(TET | MAY_DAYS)
EPIDEMIC = Calendar(TET | MAY_DAYS, every_day=True)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        pytest.param(date(2020, 4, 10), True, id="Friday"),
        pytest.param(date(2020, 4, 11), False, id="Saturday"),
        pytest.param(date(2020, 4, 12), False, id="Sunday"),
        pytest.param(date(2020, 4, 13), True, id="Monday"),
        pytest.param(date(2020, 1, 22), True, id="day before Tết"),
        pytest.param(date(2020, 1, 23), False, id="first day of Tết"),
        pytest.param(date(2020, 1, 29), False, id="last day of Tết"),
        pytest.param(date(2020, 1, 30), True, id="day after Tết"),
    ],
)
def test_office_works_from_monday_to_friday_except_on_days_off(day: date, works: bool) -> None:
    assert OFFICE.is_working_day(day) is works
    assert OFFICE.is_reporting_day(day) is works


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(date(2020, 4, 11), id="Saturday"),
        pytest.param(date(2020, 4, 12), id="Sunday"),
        pytest.param(date(2020, 4, 30), id="holiday"),
    ],
)
def test_day_worked_in_exchange_is_a_working_day_whatever_else_it_is(day: date) -> None:
    calendar = Calendar(MAY_DAYS, working_days=frozenset({day}))

    assert calendar.is_working_day(day)
    assert calendar.is_reporting_day(day)


def test_epidemic_makes_every_day_a_reporting_day_but_no_day_off_a_working_day() -> None:
    sunday, holiday = date(2020, 4, 12), date(2020, 4, 30)

    assert EPIDEMIC.is_reporting_day(sunday)
    assert EPIDEMIC.is_reporting_day(holiday)
    assert not EPIDEMIC.is_working_day(sunday)
    assert not EPIDEMIC.is_working_day(holiday)


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        pytest.param(date(2020, 4, 15), date(2020, 4, 14), date(2020, 4, 16), id="Wednesday"),
        pytest.param(date(2020, 4, 10), date(2020, 4, 9), date(2020, 4, 13), id="Friday"),
        pytest.param(date(2020, 4, 12), date(2020, 4, 10), date(2020, 4, 13), id="Sunday"),
        pytest.param(date(2020, 1, 22), date(2020, 1, 21), date(2020, 1, 30), id="before Tết"),
        pytest.param(date(2020, 1, 30), date(2020, 1, 22), date(2020, 1, 31), id="after Tết"),
        pytest.param(date(2020, 4, 29), date(2020, 4, 28), date(2020, 5, 4), id="before May"),
        pytest.param(date(2020, 5, 4), date(2020, 4, 29), date(2020, 5, 5), id="after May"),
    ],
)
def test_neighbouring_working_days_step_over_weekends_and_holidays(
    day: date, before: date, after: date
) -> None:
    assert OFFICE.previous_working_day(day) == OFFICE.previous_reporting_day(day) == before
    assert OFFICE.next_working_day(day) == OFFICE.next_reporting_day(day) == after


def test_neighbouring_reporting_days_in_an_epidemic_are_yesterday_and_tomorrow() -> None:
    holiday = date(2020, 5, 1)

    assert EPIDEMIC.previous_reporting_day(holiday) == date(2020, 4, 30)
    assert EPIDEMIC.next_reporting_day(holiday) == date(2020, 5, 2)
    assert EPIDEMIC.previous_working_day(holiday) == date(2020, 4, 29)
    assert EPIDEMIC.next_working_day(holiday) == date(2020, 5, 4)
