"""What a bot that polls hears, and what it never hears."""

import asyncio

import aiohttp
import pytest

from zaloapi import Bot, Fault, Group, Person, ZaloApi

from .conftest import NOW_MS, SOON, Calls, until


async def test_a_poll_is_given_one_event_as_an_object(call: Calls, lan: Person, bot: Bot):
    poll = await call.polls()

    heard = await lan.says(bot, "Không phát sinh")

    status, body = await poll
    message = body["result"]["message"]
    assert heard
    assert status == 200
    assert body["result"]["event_name"] == "message.text.received"
    assert message == {
        "message_id": lan.sees(bot)[0].message_id,
        "date": NOW_MS,
        "from": {"id": bot.chat_of(lan), "display_name": lan.name, "is_bot": False},
        "chat": {"id": bot.chat_of(lan), "chat_type": "PRIVATE"},
        "text": "Không phát sinh",
    }


async def test_what_is_said_while_nobody_polls_is_lost(
    api: ZaloApi, call: Calls, lan: Person, bot: Bot
):
    api.grace = 0

    heard = await lan.says(bot, "một")

    assert not heard
    assert bot.lost == ["một"]
    assert await call.error("getUpdates", timeout=0) == 408
    assert [seen.text for seen in lan.sees(bot)] == ["một"]


async def test_an_event_within_the_grace_waits_for_the_very_next_poll(
    api: ZaloApi, call: Calls, lan: Person, bot: Bot
):
    api.grace = SOON
    said = [asyncio.create_task(lan.says(bot, text)) for text in ("một", "hai")]
    await asyncio.sleep(0)

    updates = [await call.result("getUpdates") for _ in said]

    assert [update["message"]["text"] for update in updates] == ["một", "hai"]
    assert await asyncio.gather(*said) == [True, True]
    assert await call.error("getUpdates", timeout=0) == 408


async def test_after_the_grace_an_event_is_lost(api: ZaloApi, lan: Person, bot: Bot):
    assert not await lan.says(bot, "một")
    assert bot.lost == ["một"]


@pytest.mark.parametrize("wait", ["1", 1, 0.5])
async def test_an_idle_poll_ends_with_408_and_http_200(call: Calls, wait: object):
    assert await call("getUpdates", timeout=wait) == (
        200,
        {"ok": False, "error_code": 408, "description": "Request timeout"},
    )


async def test_a_poll_takes_the_place_of_an_older_one(
    api: ZaloApi, call: Calls, lan: Person, bot: Bot
):
    older = await call.polls()

    newer = await call.polls()

    assert (await older)[1]["error_code"] == 408
    assert api.overlaps == 1
    assert bot.polling
    await lan.says(bot, "chào")
    assert (await newer)[1]["result"]["message"]["text"] == "chào"


async def test_a_poll_whose_caller_went_away_hears_nothing(
    api: ZaloApi, call: Calls, lan: Person, bot: Bot
):
    api.grace = 0
    poll = await call.polls()
    poll.cancel()
    await until(lambda: not bot.polling)

    assert not await lan.says(bot, "chào")
    again = await call.polls()
    assert api.overlaps == 0
    assert await lan.says(bot, "nữa")
    await again


@pytest.mark.parametrize("kind", ["lost", "502", "garbage"])
async def test_an_event_whose_answer_is_lost_never_comes_again(
    api: ZaloApi, call: Calls, lan: Person, bot: Bot, kind: str
):
    api.fails("getUpdates", with_=Fault(kind, carried_out=True))
    poll = await call.polls()

    heard = await lan.says(bot, "chào")

    with pytest.raises((aiohttp.ClientError, ValueError)):
        await poll
    assert not heard
    assert bot.lost == ["chào"]
    assert await call.error("getUpdates", timeout=0) == 408


async def test_a_bot_with_a_webhook_elsewhere_polls_in_vain(
    api: ZaloApi, call: Calls, lan: Person, bot: Bot
):
    bot.sets_webhook_elsewhere("https://elsewhere.example/hook")
    poll = await call.polls(timeout=20)

    heard = await lan.says(bot, "chào")

    assert not heard
    assert (await poll)[1]["error_code"] == 408
    info = await call.result("getWebhookInfo")
    assert info == {"url": "https://elsewhere.example/hook", "updated_at": NOW_MS}


