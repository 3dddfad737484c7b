"""What is usual for a unit follows from the reports that are kept."""

import json

from world import World, opened, whole_form

from storage.database import Database

DAYS = ("13", "14", "15", "16", "17", "20")


async def month(database: Database) -> World:
    """A unit that has reported on five days, as it usually does."""
    world = await opened(database)
    await world.joins("TS01", "VP-VY-TS01")
    for day in DAYS[:5]:
        await world.at(f"2020-04-{day} 15:00")
        await world.reports("TS01", received_direct=30, resolved_on_time=30, pending=12)
    return world


async def usual(world: World, field: str) -> list[int]:
    [(figures,)] = await world.sql("SELECT figures FROM usual")
    found: list[int] = json.loads(str(figures))[field]
    return found


async def test_five_reports_say_what_is_usual(database: Database):
    world = await month(database)

    low, high, *told = await usual(world, "received_direct")

    assert 3 < low < 30 < high < 300
    assert told == [30, 30, 5]


async def test_a_digit_too_many_is_asked_about_and_when_confirmed_it_is_not_asked_again(
    database: Database,
):
    world = await month(database)
    slip = whole_form(received_direct=300, resolved_on_time=300, pending=12)

    await world.at("2020-04-20 15:00")
    [asked] = await world.says("TS01", slip)
    assert "Nhận trực tiếp 300, trong khi thường ngày là 30 (5 báo cáo gần đây)." in asked
    await world.says("TS01", "vì dồn hồ sơ sau nghỉ lễ")
    await world.at("2020-04-21 15:00")
    [received] = await world.says("TS01", slip)

    assert received.startswith("Đã nhận báo cáo ngày 21/4")


async def test_only_the_newest_revision_of_a_day_says_what_is_usual(database: Database):
    world = await month(database)
    await world.at("2020-04-20 15:00")
    await world.says("TS01", whole_form(received_direct=300, resolved_on_time=300, pending=12))
    await world.says("TS01", "gửi")

    before = await usual(world, "received_direct")
    await world.says("TS01", "sửa Nhận trực tiếp 30, trả đúng hạn 30")
    await world.says("TS01", "gửi")
    after = await usual(world, "received_direct")

    assert before[1] > 300 > after[1]
