"""What comes with the program, and an office made from it."""

import json
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.core.calendar import Calendar
from bot.core.office import Office, OfficeError, flatten, office_from
from bot.core.periods import MovedFriday, Times
from bot.profile import UnknownName, calendar_from, profile_settings, read_form

NO_DAYS = Calendar(days_off={})


def settings(**changed: Any) -> dict[str, Any]:
    """The settings of Vĩnh Phúc with some changed; "__" stands for the dot of a key."""
    return profile_settings("vinh-phuc") | {k.replace("__", "."): v for k, v in changed.items()}


def office(given: dict[str, Any]) -> Office:
    return office_from(given, form=read_form("daily_one_stop"), calendar=NO_DAYS)


def days_off(calendar: Calendar, year: int) -> list[str]:
    days = (date(year, 1, 1) + timedelta(n) for n in range(366))
    return [f"{d:%d/%m}" for d in days if d.weekday() < 5 and not calendar.is_working_day(d)]


def test_tables_become_one_mapping_with_dotted_keys():
    tree = {"id": "x", "times": {"cut_off": "16:30"}, "calendar": {"days_off": [{"day": "d"}]}}

    assert flatten(tree) == {
        "id": "x",
        "times.cut_off": "16:30",
        "calendar.days_off": [{"day": "d"}],
    }


def test_the_profile_of_vinh_phuc_makes_an_office():
    made = office(profile_settings("vinh-phuc"))

    assert made.name == "tỉnh Vĩnh Phúc"
    assert made.zone == ZoneInfo("Asia/Ho_Chi_Minh")
    assert made.root == "VP"
    assert made.times == Times()
    assert made.letterhead.suffix == "BC-VPUBND"
    assert made.letterhead.authority == ("CHÁNH VĂN PHÒNG",)


def test_the_form_that_the_profile_names_exists():
    assert read_form(settings()["form"]).id == settings()["form"]


def test_the_settings_of_a_profile_survive_being_stored_as_json():
    assert json.loads(json.dumps(settings())) == settings()


def test_an_unknown_profile_or_form_is_refused_with_those_that_exist():
    with pytest.raises(UnknownName, match=r'hồ sơ cơ quan "tra-vinh"\. Hiện có: vinh-phuc\.'):
        profile_settings("tra-vinh")
    with pytest.raises(UnknownName, match=r'biểu mẫu "\.\./x"\. Hiện có: .*daily_one_stop'):
        read_form("../x")


def test_times_that_are_not_given_keep_their_defaults():
    given = {k: v for k, v in settings().items() if not k.startswith(("times.", "calendar."))}

    assert office(given).times == Times()


def test_an_office_has_its_own_times():
    changed = settings(
        times__cut_off="16:45", times__reminders=["15:30", "16:40"], times__moved_friday="next"
    )

    times = office(changed).times

    assert times.cut_off == time(16, 45)
    assert times.reminders == (time(15, 30), time(16, 40))
    assert times.moved_friday is MovedFriday.NEXT


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("times.cut_of", "16:30", "không có khóa times.cut_of"),
        ("name", " ", "name: phải là chữ, không để trống"),
        ("name", 3, "name: phải là chữ, không để trống"),
        ("zone", "Asia/Hanoi", "zone: không có múi giờ này, ví dụ đúng: Asia/Ho_Chi_Minh"),
        ("zone", "Asia", "zone: không có múi giờ này, ví dụ đúng: Asia/Ho_Chi_Minh"),
        ("zone", "../etc", "zone: không có múi giờ này, ví dụ đúng: Asia/Ho_Chi_Minh"),
        ("times.cut_off", "16h30", "times.cut_off: phải là giờ, ví dụ 16:30"),
        ("times.cut_off", "24:00", "times.cut_off: phải là giờ, ví dụ 16:30"),
        ("times.cut_off", 1630, "times.cut_off: phải là giờ, ví dụ 16:30"),
        ("times.reminders", ["16:00"], "times.reminders: phải gồm đúng hai giờ"),
        ("times.reminders", "16:00", "times.reminders: phải là danh sách"),
        (
            "times.moved_friday",
            "trước",
            "times.moved_friday: phải là một trong: previous, next, keep",
        ),
        ("calendar.every_day", "có", "calendar.every_day: phải là true hoặc false"),
        (
            "calendar.working_days",
            ["30/4"],
            "calendar.working_days: phải là ngày, ví dụ 2020-04-30",
        ),
        (
            "calendar.days_off",
            [{"day": "2020-04-30"}],
            "calendar.days_off: mỗi ngày nghỉ gồm day và name",
        ),
        ("letterhead.recipients", "Như trên", "letterhead.recipients: phải là danh sách"),
        ("letterhead.bases", [""], "letterhead.bases: phải là chữ, không để trống"),
    ],
)
def test_a_wrong_office_setting_is_refused_by_its_key(key: str, value: object, says: str):
    with pytest.raises(OfficeError) as refused:
        office(settings() | {key: value})

    assert str(refused.value) == f"Cấu hình cơ quan: {says}."


def test_a_missing_office_setting_is_named():
    given = settings()
    del given["letterhead.place"]

    with pytest.raises(OfficeError, match=r"thiếu khóa letterhead\.place"):
        office(given)


def test_times_out_of_order_are_refused():
    with pytest.raises(OfficeError, match="giờ sau phải muộn hơn giờ trước"):
        office(settings(times__digest_at="16:00"))


def test_the_public_holidays_of_2020_are_days_off():
    calendar = calendar_from(settings(), [2020])

    tet = ["23/01", "24/01", "27/01", "28/01", "29/01"]
    assert days_off(calendar, 2020) == ["01/01", *tet, "02/04", "30/04", "01/05", "02/09"]
    assert calendar.days_off[date(2020, 4, 2)] == "Ngày Giỗ Tổ Hùng Vương"
    assert not calendar.every_day


def test_a_saturday_exchanged_by_the_government_is_worked():
    calendar = calendar_from(settings(), [2026])

    assert calendar.working_days == {date(2026, 8, 22)}
    assert not calendar.is_working_day(date(2026, 8, 31))


def test_the_days_of_the_office_go_before_the_public_ones():
    own = settings(
        calendar__days_off=[
            {"day": "2020-04-10", "name": "Khử khuẩn trụ sở"},
            {"day": "2026-08-22", "name": "Mất điện"},
        ],
        calendar__working_days=["2020-05-01"],
        calendar__every_day=True,
    )

    calendar = calendar_from(own, [2020, 2026])

    assert calendar.days_off[date(2020, 4, 10)] == "Khử khuẩn trụ sở"
    assert calendar.is_working_day(date(2020, 5, 1))
    assert not calendar.is_working_day(date(2026, 8, 22))
    assert calendar.is_reporting_day(date(2020, 4, 12))
