"""Buttons, edited messages and replies: what a messenger such as Telegram adds to typed words."""

import pytest
from world import World, whole_form

TICH_SON, LIEN_BAO = "VP-VY-TS01", "VP-VY-LB02"
MONDAY, TUESDAY = "2020-04-13", "2020-04-14"
ODD = {"received_direct": 5, "resolved_on_time": 3, "pending": 4, "overdue": 9}
"""Figures that cannot be: more overdue than pending."""


@pytest.fixture
async def asked(world: World) -> World:
    """Tích Sơn has a focal point, and the form has just been sent on Monday."""
    await world.joins("TS01", TICH_SON)
    await world.at(f"{MONDAY} 15:00")
    return world


async def filed(world: World) -> list[tuple[object, ...]]:
    """Day, number and directly received dossiers of each revision."""
    return await world.sql(
        "SELECT report.day, number, received_direct FROM revision"
        " JOIN report ON report.id = report_id ORDER BY report.day, number"
    )


# --- taps


async def test_a_tap_changes_the_very_message_that_was_tapped(asked: World):
    prompt = asked.showing("TS01", "Hỏi từng câu")

    [question] = await asked.taps("TS01", "Hỏi từng câu")

    assert question.text.startswith("Câu 1/")
    assert question.edits == prompt.key
    assert question.tap == "tap"


async def test_every_screen_that_follows_from_taps_is_the_same_message(asked: World):
    prompt = asked.showing("TS01", "Hỏi từng câu")

    screens = [await asked.taps("TS01", label) for label in ("Hỏi từng câu", "mở", "Bỏ qua")]

    assert [[m.edits for m in sent] for sent in screens] == [[prompt.key]] * 3


async def test_nothing_arose_does_not_take_the_place_of_a_form_that_holds_figures(asked: World):
    prompt = asked.showing("TS01", "Không phát sinh hồ sơ")
    await asked.says("TS01", "trực tiếp 5")

    [told] = await asked.taps("TS01", "Không phát sinh hồ sơ", on=prompt)
    [form] = await asked.says("TS01", "/baocao")

    assert told.passing
    assert "Nhận trực tiếp: 5" in told.text
    assert len(told.text) <= 200
    assert "Nhận trực tiếp: 5" in form


async def test_a_reminder_leads_to_the_form(asked: World):
    await asked.at(f"{MONDAY} 16:00")

    [form] = await asked.taps("TS01", "Báo cáo")

    assert "Trả lời bằng tên và số" in form.text


async def test_none_in_reply_to_stocks_does_not_lead_in_a_circle(asked: World):
    await asked.taps("TS01", "Không phát sinh hồ sơ")

    [told] = await asked.says("TS01", "không")

    assert "Còn" in told
    assert "không phát sinh" not in told


async def test_the_button_to_answer_says_how_and_leaves_the_form_where_it_is(asked: World):
    [told] = await asked.taps("TS01", "Trả lời")

    assert told.passing
    assert "ghi vào ô nhắn tin" in told.text
    assert len(told.text) <= 200  # Telegram cuts what is longer
    assert "Đã nhận" in (await asked.says("TS01", whole_form()))[-1]


async def test_a_doubtful_field_is_stated_anew_by_a_tap_and_a_number(asked: World):
    await asked.says("TS01", whole_form(**ODD))

    [question] = await asked.taps("TS01", "Sửa Quá hạn chưa trả")
    [review] = await asked.says("TS01", "1")
    [receipt] = await asked.taps("TS01", "Gửi")

    assert "quá hạn" in question.text.lower()
    assert "Quá hạn chưa trả: 1" in review
    assert receipt.text.startswith("Đã nhận báo cáo")


async def test_a_button_of_an_earlier_screen_says_so_and_does_nothing(asked: World):
    await asked.says("TS01", whole_form(received_direct=5).removesuffix("\ngửi"))
    old = asked.showing("TS01", "Gửi")
    await asked.says("TS01", "trực tiếp 7")

    [told] = await asked.taps("TS01", "Gửi", on=old)

    assert told.passing
    assert "đã cũ" in told.text
    assert await filed(asked) == []


async def test_a_second_tap_on_the_same_button_sends_nothing_twice(asked: World):
    await asked.says("TS01", whole_form(received_direct=5).removesuffix("\ngửi"))
    review = asked.showing("TS01", "Gửi")

    [receipt] = await asked.taps("TS01", "Gửi", on=review)
    [told] = await asked.taps("TS01", "Gửi", on=review)

    assert receipt.text.startswith("Đã nhận")
    assert told.passing
    assert await filed(asked) == [(MONDAY, 1, 5)]


