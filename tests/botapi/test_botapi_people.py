"""What people do and see (semantics 15), and every call on record."""

import asyncio
from typing import Any

import pytest

from botapi import Answer, Bot, BotApi, Person

from .conftest import Calls, Library

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + (2).to_bytes(4) + (2).to_bytes(4)


async def test_a_link_starts_the_bot_with_its_payload(call: Calls, lan: Person, bot: Bot):
    await lan.opens(bot.link("moi-1_A"))

    message = (await call.updates())[0]["message"]
    assert message["text"] == "/start moi-1_A"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


@pytest.mark.parametrize("link", ["khac_bot?start=A", "giaoban_bot?start=a b"])
async def test_a_link_that_opens_no_bot_is_noticed(lan: Person, bot: Bot, link: str):
    with pytest.raises(ValueError, match="opens no bot"):
        await lan.opens(f"https://t.me/{link}")


async def test_the_newest_button_of_a_label_is_tapped(call: Calls, lan: Person, bot: Bot):
    await lan.opens(bot.link(""))
    for data in ("cũ", "mới"):
        button = {"text": "Gửi", "callback_data": data}
        await call.sends(lan, reply_markup={"inline_keyboard": [[button]]})

    await lan.taps(bot, "Gửi")
    await lan.taps(bot, "Gửi", on=lan.sees(bot)[1])

    taps = [update["callback_query"]["data"] for update in await call.updates(offset=-2)]
    assert taps == ["mới", "cũ"]


async def test_a_button_that_is_not_there_cannot_be_tapped(lan: Person, bot: Bot):
    with pytest.raises(LookupError, match="no button 'Gửi'"):
        await lan.taps(bot, "Gửi")


async def test_a_button_that_is_a_link_opens_it(call: Calls, lan: Person, bot: Bot):
    await lan.opens(bot.link(""))
    button = {"text": "Xem", "url": "https://example.org/a"}
    await call.sends(lan, reply_markup={"inline_keyboard": [[button]]})

    tap = await lan.taps(bot, "Xem")

    assert await tap.answer() == Answer(url="https://example.org/a")


async def test_forged_data_reaches_the_bot(call: Calls, lan: Person, bot: Bot):
    await lan.opens(bot.link(""))
    await call.sends(lan)

    await lan.forges(lan.sees(bot)[-1], "x" * 64)

    assert (await call.updates(offset=-1))[0]["callback_query"]["data"] == "x" * 64


async def test_each_post_and_edit_is_given_once_as_it_was(call: Calls, lan: Person, bot: Bot):
    await lan.opens(bot.link(""))
    message = await call.sends(lan, "cũ")
    await call.result("editMessageText", chat_id=lan.id, message_id=message, text="mới")

    first, second = await lan.sees_next(bot), await lan.sees_next(bot)

    assert [(s.text, s.edited) for s in (first, second)] == [("cũ", False), ("mới", True)]
    assert [s.text for s in lan.sees(bot)] == ["/start", "mới"]
    with pytest.raises(TimeoutError):
        await lan.sees_next(bot, timeout=0.01)


async def test_who_waits_sees_what_comes(call: Calls, lan: Person, bot: Bot):
    await lan.opens(bot.link(""))
    waiting = asyncio.create_task(lan.sees_next(bot))
    await asyncio.sleep(0)

    await call.sends(lan, "chào")

    assert (await waiting).text == "chào"


async def test_an_edit_by_a_person_is_told(call: Calls, lan: Person, bot: Bot):
    said = await lan.says(bot, "Quầy: 5")

    await lan.edits(said, "Quầy: 6")

    message, edit = await call.updates()
    assert edit["edited_message"]["text"] == "Quầy: 6"
    assert edit["edited_message"]["message_id"] == message["message"]["message_id"]
    assert edit["edited_message"]["edit_date"]


async def test_people_send_all_sorts_of_things(call: Calls, lan: Person, bot: Bot):
    said = await lan.says(bot, "chào")
    await lan.sends_photo(bot, PNG, caption="ảnh quầy")
    await lan.sends_document(bot, b"%PDF", name="bao-cao.pdf")
    await lan.sends_voice(bot)
    await lan.sends_sticker(bot)
    await lan.shares_contact(bot)
    await lan.forwards(said, bot)

    _, photo, document, voice, sticker, contact, forward = (
        update["message"] for update in await call.updates()
    )
    assert (photo["caption"], document["document"]["file_name"]) == ("ảnh quầy", "bao-cao.pdf")
    assert ("voice" in voice, "sticker" in sticker) == (True, True)
    assert contact["contact"]["user_id"] == lan.id
    assert forward["forward_origin"]["sender_user"]["id"] == lan.id


