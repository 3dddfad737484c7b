"""The real bot as a process apart that can be killed and started again, at the stand-in's server.

Its people and its group are at hand by name; its clock is moved from outside.
"""

import asyncio
import csv
import multiprocessing
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TraceConfig, web
from botapi import Bot, BotApi, Group, Person, Seen
from botapi.execution import Call
from telegram_crowd import SECRET, free_port, until

from bot import setup
from bot.cli import main
from bot.config import load
from handlers.join import GROUP, ROLE_NAMES

DAY = "2020-04-15"
MORNING = datetime.fromisoformat(f"{DAY}T08:00:00+07:00")
FAST = "per_second = 2500\nper_chat_seconds = 0.0001\nper_group_seconds = 0.0001\n"
_PATIENCE = ClientTimeout(total=30)
_TIME_TO_STOP = 8.0  # seconds: longer than the bot waits for sends under way

# Forked from a process that has imported all: else each start would take seconds.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    [
        *("pytest", "telegram_live", "bot.app", "bot.log", "bot.stepping", "bot.channels.local"),
        *("bot.channels.telegram", "bot.channels.telegram_gateway"),
        *("bot.channels.telegram_webhook", "holidays.countries.vietnam", "aiosqlite", "httpcore"),
        *("anyio.to_thread", "anyio._backends._asyncio"),
    ]
)

Invitations = Mapping[tuple[str, str], str]
"""What to type to join, by unit and role."""


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


@dataclass
class Life:
    """A bot that lives and dies, and who is around it."""

    folder: Path
    invitations: Invitations
    api: BotApi
    bot: Bot
    front: Front
    mode: str
    relay: str
    local_port: int = field(default_factory=free_port)
    now: datetime = MORNING
    heard: Callable[[Call], None] = lambda _: None
    process: Any = None

    def person(self, name: str) -> Person:
        return self.api.person(name)

    def calls(self, method: str) -> list[Call]:
        return [c for c in self.api.calls if c.method == method]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "giaoban.db")) as database:
            return database.execute(query).fetchall()

    async def starts(self) -> None:
        """Start the bot; return when it listens."""
        known = len(self.api.calls)
        environment = {"GIAOBAN_CLOCK__START": self.now.isoformat()}
        config = str(self._config())
        self.process = _processes.Process(target=_run, args=(config, environment), daemon=True)
        self.process.start()
        method = "getUpdates" if self.mode == "polling" else "setWebhook"
        await until(
            lambda: any(c.method == method for c in self.api.calls[known:]), "the bot listens"
        )

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

    async def clock(self, at: str) -> None:
        """Let it be so late; return when the bot has done what was due, and all else."""
        self.now = datetime.fromisoformat(f"{DAY}T{at}:00+07:00")
        await self.settles()

    async def settles(self) -> None:
        """Return when the bot has taken and done all that there is for it."""
        await until(lambda: not self.bot.updates.waiting(), "the bot has taken all updates")
        url = f"http://127.0.0.1:{self.local_port}/clock"
        async with (
            ClientSession(timeout=_PATIENCE) as session,
            session.post(url, json={"now": self.now.isoformat()}) as answer,
        ):
            answer.raise_for_status()

    async def joins(self, person: Person, unit: str, role: str) -> None:
        code = self.invitations[unit, role].removeprefix("/start ")
        await person.opens(self.bot.link(code))

    async def binds(self, title: str, unit: str, *, admin: Person) -> Group:
        """Bind a new group to a unit, with the admin's consent."""
        group = self.api.group(title, owner=admin)
        await admin.adds(self.bot, group)
        await admin.says(group, self.invitations[unit, GROUP])
        await self.settles()
        await admin.taps(self.bot, "Chấp nhận")
        await self.settles()
        return group

    def _config(self) -> Path:
        webhook = (
            f'mode = "webhook"\nwebhook_url = "{self.api.base}/front"\n'
            f'webhook_port = {self.front.port}\nwebhook_secret = "{SECRET}"\n'
        )
        file = self.folder / "config.toml"
        file.write_text(
            f'[storage]\nurl = "sqlite+aiosqlite:///{self.folder / "giaoban.db"}"\n'
            f'[local]\nport = {self.local_port}\nmailbox = "{self.folder / "mailbox.jsonl"}"\n'
            f'[telegram]\nenabled = true\ntoken = "{self.bot.token}"\n'
            f'api_url = "{self.api.base}"\n{webhook if self.mode == "webhook" else ""}'
            f'[relay]\n{self.relay}[clock]\nstepped = true\n[log]\nlevel = "error"\n'
        )
        return file


@asynccontextmanager
async def life(
    folder: Path, office: Founded, *, mode: str, relay: str = FAST, **server: Any
) -> AsyncIterator[Life]:
    """A copy of the office in an empty folder, whose bot does not run yet; it ends after this.

    Args:
        relay: the section of the settings that says how fast is sent.
        server: as to `BotApi`.
    """
    shutil.copy(office.database, folder / "giaoban.db")
    front = Front()
    api = BotApi(now=lambda: lived.now, hurry=100, **server)
    bot = api.bot("giaoban_bot", name="Giao Ban")
    lived = Life(folder, office.invitations, api, bot, front, mode, relay)
    api.serves_also([web.post("/front", front.passed_on)])
    api.tells(lambda call: lived.heard(call))
    async with api:
        try:
            yield lived
        finally:
            await lived.ends()


def _run(config: str, environment: Mapping[str, str]) -> None:
    """Be the bot."""
    os.environ.update(environment)
    sys.argv = ["giaoban", "run", "--config", config]
    main()


def shown(person: Person, to: Bot | Group) -> list[Seen]:
    """Return what the bot has written, as it stands."""
    return [m for m in person.sees(to) if not m.from_me and not m.event]
