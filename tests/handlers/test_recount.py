"""The digest, the weekly paper and a recount by plain SQL agree to the digit.

Two days of week 2020-W16, by hand:

                        Wednesday 15/4                     Thursday 16/4
                        received    resolved pending over  received    resolved pending over
    TTHCC   own         30+20+5=55  40+2=42     50     3   10+5+0=15   20+0=20     45     2
    VY      own         10+ 5+0=15  12+1=13     20     1   (nothing sent)
    TS01    own          5+ 3+0= 8   7+0= 7      9     1    4+2+1= 7    6+0= 6     10     0
            then corrected to
                         6+ 3+0= 9   7+0= 7     10     1
    added               46+28+5=79  59+3=62     80     5   14+7+1=22   26+0=26     55     2
    STP     inside       7+ 0+0= 7   7+0= 7      4     0    1+0+0= 1    1+0= 1      4     0
    VPUB    aggregate  900+ 0+0      0+0       900     0    (nothing sent)

    The week: received 60+35+6 = 101, resolved 85+3 = 88;
    pending 45 + 20 (of Wednesday) + 10 = 75, overdue 2 + 1 + 0 = 3.
"""

from datetime import date

import pytest
from world import World

from bot.core.weekly import build
from bot.core.weekly_record import gather
from handlers.close import frozen_week

FLOWS = (
    "received_direct",
    "received_online",
    "received_postal",
    "resolved_on_time",
    "resolved_late",
)
STOCKS = ("pending", "overdue")
WEEK = {
    "received_direct": 60,
    "received_online": 35,
    "received_postal": 6,
    "resolved_on_time": 85,
    "resolved_late": 3,
    "pending": 75,
    "overdue": 3,
}


def figures(*counts: int) -> dict[str, int]:
    return dict(zip((*FLOWS, *STOCKS), counts, strict=True))


WEEK = figures(60, 35, 6, 85, 3, 75, 3)


@pytest.fixture
async def week(world: World) -> World:
    """The week of the table above, reported by people, up to its close on Friday."""
    reporting = ("TTHCC", "VY", "VY-TS01", "STP", "VPUB")
    await world.all_join(
        *((code, f"VP-{code}", "focal_point") for code in reporting), ("nhóm tỉnh", "VP", "group")
    )
    await world.at("2020-04-15 15:00")
    await world.reports("TTHCC", **figures(30, 20, 5, 40, 2, 50, 3), online_payments=12)
    await world.reports("VY", **figures(10, 5, 0, 12, 1, 20, 1), online_payments=3)
    await world.reports("VY-TS01", **figures(5, 3, 0, 7, 0, 9, 1))
    await world.says("VY-TS01", "sửa nhận trực tiếp 6, đang giải quyết 10")
    await world.says("VY-TS01", "gửi")
    await world.reports("STP", **figures(7, 0, 0, 7, 0, 4, 0), online_payments=0)
    await world.reports("VPUB", **figures(900, 0, 0, 0, 0, 900, 0), online_payments=900)
    await world.at("2020-04-15 17:00")
    await world.at("2020-04-16 15:00")
    await world.reports("TTHCC", **figures(10, 5, 0, 20, 0, 45, 2), online_payments=4)
    await world.reports("VY-TS01", **figures(4, 2, 1, 6, 0, 10, 0))
    await world.reports("STP", **figures(1, 0, 0, 1, 0, 4, 0), online_payments=0)
    await world.at("2020-04-16 17:00")
    await world.at("2020-04-17 09:00")
    return world


# Of each unit whose figures count, the newest revision of each day of the week.
NEWEST = """
    SELECT p.unit_id, p.day, r.* FROM revision r
    JOIN report p ON p.id = r.report_id
    JOIN unit_version v ON v.unit_id = p.unit_id
    WHERE v.counts = 'own' AND p.day BETWEEN '2020-04-10' AND '2020-04-16'
    AND r.number = (SELECT max(n.number) FROM revision n WHERE n.report_id = p.id)
"""


async def recount(world: World) -> dict[str, int]:
    """The week's figures, by SQL over the revisions and nothing else of ours."""
    rows = await world.sql(f"SELECT unit_id, day, {', '.join((*FLOWS, *STOCKS))} FROM ({NEWEST})")  # noqa: S608
    last_day = {unit: max(day for u, day, *_ in rows if u == unit) for unit, *_ in rows}
    last = [figures for unit, day, *figures in rows if day == last_day[unit]]
    flows = [sum(column) for column in zip(*(figures for _, _, *figures in rows), strict=True)]
    stocks = [sum(column) for column in zip(*last, strict=True)]
    return figures(*flows[: len(FLOWS)], *stocks[len(FLOWS) :])


async def test_the_digests_show_what_was_counted_by_hand(week: World):
    wednesday, thursday = (
        next(m for m in week.heard("nhóm tỉnh") if m.startswith(f"TỔNG HỢP BÁO CÁO NGÀY {day}"))
        for day in ("15/4", "16/4")
    )

    for line in (
        "Báo cáo: 5/10 đơn vị (50%), đúng hạn 5",
        "Nhận: 79",
        "trực tiếp 46, trực tuyến 28 (35,4%), bưu chính 5",
        "Trả: 62, trong đó quá hạn 3",
        "Đang giải quyết: 80",
        "5 hồ sơ",
        "Thanh toán trực tuyến: 15",
    ):
        assert line in wednesday
    # Compared over TTHCC and TS01, which reported on both days: received 64 → 22, pending 60 → 55.
    for line in ("Nhận: 22 (-42)", "Trả: 26 (-23), trong đó quá hạn 0", "Đang giải quyết: 55 (-5)"):
        assert line in thursday


async def test_the_week_the_paper_and_a_recount_of_the_revisions_agree(week: World):
    office = week.bot.office
    named = office.week_named("2020-W16")
    async with week.bot.database.session() as session:
        days = await frozen_week(session, named) or []

    record = gather(office.form, days, [])
    paper = build(
        office.form,
        days,
        [],
        office.letterhead,
        week=named.id,
        first=named.days[0],
        last=named.days[-1],
        issue=named.issue_day,
    )

    assert {f: record.totals.figures[f] for f in WEEK} == WEEK
    assert await recount(week) == WEEK
    # Received (all, online, brought along, direct and post); resolved; pending (all, due, overdue).
    total = paper.appendices[0].table.rows[-1].cells
    assert total[1:-1] == ("Tổng số", "101", "35", "-", "66", "88", "85", "3", "75", "72", "3")
    by_unit = {w.last.unit: (w.figures["pending"], w.stock_day) for w in record.weeks if w.answers}
    assert by_unit["VP-TTHCC"] == (45, date(2020, 4, 16))
    assert by_unit["VP-VY"] == (20, date(2020, 4, 15))
