"""Telegram over real HTTP against the stand-in: the contract, and how updates come in."""

import asyncio
import json
import logging
from dataclasses import replace
from io import BytesIO

import pytest
from aiohttp import ClientSession
from botapi import Fault
from contract import A_MOMENT, PROMISES, SOON, Desk, listening, until
from ports import free_port
from telegrams import HURRIED, SECRET, Somebody, office, site_at, words

from bot.channels.telegram import TelegramChannel
from bot.core.messaging import ChannelClosed, Kind

WAYS = pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])


@WAYS
@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
async def test_telegram_keeps_the_promise_that(promise, webhook):
    async with office(webhook=webhook) as here:
        await promise(here.channel, Somebody(here))


@WAYS
async def test_a_hundred_people_at_once_are_few_batches_and_each_keeps_the_order(webhook):
    desk = Desk()

    async with office(webhook=webhook) as here, listening(here.channel, desk.receive):
        await until(lambda: here.calls("getUpdates") + here.calls("setWebhook"))
        for n in range(3):
            for person in range(33):
                await here.api.person(f"Người {person}").says(here.bot, f"Tin {n}")
        await until(lambda: here.answered)

    by_chat = {}
    for inbound in desk.arrived:
        by_chat.setdefault(inbound.chat, []).append(inbound.text)
    assert len(by_chat) == 33
    assert all(said == ["Tin 0", "Tin 1", "Tin 2"] for said in by_chat.values())
    assert len(desk.batches) < 40


@WAYS
async def test_what_was_kept_but_not_acknowledged_comes_again_after_a_crash(webhook):
    crashed, restarted = Desk(), Desk()
    crashed.open.clear()

    async with office(webhook=webhook) as here:
        async with listening(here.channel, crashed.receive):
            await here.lan.says(here.bot, "Không phát sinh")
            await until(lambda: crashed.batches)
        async with listening(here.channel, restarted.receive):
            await until(lambda: here.answered)

    assert restarted.arrived == crashed.arrived
    assert words(restarted.arrived) == ["Không phát sinh"]


@WAYS
async def test_it_has_caught_up_only_once_all_that_waited_is_durable(webhook):
    desk = Desk()
    desk.open.clear()

    async with office(webhook=webhook) as here:
        await here.lan.says(here.bot, "Không phát sinh")
        async with listening(here.channel, desk.receive):
            await until(lambda: desk.batches)
            early = here.channel.caught_up.is_set()
            desk.open.set()
            await asyncio.wait_for(here.channel.caught_up.wait(), SOON)

    assert not early
    assert words(desk.arrived) == ["Không phát sinh"]


@WAYS
async def test_a_full_disk_is_logged_once_and_once_more_when_it_is_over(webhook, caplog):
    desk = Desk(failures=3)

    async with office(webhook=webhook) as here, listening(here.channel, desk.receive):
        await here.lan.says(here.bot, "Điện thoại 0912345678")
        await until(lambda: here.answered)

    assert set(words(desk.arrived)) == {"Điện thoại 0912345678"}
    kept = [r.levelno for r in caplog.records if "could not be kept" in r.getMessage()]
    assert kept == [logging.ERROR, logging.WARNING]
    assert "0912345678" not in caplog.text


@WAYS
async def test_an_update_that_cannot_be_read_is_told_and_holds_nobody_up(webhook, caplog):
    desk = Desk()

    async with office(webhook=webhook) as here:
        here.bot.updates.push("message", {"message_id": 5, "text": "Bí mật"}, key="broken")
        await here.lan.says(here.bot, "sau")
        async with listening(here.channel, desk.receive):
            await until(lambda: here.answered)

    assert sorted((i.kind, i.text) for i in desk.arrived) == [
        (Kind.SAID, "sau"),
        (Kind.UNREADABLE, ""),
    ]
    assert len({i.update_id for i in desk.arrived}) == 2
    assert [r.levelno for r in caplog.records] == [logging.ERROR]
    assert "Bí mật" not in caplog.text


@WAYS
async def test_what_is_none_of_the_bot_s_business_is_acknowledged_and_kept_nowhere(webhook):
    desk = Desk()

    async with office(webhook=webhook) as here:
        group = here.group()
        await here.lan.adds(here.bot, group, admin=True)
        async with listening(here.channel, desk.receive):
            await here.lan.says(group, "Chiều nay họp nhé")
            await here.lan.says(group, "/tonghop@giaoban_bot 15/4")
            await until(lambda: here.answered)

    assert [(i.kind, i.text) for i in desk.arrived] == [
        (Kind.CAME, ""),
        (Kind.SAID, "/tonghop 15/4"),
    ]