async def test_both_libraries_understand_all_of_it(library: Library, lan: Person, bot: Bot):
    said = await lan.says(bot, "/baocao")
    await lan.edits(said, "/baocao 5")
    await lan.sends_photo(bot, PNG, caption="ảnh")
    await lan.sends_voice(bot)
    await lan.sends_sticker(bot)
    await lan.shares_contact(bot)
    await lan.forwards(said, bot)
    await lan.blocks(bot)

    updates = await library.bot.get_updates()

    assert [update.message is not None for update in updates].count(True) == 6
    assert updates[1].edited_message.text == "/baocao 5"
    assert updates[-1].my_chat_member.new_chat_member.status == "kicked"


async def test_both_libraries_send_and_fetch_files(library: Library, lan: Person, bot: Bot):
    await lan.opens(bot.link(""))

    photo = await library.send_file(lan.id, "photo", "ngay.png", PNG)
    document = await library.send_file(lan.id, "document", "báo cáo.pdf", b"%PDF\r\n\x00")
    again = await library.bot.send_document(lan.id, document.document.file_id)

    assert await library.fetch(document.document.file_id) == b"%PDF\r\n\x00"
    assert again.document.file_unique_id == document.document.file_unique_id
    assert photo.photo[-1].width == 2
    seen = lan.sees(bot)[1:]
    assert seen[0].photo == PNG
    assert [s.document for s in seen[1:]] == [("báo cáo.pdf", b"%PDF\r\n\x00")] * 2


async def test_both_libraries_post_edit_and_answer(library: Library, lan: Person, bot: Bot):
    if type(library).__name__ == "Aiogram":
        from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
    else:
        from telegram import InlineKeyboardButton, InlineKeyboardMarkup
    rows = [[InlineKeyboardButton(text="Gửi", callback_data="g")]]
    await lan.opens(bot.link(""))

    sent = await library.bot.send_message(
        lan.id,
        "<b>Xem lại</b>",
        parse_mode="HTML",
        reply_markup=InlineKeyboardMarkup(inline_keyboard=rows),
    )
    tap = await lan.taps(bot, "Gửi")
    query = (await library.bot.get_updates(offset=-1))[0].callback_query
    await library.bot.answer_callback_query(query.id, "Đã nhận")
    await library.bot.edit_message_text("Xong", chat_id=lan.id, message_id=sent.message_id)

    assert (await tap.answer()) == Answer("Đã nhận")
    assert (query.data, query.message.message_id) == ("g", sent.message_id)
    assert (lan.sees(bot)[-1].text, lan.sees(bot)[-1].buttons) == ("Xong", ())


async def test_both_libraries_put_another_file_in_place(library: Library, lan: Person, bot: Bot):
    if type(library).__name__ == "Aiogram":
        from aiogram.types import BufferedInputFile, InputMediaDocument

        media: Any = InputMediaDocument(media=BufferedInputFile(b"2", "b.pdf"), caption="mới")
    else:
        from telegram import InputMediaDocument

        media = InputMediaDocument(b"2", filename="b.pdf", caption="mới")
    await lan.opens(bot.link(""))
    sent = await library.send_file(lan.id, "document", "a.pdf", b"1")

    await library.bot.edit_message_media(media, chat_id=lan.id, message_id=sent.message_id)

    seen = lan.sees(bot)[-1]
    assert (seen.document, seen.text, seen.edited) == (("b.pdf", b"2"), "mới", True)


async def test_every_call_is_on_record(call: Calls, api: BotApi, lan: Person, bot: Bot):
    await lan.opens(bot.link(""))
    await call.sends(lan, "chào")
    await call.error("sendMessage", chat_id=404, text="x")

    sent, refused = api.calls

    assert (sent.method, sent.token, sent.fields["text"]) == ("sendMessage", bot.token, "chào")
    assert (sent.status, sent.result["text"], sent.done) == (200, "chào", True)
    assert (refused.status, refused.error, refused.done) == (
        400,
        "Bad Request: chat not found",
        False,
    )
    assert sent.at <= refused.at


async def test_a_call_takes_its_latency(call: Calls):
    async with BotApi(latency=0.1) as api:
        slow = Calls(call.session, api, api.bot("cham_bot"))
        loop = asyncio.get_running_loop()
        start = loop.time()

        await slow.result("getMe")

        assert loop.time() - start > 0.1 * 0.9


async def test_tokens_differ_by_seed_and_not_by_run():
    tokens = [BotApi(seed=seed).bot("giaoban_bot").token for seed in (1, 1, 2)]

    assert tokens[0] == tokens[1] != tokens[2]
    number, _, secret = tokens[0].partition(":")
    assert (number.isdecimal(), len(secret)) == (True, 35)
