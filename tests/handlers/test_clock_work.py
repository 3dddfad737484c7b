"""What the clock starts: each thing once, to whom it concerns, and not when it is too late."""

from collections import Counter

from world import World, whole_form

MONDAY = "2020-04-13"
TUESDAY = "2020-04-14"


async def an_office(world: World) -> None:
    """Two units of Vĩnh Yên with a focal point, one with a deputy; superiors, groups, an admin."""
    await world.all_join(
        ("TS01", "VP-VY-TS01", "focal_point"),
        ("TS01 phó", "VP-VY-TS01", "deputy"),
        ("LB02", "VP-VY-LB02", "focal_point"),
        ("phụ trách VY", "VP-VY", "coordinator"),
        ("phụ trách tỉnh", "VP", "coordinator"),
        ("nhóm tỉnh", "VP", "group"),
        ("nhóm VY", "VP-VY", "group"),
        ("nhóm PY", "VP-PY", "group"),
        ("quản trị", "VP", "admin"),
    )


async def outcomes(world: World) -> dict[str, str]:
    rows = await world.sql("SELECT slot, day, outcome FROM occurrence WHERE done_at IS NOT NULL")
    return {f"{slot} {day}": str(outcome) for slot, day, outcome in rows}


async def test_the_main_focal_point_of_each_unit_that_owes_is_asked(world: World):
    await an_office(world)

    asked = await world.news(f"{MONDAY} 15:00")

    assert [chat for chat, _ in asked] == ["LB02", "TS01"]
    assert all("báo cáo ngày 13/4" in form for _, form in asked)


async def test_who_has_reported_before_being_asked_is_not_asked(world: World):
    await an_office(world)
    await world.reports("TS01")

    assert [chat for chat, _ in await world.news(f"{MONDAY} 15:00")] == ["LB02"]


async def test_a_half_entered_report_is_asked_with_what_it_has(world: World):
    await an_office(world)
    await world.says("TS01", "trực tiếp 5")

    asked = dict(await world.news(f"{MONDAY} 15:00"))

    assert "Nhận trực tiếp: 5" in asked["TS01"]


async def test_only_the_missing_are_reminded_and_the_last_time_their_deputies_too(world: World):
    await an_office(world)
    await world.at(f"{MONDAY} 15:00")
    await world.reports("LB02")

    first = await world.news(f"{MONDAY} 16:00")
    last = await world.news(f"{MONDAY} 16:20")

    assert [chat for chat, _ in first] == ["TS01"]
    assert [chat for chat, _ in last] == ["TS01", "TS01 phó"]
    assert all("Nhắc lần cuối" in said for _, said in last)


async def test_a_report_sent_at_the_deadline_is_on_time_and_its_superior_is_not_told(world: World):
    await an_office(world)
    await world.reports("LB02")
    await world.at(f"{MONDAY} 16:29")
    world.bot.clock.set(world.bot.clock.now().replace(minute=30))
    await world.arrives("TS01", whole_form())

    told = await world.news(f"{MONDAY} 16:30")

    assert "(đúng hạn)" in dict(told)["TS01"]
    assert "Tích Sơn" not in dict(told)["phụ trách VY"]


async def test_each_superior_is_told_once_with_all_of_its_missing_units(world: World):
    await an_office(world)
    await world.at(f"{MONDAY} 16:20")
    await world.reports("LB02")

    told = await world.news(f"{MONDAY} 16:30")
    again = await world.news(f"{MONDAY} 16:31")

    assert [chat for chat, _ in told] == ["phụ trách VY", "phụ trách tỉnh"]
    district, province = (said.splitlines() for _, said in told)
    assert district[0].startswith("Thành phố Vĩnh Yên: 2 đơn vị chưa báo cáo ngày 13/4")
    assert district[1:3] == ["- TP Vĩnh Yên", "- P. Tích Sơn"]
    assert "- Sở Tư pháp" in province
    assert "- H. Lập Thạch" in province
    assert again == []


async def test_a_superior_without_missing_units_is_left_alone(world: World):
    await world.all_join(
        ("phụ trách LT", "VP-LT", "coordinator"),
        ("LT", "VP-LT", "focal_point"),
        ("XH09", "VP-LT-XH09", "focal_point"),
    )
    await world.reports("LT", online_payments=0)
    await world.reports("XH09")
    await world.at(f"{MONDAY} 16:20")

    assert await world.news(f"{MONDAY} 16:30") == []


async def test_the_digest_goes_once_to_the_committee_and_to_each_district_in_its_scope(
    world: World,
):
    await an_office(world)
    await world.reports("TS01", received_direct=5)
    await world.at(f"{MONDAY} 16:30")

    posted = dict(await world.news(f"{MONDAY} 17:00"))
    again = await world.news(f"{MONDAY} 17:01")

    assert list(posted) == ["nhóm PY", "nhóm VY", "nhóm tỉnh"]
    assert "tỉnh Vĩnh Phúc, lúc 17h00" in posted["nhóm tỉnh"]
    assert "Báo cáo: 1/10 đơn vị" in posted["nhóm tỉnh"]
    assert "Thành phố Vĩnh Yên, lúc 17h00" in posted["nhóm VY"]
    assert "Báo cáo: 1/3 đơn vị" in posted["nhóm VY"]
    assert "Báo cáo: 0/2 đơn vị" in posted["nhóm PY"]
    assert again == []


