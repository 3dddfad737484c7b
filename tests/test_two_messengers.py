"""One person, Telegram and Zalo: the bot as it is wired, at the stand-ins of both messengers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import botapi
import pytest
import zaloapi
from sqlalchemy import text
from world import moment, some_units, vinh_phuc, whole_form

from bot.app import Bot, build
from bot.clock import Clock
from bot.config import Config
from storage.database import Database
from storage.office import invite, keep_directory, units_on

TICH_SON = "VP-VY-TS01"
SOON = 20.0  # seconds after which a test counts as failed


@dataclass
class Office:
    """The running bot, and Lan with both messengers on her phone."""

    bot: Bot
    telegram: botapi.Bot
    zalo: zaloapi.Bot
    lan: botapi.Person
    lan_on_zalo: zaloapi.Person

    async def on_telegram(self, said: str) -> str:
        """Lan writes on Telegram; what the bot answers there."""
        await self.lan.says(self.telegram, said)
        return (await self.lan.sees_next(self.telegram, timeout=SOON)).text

    async def on_zalo(self, said: str) -> str:
        """Lan writes on Zalo; what the bot answers there."""
        assert await self.lan_on_zalo.says(self.zalo, said)
        return (await self.lan_on_zalo.sees_next(self.zalo, timeout=SOON)).text

    async def at(self, said: str) -> None:
        """It is so late; return when all that was due has been sent."""
        self.bot.clock.set(moment(said))
        await self.bot.wake(self.bot.clock.now())
        await self.bot.quiet()

    def shown(self) -> tuple[int, int]:
        """How many messages of the bot stand on Telegram, and on Zalo."""
        there = self.lan.sees(self.telegram), self.lan_on_zalo.sees(self.zalo)
        on_telegram, on_zalo = ([m for m in seen if not m.from_me] for seen in there)
        return len(on_telegram), len(on_zalo)

    async def sql(self, statement: str) -> list[tuple[object, ...]]:
        async with self.bot.database.read() as connection:
            return [tuple(row) for row in await connection.execute(text(statement))]


@pytest.fixture
async def office(database: Database, database_path: Path) -> AsyncIterator[Office]:
    """It is Monday 13 April 2020, 2 in the afternoon; Lan reports for a ward, by Telegram."""
    clock = Clock(vinh_phuc().zone, start=moment("2020-04-13 14:00"), stepped=True)
    async with (
        botapi.BotApi(now=clock.now, hurry=100) as telegram,
        zaloapi.ZaloApi(now=clock.now, hurry=100, grace=SOON) as zalo,
    ):
        bots = telegram.bot("giaoban_bot", name="Giao Ban"), zalo.bot("Bot Giao Ban")
        config = Config(
            storage={"url": f"sqlite+aiosqlite:///{database_path}"},
            local={"enabled": False},
            relay={"per_second": 1e6, "per_chat_seconds": 1e-6, "per_group_seconds": 1e-6},
            telegram={"enabled": True, "token": bots[0].token, "api_url": telegram.base},
            zalo={"enabled": True, "tokens": [bots[1].token], "api_url": zalo.base},
        )
        async with database.session() as session:
            await keep_directory(session, some_units(), since=date(2020, 4, 1))
        async with running(build(config, database, vinh_phuc(), clock)) as bot:
            people = telegram.person("Nguyễn Thị Lan"), zalo.person("Nguyễn Thị Lan")
            here = Office(bot, *bots, *people)
            await here.at("2020-04-13 14:00")
            await bots[1].listens(SOON)
            await joined(here)
            yield here


@asynccontextmanager
async def running(bot: Bot) -> AsyncIterator[Bot]:
    """All parts of the bot run inside."""
    parts = [bot.relay.run(), bot.writer.run()]
    parts += [channel.listen(bot.writer.accept) for channel in bot.channels.values()]
    async with bot.resources:
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            yield bot
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def joined(here: Office) -> None:
    """Lan takes up her duty on Telegram, and adds Zalo by a code of her own."""
    now = here.bot.clock.now()
    async with here.bot.database.session() as session:
        ids = {unit.code: unit.id for unit in await units_on(session, now.date())}
        code = await invite(
            session, unit_id=ids[TICH_SON], role="focal_point", expires_at=moment("2020-05-01")
        )
    await here.lan.opens(here.telegram.link(code))
    welcome = await here.lan.sees_next(here.telegram, timeout=SOON)
    offer = await here.on_telegram("/themkenh")
    added = await here.on_zalo(offer[offer.index("/start ") :].partition("\n")[0])
    assert "Đã đăng ký" in welcome.text
    assert "Mở Zalo (Bot Giao Ban)" in offer
    assert "Đã thêm kênh này" in added


async def test_a_report_begun_on_telegram_is_sent_on_zalo_with_one_receipt_and_one_trail(
    office: Office,
):
    lines = whole_form(received_direct=5, resolved_on_time=5, pending=9).split("\n")
    zalo = f"zalo-{office.zalo.number}"

    begun = await office.on_telegram("\n".join(lines[:7]))
    form = await office.on_zalo("/baocao")
    receipt = await office.on_zalo("\n".join(lines[7:]))

    assert "Còn thiếu" in begun
    assert "Nhận trực tiếp: 5" in form
    assert receipt.startswith("Đã nhận báo cáo ngày 13/4 của Phường Tích Sơn lúc 14h00 13/4")
    receipts = await office.sql("SELECT channel FROM outbox WHERE text LIKE 'Đã nhận báo cáo%'")
    assert receipts == [(zalo,)]
    assert await office.sql("SELECT number, person_id, channel FROM revision") == [(1, 1, zalo)]
    assert await office.sql("SELECT count(*) FROM report") == [(1,)]
    assert await office.sql("SELECT count(*) FROM draft") == [(0,)]
    assert await office.sql("SELECT person_id, channel, what FROM audit_event ORDER BY id") == [
        (1, "telegram", "person joined"),
        (1, "telegram", "messenger offered"),
        (1, zalo, "messenger added"),
        (1, zalo, "report sent"),
    ]


async def test_what_was_sent_on_zalo_is_corrected_on_telegram(office: Office):
    receipt = await office.on_zalo(whole_form(pending=9))

    review = await office.on_telegram("sửa đang giải quyết 10")
    corrected = await office.on_telegram("gửi")

    first = receipt.partition(" Mã ")[2][:6]
    assert "Đang giải quyết: 9 → 10" in review
    assert f"thay bản mã {first}." in corrected
    channels = await office.sql("SELECT channel FROM revision ORDER BY number")
    assert channels == [(f"zalo-{office.zalo.number}",), ("telegram",)]


async def test_the_next_form_comes_where_the_person_wrote_last_and_only_there(office: Office):
    await office.at("2020-04-13 14:30")
    await office.on_zalo(whole_form())
    before = office.shown()
    await office.at("2020-04-14 15:00")
    on_tuesday = office.shown()
    await office.on_telegram(whole_form())
    telegram, zalo = office.shown()
    await office.at("2020-04-15 15:00")

    assert on_tuesday == (before[0], before[1] + 1)
    assert office.lan_on_zalo.sees(office.zalo)[-1].text.startswith(
        "Phường Tích Sơn: báo cáo ngày 14/4"
    )
    assert office.shown() == (telegram + 1, zalo)
    assert office.lan.sees(office.telegram)[-1].text.startswith(
        "Phường Tích Sơn: báo cáo ngày 15/4"
    )
