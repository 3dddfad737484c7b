"""What people say of a leave: which days, who stands in, and what is no leave at all."""

import unicodedata
from datetime import date

import pytest

from bot.core.calendar import Calendar
from bot.core.leave import StandIn, What, Wish, is_about_leave, read_leave
from bot.core.leave_days import Days, Span, Why, read_days
from bot.core.stand_in import Arranged, Colleague, Snag, arranged, meant

OFFICE = Calendar({date(2020, 4, 30): "Ngày Chiến thắng", date(2020, 5, 1): "Quốc tế Lao động"})
WEDNESDAY, FRIDAY = date(2020, 4, 15), date(2020, 4, 17)


def days(said: str, today: date = WEDNESDAY) -> Days:
    return read_days(said, today=today, calendar=OFFICE)


def wish(said: str) -> Wish:
    return read_leave(said, today=WEDNESDAY, calendar=OFFICE)


def about_leave(said: str) -> bool:
    return is_about_leave(said, today=WEDNESDAY, calendar=OFFICE)


def april(first: int, last: int) -> Span:
    return Span(date(2020, 4, first), date(2020, 4, last))


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ("nghỉ hôm nay", april(15, 15)),
        ("nghi hn", april(15, 15)),
        ("mai em nghỉ phép", april(16, 16)),
        ("ngày kia em nghỉ", april(17, 17)),
        ("nghỉ từ 20/4 đến 22/4", april(20, 22)),
        ("nghi tu 20/4 toi 22/4", april(20, 22)),
        ("nghỉ từ 20 đến 22/4", april(20, 22)),
        ("nghỉ 20-22/4", april(20, 22)),
        ("nghỉ từ 16/4/2020 đến 17/4/2020", april(16, 17)),
        ("nghỉ ngày 20 tháng 4", april(20, 20)),
        ("nghỉ đến thứ Sáu", april(15, 17)),
        ("nghi den t6", april(15, 17)),
        ("từ thứ Hai đến thứ Sáu", april(20, 24)),
        ("nghỉ thứ năm và thứ sáu", april(16, 17)),
        ("thứ Sáu, 17/4", april(17, 17)),
        ("thứ tư tuần sau", april(22, 22)),
        ("tuần sau em nghỉ", april(20, 26)),
        ("sang tuần em nghỉ", april(20, 26)),
        ("nghỉ 2 ngày từ mai", april(16, 17)),
        ("nghỉ một tuần từ thứ Hai", april(20, 26)),
    ],
)
def test_days_are_read_as_people_say_them(said: str, span: Span):
    assert days(said).span == span


@pytest.mark.parametrize(
    ("said", "why", "ways"),
    [
        ("nghỉ 3 ngày", Why.NO_START, ()),
        ("nghỉ từ mai", Why.NO_END, (april(16, 16),)),
        ("em nghỉ phép", Why.NO_DAY, ()),
        pytest.param(
            "nghỉ 3 ngày từ mai", Why.TWO_WAYS, (april(16, 18), april(16, 20)), id="weekend"
        ),
        pytest.param("thứ Tư", Why.TWO_WAYS, (april(15, 15), april(22, 22)), id="today's name"),
        ("thứ Ba và thứ Năm tuần sau", Why.SEVERAL, ()),
        ("từ mai đến 31/4", Why.NOT_A_DAY, ()),
        pytest.param("thứ Sáu 18/4", Why.NOT_A_DAY, (), id="the 18th is a Saturday"),
        ("hôm qua", Why.PAST, ()),
        ("từ 13/4 đến 17/4", Why.PAST, (april(15, 17),)),
        ("từ 22/4 đến 20/4", Why.BACKWARDS, ()),
        ("từ mai đến 20/12/2023", Why.TOO_LONG, ()),
    ],
)
def test_what_is_not_certain_is_not_chosen(said: str, why: Why, ways: tuple[Span, ...]):
    found = days(said)

    assert (found.span, found.why, found.ways) == (None, why, ways)


def test_a_day_and_month_in_january_is_of_the_next_year_when_said_in_december():
    found = days("nghỉ từ 2/1 đến 3/1", date(2020, 12, 30))

    assert found.span == Span(date(2021, 1, 2), date(2021, 1, 3))


@pytest.mark.parametrize("said", ["nghỉ sáng mai", "sáng mai em nghỉ", "nghi buoi sang mai"])
def test_half_a_day_is_told_from_a_whole_one(said: str):
    assert (days(said).span, days(said).half) == (april(16, 16), "sáng")


@pytest.mark.parametrize(
    ("said", "stand_in"),
    [
        ("nghỉ mai, đồng chí phó thay", StandIn(deputy=True)),
        ("nghi mai dc pho truc thay", StandIn(deputy=True)),
        ("nghỉ mai, đc p. thay", StandIn(deputy=True)),
        ("mai em nghỉ phép, chị Hoa trực thay", StandIn(name="Hoa")),
        ("mai em nghi phep chi Hoa truc thay", StandIn(name="Hoa")),
        ("nghỉ mai, ng thay: Hoa", StandIn(name="Hoa")),
        ("mai em nghỉ Hoa thay", StandIn(name="Hoa")),
        ("nghỉ mai, nhờ chị Nguyễn Thị Hoa", StandIn(name="Nguyễn Thị Hoa")),
        ("nghỉ mai, giao cho anh Tư", StandIn(name="Tư")),
        pytest.param("mai em nghỉ, chị Mai thay", StandIn(name="Mai"), id="Mai is a name"),
        pytest.param("mai em nghỉ, anh Sáu thay", StandIn(name="Sáu"), id="Sáu is a name"),
        ("nghỉ mai, chưa có ai thay", StandIn(nobody=True)),
        ("nghỉ mai, không có người thay", StandIn(nobody=True)),
        ("nghỉ mai, người thay số 12", StandIn(number=12)),
        ("mai em nghỉ phép", StandIn()),
    ],
)
def test_who_stands_in_is_read_and_leaves_the_days_alone(said: str, stand_in: StandIn):
    found = wish(said)

    assert found.stand_in == stand_in
    assert found.days.span == april(16, 16)


