"""A Zalo bot over real HTTP against the stand-in: the contract, the start, polling and webhook."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, web
from contract import PROMISES, SOON, Desk, listening, outbound, until
from ports import free_port
from zaloapi import Fault
from zalos import (
    HURRIED,
    SECRET,
    WAYS,
    Somebody,
    heard,
    levels,
    office,
    told,
    words,
)

from bot.channels.website import WebSite
from bot.core.messaging import ChannelClosed

ELSEWHERE = "https://cu.example.vn/hook/bi-mat"


@WAYS
@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
async def test_a_zalo_bot_keeps_the_promise_that(promise, webhook):
    async with office(webhook=webhook) as here:
        await promise(here.channel, Somebody(here))


@pytest.mark.parametrize("shape", ["wrapped", "both"])
@pytest.mark.parametrize("promise", PROMISES[:5], ids=lambda promise: promise.__name__)
async def test_whatever_shape_its_posts_have_it_keeps_the_promise_that(promise, shape):
    async with office(webhook=True, shape=shape) as here:
        await promise(here.channel, Somebody(here))


@WAYS
async def test_zalo_never_repeats_so_the_bot_tries_until_it_is_kept(webhook, caplog):
    desk = Desk(failures=3)

    async with office(webhook=webhook) as here, listening(here.channel, desk.receive):
        await here.listens()
        await heard(here, lambda: here.lan.says(here.bot, "Điện thoại 0912345678"))

    assert words(desk.arrived) == ["Điện thoại 0912345678"] * 4
    assert len({inbound.update_id for inbound in desk.arrived}) == 1
    assert levels(caplog) == [logging.ERROR, logging.WARNING]
    assert "0912345678" not in caplog.text


async def test_what_zalo_no_longer_waits_for_is_kept_all_the_same():
    desk = Desk()
    desk.open.clear()

    async with office(webhook=True) as here, listening(here.channel, desk.receive):
        await here.listens()
        saying = asyncio.create_task(here.lan.says(here.bot, "Không phát sinh"))
        await until(lambda: desk.batches)
        saying.cancel()
        with suppress(asyncio.CancelledError):
            await saying
        desk.open.set()
        await Somebody(here).say("sau")

    assert words(desk.arrived) == ["Không phát sinh", "sau"]


# --- polling


@pytest.mark.parametrize("result", [[], {}, None, "", 7, [[]], [None], [{}]])
async def test_an_empty_result_is_nothing_new(result, caplog):
    desk = Desk()

    async with office() as here, listening(here.channel, desk.receive):
        for _ in range(3):
            await heard(here, lambda: here.bot.hears(result))
        await Somebody(here).say("sau")

    assert words(desk.arrived) == ["sau"]
    assert levels(caplog) == []


async def test_an_update_in_a_list_is_as_good_as_a_bare_one():
    desk = Desk()

    async with office() as here, listening(here.channel, desk.receive):
        await Somebody(here).say("một")
        given = [call.event.json for call in here.api.calls if call.event]
        await heard(here, lambda: here.bot.hears(given))

    first, again = desk.arrived
    assert again == first


async def test_the_bot_never_asks_twice_at_a_time():
    async with office() as here, listening(here.channel, Desk().receive):
        for n in range(10):
            await Somebody(here).say(f"Tin {n}")
            await here.channel.send(outbound(here.channel, here.chat))

    assert here.api.overlaps == 0


@pytest.mark.parametrize("matching_status", [False, True])
async def test_nothing_new_is_no_fault(matching_status, caplog):
    async with (
        office(matching_status=matching_status, hurry=3000) as here,
        listening(here.channel, Desk().receive),
    ):
        await until(lambda: here.api.counts(method="getUpdates", error_code=408) > 3)

    assert levels(caplog) == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault("error", error_code=401),
        Fault("error", error_code=403),
        Fault("error", error_code=404),
        Fault("error", error_code=429),
        Fault("error", error_code=500),
        Fault("502"),
        Fault("504"),
        Fault("garbage"),
        Fault("reset"),
    ],
    ids=lambda fault: f"{fault.kind} {fault.error_code}",
)
async def test_a_poll_that_fails_is_told_once_and_the_bot_goes_on(fault, caplog):
    desk = Desk()

    async with office() as here, listening(here.channel, desk.receive):
        await here.listens()
        here.api.fails("getUpdates", with_=fault, times=3)
        await Somebody(here).say("sau")

    assert words(desk.arrived) == ["sau"]
    assert levels(caplog) == [logging.ERROR, logging.WARNING]
    assert here.bot.token not in told(None, caplog)


async def test_a_zalo_that_is_down_for_a_while_loses_no_one_who_says_it_again(caplog):
    desk = Desk()

    async with office() as here, listening(here.channel, desk.receive):
        await here.listens()
        here.api.down(True)
        saying = asyncio.create_task(Somebody(here).say("Không phát sinh"))
        await until(lambda: levels(caplog))
        here.api.down(False)
        await saying

    assert words(desk.arrived) == ["Không phát sinh"]
    assert levels(caplog) == [logging.ERROR, logging.WARNING]


async def test_a_poll_that_is_never_answered_is_given_up(caplog):
    desk = Desk()
    hasty = replace(HURRIED, first_poll=0, late=0.1)

    async with office(patience=hasty) as here:
        here.api.fails("getUpdates", with_=Fault("held", wait=600))
        async with listening(here.channel, desk.receive):
            await Somebody(here).say("một")

    assert words(desk.arrived) == ["một"]
    assert levels(caplog) == [logging.ERROR, logging.WARNING]


# --- the start


async def test_a_bot_that_never_had_a_webhook_just_asks():
    async with office() as here, listening(here.channel, Desk().receive):
        await here.listens()

    assert here.api.counts(method="getWebhookInfo", error_code=404) == 1
    assert here.calls("deleteWebhook") == here.calls("setWebhook") == 0


async def test_the_title_tells_the_name_that_people_see():
    async with office() as here, listening(here.channel, Desk().receive):
        before = here.channel.title
        await here.listens()

    assert before == f"Zalo (bot {here.bot.number})"
    assert here.channel.title == "Zalo (Bot Giao Ban)"
    assert here.channel.name == f"zalo-{here.bot.number}"


@WAYS
@pytest.mark.parametrize("matching_status", [False, True])
async def test_a_wrong_token_stops_the_start_and_names_the_setting(
    webhook, matching_status, caplog
):
    wrong = "4711:sai-ma"
    async with office(webhook=webhook, token=wrong, matching_status=matching_status) as here:
        with pytest.raises(ChannelClosed) as closed:
            await asyncio.wait_for(here.channel.listen(Desk().receive), SOON)

    assert "zalo-4711" in str(closed.value)
    assert "[zalo] tokens" in str(closed.value)
    assert "sai-ma" not in told(closed.value, caplog)


@WAYS
async def test_a_webhook_of_somebody_else_stops_the_start_and_names_the_way_out(webhook):
    async with office(webhook=webhook) as here:
        here.bot.sets_webhook_elsewhere(ELSEWHERE)
        with pytest.raises(ChannelClosed) as closed:
            await asyncio.wait_for(here.channel.listen(Desk().receive), SOON)

    assert "cu.example.vn" in str(closed.value)
    assert "bi-mat" not in str(closed.value)
    assert "giaoban run --take-over" in str(closed.value)
    assert here.bot.webhook.url == ELSEWHERE


async def test_an_address_that_nobody_can_read_is_somebody_else_s_as_well():
    async with office() as here:
        here.bot.sets_webhook_elsewhere("http://[")
        with pytest.raises(ChannelClosed, match="--take-over"):
            await asyncio.wait_for(here.channel.listen(Desk().receive), SOON)


@WAYS
async def test_a_webhook_of_somebody_else_is_taken_over_when_told(webhook):
    desk = Desk()

    async with office(webhook=webhook, take_over=True) as here:
        here.bot.sets_webhook_elsewhere(ELSEWHERE)
        async with listening(here.channel, desk.receive):
            await until(lambda: here.bot.webhook.url != ELSEWHERE)
            await here.listens()
            await heard(here, lambda: here.lan.says(here.bot, "một"))

    assert here.bot.webhook.url == (here.url if webhook else "")
    assert words(desk.arrived) == ["một"]


async def test_the_bot_s_own_webhook_is_set_again_after_a_restart_with_its_secret():
    desk = Desk()

    async with office(webhook=True) as here:
        async with listening(here.channel, desk.receive):
            await here.listens()
        here.bot.sets_webhook_elsewhere(here.url)  # the same address with another secret
        async with listening(here.channel, desk.receive):
            await until(lambda: here.calls("setWebhook") == 2)
            await Somebody(here).say("sau")

    assert here.bot.webhook.secret == SECRET
    assert words(desk.arrived) == ["sau"]


@WAYS
@pytest.mark.parametrize("method", ["getMe", "getWebhookInfo"])
async def test_a_start_without_zalo_waits_until_there_is_one(webhook, method, caplog):
    desk = Desk()

    async with office(webhook=webhook) as here:
        for fault in (Fault("502"), Fault("reset"), Fault("garbage"), Fault("error")):
            here.api.fails(method, with_=fault)
        async with listening(here.channel, desk.receive):
            await Somebody(here).say("một")

    assert words(desk.arrived) == ["một"]
    assert levels(caplog) == [logging.ERROR, logging.WARNING]
    assert here.bot.token not in told(None, caplog)


@WAYS
async def test_an_outage_at_the_start_is_waited_out(webhook, caplog):
    desk = Desk()

    async with office(webhook=webhook) as here:
        here.api.down(True)
        async with listening(here.channel, desk.receive):
            await until(lambda: here.calls("getMe") > 3)
            here.api.down(False)
            await Somebody(here).say("một")

    assert words(desk.arrived) == ["một"]
    assert levels(caplog) == [logging.ERROR, logging.WARNING]


# --- webhook


async def test_a_webhook_that_zalo_cannot_reach_is_told_and_set_until_it_can(caplog):
    desk = Desk()
    outside = free_port()

    async with (
        office(webhook=True, outside=outside) as here,
        listening(here.channel, desk.receive),
    ):
        await until(lambda: here.calls("setWebhook") > 2)
        async with proxy(outside, here.url, here.port):
            await until(lambda: levels(caplog) == [logging.ERROR, logging.WARNING])
            set_so_often = here.calls("setWebhook")
            await Somebody(here).say("một")

    assert words(desk.arrived) == ["một"]
    assert here.calls("setWebhook") == set_so_often
    assert "127.0.0.1" in caplog.text
    assert "/zalo/1" not in caplog.text


@asynccontextmanager
async def proxy(outside: int, url: str, inside: int) -> AsyncIterator[None]:
    """What stands before the bot passes on what is posted outside."""

    async def passes_on(request: web.Request) -> web.Response:
        target = request.url.with_port(inside)
        headers = {"X-Bot-Api-Secret-Token": request.headers["X-Bot-Api-Secret-Token"]}
        async with (
            ClientSession() as session,
            session.post(target, data=await request.read(), headers=headers) as answer,
        ):
            return web.Response(status=answer.status)

    async with WebSite("127.0.0.1", outside).serving(urlsplit(url).path, passes_on):
        yield


STATED = {
    "message_id": "m1",
    "date": 1_790_000_000_123,
    "from": {"id": "lan", "display_name": "Lan", "is_bot": False},
    "chat": {"id": "lan", "chat_type": "PRIVATE"},
    "text": "Không phát sinh",
}
UPDATE = json.dumps({"event_name": "message.text.received", "message": STATED})


@pytest.mark.parametrize(
    ("body", "secret", "status", "arrived"),
    [
        (UPDATE, SECRET, 200, 1),
        (f'{{"ok": true, "result": {UPDATE}}}', SECRET, 200, 1),
        (UPDATE, None, 401, 0),
        (UPDATE, "", 401, 0),
        (UPDATE, SECRET + "x", 401, 0),
        (UPDATE, SECRET[:-1], 401, 0),
        (UPDATE, "bí mật", 401, 0),
        ("{", None, 401, 0),
        ("{", "wrong", 401, 0),
        (" " * 2_000_000, "wrong", 401, 0),
        ("{", SECRET, 400, 0),
        ("", SECRET, 400, 0),
        ("[" * 50_000, SECRET, 400, 0),
        ("9" * 5_000, SECRET, 400, 0),
        ("{}", SECRET, 200, 0),
        ("[1]", SECRET, 200, 0),
        ('{"event_name": "webhook.verification"}', SECRET, 200, 0),
        ('{"ok": true, "result": {}}', SECRET, 200, 0),
        (" " * 2_000_000, SECRET, 413, 0),
    ],
)
async def test_the_webhook_takes_updates_from_zalo_alone(body, secret, status, arrived):
    desk = Desk()

    async with (
        office(webhook=True) as here,
        ClientSession() as stranger,
        listening(here.channel, desk.receive),
    ):
        await here.listens()
        headers = {} if secret is None else {"X-Bot-Api-Secret-Token": secret}
        data = BytesIO(body.encode())
        async with stranger.post(here.url, data=data, headers=headers) as answer:
            assert answer.status == status

    assert len(desk.arrived) == arrived


async def test_a_body_that_is_no_text_is_refused():
    async with (
        office(webhook=True) as here,
        ClientSession() as zalo,
        listening(here.channel, Desk().receive),
    ):
        await here.listens()
        headers = {"X-Bot-Api-Secret-Token": SECRET}
        async with zalo.post(here.url, data=b"\xff\xfe{", headers=headers) as answer:
            assert answer.status == 400


async def test_an_address_that_zalo_refuses_stops_the_start_and_names_the_settings():
    async with office(webhook=True, loopback_webhooks=False) as here:
        with pytest.raises(ChannelClosed) as closed:
            await asyncio.wait_for(here.channel.listen(Desk().receive), SOON)

    assert "[web] public_url" in str(closed.value)
    assert SECRET not in str(closed.value)


async def test_a_port_that_is_taken_stops_the_start():
    with socket.create_server(("127.0.0.1", 0)) as other:
        async with office(webhook=True, port=other.getsockname()[1]) as here:
            with pytest.raises(OSError, match="address already in use"):
                await asyncio.wait_for(here.channel.listen(Desk().receive), SOON)

    assert here.calls("setWebhook") == 0