async def test_in_a_group_a_bot_hears_only_what_mentions_or_answers_it(
    call: Calls, lan: Person, bot: Bot, group: Group
):
    await call.sends(group.id, "Tổng hợp")
    [digest] = lan.sees(group)
    poll = await call.polls()

    assert not await lan.says(group, "các anh chị chú ý")
    assert not await lan.sends_photo(group, "ảnh chụp")
    assert await lan.says(group, "@Bot Giao Ban /ketnoi 123456")

    told = (await poll)[1]["result"]["message"]
    assert told["chat"] == {"id": group.id, "chat_type": "GROUP"}
    assert told["from"]["id"] == bot.chat_of(lan)
    assert told["text"] == "@Bot Giao Ban /ketnoi 123456"
    assert bot.lost == []
    poll = await call.polls()
    assert await lan.says(group, "đã rõ", reply_to=digest)
    assert (await poll)[1]["result"]["message"]["text"] == "đã rõ"


async def test_a_longer_name_is_no_mention_of_a_shorter_one(
    api: ZaloApi, lan: Person, bot: Bot, group: Group
):
    longer = api.bot("Bot Giao Ban Tỉnh")
    group.add(longer)

    await lan.says(group, "@Bot Giao Ban Tỉnh xin chào")

    assert (bot.lost, longer.lost) == ([], ["@Bot Giao Ban Tỉnh xin chào"])


async def test_a_person_has_another_id_for_each_bot(api: ZaloApi, lan: Person, bot: Bot):
    other = api.bot("Bot Khác")

    assert api.person(lan.name) is lan
    assert bot.chat_of(lan) != other.chat_of(lan)
    assert bot.chat_of(lan) != bot.chat_of(api.person("Trần Văn Nam"))


async def test_other_kinds_of_messages_come_as_events_of_their_own(
    api: ZaloApi, call: Calls, lan: Person, bot: Bot
):
    api.grace = SOON
    acts = [
        lan.sends_photo(bot, "biểu đồ"),
        lan.sends_sticker(bot),
        lan.sends_voice(bot),
        lan.sends_unsupported(bot),
        lan.sends_unknown_event(bot),
    ]

    doing = [asyncio.create_task(act) for act in acts]
    await asyncio.sleep(0)
    events = [await call.result("getUpdates") for _ in doing]

    await asyncio.gather(*doing)
    kinds = ["image", "sticker", "voice", "unsupported", "poll"]
    assert [e["event_name"] for e in events] == [f"message.{k}.received" for k in kinds]
    usual = {"message_id", "date", "from", "chat"}
    assert [sorted(set(e["message"]) - usual) for e in events] == [
        ["caption", "photo_url"],
        ["sticker", "url"],
        ["voice_url"],
        [],
        ["poll"],
    ]
    async with call.session.get(events[0]["message"]["photo_url"]) as picture:
        assert (await picture.read()).startswith(b"\xff\xd8")


async def test_a_bot_that_echoes_hears_itself(api: ZaloApi, call: Calls, lan: Person):
    call.bot = bot = api.bot("Bot Vọng", echoes=True)
    chat = bot.meets(lan).id
    poll = await call.polls()

    sent = await call.sends(chat, "Đã nhận")

    echo = (await poll)[1]["result"]["message"]
    assert echo["from"] == {"id": bot.id, "display_name": "Bot Vọng", "is_bot": True}
    assert (echo["message_id"], echo["text"]) == (sent["message_id"], "Đã nhận")
    assert echo["chat"]["id"] == chat


async def test_an_event_can_come_twice(call: Calls, lan: Person, bot: Bot):
    poll = await call.polls()
    await lan.says(bot, "chào")
    first = await poll
    poll = await call.polls()

    assert await bot.hears_again()

    assert await poll == first
    assert len(lan.sees(bot)) == 1
