"""Setting a webhook, and what is posted to it."""

import asyncio

import aiohttp
import pytest

from zaloapi import Bot, Person, ZaloApi

from .conftest import NOW_MS, Calls, Office

SECRET = "bi-mat-cua-tinh"  # noqa: S105


@pytest.fixture
async def hooked(api: ZaloApi, call: Calls, office: Office) -> None:
    await call.result("setWebhook", url=f"{api.base}/hook", secret_token=SECRET)
    office.bodies.clear()


async def test_a_webhook_is_probed_at_once_without_a_message(
    api: ZaloApi, call: Calls, office: Office
):
    url = f"{api.base}/hook"

    found = await call.result("setWebhook", url=url, secret_token=SECRET)

    assert found == {
        "url": url,
        "updated_at": NOW_MS,
        "verification": {"success": True, "status": 200},
    }
    assert office.secrets == [SECRET]
    assert "message" not in office.bodies[0]


async def test_the_address_is_kept_when_its_probe_fails(api: ZaloApi, call: Calls, office: Office):
    office.status = 403
    url = f"{api.base}/hook"

    found = await call.result("setWebhook", url=url, secret_token=SECRET)

    assert not found["verification"]["success"]
    assert await call.result("getWebhookInfo") == {"url": url, "updated_at": NOW_MS}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"url": "https://bot.example/hook"},
        {"url": "https://bot.example/hook", "secret_token": "1234567"},
        {"url": "https://bot.example/hook", "secret_token": "x" * 257},
        {"url": "http://bot.example/hook", "secret_token": SECRET},
        {"secret_token": SECRET},
    ],
)
async def test_a_webhook_needs_a_safe_address_and_a_secret(call: Calls, given: dict[str, str]):
    assert await call.error("setWebhook", **given) == 400
    assert await call.error("getWebhookInfo") == 404


async def test_a_strict_server_refuses_addresses_of_this_machine():
    async with ZaloApi(loopback_webhooks=False) as api, aiohttp.ClientSession() as session:
        call = Calls(session, api, api.bot("Bot Giao Ban"))

        assert await call.error("setWebhook", url=f"{api.base}/hook", secret_token=SECRET) == 400


@pytest.mark.parametrize(
    ("shape", "wrapped"),
    [("flat", [False, False]), ("wrapped", [True, True]), ("both", [False, True])],
)
async def test_bodies_come_in_the_shape_of_the_bot(
    api: ZaloApi, call: Calls, lan: Person, office: Office, shape: str, wrapped: list[bool]
):
    call.bot = bot = api.bot("Bot Hai Dạng", shape=shape)
    await call.result("setWebhook", url=f"{api.base}/hook", secret_token=SECRET)
    office.bodies.clear()

    assert await lan.says(bot, "một")
    assert await lan.says(bot, "hai")

    assert [body.get("ok", False) for body in office.bodies] == wrapped
    events = [body.get("result", body) for body in office.bodies]
    assert [event["message"]["text"] for event in events] == ["một", "hai"]


async def test_what_a_webhook_refuses_is_lost(lan: Person, bot: Bot, office: Office, hooked: None):
    office.status = 500

    heard = await lan.says(bot, "chào")

    assert not heard
    assert len(office.bodies) == 1
    assert (bot.lost, bot.answers) == (["chào"], [500])


async def test_what_nobody_takes_is_lost(api: ZaloApi, call: Calls, lan: Person, bot: Bot):
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        url = f"http://127.0.0.1:{port}/hook"
        await call.result("setWebhook", url=url, secret_token=SECRET)

        assert not await lan.says(bot, "chào")

    assert bot.answers == [0]


async def test_a_deleted_webhook_lets_the_bot_poll_again(
    call: Calls, lan: Person, bot: Bot, hooked: None
):
    assert await call.result("deleteWebhook") == {"url": "", "updated_at": NOW_MS}
    assert await call.result("getWebhookInfo") == {"url": "", "updated_at": NOW_MS}
    poll = await call.polls()

    assert await lan.says(bot, "chào")

    assert (await poll)[1]["result"]["message"]["text"] == "chào"
