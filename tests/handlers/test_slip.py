"""Friday's slip to each unit, and what its days count for."""

from datetime import timedelta

from world import COUNTED, World, moment, opened, vinh_phuc, whole_form

from bot.core.office import office_from
from bot.profile import profile_settings, read_form
from handlers.due import note_outage
from storage.database import Database

TICH_SON, LIEN_BAO = "VP-VY-TS01", "VP-VY-LB02"
DAYS = ("2020-04-13", "2020-04-14", "2020-04-15", "2020-04-16")
FRIDAY = "2020-04-17"


async def reports_daily(world: World, at: str = "16:00") -> None:
    """Bình's unit reports on each day of the week; all that is due up to Friday is done."""
    for n, day in enumerate(DAYS):
        await world.at(f"{day} {at}")
        await world.reports("Bình", received_direct=5 + n, pending=5 + n)
        await world.at(f"{day} 17:30")
    await world.at(f"{FRIDAY} 09:10")


async def slips(world: World, said: str = f"{FRIDAY} 09:30") -> list[tuple[str, str]]:
    return [n for n in await world.news(said) if "ngày đúng giờ" in n[1]]


async def test_a_unit_that_was_always_on_time_is_thanked(world: World):
    await world.joins("Bình", TICH_SON)
    await reports_daily(world)

    [(chat, slip)] = await slips(world)

    assert chat == "Bình"
    assert slip == (
        "Phường Tích Sơn, tuần 16: 4/4 ngày đúng giờ, cảm ơn đơn vị; không có hồ sơ quá hạn. "
        "Chi tiết: /phieu"
    )


async def test_a_slip_is_sent_once_also_when_the_bot_is_started_again(
    world: World, database: Database
):
    await world.joins("Bình", TICH_SON)
    await reports_daily(world)
    first = await slips(world)

    again = await opened(database, start=f"{FRIDAY} 09:31")

    assert len(first) == 1
    assert await slips(again, f"{FRIDAY} 12:00") == []
    assert await world.sql("SELECT count(*) FROM outbox WHERE key LIKE 'slip@%'") == [(1,)]


async def test_a_slip_that_could_not_be_sent_on_its_day_is_not_sent_at_all(world: World):
    await world.joins("Bình", TICH_SON)
    await reports_daily(world)

    assert await slips(world, "2020-04-18 08:00") == []


async def test_below_the_reserve_of_a_counted_channel_nobody_gets_a_slip(world: World):
    await world.joins("Bình", TICH_SON)
    await reports_daily(world)
    world.channel.abilities = COUNTED
    quota = COUNTED.quota
    assert quota is not None
    used = quota.messages - quota.reserve
    await world.damage(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :used) "
        "INSERT INTO outbox (key, channel, chat, text, buttons, in_group, priority, repeat, "
        "instead, passing, thread, numbered, due_at, fate, attempts, external_id, settled_at) "
        "SELECT 'x/' || i, 'fake', 'x', '', '[]', 0, 1, 'once', '', 0, '', 0, "
        "'2020-04-16 09:00:00.000000', 'sent', 1, i, '2020-04-16 09:00:00.000000' FROM n",
        used=used,
    )

    assert await slips(world) == []


async def test_who_stands_in_gets_the_slip_of_the_unit(world: World):
    await world.all_join(("Bình", TICH_SON, "focal_point"), ("Lan", TICH_SON, "deputy"))
    await reports_daily(world)
    await world.says("Bình", "/nghi hôm nay")
    await world.says("Bình", "đồng ý")

    assert [chat for chat, _ in await slips(world)] == ["Lan"]


async def test_a_day_on_which_nobody_could_be_asked_is_named_and_no_minus(world: World):
    await world.joins("Bình", TICH_SON)
    await world.says("Bình", "/nghi hôm nay")
    await world.says("Bình", "đồng ý")
    await world.at("2020-04-13 17:10")
    await world.at("2020-04-14 10:00")

    [slip] = await world.says("Bình", "/phieu")

    assert "Đúng giờ: chưa có ngày nào được tính." in slip
    assert "Thứ Hai 13/4: đầu mối nghỉ, chưa có người thay, chưa báo cáo; không tính chậm" in slip


