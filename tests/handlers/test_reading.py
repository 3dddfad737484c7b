"""What coordinators, the committee and groups can ask: who is missing, a digest, one unit."""

from datetime import date
from importlib import resources

import pytest
from world import World

from bot.core.directory import Directory, read_directory
from storage.office import keep_directory


@pytest.fixture
async def reported(world: World) -> World:
    """Monday's digest is out; Tích Sơn reported, and Xuân Hòa of Lập Thạch, which is closed."""
    await world.all_join(
        ("TS01", "VP-VY-TS01", "focal_point"),
        ("XH09", "VP-LT-XH09", "focal_point"),
        ("lãnh đạo", "VP", "committee"),
        ("phụ trách", "VP-VY", "coordinator"),
    )
    await world.reports("TS01", received_direct=5, pending=7, overdue=2, issues="gọi 0912345678")
    await world.says("XH09", "quầy: đóng\nlý do: mất điện\nđến ngày: 20/4\ntiếp nhận thay: huyện")
    await world.reports("XH09", counter_status="đóng", pending=3)
    await world.at("2020-04-13 17:00")
    return world


async def answer(world: World, chat: str, said: str) -> str:
    [only] = await world.says(chat, said)
    return only


async def test_the_committee_sees_every_unit_that_is_missing(reported: World):
    missing = await answer(reported, "lãnh đạo", "/chuabaocao")

    assert missing.startswith("Báo cáo ngày 13/4 lúc 17h00: còn 8/10 đơn vị chưa báo cáo.")
    assert "- Sở Tư pháp" in missing
    assert "Tích Sơn" not in missing


async def test_a_coordinator_sees_only_the_own_units(reported: World):
    missing = await answer(reported, "phụ trách", "/chuabaocao")

    assert missing.splitlines()[1:] == ["- TP Vĩnh Yên", "- P. Liên Bảo"]


async def test_a_coordinator_who_also_reports_sees_the_district_and_not_only_the_own_unit(
    world: World,
):
    await world.joins("cả hai", "VP-VY-TS01")
    await world.joins("cả hai", "VP-VY", "coordinator")

    assert "còn 3/3 đơn vị" in await answer(world, "cả hai", "/chuabaocao")


async def test_who_is_missing_in_one_district_is_asked_by_its_name(reported: World):
    for name in ("Vĩnh Yên", "tp vinh yen", "VP-VY"):
        missing = await answer(reported, "lãnh đạo", f"/chuabaocao {name}")
        assert missing.splitlines() == [
            "Báo cáo ngày 13/4 của Thành phố Vĩnh Yên lúc 17h00: còn 2/3 đơn vị chưa báo cáo.",
            "- TP Vĩnh Yên",
            "- P. Liên Bảo",
        ]


async def test_a_name_that_two_units_share_asks_for_both(reported: World):
    missing = await answer(reported, "lãnh đạo", "/chuabaocao Xuân Hòa")

    assert "của Phường Xuân Hoà; Xã Xuân Hòa lúc 17h00: còn 1/2" in missing
    assert missing.endswith("\n- P. Xuân Hoà")


async def test_who_is_missing_outside_the_own_district_is_not_told(reported: World):
    assert "Không tìm thấy đơn vị" in await answer(reported, "phụ trách", "/chuabaocao Lập Thạch")


@pytest.fixture
async def whole_province(world: World) -> World:
    """All 170 units of the example directory; the groups of the committee and of Vĩnh Tường."""
    file = resources.files("bot").joinpath("examples/vinh-phuc-2020-units.csv")
    found = read_directory(file.read_text(encoding="utf-8"))
    assert isinstance(found, Directory)
    async with world.bot.database.session() as session:
        await keep_directory(session, found.units, since=date(2020, 4, 13))
    await world.all_join(
        ("nhóm", "VP", "group"), ("nhóm Vĩnh Tường", "VP-VT", "group"), ("lãnh đạo", "VP", "admin")
    )
    return world


async def test_of_many_missing_a_group_is_told_the_districts_in_one_message(whole_province: World):
    [missing] = await whole_province.says("nhóm", "/chuabaocao", by="chủ tịch")

    first, *places, one, rest = missing.splitlines()
    assert first == "Chưa báo cáo ngày 13/4, lúc 8h00: 169/169 đơn vị."
    assert places[0] == "- H. Vĩnh Tường (29 đơn vị)"
    assert "- Sở Tư pháp" in places
    assert one == "Xem tên tại một nơi, ví dụ: /chuabaocao Vĩnh Yên"
    assert rest == "Xem đủ tên: nhắn riêng /chuabaocao"


async def test_the_units_of_one_district_are_named_in_a_group_however_many(whole_province: World):
    for group, said in (("nhóm", "/chuabaocao Vĩnh Tường"), ("nhóm Vĩnh Tường", "/chuabaocao")):
        [missing] = await whole_province.says(group, said, by="chủ tịch")
        assert "còn 29/29 đơn vị chưa báo cáo.\n- H. Vĩnh Tường\n- TT Vĩnh Tường\n" in missing