async def test_yesterdays_form_still_means_yesterday_until_it_is_locked(asked: World):
    prompt = asked.showing("TS01", "Không phát sinh hồ sơ")
    await asked.at(f"{TUESDAY} 08:55")

    [screen] = await asked.taps("TS01", "Không phát sinh hồ sơ", on=prompt)
    await asked.at(f"{TUESDAY} 15:00")
    [told] = await asked.taps("TS01", "Không phát sinh hồ sơ", on=prompt)

    assert "13/4" in screen.text
    assert told.passing
    assert "đã khóa" in told.text


async def test_a_button_of_a_form_that_was_answered_says_when(asked: World):
    prompt = asked.showing("TS01", "Không phát sinh hồ sơ")
    await asked.reports("TS01")

    [told] = await asked.taps("TS01", "Không phát sinh hồ sơ", on=prompt)

    assert told.passing
    assert "đã nhận lúc 15h00" in told.text


async def test_who_taps_a_message_has_got_it_whatever_became_of_its_sending(asked: World):
    prompt = asked.showing("TS01", "Hỏi từng câu")
    await asked.damage("UPDATE outbox SET fate = 'unknown', external_id = NULL")

    [question] = await asked.taps("TS01", "Hỏi từng câu")

    assert (question.edits, question.target) == (
        prompt.key,
        str(asked.channel.sent.index(prompt) + 1),
    )


async def test_nobody_taps_anothers_button(asked: World):
    await asked.joins("LB02", LIEN_BAO)
    prompt = asked.showing("TS01", "Không phát sinh hồ sơ")

    [told] = await asked.taps("LB02", "Không phát sinh hồ sơ", on=prompt)

    assert told.passing
    assert "đã cũ" in told.text
    assert await asked.sql("SELECT 1 FROM draft") == []


async def test_a_stranger_who_taps_learns_nothing(asked: World):
    prompt = asked.showing("TS01", "Không phát sinh hồ sơ")

    [told] = await asked.taps("người lạ", "Không phát sinh hồ sơ", on=prompt)

    assert told.passing
    assert "Tích Sơn" not in told.text


async def test_a_button_to_choose_among_units_leads_to_the_form_of_that_unit(world: World):
    await world.joins("hai nơi", TICH_SON)
    await world.joins("hai nơi", LIEN_BAO)
    await world.at(f"{MONDAY} 14:00")
    await world.says("hai nơi", "/baocao")

    [form] = await world.taps("hai nơi", "Phường Liên Bảo")

    assert form.text.startswith("Phường Liên Bảo")


async def test_a_correction_typed_under_the_review_changes_that_review(asked: World):
    await asked.says("TS01", whole_form(received_direct=5).removesuffix("\ngửi"), message_id="m1")
    review = asked.showing("TS01", "Gửi")

    await asked.says("TS01", "trực tiếp 7", message_id="m2")

    changed = asked.channel.sent[-1]
    assert changed.edits == review.key
    assert "Nhận trực tiếp: 7" in changed.text


async def test_a_review_comes_anew_when_something_else_was_said_since(asked: World):
    await asked.says("TS01", whole_form(received_direct=5).removesuffix("\ngửi"), message_id="m1")
    await asked.at(f"{MONDAY} 16:00")  # a reminder

    await asked.says("TS01", "trực tiếp 7", message_id="m2")

    assert asked.channel.sent[-1].edits is None
    assert "Nhận trực tiếp: 7" in asked.channel.sent[-1].text


async def test_a_button_stands_as_long_as_what_it_asks_has_not_changed(asked: World):
    await asked.says("TS01", whole_form(received_direct=5).removesuffix("\ngửi"))
    review = asked.showing("TS01", "Gửi")
    await asked.says("TS01", "chờ tôi xem lại")

    [receipt] = await asked.taps("TS01", "Gửi", on=review)

    assert receipt.text.startswith("Đã nhận")


# --- replies


async def test_a_reply_to_one_of_two_forms_is_about_that_one(world: World):
    await world.joins("hai nơi", TICH_SON)
    await world.joins("hai nơi", LIEN_BAO)
    await world.at(f"{MONDAY} 15:00")
    forms = {m.text.split(":")[0]: n for n, m in enumerate(world.channel.sent, 1) if m.asks}

    for unit, message_id in forms.items():
        [receipt] = await world.says("hai nơi", whole_form(), replies_to=str(message_id))
        assert unit in receipt

    assert len(await filed(world)) == 2


