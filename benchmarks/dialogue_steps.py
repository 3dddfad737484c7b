"""Durable dialogue steps per second: the batch writer beside a plain bot (DESIGN §8, first row).

A step is one message of a person: in, decided, committed with its reply in the outbox. Both bots
hear the same people say the same, and keep the same rows in SQLite files that begin equal (WAL,
synchronous=FULL). They take turns; the median of the rounds counts.

Run: python -m benchmarks.dialogue_steps [--steps N]
"""

import argparse
import asyncio
import os
import platform
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiogram import Bot
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.plain_bot import CHANNEL, plain_bot, updates
from bot.app import office_of
from bot.core.directory import UnitRow
from bot.core.messaging import Inbound
from bot.core.office import Office
from bot.core.rollup import Counts
from bot.profile import profile_settings
from handlers.dispatch import decider
from storage.conversations import Case
from storage.database import Database
from storage.migrate import upgrade
from storage.office import keep_directory, units_on
from storage.tables import Address, Duty, Person, Report, Revision
from storage.writer import Writer

AT = datetime.fromisoformat("2020-04-15T15:10+07:00")
BATCH = 100  # as many updates as Telegram hands over at once
ROUNDS = 3
LEAST_RATIO = 5
LEAST_RATE = 1500  # steps/s, on 2 cores


@dataclass(frozen=True, slots=True)
class Way:
    """A way to report: what each person says, one message a step."""

    name: str
    says: tuple[str, ...]


_FULL = """\
Quầy: mở
Cán bộ trực: 6/14
Trực tiếp 5, trực tuyến 3, bưu chính 1
Trả đúng hạn 7, trả quá hạn 0
Đang giải quyết {pending}, quá hạn chưa trả 1
Cấp thiết nhận 2, cấp thiết xong 2
Khó khăn: không"""
# The day before is reported in full, so that there are figures to carry over and to compare with.
DAY_BEFORE = Way(
    "the day before",
    (f"{_FULL.format(pending=12)}\nNiêm yết: có\nPhòng dịch: đủ\ngửi",),
)
EARLIER_DAYS = 22
EARLIER: dict[str, Any] = {
    "counter_status": "open",
    "staff_on_duty": 6,
    "staff_total": 14,
    "received_direct": 5,
    "received_online": 3,
    "received_postal": 1,
    "resolved_on_time": 7,
    "resolved_late": 0,
    "pending": 10,
    "overdue": 1,
    "urgent_received": 2,
    "urgent_resolved": 2,
    "notice_posted": True,
    "measures": ["masks", "temperature", "distance", "disinfection"],
    "issues": "",
}
WHOLE_FORM = Way("whole form", ("/baocao", _FULL.format(pending=14), "gửi"))
ONE_BY_ONE = Way(
    "one by one",
    (
        *("/baocao", "từng câu"),
        *("mở", "6/14", "5", "3", "1", "7", "0", "14", "1", "2", "2", "không"),
        "gửi",
    ),
)
WAYS = (WHOLE_FORM, ONE_BY_ONE)

Play = Callable[[Database, Office, Sequence[Inbound]], Awaitable[float]]
"""Lets a bot hear what was said at `AT`; returns the seconds that it took."""


async def giaoban(database: Database, office: Office, said: Sequence[Inbound]) -> float:
    """Batches come in durably and are handled, one after the other."""
    writer = _writer(database, office, AT)
    began = time.perf_counter()
    for start in range(0, len(said), BATCH):
        await writer.accept(said[start : start + BATCH])
        await writer.drain()
    return time.perf_counter() - began


async def plain(database: Database, office: Office, said: Sequence[Inbound]) -> float:
    """Updates come in and are handled, one after the other."""
    bot = Bot("42:NOBODY")  # it only queues its replies, so that it never calls Telegram
    dispatcher = plain_bot(database, office, lambda: AT)
    waiting = updates(said, bot)
    began = time.perf_counter()
    for update in waiting:
        await dispatcher.feed_update(bot, update)
    return time.perf_counter() - began


def _writer(database: Database, office: Office, now: datetime) -> Writer:
    async def failed(_session: AsyncSession, case: Case, _error_id: str) -> None:
        raise RuntimeError(f"update {case.inbound.update_id} could not be handled")

    return Writer(
        database,
        decide=decider(office, {}),
        failed=failed,
        form_id=office.form.id,
        history=office.form.history,
        now=lambda: now,
    )


def said_by(people: int, way: Way, at: datetime) -> list[Inbound]:
    """Return what the people say: all of them the first message, then all the second …"""
    lines = [(text, str(person)) for text in way.says for person in range(1, people + 1)]
    return [
        Inbound(CHANNEL, f"{at:%d}{n:06}", chat=person, sender=person, text=text, sent_at=at)
        for n, (text, person) in enumerate(lines)
    ]


def _url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def prepare(path: Path, office: Office, people: int) -> None:
    """Make a database with a unit for each person, which reported in full on the days before."""
    upgrade(_url(path))
    database = Database(_url(path))
    yesterday = AT - timedelta(days=1)
    async with database.session() as session:
        await _add_people(session, people, yesterday)
        await _add_earlier_days(session, office, people, yesterday)
    writer = _writer(database, office, yesterday)
    await writer.accept(said_by(people, DAY_BEFORE, yesterday))
    await writer.drain()
    await database.close()


