"""What is usual for a unit, and what is far enough from it to be asked about."""

import math
import random
from collections.abc import Iterator, Sequence
from statistics import median

import pytest
from desks import FORM

from bot.core.history import Usual, usual_of

HISTORY = FORM.history
assert HISTORY
STEADY = [38, 52, 41, 47, 44, 50, 39, 45, 43, 48, 40, 46, 51, 42, 37]


def usual(figures: Sequence[int], confirmed: Sequence[int] = ()) -> Usual:
    found = usual_of(figures, confirmed, HISTORY)
    assert found
    return found


@pytest.mark.parametrize("slip", [430, 4, 4500])
def test_a_digit_too_many_or_too_few_is_doubted(slip: int) -> None:
    assert usual(STEADY).doubts(slip)


@pytest.mark.parametrize("busy_or_quiet", [20, 30, 70, 100])
def test_a_busy_or_a_quiet_day_is_not_doubted(busy_or_quiet: int) -> None:
    assert not usual(STEADY).doubts(busy_or_quiet)


def test_what_is_usual_is_told_without_the_two_days_that_stand_out() -> None:
    found = usual([*STEADY, 3])

    assert (found.least, found.most, found.reports) == (37, 51, 16)


def test_four_reports_are_not_enough_and_five_are() -> None:
    assert usual_of(STEADY[:4], (), HISTORY) is None
    assert usual_of(STEADY[:5], (), HISTORY) is not None


@pytest.mark.parametrize(("figure", "doubted"), [(9, False), (10, False), (20, True)])
def test_small_figures_are_never_doubted(figure: int, doubted: bool) -> None:
    assert usual([1, 2, 1, 2, 3, 2]).doubts(figure) is doubted


def test_that_nothing_arose_is_never_doubted() -> None:
    assert not usual([300, 310, 290, 305, 320]).doubts(0)


def test_figures_put_in_each_others_place_are_doubted() -> None:
    direct, online = usual([12, 15, 11, 14, 13]), usual([160, 150, 170, 155, 165])

    assert direct.doubts(158)
    assert online.doubts(13)


def test_figures_that_never_changed_still_leave_room_for_chance() -> None:
    found = usual([40] * 10)

    assert not found.doubts(60)
    assert found.doubts(400)


def test_what_was_reached_on_two_days_is_usual_and_a_single_day_proves_nothing() -> None:
    rush = 430

    assert usual([*STEADY, rush]).doubts(rush)
    assert not usual([*STEADY, rush, rush + 5]).doubts(rush)


def test_a_level_that_was_answered_for_is_not_doubted_again_but_a_digit_more_is() -> None:
    found = usual([*STEADY, 210], confirmed=[210])

    assert not found.doubts(210)
    assert not found.doubts(260)
    assert found.doubts(430)


# Made-up units: sizes from a few dossiers a day to 300, busier Mondays, days that differ by a fifth
# for the whole unit and by a tenth for a single figure, and chance (Poisson) on top of it.

_MONDAY_TO_FRIDAY = (1.35, 1.05, 0.95, 0.95, 0.8)
_SHARES = (1, 0.5, 0.15, 1.3, 0.05, 0.02, 0.15, 0.15, 0.3)  # of the unit's size, for each flow
_UNITS, _DAYS = 100, 60


def _poisson(chance: random.Random, mean: float) -> int:
    if mean > 100:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    count, left = -1, mean
    while left >= 0:
        left -= chance.expovariate(1)
        count += 1
    return count


def _reports(chance: random.Random) -> Iterator[list[int]]:
    """The flows and the pending dossiers of one unit, day by day."""
    size = math.exp(chance.uniform(math.log(2), math.log(300)))
    pending = size * chance.uniform(1, 4)
    for day in range(_DAYS):
        busy = _MONDAY_TO_FRIDAY[day % 5] * chance.lognormvariate(0, 0.2)
        means = (size * share * busy * chance.lognormvariate(0, 0.1) for share in _SHARES)
        pending = max(1, pending * chance.lognormvariate(0, 0.15))
        yield [*(_poisson(chance, mean) for mean in means), round(pending)]


def _judged(chance: random.Random) -> Iterator[list[tuple[int, float, Usual]]]:
    """For each report of a unit: figure, median of those before, and what is usual by them.

    Whatever is doubted was right, and is confirmed.
    """
    before: list[list[int]] = []
    doubted: list[list[bool]] = []
    for report in _reports(chance):
        columns = [[b[n] for b in before[-HISTORY.reports :]] for n in range(len(report))]
        asked = [[d[n] for d in doubted[-HISTORY.reports :]] for n in range(len(report))]
        known = [
            usual_of(c, [f for f, was in zip(c, a, strict=True) if was], HISTORY)
            for c, a in zip(columns, asked, strict=True)
        ]
        judged = zip(report, columns, known, strict=True)
        yield [(figure, median(column), u) for figure, column, u in judged if u]
        before.append(report)
        doubted.append([bool(u and u.doubts(f)) for f, u in zip(report, known, strict=True)])


def test_honest_reports_are_seldom_doubted_and_slips_of_a_digit_nearly_always() -> None:
    units = [list(_judged(random.Random(unit))) for unit in range(_UNITS)]
    reports = [report for unit in units for report in unit]
    figures = [judged for report in reports for judged in report]

    false_alarms = sum(any(u.doubts(f) for f, _, u in report) for report in reports)
    more = [u.doubts(f * 10) for f, middle, u in figures if middle >= 10]
    less = [u.doubts(f // 10) for f, middle, u in figures if middle >= 50]

    assert len(reports) == _UNITS * _DAYS
    assert false_alarms / len(reports) < 0.01
    assert sum(more) / len(more) > 0.95
    assert sum(less) / len(less) > 0.95
