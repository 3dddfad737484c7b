"""A post that no bot can put into its group goes by somebody's hand."""

import pytest
from world import CHANNEL, World, moment

from bot.core.messages import Says
from bot.core.messaging import FateUnknown, NotSetUp, Outbound, PersonGone, Priority, Repeat
from bot.core.messaging import SendError as Refused
from handlers.scene import notice
from storage.outbox import enqueue

TICH_SON = "VP-VY-TS01"
ASKS = "Đề nghị anh/chị đăng"
LONG = "\n".join(f"Dòng {n}: {'số liệu ' * 20}" for n in range(30))  # in three parts


@pytest.fixture
async def office(world: World) -> World:
    """An officer, an admin, a focal point, and the committee's group, in which the bot posts."""
    await world.all_join(
        ("Trực ban", "VP", "office"),
        ("Lan", "VP", "admin"),
        ("TS01", TICH_SON, "focal_point"),
        ("nhóm", "VP", "group"),
    )
    await world.damage("UPDATE group_chat SET title = 'Ban Chỉ đạo'")
    return world


async def new_in(world: World, chat: str, at: str) -> list[str]:
    """What a chat hears when the clock moves on."""
    return [text for to, text in await world.news(at) if to == chat]


async def posts(world: World, text: str, *, until: str = "2020-04-14 09:00") -> list[Outbound]:
    """A post of the bot's to the group is queued; its parts."""
    post = notice(
        "digest@2020-04-13/1",
        CHANNEL,
        "nhóm",
        Says(text),
        in_group=True,
        priority=Priority.DIGEST,
        repeat=Repeat.ASK,
        useful_until=moment(until),
    )
    async with world.bot.database.session() as session:
        await enqueue(await session.connection(), post, now=world.bot.clock.now())
    return list(post)


def breaks(world: World, error: Exception, *, at: str = "") -> None:
    """What is meant for the group fails; `at` is in the text of the first part that does."""
    failing: list[str] = []

    def fault(message: Outbound) -> Exception | None:
        if message.chat == "nhóm" and (failing or at in message.text):
            failing.append(message.key)
            return error
        return None

    world.channel.fault = fault


async def handed(world: World) -> list[tuple[object, ...]]:
    """Number, officer and whether it was posted, of each post that was handed over."""
    return await world.sql(
        "SELECT h.id, p.name, h.posted_at IS NOT NULL FROM hand_post h"
        " JOIN person p ON p.id = h.person_id ORDER BY h.id"
    )


# --- groups that are chosen


async def test_a_bound_group_can_be_changed_to_by_hand_and_back(office: World):
    [by_hand] = await office.says("Lan", "/nhom 1 tay")
    monday = await new_in(office, "Trực ban", "2020-04-13 17:00")
    in_group = office.heard("nhóm")
    await office.says("Lan", "/nhom 1 bot")
    tuesday = await new_in(office, "Trực ban", "2020-04-14 17:00")

    assert by_hand.startswith("Nhóm số 1, «Ban Chỉ đạo»: từ nay bản tổng hợp được gửi riêng")
    assert monday[0].startswith(f"{ASKS} tin dưới đây vào nhóm «Ban Chỉ đạo».")
    assert monday[1].startswith("TỔNG HỢP BÁO CÁO NGÀY 13/4/2020")
    assert in_group == []
    assert tuesday == []
    assert office.heard("nhóm")[-1].startswith("TỔNG HỢP BÁO CÁO NGÀY 14/4/2020")


async def test_what_is_to_be_pasted_has_no_buttons_and_no_line_for_them(office: World):
    await office.says("Lan", "/nhom 1 tay")
    await office.at("2020-04-13 17:00")

    asks, digest = [m for m in office.channel.sent if m.chat == "Trực ban"][-2:]

    assert [b.says for b in asks.buttons] == ["/dadang 1"]
    assert digest.buttons == ()
    assert not digest.in_group
    assert "Có thể" not in digest.text


async def test_a_group_that_no_bot_can_enter_gets_its_digest_by_hand(office: World):
    await office.says("Lan", "/nhom 1 bỏ")
    [added] = await office.says("Lan", "/nhom thêm Chống dịch CORONA; Tỉnh Vĩnh Phúc")

    told = await new_in(office, "Trực ban", "2020-04-13 17:00")

    assert added.startswith("Nhóm số 2, «Chống dịch CORONA»")
    assert [text.partition("\n")[0][:20] for text in told] == [ASKS, "TỔNG HỢP BÁO CÁO NGÀ"]


