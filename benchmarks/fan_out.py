"""One prompt to each of 1,000 people, while some of them talk (DESIGN §8, second row).

The relay sends what is queued in a SQLite file through the gateway to the stand-in of the Bot API,
which is a process of its own and as strict as Telegram. The whole form goes to everybody, replies
to who speaks meanwhile, half way a digest to a group. One person has blocked the bot, one send
ends with a 500. Beside it two plain senders do a fifth of the prompts, and nothing else.

Run: python -m benchmarks.fan_out [--people N]
"""

import argparse
import asyncio
import logging
import math
import os
import platform
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from pydantic import SecretStr
from sqlmodel import col, delete, func, select, update
from telegram import Bot as TelegramBot
from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, ExtBot

from benchmarks.dialogue_steps import AT, WHOLE_FORM, prepare
from benchmarks.plain_bot import CHANNEL
from bot.app import Bot, build, office_of
from bot.clock import Clock
from bot.config import Config, Local, Relay, Storage, Telegram
from bot.core.messages import Says
from bot.core.messaging import Fate, Inbound, Priority, Repeat
from bot.core.office import Office
from bot.profile import profile_settings
from handlers.ask import prompt
from handlers.scene import notice
from storage import outbox
from storage.database import Database
from storage.tables import Address, OccurrenceRow, OutboxMessage

TESTS = Path(__file__).parents[1] / "tests"
USERNAME = "giaoban_bot"
TOKEN = "123456789:" + "A" * 35  # the stand-in takes any
GROUP = "Ban chỉ đạo"
DIGEST = Says(
    "Tổng hợp báo cáo ngày 15/4/2020\n"
    "Đã báo cáo 131/137 đơn vị (95,6%), đúng hạn 128.\n"
    "Tiếp nhận 1.204 hồ sơ, đã trả 1.187, đang giải quyết 3.415, quá hạn chưa trả 12."
)
SAYS = WHOLE_FORM.says[1]  # answered by a review of what was understood
BESIDE = 5  # the plain senders do one prompt of so many
FEWEST = 20  # people, so that with the plain senders, too, not only those who fail are left
LEAST_SHARE = 0.97
LONGEST_WAIT = 1.0  # seconds, of 95 replies in 100


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of a sender.

    Attributes:
        per_second: messages, as configured.
        latency: seconds that the stand-in takes for a call.
        strict: whether it has flood control.
    """

    people: int
    per_second: float = 25
    latency: float = 0.2
    strict: bool = True


class StandIn:
    """The Bot API stand-in of tests/, and the people in it."""

    def __init__(self, base: str, session: ClientSession) -> None:
        self.base = base
        self._session = session

    async def do(self, verb: str, **given: Any) -> Any:
        """Let somebody do something, or something go wrong; see tests/botapi/control.py."""
        return (await self._post(f"control/{verb}", given))["result"]

    async def chats(self, people: int) -> list[str]:
        """Let so many people press Start; return the ids of their chats."""
        for n in range(people):
            await self.do("opens", who=_name(n), link=f"https://t.me/{USERNAME}?start=MOI")
        return [str(update["message"]["chat"]["id"]) for update in await self._updates()]

    async def group(self) -> str:
        """Let the first person found a group with the bot in it; return its id."""
        await self.do("group", title=GROUP, owner=_name(0))
        await self.do("adds", who=_name(0), bot=USERNAME, group=GROUP)
        added = [u["my_chat_member"] for u in await self._updates() if "my_chat_member" in u]
        return str(added[-1]["chat"]["id"])

    async def calls(self) -> list[dict[str, Any]]:
        """Return the record of all sends, in the order of their arrival."""
        return [c for c in await self.do("calls") if c["method"] == "sendMessage"]

    async def _updates(self) -> list[dict[str, Any]]:
        updates: list[dict[str, Any]] = []
        while True:
            offset = updates[-1]["update_id"] + 1 if updates else 0
            answer = await self._post(f"bot{TOKEN}/getUpdates", {"offset": offset})
            if not answer["result"]:
                return updates
            updates += answer["result"]

    async def _post(self, path: str, given: Mapping[str, Any]) -> dict[str, Any]:
        async with self._session.post(f"{self.base}/{path}", json=given) as response:
            response.raise_for_status()
            answer: dict[str, Any] = await response.json()
            return answer


def _name(n: int) -> str:
    return f"Đầu mối {n + 1}"


@asynccontextmanager
async def stand_in(terms: Terms) -> AsyncIterator[StandIn]:
    """The stand-in runs inside, in its own process: it must not take the bot's time."""
    command = ["-m", "botapi", "--port", "0", "--bot", f"{TOKEN}:{USERNAME}"]
    command += ["--latency", str(terms.latency), *(["--strict"] if terms.strict else [])]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=TESTS, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout, "it is a pipe"
        base = (await process.stdout.readline()).decode().strip()
        async with ClientSession() as session:
            yield StandIn(base, session)
    finally:
        with suppress(ProcessLookupError):  # it has ended by itself
            process.terminate()
        await process.wait()


