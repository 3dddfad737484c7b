"""What goes wrong on purpose, and the record of it."""

import asyncio

import aiohttp
import pytest

from zaloapi import Bot, Call, Fault, Person, ZaloApi

from .conftest import NOW, SOON, Calls, until


@pytest.mark.parametrize(
    ("fault", "there"),
    [
        (Fault("reset"), []),
        (Fault("reset", carried_out=True), ["x"]),
        (Fault("lost"), ["x"]),
        (Fault("held", wait=0.01, then="reset"), []),
        (Fault("held", carried_out=True, wait=0.01, then="reset"), ["x"]),
        (Fault("garbage"), []),
        (Fault("garbage", carried_out=True), ["x"]),
    ],
)
async def test_an_answer_that_is_no_use_tells_nothing_of_the_message(
    call: Calls, api: ZaloApi, lan: Person, bot: Bot, chat: str, fault: Fault, there: list[str]
):
    api.fails("sendMessage", with_=fault)

    with pytest.raises((aiohttp.ClientError, ValueError)):
        await call("sendMessage", chat_id=chat, text="x")

    assert [seen.text for seen in lan.sees(bot)] == there
    assert api.calls[-1].done is bool(there)
    assert api.calls[-1].fault == fault.kind


@pytest.mark.parametrize("status", [502, 504])
async def test_what_stands_before_zalo_answers_in_html(
    call: Calls, api: ZaloApi, chat: str, status: int
):
    api.fails(with_=Fault(str(status)))

    async with call.session.post(f"{api.base}/bot{call.bot.token}/getMe") as response:
        assert (response.status, response.content_type) == (status, "text/html")
    assert api.calls[-1].status == status


@pytest.mark.parametrize(("http", "status"), [(None, 200), (403, 403)])
async def test_an_error_is_told_with_its_words(
    call: Calls, api: ZaloApi, chat: str, http: int | None, status: int
):
    fault = Fault("error", error_code=403, description="Internal server error", status=http)
    api.fails("sendMessage", with_=fault)

    assert await call("sendMessage", chat_id=chat, text="x") == (
        status,
        {"ok": False, "error_code": 403, "description": "Internal server error"},
    )


@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_held_call_is_answered_when_it_is_released(
    call: Calls, api: ZaloApi, lan: Person, bot: Bot, chat: str, carried_out: bool
):
    api.fails("sendMessage", with_=Fault("held", carried_out=carried_out, wait=SOON * 10))
    held = asyncio.create_task(call("sendMessage", chat_id=chat, text="x"))
    await until(lambda: api.calls and api.calls[-1].fault)
    before = len(lan.sees(bot))

    api.releases()

    assert (await held)[1]["ok"]
    assert (before, len(lan.sees(bot))) == (int(carried_out), 1)


async def test_a_fault_strikes_where_and_as_often_as_said(call: Calls, api: ZaloApi, chat: str):
    api.fails(
        "sendMessage",
        with_=Fault("error", error_code=403),
        where=lambda fields: fields["text"].startswith("x"),
        after=1,
        times=2,
    )

    texts = ["a", "x1", "x2", "a", "x3", "x4"]
    answers = [(await call("sendMessage", chat_id=chat, text=text))[1]["ok"] for text in texts]

    assert answers == [True, True, False, True, False, True]


async def test_while_zalo_is_down_all_is_answered_with_502(
    call: Calls, api: ZaloApi, lan: Person, bot: Bot
):
    url = f"{api.base}/bot{bot.token}/getUpdates"
    poll = asyncio.create_task(call.session.post(url, json={"timeout": 3000}))
    await bot.listens()

    api.down(True)

    assert (await poll).status == 502
    assert (await call.session.post(url)).status == 502
    assert not await lan.says(bot, "chào")
    api.down(False)
    await call.result("getMe")


async def test_calls_are_on_record_and_told_when_they_end(call: Calls, api: ZaloApi, chat: str):
    told: list[Call] = []
    api.tells(told.append)

    await call.sends(chat, "chào")
    await call.error("sendMessage", chat_id="ai", text="chào")

    assert told == api.calls
    assert [(c.method, c.status, c.error_code, c.done) for c in told] == [
        ("sendMessage", 200, 0, True),
        ("sendMessage", 200, 400, False),
    ]
    assert (told[0].bot_number, told[0].time) == (call.bot.number, NOW)
    assert told[0].fields == {"chat_id": chat, "text": "chào"}
    assert api.counts(method="sendMessage") == 2
    assert api.counts(error_code=400) == 1


async def test_a_server_that_ends_lets_go_of_all_who_wait():
    async with aiohttp.ClientSession() as session:
        async with ZaloApi(grace=SOON * 10) as api:
            api.fails("getMe", with_=Fault("held", wait=SOON * 10))
            bots = [api.bot(f"Bot {n}") for n in range(3)]
            calls = [Calls(session, api, bot) for bot in bots]
            waiting = [
                asyncio.create_task(api.person("Lan").says(bots[0], "chào")),
                asyncio.create_task(calls[1]("getMe")),
                asyncio.create_task(calls[2]("getUpdates", timeout=3000)),
            ]
            await until(lambda: len(api.calls) == 2 and bots[2].polling)

        async with asyncio.timeout(SOON):
            said, *broken = await asyncio.gather(*waiting, return_exceptions=True)

    assert said is False
    assert [isinstance(error, aiohttp.ClientError) for error in broken] == [True, True]
