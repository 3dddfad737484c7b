from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.calendar import Calendar
from bot.core.periods import MovedFriday, Times
from bot.core.schedule import Occurrence, Slot, due_occurrences

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
HOLIDAYS = dict(holidays.country_holidays("VN", years=range(2019, 2022)))
OFFICE = Calendar(HOLIDAYS)
EPIDEMIC = Calendar(HOLIDAYS, every_day=True)
WEDNESDAY = date(2020, 4, 15)


def at(month: int, of_month: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2020, month, of_month, hour, minute, tzinfo=HANOI)


def due(
    since: datetime,
    until: datetime,
    calendar: Calendar = OFFICE,
    moved_friday: MovedFriday = MovedFriday.PREVIOUS,
) -> list[Occurrence]:
    times = Times(moved_friday=moved_friday)
    return due_occurrences(since=since, until=until, calendar=calendar, times=times, zone=HANOI)


def keys(found: list[Occurrence]) -> list[str]:
    return [occurrence.key for occurrence in found]


def test_day_goes_from_prompt_to_lock() -> None:
    found = due(at(4, 15, 12), at(4, 16, 12))

    lock = at(4, 16, 9)
    assert found == [
        Occurrence(Slot.PROMPT, WEDNESDAY, at(4, 15, 15), at(4, 15, 16, 30)),
        Occurrence(Slot.REMINDER_1, WEDNESDAY, at(4, 15, 16), at(4, 15, 16, 30)),
        Occurrence(Slot.REMINDER_2, WEDNESDAY, at(4, 15, 16, 20), at(4, 15, 16, 30)),
        Occurrence(Slot.ESCALATION, WEDNESDAY, at(4, 15, 16, 30), at(4, 15, 17)),
        Occurrence(Slot.DIGEST, WEDNESDAY, at(4, 15, 17), lock),
        Occurrence(Slot.UPDATE_1, WEDNESDAY, at(4, 15, 18, 30), lock),
        Occurrence(Slot.UPDATE_2, WEDNESDAY, lock, at(4, 16, 17)),
        Occurrence(Slot.LOCK, WEDNESDAY, lock, None),
    ]


def test_key_names_the_slot_and_the_reporting_day() -> None:
    morning = due(at(4, 16, 8), at(4, 16, 10))

    assert keys(morning) == ["update_2@2020-04-15", "lock@2020-04-15"]


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        pytest.param(at(4, 15, 14), at(4, 15, 14, 59), [], id="just before"),
        pytest.param(at(4, 15, 14), at(4, 15, 15), ["prompt@2020-04-15"], id="at"),
        pytest.param(at(4, 15, 14), at(4, 15, 15, 1), ["prompt@2020-04-15"], id="just after"),
        pytest.param(at(4, 15, 15), at(4, 15, 15, 59), [], id="seen before"),
        pytest.param(at(4, 15, 15), at(4, 15, 15), [], id="no time has passed"),
        pytest.param(at(4, 15, 16), at(4, 15, 14), [], id="clock went back"),
    ],
)
def test_occurrence_is_found_once_from_its_due_moment_on(
    since: datetime, until: datetime, found: list[str]
) -> None:
    assert keys(due(since, until)) == found


def test_restart_finds_the_digest_missed_while_the_bot_was_down() -> None:
    found = due(at(4, 15, 16, 50), at(4, 15, 17, 40))

    assert keys(found) == ["digest@2020-04-15"]


def test_due_is_the_same_for_a_clock_in_another_zone() -> None:
    since = datetime(2020, 4, 15, 7, 59, tzinfo=UTC)

    assert keys(due(since, since + timedelta(minutes=1))) == ["prompt@2020-04-15"]


def test_friday_morning_updates_and_locks_thursday_before_the_week_closes() -> None:
    found = due(at(4, 17, 8), at(4, 17, 10))

    assert keys(found) == [
        "update_2@2020-04-16",
        "lock@2020-04-16",
        "week@2020-04-17",
        "slip@2020-04-17",
    ]
    assert found[-2].useful_until is None