@pytest.mark.parametrize("said", ["trực tiếp 9", "sửa trực tiếp 9, gửi"])
async def test_a_reply_to_a_form_that_was_answered_is_not_about_the_other_unit(
    said: str, world: World
):
    await world.joins("hai nơi", TICH_SON)
    await world.joins("hai nơi", LIEN_BAO)
    await world.at(f"{MONDAY} 15:00")
    [tich_son, _] = [str(n) for n, m in enumerate(world.channel.sent, 1) if m.asks]
    await world.says("hai nơi", whole_form(received_direct=5), replies_to=tich_son)
    await world.says("hai nơi", "/baocao 2")

    [answer] = await world.says("hai nơi", said, replies_to=tich_son)

    assert "Phường Tích Sơn" in answer
    assert "Liên Bảo" not in answer


# --- edited messages


async def test_an_edited_message_corrects_what_it_said_before_it_was_sent(asked: World):
    said = whole_form(received_direct=5).removesuffix("\ngửi")
    await asked.says("TS01", said, message_id="m1")

    [review] = await asked.edits("TS01", "m1", said.replace("trực tiếp: 5", "trực tiếp: 6"))
    await asked.says("TS01", "gửi")

    assert "Nhận trực tiếp: 6" in review
    assert await filed(asked) == [(MONDAY, 1, 6)]


async def test_an_edit_of_what_was_sent_is_asked_back(asked: World):
    said = whole_form(received_direct=5)
    await asked.says("TS01", said, message_id="m1")

    [review] = await asked.edits("TS01", "m1", said.replace("trực tiếp: 5", "trực tiếp: 6"))
    before = await filed(asked)
    await asked.taps("TS01", "Gửi")

    assert "5 → 6" in review
    assert before == [(MONDAY, 1, 5)]
    assert await filed(asked) == [(MONDAY, 1, 5), (MONDAY, 2, 6)]


async def test_an_edit_that_says_sua_and_gui_is_still_asked_back(asked: World):
    await asked.says("TS01", whole_form(received_direct=5), message_id="m1")

    await asked.edits("TS01", "m1", "sửa trực tiếp 6, gửi")

    assert await filed(asked) == [(MONDAY, 1, 5)]


async def test_an_edit_leaves_what_was_corrected_since_as_it_is(asked: World):
    said = whole_form(received_direct=5, pending=9, overdue=1)
    await asked.says("TS01", said, message_id="m1")
    await asked.says("TS01", "sửa quá hạn chưa trả 2, gửi", message_id="m2")

    [review] = await asked.edits("TS01", "m1", said.replace("trực tiếp: 5", "trực tiếp: 6"))
    await asked.taps("TS01", "Gửi")
    [again] = await asked.edits("TS01", "m1", said.replace("trực tiếp: 5", "trực tiếp: 7"))

    assert "Nhận trực tiếp: 5 → 6" in review
    assert "Quá hạn" not in review
    assert "Nhận trực tiếp: 6 → 7" in again
    assert "Quá hạn" not in again


async def test_an_edit_that_gives_the_same_figures_changes_nothing(asked: World):
    said = whole_form(received_direct=5)
    await asked.says("TS01", said, message_id="m1")
    await asked.says("TS01", "sửa trực tiếp 6, gửi", message_id="m2")

    [told] = await asked.edits("TS01", "m1", said.replace("\n", "; "))

    assert "trùng" in told
    assert await filed(asked) == [(MONDAY, 1, 5), (MONDAY, 2, 6)]


async def test_edited_figures_without_names_belong_where_they_belonged(asked: World):
    await asked.says("TS01", "1; 6; 14; 5; 3; 0; 7; 0; 9; 1; 2; 2; có; đủ; không", message_id="m1")

    [review] = await asked.edits("TS01", "m1", "1; 6; 14; 8; 3; 0; 7; 0; 9; 1; 2; 2; có; đủ; không")

    assert "Nhận trực tiếp: 8" in review


async def test_an_edited_answer_belongs_to_the_question_it_answered(asked: World):
    await asked.says("TS01", "từng câu")
    await asked.says("TS01", "mở", message_id="m1")
    await asked.says("TS01", "5", message_id="m2")  # on duty

    [question] = await asked.edits("TS01", "m2", "6")
    [form] = await asked.says("TS01", "/baocao")

    assert question.startswith("Câu 3/")
    assert "Cán bộ trực: 6" in form


