"""Updates pushed to a bot (semantics 5)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from botapi import Bot, BotApi, Person
from botapi.bell import Bell

from .conftest import Calls

WORD = "Bi-mat_1"
Reply = Callable[[dict[str, Any]], Awaitable[web.StreamResponse]]


@dataclass
class House:
    """A bot's own web server: what came in, and how it answers."""

    url: str = ""
    came: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    reply: Reply | None = None
    bell: Bell = field(default_factory=Bell)

    async def receive(self, request: web.Request) -> web.StreamResponse:
        update = await request.json()
        self.came.append(update)
        self.headers.append(dict(request.headers))
        self.bell.ring()
        return await self.reply(update) if self.reply else web.Response()

    async def got(self, count: int) -> list[str]:
        """The texts that came, once there are so many."""
        await self.bell.until(lambda: len(self.came) >= count, 5)
        return [update["message"]["text"] for update in self.came]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    app = web.Application()
    app.add_routes([web.post("/hook", made.receive)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


async def state_when(call: Calls, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The webhook's state as soon as it is as wanted."""
    for _ in range(500):
        if reached(state := await call.result("getWebhookInfo")):
            return dict(state)
        await asyncio.sleep(0.01)
    raise TimeoutError(state)


def nothing_waits(state: dict[str, Any]) -> bool:
    return not state["pending_update_count"]


def failing(times: int, status: int = 500, **headers: str) -> Reply:
    """A house that fails so often, and then accepts."""
    left = times

    async def reply(_: dict[str, Any]) -> web.Response:
        nonlocal left
        left -= 1
        return web.Response(status=status, headers=headers) if left >= 0 else web.Response()

    return reply


async def test_updates_are_pushed_with_the_secret(call: Calls, house: House, lan: Person, bot: Bot):
    await lan.says(bot, "trước")
    status, body = await call("setWebhook", url=house.url, secret_token=WORD)
    await lan.says(bot, "sau")

    assert await house.got(2) == ["trước", "sau"]
    assert (status, body["description"]) == (200, "Webhook was set")
    assert house.headers[0]["X-Telegram-Bot-Api-Secret-Token"] == WORD
    assert (await state_when(call, nothing_waits))["url"] == house.url


async def test_what_is_not_accepted_is_pushed_again(
    call: Calls, house: House, lan: Person, bot: Bot
):
    house.reply = failing(3)
    await call.result("setWebhook", url=house.url)

    await lan.says(bot, "chào")

    assert await house.got(4) == ["chào"] * 4
    assert len({update["update_id"] for update in house.came}) == 1
    state = await state_when(call, nothing_waits)
    assert state["last_error_message"] == (
        "Wrong response from the webhook: 500 Internal Server Error"
    )


async def test_one_chat_waits_for_its_first_update_and_others_do_not(
    call: Calls, api: BotApi, house: House, lan: Person, bot: Bot
):
    held = asyncio.Event()

    async def reply(update: dict[str, Any]) -> web.Response:
        if update["message"]["text"] == "một":
            await held.wait()
        return web.Response()

    house.reply = reply
    await call.result("setWebhook", url=house.url)
    await lan.says(bot, "một")
    await lan.says(bot, "hai")
    await api.person("An").says(bot, "của An")

    before = await house.got(2)
    held.set()

    assert before == ["một", "của An"]
    assert await house.got(3) == ["một", "của An", "hai"]


async def test_at_most_so_many_connections_are_used(
    call: Calls, api: BotApi, house: House, bot: Bot
):
    inside: list[str] = []
    most = 0

    async def reply(update: dict[str, Any]) -> web.Response:
        nonlocal most
        inside.append(update["message"]["text"])
        most = max(most, len(inside))
        await asyncio.sleep(0.01)
        inside.pop()
        return web.Response()

    house.reply = reply
    await call.result("setWebhook", url=house.url, max_connections=2)
    for number in range(8):
        await api.person(f"Người {number}").says(bot, "chào")

    await house.got(8)
    assert most == 2


async def test_retry_after_is_honoured(call: Calls, house: House, lan: Person, bot: Bot):
    house.reply = failing(1, 503, **{"Retry-After": "30"})
    await call.result("setWebhook", url=house.url)
    loop = asyncio.get_running_loop()
    start = loop.time()

    await lan.says(bot, "chào")
    await house.got(2)

    assert loop.time() - start > 30 / 100 * 0.9


async def test_an_update_that_is_too_old_is_dropped(house: House):
    now = datetime(2020, 4, 15, 15, 0, tzinfo=UTC)
    house.reply = failing(99)
    async with BotApi(now=lambda: now, hurry=100) as api, aiohttp.ClientSession() as session:
        bot, lan = api.bot("giaoban_bot"), api.person("Lan")
        call = Calls(session, api, bot)
        await call.result("setWebhook", url=house.url)
        await lan.says(bot, "chào")
        await house.got(1)

        now += timedelta(hours=24)

        assert (await state_when(call, nothing_waits))["pending_update_count"] == 0


@pytest.mark.parametrize("form", ["json", "multipart"])
async def test_a_call_in_the_answer_is_carried_out(
    call: Calls, house: House, lan: Person, bot: Bot, form: str
):
    given = {"method": "sendMessage", "chat_id": str(lan.id), "text": "Đã nhận"}

    async def reply(_: dict[str, Any]) -> web.Response:
        if form == "json":
            return web.json_response(given)
        writer = aiohttp.MultipartWriter("form-data")
        for name, value in given.items():
            writer.append(value).set_content_disposition("form-data", name=name)
        return web.Response(body=writer)

    house.reply = reply
    await call.result("setWebhook", url=house.url)

    await lan.says(bot, "báo cáo")

    assert (await lan.sees_next(bot)).text == "Đã nhận"


@pytest.mark.parametrize("body", ["{", "[]", "\xff"])
async def test_an_answer_that_is_no_call_is_only_an_answer(
    call: Calls, house: House, lan: Person, bot: Bot, body: str
):
    async def reply(_: dict[str, Any]) -> web.Response:
        return web.Response(body=body.encode("latin-1"), content_type="application/json")

    house.reply = reply
    await call.result("setWebhook", url=house.url)
    await lan.says(bot, "một")
    await lan.says(bot, "hai")

    assert await house.got(2) == ["một", "hai"]


async def test_only_what_is_allowed_is_pushed(call: Calls, house: House, lan: Person, bot: Bot):
    await call.result("setWebhook", url=house.url, allowed_updates=["message"])
    said = await lan.says(bot, "cũ")
    await lan.edits(said, "mới")
    await lan.says(bot, "hai")

    assert await house.got(2) == ["cũ", "hai"]
    assert (await call.result("getWebhookInfo"))["allowed_updates"] == ["message"]


async def test_a_second_setting_within_a_second_is_refused(call: Calls, house: House):
    await call.result("setWebhook", url=house.url)

    _, same = await call("setWebhook", url=house.url)
    refusal = await call.error("setWebhook", url=house.url, max_connections=1)

    assert same["description"] == "Webhook is already set"
    assert refusal == (429, "Too Many Requests: retry after 1")


async def test_who_polls_while_a_webhook_is_set_is_refused(call: Calls, house: House):
    await call.result("setWebhook", url=house.url)

    code, text = await call.error("getUpdates")
    assert code == 409
    assert text == (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to "
        "delete the webhook first"
    )


async def test_setting_a_webhook_ends_the_poll(call: Calls, house: House):
    poll = await call.polls()

    await call.result("setWebhook", url=house.url)

    status, body = await poll
    assert (status, body["description"]) == (409, "Conflict: terminated by setWebhook request")


async def test_without_the_webhook_one_polls_again(
    call: Calls, house: House, lan: Person, bot: Bot
):
    house.reply = failing(99)
    await call.result("setWebhook", url=house.url)
    await lan.says(bot, "một")
    await house.got(1)

    _, body = await call("deleteWebhook")
    _, again = await call("deleteWebhook")

    assert body["description"] == "Webhook was deleted"
    assert again["description"] == "Webhook is already deleted"
    assert [u["message"]["text"] for u in await call.updates()] == ["một"]
    assert (await call.result("getWebhookInfo"))["url"] == ""


async def test_what_waits_can_be_dropped(call: Calls, lan: Person, bot: Bot):
    await lan.says(bot, "một")

    await call.result("deleteWebhook", drop_pending_updates=True)

    assert await call.updates() == []


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"url": "ftp://x"}, "bad webhook: invalid URL specified"),
        ({"url": "http://x", "secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"url": "http://x", "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
async def test_a_wrong_webhook_is_refused(call: Calls, given: dict[str, str], wrong: str):
    assert await call.error("setWebhook", **given) == (400, f"Bad Request: {wrong}")


async def test_nobody_at_home_is_told(call: Calls, lan: Person, bot: Bot):
    await call.result("setWebhook", url="http://127.0.0.1:9/hook")
    await lan.says(bot, "chào")

    state = await state_when(call, lambda state: "last_error_message" in state)

    assert (state["last_error_message"], state["pending_update_count"]) == ("Connection refused", 1)
