"""How reports combine over units and days."""

from datetime import date, timedelta

import pytest
from entries import WEDNESDAY, absent, day, reported

from bot.core.life import Status
from bot.core.rollup import Counts, change, day_totals, group_of, unit_weeks, week_totals
from bot.profile import read_form

FORM = read_form("daily_one_stop")
MONDAY = WEDNESDAY - timedelta(days=2)


def test_a_district_total_is_its_own_counter_plus_its_communes():
    own = reported("D1", level="district", parent="P", received_direct=10, pending=30)
    communes = [reported("C1", received_direct=3, pending=4), reported("C2", received_direct=2)]

    totals = day_totals(FORM, [own, *communes])

    assert (totals.figures["received_direct"], totals.figures["pending"]) == (15, 34)


@pytest.mark.parametrize("counts", [Counts.INSIDE, Counts.AGGREGATE])
def test_a_dossier_that_lies_in_another_units_figures_is_counted_once(counts: Counts):
    centre = reported("CENTRE", received_online=50)
    other = reported("OTHER", counts=counts, received_online=20)

    totals = day_totals(FORM, [centre, other])

    assert totals.figures["received_online"] == 50
    assert (totals.expected, totals.received) == (2, 2)


def test_completeness_counts_who_is_expected_and_an_exempt_unit_is_not():
    entries = [reported("A"), reported("B", status=Status.LATE), absent("C"),
               absent("D", status=Status.DRAFT), absent("E", status=Status.EXEMPT)]  # fmt: skip

    totals = day_totals(FORM, entries)

    assert (totals.expected, totals.received, totals.on_time) == (4, 2, 1)


def test_counters_are_counted_by_state():
    entries = [reported("A"), reported("B", counter_status="closed"), reported("C")]

    assert day_totals(FORM, entries).states["counter_status"] == {
        "open": 2, "reduced": 0, "online_only": 0, "closed": 1,
    }  # fmt: skip


def test_change_compares_only_units_that_count_on_both_days():
    before = [reported("A", pending=10), reported("B", pending=100)]
    today = [reported("A", pending=12), reported("C", pending=500)]

    changes, both = change(FORM, today, before)

    assert (changes["pending"], both) == (2, 1)


def test_over_a_week_flows_add_up_and_stocks_are_the_last_value():
    days = [day(reported("A", received_direct=n, pending=p), on=MONDAY + timedelta(days=i))
            for i, (n, p) in enumerate([(3, 10), (4, 9), (5, 8)])]  # fmt: skip

    (week,) = unit_weeks(FORM, days)

    assert (week.figures["received_direct"], week.figures["pending"]) == (12, 8)
    assert week.stock_day == WEDNESDAY


def test_a_unit_that_missed_the_last_day_keeps_the_stock_of_the_day_before():
    days = [day(reported("A", pending=7), on=MONDAY), day(absent("A"))]

    (week,) = unit_weeks(FORM, days)

    assert (week.figures["pending"], week.stock_day) == (7, MONDAY)
    assert (week.expected, week.received, week.missed) == (2, 1, (WEDNESDAY,))


def test_a_unit_that_never_reported_has_no_figures_but_stays_in_the_list():
    (week,) = unit_weeks(FORM, [day(absent("A"), on=MONDAY), day(absent("A"))])

    assert (week.received, week.figures, week.stock_day) == (0, {}, None)
    assert week.missed == (MONDAY, WEDNESDAY)


def test_an_exempt_day_is_neither_owed_nor_missed():
    days = [day(absent("A", status=Status.EXEMPT), on=MONDAY), day(reported("A", pending=1))]

    (week,) = unit_weeks(FORM, days)

    assert (week.expected, week.received, week.missed) == (1, 1, ())


def test_the_week_of_a_province_worked_by_hand():
    # Two own units and one aggregate over two days. By hand: received 1+2+10+20 = 33;
    # pending 4 (A, Wednesday) + 30 (B, Monday, its last) = 34.
    monday = day(
        reported("A", received_direct=1, pending=5),
        reported("B", received_direct=10, pending=30),
        reported("SUM", counts=Counts.AGGREGATE, received_direct=11, pending=35),
        on=MONDAY,
    )
    wednesday = day(
        reported("A", received_direct=2, pending=4),
        absent("B"),
        reported("SUM", counts=Counts.AGGREGATE, received_direct=2, pending=4),
    )
    late = day(reported("B", received_direct=20, pending=30), on=date(2020, 4, 14))

    totals = week_totals(FORM, unit_weeks(FORM, [monday, late, wednesday]))

    assert (totals.figures["received_direct"], totals.figures["pending"]) == (33, 34)
    assert (totals.expected, totals.received) == (7, 6)


@pytest.mark.parametrize(
    ("level", "parent", "group"),
    [("commune", "D1", "D1"), ("district", "P", "U"), ("province", "P", "U")],
)
def test_a_commune_is_listed_under_its_district_and_others_under_themselves(
    level: str, parent: str, group: str
):
    assert group_of(reported("U", level=level, parent=parent)) == group


def test_a_unit_that_begins_to_count_for_itself_in_mid_week_is_counted_from_then_on():
    days = [
        day(
            reported("CENTRE", received_online=14, pending=4),
            reported("A", counts=Counts.INSIDE, received_online=4, pending=1),
            on=MONDAY,
        ),
        day(
            reported("CENTRE", received_online=3, pending=3),
            reported("A", received_online=3, pending=2),
        ),
    ]

    totals = week_totals(FORM, unit_weeks(FORM, days))

    assert (totals.figures["received_online"], totals.figures["pending"]) == (20, 5)


def test_the_stock_of_a_unit_that_ended_lies_with_its_successor():
    days = [
        day(reported("A", received_direct=1, pending=10), on=MONDAY),
        day(reported("B", received_direct=2, pending=12)),
    ]

    totals = week_totals(FORM, unit_weeks(FORM, days))

    assert (totals.figures["received_direct"], totals.figures["pending"]) == (3, 12)