async def test_an_edit_about_a_unit_no_longer_held_is_filed_for_no_other(asked: World):
    said = whole_form(received_direct=5)
    await asked.says("TS01", said, message_id="m1")
    await asked.damage("UPDATE duty SET valid_until = '2020-04-14'")
    await asked.joins("TS01", LIEN_BAO)
    await asked.at(f"{TUESDAY} 08:30")

    [told] = await asked.edits("TS01", "m1", said.replace("trực tiếp: 5", "trực tiếp: 6"))

    assert "không còn phụ trách" in told
    assert await filed(asked) == [(MONDAY, 1, 5)]


async def test_a_message_that_is_edited_to_nothing_is_not_answered(asked: World):
    await asked.says("TS01", "vị trí", message_id="m1")

    assert await asked.edits("TS01", "m1", "") == []


async def test_an_edit_of_a_locked_days_message_says_why_it_changes_nothing(asked: World):
    said = whole_form(received_direct=5)
    await asked.says("TS01", said, message_id="m1")
    await asked.at(f"{TUESDAY} 15:00")

    [refused] = await asked.edits("TS01", "m1", said.replace("trực tiếp: 5", "trực tiếp: 6"))

    assert "13/4" in refused
    assert "đã khóa" in refused
    assert await filed(asked) == [(MONDAY, 1, 5)]


async def test_an_edit_of_a_message_the_bot_never_heard_is_taken_as_said_now(asked: World):
    [receipt] = await asked.edits("TS01", "m9", whole_form())

    assert receipt.startswith("Đã nhận")


# --- the digest in a group


@pytest.fixture
async def posted(world: World) -> World:
    """Monday's digest stands in the committee's group; Liên Bảo is missing in it."""
    await world.all_join(
        ("TS01", TICH_SON, "focal_point"),
        ("LB02", LIEN_BAO, "focal_point"),
        ("chủ tịch", "VP", "committee"),
        ("nhóm", "VP", "group"),
    )
    await world.at(f"{MONDAY} 15:00")
    await world.reports("TS01", pending=9, overdue=2, issues="đường truyền chậm, " * 12)
    await world.at(f"{MONDAY} 17:00")
    return world


async def test_details_behind_a_button_go_to_who_taps_and_not_to_the_group(posted: World):
    told, details = await posted.taps("nhóm", "Khó khăn (1 đơn vị)", by="chủ tịch")

    assert (told.chat, told.passing) == ("nhóm", True)
    assert (details.chat, details.in_group, details.tap) == ("chủ tịch", False, None)
    assert details.text.count("đường truyền chậm") == 12


@pytest.mark.parametrize("who", ["chủ tịch", "người lạ"])
async def test_details_that_are_short_are_shown_in_passing_to_whoever_taps(posted: World, who: str):
    [told] = await posted.taps("nhóm", "Quá hạn (1 đơn vị)", by=who)

    assert told.passing
    assert "P. Tích Sơn" in told.text


async def test_who_is_not_known_sees_how_long_details_begin_and_where_they_are(posted: World):
    [told] = await posted.taps("nhóm", "Khó khăn (1 đơn vị)", by="người lạ")

    assert told.passing
    assert told.text.startswith("Khó khăn ngày 13/4: 1 đơn vị")
    assert told.text.endswith("/tonghop khokhan 13/4/2020")
    assert len(told.text) <= 200


async def test_an_update_changes_the_post_and_names_what_changed(posted: World):
    digest = posted.channel.sent[-1]
    await posted.reports("LB02")
    await posted.at(f"{MONDAY} 18:30")

    [update] = [m for m in posted.channel.sent if m.key.startswith("digest@2020-04-13/2/")]

    assert update.edits == digest.key
    assert "- 18h30. Mới báo cáo: P. Liên Bảo" in update.text
    assert update.text.endswith(digest.text[digest.text.index("CẦN LƯU Ý") :])
    assert "- Mới báo cáo (1): P. Liên Bảo" in update.instead


# --- who comes and goes


async def test_who_blocks_the_bot_is_asked_again_after_coming_back(world: World):
    await world.joins("TS01", TICH_SON)
    await world.joins("quản trị", "VP", "admin")
    await world.presence("TS01", "left")
    await world.at(f"{MONDAY} 15:00")
    silent = world.heard("TS01")[1:]
    await world.presence("TS01", "came")
    await world.at(f"{MONDAY} 16:00")

    assert silent == []
    assert "chưa gửi báo cáo" in world.heard("TS01")[-1]
    assert "Phường Tích Sơn" in world.heard("quản trị")[-1]


async def test_who_blocked_the_bot_and_speaks_in_a_group_is_still_not_asked(posted: World):
    await posted.presence("TS01", "left")
    await posted.says("nhóm", "/chuabaocao", by="TS01")
    heard = len(posted.heard("TS01"))

    await posted.at(f"{TUESDAY} 15:00")

    assert len(posted.heard("TS01")) == heard