@pytest.mark.parametrize("said", ["đi làm lại", "di lam lai", "em đi làm rồi", "không nghỉ nữa"])
def test_coming_back_is_understood(said: str):
    assert wish(said).what is What.BACK


@pytest.mark.parametrize(
    "said",
    [
        "mai em nghỉ",
        "mai e nghi phep",
        "Báo cáo anh, mai em xin nghỉ phép ạ. Chị Nguyễn Thị Hoa báo cáo thay",
        "mai em nghỉ vì con ốm",
        "em đi làm lại",
        "em nghỉ 3 ngày",
        unicodedata.normalize("NFD", "mai em nghỉ phép, chị Hoa trực thay"),
    ],
)
def test_without_the_command_a_word_about_ones_own_leave_is_understood(said: str):
    assert about_leave(said)


@pytest.mark.parametrize(
    "said",
    [
        "khó khăn: mai em nghỉ phép",
        "trực tiếp 5, mai em nghỉ",
        "mai em nghỉ phép 5 hồ sơ",
        "cán bộ A nghỉ ốm hôm nay",
        "chị Hoa nghỉ mai",
        "hôm nay quầy nghỉ",
        "hôm nay nghỉ",
        "nghỉ lễ hôm nay",
        "mai em không nghỉ",
        "đề nghị mai em báo cáo",
        "de nghi mai em bao cao",
        "mai em nghĩ là báo cáo muộn",
        "hôm nay nghi nhiễm 1 ca",
        "mai em đi hội nghị",
        "em nghỉ",
        "trực tiếp 5\nmai em nghỉ",
        "",
    ],
)
def test_without_the_command_nothing_else_is_taken_for_a_leave(said: str):
    assert not about_leave(said)


HOA = Colleague(1, "Nguyễn Thị Hoa", "deputy")
HOA_TOO = Colleague(2, "Lê Hoa", "focal_point")
BINH = Colleague(3, "Bình", "deputy", away=True)
LAN = Colleague(4, "Lan", "focal_point")


@pytest.mark.parametrize(
    ("stand_in", "among", "found"),
    [
        pytest.param(StandIn(name="hoa"), [HOA, LAN], [HOA], id="one of that name"),
        pytest.param(StandIn(name="Hoa"), [HOA, HOA_TOO], [HOA, HOA_TOO], id="two of that name"),
        pytest.param(StandIn(name="Thị Hoa"), [HOA, HOA_TOO], [HOA], id="more of the name"),
        pytest.param(StandIn(name="Hòa"), [HOA], [], id="another name"),
        pytest.param(StandIn(), [LAN, HOA], [HOA], id="the deputy when nobody is named"),
        pytest.param(StandIn(), [LAN], [LAN], id="no deputy"),
        pytest.param(StandIn(deputy=True), [LAN], [], id="no deputy but one is meant"),
        pytest.param(StandIn(), [BINH], [], id="who is away is not taken by itself"),
        pytest.param(StandIn(name="Bình"), [BINH], [BINH], id="who is away can be named"),
        pytest.param(StandIn(nobody=True), [HOA, LAN], [HOA], id="nobody, and yet there is one"),
        pytest.param(StandIn(nobody=True), [BINH], [], id="nobody"),
        pytest.param(StandIn(number=4), [HOA, LAN], [LAN], id="by our own button"),
    ],
)
def test_who_may_be_meant(stand_in: StandIn, among: list[Colleague], found: list[Colleague]):
    assert meant(stand_in, among) == found


@pytest.mark.parametrize(
    ("role", "stand_in", "among", "found"),
    [
        pytest.param("focal_point", StandIn(), [HOA], Arranged(HOA), id="the only deputy"),
        pytest.param("focal_point", StandIn(), [], Arranged(), id="nobody there"),
        pytest.param("focal_point", StandIn(), [BINH], Arranged(), id="the deputy is away too"),
        pytest.param(
            "deputy", StandIn(), [LAN], Arranged(stays="Lan"), id="the focal point goes on"
        ),
        pytest.param("deputy", StandIn(), [], Arranged(), id="a deputy, and nobody else"),
        pytest.param(
            "focal_point",
            StandIn(name="Bình"),
            [BINH, HOA],
            Arranged(snag=Snag.AWAY, choices=(HOA,), named="Bình"),
            id="who is away",
        ),
        pytest.param(
            "focal_point",
            StandIn(name="Cúc"),
            [HOA],
            Arranged(snag=Snag.UNKNOWN, choices=(HOA,), named="Cúc"),
            id="a stranger",
        ),
        pytest.param(
            "focal_point",
            StandIn(name="Hoa"),
            [HOA, HOA_TOO],
            Arranged(snag=Snag.SEVERAL, choices=(HOA, HOA_TOO), named="Hoa"),
            id="two",
        ),
    ],
)
def test_what_is_arranged_for_a_unit(
    role: str, stand_in: StandIn, among: list[Colleague], found: Arranged
):
    assert arranged(role, stand_in, among) == found