async def test_in_private_every_missing_unit_is_named(whole_province: World):
    parts = await whole_province.says("lãnh đạo", "/chuabaocao")

    assert sum(part.count("\n- ") for part in parts) == 169


async def test_on_a_day_off_the_last_reporting_day_is_meant(reported: World):
    await reported.at("2020-04-18 10:00")

    assert "Báo cáo ngày 17/4" in await answer(reported, "phụ trách", "/chuabaocao")


async def test_the_digest_is_that_of_today_once_it_is_out(reported: World):
    digest = await answer(reported, "lãnh đạo", "/tonghop")

    assert digest.startswith("TỔNG HỢP BÁO CÁO NGÀY 13/4/2020\nBộ phận Một cửa tỉnh Vĩnh Phúc")
    assert "Báo cáo: 2/10 đơn vị" in digest


async def test_a_district_reads_its_own_figures_under_its_own_name(reported: World):
    digest = await answer(reported, "phụ trách", "/tonghop")

    assert "Bộ phận Một cửa Thành phố Vĩnh Yên" in digest
    assert "Báo cáo: 1/3 đơn vị" in digest
    assert "Đang giải quyết: 7" in digest


async def test_before_todays_digest_yesterdays_is_shown(reported: World):
    await reported.at("2020-04-14 16:59")

    assert "NGÀY 13/4/2020" in await answer(reported, "lãnh đạo", "/tonghop")


async def test_a_day_is_named_as_people_write_it(reported: World):
    for day in ("13/4", "13/4/2020", "13-4", "13.4", "ngày 13/4", "NGÀY 13/04"):
        assert "NGÀY 13/4/2020" in await answer(reported, "lãnh đạo", f"/tonghop {day}")


async def test_what_is_not_a_day_is_asked_back(reported: World):
    for said in ("hôm kia", "32/4", "13", "13/4 15/4", "quay hôm kia"):
        assert "Chưa rõ ngày" in await answer(reported, "lãnh đạo", f"/tonghop {said}")


async def test_a_day_without_a_digest_is_said_so(reported: World):
    assert "Chưa có bản tổng hợp ngày 10/4/2020" in await answer(
        reported, "lãnh đạo", "/tonghop 10/4"
    )


async def test_before_the_first_edition_there_is_no_digest(world: World):
    await world.joins("lãnh đạo", "VP", "committee")

    assert "Chưa có bản tổng hợp" in await answer(world, "lãnh đạo", "/tonghop")


async def test_a_section_of_a_day_is_shown_in_full(reported: World):
    sections = {
        "quay": "Xã Xuân Hòa: quầy đóng đến 20/4; mất điện; nhận thay: huyện",
        "quahan": "P. Tích Sơn 2",
        "capthiet": "0 đơn vị",
        "khokhan": "P. Tích Sơn: gọi 091…78",
    }

    for section, says in sections.items():
        assert says in await answer(reported, "lãnh đạo", f"/tonghop {section} 13/4")


async def test_one_unit_is_shown_with_its_figures_and_without_phone_numbers(reported: World):
    shown = await answer(reported, "lãnh đạo", "/tinhhinh tích sơn")

    assert shown.startswith("Phường Tích Sơn\nNgày 13/4: đã báo cáo đúng hạn lúc 8h00.")
    assert "Đang giải quyết: 7" in shown
    assert "0912345678" not in shown


async def test_a_unit_that_owes_today_is_shown_with_its_last_report(reported: World):
    await reported.at("2020-04-14 10:00")

    shown = await answer(reported, "lãnh đạo", "/tinhhinh phường Tích Sơn")

    assert "Ngày 14/4: chưa báo cáo.\nNgày 13/4: đã báo cáo đúng hạn" in shown


async def test_a_name_that_two_units_share_is_asked_back_with_both(reported: World):
    asked = await answer(reported, "lãnh đạo", "/tinhhinh Xuân Hòa")

    assert "- Phường Xuân Hoà, Thành phố Phúc Yên" in asked
    assert "- Xã Xuân Hòa, Huyện Lập Thạch" in asked
    assert "Xã Xuân Hòa\nNgày" in await answer(reported, "lãnh đạo", "/tinhhinh xã xuân hoà")


async def test_a_unit_outside_the_own_district_is_not_found(reported: World):
    for name in ("Hà Nội", "Xuân Hòa", "sở tư pháp"):
        said = await answer(reported, "phụ trách", f"/tinhhinh {name}")
        assert "Không tìm thấy đơn vị" in said


async def test_a_unit_must_be_named(reported: World):
    assert "Đề nghị ghi tên đơn vị" in await answer(reported, "lãnh đạo", "/tinhhinh")
