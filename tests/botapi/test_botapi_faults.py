"""What goes wrong on purpose (semantics 13), and tokens and paths that are wrong by themselves."""

import asyncio
from typing import Any

import aiohttp
import pytest

from botapi import Bot, BotApi, Fault, Person

from .conftest import Calls, Library, held


@pytest.fixture(autouse=True)
async def started(lan: Person, bot: Bot) -> None:
    await lan.opens(bot.link("MOI"))


def arrived(lan: Person, bot: Bot) -> list[str]:
    return [seen.text for seen in lan.sees(bot) if not seen.from_me]


LOST = [
    (Fault.reset_before(), []),
    (Fault.reset_after(), ["x"]),
    (Fault.malformed(), ["x"]),
    (Fault.frozen(), []),
    (Fault.slow(30), ["x"]),
]


@pytest.mark.parametrize(("fault", "there"), LOST, ids=lambda value: getattr(value, "name", ""))
async def test_an_answer_that_is_lost_tells_nothing_of_the_message(
    call: Calls, api: BotApi, lan: Person, bot: Bot, fault: Fault, there: list[str]
):
    api.fails("sendMessage", with_=fault)

    with pytest.raises((aiohttp.ClientError, TimeoutError, ValueError)):
        await asyncio.wait_for(call("sendMessage", chat_id=lan.id, text="x"), 0.5)

    assert arrived(lan, bot) == there
    assert api.calls[-1].done is bool(there)
    assert api.calls[-1].fault == fault.name


@pytest.mark.parametrize(
    ("fault", "code", "description"),
    [
        (Fault.flood(9), 429, "Too Many Requests: retry after 9"),
        (Fault.server_error(), 500, "Internal Server Error"),
        (Fault.restart(), 500, "Internal Server Error: restart"),
        (Fault.custom(418, "Teapot"), 418, "Teapot"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_a_fault_that_answers_does_nothing_else(
    call: Calls, api: BotApi, lan: Person, bot: Bot, fault: Fault, code: int, description: str
):
    api.fails("sendMessage", with_=fault)

    assert await call.error("sendMessage", chat_id=lan.id, text="x") == (code, description)
    assert arrived(lan, bot) == []


async def test_a_fault_strikes_where_and_as_often_as_said(call: Calls, api: BotApi, lan: Person):
    api.fails(
        "sendMessage",
        with_=Fault.server_error(),
        times=2,
        after=1,
        where=lambda fields: fields["text"].startswith("x"),
    )

    said = ["a", "x1", "x2", "a", "x3", "x4"]
    statuses = [(await call("sendMessage", chat_id=lan.id, text=text))[0] for text in said]

    assert statuses == [200, 200, 500, 200, 500, 200]


async def test_a_frozen_call_leaves_others_alone(call: Calls, api: BotApi, lan: Person, bot: Bot):
    api.fails("sendMessage", with_=Fault.frozen(), where=lambda fields: fields["text"] == "x")
    frozen = asyncio.create_task(call("sendMessage", chat_id=lan.id, text="x"))
    await held(api, 1)

    await call.sends(lan, "y")

    assert not frozen.done()
    assert arrived(lan, bot) == ["y"]
    frozen.cancel()


async def test_a_restart_ends_calls_and_keeps_the_queue(
    call: Calls, api: BotApi, lan: Person, bot: Bot
):
    base, [first] = api.base, await call.updates()
    poll = await call.polls(offset=first["update_id"] + 1)

    await api.restarts()

    with pytest.raises(aiohttp.ClientError):
        await poll
    await lan.says(bot, "chào")
    assert api.base == base
    assert [u["message"]["text"] for u in await call.updates()] == ["chào"]


async def test_while_the_server_is_down_nothing_is_accepted(
    call: Calls, api: BotApi, lan: Person, bot: Bot
):
    restart = asyncio.create_task(api.restarts(down=1))
    await asyncio.sleep(0.2)

    with pytest.raises(aiohttp.ClientConnectorError):
        await call("getMe")

    await restart
    assert [u["message"]["text"] for u in await call.updates()] == ["/start MOI"]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/bot0123:AA/getMe", (401, "Unauthorized: invalid token specified")),
        ("/botabc/getMe", (401, "Unauthorized: invalid token specified")),
        (f"/bot1:{'A' * 80}/getMe", (401, "Unauthorized: invalid token specified")),
        ("/bot123:AAE/getMe", (401, "Unauthorized")),
        ("/bot{token}/sendMesage", (404, "Not Found: method not found")),
        ("/bot{token}/", (404, "Not Found: method not found")),
        ("/bot{token}", (404, "Not Found")),
        ("/", (404, "Not Found")),
        ("/file/bot{token}/documents/file_9.pdf", (404, "Not Found")),
    ],
)
async def test_a_wrong_token_or_path_is_told_apart(
    call: Calls, bot: Bot, path: str, answer: tuple[int, str]
):
    async with call.session.get(call.api.base + path.format(token=bot.token)) as response:
        body = await response.json()

    assert (response.status, body["description"]) == answer
    assert (body["ok"], body["error_code"]) == (False, answer[0])


async def test_a_revoked_token_is_unauthorized(call: Calls, api: BotApi, bot: Bot):
    api.revokes(bot)

    assert await call.error("getMe") == (401, "Unauthorized")


MAPPED: list[tuple[Fault, str, str, int | None]] = [
    (Fault.custom(400, "Bad Request: chat not found"), "TelegramBadRequest", "BadRequest", None),
    (Fault.custom(403, "Forbidden: x"), "TelegramForbiddenError", "Forbidden", None),
    (Fault.custom(404, "Not Found"), "TelegramNotFound", "InvalidToken", None),
    (Fault.custom(401, "Unauthorized"), "TelegramUnauthorizedError", "InvalidToken", None),
    (Fault.custom(409, "Conflict: x"), "TelegramConflictError", "Conflict", None),
    (Fault.custom(413, "Request Entity Too Large"), "TelegramEntityTooLarge", "NetworkError", None),
    (
        Fault.custom(400, "Bad Request: x", migrate_to_chat_id=-1001),
        "TelegramMigrateToChat",
        "ChatMigrated",
        -1001,
    ),
    (Fault.server_error(), "TelegramServerError", "NetworkError", None),
    (Fault.restart(), "RestartingTelegram", "NetworkError", None),
    (Fault.malformed(), "ClientDecodeError", "TelegramError", None),
    (Fault.reset_before(), "TelegramNetworkError", "NetworkError", None),
    (Fault.reset_after(), "TelegramNetworkError", "NetworkError", None),
]


async def test_both_libraries_know_every_error(
    library: Library, api: BotApi, lan: Person, bot: Bot
):
    known: list[Any] = []
    for fault, *_ in MAPPED:
        api.fails("sendMessage", with_=fault)
        known.append(await library.refused(library.bot.send_message(lan.id, "x")))

    which = 0 if type(library).__name__ == "Aiogram" else 1
    assert known == [(names[which], number) for _, *names, number in MAPPED]
    assert arrived(lan, bot) == ["x", "x"]