@dataclass(frozen=True, slots=True)
class Stage:
    """Everybody has pressed Start, and a prompt for each is queued.

    Attributes:
        chats: of the people who can be reached.
        group: the chat of the group.
    """

    terms: Terms
    api: StandIn
    url: str
    database: Database
    office: Office
    chats: Sequence[str]
    group: str


@asynccontextmanager
async def stage(folder: Path, terms: Terms) -> AsyncIterator[Stage]:
    """Set the stage, where one person will have blocked the bot and one send will fail."""
    office = office_of(profile_settings("vinh-phuc"), AT.year)
    path = folder / "fan_out.db"
    await prepare(path, office, terms.people)
    url = f"sqlite+aiosqlite:///{path}"
    database = Database(url)
    try:
        async with stand_in(terms) as api:
            chats, group = await api.chats(terms.people), await api.group()
            blocked, failing = terms.people // 3, terms.people * 2 // 3
            await api.do("blocks", who=_name(blocked), bot=USERNAME)
            failure = {"fault": "server_error", "where": {"chat_id": chats[failing]}}
            await api.do("fails", method="sendMessage", **failure)
            await _queue_prompts(database, office, chats)
            reached = [chat for n, chat in enumerate(chats) if n != blocked]
            yield Stage(terms, api, url, database, office, reached, group)
    finally:
        await database.close()
        path.unlink()


async def _queue_prompts(database: Database, office: Office, chats: Sequence[str]) -> None:
    due = OccurrenceRow(slot="prompt", day=AT.date(), due_at=AT)
    async with database.session() as session:
        await session.exec(delete(OutboxMessage))  # the answers of the day before
        for n, chat in enumerate(chats, start=1):
            whose = update(Address).where(col(Address.person_id) == n)
            await session.exec(whose.values(external_id=chat))
        await prompt(session, office, due, AT, channels={})


Sender = Callable[[Stage], Awaitable[Mapping[str, float]]]
"""Sends what is queued. Returns keys of messages that somebody waits for → since when, by the
monotonic clock.
"""


async def giaoban(on: Stage) -> Mapping[str, float]:
    """Giao Ban as it is wired to run, except that nobody listens: what is said is handed over."""
    telegram = Telegram(enabled=True, token=SecretStr(TOKEN), api_url=on.api.base)
    config = Config(
        storage=Storage(url=on.url),
        local=Local(enabled=False),
        telegram=telegram,
        relay=Relay(per_second=on.terms.per_second),
    )
    bot = build(config, on.database, on.office, Clock(on.office.zone, start=AT))
    async with bot.resources, asyncio.TaskGroup() as parts:
        running = [parts.create_task(part) for part in (bot.relay.run(), bot.writer.run())]
        asked, posted = await asyncio.gather(_talk(on, bot), _post_digest(on, bot))
        while await _waiting(on.database):  # noqa: ASYNC110  # nothing says that all has left
            await asyncio.sleep(0.1)
        for part in running:
            part.cancel()
    return {**asked, **posted}


