"""What a bot sends, what people see of it, and what is refused."""

import json
from datetime import UTC, datetime

import aiohttp
import pytest

from zaloapi import Bot, Group, Person, ZaloApi

from .conftest import NOW_MS, PNG, Calls, Office


async def test_a_bot_tells_who_it_is(call: Calls, bot: Bot):
    me = await call.result("getMe")

    assert (me["id"], me["display_name"]) == (bot.id, "Bot Giao Ban")
    assert (me["account_type"], me["can_join_groups"]) == ("BASIC", True)
    assert me["account_name"] not in ("", bot.name)


async def test_a_message_is_seen_as_it_was_written(call: Calls, lan: Person, bot: Bot, chat: str):
    sent = await call.sends(chat, "Đã nhận <b>& 👍")

    seen = await lan.sees_next(bot)
    assert (seen.text, seen.from_me, seen.sender) == ("Đã nhận <b>& 👍", False, bot.name)
    assert sent == {"message_id": seen.message_id, "date": NOW_MS}


@pytest.mark.parametrize("how", ["json", "data", "params"])
async def test_parameters_come_as_json_as_form_or_in_the_query(
    call: Calls, lan: Person, bot: Bot, chat: str, how: str
):
    url = f"{call.api.base}/bot{bot.token}/sendMessage"

    async with call.session.post(url, **{how: {"chat_id": chat, "text": "chào"}}) as response:
        assert (await response.json())["ok"]

    assert [seen.text for seen in lan.sees(bot)] == ["chào"]


async def test_parameters_come_as_multipart_too(call: Calls, lan: Person, bot: Bot, chat: str):
    form = aiohttp.FormData({"chat_id": chat, "text": "chào"}, default_to_multipart=True)

    async with call.session.post(
        f"{call.api.base}/bot{bot.token}/sendMessage", data=form
    ) as response:
        assert (await response.json())["ok"]


async def test_a_body_that_is_no_json_is_refused(call: Calls, bot: Bot):
    headers = {"Content-Type": "application/json"}
    url = f"{call.api.base}/bot{bot.token}/sendMessage"

    async with call.session.post(url, data=b"{", headers=headers) as response:
        assert (await response.json())["error_code"] == 400
    assert call.api.calls[-1].error_code == 400


@pytest.mark.parametrize("text", ["x" * 2000, "ệ" * 2000, "👍" * 1000])
async def test_the_longest_text_counts_utf16_units(
    call: Calls, lan: Person, bot: Bot, chat: str, text: str
):
    assert await call.error("sendMessage", chat_id=chat, text=text + "x") == 400

    await call.sends(chat, text)

    assert [seen.text for seen in lan.sees(bot)] == [text]


@pytest.mark.parametrize("given", [{}, {"text": ""}])
async def test_a_text_is_needed(call: Calls, chat: str, given: dict[str, str]):
    assert await call.error("sendMessage", chat_id=chat, **given) == 400


async def test_only_who_has_written_to_a_bot_can_be_written_to(call: Calls, lan: Person, bot: Bot):
    assert await call.error("sendMessage", chat_id=bot.chat_of(lan), text="chào") == 400

    await lan.says(bot, "chào")

    await call.sends(bot.chat_of(lan))


async def test_a_bot_writes_only_in_groups_that_it_is_in(
    call: Calls, lan: Person, bot: Bot, group: Group
):
    await call.sends(group.id, "Tổng hợp")
    group.remove(bot)

    assert await call.error("sendMessage", chat_id=group.id, text="nữa") == 400

    assert group.id.startswith("zgr-")
    assert [seen.text for seen in lan.sees(group)] == ["Tổng hợp"]


async def test_a_bot_that_may_not_join_groups_cannot_be_added(api: ZaloApi, group: Group):
    with pytest.raises(ValueError, match="may not join"):
        group.add(api.bot("Bot Riêng", can_join_groups=False))


async def test_typing_is_answered_without_a_result(call: Calls, chat: str):
    assert await call("sendChatAction", chat_id=chat, action="typing") == (200, {"ok": True})
    assert await call.error("sendChatAction", chat_id=chat, action="upload_photo") == 400