@WAYS
async def test_only_the_updates_that_are_understood_are_asked_for(webhook):
    async with office(webhook=webhook) as here, listening(here.channel, Desk().receive):
        await until(lambda: here.calls("getUpdates") + here.calls("setWebhook"))
        await asyncio.sleep(A_MOMENT)

    assert here.bot.updates.allowed == {
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    }


async def test_a_restart_of_the_server_and_bad_answers_lose_nothing(caplog):
    desk = Desk()

    async with office() as here, listening(here.channel, desk.receive):
        for fault in (Fault.restart(), Fault.malformed(), Fault.reset_after(), Fault.frozen()):
            here.api.fails("getUpdates", with_=fault)
        await here.lan.says(here.bot, "một")
        await until(lambda: here.answered)
        await here.api.restarts(down=0.1)
        await here.lan.says(here.bot, "hai")
        await until(lambda: here.answered)

    assert sorted(set(words(desk.arrived))) == ["hai", "một"]
    levels = [r.levelno for r in caplog.records]
    assert levels == [logging.ERROR, logging.WARNING] * (len(levels) // 2)
    assert not any(record.exc_info for record in caplog.records)


async def test_telegram_is_not_called_before_the_time_it_asked_for():
    async with office() as here, listening(here.channel, Desk().receive):
        await until(lambda: here.calls("getUpdates"))
        here.api.fails("getUpdates", with_=Fault.flood(1))
        await here.lan.says(here.bot, "một")
        await until(lambda: here.api.counts("429"))
        [refused] = [call for call in here.api.calls if call.status == 429]
        await until(lambda: here.answered)

    following = here.api.calls[here.api.calls.index(refused) + 1]
    assert following.at - refused.at >= 1.0


async def test_without_a_network_the_start_waits_until_there_is_one():
    desk = Desk()

    async with office() as here:
        for method in ("getMe", "getWebhookInfo"):
            here.api.fails(method, with_=Fault.reset_before(), times=2)
        async with listening(here.channel, desk.receive):
            await Somebody(here).say("một")

    assert words(desk.arrived) == ["một"]


async def test_a_token_revoked_while_the_bot_runs_is_told_once_and_tried_again(caplog):
    async with office() as here, listening(here.channel, Desk().receive):
        await until(lambda: here.calls("getUpdates"))
        here.api.fails("getUpdates", with_=Fault.custom(401, "Unauthorized"), times=3)
        for text in ("một", "hai"):
            await Somebody(here).say(text)

    assert [r.levelno for r in caplog.records] == [logging.ERROR, logging.WARNING]
    assert "TelegramUnauthorizedError" in caplog.text


async def test_another_program_with_the_same_token_is_told_once_and_not_fought(caplog):
    desk = Desk()
    slow = replace(HURRIED, rival_rest=A_MOMENT * 2, longest_rival_rest=60.0)

    async with (
        office(patience=slow) as here,
        ClientSession() as rival,
        listening(here.channel, desk.receive),
    ):
        await until(lambda: here.calls("getUpdates"))
        async with rival.get(f"{here.api.base}/bot{here.bot.token}/getUpdates") as answer:
            assert answer.status == 200
        await until(lambda: caplog.records)
        asked = here.calls("getUpdates")
        await asyncio.sleep(A_MOMENT)
        assert here.calls("getUpdates") == asked
        await Somebody(here).say("một")

    [line] = [record.getMessage() for record in caplog.records]
    assert "Một chương trình khác đang nhận tin" in line
    assert "@giaoban_bot" in line
    assert words(desk.arrived) == ["một"]


async def test_a_webhook_left_by_somebody_stops_the_start_and_names_the_way_out():
    async with office() as here:
        await here.webhook_elsewhere("https://cu.example.vn/hook")
        with pytest.raises(ChannelClosed) as closed:
            await here.channel.listen(Desk().receive)

        assert "cu.example.vn" in str(closed.value)
        assert "giaoban run --take-over" in str(closed.value)
        assert here.api.webhook(here.bot).settings.url == "https://cu.example.vn/hook"


async def test_a_webhook_set_by_somebody_while_the_bot_runs_stops_it():
    async with office() as here:
        listens = asyncio.create_task(here.channel.listen(Desk().receive))
        await until(lambda: here.calls("getUpdates"))
        await here.webhook_elsewhere("https://cu.example.vn/hook")

        with pytest.raises(ChannelClosed, match=r"cu\.example\.vn"):
            await asyncio.wait_for(listens, SOON)


@WAYS
async def test_a_webhook_left_by_somebody_is_taken_over_when_told_with_all_that_waits(webhook):
    desk = Desk()

    async with office(webhook=webhook, take_over=True, hurry=1e6) as here:
        await here.webhook_elsewhere("http://127.0.0.1:9/hook")
        await here.lan.says(here.bot, "lúc chưa có ai nhận")
        async with listening(here.channel, desk.receive):
            await until(lambda: here.answered)

    assert words(desk.arrived) == ["lúc chưa có ai nhận"]


async def test_a_webhook_of_somebody_else_is_not_replaced_by_ours_unasked():
    async with office(webhook=True) as here:
        await here.webhook_elsewhere("https://cu.example.vn/hook")

        with pytest.raises(ChannelClosed, match="--take-over"):
            await here.channel.listen(Desk().receive)


async def test_the_webhook_stays_set_when_the_bot_stops():
    desk = Desk()

    async with office(webhook=True) as here:
        async with listening(here.channel, Desk().receive):
            await Somebody(here).say("một")
        await here.lan.says(here.bot, "khi bot nghỉ")
        assert here.api.webhook(here.bot).settings.url
        async with listening(here.channel, desk.receive):
            await until(lambda: here.answered)

    assert words(desk.arrived) == ["khi bot nghỉ"]


@pytest.mark.parametrize("token", ["123456:wrong-token-of-the-right-shape", "not a token", "12:"])
async def test_a_wrong_token_stops_the_start_and_names_the_key(token):
    async with office(token=token) as here:
        with pytest.raises(ChannelClosed) as closed:
            await here.channel.listen(Desk().receive)

    assert str(closed.value).startswith("Mã (token) của bot Telegram không đúng")
    assert "[telegram] token" in str(closed.value)
    assert token not in str(closed.value)


async def test_a_webhook_address_that_telegram_refuses_stops_the_start():
    async with office() as here:
        site = replace(site_at(free_port()), url="ftp://giaoban.example.vn")
        channel = TelegramChannel(here.bot.token, here.gateway, api_url=here.api.base, site=site)

        with pytest.raises(ChannelClosed, match="webhook"):
            await channel.listen(Desk().receive)


UPDATE = {
    "update_id": 77,
    "message": {
        "message_id": 1,
        "date": 1586937600,
        "chat": {"id": 5, "type": "private", "first_name": "Lan"},
        "from": {"id": 5, "is_bot": False, "first_name": "Lan"},
        "text": "Không phát sinh",
    },
}


@pytest.mark.parametrize(
    ("body", "secret", "status", "arrived"),
    [
        (json.dumps(UPDATE), SECRET, 200, 1),
        (json.dumps(UPDATE), "", 401, 0),
        (json.dumps(UPDATE), SECRET + "x", 401, 0),
        (json.dumps(UPDATE), "bí mật", 401, 0),
        ("{", "", 401, 0),
        ("{", SECRET, 400, 0),
        ("[" * 50_000, SECRET, 400, 0),
        ("[1]", SECRET, 400, 0),
        ("{}", SECRET, 400, 0),
        (json.dumps(UPDATE | {"update_id": "77"}), SECRET, 400, 0),
        (json.dumps({"update_id": 77, "message": 3}), SECRET, 200, 1),
        (json.dumps({"update_id": 77, "new_in_2030": {}}), SECRET, 200, 0),
        (" " * 2_000_000, SECRET, 413, 0),
    ],
)
async def test_the_webhook_takes_updates_from_telegram_alone(body, secret, status, arrived):
    desk = Desk()

    async with office() as here, ClientSession() as stranger:
        site = site_at(free_port())
        channel = TelegramChannel(here.bot.token, here.gateway, api_url=here.api.base, site=site)
        async with listening(channel, desk.receive):
            await until(lambda: here.calls("setWebhook"))
            headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
            async with stranger.post(
                site.url, data=BytesIO(body.encode()), headers=headers
            ) as response:
                assert response.status == status

    assert len(desk.arrived) == arrived


async def test_a_disk_that_stays_full_makes_telegram_wait_longer_each_time():
    desk = Desk(failures=3)

    async with office() as here, ClientSession() as telegram:
        site = site_at(free_port())
        channel = TelegramChannel(here.bot.token, here.gateway, api_url=here.api.base, site=site)
        async with listening(channel, desk.receive):
            await until(lambda: here.calls("setWebhook"))
            headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            answers = []
            for _ in range(4):
                async with telegram.post(site.url, json=UPDATE, headers=headers) as response:
                    answers.append((response.status, response.headers.get("Retry-After")))

    assert answers == [(503, "1"), (503, "2"), (503, "4"), (200, None)]


async def test_a_port_that_is_taken_stops_the_start():
    async with office(webhook=True) as here, listening(here.channel, Desk().receive):
        await until(lambda: here.calls("setWebhook"))

        with pytest.raises(OSError, match="address already in use"):
            await here.channel.listen(Desk().receive)
