"""Flood control (semantics 6 and 7): windows, bans, and what is too much at once."""

import asyncio

import aiohttp
import pytest

from botapi import STRICT, BotApi, Fault, Limits, Person, Rule

from .conftest import Calls, Library

FLOOD = "Too Many Requests: retry after {}"


async def line(
    session: aiohttp.ClientSession, api: BotApi, *, people: int = 1
) -> tuple[Calls, list[Person]]:
    """A bot and people who have started it."""
    bot = api.bot("giaoban_bot")
    started = [api.person(f"Người {number}") for number in range(people)]
    for person in started:
        await person.opens(bot.link(""))
    return Calls(session, api, bot), started


async def test_what_is_too_much_in_a_chat_is_refused_with_the_time_to_wait(call: Calls):
    async with BotApi(limits=Limits(chat=Rule(2, seconds=5, ban=30))) as api:
        to, [lan] = await line(call.session, api)
        await to.sends(lan)
        await to.sends(lan)

        url = f"{api.base}/bot{to.bot.token}/sendMessage"
        async with call.session.post(url, json={"chat_id": lan.id, "text": "x"}) as response:
            header, body = response.headers["Retry-After"], await response.json()

        assert header == "30"
        assert body == {
            "ok": False,
            "error_code": 429,
            "description": FLOOD.format(30),
            "parameters": {"retry_after": 30},
        }


async def test_whoever_sends_during_a_ban_is_refused_again_and_counted(call: Calls):
    async with BotApi(limits=Limits(chat=Rule(1, seconds=0.1, ban=30))) as api:
        to, [lan] = await line(call.session, api)
        await to.sends(lan)
        for _ in range(3):
            await to.error("sendMessage", chat_id=lan.id, text="x")

        assert api.counts("429") == 3
        assert api.counts("429", during_ban=True) == 2
        assert api.counts(200, method="sendMessage") == 1


async def test_a_chat_s_ban_leaves_others_alone_and_an_overall_one_does_not(call: Calls):
    async with BotApi(limits=Limits(chat=Rule(1, 60, ban=60), overall=Rule(3, 60, ban=9))) as api:
        to, [lan, an, binh, chi] = await line(call.session, api, people=4)
        await to.sends(lan)
        assert await to.error("sendMessage", chat_id=lan.id, text="x") == (429, FLOOD.format(60))

        await to.sends(an)
        await to.sends(binh)

        assert await to.error("sendMessage", chat_id=chi.id, text="x") == (429, FLOOD.format(9))


async def test_a_group_and_edits_in_it_have_their_own_window(call: Calls):
    async with BotApi(limits=Limits(group=Rule(2, seconds=60, ban=10))) as api:
        to, [lan] = await line(call.session, api)
        group = api.group("Ban chỉ đạo", owner=lan)
        await lan.adds(to.bot, group)
        message = await to.sends(group)
        same = {"chat_id": group.id, "message_id": message}
        await to.result("editMessageText", text="mới", **same)

        refusal = await to.error("editMessageText", text="mới nữa", **same)

        assert refusal == (429, FLOOD.format(10))


async def test_a_long_text_counts_for_more(call: Calls):
    async with BotApi(limits=Limits(chat=Rule(2, seconds=60, ban=3), long_counts=2)) as api:
        to, [lan, an] = await line(call.session, api, people=2)
        await to.sends(lan, "x" * 500)
        await to.sends(lan, "x")
        await to.sends(an, "x" * 501)

        assert await to.error("sendMessage", chat_id=an.id, text="x") == (429, FLOOD.format(3))


async def test_answers_to_taps_and_questions_are_not_counted(call: Calls):
    async with BotApi(limits=Limits(overall=Rule(1, seconds=60, ban=9))) as api:
        to, [lan] = await line(call.session, api)
        for _ in range(5):
            await to.result("getChat", chat_id=lan.id)

        await to.sends(lan)


async def test_the_window_slides(call: Calls):
    async with BotApi(limits=Limits(overall=Rule(3, seconds=0.2, ban=9))) as api:
        to, [lan] = await line(call.session, api)
        for _ in range(3):
            await to.sends(lan)
        await asyncio.sleep(0.25)

        for _ in range(3):
            await to.sends(lan)

        assert api.counts("429") == 0


async def test_too_much_under_way_in_one_chat_is_held_and_refused(call: Calls):
    async with BotApi(latency=0.2, limits=Limits(unsent=2), hurry=100) as api:
        to, [lan, an] = await line(call.session, api, people=2)
        chats = [lan, lan, lan, an]

        answers = await asyncio.gather(
            *(to("sendMessage", chat_id=person.id, text="x") for person in chats)
        )

        assert sorted(status for status, _ in answers) == [200, 200, 200, 429]
        assert [call.error for call in api.calls if call.error] == [FLOOD.format(60)]


async def test_uploads_of_one_size_are_spaced(call: Calls):
    async with BotApi(hurry=5) as api:
        to, [lan] = await line(call.session, api)
        loop = asyncio.get_running_loop()
        start = loop.time()

        for _ in range(3):
            form = aiohttp.FormData({"chat_id": str(lan.id)})
            form.add_field("document", bytes(100_001), filename="a.pdf")
            url = f"{api.base}/bot{to.bot.token}/sendDocument"
            async with call.session.post(url, data=form) as response:
                assert response.status == 200

        assert loop.time() - start > 2 * 0.5 / 5 * 0.9


async def test_both_libraries_read_the_time_to_wait(
    library: Library, call: Calls, api: BotApi, lan: Person
):
    await lan.opens(call.bot.link(""))
    api.fails("sendMessage", with_=Fault.flood(17))

    refusal = await library.refused(library.bot.send_message(lan.id, "x"))

    assert refusal[0] in {"TelegramRetryAfter", "RetryAfter"}
    assert refusal[1] == 17


@pytest.mark.parametrize("rule", [STRICT.chat, STRICT.group, STRICT.overall])
def test_the_strict_rules_have_room_for_a_long_text(rule: Rule):
    assert rule.count >= STRICT.long_counts
