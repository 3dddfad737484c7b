"""Which days a unit may report about at a moment."""

from dataclasses import replace
from datetime import datetime

import pytest

from bot.core.calendar import Calendar
from bot.core.office import office_from
from bot.profile import profile_settings, read_form

SETTINGS = profile_settings("vinh-phuc")
OFFICE = office_from(SETTINGS, form=read_form(SETTINGS["form"]), calendar=Calendar({}))
EPIDEMIC = replace(OFFICE, calendar=Calendar({}, every_day=True))


@pytest.mark.parametrize(
    ("office", "now", "open_days"),
    [
        pytest.param(OFFICE, "2020-04-10 10:00", ["10/4"], id="Friday"),
        pytest.param(OFFICE, "2020-04-11 10:00", ["10/4"], id="Saturday"),
        pytest.param(OFFICE, "2020-04-12 23:59", ["10/4"], id="Sunday"),
        pytest.param(OFFICE, "2020-04-13 08:59", ["10/4", "13/4"], id="before Friday's lock"),
        pytest.param(OFFICE, "2020-04-13 09:00", ["13/4"], id="at Friday's lock"),
        pytest.param(OFFICE, "2020-04-14 08:00", ["13/4", "14/4"], id="Tuesday"),
        pytest.param(EPIDEMIC, "2020-04-12 10:00", ["10/4", "11/4", "12/4"], id="every Sunday"),
        pytest.param(
            EPIDEMIC,
            "2020-04-13 08:00",
            ["10/4", "11/4", "12/4", "13/4"],
            id="every day before the weekend's lock",
        ),
        pytest.param(EPIDEMIC, "2020-04-13 09:00", ["13/4"], id="every day at the weekend's lock"),
    ],
)
def test_a_day_may_be_reported_from_its_morning_until_it_is_locked(office, now, open_days):
    moment = datetime.fromisoformat(now).replace(tzinfo=office.zone)

    periods = office.open_periods(moment)

    assert [f"{p.day.day}/{p.day.month}" for p in periods] == open_days
