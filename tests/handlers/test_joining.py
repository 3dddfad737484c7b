"""Invitations: good once, until they expire, for what they name."""

from world import World


async def test_whoever_joins_has_the_duty_at_once(world: World):
    code = await world.code("VP-VY-TS01", "focal_point")

    [welcome] = await world.says("TS01", f"/start {code}")

    assert "đầu mối báo cáo, Phường Tích Sơn" in welcome
    assert "báo cáo ngày 13/4" in (await world.says("TS01", "/baocao"))[0]


async def test_a_code_may_be_typed_in_small_letters_and_with_spaces(world: World):
    code = await world.code("VP-VY-TS01", "focal_point")

    [welcome] = await world.says("TS01", f"/start {code[:4].lower()} {code[4:].lower()}")

    assert "Đã nhận" in welcome


async def test_a_used_code_lets_nobody_else_in(world: World):
    code = await world.code("VP-VY-TS01", "focal_point")
    await world.says("TS01", f"/start {code}")

    [answer] = await world.says("kẻ khác", f"/start {code}")

    assert "đã được dùng" in answer
    assert "hệ thống báo cáo nội bộ" in (await world.says("kẻ khác", "/baocao"))[0]


async def test_an_expired_code_lets_nobody_in(world: World):
    code = await world.code("VP-VY-TS01", "focal_point", until="2020-04-13 07:59")

    assert "đã hết hạn" in (await world.says("TS01", f"/start {code}"))[0]


async def test_of_two_who_send_the_same_code_only_the_first_joins(world: World):
    code = await world.code("VP-VY-TS01", "focal_point")
    await world.arrives("một", f"/start {code}")
    await world.arrives("hai", f"/start {code}")

    await world.at("2020-04-13 08:01")

    assert "Đã nhận" in world.heard("một")[0]
    assert "đã được dùng" in world.heard("hai")[0]


async def test_a_code_for_a_group_does_nothing_in_private(world: World):
    code = await world.code("VP-VY", "group")

    assert "/ketnoi" in (await world.says("TS01", f"/start {code}"))[0]
    assert "đã kết nối" in (await world.says("nhóm", f"/ketnoi {code}", by="TS01"))[0]


async def test_a_code_for_a_person_binds_no_group(world: World):
    code = await world.code("VP-VY-TS01", "focal_point")

    assert "Mã mời không đúng" in (await world.says("nhóm", f"/ketnoi {code}", by="TS01"))[0]
    assert "Đã nhận" in (await world.says("TS01", f"/start {code}"))[0]


async def test_who_joins_today_does_not_owe_yesterday(world: World):
    await world.at("2020-04-14 08:00")
    await world.joins("TS01", "VP-VY-TS01")

    [form] = await world.says("TS01", "/baocao")

    assert "báo cáo ngày 14/4" in form


async def test_who_reports_for_two_units_chooses_and_changes_between_them(world: World):
    await world.joins("hai nơi", "VP-VY-TS01")
    await world.joins("hai nơi", "VP-VY-LB02")

    [choice] = await world.says("hai nơi", "trực tiếp 5")
    [first] = await world.says("hai nơi", "/baocao 2")
    await world.reports("hai nơi", received_direct=5)
    [second] = await world.says("hai nơi", "/baocao tích sơn")

    assert "1. Phường Tích Sơn" in choice
    assert "2. Phường Liên Bảo" in choice
    assert first.startswith("Phường Liên Bảo: báo cáo ngày 13/4")
    assert second.startswith("Phường Tích Sơn: báo cáo ngày 13/4")


async def test_who_joins_is_on_the_record(world: World):
    await world.joins("TS01", "VP-VY-TS01")
    await world.joins("nhóm", "VP-VY", "group")

    recorded = await world.sql("SELECT what, subject FROM audit_event ORDER BY id")

    assert [tuple(r) for r in recorded] == [
        ("person joined", "focal_point of Phường Tích Sơn"),
        ("group bound", "nhóm to Thành phố Vĩnh Yên"),
    ]


async def test_a_group_that_changes_its_unit_keeps_what_it_was(world: World):
    await world.joins("nhóm", "VP-VY", "group")
    await world.joins("nhóm", "VP", "group")

    bound = await world.sql(
        "SELECT code, valid_until IS NULL FROM group_chat JOIN unit ON unit.id = unit_id"
    )

    assert sorted(map(tuple, bound)) == [("VP", 1), ("VP-VY", 0)]