async def test_an_exempted_day_is_named_with_its_reason(world: World):
    await world.joins("Bình", TICH_SON)
    await world.at("2020-04-13 17:10")
    await world.damage(
        "INSERT INTO report (unit_id, form_id, day, on_time, revisions, returned, entered_for,"
        " reopened, amended, exempt_reason) SELECT id, :form, '2020-04-13', 0, 0, 0, 0, 0, 0,"
        " 'mất điện' FROM unit WHERE code = :unit",
        form=vinh_phuc().form.id,
        unit=TICH_SON,
    )

    [slip] = await world.says("Bình", "/phieu")

    assert "Thứ Hai 13/4: tạm miễn báo cáo (mất điện)" in slip
    assert "Đúng giờ: chưa có ngày nào được tính." in slip


async def test_what_came_late_because_the_bot_was_down_is_on_time(world: World):
    await world.joins("Bình", TICH_SON)
    await world.at("2020-04-13 16:10")
    await world.was_down("2020-04-13 16:10", "2020-04-13 16:50")
    await world.at("2020-04-13 17:20")
    await world.says("Bình", whole_form())

    [slip] = await world.says("Bình", "/phieu")

    assert "Đúng giờ: 1/1 ngày." in slip


async def test_a_deadline_that_an_outage_moved_holds_in_receipt_digest_and_form(world: World):
    await world.joins("Bình", TICH_SON)
    await world.joins("Ban chỉ đạo", "VP", "committee")
    await world.at("2020-04-13 16:10")
    await world.was_down("2020-04-13 16:10", "2020-04-13 16:50")

    [form] = await world.says("Bình", "/baocao")
    *_, receipt = await world.says("Bình", whole_form())
    await world.at("2020-04-13 17:20")
    [digest] = await world.says("Ban chỉ đạo", "/tonghop")

    # 16h30, 40 minutes of outage, and half an hour.
    assert "Hạn gửi 17h40" in form
    assert "(đúng hạn)" in receipt
    assert "đúng hạn 1\n" in digest
    assert "Hạn gửi dời đến 17h40 vì hệ thống gián đoạn" in digest


async def test_how_long_the_bot_was_down_is_noted_when_it_starts(world: World):
    await world.at("2020-04-13 16:10")

    await note_outage(world.bot.database, moment("2020-04-13 16:50"))

    assert await world.sql("SELECT count(*) FROM outage") == [(1,)]


async def test_a_short_pause_of_the_bot_is_no_outage(world: World):
    await world.at("2020-04-13 16:10")

    await note_outage(world.bot.database, moment("2020-04-13 16:10") + timedelta(minutes=2))

    assert await world.sql("SELECT count(*) FROM outage") == [(0,)]


async def test_a_focal_point_sees_no_other_unit_and_a_coordinator_those_below(world: World):
    await world.all_join(("Bình", TICH_SON, "focal_point"), ("Vũ", "VP-VY", "coordinator"))
    await world.at("2020-04-13 17:10")

    [refused] = await world.says("Bình", "/phieu Liên Bảo")
    [seen] = await world.says("Vũ", "/phieu Liên Bảo")
    [elsewhere] = await world.says("Vũ", "/phieu Xuân Hòa")

    assert "Không tìm thấy đơn vị" in refused
    assert "Phường Liên Bảo, tuần 16" in seen
    assert "Không tìm thấy đơn vị" in elsewhere


def test_an_office_can_turn_the_slips_off():
    office = vinh_phuc()
    settings = {**profile_settings("vinh-phuc"), "times.slip_at": ""}

    quiet = office_from(settings, form=read_form("daily_one_stop"), calendar=office.calendar)

    assert (office.times.slip_at is None, quiet.times.slip_at) == (False, None)
