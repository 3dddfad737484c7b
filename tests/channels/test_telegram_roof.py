"""Telegram in a whole bot: how it starts, what it loads, and what its log keeps to itself."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import web
from botapi import Fault
from contract import SOON, Desk, outbound, until
from ports import free_port
from telegrams import SECRET, Office, gateway_for, office
from world import moment, opened, whole_form

from bot.app import CannotStart, run
from bot.channels.telegram import TelegramChannel
from bot.config import Clock, Config
from bot.core.messaging import ChannelBusy, ChannelClosed
from bot.log import WithoutSecrets
from bot.profile import profile_settings
from storage.database import Database
from storage.office import keep_settings

OTHER_TOKEN = "123456:wrong-token-of-the-right-shape"  # noqa: S105


@pytest.fixture
async def settled(database: Database) -> None:
    """The database holds an office."""
    async with database.session() as session:
        await keep_settings(session, profile_settings("vinh-phuc"))


def config_for(database_path: Path, here: Office, **telegram) -> Config:
    return Config(
        storage={"url": f"sqlite+aiosqlite:///{database_path}"},
        local={"enabled": False},
        relay={"per_second": 1e6, "per_chat_seconds": 1e-6, "per_group_seconds": 1e-6},
        telegram={
            "enabled": True,
            "token": here.bot.token,
            "api_url": here.api.base,
            "webhook_secret": SECRET,
            **telegram,
        },
    )


async def test_a_bot_without_telegram_does_not_load_it(settled: None, database_path: Path):
    program = f"""
import asyncio, sys
from bot.app import build, opened
from bot.config import Config, Storage
async def main():
    config = Config(storage=Storage(url="sqlite+aiosqlite:///{database_path}"))
    async with opened(config) as parts:
        build(config, *parts)
