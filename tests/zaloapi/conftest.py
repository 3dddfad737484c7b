"""A server with one bot and one person, called over bare HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from zaloapi import Bot, Group, Person, ZaloApi

Json = dict[str, Any]
NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
SOON = 10.0  # seconds after which a test counts as failed
PNG = b"\x89PNG\r\n"


@dataclass
class Calls:
    """Bare calls of one bot."""

    session: aiohttp.ClientSession
    api: ZaloApi
    bot: Bot

    async def __call__(self, method: str, **given: Any) -> tuple[int, Json]:
        """Status and body of the answer."""
        url = f"{self.api.base}/bot{self.bot.token}/{method}"
        async with self.session.post(url, json=given) as response:
            return response.status, await response.json()

    async def result(self, method: str, **given: Any) -> Any:
        """The result of a call that goes well."""
        status, body = await self(method, **given)
        assert (status, body["ok"]) == (200, True), body
        return body["result"]

    async def error(self, method: str, **given: Any) -> int:
        """The code of a call that is refused, with HTTP 200 as Zalo does."""
        status, body = await self(method, **given)
        assert (status, body["ok"]) == (200, False), body
        return int(body["error_code"])

    async def sends(self, chat: str, text: str = "chào") -> Json:
        sent: Json = await self.result("sendMessage", chat_id=chat, text=text)
        return sent

    async def polls(self, *, timeout: float = 3000) -> "asyncio.Task[tuple[int, Json]]":  # noqa: ASYNC109
        """A poll that the server has, and that waits."""
        before = len(self.api.calls)
        poll = asyncio.create_task(self("getUpdates", timeout=timeout))
        await until(lambda: len(self.api.calls) > before and self.bot.polling)
        return poll


async def until(true: Callable[[], object]) -> None:
    """Return once it is true on the server, which hears of it over the network."""
    async with asyncio.timeout(SOON):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


@dataclass
class Office:
    """Where a bot takes its webhook posts, and keeps its pictures."""

    secrets: list[str] = field(default_factory=list)
    bodies: list[Json] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    status: int = 200

    async def hook(self, request: web.Request) -> web.Response:
        self.secrets.append(request.headers["X-Bot-Api-Secret-Token"])
        self.bodies.append(await request.json())
        return web.Response(status=self.status)

    async def picture(self, request: web.Request) -> web.Response:
        self.asked.append(request.method)
        return web.Response(body=PNG, content_type="image/png", status=self.status)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def api(office: Office) -> AsyncIterator[ZaloApi]:
    server = ZaloApi(now=lambda: NOW, hurry=100)
    server.serves_also(
        [web.post("/hook", office.hook), web.get("/chart.png", office.picture, allow_head=True)]
    )
    async with server:
        yield server


@pytest.fixture
def bot(api: ZaloApi) -> Bot:
    return api.bot("Bot Giao Ban")


@pytest.fixture
def lan(api: ZaloApi) -> Person:
    return api.person("Nguyễn Thị Lan")


@pytest.fixture
def chat(bot: Bot, lan: Person) -> str:
    """The private chat of Lan, who has written to the bot."""
    return bot.meets(lan).id


@pytest.fixture
def group(api: ZaloApi, bot: Bot) -> Group:
    found = api.group("Chống dịch CORONA - Vĩnh Phúc")
    found.add(bot)
    return found


@pytest.fixture
async def call(api: ZaloApi, bot: Bot) -> AsyncIterator[Calls]:
    async with aiohttp.ClientSession() as session:
        yield Calls(session, api, bot)
