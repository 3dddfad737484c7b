"""A messenger that counts: what leaves when little is left, and who still gets in."""

from dataclasses import replace
from typing import Any

import pytest
from world import COUNTED, World, whole_form

from bot.core.quota import Quota

TICH_SON, LIEN_BAO = "VP-VY-TS01", "VP-VY-LB02"
RUNNING_OUT = "Số tin trong tháng của bot này sắp hết"


def counts(world: World, **quota: Any) -> None:
    """From now on the messenger's plan is this one."""
    plan = {"messages": 1000, "people": 50, "groups": 3, "reserve": 10, **quota}
    world.channel.abilities = replace(COUNTED, quota=Quota(**plan))


async def sent_so_far(world: World) -> int:
    [(count,)] = await world.sql("SELECT count(*) FROM outbox WHERE fate = 'sent'")
    return int(str(count))


async def day_passes(world: World, day: str) -> list[tuple[str, str]]:
    """All that the bot says of its own on a day, as (chat, text)."""
    times = ("15:00", "16:00", "16:20", "16:30", "17:00")
    return [told for time in times for told in await world.news(f"{day} {time}")]


def told(news: list[tuple[str, str]], chat: str) -> list[str]:
    return [text for to, text in news if to == chat]


@pytest.fixture
async def joined(world: World) -> World:
    """A focal point with a deputy, an admin, and the committee's group."""
    await world.all_join(
        ("Lan", "VP", "admin"),
        ("TS01", TICH_SON, "focal_point"),
        ("TS01 phó", TICH_SON, "deputy"),
        ("nhóm", "VP", "group"),
    )
    return world


# --- admins are warned