async def _talk(on: Stage, bot: Bot) -> dict[str, float]:
    """Let somebody report about once a second, at random moments; return the replies they want."""
    lasting = on.terms.people / on.terms.per_second
    chance = random.Random(1)
    speakers = chance.sample(on.chats, max(1, round(lasting)))
    pauses = sorted(chance.uniform(0, lasting) for _ in speakers)
    began, wanted = time.monotonic(), {}
    for n, (chat, after) in enumerate(zip(speakers, pauses, strict=True)):
        await asyncio.sleep(began + after - time.monotonic())
        wanted[f"reply/{CHANNEL}/{n}"] = time.monotonic()
        said = Inbound(CHANNEL, str(n), chat=chat, sender=chat, text=SAYS, sent_at=bot.clock.now())
        await bot.writer.accept([said])
    return wanted


async def _post_digest(on: Stage, bot: Bot) -> dict[str, float]:
    await asyncio.sleep(on.terms.people / on.terms.per_second / 2)
    since = time.monotonic()
    posts = notice(
        "digest",
        CHANNEL,
        on.group,
        DIGEST,
        in_group=True,
        priority=Priority.DIGEST,
        repeat=Repeat.ASK,
    )
    async with on.database.write() as connection:
        await outbox.enqueue(connection, posts, now=bot.clock.now())
    bot.relay.wake()
    return {post.key: since for post in posts}


async def _waiting(database: Database) -> bool:
    unsent = col(OutboxMessage.fate).in_([Fate.PENDING, Fate.SENDING])
    async with database.read_session() as session:
        found = await session.exec(select(OutboxMessage.id).where(unsent).limit(1))
        return found.first() is not None


async def one_by_one(on: Stage) -> Mapping[str, float]:
    """The plain loop: each send waits for the one before."""
    async with TelegramBot(TOKEN, base_url=f"{on.api.base}/bot") as bot:
        for chat, text in await _prompts(on.database):
            with suppress(TelegramError):  # it is in the stand-in's record
                await bot.send_message(chat, text)
    return {}


async def all_at_once(on: Stage) -> Mapping[str, float]:
    """python-telegram-bot's own limiter, as it comes."""
    async with ExtBot(TOKEN, base_url=f"{on.api.base}/bot", rate_limiter=AIORateLimiter()) as bot:
        sends = [bot.send_message(chat, text) for chat, text in await _prompts(on.database)]
        await asyncio.gather(*sends, return_exceptions=True)  # as above
    return {}


async def _prompts(database: Database) -> Sequence[tuple[str, str]]:
    async with database.read_session() as session:
        return (await session.exec(select(OutboxMessage.chat, OutboxMessage.text))).all()


@dataclass(frozen=True, slots=True)
class Run:
    """What a sender came to.

    Attributes:
        messages: that were to be sent; of them `delivered` arrived.
        seconds: from the first arrival to the last; making a bot ready is no part of it.
        refused, during_ban: calls answered with 429; those of them sent although told to wait.
        waits: key → seconds until a message that somebody waited for was at the stand-in.
        peak_mb: the most memory that this process had so far.
    """

    sender: str
    per_second: float
    messages: int
    delivered: int
    seconds: float
    refused: int
    during_ban: int
    waits: Mapping[str, float]
    peak_mb: float

    @property
    def rate(self) -> float:
        """Messages delivered a second; between n of them lie n - 1 intervals."""
        return (self.delivered - 1) / self.seconds

    @property
    def share(self) -> float:
        """The rate as a share of the configured one."""
        return self.rate / self.per_second

    def waited(self, kind: str) -> list[float]:
        """Return the waits for messages of one kind, the shortest first."""
        return sorted(wait for key, wait in self.waits.items() if key.startswith(kind))


async def run(name: str, send: Sender, folder: Path, terms: Terms) -> Run:
    """Let a sender do its work on a stage of its own."""
    async with stage(folder, terms) as on:
        since = await send(on)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # given in KB
        calls = await on.api.calls()
        arrivals = await _arrivals(on.database, calls)
        messages = await _queued(on.database)
    return Run(
        sender=name,
        per_second=terms.per_second,
        messages=messages,
        delivered=sum(call["status"] == 200 for call in calls),
        seconds=calls[-1]["at"] - calls[0]["at"],
        refused=sum(call["status"] == 429 for call in calls),
        during_ban=sum(call["during_ban"] for call in calls),
        waits={key: arrivals[key] - moment for key, moment in since.items()},
        peak_mb=peak_mb,
    )


