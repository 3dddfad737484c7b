"""One person, two messengers: a code of their own makes both addresses one person."""

import pytest
from world import World, whole_form

TICH_SON, LIEN_BAO = "VP-VY-TS01", "VP-VY-LB02"


@pytest.fixture
async def both(world: World) -> World:
    """TS01 has joined on the first messenger; the second runs as well."""
    world.opens_second()
    await world.joins("TS01", TICH_SON)
    return world


async def code_of(world: World, chat: str) -> str:
    """What somebody is told to type on the other messenger."""
    [offer] = await world.says(chat, "/themkenh")
    return offer[offer.index("/start ") :].partition("\n")[0]


async def addresses(world: World) -> list[tuple[object, ...]]:
    """Person, channel and chat of everybody who can be reached."""
    return await world.sql(
        "SELECT person_id, channel, external_id FROM address WHERE valid_until IS NULL ORDER BY id"
    )


async def test_the_offer_names_the_other_messenger_and_what_to_type(both: World):
    [offer] = await both.says("TS01", "/themkenh")

    assert offer.startswith("Mở Telegram, nhắn cho bot: /start ")
    assert "Mã dùng một lần, trong 24 giờ, chỉ cho anh/chị." in offer


async def test_where_no_other_messenger_runs_no_code_is_given(world: World):
    await world.joins("TS01", TICH_SON)

    [answer] = await world.says("TS01", "/themkenh")

    assert answer == (
        "Hiện chỉ dùng một kênh này, chưa có kênh khác để thêm. "
        "Cần thêm kênh, đề nghị hỏi Văn phòng UBND tỉnh."
    )
    assert await world.sql("SELECT count(*) FROM invite WHERE role = 'address'") == [(0,)]


async def test_who_has_no_duty_gets_no_code(both: World):
    [answer] = await both.says("người lạ", "/themkenh")

    assert "/start ABC" not in answer
    assert "/thamgia" in answer
    assert await both.sql("SELECT count(*) FROM invite WHERE role = 'address'") == [(0,)]


async def test_with_the_code_both_addresses_are_one_person_and_it_is_on_the_record(both: World):
    code = await code_of(both, "TS01")

    [added] = await both.says_there("ts", code)

    assert added.startswith("Đã thêm kênh này cho anh/chị.")
    assert await addresses(both) == [(1, "fake", "TS01"), (1, "second", "ts")]
    assert await both.sql(
        "SELECT person_id, channel, what FROM audit_event WHERE what LIKE 'messenger%'"
    ) == [(1, "fake", "messenger offered"), (1, "second", "messenger added")]


async def test_the_code_is_good_once(both: World):
    code = await code_of(both, "TS01")
    await both.says_there("ts", code)

    [again] = await both.says_there("ai đó", code)
    [mine] = await both.says_there("ts", code)

    assert again.startswith("Mã mời này đã được dùng.")
    assert mine == "Mã này anh/chị đã dùng rồi. Cần thêm kênh nữa, gõ /themkenh để nhận mã mới."
    assert len(await addresses(both)) == 2


@pytest.mark.parametrize(("at", "added"), [("2020-04-14 08:00", True), ("2020-04-14 08:01", False)])
async def test_the_code_ends_after_a_day(both: World, at: str, added: bool):
    code = await code_of(both, "TS01")
    await both.at(at)

    [answer] = await both.says_there("ts", code)

    assert answer.startswith("Đã thêm kênh" if added else "Mã mời này đã hết hạn.")
    assert len(await addresses(both)) == 1 + added


async def test_typed_where_it_was_given_the_code_stays_good_for_the_other_messenger(both: World):
    code = await code_of(both, "TS01")

    [here] = await both.says("TS01", code)
    [there] = await both.says_there("ts", code)

    assert here.startswith("Mã này để dùng trên kênh khác. Đề nghị mở kênh đó rồi gõ lại.")
    assert there.startswith("Đã thêm kênh này")


async def test_somebody_with_duties_of_their_own_is_refused_and_the_code_stays_good(both: World):
    await both.says_there("lb", f"/start {await both.code(LIEN_BAO, 'focal_point')}")
    code = await code_of(both, "TS01")

    [refused] = await both.says_there("lb", code)
    [added] = await both.says_there("ts", code)

    assert refused.startswith("Tài khoản này đã đăng ký cho một người khác")
    assert "Văn phòng UBND tỉnh" in refused
    assert added.startswith("Đã thêm kênh này")


async def test_who_had_asked_to_join_there_waits_for_no_admin_any_more(both: World):
    await both.joins("Lan", "VP", "admin")
    await both.says_there("ts", "/thamgia phường Tích Sơn")
    await both.says_there("ts", await code_of(both, "TS01"))

    [told] = await both.says("Lan", "/chapnhan 1")

    assert told.startswith("Đề nghị số 1")
    assert await both.sql("SELECT count(*) FROM duty WHERE role = 'focal_point'") == [(1,)]


async def test_what_was_begun_here_is_sent_there_and_counts_once(both: World):
    await both.says_there("ts", await code_of(both, "TS01"))
    await both.at("2020-04-13 15:00")
    half = whole_form(received_direct=5, resolved_on_time=5).split("\n")
    await both.says("TS01", "\n".join(half[:6]))

    [form] = await both.says_there("ts", "/baocao")
    [review] = await both.says_there("ts", "\n".join(half[6:-1]))
    [receipt] = await both.says_there("ts", "gửi") if "GỬI" in review else [review]

    assert "Nhận trực tiếp: 5" in form
    assert receipt.startswith("Đã nhận báo cáo ngày 13/4 của Phường Tích Sơn")
    assert await both.sql("SELECT person_id, channel, number FROM revision") == [(1, "second", 1)]


async def test_only_the_messenger_last_used_is_asked(both: World):
    await both.says_there("ts", await code_of(both, "TS01"))
    await both.at("2020-04-13 15:00")
    there = [m.text.partition("\n")[0] for m in both.second.sent]
    await both.says("TS01", "/xem")
    before, heard = len(both.second.sent), len(both.heard("TS01"))
    await both.at("2020-04-14 15:00")

    assert there[-1] == "Phường Tích Sơn: báo cáo ngày 13/4"
    assert both.second.sent[before:] == []
    assert both.heard("TS01")[heard:][0].startswith("Phường Tích Sơn: báo cáo ngày 14/4")


async def test_who_blocks_one_messenger_is_asked_on_the_other(both: World):
    await both.says_there("ts", await code_of(both, "TS01"))
    await both.at("2020-04-13 09:00")
    await both.says("TS01", "/xem")
    await both.presence("TS01", "left")

    before = len(both.second.sent)
    await both.at("2020-04-13 15:00")

    assert both.second.sent[before].text.startswith("Phường Tích Sơn: báo cáo ngày 13/4")