async def test_updates_go_by_hand_too_and_each_has_its_number(office: World):
    await office.says("Lan", "/nhom 1 tay")
    await office.at("2020-04-13 15:00")
    await office.at("2020-04-13 17:00")
    await office.reports("TS01", received_direct=5, resolved_on_time=5)

    told = await new_in(office, "Trực ban", "2020-04-13 18:30")

    assert told[0].endswith("gõ: đã đăng 2")
    assert told[1].startswith("BỔ SUNG TỔNG HỢP NGÀY 13/4/2020")
    assert [number for number, *_ in await handed(office)] == [1, 2]


async def test_after_the_bot_was_removed_the_next_digest_goes_by_hand(office: World):
    await office.presence("nhóm", "left", in_group=True)

    told = await new_in(office, "Trực ban", "2020-04-13 17:00")

    assert told[0].startswith(f"{ASKS} tin dưới đây vào nhóm «Ban Chỉ đạo»")
    assert office.heard("nhóm") == []


# --- posts that fail


@pytest.mark.parametrize(
    "error",
    [Refused("quá dài"), PersonGone("left"), NotSetUp("Đề nghị xem lại mã.")],
    ids=["refused", "gone", "not set up"],
)
async def test_a_post_that_fails_for_good_is_handed_over_at_once(office: World, error: Exception):
    breaks(office, error)

    told = await new_in(office, "Trực ban", "2020-04-13 17:00")

    assert told[0].startswith(ASKS)
    assert told[1].startswith("TỔNG HỢP BÁO CÁO NGÀY 13/4/2020")
    assert office.heard("nhóm") == []


async def test_the_admin_is_told_who_posts_it_instead(office: World):
    breaks(office, Refused("quá dài"))

    told = await new_in(office, "Lan", "2020-04-13 17:00")

    assert len(told) == 1
    assert "Không gửi được Tổng hợp ngày 13/4 đến nhóm «Ban Chỉ đạo»: quá dài." in told[0]
    assert "Đã chuyển Trực ban đăng thay." in told[0]


async def test_of_a_long_post_only_what_did_not_arrive_is_handed_over_in_order(office: World):
    parts = [part.text for part in await posts(office, LONG)]
    breaks(office, Refused("no"), at=parts[1][:20])

    told = await new_in(office, "Trực ban", "2020-04-13 08:01")
    later = await new_in(office, "Trực ban", "2020-04-13 08:02")

    assert len(parts) == 3
    assert office.heard("nhóm") == parts[:1]
    assert told[0].startswith(f"{ASKS} 2 tin dưới đây (theo thứ tự)")
    assert told[1:] == parts[1:]
    assert later == []
    assert len(await handed(office)) == 1


async def test_a_post_of_unknown_fate_is_not_handed_over_since_it_may_stand_there(office: World):
    breaks(office, FateUnknown("ReadTimeout"))

    assert await new_in(office, "Trực ban", "2020-04-13 17:00") == []
    assert await handed(office) == []


async def test_a_post_that_fails_after_the_lock_is_handed_to_nobody(office: World):
    await posts(office, "TỔNG HỢP", until="2020-04-13 08:00")
    breaks(office, Refused("no"))

    await office.at("2020-04-13 08:01")

    assert await handed(office) == []


async def test_an_answer_in_a_group_that_fails_is_handed_to_nobody(office: World):
    breaks(office, Refused("no"))

    await office.says("nhóm", "/chuabaocao", by="chánh văn phòng")

    assert await handed(office) == []


# --- who posts


async def test_without_an_officer_of_the_group_an_admin_gets_it_and_is_told_why(world: World):
    await world.all_join(("Lan", "VP", "admin"), ("nhóm", "VP-VY", "group"))
    await world.damage("UPDATE group_chat SET title = 'Vĩnh Yên', by_hand = 1")

    told = await new_in(world, "Lan", "2020-04-13 17:00")

    assert told[0].startswith(f"{ASKS} tin dưới đây vào nhóm «Vĩnh Yên»")
    assert "chưa có người trực" in told[0]
    assert told[1].startswith("TỔNG HỢP")


async def test_with_nobody_at_all_the_others_get_their_digest_all_the_same(world: World):
    await world.all_join(
        ("Trực ban", "VP", "office"), ("nhóm", "VP-VY", "group"), ("nhóm tỉnh", "VP", "group")
    )
    await world.damage("UPDATE group_chat SET by_hand = 1 WHERE chat = 'nhóm'")

    await world.at("2020-04-13 17:00")

    assert world.heard("nhóm") == []
    assert world.heard("nhóm tỉnh")[0].startswith("TỔNG HỢP")
    assert await handed(world) == []


async def test_the_districts_own_coordinator_posts_the_districts_digest(world: World):
    await world.all_join(
        ("Trực ban", "VP", "office"),
        ("Vĩnh Yên", "VP-VY", "coordinator"),
        ("nhóm", "VP-VY", "group"),
    )
    await world.damage("UPDATE group_chat SET by_hand = 1")

    await world.at("2020-04-13 17:00")

    assert [name for _, name, _ in await handed(world)] == ["Vĩnh Yên"]


