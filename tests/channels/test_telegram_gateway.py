"""What leaves through Telegram: what people see of it, and each way in which it can fail."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from botapi import STRICT, Fault
from contract import outbound
from ports import free_port
from telegrams import Office, gateway_for, office, seen

from bot.channels.telegram import TelegramChannel
from bot.core.messaging import (
    Button,
    ChannelBusy,
    FateUnknown,
    File,
    Moved,
    Outbound,
    PersonGone,
    SendError,
    TargetGone,
)

TOKEN = "123456789:a-token-that-nobody-may-read-aaaaaa"  # noqa: S105


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    async with office() as opened:
        yield opened


async def sent(here: Office, text: str = "Đã nhận báo cáo.", **more) -> str:
    return await here.channel.send(outbound(here.channel, here.chat, text, **more))


def message_to(chat: str) -> Outbound:
    return Outbound("reply/1", TelegramChannel.name, chat, "Đã nhận báo cáo.")


async def tapped(here: Office, label: str = "Gửi"):
    """Lan taps the button; return the tap as the server has it, and its id."""
    tap = await here.lan.taps(here.bot, label)
    return tap, tap.tapped.id


async def test_an_edit_replaces_text_and_buttons_in_place(here):
    first = await sent(here, "Nháp", buttons=(Button("Gửi", "gửi"), Button("Hủy", "hủy")))
    edited = await sent(here, "Đã sửa <b>&", buttons=(Button("Gửi", "gửi"),), target=first)

    assert edited == first
    assert seen(here) == [("Đã sửa <b>&", ["Gửi"])]


async def test_an_edit_that_changes_nothing_is_done(here):
    first = await sent(here, "Nháp", buttons=(Button("Gửi", "gửi"),), key="k")

    assert await sent(here, "Nháp", buttons=(Button("Gửi", "gửi"),), key="k", target=first) == first


async def test_an_edit_of_a_message_that_is_gone_says_so(here):
    first = await sent(here)
    [message] = [m for m in here.lan.sees(here.bot) if not m.from_me]
    await here.lan.deletes(message)

    for target in (first, "999999"):
        with pytest.raises(TargetGone):
            await sent(here, "Đã sửa", target=target)


@pytest.mark.parametrize("said", ["message can't be edited", "MESSAGE_ID_INVALID"])
async def test_an_edit_that_telegram_no_longer_allows_has_lost_its_target(here, said):
    first = await sent(here)
    here.api.fails("editMessageText", with_=Fault.custom(400, f"Bad Request: {said}"))

    with pytest.raises(TargetGone):
        await sent(here, "Đã sửa", target=first)


async def test_a_tap_is_answered_before_the_message_is_changed(here):
    first = await sent(here, "Nháp", buttons=(Button("Gửi", "gửi"),))
    tap, tap_id = await tapped(here)
    await sent(here, "Đã nhận", target=first, tap=tap_id)

    answer = await tap.answer()
    assert (answer.text, answer.alert) == ("", False)
    assert seen(here) == [("Đã nhận", [])]


async def test_a_passing_word_is_shown_to_who_tapped_and_leaves_nothing_in_the_chat(here):
    await sent(here, "Nháp", buttons=(Button("Gửi", "gửi"),))
    tap, tap_id = await tapped(here)
    said = await sent(here, "Nút này đã cũ. " * 20, tap=tap_id, passing=True)

    answer = await tap.answer()
    assert said == tap_id
    assert answer.alert
    assert answer.text.startswith("Nút này đã cũ. Nút này")
    assert answer.text.endswith("…")
    assert len(answer.text) <= 200
    assert len(seen(here)) == 1


@pytest.mark.parametrize("passing", [False, True])
async def test_a_tap_that_is_too_old_to_be_answered_spoils_nothing(here, passing):
    assert await sent(here, tap="4711", passing=passing)

    assert len(seen(here)) == (0 if passing else 1)


@pytest.mark.parametrize("fault", [Fault.reset_after(), Fault.server_error(), Fault.malformed()])
async def test_a_lost_answer_to_a_tap_keeps_back_no_message(here, fault):
    here.api.fails("answerCallbackQuery", with_=fault)

    await sent(here, tap="4711")

    assert len(seen(here)) == 1


async def test_of_a_passing_word_without_an_answer_nobody_knows_whether_it_was_seen(here):
    here.api.fails("answerCallbackQuery", with_=Fault.reset_after())

    with pytest.raises(FateUnknown):
        await sent(here, tap="4711", passing=True)


async def test_every_button_is_known_again_by_its_screen_and_number(here):
    buttons = tuple(Button(label, label) for label in ("Gửi", "Hủy", "Hỏi từng câu"))
    await sent(here, "Mời chọn", buttons=buttons, key="prompt/1", screen="s" * 60)

    data = here.api.calls[-1].fields["reply_markup"]
    assert [f'"{"s" * 60}.{n}"' in data for n in range(3)] == [True] * 3


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        ([], ()),
        (["Gửi"], (("Gửi",),)),
        (["Gửi", "Hủy", "Sửa"], (("Gửi", "Hủy", "Sửa"),)),
        (["1", "2", "3", "4"], (("1", "2", "3"), ("4",))),
        (
            ["Trả lời", "Không phát sinh hồ sơ", "Hỏi từng câu"],
            (("Trả lời",), ("Không phát sinh hồ sơ",), ("Hỏi từng câu",)),
        ),
        (["Hỏi từng câu", "Trả lời"], (("Hỏi từng câu", "Trả lời"),)),
        (["Hỏi từng câu nào", "Gửi"], (("Hỏi từng câu nào",), ("Gửi",))),
    ],
)
async def test_short_labels_share_a_row_and_none_is_cut(here, labels, rows):
    await sent(here, buttons=tuple(Button(label, label) for label in labels))

    assert here.lan.sees(here.bot)[-1].buttons == rows


async def test_a_number_is_asked_for_by_a_keyboard_that_shares_it(here):
    buttons = (Button("Gửi số điện thoại", "", asks_phone=True), Button("Bỏ qua", "bỏ qua"))
    await sent(here, buttons=buttons)

    assert here.lan.sees(here.bot)[-1].keyboard == (("Gửi số điện thoại",), ("bỏ qua",))
    assert here.lan.sees(here.bot)[-1].buttons == ()


async def test_a_post_goes_to_the_topic_of_the_group(here):
    group = here.group(forum=True)
    topic = group.topic("Báo cáo ngày")
    await here.lan.adds(here.bot, group, admin=True)
    message = outbound(here.channel, str(group.id), in_group=True, thread=str(topic.id))

    await here.channel.send(message)

    assert here.lan.sees(group)[-1].thread == "Báo cáo ngày"


async def test_what_people_typed_is_no_markup(here):
    said = "1 < 2 && \"x\" <a href='t.me'>y</a> <b>z &amp; &lt;"

    await sent(here, said)

    [message] = [m for m in here.lan.sees(here.bot) if not m.from_me]
    assert message.text == said
    assert message.entities == ()


async def test_a_text_that_is_too_long_is_not_even_tried(here):
    before = len(here.api.calls)

    with pytest.raises(SendError):
        await sent(here, "x" * 4097)

    assert len(here.api.calls) == before


async def test_a_person_who_blocked_the_bot_is_gone(here):
    await here.lan.blocks(here.bot)

    with pytest.raises(PersonGone, match="blocked"):
        await sent(here)


async def test_a_person_who_never_pressed_start_is_gone(here):
    stranger = here.api.person("Người lạ")

    with pytest.raises(PersonGone):
        await here.channel.send(outbound(here.channel, str(stranger.id)))
    with pytest.raises(PersonGone):
        await here.channel.send(outbound(here.channel, "404"))


async def test_an_unknown_group_is_refused(here):
    with pytest.raises(SendError) as refused:
        await here.channel.send(outbound(here.channel, "-404", in_group=True))

    assert type(refused.value) is SendError


async def test_a_group_that_removed_the_bot_is_gone(here):
    group = here.group()
    await here.lan.adds(here.bot, group)
    await here.lan.kicks(here.bot, group)

    with pytest.raises(PersonGone):
        await here.channel.send(outbound(here.channel, str(group.id), in_group=True))


async def test_a_group_that_became_a_supergroup_has_moved(here):
    group = here.group()
    await here.lan.adds(here.bot, group)
    old = str(group.id)
    await group.becomes_supergroup()

    with pytest.raises(Moved) as moved:
        await here.channel.send(outbound(here.channel, old, in_group=True))

    assert moved.value.chat == str(group.id)


async def test_a_flood_makes_the_channel_busy_for_as_long_as_telegram_says(here):
    here.api.fails("sendMessage", with_=Fault.flood(37))

    with pytest.raises(ChannelBusy) as busy:
        await sent(here)

    assert busy.value.wait == 37


async def test_a_refusal_names_the_reason_without_what_was_written(here):
    quoted = 'Bad Request: can\'t parse entities: Unsupported start tag "0912345678"'
    here.api.fails("sendMessage", with_=Fault.custom(400, quoted))

    with pytest.raises(SendError) as refused:
        await sent(here)

    assert type(refused.value) is SendError
    assert str(refused.value) == "Can't parse entities"


@pytest.mark.parametrize(
    "fault",
    [
        Fault.reset_before(),
        Fault.reset_after(),
        Fault.malformed(),
        Fault.server_error(500),
        Fault.server_error(502),
        Fault.restart(),
    ],
    ids=lambda fault: fault.name,
)
async def test_without_a_clear_answer_nobody_knows_whether_it_arrived(here, fault):
    here.api.fails("sendMessage", with_=fault)

    with pytest.raises(FateUnknown):
        await sent(here)


async def test_a_connection_that_freezes_leaves_the_fate_unknown_and_others_go_on(here):
    here.api.fails("sendMessage", with_=Fault.frozen())
    gateway = gateway_for(here.api.base, here.bot.token, read_timeout=0.1)
    try:
        frozen = asyncio.create_task(gateway.send(message_to(here.chat)))
        await asyncio.sleep(0)
        await sent(here, "Tin khác")
        with pytest.raises(FateUnknown):
            await frozen
    finally:
        await gateway.close()

    assert len(seen(here)) == 1


async def test_a_server_that_cannot_be_reached_makes_the_channel_busy():
    gateway = gateway_for(f"http://127.0.0.1:{free_port()}", TOKEN)
    try:
        with pytest.raises(ChannelBusy) as busy:
            await gateway.send(message_to("1"))
    finally:
        await gateway.close()

    assert 0 < busy.value.wait < 10


async def test_a_revoked_token_halts_the_channel_and_is_logged_once(here, caplog):
    here.api.revokes(here.bot)

    for _ in range(2):
        with pytest.raises(ChannelBusy) as busy:
            await sent(here)

    assert busy.value.wait == 60
    ours = [record for record in caplog.records if record.name.startswith("bot.")]
    assert [record.levelno for record in ours] == [logging.ERROR]
    assert "token" in ours[0].getMessage()


async def test_many_sends_at_once_are_no_flood():
    async with office(limits=STRICT) as here:
        people = [here.api.person(f"Người {n}") for n in range(8)]
        for person in people:
            await person.opens(here.bot.link(""))
        await asyncio.gather(
            *(here.channel.send(outbound(here.channel, str(p.id))) for p in people)
        )

    assert here.api.counts(200, method="sendMessage") == 8


# --- files

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
PICTURE = File("a" * 64, "tong-hop-15-4.png", picture=True)
PAPER = File("b" * 64, "Báo cáo tuần 2020-W16.docx")


async def test_a_picture_is_seen_with_its_caption_and_a_paper_under_its_name(here):
    photo = outbound(here.channel, here.chat, "Tổng hợp <15/4>", file=PICTURE)
    paper = outbound(here.channel, here.chat, "", key="paper", file=PAPER)

    await here.channel.send(photo, PNG)
    await here.channel.send(paper, b"PK docx")

    [shown, offered] = here.lan.sees(here.bot)[-2:]
    assert (shown.text, shown.photo) == ("Tổng hợp <15/4>", PNG)
    assert offered.document == ("Báo cáo tuần 2020-W16.docx", b"PK docx")


@pytest.mark.parametrize(("file", "content"), [(PICTURE, PNG), (PAPER, b"PK docx")])
async def test_a_file_is_uploaded_once_however_many_get_it(here, file, content):
    group = here.group()
    await here.lan.adds(here.bot, group)
    chats = [here.chat, str(group.id), here.chat]

    for n, chat in enumerate(chats):
        await here.channel.send(outbound(here.channel, chat, f"Tin {n}", file=file), content)

    uploads = [call for call in here.api.calls if call.files]
    assert len(uploads) == 1
    assert [m.text for m in here.lan.sees(here.bot)[-2:]] == ["Tin 0", "Tin 2"]


async def test_a_text_too_long_for_a_caption_is_refused_before_anything_is_sent(here):
    with pytest.raises(SendError):
        await here.channel.send(outbound(here.channel, here.chat, "ệ" * 1025, file=PICTURE), PNG)

    assert here.calls("sendPhoto") == 0
