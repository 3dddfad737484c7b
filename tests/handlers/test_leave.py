"""Leaves: who is asked meanwhile, what stays on the record, and what a leave never changes."""

import json

from world import COUNTED, World, whole_form

TICH_SON, LIEN_BAO = "VP-VY-TS01", "VP-VY-LB02"


async def leave(world: World, who: str, said: str) -> str:
    """Somebody says when they are on leave, and agrees; what they are told then."""
    await world.says(who, f"/nghi {said}")
    return (await world.says(who, "đồng ý"))[-1]


async def kept(world: World) -> list[tuple[object, ...]]:
    return await world.sql("SELECT valid_from, valid_until FROM leave ORDER BY valid_from")


async def test_the_person_on_leave_is_not_chased_and_the_stand_in_is(world: World):
    await world.all_join(("Bình", TICH_SON, "focal_point"), ("Lan", TICH_SON, "deputy"))
    await leave(world, "Bình", "hôm nay")

    asked = [
        chat
        for at in ("15:00", "16:00", "16:20")
        for chat, _ in await world.news(f"2020-04-13 {at}")
    ]

    assert asked == ["Lan", "Lan", "Lan"]


async def test_the_first_day_back_is_asked_as_before(world: World):
    await world.all_join(("Bình", TICH_SON, "focal_point"), ("Lan", TICH_SON, "deputy"))
    await leave(world, "Bình", "hôm nay")
    await world.at("2020-04-13 17:30")

    [(chat, form)] = [n for n in await world.news("2020-04-14 15:00") if "mẫu" not in n[1]]

    assert chat == "Bình"
    assert "báo cáo thay" not in form


async def test_a_leave_that_was_changed_keeps_the_days_that_are_past(world: World):
    await world.all_join(("Bình", TICH_SON, "focal_point"), ("Lan", TICH_SON, "deputy"))
    await leave(world, "Bình", "từ 13/4 đến 17/4")
    await world.at("2020-04-15 08:00")

    await world.says("Bình", "mai em đi làm lại")

    assert await kept(world) == [("2020-04-13", "2020-04-16")]


async def test_a_leave_that_is_still_ahead_is_replaced_altogether(world: World):
    await world.all_join(("Bình", TICH_SON, "focal_point"), ("Lan", TICH_SON, "deputy"))
    await leave(world, "Bình", "từ 20/4 đến 22/4")

    await leave(world, "Bình", "từ 21/4 đến 24/4")

    assert await kept(world) == [("2020-04-21", "2020-04-25")]


async def test_the_record_says_who_was_away_when_why_and_by_which_channel(world: World):
    await world.all_join(("Bình", TICH_SON, "focal_point"), ("Lan", TICH_SON, "deputy"))
    await leave(world, "Bình", "phép từ 20/4 đến 22/4")
    await leave(world, "Bình", "từ 20/4 đến 23/4")
    await world.says("Bình", "không nghỉ nữa")

    rows = await world.sql(
        "SELECT what, subject, channel, detail FROM audit_event WHERE what LIKE 'leave%'"
    )

    assert [row[:3] for row in rows] == [
        ("leave begun", TICH_SON, "fake"),
        ("leave changed", TICH_SON, "fake"),
        ("leave ended", TICH_SON, "fake"),
    ]
    begun, changed, ended = (json.loads(str(row[3])) for row in rows)
    assert (begun["from"], begun["until"], begun["reason"]) == ("2020-04-20", "2020-04-22", "phép")
    assert changed["replaced"] == [["2020-04-20", "2020-04-22"]]
    assert ended["back"] == "2020-04-13"


async def test_who_stands_in_is_told_again_when_the_leave_begins(world: World):
    await world.all_join(("Bình", TICH_SON, "focal_point"), ("Lan", TICH_SON, "deputy"))
    await leave(world, "Bình", "từ 20/4 đến 22/4")

    told = [text for chat, text in await world.news("2020-04-20 09:00") if chat == "Lan"]

    assert len(told) == 1
    assert "Đồng chí Bình nghỉ" in told[0]


async def test_who_need_not_stand_in_any_more_is_not_told_that_it_begins(world: World):
    await world.all_join(("Bình", TICH_SON, "focal_point"), ("Lan", TICH_SON, "deputy"))
    await leave(world, "Bình", "từ 20/4 đến 22/4")
    await world.says("Bình", "không nghỉ nữa")

    assert not [text for chat, text in await world.news("2020-04-20 09:00") if chat == "Lan"]


async def test_an_admin_is_told_where_no_coordinator_is_above_the_unit(world: World):
    await world.all_join(("Bình", TICH_SON, "focal_point"), ("quản trị", "VP", "admin"))

    await leave(world, "Bình", "mai")

    assert "chưa có người báo cáo thay" in world.heard("quản trị")[-1]


async def test_a_person_of_two_units_is_away_from_both_each_with_its_own_stand_in(world: World):
    await world.all_join(
        ("Bình", TICH_SON, "focal_point"),
        ("Lan", TICH_SON, "deputy"),
        ("Hoa", LIEN_BAO, "deputy"),
    )
    await world.joins("Bình", LIEN_BAO)

    told = await leave(world, "Bình", "hôm nay, chị Lan thay")

    assert "Phường Tích Sơn: bot hỏi và nhắc đồng chí Lan" in told
    assert "Phường Liên Bảo: bot hỏi và nhắc đồng chí Hoa" in told
    assert [chat for chat, _ in await world.news("2020-04-13 15:00")] == ["Hoa", "Lan"]


async def test_where_there_are_no_buttons_a_leave_is_agreed_by_its_number(world: World):
    world.channel.abilities = COUNTED
    await world.all_join(("Bình", TICH_SON, "focal_point"), ("Lan", TICH_SON, "deputy"))

    [asked] = await world.says("Bình", "mai em nghỉ phép, đc Lan trực thay")
    [told] = await world.says("Bình", "1")

    assert "Chọn bằng số: 1 Đồng ý; 2 Không ghi." in asked
    assert "Đã ghi" in told


async def test_who_is_on_leave_may_still_report(world: World):
    await world.joins("Bình", TICH_SON)
    await leave(world, "Bình", "hôm nay")

    [receipt] = await world.says("Bình", whole_form())

    assert "Đã nhận" in receipt


async def test_a_form_of_a_day_that_is_over_does_not_hide_a_word_about_a_leave(world: World):
    await world.joins("Bình", TICH_SON)
    await world.says("Bình", "/baocao")
    await world.at("2020-04-14 09:30")

    [asked] = await world.says("Bình", "mai em nghỉ phép")

    assert "Anh/chị nghỉ thứ Tư 15/4, đúng không?" in asked


async def test_a_word_about_a_leave_in_reply_to_the_form_is_part_of_the_report(world: World):
    await world.joins("Bình", TICH_SON)
    await world.at("2020-04-13 15:00")
    form = len(world.channel.sent)

    [answer] = await world.says("Bình", "mai em nghỉ phép", replies_to=str(form))

    assert "nghỉ thứ Ba" not in answer


async def test_nobody_is_given_a_leave_with_a_stand_in_who_is_of_another_unit(world: World):
    await world.all_join(("Bình", TICH_SON, "focal_point"), ("Cúc", LIEN_BAO, "focal_point"))
    [(cuc,)] = await world.sql("SELECT id FROM person WHERE name = 'Cúc'")

    [answer] = await world.says("Bình", f"/nghi hôm nay, người thay số {cuc}, đồng ý")

    assert "Đã ghi" not in answer
    assert await kept(world) == []
