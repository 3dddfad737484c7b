"""A slow queue, a channel that is down, a wrong clock, an office younger than its week."""

import asyncio
import json
from contextlib import suppress

import pytest
from world import CHANNEL, World, moment, opened, whole_form

from handlers.due import run_due
from storage.database import Database

TICH_SON, LIEN_BAO = "VP-VY-TS01", "VP-VY-LB02"
MONDAY, TUESDAY = "2020-04-13", "2020-04-14"


async def wakes(world: World, said: str) -> None:
    """At a local time do what is due; nothing can be sent."""
    world.bot.clock.set(moment(said))
    await world.bot.wake(world.bot.clock.now())


async def relayed(world: World) -> None:
    """The channel is up again: the relay itself sends what waits."""
    world.bot.channels[CHANNEL] = world.channel
    relay = asyncio.create_task(world.bot.relay.run())
    await world.bot.quiet()
    relay.cancel()
    with suppress(asyncio.CancelledError):
        await relay


async def fates(world: World, about: str) -> list[tuple[object, ...]]:
    """Return the chat and fate of each message whose key begins so."""
    found = "SELECT chat, fate FROM outbox WHERE key LIKE :about || '%' ORDER BY id"
    return await world.sql(found, about=about)


# --- a slow queue, a channel that is down


@pytest.mark.parametrize(
    ("last_heard", "asked_at", "about"),
    [
        ("14:00", "15:00", "prompt@"),
        ("15:00", "16:00", "reminder_1@"),
        ("16:00", "16:20", "reminder_2@"),
    ],
)
async def test_who_reports_before_the_question_could_be_sent_is_not_asked_and_others_are(
    last_heard: str, asked_at: str, about: str, world: World
):
    await world.all_join(
        ("TS01", TICH_SON, "focal_point"),
        ("TS01 phó", TICH_SON, "deputy"),
        ("LB02", LIEN_BAO, "focal_point"),
    )
    await world.at(f"{MONDAY} {last_heard}")
    await wakes(world, f"{MONDAY} {asked_at}")

    [receipt] = await world.says("TS01", whole_form())

    assert "Đã nhận" in receipt
    fate_of = dict(await fates(world, about))
    assert fate_of.pop("LB02") == "sent"
    assert fate_of.pop("TS01") == "expired"
    assert set(fate_of.values()) <= {"expired"}  # the deputy's


async def test_who_reports_for_two_units_is_still_reminded_of_the_other(world: World):
    await world.joins("hai nơi", TICH_SON)
    await world.joins("hai nơi", LIEN_BAO)
    await world.at(f"{MONDAY} 15:00")
    await world.says("hai nơi", "/baocao 1")
    await wakes(world, f"{MONDAY} 16:00")

    receipt, reminder = await world.says("hai nơi", whole_form())

    assert "Đã nhận" in receipt
    assert "Tích Sơn" in receipt
    assert "Liên Bảo" in reminder
    assert "Tích Sơn" not in reminder


async def test_a_digest_that_could_not_be_posted_before_the_lock_is_told_to_an_admin_once(
    world: World,
):
    await world.all_join(
        ("TS01", TICH_SON, "focal_point"), ("nhóm", "VP", "group"), ("quản trị", "VP", "admin")
    )
    before = len(world.heard("quản trị"))
    for time in ("15:00", "16:00", "17:00", "18:30"):
        await wakes(world, f"{MONDAY} {time}")
    await wakes(world, f"{TUESDAY} 09:00")

    await relayed(world)
    await wakes(world, f"{TUESDAY} 09:01")
    await relayed(world)

    assert await fates(world, "digest@2020-04-13") == [("nhóm", "expired")]
    assert await fates(world, "prompt@2020-04-13") == [("TS01", "expired")]
    [alarm] = world.heard("quản trị")[before:]
    assert "digest@2020-04-13/1" in alarm


# --- messages that come late because the bot was away