@pytest.mark.parametrize(
    ("error", "there"), [(NotSetUp("Đề nghị xem lại mã."), 2), (Refused("no"), 0)]
)
async def test_the_officer_gets_it_on_another_messenger_only_if_the_groups_own_is_broken(
    office: World, error: Exception, there: int
):
    second = office.opens_second()
    [offer] = await office.says("Trực ban", "/themkenh")
    await office.says_there("trực", offer[offer.index("/start") :].partition("\n")[0])
    await office.at("2020-04-13 09:00")
    await office.says("Trực ban", "/trogiup")  # the first is the one last used
    before = len(second.sent)
    breaks(office, error)

    here = await new_in(office, "Trực ban", "2020-04-13 17:00")

    assert len(second.sent[before:]) == there
    assert len(here) == 2 - there


# --- "đã đăng"


async def waits(world: World, days: int) -> None:
    """So many digests wait for the officer."""
    await world.says("Lan", "/nhom 1 tay")
    for day in range(13, 13 + days):
        await world.at(f"2020-04-{day} 17:00")


async def test_with_nothing_waiting_da_dang_says_so(office: World):
    assert await office.says("Trực ban", "đã đăng") == ["Không có bản nào đang chờ anh/chị đăng."]


@pytest.mark.parametrize(
    "said", ["đã đăng", "Đã đăng.", "da dang", "ĐÃ ĐĂNG 1", "đã đăng số 1", "/dadang", "/dadang 1"]
)
async def test_the_only_one_waiting_is_noted_and_on_the_record(office: World, said: str):
    await waits(office, 1)

    [answer] = await office.says("Trực ban", said)

    assert answer == "Đã ghi nhận: bản số 1 đã đăng. Cảm ơn anh/chị."
    assert await handed(office) == [(1, "Trực ban", 1)]
    assert await office.sql(
        "SELECT e.what, e.subject, p.name FROM audit_event e JOIN person p ON p.id = e.person_id"
        " WHERE what LIKE 'posted%'"
    ) == [("posted by hand", "digest@2020-04-13/1/fake/nhóm", "Trực ban")]


async def test_of_several_waiting_the_number_is_asked_and_then_decides(office: World):
    await waits(office, 2)

    [asked] = await office.says("Trực ban", "đã đăng")
    [wrong] = await office.says("Trực ban", "đã đăng 7")
    [noted] = await office.says("Trực ban", "đã đăng 2")

    assert asked.splitlines() == [
        "Các bản đang chờ đăng:",
        "- số 1: nhóm «Ban Chỉ đạo»",
        "- số 2: nhóm «Ban Chỉ đạo»",
        "Đề nghị gõ kèm số, ví dụ: đã đăng 1",
    ]
    assert wrong == asked
    assert noted.startswith("Đã ghi nhận: bản số 2")
    assert [done for *_, done in await handed(office)] == [0, 1]


async def test_what_was_posted_is_not_noted_twice(office: World):
    await waits(office, 1)
    await office.says("Trực ban", "đã đăng 1")

    [again] = await office.says("Trực ban", "đã đăng 1")

    assert again == "Không có bản nào đang chờ anh/chị đăng."
    [(count,)] = await office.sql("SELECT count(*) FROM audit_event WHERE what = 'posted by hand'")
    assert count == 1


async def test_a_tap_notes_it_as_well(office: World):
    await waits(office, 1)

    [noted] = await office.taps("Trực ban", "Đã đăng")

    assert noted.text.startswith("Đã ghi nhận: bản số 1")


async def test_an_admin_notes_by_its_number_what_an_officer_has_posted_who_is_away(office: World):
    await waits(office, 1)

    [without] = await office.says("Lan", "đã đăng")
    [noted] = await office.says("Lan", "đã đăng 1")

    assert without == "Không có bản nào đang chờ anh/chị đăng."
    assert noted.startswith("Đã ghi nhận: bản số 1")
    assert await handed(office) == [(1, "Trực ban", 1)]


async def test_somebody_else_s_post_is_nobody_else_s_to_note(office: World):
    await waits(office, 1)
    await office.joins("Vĩnh Yên", "VP-VY", "coordinator")

    [answer] = await office.says("Vĩnh Yên", "đã đăng 1")

    assert answer == "Không có bản nào đang chờ anh/chị đăng."
    assert await handed(office) == [(1, "Trực ban", 0)]


async def test_a_focal_point_who_writes_da_dang_reports_as_ever(office: World):
    await office.at("2020-04-13 15:00")

    [answer] = await office.says("TS01", "đã đăng")

    assert "đang chờ" not in answer
