"""What leaves through a Zalo bot: what people see of it, and each way in which it can fail."""

import asyncio
import logging
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from contract import Desk, listening, outbound, until
from ports import free_port
from zaloapi import Fault
from zalos import Office, levels, office, seen, told, words

from bot.channels.zalo_bot import ZaloBot
from bot.core.messaging import (
    ChannelBusy,
    FateUnknown,
    File,
    NotSetUp,
    Priority,
    SendError,
)
from bot.core.quota import Quota

SECRET_PART = "secret-that-nobody-may-read"  # noqa: S105
STATUSES = pytest.mark.parametrize("matching_status", [False, True], ids=["200", "matching"])


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    async with office() as opened:
        yield opened


async def sent(here: Office, text: str = "Đã nhận báo cáo.", **more) -> str:
    return await here.channel.send(outbound(here.channel, here.chat, text, **more))


async def fails(here: Office, text: str = "Đã nhận báo cáo.", **more) -> SendError:
    """The error in which a send ends."""
    with pytest.raises(SendError) as error:
        await sent(here, text, **more)
    return error.value


def sends(here: Office) -> int:
    return here.calls("sendMessage") + here.calls("sendPhoto")


async def test_a_text_is_plain_whatever_it_looks_like(here):
    said = "**Xã A** <b>&amp;</b> _x_ `y` [z](t.me) {red}đỏ{/red} # 1\n- 2\n@Lan"

    await sent(here, said)

    assert seen(here) == [(said, [])]
    assert set(here.api.calls[-1].fields) == {"chat_id", "text"}


async def test_a_decomposed_text_leaves_composed_and_is_measured_so(here):
    decomposed = unicodedata.normalize("NFD", "ệ" * 2000)

    await sent(here, decomposed)

    assert seen(here) == [("ệ" * 2000, [])]


@pytest.mark.parametrize("more", [{}, {"file_url": "https://anh.example/1.png"}])
async def test_a_text_that_is_too_long_is_not_even_tried(here, more):
    error = await fails(here, "👍" * 1000 + "x", **more)

    assert type(error) is SendError
    assert here.api.calls == []


async def test_every_message_has_an_id_of_its_own(here):
    ids = [await sent(here, str(n)) for n in range(3)]

    assert ids == [m.message_id for m in here.lan.sees(here.bot)]


async def test_a_post_reaches_the_group(here):
    group = here.group()

    await here.channel.send(outbound(here.channel, group.id, "Tổng hợp", in_group=True))

    assert [m.text for m in here.lan.sees(group)] == ["Tổng hợp"]


# --- pictures

PNG = b"\x89PNG\r\n"
PICTURE = File("a" * 64, "tong-hop-15-4.png", picture=True)


@pytest.mark.parametrize("caption", ["Tổng hợp <15/4>", ""])
async def test_a_picture_is_fetched_from_its_address_and_shown_with_its_caption(caption):
    async with office() as here:
        picture = await here.lan.sends_photo(here.bot, content=PNG)  # it lies on this machine
        [shown] = here.lan.sees(here.bot)
        message = {"file": PICTURE, "file_url": shown.photo, "priority": Priority.DIGEST}
        sent_id = await sent(here, unicodedata.normalize("NFD", caption), **message)

    assert not picture
    *_, got = here.lan.sees(here.bot)
    assert (got.message_id, got.text, got.picture) == (sent_id, caption, PNG)
    assert here.calls("sendMessage") == 0
    assert ("caption" in here.api.calls[-1].fields) is bool(caption)


async def test_a_picture_that_zalo_cannot_fetch_is_refused(here):
    error = await fails(here, file=PICTURE, file_url=f"{here.api.base}/photos/gone.jpg")

    assert type(error) is SendError
    assert seen(here) == []


# --- what Zalo refuses


@STATUSES
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, SendError),
        (401, NotSetUp),
        (403, ChannelBusy),
        (404, SendError),
        (408, FateUnknown),
        (426, SendError),
        (429, ChannelBusy),
        (499, SendError),
        (-1, SendError),
        (0, SendError),
        (500, FateUnknown),
        (503, FateUnknown),
    ],
)
async def test_each_code_has_its_end(code, kind, matching_status, caplog):
    async with office(matching_status=matching_status) as here:
        status = code if matching_status and code >= 400 else 200
        fault = Fault("error", error_code=code, status=status, description="Lan 0912345678")
        here.api.fails("sendMessage", with_=fault)
        error = await fails(here)

    assert type(error) is kind
    assert sends(here) == 1
    all_told = told(error, caplog)
    assert "0912345678" not in all_told
    assert here.bot.token not in all_told


