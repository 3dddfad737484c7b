"""Joining: by an invitation, good once for what it names, or by a request that an admin accepts."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import pytest
from world import World, moment, some_units, whole_form

from bot.config import Clock, Config, Storage
from bot.core.messaging import Inbound
from bot.profile import profile_settings
from bot.setup import import_units
from storage.office import invite, keep_directory, keep_settings

TODAY, TOMORROW = date(2020, 4, 13), date(2020, 4, 14)


async def duties(world: World) -> list[tuple[object, ...]]:
    return await world.sql("SELECT role, code FROM duty JOIN unit ON unit.id = unit_id")


async def code_of(world: World, unit: str, role: str) -> str:
    """An invitation for a unit that need not exist today."""
    [(unit_id,)] = await world.sql("SELECT id FROM unit WHERE code = :unit", unit=unit)
    expires_at = world.bot.clock.now() + timedelta(days=30)
    async with world.bot.database.session() as session:
        return await invite(session, unit_id=unit_id, role=role, expires_at=expires_at)


async def test_whoever_joins_has_the_duty_at_once(world: World):
    code = await world.code("VP-VY-TS01", "focal_point")

    [welcome] = await world.says("TS01", f"/start {code}")

    assert "đầu mối báo cáo" in welcome
    assert "Phường Tích Sơn" in welcome
    assert "báo cáo ngày 13/4" in (await world.says("TS01", "/baocao"))[0]


async def test_who_gets_the_form_every_day_is_told_when(world: World):
    code = await world.code("VP-VY-TS01", "focal_point")

    [welcome] = await world.says("TS01", f"/start {code}")

    assert "mẫu báo cáo được gửi lúc 15h00, hạn 16h30" in welcome


@pytest.mark.parametrize("role", ["deputy", "focal_point"])
async def test_who_is_not_the_first_focal_point_is_told_of_the_last_reminder_instead(
    role: str, world: World
):
    await world.joins("TS01", "VP-VY-TS01")
    code = await world.code("VP-VY-TS01", role)

    [welcome] = await world.says("người thứ hai", f"/start {code}")
    asked = await world.news("2020-04-13 15:00")
    await world.at("2020-04-13 16:00")
    reminded = await world.news("2020-04-13 16:20")

    assert "mẫu báo cáo được gửi" not in welcome
    assert "Đến 16h20 đơn vị chưa báo cáo thì anh/chị được nhắc, hạn 16h30" in welcome
    assert [chat for chat, _ in asked] == ["TS01"]
    assert [chat for chat, _ in reminded] == ["TS01", "người thứ hai"]


async def test_where_the_first_focal_point_has_left_the_next_one_gets_the_form(world: World):
    await world.joins("TS01", "VP-VY-TS01")
    await world.presence("TS01", "left")
    code = await world.code("VP-VY-TS01", "focal_point")

    [welcome] = await world.says("người thứ hai", f"/start {code}")

    assert "mẫu báo cáo được gửi lúc 15h00" in welcome
    assert [chat for chat, _ in await world.news("2020-04-13 15:00")] == ["người thứ hai"]


async def test_a_code_may_be_typed_in_small_letters_and_with_spaces(world: World):
    code = await world.code("VP-VY-TS01", "focal_point")

    await world.says("TS01", f"/start {code[:4].lower()} {code[4:].lower()}")

    assert await duties(world) == [("focal_point", "VP-VY-TS01")]


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

    assert await duties(world) == [("focal_point", "VP-VY-TS01")]
    assert "đã được dùng" not in world.heard("một")[0]
    assert "đã được dùng" in world.heard("hai")[0]


async def test_a_code_for_a_group_does_nothing_in_private(world: World):
    code = await world.code("VP-VY", "group")

    await world.joins("quản trị", "VP", "admin")

    assert "/ketnoi" in (await world.says("TS01", f"/start {code}"))[0]
    assert "Đã nhận mã" in (await world.says("nhóm", f"/ketnoi {code}", by="TS01"))[0]


async def test_a_code_for_a_person_binds_no_group(world: World):
    code = await world.code("VP-VY-TS01", "focal_point")

    assert "Mã mời không đúng" in (await world.says("nhóm", f"/ketnoi {code}", by="TS01"))[0]
    await world.says("TS01", f"/start {code}")
    assert await duties(world) == [("focal_point", "VP-VY-TS01")]


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

    recorded = await world.sql("SELECT what, subject FROM audit_event")

    assert recorded == [("person joined", "focal_point of Phường Tích Sơn")]


async def test_a_group_that_changes_its_unit_keeps_what_it_was(world: World):
    await world.joins("nhóm", "VP-VY", "group")
    await world.joins("nhóm", "VP", "group")

    bound = await world.sql(
        "SELECT code, valid_until IS NULL FROM group_chat JOIN unit ON unit.id = unit_id"
    )

    assert sorted(bound) == [("VP", 1), ("VP-VY", 0)]


@pytest.mark.parametrize("unit", ["VP-LT", "VP-PY"])
async def test_nobody_joins_a_unit_that_has_ended_or_begins_tomorrow(unit: str, world: World):
    await world.joins("quản trị", "VP", "admin")
    ended = [u for u in some_units() if not u.code.startswith("VP-LT")]
    begins = [u for u in ended if not u.code.startswith("VP-PY")]
    async with world.bot.database.session() as session:
        await keep_directory(session, begins, since=TODAY)
        await keep_directory(session, ended, since=TOMORROW)
    person, group = await code_of(world, unit, "coordinator"), await code_of(world, unit, "group")
    alarms = len(world.heard("quản trị"))

    answers = [
        *await world.says("phụ trách", f"/start {person}"),
        *await world.says("nhóm", f"/ketnoi {group}", by="phụ trách"),
    ]

    assert len(answers) == 2
    assert all("không có trong danh mục hôm nay" in answer for answer in answers)
    assert await duties(world) == [("admin", "VP")]
    assert await world.sql("SELECT chat FROM group_chat") == []
    assert await world.sql("SELECT id FROM inbox WHERE state = 'failed'") == []
    assert len(world.heard("quản trị")) == alarms


async def test_the_invitation_of_a_unit_that_begins_tomorrow_is_good_from_tomorrow_on(
    world: World,
):
    planned = [replace(u, code="VP-PY-M1") for u in some_units() if u.code == "VP-PY-XH05"]
    async with world.bot.database.session() as session:
        await keep_directory(session, [*some_units(), *planned], since=TOMORROW)
    code = await code_of(world, "VP-PY-M1", "focal_point")
    await world.says("M1", f"/start {code}")
    await world.at("2020-04-14 08:00")

    await world.says("M1", f"/start {code}")

    assert await duties(world) == [("focal_point", "VP-PY-M1")]


async def test_who_sends_the_own_code_twice_has_joined_already(world: World):
    await world.joins("hai nơi", "VP-VY-TS01")
    code = await world.code("VP-VY-LB02", "focal_point")
    await world.says("hai nơi", f"/start {code}")

    [answer] = await world.says("hai nơi", f"/start {code}")

    assert "đã đăng ký cho Phường Liên Bảo" in answer
    assert await duties(world) == [("focal_point", "VP-VY-TS01"), ("focal_point", "VP-VY-LB02")]


async def test_a_new_list_of_invitations_withdraws_the_unused_codes_of_the_old_one(
    world: World, database_path: Path, tmp_path: Path
):
    async with world.bot.database.session() as session:
        await keep_settings(session, profile_settings("vinh-phuc"))
    clock = Clock(start=moment("2020-04-13 08:00"), stepped=True)
    config = Config(storage=Storage(url=f"sqlite+aiosqlite:///{database_path}"), clock=clock)
    old, new = [
        await invitations(config, tmp_path / name, "VP-VY-TS01", "đầu mối báo cáo")
        for name in ("old.csv", "new.csv")
    ]
    await world.at("2020-04-13 08:01")

    [too_late] = await world.says("TS01", old)
    nobody_yet = await duties(world)
    await world.says("TS01", new)

    assert "đã hết hạn" in too_late
    assert nobody_yet == []
    assert await duties(world) == [("focal_point", "VP-VY-TS01")]


async def invitations(config: Config, path: Path, unit: str, duty: str) -> str:
    """Import the example directory; return what the list of invitations tells one duty to type."""
    example = resources.files("bot").joinpath("examples/vinh-phuc-2020-units.csv")
    with resources.as_file(example) as file:
        imported = await import_units(config, file, since=None, invites=path)
    assert not imported.problems
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["mã đơn vị"] == unit]
    [typed] = [row["gõ cho bot"] for row in rows if row["vai trò"] == duty]
    return typed


@pytest.mark.parametrize("said", [whole_form(), "/baocao", "/khongphatsinh", "sửa trực tiếp 5"])
async def test_the_focal_point_of_a_unit_that_owes_no_report_any_more_is_told_so(
    said: str, world: World
):
    await world.joins("TS01", "VP-VY-TS01")
    excused = [replace(u, reports=u.reports and u.code != "VP-VY-TS01") for u in some_units()]
    async with world.bot.database.session() as session:
        await keep_directory(session, excused, since=TODAY)

    [answer] = await world.says("TS01", said)

    assert "không thuộc diện báo cáo ngày" in answer
    assert await world.sql("SELECT id FROM report") == []
    assert await world.sql("SELECT unit_id FROM draft") == []


async def test_the_help_in_a_bound_group_lists_exactly_what_a_group_may_use(world: World):
    await world.joins("nhóm", "VP-VY", "group")

    [answer] = await world.says("nhóm", "/trogiup", by="ai")

    listed = [line[1:].partition(":")[0] for line in answer.splitlines() if line[0] == "/"]
    assert listed == ["trogiup", "tonghop", "chuabaocao", "tinhhinh", "ketnoi"]


# Asking to join without a code


async def open_requests(world: World) -> list[tuple[object, ...]]:
    return await world.sql("SELECT id, said, phone FROM join_request WHERE decided_at IS NULL")


async def test_a_stranger_who_asks_learns_nothing_of_the_directory(world: World):
    await world.joins("quản trị", "VP", "admin")

    said = ("phường Tích Sơn", "Xuân Hòa", "VP-VY", "xã không có", "0912345678")
    answers = {(await world.says(words, f"/thamgia {words}"))[0] for words in said}

    assert len(answers) == 1
    assert "Đã chuyển đề nghị" in answers.pop()


async def test_a_stranger_who_types_only_the_name_of_a_unit_asks_with_one_tap(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "Phường  Liên Bảo")

    passed_on, told = await world.taps("Bình", "Đề nghị tham gia: Phường Liên Bảo")

    assert "Trong danh mục: Phường Liên Bảo, Thành phố Vĩnh Yên" in told.text
    assert "Đã chuyển đề nghị" in passed_on.text
    assert [said for _, said, _ in await open_requests(world)] == ["Phường Liên Bảo"]


async def test_who_taps_before_naming_a_unit_types_its_name_and_taps_again(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "/start")
    [how] = await world.taps("Bình", "Đề nghị tham gia")
    await world.says("Bình", "xã Quang Sơn")

    await world.taps("Bình", "Đề nghị tham gia: xã Quang Sơn")

    assert "gõ /thamgia và tên đơn vị" in how.text
    assert [said for _, said, _ in await open_requests(world)] == ["xã Quang Sơn"]


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("x" * 60, "Đề nghị tham gia: " + "x" * 29 + "…"),
        ("x" * 61, "Đề nghị tham gia"),
        ("phường Tích Sơn\nvà Liên Bảo", "Đề nghị tham gia"),
        ("Liên Bảo 0912345678", "Đề nghị tham gia: Liên Bảo 091…78"),
        ("0912345678", "Đề nghị tham gia"),
    ],
    ids=["short", "long", "two lines", "with a number", "a number"],
)
async def test_only_a_strangers_short_words_come_back_as_a_button_and_never_a_number(
    said: str, label: str, world: World
):
    [answer] = await world.says("Bình", said)

    [button] = world.channel.sent[-1].buttons
    assert button.label == label
    assert said not in answer


async def test_a_stranger_is_answered_alike_whether_or_not_there_is_such_a_unit(world: World):
    answers = {(await world.says(said, said))[0] for said in ("phường Tích Sơn", "xã không có")}

    assert len(answers) == 1


async def test_an_admin_sees_who_holds_the_duty_now(world: World):
    await world.all_join(
        ("quản trị", "VP", "admin"),
        ("Lan", "VP-VY-TS01", "focal_point"),
        ("Mai", "VP-VY-TS01", "deputy"),
        ("Hoa", "VP-PY-XH05", "focal_point"),
    )
    await world.presence("Hoa", "left")

    await world.says("một", "/thamgia tích sơn")
    await world.says("hai", "/thamgia liên bảo")
    await world.says("ba", "/thamgia Xuân Hòa")

    held, free, several = world.heard("quản trị")[-3:]
    assert "\nĐầu mối hiện có: Lan." in held
    assert "\nĐơn vị chưa có đầu mối." in free
    assert "VP-PY-XH05. Đầu mối hiện có: Hoa.\n" in several
    assert several.endswith("VP-LT-XH09. Đơn vị chưa có đầu mối.")


async def test_the_present_focal_points_and_nobody_else_are_told_of_a_new_one(world: World):
    await world.all_join(
        ("quản trị", "VP", "admin"),
        ("Lan", "VP-VY-TS01", "focal_point"),
        ("Mai", "VP-VY-TS01", "deputy"),
        ("Hoa", "VP-VY-LB02", "focal_point"),
    )
    await world.says("Lạ", "/thamgia tích sơn")

    sent = await world.taps("quản trị", "Chấp nhận")

    said = {m.chat: m.text for m in sent}
    assert said.keys() == {"quản trị", "Lạ", "Lan"}
    assert said["Lan"] == (
        "Lạ vừa được chấp nhận là đầu mối báo cáo của Phường Tích Sơn. "
        "Nếu chưa đúng, đề nghị báo Văn phòng UBND tỉnh."
    )
    assert "Đến 16h20 đơn vị chưa báo cáo" in said["Lạ"]


async def test_every_admin_and_nobody_else_is_told_of_a_request(world: World):
    await world.all_join(
        ("một", "VP", "admin"), ("hai", "VP", "admin"), ("tổng hợp", "VP", "office")
    )
    before = len(world.channel.sent)

    await world.says("Bình", "/thamgia tích sơn")

    told = {m.chat: m.text for m in world.channel.sent[before:] if m.chat != "Bình"}
    assert told.keys() == {"một", "hai"}
    assert all("Bình" in t and "Phường Tích Sơn, Thành phố Vĩnh Yên" in t for t in told.values())


async def test_a_request_without_an_admin_to_tell_is_not_kept(world: World):
    [answer] = await world.says("Bình", "/thamgia tích sơn")

    assert "chưa có quản trị nào" in answer
    assert await open_requests(world) == []


async def test_who_is_accepted_with_a_tap_reports_at_once(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "/thamgia tích sơn")
    asked = world.showing("quản trị", "Chấp nhận")

    welcome, told = await world.taps("quản trị", "Chấp nhận")

    assert (welcome.chat, told.chat, told.edits) == ("Bình", "quản trị", asked.key)
    assert "đầu mối báo cáo của Phường Tích Sơn" in welcome.text
    assert "Bình là đầu mối báo cáo của Phường Tích Sơn" in told.text
    assert "báo cáo ngày 13/4" in (await world.says("Bình", "/baocao"))[0]


async def test_a_decision_may_be_typed(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "/thamgia tích sơn")

    [told] = await world.says("quản trị", "/accept 1")

    assert "Đã chấp nhận" in told
    assert ("focal_point", "VP-VY-TS01") in await duties(world)


@pytest.mark.parametrize("named", ["VP-LT-XH09", "xã xuân hòa"])
async def test_of_several_units_with_one_name_the_admin_names_the_one_that_is_meant(
    named: str, world: World
):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Hòa", "/thamgia Xuân Hòa")
    [unclear] = await world.says("quản trị", "/chapnhan 1")

    await world.says("quản trị", f"/chapnhan 1 {named}")

    assert "2 đơn vị khớp tên" in unclear
    assert ("focal_point", "VP-LT-XH09") in await duties(world)


@pytest.mark.parametrize("named", ["", " xã không có", " Xuân Hòa", " VP-STP"])
async def test_nobody_is_accepted_for_a_unit_that_is_not_clear_or_does_not_report(
    named: str, world: World
):
    excused = [replace(u, reports=u.reports and u.code != "VP-STP") for u in some_units()]
    async with world.bot.database.session() as session:
        await keep_directory(session, excused, since=TODAY)
    await world.joins("quản trị", "VP", "admin")
    await world.says("Hòa", "/thamgia Xuân Hòa")

    await world.says("quản trị", f"/chapnhan 1{named}")

    assert await duties(world) == [("admin", "VP")]
    assert len(await open_requests(world)) == 1


async def test_the_unit_of_a_request_may_end_before_it_is_accepted(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Hòa", "/thamgia VP-LT-XH09")
    left = [u for u in some_units() if not u.code.startswith("VP-LT")]
    async with world.bot.database.session() as session:
        await keep_directory(session, left, since=TODAY)

    [refused] = await world.says("quản trị", "/chapnhan 1")
    nobody_yet = await duties(world)
    await world.says("quản trị", "/chapnhan 1 VP-PY-XH05")

    assert "không còn trong danh mục" in refused
    assert nobody_yet == [("admin", "VP")]
    assert ("focal_point", "VP-PY-XH05") in await duties(world)


async def test_who_is_refused_is_told_whom_to_ask_and_stays_a_stranger(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "/thamgia tích sơn")

    told, done = await world.taps("quản trị", "Từ chối")

    assert told.chat == "Bình"
    assert "Văn phòng UBND tỉnh" in told.text
    assert "Đã từ chối đề nghị số 1 của Bình" in done.text
    assert "hệ thống báo cáo nội bộ" in (await world.says("Bình", "/baocao"))[0]


async def test_who_was_refused_may_ask_again(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "/thamgia tích sơn")
    await world.says("quản trị", "/tuchoi 1")

    await world.says("Bình", "/thamgia liên bảo")
    await world.says("quản trị", "/chapnhan 2")

    assert ("focal_point", "VP-VY-LB02") in await duties(world)


async def test_who_asks_for_another_unit_is_not_let_in_by_a_button_that_showed_the_first(
    world: World,
):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "/thamgia tích sơn")
    first = world.showing("quản trị", "Chấp nhận")
    await world.says("Bình", "/thamgia liên bảo")

    [told] = await world.taps("quản trị", "Chấp nhận", on=first)

    assert "đã có đề nghị mới thay thế" in told.text
    assert await duties(world) == [("admin", "VP")]
    assert [(number, said) for number, said, _ in await open_requests(world)] == [(2, "liên bảo")]


async def test_the_admins_are_told_of_at_most_three_requests_of_one_person_a_day(world: World):
    await world.joins("quản trị", "VP", "admin")
    for _ in range(3):
        await world.says("Bình", "/thamgia tích sơn")
    told = len(world.heard("quản trị"))

    [fourth] = await world.says("Bình", "/thamgia liên bảo")
    await world.says("Yến", "/thamgia tích sơn")
    told_of_others = len(world.heard("quản trị"))
    await world.at("2020-04-14 00:00")
    await world.says("Bình", "/thamgia liên bảo")

    assert "đã được chuyển đến quản trị trước đó" in fourth
    assert told_of_others == told + 1
    assert "liên bảo" in world.heard("quản trị")[-1]


async def test_of_two_admins_who_decide_the_second_learns_what_the_first_decided(world: World):
    await world.all_join(("Lan", "VP", "admin"), ("Hoa", "VP", "admin"))
    await world.says("Bình", "/thamgia tích sơn")
    await world.arrives("Lan", "/chapnhan 1")
    await world.arrives("Hoa", "/tuchoi 1")

    await world.at("2020-04-13 08:05")

    assert "Lan đã chấp nhận lúc 8h05 ngày 13/4" in world.heard("Hoa")[-1]
    assert ("focal_point", "VP-VY-TS01") in await duties(world)
    assert len(world.heard("Bình")) == 2


async def test_who_joins_by_a_code_after_all_leaves_nothing_to_decide(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "/thamgia tích sơn")
    await world.joins("Bình", "VP-VY-LB02")

    [told] = await world.taps("quản trị", "Chấp nhận")

    assert "đã tham gia bằng mã mời" in told.text
    assert ("focal_point", "VP-VY-TS01") not in await duties(world)


async def test_who_has_a_duty_does_not_ask_for_another(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.joins("TS01", "VP-VY-TS01")

    [answer] = await world.says("TS01", "/thamgia liên bảo")

    assert "đã đăng ký cho Phường Tích Sơn" in answer
    assert await open_requests(world) == []


@pytest.mark.parametrize("role", ["focal_point", "coordinator", "committee", "office"])
@pytest.mark.parametrize("word", ["chapnhan", "tuchoi", "hoiso"])
async def test_only_an_admin_decides(word: str, role: str, world: World):
    await world.all_join(("quản trị", "VP", "admin"), ("ai", "VP-VY", role))
    await world.says("Bình", "/thamgia tích sơn")

    [answer] = await world.says("ai", f"/{word} 1")

    assert "không thuộc quyền" in answer
    assert len(await open_requests(world)) == 1


@pytest.mark.parametrize("said", ["", "99", "0", "1234567890123456789012", "Quang Sơn", "-1"])
@pytest.mark.parametrize("word", ["chapnhan", "tuchoi", "hoiso"])
async def test_a_request_that_is_not_named_by_its_number_is_not_decided(
    word: str, said: str, world: World
):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "/thamgia tích sơn")

    [answer] = await world.says("quản trị", f"/{word} {said}")

    assert "Không có đề nghị số" in answer or "Cần ghi số của đề nghị" in answer
    assert len(await open_requests(world)) == 1


async def test_a_request_and_its_decision_are_on_the_record(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "/thamgia tích sơn")
    await world.says("quản trị", "/hoiso 1")
    await world.says("quản trị", "/chapnhan 1")
    await world.says("Yến", "/thamgia tích sơn")
    await world.says("quản trị", "/tuchoi 2")

    recorded = await world.sql(
        "SELECT name, what, subject FROM audit_event LEFT JOIN person ON person.id = person_id"
        " ORDER BY audit_event.id"
    )

    assert recorded[1:] == [
        (None, "asked to join", "request 1"),
        ("quản trị", "phone asked", "request 1"),
        ("Bình", "person joined", "focal_point of Phường Tích Sơn"),
        ("quản trị", "request accepted", "request 1"),
        (None, "asked to join", "request 2"),
        ("quản trị", "request refused", "request 2"),
    ]


# The telephone number of who asks

NUMBER = "0912345678"


async def shares(world: World, chat: str, how: str) -> str:
    """Somebody gives the own number; the answer."""
    said = "" if how == "shared" else "0912 345 678"
    [answer] = await world.says(chat, said, phone="" if said else NUMBER)
    return answer


async def seen_by(world: World) -> set[str]:
    """In which chats the number stood."""
    digits = ((m.chat, m.text.replace(" ", "")) for m in world.channel.sent)
    return {chat for chat, said in digits if NUMBER in said}


@pytest.mark.parametrize("how", ["shared", "typed"])
async def test_a_number_goes_to_the_admins_who_asked_for_it_and_to_nobody_else(
    how: str, world: World
):
    await world.all_join(*((name, "VP", "admin") for name in ("Lan", "Hoa", "Mai")))
    await world.says("Bình", "/thamgia tích sơn")
    await world.says("Lan", "/hoiso 1")
    await world.says("Hoa", "/hoiso 1")

    answer = await shares(world, "Bình", how)

    assert "Đã chuyển số điện thoại" in answer
    assert await seen_by(world) == {"Lan", "Hoa"}
    assert NUMBER not in str(await world.sql("SELECT * FROM audit_event"))
    assert NUMBER not in str(await world.sql("SELECT * FROM inbox"))


async def test_the_person_is_asked_for_a_number_once_and_with_a_button_that_shares_it(
    world: World,
):
    await world.all_join(("Lan", "VP", "admin"), ("Hoa", "VP", "admin"))
    await world.says("Bình", "/thamgia tích sơn")
    await world.taps("Lan", "Hỏi số điện thoại")
    await world.taps("Hoa", "Hỏi số điện thoại")

    asked = [m for m in world.channel.sent if any(b.asks_phone for b in m.buttons)]

    assert [m.chat for m in asked] == ["Bình"]
    assert "gửi số điện thoại tại đây" in asked[0].text


async def test_who_asks_after_the_number_came_sees_it_at_once(world: World):
    await world.all_join(("Lan", "VP", "admin"), ("Hoa", "VP", "admin"))
    await world.says("Bình", "/thamgia tích sơn")
    await world.says("Lan", "/hoiso 1")
    await shares(world, "Bình", "shared")

    [answer] = await world.says("Hoa", "/hoiso 1")

    assert NUMBER in answer


async def test_once_the_number_is_known_the_admin_accepts_with_a_tap(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "/thamgia tích sơn")
    await world.taps("quản trị", "Hỏi số điện thoại")
    await shares(world, "Bình", "shared")

    await world.taps("quản trị", "Chấp nhận")

    assert ("focal_point", "VP-VY-TS01") in await duties(world)


@pytest.mark.parametrize("how", ["shared", "typed"])
async def test_a_number_that_nobody_asked_for_is_not_kept(how: str, world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "/thamgia tích sơn")

    answer = await shares(world, "Bình", how)

    assert "hệ thống báo cáo nội bộ" in answer
    assert await open_requests(world) == [(1, "tích sơn", "")]
    assert await seen_by(world) == set()


async def test_of_several_numbers_only_the_first_reaches_the_admins(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "/thamgia tích sơn")
    await world.says("quản trị", "/hoiso 1")
    await shares(world, "Bình", "shared")
    told = len(world.heard("quản trị"))

    await world.says("Bình", "0987654321")

    assert len(world.heard("quản trị")) == told
    assert await open_requests(world) == [(1, "tích sơn", NUMBER)]


async def test_a_number_that_comes_after_the_decision_is_not_kept(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.says("Bình", "/thamgia tích sơn")
    await world.says("quản trị", "/hoiso 1")
    await world.says("quản trị", "/chapnhan 1")

    await shares(world, "Bình", "shared")

    assert await world.sql("SELECT phone FROM join_request") == [("",)]
    assert await seen_by(world) == set()


async def test_a_number_within_what_was_asked_is_not_kept(world: World):
    await world.joins("quản trị", "VP", "admin")

    await world.says("Bình", f"/thamgia tích sơn {NUMBER}")

    assert NUMBER not in str(await open_requests(world))
    assert await seen_by(world) == set()


# Binding a group


async def bound(world: World) -> list[tuple[object, ...]]:
    """The groups that get a digest now: chat, unit, topic, title."""
    return await world.sql(
        "SELECT chat, code, thread, title FROM group_chat JOIN unit ON unit.id = unit_id"
        " WHERE valid_until IS NULL"
    )


async def test_a_group_is_bound_in_its_topic_once_an_admin_agrees(world: World):
    await world.joins("quản trị", "VP", "admin")
    [waits] = await world.shows_code("nhóm", "VP-VY", thread="7", group_title="Một cửa Vĩnh Yên")
    before = await bound(world)

    told, done = await world.taps("quản trị", "Chấp nhận")

    assert "Chờ quản trị xác nhận" in waits
    assert before == []
    assert (told.chat, told.thread, told.in_group) == ("nhóm", "7", True)
    assert "Nhóm đã kết nối với Thành phố Vĩnh Yên" in told.text
    assert "nhóm «Một cửa Vĩnh Yên»" in done.text
    assert await bound(world) == [("nhóm", "VP-VY", "7", "Một cửa Vĩnh Yên")]


async def test_the_admin_sees_which_group_who_showed_the_code_and_for_which_unit(world: World):
    await world.joins("quản trị", "VP", "admin")

    await world.shows_code("nhóm", "VP-VY", group_title="Một cửa")

    asked = world.heard("quản trị")[-1]
    assert "nhóm «Một cửa» đề nghị kết nối với Thành phố Vĩnh Yên" in asked
    assert "Người gửi mã: chánh văn phòng" in asked


async def test_an_admin_of_the_group_may_show_the_code_without_a_name(world: World):
    await world.joins("quản trị", "VP", "admin")
    code = await world.code("VP-VY", "group")
    hidden = Inbound("fake", "ẩn", "nhóm", sender="", text=f"/ketnoi {code}", in_group=True)

    await world.bot.writer.accept([hidden])
    await world.at("2020-04-13 08:01")

    assert "Người gửi mã: quản trị nhóm, ẩn danh" in world.heard("quản trị")[-1]


async def test_a_group_that_is_not_bound_yet_reads_nothing(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.shows_code("nhóm", "VP-VY")

    [answer] = await world.says("nhóm", "/chuabaocao", by="ai")

    assert "chưa kết nối" in answer


async def test_without_an_admin_no_group_is_bound(world: World):
    [answer] = await world.shows_code("nhóm", "VP-VY")

    assert "chưa có quản trị nào" in answer
    assert await open_requests(world) == []


async def test_what_is_refused_to_one_group_leaves_the_code_good_for_another(world: World):
    await world.joins("quản trị", "VP", "admin")
    code = await world.code("VP-VY", "group")
    await world.says("nhóm lạ", f"/ketnoi {code}", by="ai")
    told, _ = await world.taps("quản trị", "Từ chối")

    await world.says("nhóm", f"/ketnoi {code}", by="ai")
    await world.taps("quản trị", "Chấp nhận")

    assert told.chat == "nhóm lạ"
    assert "Văn phòng UBND tỉnh" in told.text
    assert [chat for chat, *_ in await bound(world)] == ["nhóm"]


async def test_of_two_groups_with_one_code_the_first_that_is_accepted_gets_it(world: World):
    await world.joins("quản trị", "VP", "admin")
    code = await world.code("VP-VY", "group")
    await world.says("nhóm một", f"/ketnoi {code}", by="ai")
    await world.says("nhóm hai", f"/ketnoi {code}", by="ai")
    await world.says("quản trị", "/chapnhan 2")

    [told] = await world.says("quản trị", "/chapnhan 1")

    assert "không kết nối được nhóm «nhóm một»" in told
    assert "đã được dùng" in world.heard("nhóm một")[-1]
    assert [chat for chat, *_ in await bound(world)] == ["nhóm hai"]
    assert await open_requests(world) == []


async def test_the_unit_of_a_groups_code_may_end_before_an_admin_agrees(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.shows_code("nhóm", "VP-LT")
    left = [u for u in some_units() if not u.code.startswith("VP-LT")]
    async with world.bot.database.session() as session:
        await keep_directory(session, left, since=TODAY)

    await world.says("quản trị", "/chapnhan 1")

    assert "không có trong danh mục hôm nay" in world.heard("nhóm")[-1]
    assert await bound(world) == []


async def test_a_code_that_was_shown_in_time_may_be_confirmed_after_it_expired(world: World):
    await world.joins("quản trị", "VP", "admin")
    code = await world.code("VP-VY", "group", until="2020-04-13 09:00")
    await world.says("nhóm", f"/ketnoi {code}", by="ai")
    await world.at("2020-04-13 10:00")

    await world.says("quản trị", "/chapnhan 1")

    assert [chat for chat, *_ in await bound(world)] == ["nhóm"]


async def test_a_code_shown_twice_is_asked_about_once(world: World):
    await world.joins("quản trị", "VP", "admin")
    code = await world.code("VP-VY", "group")
    await world.says("nhóm", f"/ketnoi {code}", by="một")
    told = len(world.heard("quản trị"))

    [answer] = await world.says("nhóm", f"/ketnoi {code}", by="hai")

    assert "Chờ quản trị xác nhận" in answer
    assert len(world.heard("quản trị")) == told


async def test_a_group_that_wants_another_unit_keeps_the_old_one_until_an_admin_agrees(
    world: World,
):
    await world.joins("quản trị", "VP", "admin")
    await world.joins("nhóm", "VP-VY", "group")
    await world.shows_code("nhóm", "VP")
    before = await bound(world)

    await world.taps("quản trị", "Chấp nhận")

    assert [unit for _, unit, *_ in before] == ["VP-VY"]
    assert [unit for _, unit, *_ in await bound(world)] == ["VP"]


async def test_another_code_of_its_own_unit_moves_a_groups_digest_to_another_topic(world: World):
    await world.joins("nhóm", "VP-VY", "group")

    [answer] = await world.shows_code("nhóm", "VP-VY", thread="9", group_title="Một cửa")

    assert "Nhóm đã kết nối với Thành phố Vĩnh Yên" in answer
    assert await bound(world) == [("nhóm", "VP-VY", "9", "Một cửa")]


async def test_a_group_has_no_telephone_number(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.shows_code("nhóm", "VP-VY")
    heard = len(world.heard("nhóm"))

    [answer] = await world.says("quản trị", "/hoiso 1")

    assert "không hỏi được số điện thoại" in answer
    assert len(world.heard("nhóm")) == heard


async def test_binding_a_group_is_on_the_record(world: World):
    await world.joins("quản trị", "VP", "admin")
    await world.shows_code("nhóm", "VP-VY")
    await world.says("quản trị", "/chapnhan 1")

    recorded = await world.sql("SELECT what, subject FROM audit_event ORDER BY id")

    assert recorded[1:] == [
        ("group asked to be bound", "request 1"),
        ("group bound", "nhóm to Thành phố Vĩnh Yên"),
        ("request accepted", "request 1"),
    ]