async def sent(world: World, said: str, text: str, *, arrives: str) -> str:
    """TS01 wrote at a time, and the bot, which was away, gets it later; what it answers."""
    world.bot.clock.set(moment(arrives))
    [answer] = await world.says("TS01", text, sent_at=moment(said))
    return answer


async def test_what_was_sent_in_time_and_came_after_the_lock_is_on_time(world: World):
    await world.joins("TS01", TICH_SON)
    await world.at("2020-04-14 15:00")

    receipt = await sent(world, "2020-04-14 16:00", whole_form(), arrives="2020-04-15 10:00")

    assert "ngày 14/4" in receipt
    assert "đúng hạn" in receipt
    assert "lúc 16h00 14/4" in receipt


async def test_what_was_sent_late_is_late_however_late_it_came(world: World):
    await world.joins("TS01", TICH_SON)
    await world.at("2020-04-14 15:00")

    receipt = await sent(world, "2020-04-14 16:31", whole_form(), arrives="2020-04-15 10:00")

    assert "ngày 14/4" in receipt
    assert "chậm" in receipt


async def test_what_comes_after_the_week_was_frozen_is_locked(world: World):
    await world.joins("TS01", TICH_SON)
    await world.at("2020-04-16 15:00")
    await world.at("2020-04-17 09:05")

    answer = await sent(world, "2020-04-16 16:00", whole_form(), arrives="2020-04-17 09:10")

    assert "đã khóa" in answer


# --- a wrong clock


@pytest.mark.parametrize("earlier_start", ["2020-04-14 15:30", "2020-04-16 08:00"])
async def test_a_clock_that_ran_ahead_silences_no_day_after_it_was_put_right(
    earlier_start: str, world: World
):
    await world.joins("TS01", TICH_SON)
    await world.joins("quản trị", "VP", "admin")
    bot = world.bot
    await run_due(bot.database, bot.office, moment(earlier_start), bot.channels)

    await world.at(f"{MONDAY} 08:30")
    for day in (13, 14, 15, 16):
        for time in ("15:00", "17:00"):
            await world.at(f"2020-04-{day} {time}")

    alarms = [said for said in world.heard("quản trị") if "Đồng hồ" in said]
    asked = [d for d in (13, 14, 15, 16) if await fates(world, f"prompt@2020-04-{d}")]
    digests = await world.sql("SELECT period FROM snapshot WHERE kind = 'day' ORDER BY period")
    assert len(alarms) == 1
    assert asked == [13, 14, 15, 16]
    assert [day for (day,) in digests] == [f"2020-04-{day}" for day in (13, 14, 15, 16)]


# --- an office younger than its week


async def days_of_week(world: World, week: str) -> list[str]:
    [(body,)] = await world.sql(
        "SELECT body FROM snapshot WHERE kind = 'week' AND period = :week", week=week
    )
    return [day["day"] for day in json.loads(str(body))["days"]]


async def test_the_week_in_which_an_office_began_holds_no_day_before_it_asked(database: Database):
    world = await opened(database, start="2020-04-15 20:00")
    await world.joins("quản trị", "VP", "admin")

    told = dict(await world.news("2020-04-17 09:00"))

    assert await days_of_week(world, "2020-W16") == ["2020-04-16"]
    assert "16/4" in told["quản trị"]
    assert "10/4" not in told["quản trị"]


async def test_a_week_in_which_nobody_was_asked_is_not_frozen_and_nobody_is_told(
    database: Database,
):
    world = await opened(database, start="2020-04-16 20:00")
    await world.joins("quản trị", "VP", "admin")
    await world.joins("tổng hợp", "VP", "office")

    told = await world.news("2020-04-17 09:00")
    await world.at("2020-04-24 09:00")

    assert told == []
    assert await world.sql("SELECT period FROM snapshot WHERE kind = 'week'") == [("2020-W17",)]
    assert await days_of_week(world, "2020-W17") == [
        *("2020-04-17", "2020-04-20", "2020-04-21", "2020-04-22", "2020-04-23")
    ]