@STATUSES
async def test_whom_nobody_has_met_cannot_be_written_to(matching_status):
    async with office(matching_status=matching_status) as here:
        with pytest.raises(SendError) as error:
            await here.channel.send(outbound(here.channel, "nobody"))

    assert type(error.value) is SendError


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"ok": False}, FateUnknown),
        (200, {"ok": True}, None),
        (200, {"ok": True, "result": []}, None),
        (200, {"ok": "true"}, FateUnknown),
        (200, [], FateUnknown),
        (302, {}, FateUnknown),
        (401, "<html>", NotSetUp),
        (403, "<html>", ChannelBusy),
        (429, "<html>", ChannelBusy),
        (500, {"ok": False}, FateUnknown),
        (500, {"ok": True, "result": {"message_id": "m1"}}, None),
        (502, {"ok": False, "error_code": 403}, ChannelBusy),
        (504, "<html>", FateUnknown),
    ],
)
async def test_the_body_decides_and_only_without_one_the_status(status, body, kind):
    async def answers(request: web.Request) -> web.Response:
        if isinstance(body, str):
            return web.Response(text=body, status=status, content_type="text/html")
        return web.json_response(body, status=status, headers={"Location": "/elsewhere"})

    async with standing_in(answers) as channel:
        if kind is None:
            assert await channel.send(outbound(channel, "lan")) in ("", "m1")
            return
        with pytest.raises(SendError) as error:
            await channel.send(outbound(channel, "lan"))

    assert type(error.value) is kind


async def test_asked_to_slow_down_again_and_again_the_month_must_be_used_up(here):
    here.bot.quota(1)
    await sent(here)

    errors = [await fails(here) for _ in range(6)]

    waits = [e.wait for e in errors if type(e) is ChannelBusy]
    assert waits == sorted(set(waits))
    assert waits[0] <= 10
    assert [type(e) for e in errors[len(waits) :]] == [NotSetUp] * (6 - len(waits))
    assert type(errors[-1]) is NotSetUp
    assert here.channel.name in str(errors[-1])
    assert "hết lượt tin" in str(errors[-1])


async def test_with_a_new_month_messages_leave_again_and_the_rest_is_forgotten(here):
    here.bot.quota(0)
    for _ in range(6):
        await fails(here)
    here.bot.quota(3000)

    await sent(here)
    here.bot.quota(0)
    error = await fails(here)

    assert type(error) is ChannelBusy


async def test_a_token_that_was_reset_is_told_once_and_names_what_to_do(here, caplog):
    here.bot.revoke_token()

    errors = [await fails(here) for _ in range(3)]

    assert [type(e) for e in errors] == [NotSetUp] * 3
    assert here.channel.name in str(errors[0])
    assert "Bot Creator" in str(errors[0])
    assert levels(caplog) == [logging.ERROR]


# --- what stays unclear


async def test_a_message_whose_answer_is_lost_is_delivered_once_and_its_fate_unknown(here):
    here.api.fails("sendMessage", with_=Fault("lost"))

    error = await fails(here)

    assert type(error) is FateUnknown
    assert seen(here) == [("Đã nhận báo cáo.", [])]
    assert sends(here) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault("lost"),
        Fault("reset"),
        Fault("502"),
        Fault("504"),
        Fault("garbage"),
        Fault("garbage", carried_out=True),
        Fault("error", error_code=408),
        Fault("error", error_code=500),
    ],
    ids=lambda fault: f"{fault.kind} {fault.error_code} {fault.carried_out}",
)
async def test_after_an_unclear_end_zalo_is_asked_who_the_bot_is_before_anything_is_risked(
    here, fault, caplog
):
    here.api.fails("sendMessage", with_=fault)
    error = await fails(here)
    here.api.fails("getMe", with_=Fault("502"))
    waiting = await fails(here, "hai")
    sent_while_away = sends(here)

    await sent(here, "ba")
    await sent(here, "bốn")

    assert type(error) is FateUnknown
    assert type(waiting) is ChannelBusy
    assert waiting.wait > 0
    assert sent_while_away == 1
    assert [call.method for call in here.api.calls[1:]] == [
        "getMe",
        "getMe",
        "sendMessage",
        "sendMessage",
    ]
    assert [text for text, _ in seen(here)][-2:] == ["ba", "bốn"]
    assert here.bot.token not in told(error, caplog) + told(waiting, caplog)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, ChannelBusy),
        (401, NotSetUp),
        (403, ChannelBusy),
        (404, ChannelBusy),
        (408, ChannelBusy),
        (429, ChannelBusy),
        (500, ChannelBusy),
    ],
)
async def test_what_zalo_says_of_the_question_is_no_end_of_the_message(here, code, kind):
    here.api.fails("sendMessage", with_=Fault("502"))
    await fails(here)
    here.api.fails("getMe", with_=Fault("error", error_code=code))

    assert type(await fails(here, "hai")) is kind

    await sent(here, "hai")
    assert seen(here) == [("hai", [])]


