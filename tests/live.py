"""The real bot as a process apart that can be killed and started again.

Its clock is moved from outside; which messenger it speaks to is the business of who builds on this.
"""

import asyncio
import csv
import multiprocessing
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TraceConfig, web
from ports import free_port

from bot import setup
from bot.cli import main
from bot.config import load
from handlers.join import GROUP, ROLE_NAMES

DAY = "2020-04-15"
MORNING = datetime.fromisoformat(f"{DAY}T08:00:00+07:00")
FAST = "per_second = 2500\nper_chat_seconds = 0.0001\nper_group_seconds = 0.0001\n"
SECRET = "a-secret-of-the-office"  # noqa: S105
# Seconds, on a machine that is busy with other tests.
_PATIENCE = 120.0  # for the bot to do what was asked of it
_TIME_TO_START = 180.0
_TIME_TO_STOP = 30.0  # longer than the bot waits for sends under way

# Forked from a process that has imported all: else each start would take seconds.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    [
        *("pytest", "live", "bot.app", "bot.log", "bot.stepping", "bot.channels.local"),
        *("bot.channels.telegram", "bot.channels.telegram_gateway"),
        *("bot.channels.telegram_webhook", "bot.channels.zalo_bot", "bot.channels.website"),
        *("bot.web.files", "holidays.countries.vietnam", "aiosqlite", "httpcore"),
        *("anyio.to_thread", "anyio._backends._asyncio"),
    ]
)

Invitations = Mapping[tuple[str, str], str]
"""What to type to join, by unit and role."""


async def until(true: Callable[[], object], what: str, seconds: float = _PATIENCE) -> None:
    """Return once it is true.

    Raises:
        TimeoutError: it did not become so in time.
    """
    try:
        async with asyncio.timeout(seconds):
            while not true():  # noqa: ASYNC110
                await asyncio.sleep(0.001)
    except TimeoutError as error:
        raise TimeoutError(f"not within {seconds} s: {what}") from error


@dataclass(frozen=True, slots=True)
class Founded:
    """An office that nobody has joined yet, to be copied."""

    database: Path
    invitations: Invitations


def founded(folder: Path) -> Founded:
    """Set up the office of the example, with all of its units."""
    config = folder / "config.toml"
    config.write_text(
        f'[storage]\nurl = "sqlite+aiosqlite:///{folder / "giaoban.db"}"\n'
        f'[clock]\nstart = "{DAY}T07:00:00+07:00"\nstepped = true\n'
    )
    asyncio.run(_set_up(config, folder / "invites.csv"))
    roles = {name: role for role, name in ROLE_NAMES.items()}
    with (folder / "invites.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    codes = {(r["mã đơn vị"], roles.get(r["vai trò"], GROUP)): r["gõ cho bot"] for r in rows}
    return Founded(folder / "giaoban.db", codes)


async def _set_up(config: Path, invites: Path) -> None:
    await setup.init(config, "vinh-phuc")
    example = resources.files("bot") / "examples" / "vinh-phuc-2020-units.csv"
    with resources.as_file(example) as units:
        since = datetime.fromisoformat(DAY).date()
        await setup.import_units(load(config), units, since=since, invites=invites)


class Front:
    """What stands before the bot's webhook and passes posts on, as a web server in front does.

    Attributes:
        delivered: told when a post is in the bot's hands.
        answered: told when the bot has answered; if it returns False, nobody hears the answer.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.delivered: Callable[[], None] = lambda: None
        self.answered: Callable[[], bool] = lambda: True

    async def passed_on(self, request: web.Request) -> web.Response:
        """Pass a post on; 502 when the bot does not answer."""
        trace = TraceConfig()
        trace.on_request_chunk_sent.append(self._sent)
        url = f"http://127.0.0.1:{self.port}{request.path}"
        body = await request.read()
        with suppress(ClientError):
            async with (
                ClientSession(trace_configs=[trace]) as session,
                session.post(url, data=body, headers=_forwarded(request)) as answer,
            ):
                return web.Response(status=answer.status if self.answered() else 502)
        return web.Response(status=502)

    async def _sent(self, *_: object) -> None:
        self.delivered()


def _forwarded(request: web.Request) -> dict[str, str]:
    return {k: v for k, v in request.headers.items() if k.startswith(("X-", "Content-Type"))}


@dataclass(kw_only=True)
class Office:
    """A bot that lives and dies on a copy of an office.

    Attributes:
        now: what the bot's clock shows, once it is told.
    """

    folder: Path
    invitations: Invitations
    relay: str = FAST
    local_port: int = field(default_factory=free_port)
    now: datetime = MORNING
    process: Any = None

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "giaoban.db")) as database:
            return database.execute(query).fetchall()

    def runs(self, channels: str) -> None:
        """Start the process; `channels` is the part of the settings that tells of messengers."""
        config = self.folder / "config.toml"
        config.write_text(
            f'[storage]\nurl = "{self.url}"\n'
            f'[local]\nport = {self.local_port}\nmailbox = "{self.folder / "mailbox.jsonl"}"\n'
            f'{channels}[relay]\n{self.relay}[clock]\nstepped = true\n[log]\nlevel = "error"\n'
        )
        environment = {"GIAOBAN_CLOCK__START": self.now.isoformat()}
        self.process = _processes.Process(target=_run, args=(str(config), environment), daemon=True)
        self.process.start()

    @property
    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder / 'giaoban.db'}"

    async def listens(self, true: Callable[[], bool]) -> None:
        """Return once it is true of the process that was started.

        Raises:
            AssertionError: the process has ended instead.
        """
        await until(
            lambda: true() or self.process.exitcode is not None, "the bot listens", _TIME_TO_START
        )
        assert self.process.exitcode is None, "the bot could not start"

    async def dies(self, how: signal.Signals) -> int:
        """Send the process a signal; return its exit code when it is no more.

        One that does not end in time is killed, as whoever supervises it would do.
        """
        os.kill(self.process.pid, how)
        await asyncio.to_thread(self.process.join, _TIME_TO_STOP)
        if self.process.exitcode is None:
            self.process.kill()
            await asyncio.to_thread(self.process.join)
        return int(self.process.exitcode)

    async def ends(self) -> None:
        """End the process, if it still runs, when the life is over."""
        if self.process is not None and self.process.exitcode is None:
            await self.dies(signal.SIGKILL)

    async def clock(self, at: str, day: str = DAY) -> None:
        """Let it be so late; return when the bot has done what was due, and all else."""
        self.now = datetime.fromisoformat(f"{day}T{at}:00+07:00")
        await self.settles()

    async def settles(self) -> None:
        """Return when the bot has done all that there is for it."""
        url = f"http://127.0.0.1:{self.local_port}/clock"
        async with (
            ClientSession(timeout=ClientTimeout(_PATIENCE)) as session,
            session.post(url, json={"now": self.now.isoformat()}) as answer,
        ):
            answer.raise_for_status()


def copy_of(founded: Founded, folder: Path) -> None:
    """Copy an office into an empty folder."""
    shutil.copy(founded.database, folder / "giaoban.db")


def _run(config: str, environment: Mapping[str, str]) -> None:
    """Be the bot."""
    os.environ.update(environment)
    sys.argv = ["giaoban", "run", "--config", config]
    main()