asyncio.run(main())
print(*sorted({{"aiogram", "telegram", "httpx"}} & sys.modules.keys()))
"""

    bot = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), cwd=database_path.parent, stdout=subprocess.PIPE
    )
    shown, _ = await bot.communicate()

    assert (bot.returncode, shown.strip()) == (0, b"")


async def test_neither_token_nor_words_reach_the_log_at_any_level(
    settled: None, database_path: Path
):
    faults = [
        Fault.malformed(),
        Fault.server_error(502),
        Fault.flood(1),
        Fault.reset_after(),
        Fault.custom(401, "Unauthorized"),
    ]
    async with office() as here:
        settings = database_path.with_name("config.toml")
        settings.write_text(
            f"""
            storage.url = "sqlite+aiosqlite:///{database_path}"
            local.enabled = false
            log.level = "debug"
            relay.per_chat_seconds = 0.01
            telegram = {{ enabled = true, token = "{here.bot.token}", api_url = "{here.api.base}" }}
            """,
            encoding="utf-8",
        )
        log = database_path.with_name("log")
        with log.open("wb") as stream:
            bot = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", "from bot.cli import main; main()", "run"),
                *("--config", settings),
                stderr=stream,
            )
        here.api.fails("getUpdates", with_=faults[0])
        for fault in faults:
            here.api.fails("sendMessage", with_=fault)
        for n in range(3):
            await here.lan.says(here.bot, f"Bí mật {n} của Lan, 0912345678")
        async with asyncio.timeout(6 * SOON):
            while here.calls("sendMessage") < len(faults):  # noqa: ASYNC110  # another process calls
                await asyncio.sleep(0.01)
        bot.send_signal(signal.SIGTERM)
        await bot.wait()

    written = log.read_text(encoding="utf-8")
    assert "DEBUG" in written
    assert here.bot.token.partition(":")[2] not in written
    assert not any(words in written for words in ("Bí mật", "0912345678", "sendMessage"))


def test_a_secret_is_hidden_in_lines_and_tracebacks():
    formatter = WithoutSecrets(["", OTHER_TOKEN])
    line = f"POST https://api.telegram.org/bot{OTHER_TOKEN}/getMe"
    error = OSError(f"no route to {line}")
    record = logging.makeLogRecord(
        {"msg": "%s failed", "args": (line,), "exc_info": (OSError, error, None)}
    )

    said = formatter.format(record)

    assert said.count("/bot***/getMe") == 2
    assert OTHER_TOKEN not in said


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_a_stranger_is_answered(settled: None, database_path: Path, mode: str):
    port = free_port()
    site = {"webhook_port": port, "webhook_url": f"http://127.0.0.1:{port}/telegram"}

    async with office() as here:
        running = asyncio.create_task(run(config_for(database_path, here, mode=mode, **site)))
        await here.lan.says(here.bot, "Xin chào")
        answer = await here.lan.sees_next(here.bot, timeout=SOON)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, SOON)

    assert answer.text


async def test_a_webhook_left_by_somebody_is_one_line_and_taken_over_when_told(
    settled: None, database_path: Path
):
    async with office(hurry=1e6) as here:
        config = config_for(database_path, here)
        await here.webhook_elsewhere("http://127.0.0.1:9/hook")
        with pytest.raises(CannotStart, match="giaoban run --take-over"):
            await run(config)
        running = asyncio.create_task(run(config, take_over=True))
        await until(lambda: here.calls("getUpdates"))
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, SOON)


async def test_a_wrong_token_is_one_line(settled: None, database_path: Path):
    async with office() as here:
        config = config_for(database_path, here, token=OTHER_TOKEN)

        with pytest.raises(CannotStart, match=r"Mã \(token\) của bot Telegram không đúng"):
            await run(config)


async def test_all_goes_through_the_proxy():
    async with proxy() as (address, asked), office() as here:
        gateway = gateway_for("http://telegram.invalid", here.bot.token, proxy=address)
        channel = TelegramChannel(
            here.bot.token, gateway, api_url="http://telegram.invalid", proxy=address
        )
        try:
            with pytest.raises(ChannelClosed):
                await channel.listen(Desk().receive)
            with pytest.raises(ChannelBusy):
                await channel.send(outbound(channel, "5"))
        finally:
            await gateway.close()

    credentials = b64encode(b"an:mat khau").decode()
    assert asked == [
        f"Basic {credentials} http://telegram.invalid/bot{here.bot.token}/{method}"
        for method in ("getMe", "sendMessage")
    ]


@asynccontextmanager
async def proxy() -> AsyncIterator[tuple[str, list[str]]]:
    """An HTTP proxy that answers all itself: its address, and who asked it for what."""
    asked: list[str] = []
    refusal = {"ok": False, "error_code": 401, "description": "Unauthorized"}

    async def serve(request: web.BaseRequest) -> web.Response:
        asked.append(f"{request.headers.get('Proxy-Authorization')} {request.raw_path}")
        return web.json_response(refusal, status=401)

    runner = web.ServerRunner(web.Server(serve, access_log=None))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://an:mat%20khau@127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_the_digest_after_an_absence_holds_what_was_sent_before_it(
    mode: str, database: Database, database_path: Path
):
    world = await opened(database, start="2020-04-15 15:00")
    async with database.session() as session:
        await keep_settings(session, profile_settings("vinh-phuc"))
    port = free_port()
    site = {"webhook_url": f"http://127.0.0.1:{port}/telegram", "webhook_port": port}
    async with office(now=lambda: moment("2020-04-15 16:10")) as here:
        group = here.group()
        await here.lan.adds(here.bot, group)
        here.bot.updates.forget_all()
        await world.joins(here.chat, "VP-VY-TS01")
        await world.joins(str(group.id), "VP", "group")
        await world.damage("UPDATE address SET channel = 'telegram'")
        await world.damage("UPDATE group_chat SET channel = 'telegram'")
        await world.at("2020-04-15 15:30")  # and then it is away
        await here.lan.says(here.bot, whole_form(received_direct=5))
        here.api.fails("getUpdates", with_=Fault.slow(1.0))
        here.api.fails("setWebhook", with_=Fault.slow(1.0))
        config = config_for(database_path, here, mode=mode, **site)
        clock = {"start": moment("2020-04-15 17:00").isoformat(), "tick_seconds": 0.1}
        bot = asyncio.create_task(run(config.model_copy(update={"clock": Clock(**clock)})))
        try:
            await until(lambda: [m for m in here.lan.sees(group) if not m.from_me])
        finally:
            bot.cancel()
            with suppress(asyncio.CancelledError):
                await bot

        [digest] = [m for m in here.lan.sees(group) if not m.from_me]

    assert "Báo cáo: 1/" in digest.text
    assert "đúng hạn 1" in digest.text
