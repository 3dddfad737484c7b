"""The queue of a bot, and fetching from it (semantics 1 to 4)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from botapi import Bot, BotApi, Person

from .conftest import Calls, Library, held

OTHER = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is "
    "running"
)


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


@pytest.fixture
async def three(lan: Person, bot: Bot) -> list[str]:
    """Three messages that wait."""
    said = ["một", "hai", "ba"]
    for text in said:
        await lan.says(bot, text)
    return said


async def test_what_is_not_acknowledged_comes_again(call: Calls, three: list[str]):
    first = await call.updates()

    assert await call.updates(offset=-3) == first
    assert texts(first) == three


async def test_an_offset_acknowledges_all_below_it(call: Calls, three: list[str]):
    first = await call.updates()

    rest = await call.updates(offset=first[1]["update_id"])

    assert texts(rest) == three[1:]
    assert texts(await call.updates(offset=0)) == three[1:]


async def test_a_negative_offset_keeps_the_newest_only(call: Calls, three: list[str]):
    assert texts(await call.updates(offset=-2)) == three[1:]
    assert texts(await call.updates()) == three[1:]


async def test_a_limit_gives_the_oldest(call: Calls, three: list[str]):
    assert texts(await call.updates(limit=2)) == three[:2]


async def test_identifiers_grow_and_are_never_used_again(
    call: Calls, lan: Person, bot: Bot, three: list[str]
):
    ids = [update["update_id"] for update in await call.updates()]
    await call.result("deleteWebhook", drop_pending_updates=True)

    await lan.says(bot, "bốn")

    [update] = await call.updates(offset=0)
    assert ids == sorted(set(ids))
    assert update["update_id"] == ids[-1] + 1


async def test_a_poll_is_held_until_something_comes(call: Calls, lan: Person, bot: Bot):
    poll = await call.polls()
    assert not poll.done()

    await lan.says(bot, "chào")

    _, body = await poll
    assert texts(body["result"]) == ["chào"]


async def test_an_empty_poll_ends_after_its_time(call: Calls):
    assert await call.updates(timeout=1) == []


async def test_whoever_repeats_a_poll_at_once_gets_one_update(lan: Person):
    async with BotApi() as api, aiohttp.ClientSession() as session:
        bot = api.bot("giaoban_bot")
        call = Calls(session, api, bot)
        an = api.person("An")
        await an.says(bot, "một")
        await an.says(bot, "hai")

        assert texts(await call.updates()) == ["một", "hai"]
        assert texts(await call.updates()) == ["một"]


async def test_an_empty_poll_repeated_at_once_is_held(lan: Person):
    async with BotApi(hurry=4) as api, aiohttp.ClientSession() as session:
        call = Calls(session, api, api.bot("giaoban_bot"))
        loop = asyncio.get_running_loop()
        await call.updates()
        start = loop.time()

        await call.updates()

        assert loop.time() - start > 3 / 4 * 0.9


async def test_the_newer_poll_wins(call: Calls, lan: Person, bot: Bot):
    older = await call.polls()
    newer = await call.polls(offset=1)
    await lan.says(bot, "chào")

    (status, refusal), (_, body) = await older, await newer

    assert (status, refusal["description"]) == (409, OTHER)
    assert texts(body["result"]) == ["chào"]


async def test_a_second_conflict_comes_late(call: Calls):
    async with BotApi(hurry=5) as api:
        other = Calls(call.session, api, api.bot("giaoban_bot"))
        loop = asyncio.get_running_loop()
        polls = [await other.polls(offset=offset) for offset in range(2)]
        start = loop.time()
        last = await other.polls(offset=2)

        first, second = await polls[0], await polls[1]
        last.cancel()

        assert first[0] == second[0] == 409
        assert loop.time() - start > 3 / 5 * 0.9


async def test_a_message_is_kept_for_a_day_and_a_tap_for_150_seconds():
    now = datetime(2020, 4, 15, 15, 0, tzinfo=UTC)
    async with BotApi(now=lambda: now) as api, aiohttp.ClientSession() as session:
        bot, lan = api.bot("giaoban_bot"), api.person("Lan")
        call = Calls(session, api, bot)
        await lan.says(bot, "chào")
        keyboard = {"inline_keyboard": [[{"text": "Gửi", "callback_data": "x"}]]}
        await call.sends(lan, reply_markup=keyboard)
        await lan.taps(bot, "Gửi")

        assert len(await call.updates()) == 2
        now += timedelta(seconds=150)
        assert texts(await call.updates(offset=-9)) == ["chào"]
        now += timedelta(hours=24)
        assert await call.updates(offset=-8) == []


async def test_allowed_updates_count_when_an_update_is_made(call: Calls, lan: Person, bot: Bot):
    await lan.says(bot, "trước")
    await call.updates(allowed_updates=["callback_query"])
    await lan.says(bot, "sau")

    # A poll that names none leaves them as they are; an empty list is the default.
    assert texts(await call.updates(offset=-5)) == ["trước"]
    await call.updates(allowed_updates=[], offset=-6)
    await lan.says(bot, "lại")
    assert texts(await call.updates(offset=-7)) == ["trước", "lại"]


async def test_both_libraries_fetch_and_acknowledge(
    library: Library, lan: Person, bot: Bot, three: list[str]
):
    first = await library.bot.get_updates()
    rest = await library.bot.get_updates(offset=first[-1].update_id)

    assert [update.message.text for update in first] == three
    assert [update.message.text for update in rest] == three[2:]
    assert first[0].message.from_user.full_name == lan.name


async def test_both_libraries_know_a_conflict(library: Library, call: Calls):
    poll = asyncio.create_task(library.refused(library.bot.get_updates(timeout=20)))
    await held(call.api, 1 + len(call.api.calls))

    await call.updates()

    assert (await poll)[0] in {"TelegramConflictError", "Conflict"}