async def _add_people(session: AsyncSession, people: int, at: datetime) -> None:
    since, numbers = at.date(), range(1, people + 1)
    units = [
        UnitRow(
            code=f"xa-{n}",
            name=f"Xã số {n}",
            level="commune",
            parent=None,
            gso_code="",
            aliases=(),
            reports=True,
            counts=Counts.OWN,
            counted_in=None,
        )
        for n in numbers
    ]
    await keep_directory(session, units, since=since)
    session.add_all(Person(id=n, name=f"Đầu mối {n}", created_at=at) for n in numbers)
    await session.flush()
    for n, unit in zip(numbers, await units_on(session, since), strict=True):
        session.add(Duty(person_id=n, unit_id=unit.id, role="focal_point", valid_from=since))
        session.add(
            Address(
                person_id=n, channel=CHANNEL, external_id=str(n), last_used_at=at, valid_from=since
            )
        )


async def _add_earlier_days(
    session: AsyncSession, office: Office, people: int, yesterday: datetime
) -> None:
    """Add equal reports of all units for a month, by which what is usual for each is known."""
    for number in range(EARLIER_DAYS, 0, -1):
        sent_at = yesterday - timedelta(days=number)
        reports = [
            Report(
                unit_id=unit,
                form_id=office.form.id,
                day=sent_at.date(),
                first_sent_at=sent_at,
                on_time=True,
                revisions=1,
            )
            for unit in range(1, people + 1)
        ]
        session.add_all(reports)
        await session.flush()
        session.add_all(_revision(report.id or 0, report.unit_id, sent_at) for report in reports)
        await session.flush()


def _revision(report_id: int, person: int, sent_at: datetime) -> Revision:
    stated_on = dict.fromkeys(("staff_total", "notice_posted", "measures"), f"{sent_at:%Y-%m-%d}")
    return Revision(
        report_id=report_id,
        number=1,
        form_version=1,
        answers=EARLIER,
        stated_on=stated_on,
        doubts={},
        doubt_fields={},
        person_id=person,
        channel=CHANNEL,
        sent_at=sent_at,
        **{k: v for k, v in EARLIER.items() if k in Revision.model_fields},
    )


async def rate(play: Play, seed: Path, office: Office, way: Way, people: int) -> float:
    """Return the steps per second of a bot to which these people report, on a copy of the seed.

    Raises:
        RuntimeError: not all of them could report, so that something else was measured.
    """
    said = said_by(people, way, AT)
    database = Database(_url(Path(shutil.copy(seed, seed.with_name("round.db")))))
    try:
        seconds = await play(database, office, said)
        reported = await _reports(database)
    finally:
        await database.close()
    if reported != people:
        raise RuntimeError(f"{way.name}: {reported} of {people} people could report")
    return len(said) / seconds


async def _reports(database: Database) -> int:
    today = select(func.count(col(Report.id))).where(Report.day == AT.date())
    async with database.session() as session:
        return (await session.exec(today)).one()


@dataclass(frozen=True, slots=True)
class Rates:
    """What a way came to, in steps per second."""

    way: str
    giaoban: float
    plain: float

    @property
    def ratio(self) -> float:
        return self.giaoban / self.plain


async def measure(folder: Path, steps: int) -> list[Rates]:
    """Return the medians of each way.

    Args:
        folder: on the disk that is to be measured; the databases lie there.
        steps: of Giao Ban in each round; the plain bot, which is slower, does a tenth.
    """
    office = office_of(profile_settings("vinh-phuc"), AT.year)
    seed = folder / "seed.db"
    people = {way: max(1, steps // len(way.says)) for way in WAYS}
    await prepare(seed, office, max(people.values()))
    measured = []
    for way in WAYS:
        rounds = [
            (
                await rate(giaoban, seed, office, way, people[way]),
                await rate(plain, seed, office, way, max(1, people[way] // 10)),
            )
            for _ in range(ROUNDS)
        ]
        ours, theirs = (statistics.median(rates) for rates in zip(*rounds, strict=True))
        measured.append(Rates(way.name, ours, theirs))
    return measured


def table(measured: Sequence[Rates]) -> str:
    """Return the rates with the verdict against the budget."""
    ratio = min(r.ratio for r in measured)
    slowest = min(r.giaoban for r in measured)
    return "\n".join(
        [
            f"{'way to report':<14}{'Giao Ban, steps/s':>19}{'plain, steps/s':>17}{'ratio':>8}",
            *(f"{r.way:<14}{r.giaoban:>19,.0f}{r.plain:>17,.0f}{r.ratio:>8.1f}" for r in measured),
            "",
            f"budget: ratio at least {LEAST_RATIO}: {_verdict(kept=ratio >= LEAST_RATIO)}",
            f"budget: at least {LEAST_RATE:,} steps/s: {_verdict(kept=slowest >= LEAST_RATE)}",
        ]
    )


def _verdict(*, kept: bool) -> str:
    return "kept" if kept else "NOT kept"


def conditions() -> str:
    """Return what the rates depend on; the load is what else the machine has to do."""
    return (
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version} (WAL, synchronous=FULL), "
        f"batches of {BATCH}, medians of {ROUNDS} rounds\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.dialogue_steps", description=__doc__)
    parser.add_argument("--steps", type=int, default=3000, help="of Giao Ban in each round")
    steps = parser.parse_args().steps
    print(conditions())
    Path("var").mkdir(exist_ok=True)  # /tmp may lie in memory, where a commit costs nothing
    with tempfile.TemporaryDirectory(dir="var") as folder:
        print(table(asyncio.run(measure(Path(folder), steps))))


if __name__ == "__main__":
    main()