async def test_a_group_that_removed_the_bot_gets_nothing_and_an_admin_learns_of_it(posted: World):
    await posted.joins("quản trị", "VP", "admin")
    await posted.presence("nhóm", "left", in_group=True)
    heard = len(posted.heard("nhóm"))
    await posted.at(f"{TUESDAY} 17:00")
    after = len(posted.heard("nhóm"))
    await posted.presence("nhóm", "came", in_group=True)
    await posted.at("2020-04-15 17:00")

    assert "đưa ra khỏi nhóm" in " ".join(posted.heard("quản trị"))
    assert after == heard
    assert len(posted.heard("nhóm")) == after + 1


async def test_a_group_in_which_the_bot_is_heard_again_gets_the_digest_again(posted: World):
    await posted.presence("nhóm", "left", in_group=True)
    await posted.says("nhóm", "/chuabaocao", by="chủ tịch")

    await posted.at(f"{TUESDAY} 17:00")

    assert "TỔNG HỢP BÁO CÁO NGÀY 14/4" in posted.heard("nhóm")[-1]


async def test_a_group_that_moved_gets_the_digest_at_its_new_address(posted: World):
    await posted.presence("nhóm", "moved", in_group=True, said="nhóm mới")

    await posted.at(f"{TUESDAY} 17:00")

    assert "TỔNG HỢP" in posted.heard("nhóm mới")[-1]


# --- what is no answer


async def test_a_picture_where_a_number_is_due_is_answered(asked: World):
    [told] = await asked.says("TS01", "", attachment="photo")

    assert "Chưa đọc được ảnh" in told


async def test_the_caption_of_a_picture_is_read(asked: World):
    [receipt] = await asked.says("TS01", whole_form(), attachment="photo")

    assert receipt.startswith("Đã nhận")


async def test_a_forwarded_command_is_not_obeyed(asked: World):
    [told] = await asked.says("TS01", "/khongphatsinh", forwarded=True)

    assert "chuyển tiếp" in told
    assert await asked.sql("SELECT 1 FROM draft") == []


async def test_an_update_nobody_can_read_is_set_aside_and_told(world: World):
    await world.joins("quản trị", "VP", "admin")

    await world.presence("", "unreadable")

    assert "Lỗi" in world.heard("quản trị")[-1]
    assert await world.sql("SELECT 1 FROM inbox WHERE state = 'failed'") == [(1,)]


# --- messages of which nobody knows whether they arrived


@pytest.fixture
async def doubtful(posted: World) -> World:
    """Nobody knows whether Monday's digest arrived in the group, and an update waits for it."""
    await posted.joins("quản trị", "VP", "admin")
    await posted.damage(
        "UPDATE outbox SET fate = 'unknown', external_id = NULL WHERE key LIKE 'digest@%'"
    )
    await posted.reports("LB02")
    await posted.at(f"{MONDAY} 18:30")
    return posted


async def number_of_digest(world: World) -> object:
    [(number,)] = await world.sql("SELECT id FROM outbox WHERE fate = 'unknown'")
    return number


async def test_an_admin_says_that_it_arrived_and_the_update_is_posted(doubtful: World):
    before = len(doubtful.heard("nhóm"))
    number = await number_of_digest(doubtful)

    await doubtful.says("quản trị", f"/daden {number}")

    [update] = doubtful.heard("nhóm")[before:]
    assert update.startswith("BỔ SUNG")


async def test_an_admin_says_that_it_did_not_and_it_is_sent_again(doubtful: World):
    before = len(doubtful.heard("nhóm"))
    number = await number_of_digest(doubtful)

    await doubtful.says("quản trị", f"/guilai {number}")
    [again] = await doubtful.says("quản trị", f"/guilai {number}")

    assert doubtful.heard("nhóm")[before].startswith("TỔNG HỢP")
    assert len(doubtful.heard("nhóm")) == before + 2  # and the update of it
    assert "không còn chờ xác nhận" in again


async def test_only_an_admin_decides_what_became_of_a_message(doubtful: World):
    number = await number_of_digest(doubtful)

    [refused] = await doubtful.says("TS01", f"/guilai {number}")

    assert "không thuộc quyền" in refused
    assert await number_of_digest(doubtful) == number


# --- a group that has other bots


@pytest.mark.parametrize("said", ["/start", "/report", "/weather"])
async def test_what_may_be_meant_for_another_bot_is_not_answered(posted: World, said: str):
    assert await posted.says("nhóm", said, by="Lan") == []