async def test_the_longer_zalo_is_away_the_longer_it_is_left_in_peace(here, caplog):
    here.api.down(True)
    await fails(here)

    waits = [(await fails(here)).wait for _ in range(4)]
    here.api.down(False)
    await sent(here)

    assert waits == sorted(set(waits))
    assert sends(here) == 2
    assert levels(caplog) == [logging.ERROR, logging.WARNING]


async def test_a_send_without_an_answer_is_given_up_and_its_fate_unknown():
    async with office(deadline=0.1) as here:
        here.api.fails("sendMessage", with_=Fault("held", wait=600))
        error = await fails(here)

    assert type(error) is FateUnknown


async def test_a_send_does_not_wait_for_a_poll_nor_a_poll_for_a_send():
    desk = Desk()

    async with office(hurry=1) as here, listening(here.channel, desk.receive):
        await here.channel.caught_up.wait()
        await here.listens()
        polls = here.calls("getUpdates")
        await sent(here)
        assert here.calls("getUpdates") == polls
        here.api.fails("sendMessage", with_=Fault("held", wait=600))
        sending = asyncio.create_task(sent(here, "hai"))
        await until(lambda: here.calls("sendMessage") == 2)
        assert await here.lan.says(here.bot, "một")
        await until(lambda: desk.arrived)
        here.api.releases()
        await sending

    assert words(desk.arrived) == ["một"]


# --- what never leaves


async def test_a_zalo_that_cannot_be_reached_makes_the_channel_busy(caplog):
    channel = bot_at(f"http://127.0.0.1:{free_port()}", f"4711:{SECRET_PART}")

    with pytest.raises(ChannelBusy) as first:
        await channel.send(outbound(channel, "lan"))
    with pytest.raises(ChannelBusy) as second:
        await channel.send(outbound(channel, "lan"))
    await channel.close()

    assert type(first.value) is ChannelBusy
    assert 0 < first.value.wait < second.value.wait
    assert levels(caplog) == [logging.ERROR]
    assert SECRET_PART not in told(second.value, caplog)


# --- the token


NOT_HTTP = [
    b"",
    b"\x00\x01\x02",
    b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
]


@pytest.mark.parametrize("answer", NOT_HTTP)
async def test_an_answer_that_is_no_http_leaves_the_fate_unknown_and_the_token_unsaid(
    answer, caplog
):
    caplog.set_level(logging.DEBUG)

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(answers, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        channel = bot_at(f"http://127.0.0.1:{port}", f"4711:{SECRET_PART}")
        with pytest.raises(FateUnknown) as error:
            await channel.send(outbound(channel, "lan"))
        with pytest.raises(ChannelBusy) as busy:
            await channel.send(outbound(channel, "lan"))
        await channel.close()

    assert SECRET_PART not in told(error.value, caplog) + told(busy.value, caplog)


@pytest.mark.parametrize("api_url", ["http://", "http://[", "http://khong-co.invalid"])
async def test_an_address_that_leads_nowhere_tells_no_token(api_url, caplog):
    caplog.set_level(logging.DEBUG)
    channel = bot_at(api_url, f"4711:{SECRET_PART}")

    with pytest.raises(ChannelBusy) as error:
        await channel.send(outbound(channel, "lan"))
    await channel.close()

    assert SECRET_PART not in told(error.value, caplog)
    assert SECRET_PART not in repr(vars(channel))


def bot_at(api_url: str, token: str) -> ZaloBot:
    return ZaloBot(token, api_url=api_url, quota=Quota(), deadline=10.0)


@asynccontextmanager
async def standing_in(answers) -> AsyncIterator[ZaloBot]:
    """A bot whose Zalo answers everything alike."""
    app = web.Application()
    app.router.add_post("/{any:.*}", answers)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    channel = bot_at(f"http://127.0.0.1:{runner.addresses[0][1]}", "4711:x")
    try:
        yield channel
    finally:
        await channel.close()
        await runner.cleanup()
