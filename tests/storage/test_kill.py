"""A bot that is killed at any moment loses no update that it acknowledged and handles none twice.

This file is also the program that is killed: it forks, so that the imports are paid once.
"""

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.desk import Draft
from bot.core.messaging import Inbound, Outbound
from storage.conversations import Case
from storage.database import Database
from storage.tables import Address, AuditEvent, Duty, Person, Unit, UnitVersion
from storage.writer import Decision, Rare, Work, Writer

NOW = datetime.fromisoformat("2020-04-15T15:30+07:00")
DAY = date(2020, 4, 15)
PEOPLE = 6
KILLS = 5
STRANGER = PEOPLE  # whose updates take the rare way


def test_no_acknowledged_update_is_lost_or_handled_twice_when_the_bot_is_killed(
    database_path: Path, tmp_path: Path
):
    asyncio.run(found(database_path))
    acknowledged = tmp_path / "acknowledged"

    subprocess.run([sys.executable, __file__, str(database_path), str(acknowledged)], check=True)

    said = [int(n) for n in acknowledged.read_text().split()]
    # How many depends on the machine; of so few each life still had its share.
    assert len(said) > 8 * KILLS
    handled = handled_updates(database_path)
    for person, numbers in handled.items():
        assert numbers == sorted(set(numbers)), f"{person} was heard twice or out of order"
    assert set(said) <= {n for numbers in handled.values() for n in numbers}
    with sqlite3.connect(database_path) as connection:
        states = dict(connection.execute("SELECT state, count(*) FROM inbox GROUP BY state"))
        keys = [key for (key,) in connection.execute("SELECT key FROM outbox")]
        [(integrity,)] = connection.execute("PRAGMA integrity_check")
    connection.close()
    assert states.keys() == {"done"}
    assert {f"reply/{n}" for n in said if n % (PEOPLE + 1) != STRANGER} <= set(keys)
    assert integrity == "ok"


def handled_updates(path: Path) -> dict[str, list[int]]:
    """Return what became of each person's updates: their numbers, in the order of handling."""
    with sqlite3.connect(path) as connection:
        drafts = connection.execute("SELECT unit_id, answers FROM draft").fetchall()
        rare = connection.execute("SELECT subject FROM audit_event ORDER BY id").fetchall()
    connection.close()
    found = {f"unit {unit}": json.loads(answers)["said"] for unit, answers in drafts}
    return {**found, "stranger": [int(subject) for (subject,) in rare]}


async def found(path: Path) -> None:
    """Make a unit with a focal point for each person."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    async with database.session() as session:
        for n in range(1, PEOPLE + 1):
            session.add_all([Unit(id=n, code=f"U{n}"), Person(id=n, name="x", created_at=NOW)])
        await session.flush()
        for n in range(1, PEOPLE + 1):
            kind = {"level": "commune", "reports": True, "counts": "own", "aliases": []}
            place = {"channel": "local", "external_id": str(n - 1), "last_used_at": NOW}
            session.add(UnitVersion(unit_id=n, name="Xã", **kind, valid_from=DAY))
            session.add(Address(person_id=n, **place, valid_from=DAY))
            session.add(Duty(person_id=n, unit_id=n, role="focal_point", valid_from=DAY))
    await database.close()


def decide(case: Case, now: datetime) -> Decision | Rare:
    """Add the update's number to the unit's draft; the rare way adds it to the record."""
    inbound = case.inbound
    if not case.reporting:
        return note
    [held] = case.reporting
    draft = case.papers[held.unit_id].drafts.get(DAY, Draft())
    numbers = (*draft.answers.get("said", ()), int(inbound.text))  # type: ignore[misc]
    message = Outbound(f"reply/{inbound.text}", "local", inbound.chat, inbound.text)
    work = Work(held.unit_id, DAY, Draft({"said": numbers}, {}, draft.version + 1))  # type: ignore[dict-item]
    return Decision((message,), work=work)


async def note(session: AsyncSession, case: Case) -> None:
    subject = case.inbound.text
    session.add(AuditEvent(at=NOW, channel="local", what="said", subject=subject, detail={}))


async def nothing_breaks(session: AsyncSession, case: Case, error_id: str) -> None:
    raise AssertionError(error_id)


async def live(database_path: str, acknowledged: TextIO) -> None:
    """Take in and handle updates as a bot does; what was not acknowledged comes again."""
    writer = a_writer(Database(f"sqlite+aiosqlite:///{database_path}"))
    handling = asyncio.create_task(writer.run())
    acknowledged.seek(0)
    known = [int(n) for n in acknowledged.read().split()]
    first = known[-1] + 1 if known else 0
    await writer.accept([update(n) for n in known[-20:]])  # the messenger lost our answer
    for start in range(first, 10_000, 5):
        batch = range(start, start + 5)
        await writer.accept([update(n) for n in batch])
        acknowledged.write("".join(f"{n}\n" for n in batch))
        acknowledged.flush()
    await handling


async def finish(database_path: str) -> None:
    """Handle what the killed ones left waiting."""
    database = Database(f"sqlite+aiosqlite:///{database_path}")
    await a_writer(database).drain()
    await database.close()


def a_writer(database: Database) -> Writer:
    return Writer(database, decide=decide, failed=nothing_breaks, form_id="f", now=lambda: NOW)


def update(number: int) -> Inbound:
    sender = str(number % (PEOPLE + 1))
    return Inbound("local", str(number), sender, sender, str(number))


def lives(database_path: str, acknowledged: str) -> None:
    """Live and be killed some times, then live to the end."""
    chance = random.Random(2020)
    for _ in range(KILLS):
        child = os.fork()
        if not child:
            with Path(acknowledged).open("a+") as file:
                asyncio.run(live(database_path, file))
        time.sleep(chance.uniform(0.1, 0.4))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    asyncio.run(finish(database_path))


if __name__ == "__main__":
    lives(*sys.argv[1:])