async def test_an_update_names_what_came_and_goes_only_where_it_concerns(world: World):
    await an_office(world)
    await world.reports("TS01", received_direct=5)
    await world.at(f"{MONDAY} 17:00")
    await world.reports("LB02", received_direct=2)
    await world.says("TS01", "sửa trực tiếp 6")
    await world.says("TS01", "gửi")

    posted = dict(await world.news(f"{MONDAY} 18:30"))

    assert list(posted) == ["nhóm VY", "nhóm tỉnh"]
    for said in posted.values():
        assert "- 18h30. Mới báo cáo: P. Liên Bảo. Có sửa: P. Tích Sơn" in said
        assert "Nhận: 8 (5)" in said


async def test_no_update_is_posted_when_nothing_was_sent_since(world: World):
    await an_office(world)
    await world.reports("TS01")
    await world.at(f"{MONDAY} 17:00")
    await world.says("LB02", "trực tiếp 5")  # begun, not sent

    assert await world.news(f"{MONDAY} 18:30") == []
    assert await world.news(f"{TUESDAY} 09:00") == []


async def test_the_morning_update_keeps_the_figures_of_17h(world: World):
    await an_office(world)
    await world.reports("TS01", received_direct=5)
    await world.at(f"{MONDAY} 17:00")
    await world.at(f"{MONDAY} 18:30")
    await world.reports("LB02", received_direct=2)

    posted = dict(await world.news(f"{TUESDAY} 09:00"))

    assert "CẬP NHẬT LÚC 9h00 14/4\nBáo cáo: 2/10 (lúc 17h00: 1)" in posted["nhóm tỉnh"]
    assert "\nNhận: 7 (5)\n" in posted["nhóm tỉnh"]
    assert "\nNhận: 5\n" in posted["nhóm tỉnh"]


async def test_a_missed_digest_is_posted_late_and_only_once(world: World):
    await an_office(world)
    await world.reports("TS01", received_direct=5)

    late = dict(await world.news(f"{MONDAY} 18:45"))

    assert "TỔNG HỢP BÁO CÁO NGÀY 13/4/2020" in late["nhóm tỉnh"]
    assert await world.news(f"{MONDAY} 19:00") == []


async def test_a_digest_missed_all_evening_is_posted_the_next_morning(world: World):
    await an_office(world)
    await world.reports("TS01", received_direct=5)

    late = dict(await world.news(f"{TUESDAY} 09:10"))

    assert "TỔNG HỢP BÁO CÁO NGÀY 13/4/2020" in late["nhóm tỉnh"]
    assert "Nhận: 5" in late["nhóm tỉnh"]


async def test_no_digest_is_made_of_a_day_that_began_before_the_bot(world: World):
    await an_office(world)

    assert await world.news(f"{MONDAY} 09:00") == []


async def test_after_an_outage_people_are_asked_once_and_not_reminded_as_well(world: World):
    await an_office(world)

    asked = await world.news(f"{MONDAY} 16:25")

    assert Counter(chat for chat, _ in asked) == {"TS01": 1, "LB02": 1}


async def test_of_two_reminders_due_together_only_the_last_is_sent(world: World):
    await an_office(world)
    await world.at(f"{MONDAY} 15:00")

    reminded = await world.news(f"{MONDAY} 16:25")

    assert Counter(chat for chat, _ in reminded) == {"TS01": 1, "TS01 phó": 1, "LB02": 1}
    assert all("Nhắc lần cuối" in said for _, said in reminded)


async def test_after_the_deadline_nobody_is_asked_any_more(world: World):
    await an_office(world)

    said = await world.news(f"{MONDAY} 16:45")

    assert [chat for chat, _ in said] == ["phụ trách VY", "phụ trách tỉnh"]
    done = await outcomes(world)
    assert done["prompt 2020-04-13"] == done["reminder_2 2020-04-13"] == "skipped: too late"


async def test_an_outage_over_days_asks_only_about_the_newest(world: World):
    await an_office(world)

    said = await world.news("2020-04-15 15:10")

    assert [(chat, "ngày 15/4" in text) for chat, text in said if chat in ("TS01", "LB02")] == [
        ("LB02", True),
        ("TS01", True),
    ]


async def test_the_lock_is_put_on_the_record(world: World):
    await world.at(f"{TUESDAY} 09:00")

    events = await world.sql("SELECT subject FROM audit_event WHERE what = 'day locked'")

    assert ("2020-04-13",) in events


async def test_the_week_is_closed_and_frozen_with_a_hash_and_the_office_is_told(world: World):
    await an_office(world)
    await world.at("2020-04-16 17:00")
    await world.reports("TS01", received_direct=5)

    told = dict(await world.news("2020-04-17 09:00"))

    [(period, digest)] = await world.sql("SELECT period, sha256 FROM snapshot WHERE kind = 'week'")
    assert period == "2020-W16"
    assert f"mã kiểm tra {str(digest)[:8]}" in told["quản trị"]
    await world.at("2020-04-17 09:20")
    assert await world.sql("SELECT count(*) FROM snapshot WHERE kind = 'week'") == [(1,)]


async def test_the_clock_may_be_asked_twice_at_any_moment(world: World):
    await an_office(world)
    for at in ("15:00", "16:00", "16:20", "16:30", "17:00", "18:30"):
        await world.at(f"{MONDAY} {at}")
        assert await world.news(f"{MONDAY} {at}") == []
