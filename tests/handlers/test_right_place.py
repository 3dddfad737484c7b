"""What is said lands in the unit and on the day it is about, and replaces nothing unseen."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

import pytest
from world import FakeChannel, World, moment, some_units, vinh_phuc, whole_form

from bot.app import build
from bot.clock import Clock
from bot.config import Config, Local
from storage.database import Database
from storage.office import keep_directory

TICH_SON, LIEN_BAO = "VP-VY-TS01", "VP-VY-LB02"
MONDAY, TUESDAY = "2020-04-13", "2020-04-14"
FRIDAY, SATURDAY = "2020-04-17", "2020-04-18"


async def filed(world: World) -> dict[tuple[object, object], list[object]]:
    """Each report as (unit, day), with the dossiers received directly in each revision."""
    rows = await world.sql(
        "SELECT code, day, json_extract(answers, '$.received_direct') FROM revision"
        " JOIN report ON report.id = report_id JOIN unit ON unit.id = unit_id ORDER BY number"
    )
    found = defaultdict(list)
    for code, day, direct in rows:
        found[code, day].append(direct)
    return dict(found)


async def drafts(world: World) -> list[tuple[object, ...]]:
    return await world.sql("SELECT code, day FROM draft JOIN unit ON unit.id = unit_id")


def unsent(**figures: int | str) -> str:
    """A whole form without the word that sends it."""
    return whole_form(**figures).removesuffix("\ngửi")


def asks_which_unit(answer: str) -> bool:
    return "1. Phường Tích Sơn" in answer and "2. Phường Liên Bảo" in answer


# --- two units


async def both_reported(world: World) -> None:
    """One person has reported 5 dossiers for Tích Sơn, and then 7 for Liên Bảo."""
    await world.joins("hai nơi", TICH_SON)
    await world.joins("hai nơi", LIEN_BAO)
    for which, direct in ((1, 5), (2, 7)):
        await world.says("hai nơi", f"/baocao {which}")
        await world.reports("hai nơi", received_direct=direct)


async def test_the_report_last_sent_is_shown_and_the_other_when_it_is_named(world: World):
    await both_reported(world)

    [last] = await world.says("hai nơi", "/xem")
    [named] = await world.says("hai nơi", "/xem 1")
    [named_before] = await world.says("hai nơi", "/xem")

    assert last.startswith("Phường Liên Bảo")
    assert "Nhận trực tiếp: 7" in last
    for shown in (named, named_before):
        assert shown.startswith("Phường Tích Sơn")
        assert "Nhận trực tiếp: 5" in shown


@pytest.mark.parametrize("correction", ["/sua trực tiếp 6", "sửa trực tiếp 6"])
async def test_a_correction_is_of_the_unit_last_talked_about(correction: str, world: World):
    await both_reported(world)

    await world.says("hai nơi", correction)
    await world.says("hai nơi", "gửi")
    await world.says("hai nơi", "/xem 1")
    await world.says("hai nơi", correction)
    await world.says("hai nơi", "gửi")

    assert await filed(world) == {(LIEN_BAO, MONDAY): [7, 6], (TICH_SON, MONDAY): [5, 6]}


@pytest.mark.parametrize("said", ["trực tiếp 9", "gửi", whole_form(received_direct=9)])
async def test_after_a_report_was_sent_figures_without_a_unit_are_asked_back(
    said: str, world: World
):
    await both_reported(world)

    [answer] = await world.says("hai nơi", said)

    assert asks_which_unit(answer)
    assert await filed(world) == {(TICH_SON, MONDAY): [5], (LIEN_BAO, MONDAY): [7]}
    assert await drafts(world) == []


async def test_an_answer_to_the_forms_of_two_units_is_asked_back(world: World):
    await world.joins("hai nơi", TICH_SON)
    await world.joins("hai nơi", LIEN_BAO)
    await world.at(f"{MONDAY} 15:00")

    [answer] = await world.says("hai nơi", whole_form(received_direct=9))

    assert asks_which_unit(answer)
    assert await filed(world) == {}
    assert await drafts(world) == []


# --- the day that is meant


async def test_yesterdays_form_answered_after_the_lock_is_refused_and_not_filed_as_todays(
    world: World,
):
    await world.joins("TS01", TICH_SON)
    await world.at(f"{TUESDAY} 08:58")
    [form] = await world.says("TS01", "/baocao")
    await world.at(f"{TUESDAY} 09:01")

    [refusal] = await world.says("TS01", whole_form(received_direct=77))

    assert "báo cáo ngày 13/4" in form
    assert "ngày 13/4" in refusal
    assert "đã khóa lúc 9h00 14/4" in refusal
    assert await filed(world) == {}
    assert await drafts(world) == []


@pytest.fixture
async def handled_late(world: World) -> World:
    """The bot was down from Monday's prompt until after the lock, and a report had arrived."""
    await world.joins("TS01", TICH_SON)
    await world.at(f"{MONDAY} 15:00")
    world.bot.clock.set(moment(f"{MONDAY} 16:20"))
    await world.arrives("TS01", whole_form(received_direct=77))
    await world.at(f"{TUESDAY} 09:05")
    return world