async def _arrivals(database: Database, calls: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return when each message that is on record as sent was at the stand-in.

    By the monotonic clock, which is the machine's and so that of both processes.
    """
    at = {
        (call["fields"]["chat_id"], str(call["result"]["message_id"])): call["at"]
        for call in calls
        if call["status"] == 200
    }
    async with database.read_session() as session:
        sent = await session.exec(select(OutboxMessage).where(OutboxMessage.fate == Fate.SENT))
        return {row.key: at[row.chat, row.external_id or ""] for row in sent}


async def _queued(database: Database) -> int:
    async with database.read_session() as session:
        return (await session.exec(select(func.count(col(OutboxMessage.id))))).one()


async def measure(folder: Path, terms: Terms) -> list[Run]:
    """Return what Giao Ban came to, then the plain senders with fewer people.

    Args:
        folder: on the disk that is to be measured; the databases lie there.
    """
    fewer = replace(terms, people=terms.people // BESIDE)
    return [
        # First, so that its peak of memory is its own.
        await run("Giao Ban", giaoban, folder, terms),
        await run("for … await send", one_by_one, folder, fewer),
        await run("AIORateLimiter()", all_at_once, folder, fewer),
    ]


_HEAD = (
    f"{'sender':<18}{'messages':>9}{'delivered':>11}{'seconds':>9}{'a second':>10}"
    f"{'of the rate':>13}{'429':>6}{'in a ban':>10}"
)


def table(runs: Sequence[Run]) -> str:
    """Return all runs, and the verdict on the first against the budget."""
    return "\n".join([_HEAD, *map(_line, runs), "", *_verdict(runs[0])])


def _line(run: Run) -> str:
    return (
        f"{run.sender:<18}{run.messages:>9,}{run.delivered:>11,}{run.seconds:>9.1f}"
        f"{run.rate:>10.1f}{run.share:>13.1%}{run.refused:>6}{run.during_ban:>10}"
    )


def _verdict(ours: Run) -> list[str]:
    replies, posts = ours.waited("reply"), ours.waited("digest")
    median, slow = at_share(replies, 0.5), at_share(replies, 0.95)
    budgets = {
        f"at least {LEAST_SHARE:.0%} of {ours.per_second:g}/s": ours.share >= LEAST_SHARE,
        "no 429": ours.refused == 0,
        "nothing sent in a ban": ours.during_ban == 0,
        f"95 % of the replies within {LONGEST_WAIT:g} s": slow <= LONGEST_WAIT,
    }
    return [
        f"{len(replies)} replies: p50 {median:.2f} s, p95 {slow:.2f} s",
        f"the digest: {posts[-1]:.2f} s",
        f"peak memory: {ours.peak_mb:.0f} MB",
        "",
        *(f"budget: {what}: {'kept' if kept else 'NOT kept'}" for what, kept in budgets.items()),
    ]


def at_share(waits: Sequence[float], share: float) -> float:
    """Return the wait that this share of them does not exceed; they come the shortest first."""
    return waits[math.ceil(share * len(waits)) - 1]


def conditions(terms: Terms) -> str:
    """Return what the figures depend on; the load is what else the machine has to do."""
    return (
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version} "
        f"(WAL, synchronous=FULL), {terms.people:,} people, latency {terms.latency * 1000:g} ms\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.fan_out", description=__doc__)
    parser.add_argument("--people", type=int, default=1000, help="who get a prompt")
    terms = Terms(parser.parse_args().people)
    if terms.people < FEWEST:
        parser.error(f"--people: at least {FEWEST}")
    # It logs each 429 with its traceback; here they are counted.
    logging.getLogger("telegram.ext").setLevel(logging.CRITICAL)
    print(conditions(terms))
    Path("var").mkdir(exist_ok=True)  # /tmp may lie in memory, where a commit costs nothing
    with tempfile.TemporaryDirectory(dir="var") as folder:
        print(table(asyncio.run(measure(Path(folder), terms))))


if __name__ == "__main__":
    main()
