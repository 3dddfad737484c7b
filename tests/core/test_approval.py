"""Whether the district approves what its communes report."""

from datetime import date

import pytest

from bot.core.approval import Approvals, approvals_from, settings_of, switched

D15, D16, D17 = (date(2020, 4, day) for day in (15, 16, 17))


def test_nothing_needs_approval_until_the_office_wants_it():
    assert not approvals_from({}).needed("commune", D15)


@pytest.mark.parametrize(
    ("level", "day", "needed"),
    [
        ("commune", D15, False),
        ("commune", D16, True),
        ("commune", D17, True),
        ("district", D16, False),
        ("province", D16, False),
    ],
)
def test_switched_on_it_holds_for_communes_from_its_day_on(level: str, day: date, needed: bool):
    on = switched(Approvals(), required=True, since=D16)

    assert on.needed(level, day) is needed


def test_switched_off_again_it_holds_for_the_days_between():
    off = switched(switched(Approvals(), required=True, since=D15), required=False, since=D17)

    assert [off.needed("commune", day) for day in (D15, D16, D17)] == [True, True, False]


def test_a_change_that_is_taken_back_before_it_holds_never_was():
    off = switched(switched(Approvals(), required=True, since=D16), required=False, since=D16)

    assert not any(off.needed("commune", day) for day in (D15, D16, D17))


@pytest.mark.parametrize("approvals", [Approvals(), Approvals(required=True, since=D16)])
def test_the_setting_comes_back_as_it_was_kept(approvals: Approvals):
    assert approvals_from(settings_of(approvals)) == approvals
