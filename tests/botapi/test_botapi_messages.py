"""Sending, editing, answering taps: what arrives, and every refusal by its exact words."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from botapi import Answer, Bot, BotApi, Person
from botapi.errors import refused

from .conftest import Calls

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + (640).to_bytes(4) + (480).to_bytes(4)


def keyboard(*labels: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": label, "callback_data": label}] for label in labels]}


@pytest.fixture(autouse=True)
async def started(lan: Person, bot: Bot) -> None:
    await lan.opens(bot.link("MOI"))


@pytest.mark.parametrize(
    ("method", "given", "wrong"),
    [
        ("sendMessage", {"text": "x", "chat_id": 404}, "chat not found"),
        ("sendMessage", {"text": "x", "chat_id": ""}, "chat_id is empty"),
        ("sendMessage", {"text": ""}, "message text is empty"),
        ("sendMessage", {"text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
        ("sendMessage", {"text": "x" * 4097}, "message is too long"),
        ("sendPhoto", {"photo": "", "caption": "x"}, "there is no photo in the request"),
        ("sendPhoto", {"photo": "AgAD"}, "wrong file identifier/HTTP URL specified"),
        (
            "sendMessage",
            {"text": "x", "reply_markup": "{"},
            "can't parse reply keyboard markup JSON object",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "Gửi"}]]}},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ("sendMessage", {"text": "x", "reply_markup": keyboard("ữ" * 22)}, "BUTTON_DATA_INVALID"),
        (
            "sendMessage",
            {"text": "x", "reply_parameters": {"message_id": 99}},
            "message to be replied not found",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": {"inline_keyboard": [{"text": "Gửi"}]}},
            'field "inline_keyboard" must be an Array of Arrays',
        ),
        ("sendMessage", {"text": "x", "message_thread_id": 5}, "message thread not found"),
        (
            "sendMessage",
            {"text": "<b>x", "parse_mode": "HTML"},
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        ("editMessageText", {"text": "x", "message_id": 99}, "message to edit not found"),
        ("editMessageText", {"text": "x", "message_id": 1}, "message can't be edited"),
        ("deleteMessage", {"message_id": 99}, "message to delete not found"),
        ("answerCallbackQuery", {"callback_query_id": "1"}, TOO_OLD.removeprefix("Bad Request: ")),
    ],
)
async def test_what_cannot_be_is_refused(
    call: Calls, lan: Person, method: str, given: dict[str, Any], wrong: str
):
    refusal = await call.error(method, **{"chat_id": lan.id, **given})

    assert refusal == (400, f"Bad Request: {wrong}")


async def test_lengths_count_code_points_after_the_markup_is_read(call: Calls, lan: Person):
    await call.sends(lan, f"<b>{'😀' * 4096}</b>", parse_mode="HTML")

    photo = await _photo(call, lan, caption=f"<i>{'ữ' * 1024}</i>", parse_mode="HTML")
    _, too_long = await _photo(call, lan, caption="x" * 1025)

    assert photo[0] == 200
    assert too_long["description"] == "Bad Request: message caption is too long"


async def test_64_bytes_fit_behind_a_button(call: Calls, lan: Person, bot: Bot):
    await call.sends(lan, reply_markup=keyboard("ữ" * 21 + "x"))

    assert lan.sees(bot)[-1].buttons == (("ữ" * 21 + "x",),)


async def test_people_see_text_and_entities_not_tags(call: Calls, lan: Person, bot: Bot):
    await call.sends(lan, "Trả <b>quá hạn</b> 😀 &lt; <code>5</code>", parse_mode="HTML")

    seen = await lan.sees_next(bot)

    assert seen.text == "Trả quá hạn 😀 < 5"
    assert [(e["type"], e["offset"], e["length"]) for e in seen.entities] == [
        ("bold", 4, 7),
        ("code", 17, 1),
    ]


async def test_an_edit_changes_the_message_and_drops_its_keyboard(
    call: Calls, lan: Person, bot: Bot
):
    message = await call.sends(lan, "cũ", reply_markup=keyboard("Gửi"))

    edited = await call.result("editMessageText", chat_id=lan.id, message_id=message, text="mới")

    seen = lan.sees(bot)[-1]
    assert (seen.text, seen.buttons, seen.edited) == ("mới", (), True)
    assert edited["edit_date"] >= edited["date"]


async def test_the_same_text_and_keyboard_are_not_modified(call: Calls, lan: Person):
    message = await call.sends(lan, "<b>như cũ</b>", parse_mode="HTML", reply_markup=keyboard("A"))
    same = {"chat_id": lan.id, "message_id": message, "reply_markup": keyboard("A")}

    again = await call.error("editMessageText", text="<b>như cũ</b>", parse_mode="HTML", **same)
    markup = await call.error("editMessageReplyMarkup", **same)
    plain = await call("editMessageText", text="như cũ", **same)

    assert again == markup == (400, NOT_MODIFIED)
    assert plain[0] == 200


async def test_a_caption_is_edited_as_a_caption(call: Calls, lan: Person, bot: Bot):
    _, sent = await _photo(call, lan, caption="cũ")
    which = {"chat_id": lan.id, "message_id": sent["result"]["message_id"]}

    wrong = await call.error("editMessageText", text="mới", **which)
    await call.result("editMessageCaption", caption="mới", **which)

    assert wrong == (400, "Bad Request: there is no text in the message to edit")
    assert lan.sees(bot)[-1].text == "mới"


async def test_a_message_that_a_person_deleted_is_gone(call: Calls, lan: Person, bot: Bot):
    message = await call.sends(lan)
    await lan.deletes(lan.sees(bot)[-1])

    refusal = await call.error("editMessageText", chat_id=lan.id, message_id=message, text="x")

    assert refusal == (400, "Bad Request: message to edit not found")


async def test_after_two_days_nothing_is_deleted():
    now = datetime(2020, 4, 15, 15, 0, tzinfo=UTC)
    async with BotApi(now=lambda: now) as api, aiohttp.ClientSession() as session:
        bot, lan = api.bot("giaoban_bot"), api.person("Lan")
        call = Calls(session, api, bot)
        await lan.opens(bot.link(""))
        first, second = await call.sends(lan), await call.sends(lan)

        await call.result("deleteMessage", chat_id=lan.id, message_id=first)
        now += timedelta(hours=48, seconds=1)

        refusal = await call.error("deleteMessage", chat_id=lan.id, message_id=second)
        assert refusal == (400, "Bad Request: message can't be deleted")


async def test_a_tap_is_answered_once(call: Calls, lan: Person, bot: Bot):
    await call.sends(lan, "Gửi?", reply_markup=keyboard("Gửi"))
    tap = await lan.taps(bot, "Gửi")
    query = (await call.updates(offset=-1))[0]["callback_query"]

    answer = {"callback_query_id": query["id"], "text": "Đã nhận", "show_alert": True}
    await call.result("answerCallbackQuery", **answer)

    assert await tap.answer() == Answer("Đã nhận", alert=True)
    assert await call.error("answerCallbackQuery", **answer) == (400, TOO_OLD)
    assert (query["data"], query["message"]["text"]) == ("Gửi", "Gửi?")


async def test_a_tap_brings_the_message_as_it_stands_now(call: Calls, lan: Person, bot: Bot):
    message = await call.sends(lan, "cũ", reply_markup=keyboard("Gửi"))
    old = lan.sees(bot)[-1]
    await call.result("editMessageText", chat_id=lan.id, message_id=message, text="mới")

    await lan.taps(bot, "Gửi", on=old)

    query = (await call.updates(offset=-1))[0]["callback_query"]
    assert (query["data"], query["message"]["text"]) == ("Gửi", "mới")


async def test_a_tap_is_dead_after_a_while():
    now = datetime(2020, 4, 15, 15, 0, tzinfo=UTC)
    async with BotApi(now=lambda: now) as api, aiohttp.ClientSession() as session:
        bot, lan = api.bot("giaoban_bot"), api.person("Lan")
        call = Calls(session, api, bot)
        await lan.opens(bot.link(""))
        await call.sends(lan, reply_markup=keyboard("Gửi"))
        tap = await lan.taps(bot, "Gửi")
        query = (await call.updates(offset=-1))[0]["callback_query"]

        now += timedelta(minutes=1)

        assert await call.error("answerCallbackQuery", callback_query_id=query["id"]) == (
            400,
            TOO_OLD,
        )
        assert await tap.answer(0.01) is None


async def test_an_answer_may_open_only_the_bot_itself(call: Calls, lan: Person, bot: Bot):
    await call.sends(lan, reply_markup=keyboard("Chi tiết"))
    tap = await lan.taps(bot, "Chi tiết")
    [update] = await call.updates(offset=-1)
    query = update["callback_query"]["id"]

    away = await call.error(
        "answerCallbackQuery", callback_query_id=query, url="https://example.org"
    )
    await call.result("answerCallbackQuery", callback_query_id=query, url=bot.link("ct"))

    assert away == (400, "Bad Request: URL_INVALID")
    assert await tap.answer() == Answer(url=bot.link("ct"))


async def test_a_file_is_sent_again_by_its_id(call: Calls, lan: Person, bot: Bot):
    _, sent = await _photo(call, lan)
    photo = sent["result"]["photo"][-1]

    await call.result("sendPhoto", chat_id=lan.id, photo=photo["file_id"])
    as_document = await call.error("sendDocument", chat_id=lan.id, document=photo["file_id"])

    assert (photo["width"], photo["height"]) == (640, 480)
    assert [seen.photo for seen in lan.sees(bot)[1:]] == [PNG, PNG]
    assert as_document == (400, "Bad Request: can't use file of type Photo as Document")


async def test_what_is_no_picture_is_no_photo(call: Calls, lan: Person):
    form = aiohttp.FormData({"chat_id": str(lan.id)})
    form.add_field("photo", b"khong phai anh", filename="a.png")

    _, body = await _post(call, "sendPhoto", form)

    assert body["description"] == "Bad Request: IMAGE_PROCESS_FAILED"


async def test_an_upload_has_at_most_50_megabytes(call: Calls, lan: Person):
    form = aiohttp.FormData({"chat_id": str(lan.id)})
    form.add_field("document", io.BytesIO(bytes(50 * 2**20 + 1)), filename="a.bin")

    status, body = await _post(call, "sendDocument", form)

    assert (status, body["error_code"]) == (413, 413)


async def test_a_download_has_at_most_20_megabytes(call: Calls, lan: Person, bot: Bot):
    for size in (20 * 2**20, 20 * 2**20 + 1):
        await lan.sends_document(bot, bytes(size))

    fits, large = (u["message"]["document"]["file_id"] for u in await call.updates(offset=-2))

    assert (await call.result("getFile", file_id=fits))["file_size"] == 20 * 2**20
    assert await call.error("getFile", file_id=large) == (400, "Bad Request: file is too big")


async def test_calls_come_in_every_form(call: Calls, lan: Person, bot: Bot):
    url = f"{call.api.base}/bot{bot.token}"
    given = {"chat_id": str(lan.id), "text": "chào"}
    nested = aiohttp.FormData(given)
    nested.add_field("reply_markup", json.dumps(keyboard("A")))
    for request in (
        call.session.get(f"{url}/sendMessage", params=given),
        call.session.post(f"{url}/SENDMESSAGE", data=given),
        call.session.post(f"{url}/sendmessage", json=given),
        call.session.post(f"{url}/sendMessage", data=nested(), headers={}),
        call.session.post(f"{url}/", json={**given, "method": "sendMessage"}),
    ):
        async with request as response:
            assert (await response.json())["ok"], await response.text()

    assert [seen.text for seen in lan.sees(bot)[1:]] == ["chào"] * 5


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
async def test_texts_in_another_encoding_are_refused(call: Calls, bot: Bot, kind: str):
    body = b"chat_id=1&text=\xff" if "form" in kind else b'{"text": "\xff"}'
    url = f"{call.api.base}/bot{bot.token}/sendMessage"

    async with call.session.post(url, data=body, headers={"Content-Type": kind}) as response:
        told = (await response.json())["description"]

    assert told == "Bad Request: strings must be encoded in UTF-8"


async def test_a_reply_keyboard_and_its_contact_button(call: Calls, lan: Person, bot: Bot):
    share = {"text": "Chia sẻ số điện thoại", "request_contact": True}
    await call.sends(lan, "Số của chị?", reply_markup={"keyboard": [["Không"], [share]]})
    assert lan.sees(bot)[-1].keyboard == (("Không",), ("Chia sẻ số điện thoại",))

    await lan.taps(bot, "Không")
    await lan.taps(bot, "Chia sẻ số điện thoại")

    said, contact = (update["message"] for update in await call.updates(offset=-2))
    assert said["text"] == "Không"
    assert contact["contact"]["user_id"] == contact["from"]["id"] == lan.id


@pytest.mark.parametrize(
    ("code", "text", "status", "description"),
    [
        (400, "Message is too long", 400, "Bad Request: message is too long"),
        (400, "BUTTON_DATA_INVALID", 400, "Bad Request: BUTTON_DATA_INVALID"),
        (403, "CHAT_WRITE_FORBIDDEN", 400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
        (403, "Bot was blocked by the user", 403, "Forbidden: bot was blocked by the user"),
    ],
)
def test_texts_from_below_are_lowered_and_prefixed(
    code: int, text: str, status: int, description: str
):
    error = refused(code, text)

    assert (error.code, error.description) == (status, description)


async def _photo(call: Calls, lan: Person, **given: Any) -> tuple[int, dict[str, Any]]:
    form = aiohttp.FormData({"chat_id": str(lan.id), "photo": "attach://bức ảnh", **given})
    form.add_field("bức ảnh", PNG, filename="a.png")
    return await _post(call, "sendPhoto", form)


async def _post(call: Calls, method: str, form: aiohttp.FormData) -> tuple[int, dict[str, Any]]:
    url = f"{call.api.base}/bot{call.bot.token}/{method}"
    async with call.session.post(url, data=form) as response:
        return response.status, await response.json()
