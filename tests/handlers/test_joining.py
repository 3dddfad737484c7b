"""Invitations: good once, until they expire, for what they name."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import pytest
from world import World, moment, some_units, whole_form

from bot.config import Clock, Config, Storage
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

    assert "/ketnoi" in (await world.says("TS01", f"/start {code}"))[0]
    assert "đã kết nối" in (await world.says("nhóm", f"/ketnoi {code}", by="TS01"))[0]


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

    assert "Đã có tên trong danh sách: Phường Liên Bảo" in answer
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