async def test_what_arrived_before_the_lock_and_is_handled_after_it_counts_for_its_own_day(
    handled_late: World,
):
    receipt = handled_late.heard("TS01")[-1]

    assert "Đã nhận báo cáo ngày 13/4" in receipt
    assert list(await filed(handled_late)) == [(TICH_SON, MONDAY)]


async def test_the_next_message_after_it_is_about_today(handled_late: World):
    await handled_late.reports("TS01", received_direct=4)

    assert (await filed(handled_late))[TICH_SON, TUESDAY] == [4]


async def test_the_form_opened_after_it_is_todays(handled_late: World):
    [form] = await handled_late.says("TS01", "/baocao")

    assert "báo cáo ngày 14/4" in form


async def test_where_every_day_is_reported_the_whole_weekend_can_be_sent_on_monday_morning(
    database: Database,
):
    office = vinh_phuc()
    office = replace(office, calendar=replace(office.calendar, every_day=True))
    clock = Clock(office.zone, start=moment("2020-04-10 08:00"), stepped=True)
    async with database.session() as session:
        await keep_directory(session, some_units(), since=date(2020, 4, 1))
    bot = build(Config(local=Local(enabled=False)), database, office, clock)
    world = World(bot, FakeChannel())
    await world.joins("TS01", TICH_SON)
    await world.at(f"{MONDAY} 08:00")

    for direct in (10, 11, 12):
        await world.reports("TS01", received_direct=direct)

    weekend = ("2020-04-10", "2020-04-11", "2020-04-12")
    assert await filed(world) == {
        (TICH_SON, day): [direct] for day, direct in zip(weekend, (10, 11, 12), strict=True)
    }


# --- nothing is replaced unseen


@pytest.mark.parametrize("later", [f"{FRIDAY} 16:00", f"{SATURDAY} 10:00"])
async def test_a_whole_form_for_a_report_already_sent_is_shown_as_a_correction_first(
    later: str, world: World
):
    await world.joins("TS01", TICH_SON)
    await world.at(f"{FRIDAY} 15:30")
    await world.reports("TS01", received_direct=5)
    await world.at(later)

    [shown] = await world.says("TS01", whole_form(received_direct=50))
    unseen = await filed(world)
    await world.says("TS01", "gửi")

    assert "ngày 17/4" in shown
    assert "50" in shown
    assert unseen == {(TICH_SON, FRIDAY): [5]}
    assert await filed(world) == {(TICH_SON, FRIDAY): [5, 50]}


async def test_a_correction_that_says_so_may_be_sent_at_once(world: World):
    await world.joins("TS01", TICH_SON)
    await world.reports("TS01", received_direct=5)

    await world.says("TS01", "sửa trực tiếp 6, gửi")

    assert await filed(world) == {(TICH_SON, MONDAY): [5, 6]}


async def test_nobody_sends_figures_that_another_has_entered_since_they_were_shown(world: World):
    await world.joins("đầu mối", TICH_SON)
    await world.joins("dự phòng", TICH_SON, "deputy")
    await world.says("đầu mối", unsent(received_direct=11))
    await world.says("dự phòng", "hủy")
    await world.says("dự phòng", unsent(received_direct=99))

    [shown] = await world.says("đầu mối", "gửi")
    unseen = await filed(world)
    await world.says("đầu mối", "gửi")

    assert "Nhận trực tiếp: 99" in shown
    assert unseen == {}
    assert await filed(world) == {(TICH_SON, MONDAY): [99]}


async def test_figures_after_being_told_how_to_correct_go_to_the_report_spoken_of(world: World):
    await both_reported(world)

    for opening in ("/sua", "/baocao 1"):
        await world.says("hai nơi", opening)
        [shown] = await world.says("hai nơi", "Trực tiếp 6")
        assert "5 → 6" in shown or "7 → 6" in shown
        await world.says("hai nơi", "hủy")


async def test_figures_after_sua_for_yesterday_do_not_begin_todays_report(world: World):
    await world.joins("TS01", TICH_SON)
    await world.reports("TS01", received_direct=5)
    await world.at(f"{TUESDAY} 08:30")

    await world.says("TS01", "/sua")
    await world.says("TS01", "Trực tiếp 6")
    await world.says("TS01", "gửi")

    assert await filed(world) == {(TICH_SON, MONDAY): [5, 6]}
