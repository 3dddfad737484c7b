"""The plan of Zalo bots for the example province, from the directory in a real database."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from world import moment

from bot.app import CannotStart
from bot.config import Config
from bot.core.quota import Quota
from bot.plan import Crowd, Planned, plan_text, planned
from bot.profile import profile_settings
from bot.setup import import_units
from storage.database import Database
from storage.office import join_group, keep_settings, take_duty, units_on
from storage.tables import Invite

EXAMPLE = Path(__file__).parents[1] / "bot" / "examples" / "vinh-phuc-2020-units.csv"
NOW = moment("2020-04-13 08:00")


@pytest.fixture
async def config(database: Database, database_path: Path) -> Config:
    """An office without a directory, a messenger or a network."""
    async with database.session() as session:
        await keep_settings(session, profile_settings("vinh-phuc"))
    return Config(
        storage={"url": f"sqlite+aiosqlite:///{database_path}"},
        clock={"start": NOW.isoformat()},
        local={"enabled": False},
    )


@pytest.fixture
async def province(config: Config) -> Config:
    """The example province, which nobody has joined yet."""
    await import_units(config, EXAMPLE, since=None, invites=None)
    return config


async def join(database: Database, *duties: tuple[str, str, str]) -> None:
    """Let people take duties; each is the person's address, a unit and a role."""
    async with database.session() as session:
        ids = {unit.code: unit.id for unit in await units_on(session, NOW.date())}
        for who, unit, role in duties:
            place = {"channel": "local", "external_id": who, "name": who}
            await take_duty(session, unit_id=ids[unit], role=role, **place, now=NOW)


async def bind(database: Database, *groups: tuple[str, str]) -> None:
    async with database.session() as session:
        ids = {unit.code: unit.id for unit in await units_on(session, NOW.date())}
        for chat, unit in groups:
            invite = Invite(code_hash=chat, unit_id=ids[unit], role="group", expires_at=NOW)
            await join_group(session, invite, channel="telegram", chat=chat, now=NOW)


def bots(found: Planned) -> tuple[int, int]:
    return found.plan.larger.bots, found.without_deputies.larger.bots


async def test_the_example_province_is_told_what_to_prepare(province: Config):
    text = plan_text(await planned(province))

    assert text.splitlines() == [
        "Chuẩn bị bot Zalo cho tỉnh Vĩnh Phúc",
        "- Đơn vị phải báo cáo: 169",
        "- Người nhắn với bot: 351",
        "  + đầu mối báo cáo: 169",
        "  + đầu mối dự phòng: 169",
        "  + đôn đốc, tổng hợp, quản trị…: 13",
        "- Nhóm nhận bản tổng hợp: 10",
        "- Tháng nhiều ngày báo cáo nhất:",
        "  7/2020, 23 ngày",
        "",
        "Mỗi bot Zalo: 50 người, 3 nhóm, 3.000",
        "tin một tháng, trong đó để dành 300 tin",
        "cho bản tổng hợp. Mỗi tài khoản Zalo làm",
        "chủ tối đa 3 bot.",
        "Mỗi ngày: 2 tin gửi và 1 tin nhận cho",
        "mỗi đơn vị, nhắc thêm 20% số đơn vị, 4",
        "tin cho mỗi nhóm.",
        "",
        "Nếu Zalo tính tin          gửi  gửi+nhận",
        "Tin cả tháng             9.472    13.359",
        "Bot theo số người            8         8",
        "Bot theo số tin              4         5",
        "Bot theo số nhóm             4         4",
        "Số bot cần có                8         8",
        "Tài khoản chủ bot            3         3",
        "Tin còn dư cả tháng     12.128     8.241",
        "",
        "Cần chuẩn bị 8 bot Zalo, 3 tài khoản",
        "Zalo chủ bot.",
        "Đã lấy số lớn hơn trong hai cách tính;",
        "mức quyết định: số người.",
        "Nếu đầu mối dự phòng dùng kênh khác thì",
        "cần 5 bot Zalo, 2 tài khoản Zalo chủ",
        "bot.",
        "",
        "Chưa rõ: Zalo tính cả tin nhận hay chỉ",
        "tin gửi; số tin được tính lại từ ngày",
        "nào trong tháng; bot có được vào nhóm",
        "không. Đề nghị chạy thử một bot trước",
        "khi mời mọi người.",
    ]


async def test_no_line_is_wider_than_a_phone(province: Config):
    assert max(map(len, plan_text(await planned(province)).splitlines())) <= 40


async def test_whoever_joins_takes_a_place_that_was_kept_for_them(
    province: Config, database: Database
):
    await join(database, ("lan", "VP-VY-TS01", "focal_point"), ("an", "VP-VY-TS01", "deputy"))

    assert (await planned(province)).crowd == Crowd(main=169, deputies=169, others=13)


@pytest.mark.parametrize(
    ("duties", "crowd"),
    [
        ([("lan", "VP-VY-TS01", "focal_point"), ("an", "VP-VY-TS01", "focal_point")], (170, 169)),
        ([("lan", "VP-VY-TS01", "focal_point"), ("lan", "VP-VY-LB02", "focal_point")], (168, 169)),
        ([("lan", "VP-VY-TS01", "focal_point"), ("lan", "VP-VY-LB02", "deputy")], (169, 168)),
    ],
    ids=["two for a unit", "one for two units", "a deputy elsewhere"],
)
async def test_each_person_is_counted_once(
    province: Config,
    database: Database,
    duties: Sequence[tuple[str, str, str]],
    crowd: tuple[int, int],
):
    await join(database, *duties)

    assert (await planned(province)).crowd == Crowd(*crowd, others=13)


async def test_a_group_that_is_bound_is_one_of_those_to_come(province: Config, database: Database):
    await bind(database, ("-1", "VP"), ("-2", "VP"), ("-3", "VP-VY"))

    assert (await planned(province)).load.groups == 11


async def test_reporting_on_days_off_fills_the_month(province: Config, database: Database):
    async with database.session() as session:
        await keep_settings(session, {"calendar.every_day": True})

    found = await planned(province)

    assert (found.month, found.load.days) == (date(2020, 5, 1), 31)
    assert bots(found) == (8, 7)


async def test_another_quota_makes_another_plan(province: Config):
    found = await planned(province, Quota(people=1000))

    assert bots(found) == (5, 5)
    assert "mức quyết định: số tin." in plan_text(found)
    assert "dự phòng dùng kênh khác" not in plan_text(found)


async def test_without_a_directory_there_is_nothing_to_plan(config: Config):
    with pytest.raises(CannotStart, match="giaoban units import"):
        await planned(config)
