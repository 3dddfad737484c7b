"""How much of a plan is used, and which month a message belongs to."""

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from bot.core.quota import Limit, Quota, Usage, month_of

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
QUOTA = Quota()


def local(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "since", "until"),
    [
        ("2020-04-15 16:30", "2020-04-01", "2020-05-01"),
        ("2020-04-01 00:00", "2020-04-01", "2020-05-01"),
        ("2020-04-30 23:59:59.999999", "2020-04-01", "2020-05-01"),
        ("2020-12-31 23:59", "2020-12-01", "2021-01-01"),
        ("2021-01-01 00:00", "2021-01-01", "2021-02-01"),
        ("2020-02-29 12:00", "2020-02-01", "2020-03-01"),
        ("2020-11-30 12:00", "2020-11-01", "2020-12-01"),
    ],
)
def test_a_month_is_one_of_the_offices_calendar(now: str, since: str, until: str):
    assert month_of(local(now)) == (local(since), local(until))


def test_a_month_in_vietnam_begins_seven_hours_before_that_of_greenwich():
    since, until = month_of(local("2020-04-15"))

    assert since.astimezone(UTC) == datetime(2020, 3, 31, 17, tzinfo=UTC)
    assert until.astimezone(UTC) == datetime(2020, 4, 30, 17, tzinfo=UTC)


def test_a_moment_without_a_zone_is_in_no_month():
    with pytest.raises(ValueError, match="zone"):
        month_of(datetime(2020, 4, 15))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("messages", "left", "share", "below_reserve"),
    [
        (0, 3000, Fraction(0), False),
        (2699, 301, Fraction(2699, 3000), False),
        (2700, 300, Fraction(9, 10), True),
        (2701, 299, Fraction(2701, 3000), True),
        (3000, 0, Fraction(1), True),
        (3010, 0, Fraction(301, 300), True),
    ],
)
def test_the_reserve_begins_where_the_next_message_would_come_out_of_it(
    messages: int, left: int, share: Fraction, below_reserve: bool
):
    usage = Usage(messages, people=0, groups=0)

    assert usage.left(QUOTA) == left
    assert usage.share(QUOTA) == share
    assert usage.below_reserve(QUOTA) == below_reserve


@pytest.mark.parametrize(
    ("usage", "warned"),
    [
        (Usage(0, 0, 0), ()),
        (Usage(2399, 39, 2), ()),
        (Usage(2400, 39, 2), (Limit.MESSAGES,)),
        (Usage(2399, 40, 2), (Limit.PEOPLE,)),
        (Usage(2399, 39, 3), (Limit.GROUPS,)),
        (Usage(3001, 51, 4), (Limit.PEOPLE, Limit.MESSAGES, Limit.GROUPS)),
    ],
)
def test_what_is_used_to_four_fifths_is_warned_of(usage: Usage, warned: tuple[Limit, ...]):
    assert usage.warned(QUOTA) == warned


def test_a_plan_without_messages_is_used_up():
    nothing = Quota(messages=0, reserve=0)

    assert Usage(0, 0, 0).share(nothing) == 1
    assert Usage(0, 0, 0).below_reserve(nothing)