async def test_at_80_percent_of_the_messages_the_admins_are_told_once_a_month(joined: World):
    used = await sent_so_far(joined)
    counts(joined, messages=(used + 1) * 5 // 4, reserve=0)

    april = await day_passes(joined, "2020-04-13")
    again = await day_passes(joined, "2020-04-14")

    [warning] = [text for text in told(april, "Lan") if "đã dùng" in text]
    assert warning.startswith(f"Zalo đã dùng {used + 1}/")
    assert "tin trong tháng (" in warning
    assert warning.endswith("Cần thêm bot: chạy giaoban doctor --plan.")
    assert not [text for text in told(again, "Lan") if "đã dùng" in text]


async def test_below_80_percent_nobody_is_told(joined: World):
    counts(joined, people=4, messages=1000)

    news = await day_passes(joined, "2020-04-13")

    assert not [text for _, text in news if "tin trong tháng" in text]
    assert not [text for _, text in news if "50 người" in text]


async def test_of_people_the_admins_are_told_once_in_each_month(joined: World):
    counts(joined, people=3)

    days = ("2020-04-13", "2020-04-14", "2020-05-04")
    warned = [
        [text for text in told(await day_passes(joined, day), "Lan") if "người (" in text]
        for day in days
    ]

    assert [len(texts) for texts in warned] == [1, 0, 1]
    assert warned[0][0].startswith("Zalo đã dùng 3/3 người (100%). Đủ số thì người mới không")


# --- below the reserve


async def test_below_the_reserve_nobody_is_asked_or_reminded_but_receipt_and_digest_leave(
    joined: World,
):
    counts(joined, messages=1000, reserve=999)

    news = await day_passes(joined, "2020-04-13")
    [receipt] = await joined.says("TS01", whole_form())

    assert not await joined.sql(
        "SELECT key FROM outbox WHERE key LIKE 'prompt@%' OR key LIKE 'reminder%'"
    )
    assert "Đã nhận báo cáo" in receipt
    [digest] = told(news, "nhóm")
    assert digest.startswith("TỔNG HỢP BÁO CÁO NGÀY 13/4/2020")


async def test_each_unit_is_told_once_a_month_what_to_do_and_the_deputy_is_not(joined: World):
    counts(joined, messages=1000, reserve=999)

    monday = await day_passes(joined, "2020-04-13")
    tuesday = await day_passes(joined, "2020-04-14")

    [says] = [text for text in told(monday, "TS01") if RUNNING_OUT in text]
    assert "Đề nghị Phường Tích Sơn vẫn báo cáo trước 16h30 hằng ngày" in says
    assert "gửi tại đây." in says  # no other messenger runs
    assert told(monday, "TS01 phó") == []
    assert told(tuesday, "TS01") == []


async def test_the_last_message_before_the_reserve_still_asks(joined: World):
    used = await sent_so_far(joined)
    counts(joined, messages=used + 11, reserve=10)

    asked = await joined.news("2020-04-13 15:00")
    reminded = await joined.news("2020-04-13 16:00")

    assert "báo cáo ngày 13/4" in told(asked, "TS01")[0]
    assert RUNNING_OUT in told(reminded, "TS01")[0]


async def test_the_other_messengers_that_run_are_named(joined: World):
    joined.opens_second()
    counts(joined, messages=1000, reserve=999)

    [says] = told(await joined.news("2020-04-13 15:00"), "TS01")

    assert "gửi tại đây, hoặc qua Telegram." in says


async def test_who_can_be_reached_on_an_open_messenger_is_asked_and_reminded_there(joined: World):
    second = joined.opens_second()
    [offer] = await joined.says("TS01", "/themkenh")
    await joined.says_there("ts", offer[offer.index("/start") :].partition("\n")[0])
    await joined.at("2020-04-13 09:00")
    await joined.says("TS01", "/xem")  # the first messenger is the one last used
    counts(joined, messages=1000, reserve=999)
    before = len(second.sent)

    news = await day_passes(joined, "2020-04-13")

    there = [m.text.partition("\n")[0] for m in second.sent[before:]]
    assert there[0] == "Phường Tích Sơn: báo cáo ngày 13/4"
    assert len(there) == 3
    assert told(news, "TS01") == []


async def test_a_new_month_opens_the_messenger_again(joined: World):
    used = await sent_so_far(joined)
    counts(joined, messages=used + 10, reserve=10)

    april = await joined.news("2020-04-29 15:00")
    may = await joined.news("2020-05-04 15:00")

    assert RUNNING_OUT in told(april, "TS01")[0]
    assert told(may, "TS01")[0].startswith("Phường Tích Sơn: báo cáo ngày 4/5")


# --- who gets in


async def test_who_comes_when_the_bot_is_full_is_sent_to_the_one_with_room(joined: World):
    second = joined.opens_second()
    second.title = "Zalo (Bot Giao Ban 2)"
    second.abilities = replace(COUNTED, quota=Quota(people=1))
    counts(joined, people=3)
    code = await joined.code(LIEN_BAO, "focal_point")

    refused = await joined.says("LB02", f"/start {code}")
    taken = await joined.says_there("lb", f"/start {code}")

    assert refused == [
        "Bot này đã đủ người, chưa nhận thêm được. Đề nghị gửi mã này cho Zalo (Bot Giao Ban 2)."
    ]
    assert "Đã đăng ký anh/chị là đầu mối báo cáo của Phường Liên Bảo" in taken[0]


async def test_where_no_bot_has_room_the_office_is_named_and_the_code_stays_good(joined: World):
    counts(joined, people=3)
    code = await joined.code(LIEN_BAO, "focal_point")

    refused = await joined.says("LB02", f"/start {code}")
    counts(joined, people=4)
    taken = await joined.says("LB02", f"/start {code}")

    assert "Đề nghị hỏi Văn phòng UBND tỉnh" in refused[0]
    assert "Đã đăng ký" in taken[0]


async def test_who_is_known_already_takes_one_more_duty_however_full_the_bot_is(joined: World):
    counts(joined, people=3)

    [answer] = await joined.says("TS01", f"/start {await joined.code(LIEN_BAO, 'focal_point')}")

    assert "Đã đăng ký anh/chị là đầu mối báo cáo của Phường Liên Bảo" in answer


async def test_an_admin_who_accepts_one_too_many_is_told_and_the_request_stays_open(joined: World):
    await joined.says("Bình", "/thamgia phường Liên Bảo")
    counts(joined, people=3)

    [refused] = await joined.says("Lan", "/chapnhan 1")
    counts(joined, people=4)
    [accepted] = await joined.says("Lan", "/chapnhan 1")

    assert refused == (
        "Chưa chấp nhận được Bình (đề nghị số 1): bot mà người này nhắn đã đủ người. "
        "Cần thêm bot: chạy giaoban doctor --plan. Có chỗ thì gõ lại: /chapnhan 1"
    )
    assert "Đã chấp nhận đề nghị số 1" in accepted


async def test_people_on_a_messenger_that_counts_nothing_are_never_too_many(joined: World):
    joined.opens_second()
    counts(joined, people=3)

    [answer] = await joined.says_there("lb", f"/start {await joined.code(LIEN_BAO, 'focal_point')}")

    assert "Đã đăng ký" in answer