async def test_a_photo_is_fetched_from_its_address(
    call: Calls, lan: Person, bot: Bot, chat: str, office: Office
):
    url = f"{call.api.base}/chart.png"

    sent = await call.result("sendPhoto", chat_id=chat, photo=url, caption="Biểu đồ")

    [seen] = lan.sees(bot)
    assert office.asked == ["HEAD", "GET"]
    assert (seen.text, seen.photo, seen.picture) == ("Biểu đồ", url, PNG)
    assert seen.message_id == sent["message_id"]


@pytest.mark.parametrize(
    "photo",
    ["", "data:image/png;base64,AAAA", "/tmp/a.png", "https://elsewhere.example/a.png"],  # noqa: S108
)
async def test_a_photo_that_is_no_address_of_this_machine_is_refused(
    call: Calls, chat: str, photo: str
):
    assert await call.error("sendPhoto", chat_id=chat, photo=photo) == 400


@pytest.mark.parametrize("path", ["/nothing.png", "/chart.png"])
async def test_a_photo_that_cannot_be_fetched_is_refused(
    call: Calls, lan: Person, bot: Bot, chat: str, office: Office, path: str
):
    office.status = 404

    assert await call.error("sendPhoto", chat_id=chat, photo=call.api.base + path) == 400

    assert lan.sees(bot) == []
    assert bot.sent_this_month == 0


async def test_beyond_the_quota_nothing_is_sent(call: Calls, lan: Person, bot: Bot, chat: str):
    bot.quota(2)
    await call.sends(chat, "một")
    await call.sends(chat, "hai")

    assert await call("sendMessage", chat_id=chat, text="ba") == (
        200,
        {"ok": False, "error_code": 429, "description": "Quota exceeded"},
    )

    assert bot.sent_this_month == 2
    assert [seen.text for seen in lan.sees(bot)] == ["một", "hai"]


async def test_a_quota_of_both_ways_counts_what_people_write(
    call: Calls, lan: Person, bot: Bot, chat: str
):
    bot.quota(2, both_ways=True)
    await lan.says(bot, "chào")
    await call.sends(chat)

    assert await call.error("sendMessage", chat_id=chat, text="nữa") == 429
    assert (bot.sent_this_month, bot.used_this_month) == (1, 2)


async def test_the_quota_begins_anew_with_the_month_in_viet_nam():
    now = datetime(2026, 10, 31, 16, 59, tzinfo=UTC)
    async with ZaloApi(now=lambda: now) as api, aiohttp.ClientSession() as session:
        bot, lan = api.bot("Bot Giao Ban"), api.person("Lan")
        bot.quota(1)
        call, chat = Calls(session, api, bot), bot.meets(lan).id
        await call.sends(chat)
        assert await call.error("sendMessage", chat_id=chat, text="nữa") == 429

        now = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)

        await call.sends(chat)
        assert bot.sent_this_month == 1


async def test_a_revoked_token_works_no_more_and_ends_its_poll(call: Calls, bot: Bot):
    poll, old = await call.polls(), bot.token

    new = bot.revoke_token()

    assert (await poll)[1]["error_code"] == 401
    async with call.session.get(f"{call.api.base}/bot{old}/getMe") as response:
        assert (response.status, json.loads(await response.text())["error_code"]) == (200, 401)
    assert bot.token == new
    await call.result("getMe")


@pytest.mark.parametrize("method", ["sendmessage", "sendDocument", ""])
async def test_a_method_that_is_unknown_is_not_found(call: Calls, method: str):
    assert await call.error(method) == 404


async def test_a_server_may_answer_with_the_matching_status():
    async with ZaloApi(matching_status=True) as api, aiohttp.ClientSession() as session:
        call = Calls(session, api, api.bot("Bot Giao Ban"))

        statuses = [
            (await call("getUpdates", timeout=0))[0],
            (await call("sendMessage", chat_id="x", text="chào"))[0],
            (await call("getMe"))[0],
        ]

    assert statuses == [408, 400, 200]
