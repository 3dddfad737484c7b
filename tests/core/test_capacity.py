"""How many bots and owner accounts an office needs, in exact figures."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from bot.core.calendar import Calendar
from bot.core.capacity import Load, Traffic, fullest_month, need, plan
from bot.core.quota import Limit, Quota

QUOTA = Quota()
PROVINCE = Load(units=169, people=351, groups=10, days=23)
NO_REMINDERS = Traffic(reminded=Fraction(0))


def by(people: int, messages: int, groups: int) -> dict[Limit, int]:
    return {Limit.PEOPLE: people, Limit.MESSAGES: messages, Limit.GROUPS: groups}


def test_a_province_of_170_units_needs_eight_bots_of_three_owners():
    found = plan(PROVINCE, QUOTA)

    # 23 × (169 × 2,2 + 10 × 4) = 9.471,4; with the reports themselves 23 × 169 more.
    assert (found.outgoing.messages, found.both_ways.messages) == (9472, 13359)
    assert found.outgoing.by == by(8, 4, 4)
    assert found.both_ways.by == by(8, 5, 4)
    assert found.outgoing.binding == found.both_ways.binding == (Limit.PEOPLE,)
    assert (found.larger.bots, found.larger.owners) == (8, 3)
    assert found.outgoing.free == 8 * 2700 - 9472


def test_without_deputies_the_messages_decide_and_only_if_both_directions_count():
    found = plan(replace(PROVINCE, people=182), QUOTA)

    assert found.outgoing.by == by(4, 4, 4)
    assert found.outgoing.binding == (Limit.PEOPLE, Limit.MESSAGES, Limit.GROUPS)
    assert (found.outgoing.bots, found.outgoing.owners) == (4, 2)
    assert found.both_ways.by == by(4, 5, 4)
    assert found.both_ways.binding == (Limit.MESSAGES,)
    assert found.larger is found.both_ways
    assert (found.larger.bots, found.larger.owners) == (5, 2)
    assert found.larger.free == 5 * 2700 - 13359


def test_reminders_are_planned_for_as_a_share_of_the_units():
    without = need(PROVINCE, QUOTA, NO_REMINDERS)
    everybody = need(PROVINCE, QUOTA, Traffic(reminded=Fraction(1)))

    assert without.messages == 23 * (169 * 2 + 10 * 4) == 8694
    assert everybody.messages == 23 * (169 * 3 + 10 * 4)
    assert without.free - everybody.free == 23 * 169


@pytest.mark.parametrize(
    ("people", "bots", "owners"),
    [(0, 0, 0), (1, 1, 1), (49, 1, 1), (50, 1, 1), (51, 2, 1), (150, 3, 1), (151, 4, 2)],
)
def test_the_person_after_the_fiftieth_needs_another_bot(people: int, bots: int, owners: int):
    found = need(Load(units=0, people=people, groups=0, days=23), QUOTA)

    assert (found.bots, found.owners) == (bots, owners)


@pytest.mark.parametrize(("groups", "bots"), [(0, 0), (3, 1), (4, 2), (9, 3), (10, 4)])
def test_the_group_after_the_third_needs_another_bot(groups: int, bots: int):
    found = need(Load(units=0, people=0, groups=groups, days=0), QUOTA)

    assert found.by == by(0, 0, bots)


@pytest.mark.parametrize(
    ("units", "days", "bots"), [(135, 10, 1), (136, 10, 2), (270, 10, 2), (271, 10, 3)]
)
def test_the_message_after_the_last_outside_the_reserve_needs_another_bot(
    units: int, days: int, bots: int
):
    found = need(Load(units, people=0, groups=0, days=days), QUOTA, NO_REMINDERS)

    assert found.by == by(0, bots, 0)


def test_an_office_without_units_needs_nothing():
    found = plan(Load(units=0, people=0, groups=0, days=23), QUOTA).larger

    assert (found.messages, found.bots, found.owners, found.free) == (0, 0, 0, 0)
    assert found.binding == ()


def test_another_plan_of_the_messengers_needs_other_numbers():
    found = plan(PROVINCE, Quota(messages=10_000, people=200, groups=10, reserve=0))

    assert found.outgoing.by == by(2, 1, 1)
    assert found.both_ways.by == by(2, 2, 1)


@pytest.mark.parametrize(
    "quota",
    [Quota(people=0), Quota(groups=0), Quota(messages=300), Quota(messages=0)],
    ids=["no people", "no groups", "only a reserve", "no messages"],
)
def test_a_bot_that_carries_nothing_makes_no_plan(quota: Quota):
    with pytest.raises(ValueError, match="carries nothing"):
        plan(PROVINCE, quota)


def test_the_month_that_has_begun_is_counted_whole_and_the_same_month_next_year_is_not():
    only_april = Calendar({date(2020, 1, 1) + timedelta(n): "nghỉ" for n in range(1200)})
    worked = frozenset({date(2020, 4, 1), date(2020, 4, 2), date(2021, 3, 31)})
    next_april = frozenset({date(2021, 4, 1) + timedelta(n) for n in range(20)})
    calendar = replace(only_april, working_days=worked | next_april)

    assert fullest_month(calendar, today=date(2020, 4, 30)) == (date(2020, 4, 1), 2)


def test_days_off_make_a_month_less_full():
    holiday = Calendar({date(2020, 7, 1): "nghỉ"})

    assert fullest_month(Calendar({}), today=date(2020, 4, 13)) == (date(2020, 7, 1), 23)
    assert fullest_month(holiday, today=date(2020, 4, 13)) == (date(2020, 12, 1), 23)


def test_where_units_report_every_day_a_month_has_31_days():
    epidemic = Calendar({}, every_day=True)

    assert fullest_month(epidemic, today=date(2020, 4, 13)) == (date(2020, 5, 1), 31)
