"""The server as a process of its own, and people in it driven from here."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from botapi import Answer
from botapi.remote import RemoteApi, RemotePerson

TESTS = Path(__file__).parents[1]
TOKEN = "123456789:AAE" + "x" * 32
BOT = "giaoban_bot"
LINK = f"https://t.me/{BOT}?start=MOI"


@dataclass
class Server:
    """The process, people in it, and the bot's calls."""

    api: RemoteApi
    log: Path
    session: aiohttp.ClientSession

    async def call(self, method: str, **given: Any) -> dict[str, Any]:
        url = f"{self.api.base}/bot{TOKEN}/{method}"
        async with self.session.post(url, json=given) as response:
            return dict(await response.json())


@contextlib.asynccontextmanager
async def process(module: str, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A module of the package, run until the end of the block."""
    pipe = asyncio.subprocess.PIPE
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", module, *options),
        cwd=TESTS,
        stdin=pipe,
        stdout=pipe,
    )
    yield started
    with contextlib.suppress(ProcessLookupError):
        started.terminate()
    await started.wait()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    log = tmp_path / "calls.jsonl"
    options = ("--port", "0", "--bot", f"{TOKEN}:{BOT}", "--log", str(log), "--hurry", "100")
    async with process("botapi", *options) as running:
        assert running.stdout
        base = (await running.stdout.readline()).decode().strip()
        async with RemoteApi(base) as api, aiohttp.ClientSession() as session:
            yield Server(api, log, session)


@pytest.fixture
async def lan(server: Server) -> RemotePerson:
    lan = server.api.person("Nguyễn Thị Lan")
    await lan.opens(LINK)
    return lan


async def chat_of(server: Server) -> int:
    updates = (await server.call("getUpdates"))["result"]
    return int(updates[0]["message"]["chat"]["id"])


async def test_a_bot_and_people_meet_in_another_process(server: Server, lan: RemotePerson):
    chat = await chat_of(server)
    button = {"text": "Gửi", "callback_data": "g"}
    markup = {"inline_keyboard": [[button]]}
    await server.call("sendMessage", chat_id=chat, text="Chào chị", reply_markup=markup)
    seen = await lan.sees_next(BOT)
    tap = await lan.taps(BOT, "Gửi", on=seen)
    [update] = (await server.call("getUpdates", offset=-1))["result"]
    query = update["callback_query"]["id"]
    await server.call("answerCallbackQuery", callback_query_id=query, text="Đã nhận")

    assert (seen.text, seen.buttons) == ("Chào chị", (("Gửi",),))
    assert await tap.answer() == Answer("Đã nhận")
    assert [s.text for s in await lan.sees(BOT)] == ["/start MOI", "Chào chị"]


async def test_people_do_there_what_they_do_here(server: Server, lan: RemotePerson):
    said = await lan.says(BOT, "cũ")
    await lan.edits(said, "mới")
    await lan.says(BOT, "trả lời", reply_to=said)
    photo = await lan.sends_photo(BOT, b"\x89PNG\r\n\x1a\n", caption="ảnh")
    await lan.sends_document(BOT, b"%PDF", name="a.pdf")
    await lan.sends_voice(BOT)
    await lan.sends_sticker(BOT)
    await lan.shares_contact(BOT)
    await lan.forwards(said, BOT)
    await lan.deletes(photo)

    seen = await lan.sees(BOT)

    assert [s.text for s in seen if s.text] == ["/start MOI", "mới", "trả lời", "cũ"]
    assert [s.document for s in seen if s.document] == [("a.pdf", b"%PDF")]
    assert await lan.menu(BOT) == []


async def test_groups_change_there_as_well(server: Server, lan: RemotePerson):
    await server.api.group("Ban chỉ đạo", owner=lan, forum=True)
    await server.api.group("Nhóm huyện", owner=lan)
    await server.api.channel("Thông báo", owner=lan)
    await lan.adds(BOT, "Nhóm huyện")
    await lan.adds(BOT, "Ban chỉ đạo", admin=True)
    await server.api.person("An").joins("Nhóm huyện")
    await server.api.becomes_supergroup("Nhóm huyện")
    await lan.says("Ban chỉ đạo", "/ketnoi", thread="Báo cáo ngày", anonymous=True)
    await lan.demotes(BOT, "Ban chỉ đạo")
    await lan.promotes(BOT, "Ban chỉ đạo")
    await lan.kicks(BOT, "Ban chỉ đạo")
    await lan.blocks(BOT)
    await lan.unblocks(BOT)

    assert (await lan.sees("Ban chỉ đạo"))[-1].thread == "Báo cáo ngày"
    assert "migrate_from_chat_id" in [s.event for s in await lan.sees("Nhóm huyện")]


async def test_wrong_actions_are_told_as_they_are_here(server: Server, lan: RemotePerson):
    with pytest.raises(LookupError, match="no button"):
        await lan.taps(BOT, "Gửi")
    with pytest.raises(TimeoutError):
        await lan.sees_next(BOT, timeout=0.01)
    with pytest.raises(LookupError, match="no bot or group"):
        await lan.says("khac_bot", "chào")
    with pytest.raises(LookupError, match="no such verb"):
        await server.api.do("sneezes")


async def test_faults_and_the_clock_are_set_from_here(server: Server, lan: RemotePerson):
    chat = await chat_of(server)
    friday = datetime(2020, 4, 17, 15, 0, tzinfo=UTC)
    await server.api.clock(friday)
    await server.api.fails("sendMessage", fault="flood", retry_after=9, where={"text": "x"})

    refused = await server.call("sendMessage", chat_id=chat, text="x")
    sent = await server.call("sendMessage", chat_id=chat, text="y")

    assert refused["parameters"] == {"retry_after": 9}
    assert sent["result"]["date"] == friday.timestamp()
    assert (await server.api.clock(forward=3600)).hour == 16


async def test_a_restart_there_keeps_all_but_the_connections(server: Server, lan: RemotePerson):
    await server.api.restarts(down=0.1)

    assert await chat_of(server)
    assert (await server.api.webhook(BOT))["pending_update_count"] == 1


async def test_every_call_is_written_to_the_log(server: Server, lan: RemotePerson):
    await server.call("sendMessage", chat_id=1, text="ai đấy?")

    [line] = server.log.read_text(encoding="utf-8").splitlines()

    told = json.loads(line)
    assert (told["method"], told["status"]) == ("sendMessage", 400)
    assert [told] == await server.api.calls()


async def test_a_person_at_a_terminal_talks_to_the_bot(server: Server, lan: RemotePerson):
    chat = await chat_of(server)
    markup = {"inline_keyboard": [[{"text": "Gửi", "callback_data": "g"}]]}
    await server.call("sendMessage", chat_id=chat, text="Chào chị", reply_markup=markup)

    options = ("--server", server.api.base, "--as", lan.name, "--to", BOT)
    async with process("botapi.talk", *options) as talk:
        told, _ = await talk.communicate("số liệu\n[Xem]\n[Gửi]\n".encode())

    [said, tapped] = (await server.call("getUpdates", offset=-2))["result"]
    assert told.decode().splitlines()[:2] == ["giaoban_bot: Chào chị", "[Gửi]"]
    assert "! no button 'Xem'; there are ['Gửi']" in told.decode()
    assert said["message"]["text"] == "số liệu"
    assert tapped["callback_query"]["data"] == "g"
