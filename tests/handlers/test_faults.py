"""What breaks stops nothing else, is said to the person, and reaches an admin."""

from datetime import date

from world import World, some_units

from storage.office import keep_directory

WRONG = '{"counter_status": "không có lựa chọn này"}'


async def break_draft(world: World, chat: str) -> None:
    """What the unit has entered so far can no longer be understood."""
    await world.says(chat, "quầy: mở")
    await world.damage("UPDATE draft SET answers = :wrong", wrong=WRONG)


async def test_an_update_that_breaks_is_set_aside_and_said_so(world: World, caplog):
    await world.joins("TS01", "VP-VY-TS01")
    await world.joins("LB02", "VP-VY-LB02")
    await world.joins("quản trị", "VP", "admin")
    await break_draft(world, "TS01")
    await world.arrives("TS01", "trực tiếp 5")

    [answer] = await world.says("LB02", "trực tiếp 7")

    assert "Nhận trực tiếp: 7" in answer
    apology, alarm = world.heard("TS01")[-1], world.heard("quản trị")[-1]
    error_id = apology.partition("(mã ")[2][:8]
    assert "chưa được xử lý" in apology
    assert f"Lỗi {error_id}" in alarm
    assert error_id in caplog.text
    assert await world.sql("SELECT count(*) FROM inbox WHERE state = 'failed'") == [(1,)]
    assert await world.sql("SELECT count(*) FROM inbox WHERE state = 'waiting'") == [(0,)]


async def test_what_was_set_aside_is_not_kept_nor_logged(world: World, caplog):
    await world.joins("TS01", "VP-VY-TS01")
    await break_draft(world, "TS01")

    await world.says("TS01", "khó khăn: bí mật 0912345678")

    assert "bí mật" not in caplog.text
    kept = await world.sql("SELECT payload FROM inbox WHERE state = 'failed'")
    assert kept == [("{}",)]


async def test_a_question_that_breaks_is_set_aside_and_said_so(world: World, caplog):
    await world.joins("lãnh đạo", "VP", "committee")
    await world.at("2020-04-13 17:00")
    await world.damage(
        "INSERT INTO snapshot (kind, period, edition, sha256, body, taken_at)"
        " SELECT kind, period, edition + 1, sha256, 'không phải JSON', taken_at FROM snapshot"
    )

    [answer] = await world.says("lãnh đạo", "/tonghop")
    [other] = await world.says("lãnh đạo", "/chuabaocao")

    assert "chưa được xử lý" in answer
    assert "chưa báo cáo" in other


async def test_an_occurrence_that_breaks_stops_no_other_and_an_admin_is_told_once(
    world: World, caplog
):
    await world.joins("TS01", "VP-VY-TS01")
    await world.joins("quản trị", "VP", "admin")
    await break_draft(world, "TS01")

    broken = await world.news("2020-04-13 15:00")
    again = await world.news("2020-04-13 15:01")
    reminded = await world.news("2020-04-13 16:00")

    assert [chat for chat, _ in broken] == ["quản trị"]
    assert "Lỗi prompt@2020-04-13 khi làm việc theo giờ" in broken[0][1]
    assert again == []
    assert [chat for chat, _ in reminded] == ["TS01"]


async def test_what_broke_is_done_when_it_can_be_done(world: World, caplog):
    await world.joins("TS01", "VP-VY-TS01")
    await break_draft(world, "TS01")
    await world.at("2020-04-13 15:00")
    await world.damage("DELETE FROM draft")

    assert [chat for chat, _ in await world.news("2020-04-13 15:01")] == ["TS01"]


async def test_the_same_update_delivered_twice_is_answered_once(world: World):
    await world.joins("TS01", "VP-VY-TS01")
    heard = len(world.heard("TS01"))
    await world.arrives("TS01", "/baocao", update_id="cùng một tin")
    await world.arrives("TS01", "/baocao", update_id="cùng một tin")

    await world.at("2020-04-13 08:01")

    assert len(world.heard("TS01")) == heard + 1


async def test_the_superior_learns_of_a_focal_point_who_has_left(world: World):
    await world.joins("TS01", "VP-VY-TS01")
    await world.joins("phụ trách", "VP-VY", "coordinator")
    world.channel.left.add("TS01")

    told = await world.news("2020-04-13 15:00")

    assert [chat for chat, _ in told] == ["phụ trách"]
    assert "Không nhắn được cho TS01 (Phường Tích Sơn)" in told[0][1]
    assert await world.news("2020-04-13 16:00") == []


async def test_without_a_superior_an_admin_learns_of_it(world: World):
    await world.joins("TS01", "VP-VY-TS01")
    await world.joins("quản trị", "VP", "admin")
    world.channel.left.add("TS01")

    told = await world.news("2020-04-13 15:00")

    assert [chat for chat, _ in told] == ["quản trị"]


async def test_a_group_whose_unit_is_gone_does_not_keep_the_digest_from_the_others(world: World):
    await world.joins("nhóm LT", "VP-LT", "group")
    await world.joins("nhóm tỉnh", "VP", "group")
    left = [unit for unit in some_units() if not unit.code.startswith("VP-LT")]
    async with world.bot.database.session() as session:
        await keep_directory(session, left, since=date(2020, 4, 13))

    posted = await world.news("2020-04-13 17:00")

    assert [chat for chat, _ in posted] == ["nhóm tỉnh"]
