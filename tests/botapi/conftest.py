"""A server with one bot and one person, called over bare HTTP and by both libraries."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
import pytest

from botapi import Bot, BotApi, Group, Person

Json = dict[str, Any]


@dataclass
class Calls:
    """Bare calls of one bot; files are given as bytes."""

    session: aiohttp.ClientSession
    api: BotApi
    bot: Bot

    async def __call__(self, method: str, **given: Any) -> tuple[int, Json]:
        """Status and body of the answer."""
        url = f"{self.api.base}/bot{self.bot.token}/{method}"
        async with self.session.post(url, json=given) as response:
            return response.status, await response.json()

    async def result(self, method: str, **given: Any) -> Any:
        """The result of a call that goes well."""
        status, body = await self(method, **given)
        assert status == 200, body
        return body["result"]

    async def error(self, method: str, **given: Any) -> tuple[int, str]:
        """Status and description of a call that is refused."""
        status, body = await self(method, **given)
        assert (body["ok"], body["error_code"]) == (False, status), body
        return status, body["description"]

    async def sends(self, chat: Person | Group, text: str = "chào", **given: Any) -> int:
        """Send a message that arrives; its id."""
        sent = await self.result("sendMessage", chat_id=chat.id, text=text, **given)
        return int(sent["message_id"])

    async def polls(self, **given: Any) -> "asyncio.Task[tuple[int, Json]]":
        """A poll that the server holds."""
        known = len(self.api.calls)
        poll = asyncio.create_task(self("getUpdates", timeout=50, **given))
        await held(self.api, known + 1)
        return poll

    async def updates(self, **given: Any) -> list[Json]:
        found: list[Json] = await self.result("getUpdates", **given)
        return found


async def held(api: BotApi, calls: int) -> None:
    """Wait until so many calls have come, and the last of them is held."""
    for _ in range(1000):
        if len(api.calls) >= calls:
            break
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.02)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi(hurry=100) as server:
        yield server


@pytest.fixture
def bot(api: BotApi) -> Bot:
    return api.bot("giaoban_bot", name="Giao Ban")


@pytest.fixture
def lan(api: BotApi) -> Person:
    return api.person("Nguyễn Thị Lan")


@pytest.fixture
async def call(api: BotApi, bot: Bot) -> AsyncIterator[Calls]:
    async with aiohttp.ClientSession() as session:
        yield Calls(session, api, bot)


class Library(Protocol):
    """What the tests ask of aiogram and of python-telegram-bot alike."""

    bot: Any

    async def refused(self, work: Awaitable[object]) -> tuple[str, int | None]:
        """The kind of error that a call raises, and the number that it tells with it."""

    async def send_file(self, chat_id: int, kind: str, name: str, content: bytes) -> Any:
        """Send a photo or a document; the message."""

    async def fetch(self, file_id: str) -> bytes:
        """Download a file."""


class Aiogram:
    def __init__(self, api: BotApi, token: str) -> None:
        from aiogram import Bot as Client
        from aiogram.client.session.aiohttp import AiohttpSession
        from aiogram.client.telegram import TelegramAPIServer

        server = TelegramAPIServer.from_base(api.base)
        self.bot = Client(token, session=AiohttpSession(api=server))

    async def refused(self, work: Awaitable[object]) -> tuple[str, int | None]:
        from aiogram.exceptions import AiogramError

        with pytest.raises(AiogramError) as caught:
            await work
        told = vars(caught.value)
        number = told.get("retry_after", told.get("migrate_to_chat_id"))
        return type(caught.value).__name__, number

    async def send_file(self, chat_id: int, kind: str, name: str, content: bytes) -> Any:
        from aiogram.types import BufferedInputFile

        file = BufferedInputFile(content, name)
        return await getattr(self.bot, f"send_{kind}")(chat_id, file)

    async def fetch(self, file_id: str) -> bytes:
        file = await self.bot.get_file(file_id)
        return (await self.bot.download_file(file.file_path)).read()

    async def close(self) -> None:
        await self.bot.session.close()


class Ptb:
    def __init__(self, api: BotApi, token: str) -> None:
        from telegram.ext import ExtBot

        self.bot = ExtBot(token, base_url=f"{api.base}/bot", base_file_url=f"{api.base}/file/bot")

    async def refused(self, work: Awaitable[object]) -> tuple[str, int | None]:
        from telegram.error import TelegramError

        with pytest.raises(TelegramError) as caught:
            await work
        wait = getattr(caught.value, "retry_after", None)
        number = wait.seconds if wait else getattr(caught.value, "new_chat_id", None)
        return type(caught.value).__name__, number

    async def send_file(self, chat_id: int, kind: str, name: str, content: bytes) -> Any:
        return await getattr(self.bot, f"send_{kind}")(chat_id, content, filename=name)

    async def fetch(self, file_id: str) -> bytes:
        file = await self.bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())

    async def close(self) -> None:
        await self.bot.shutdown()


@pytest.fixture(params=[Aiogram, Ptb], ids=["aiogram", "ptb"])
async def library(
    request: pytest.FixtureRequest, api: BotApi, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Library]:
    # Without it python-telegram-bot warns at every RetryAfter that its type will change.
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    client = request.param(api, bot.token)
    if isinstance(client, Ptb):
        await client.bot.initialize()
    yield client
    await client.close()