def test_weekend_asks_nobody_and_monday_morning_locks_friday() -> None:
    found = due(at(4, 10, 20), at(4, 13, 14))

    assert keys(found) == ["update_2@2020-04-10", "lock@2020-04-10"]


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        pytest.param(at(1, 22, 19), at(1, 30, 8), [], id="Tết 2020"),
        pytest.param(
            at(1, 22, 8),
            at(1, 22, 10),
            ["update_2@2020-01-21", "lock@2020-01-21", "week@2020-01-22", "slip@2020-01-22"],
            id="week of Tết closes before it",
        ),
        pytest.param(
            at(1, 30, 8), at(1, 30, 10), ["update_2@2020-01-22", "lock@2020-01-22"], id="after Tết"
        ),
        pytest.param(at(4, 29, 19), at(5, 4, 8), [], id="30/4 and 1/5"),
        pytest.param(
            at(4, 29, 8),
            at(4, 29, 10),
            [
                "update_2@2020-04-28",
                "lock@2020-04-28",
                "week@2020-04-29",
                "slip@2020-04-29",
            ],
            id="week of 1/5 closes on 29/4",
        ),
    ],
)
def test_holidays_are_quiet_and_friday_off_moves_the_close_of_the_week(
    since: datetime, until: datetime, found: list[str]
) -> None:
    assert keys(due(since, until)) == found


def test_kept_friday_closes_its_week_on_the_holiday() -> None:
    found = due(at(4, 29, 19), at(5, 4, 8), moved_friday=MovedFriday.KEEP)

    assert keys(found) == [
        "update_2@2020-04-29",
        "lock@2020-04-29",
        "week@2020-05-01",
        "slip@2020-05-01",
    ]


def test_slip_follows_the_close_of_the_week_is_of_use_that_day_and_can_be_turned_off() -> None:
    friday = due(at(4, 17, 9, 15), at(4, 17, 12))
    never = due_occurrences(
        since=at(4, 17, 8),
        until=at(4, 18, 8),
        calendar=OFFICE,
        times=Times(slip_at=None),
        zone=HANOI,
    )

    assert friday == [Occurrence(Slot.SLIP, date(2020, 4, 17), at(4, 17, 9, 30), at(4, 18, 0))]
    assert Slot.SLIP not in {o.slot for o in never}


def test_epidemic_weekend_is_updated_daily_and_locked_together_on_monday() -> None:
    mornings = [
        *due(at(4, 11, 8), at(4, 11, 10), EPIDEMIC),
        *due(at(4, 12, 8), at(4, 12, 10), EPIDEMIC),
    ]
    monday = due(at(4, 13, 8), at(4, 13, 10), EPIDEMIC)

    assert keys(mornings) == ["update_2@2020-04-10", "update_2@2020-04-11"]
    assert keys(monday) == [
        "update_2@2020-04-12",
        "lock@2020-04-10",
        "lock@2020-04-11",
        "lock@2020-04-12",
    ]


def test_after_days_of_silence_only_the_newest_day_is_still_worth_asking() -> None:
    now = at(4, 16, 15, 30)

    prompts = [o for o in due(at(4, 13, 12), now) if o.slot is Slot.PROMPT]

    worth_asking = [o.key for o in prompts if o.useful_until and now <= o.useful_until]
    assert len(prompts) == 4
    assert worth_asking == ["prompt@2020-04-16"]


calendars = st.builds(
    Calendar,
    days_off=st.dictionaries(
        st.dates(date(2020, 1, 1), date(2020, 3, 31)), st.just("Nghỉ"), max_size=50
    ).map(lambda own: HOLIDAYS | own),
    working_days=st.frozensets(st.dates(date(2020, 1, 1), date(2020, 3, 31)), max_size=5),
    every_day=st.booleans(),
)
# Whole half hours meet the due moments themselves.
moments = st.integers(0, 90 * 48).map(lambda n: at(1, 1, 0) + timedelta(minutes=30 * n))


@settings(max_examples=100, deadline=None)
@given(calendars, st.sampled_from(MovedFriday), st.tuples(moments, moments, moments).map(sorted))
def test_looking_twice_finds_what_looking_once_finds(
    calendar: Calendar, moved: MovedFriday, when: list[datetime]
) -> None:
    start, middle, end = when

    def found(since: datetime, until: datetime) -> list[Occurrence]:
        return due(since, until, calendar, moved)

    assert found(start, middle) + found(middle, end) == found(start, end)


@settings(max_examples=50, deadline=None)
@given(calendars, st.sampled_from(MovedFriday))
def test_every_reporting_day_is_asked_once_and_locked_once(
    calendar: Calendar, moved: MovedFriday
) -> None:
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(91)]
    reporting_days = [d for d in days if calendar.is_reporting_day(d)]

    found = due(at(1, 1, 0), at(6, 1, 0), calendar, moved)

    for slot in set(Slot) - {Slot.WEEK, Slot.SLIP, Slot.AMENDMENT}:
        of_slot = [o.day for o in found if o.slot is slot and o.day in days]
        assert of_slot == reporting_days
    assert len(set(keys(found))) == len(found)
    assert all(o.useful_until is None or o.due < o.useful_until for o in found)
