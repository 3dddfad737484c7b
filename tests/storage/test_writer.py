"""The writer: durable first, then in order, each update once, and one fault stops no other."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.desk import Cursor, Draft, Step, Submission
from bot.core.life import Life
from bot.core.messaging import Inbound, Outbound
from storage.conversations import Case
from storage.database import Database
from storage.tables import (
    Address,
    AuditEvent,
    DraftRow,
    Duty,
    InboxUpdate,
    OutboxMessage,
    Person,
    Report,
    Revision,
    Unit,
    UnitVersion,
)
from storage.writer import Audit, Decision, Rare, Work, Writer

NOW = datetime.fromisoformat("2020-04-15T15:30+07:00")
DAY = date(2020, 4, 15)
FORM = "daily"


def decide(case: Case, now: datetime) -> Decision | Rare:
    """A small office: words gather in the unit's draft, "gửi" sends it, "hỏi" is a rare use case,
    and some words break what they touch."""
    said = case.inbound.text
    if said == "hỏng khi nghĩ":
        raise LookupError("cannot think")
    if said.startswith("hỏi"):
        return ask
    if not case.reporting:
        return Decision(answer(case, "Xin chào"))
    [held] = case.reporting
    draft = case.papers[held.unit_id].drafts.get(DAY, Draft())
    if said.startswith("gửi"):
        return Decision(answer(case, "Đã nhận"), work=sent(held.unit_id, draft, said))
    if said == "hỏng khi viết":
        return Decision(answer(case, "\ud800"))  # half a letter, as a broken program may send it
    words = f"{draft.answers.get('said', '')} {said}".strip()
    return Decision(
        answer(case, words),
        Cursor(Step.FORM, DAY, ("said",)),
        held.unit_id,
        Work(held.unit_id, DAY, Draft({"said": words}, {}, draft.version + 1)),
        Audit("said", held.code, {"word": said}),
    )


def answer(case: Case, text: str) -> tuple[Outbound, ...]:
    inbound = case.inbound
    key = f"reply/{inbound.channel}/{inbound.update_id}"
    return (Outbound(key, inbound.channel, inbound.chat, text),)


def sent(unit_id: int, draft: Draft, said: str) -> Work:
    overdue = 13 if said == "gửi sai" else 0
    life = Life(first_sent_at=NOW, on_time=True, revisions=1)
    answers = {**draft.answers, "pending": 12, "overdue": overdue}
    return Work(unit_id, DAY, None, Submission(1, answers, {}, {}, life))


async def ask(session: AsyncSession, case: Case) -> None:
    session.add(AuditEvent(at=NOW, channel="local", what="asked", subject="", detail={}))
    await session.flush()
    if case.inbound.text == "hỏi hỏng":
        raise LookupError("cannot answer")


async def say_so(session: AsyncSession, case: Case, error_id: str) -> None:
    subject = case.inbound.update_id
    session.add(AuditEvent(at=NOW, channel="local", what="broke", subject=subject, detail={}))


async def nobody_hears(session: AsyncSession, case: Case, error_id: str) -> None:
    await say_so(session, case, error_id)
    await session.flush()
    raise LookupError("cannot say so")


def a_writer(database: Database, **more: Any) -> Writer:
    wired = {"decide": decide, "failed": say_so, "form_id": FORM, "now": lambda: NOW, **more}
    return Writer(database, **wired)


_numbers = iter(range(1, 1_000_000))


def says(sender: str, text: str, update_id: str = "") -> Inbound:
    return Inbound("local", update_id or f"{next(_numbers)}", sender, sender, text)


@pytest.fixture
async def office(database: Database) -> Database:
    """Ten units; a focal point "a0" … "a9" each, and a deputy "b0" of the first."""
    async with database.session() as session:
        await found(session, [f"a{n}" for n in range(10)])
        session.add(Person(id=100, name="b0", created_at=NOW))
        await session.flush()
        await reports_for(session, 100, "b0", unit=1, role="deputy")
    return database


async def found(session: AsyncSession, addresses: Sequence[str]) -> None:
    """Make a unit with a focal point for each address."""
    numbers = range(1, len(addresses) + 1)
    session.add_all(Unit(id=n, code=f"U{n}") for n in numbers)
    session.add_all(Person(id=n, name="x", created_at=NOW) for n in numbers)
    await session.flush()
    facts: dict[str, Any] = {"level": "commune", "reports": True, "counts": "own", "aliases": []}
    session.add_all(
        UnitVersion(unit_id=n, name=f"Xã {n}", place=n, valid_from=DAY, **facts) for n in numbers
    )
    for n, address in zip(numbers, addresses, strict=True):
        await reports_for(session, n, address, unit=n)


async def reports_for(
    session: AsyncSession, person: int, address: str, *, unit: int, role: str = "focal_point"
) -> None:
    place = {"channel": "local", "external_id": address, "last_used_at": NOW}
    session.add(Address(person_id=person, **place, valid_from=DAY))
    session.add(Duty(person_id=person, unit_id=unit, role=role, valid_from=DAY))


async def stand(database: Database) -> dict[str, str]:
    """Return the state of each update by id."""
    async with database.read_session() as session:
        found = await session.exec(select(InboxUpdate.update_id, InboxUpdate.state))
        return dict(found.all())


async def replies(database: Database) -> list[str]:
    async with database.read_session() as session:
        return list(await session.exec(select(OutboxMessage.text).order_by(OutboxMessage.id)))


async def drafts(database: Database) -> dict[int, str]:
    async with database.read_session() as session:
        found = await session.exec(select(DraftRow.unit_id, DraftRow.answers))
        return {unit: answers["said"] for unit, answers in found}


async def record(database: Database, what: str) -> list[str]:
    async with database.read_session() as session:
        asked = select(AuditEvent.subject).where(AuditEvent.what == what).order_by(AuditEvent.id)
        return list(await session.exec(asked))


async def test_an_update_is_on_the_disk_before_accept_returns(
    office: Database, database_path: Path
):
    await a_writer(office).accept([says("a0", "mở", "7")])

    with sqlite3.connect(database_path) as other:
        found = other.execute("SELECT update_id, state FROM inbox").fetchall()
    other.close()
    assert found == [("7", "waiting")]


async def test_an_update_that_comes_twice_is_handled_once(office: Database):
    writer = a_writer(office)
    update = says("a0", "mở")

    await writer.accept([update, update])
    await writer.drain()
    await writer.accept([update])
    await writer.drain()

    assert await drafts(office) == {1: "mở"}


async def test_what_one_person_says_is_handled_in_order(office: Database):
    writer = a_writer(office)

    await writer.accept([says(who, word) for word in "1234" for who in ("a0", "a1")])
    await writer.drain()

    assert await drafts(office) == {1: "1 2 3 4", 2: "1 2 3 4"}


async def test_of_two_people_of_one_unit_the_second_sees_what_the_first_left(office: Database):
    writer = a_writer(office)

    await writer.accept([says("a0", "mở"), says("b0", "đóng"), says("a0", "lại mở")])
    await writer.drain()

    assert await replies(office) == ["mở", "mở đóng", "mở đóng lại mở"]


async def test_somebody_who_says_very_much_does_not_keep_the_others_waiting(office: Database):
    writer = a_writer(office)
    await writer.accept([says("a0", "một") for _ in range(120)])
    await writer.accept([says("a1", "hai")])

    batches: list[list[str]] = []

    def seen(case: Case, now: datetime) -> Decision | Rare:
        batches.append([case.inbound.sender])
        return decide(case, now)

    await a_writer(office, decide=seen).drain()

    assert batches.index(["a1"]) == 1


async def test_a_report_is_kept_with_its_revision_and_its_draft_goes(office: Database):
    writer = a_writer(office)

    await writer.accept([says("a0", "mở"), says("a0", "gửi")])
    await writer.drain()

    async with office.read_session() as session:
        [report] = await session.exec(select(Report))
        [revision] = await session.exec(select(Revision))
    assert (report.unit_id, report.day, report.revisions, report.on_time) == (1, DAY, 1, True)
    assert (revision.number, revision.pending, revision.overdue) == (1, 12, 0)
    assert revision.answers["said"] == "mở"
    assert await drafts(office) == {}


async def test_an_update_is_emptied_once_it_is_handled(office: Database):
    writer = a_writer(office)

    await writer.accept([says("a0", "gọi 0912345678"), says("a1", "hỏng khi nghĩ")])
    await writer.drain()

    async with office.read_session() as session:
        assert list(await session.exec(select(InboxUpdate.payload))) == [{}, {}]


@pytest.mark.parametrize("word", ["hỏng khi nghĩ", "hỏng khi viết", "gửi sai", "hỏi hỏng"])
async def test_only_the_update_that_breaks_is_set_aside(office: Database, word: str):
    writer = a_writer(office)

    await writer.accept([says("a0", "mở"), says("a1", word, "bad"), says("a2", "mở")])
    await writer.drain()
    await writer.accept([says("a1", "mở")])
    await writer.drain()

    assert await drafts(office) == {1: "mở", 2: "mở", 3: "mở"}
    assert {i for i, state in (await stand(office)).items() if state != "done"} == {"bad"}
    assert (await stand(office))["bad"] == "failed"
    assert await record(office, "broke") == ["bad"]
    assert await record(office, "asked") == []


@pytest.mark.parametrize("word", ["hỏng khi nghĩ", "hỏng khi viết", "gửi sai", "hỏi hỏng"])
async def test_an_update_that_breaks_alone_is_set_aside_too(office: Database, word: str):
    writer = a_writer(office)

    await writer.accept([says("a1", word, "bad")])
    await writer.drain()

    assert await stand(office) == {"bad": "failed"}


async def test_a_fault_that_nobody_can_be_told_of_stops_nothing(office: Database):
    writer = a_writer(office, failed=nobody_hears)

    await writer.accept([says("a0", "mở"), says("a1", "hỏng khi nghĩ", "bad"), says("a2", "mở")])
    await writer.drain()

    assert (await stand(office))["bad"] == "failed"
    assert await record(office, "broke") == []
    assert await drafts(office) == {1: "mở", 3: "mở"}


async def test_the_log_says_which_update_broke_but_not_what_was_said(
    office: Database, caplog: pytest.LogCaptureFixture
):
    writer = a_writer(office)
    await writer.accept([says("a0", "gọi 0912345678"), says("a0", "gửi sai"), says("a1", "mở")])

    await writer.drain()

    assert "IntegrityError" in caplog.text
    assert "0912345678" not in caplog.text


async def test_many_drains_at_once_handle_each_update_once(office: Database):
    writer = a_writer(office)
    await writer.accept([says(f"a{n % 10}", "x") for n in range(60)])

    await asyncio.gather(*(writer.drain() for _ in range(5)))

    assert await drafts(office) == dict.fromkeys(range(1, 11), "x x x x x x")


async def test_updates_that_arrive_while_others_are_handled_are_handled_too(office: Database):
    writer = a_writer(office)
    running = asyncio.create_task(writer.run())

    await asyncio.gather(*(writer.accept([says(f"a{n}", "x")]) for n in range(10)))
    async with asyncio.timeout(10):
        while len(await drafts(office)) < 10:  # noqa: ASYNC110  # the writer tells nobody
            await asyncio.sleep(0.01)

    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_an_update_that_waited_when_the_bot_stopped_is_handled_after_the_start(
    office: Database, database_path: Path
):
    await a_writer(office).accept([says("a0", "mở")])
    await office.close()

    again = Database(f"sqlite+aiosqlite:///{database_path}")
    running = asyncio.create_task(a_writer(again).run())
    async with asyncio.timeout(10):
        while not await drafts(again):  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.01)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await again.close()


async def test_a_locked_database_leaves_everything_waiting(office: Database, database_path: Path):
    writer = a_writer(office)
    await writer.accept([says("a0", "mở"), says("a1", "hỏi"), says("a2", "hỏng khi nghĩ")])
    await without_patience(office)

    with locked(database_path), pytest.raises(OperationalError, match="locked"):
        await writer.drain()
    waiting = set((await stand(office)).values())
    await writer.drain()

    assert waiting == {"waiting"}
    assert await drafts(office) == {1: "mở"}
    assert await record(office, "asked") == [""]


async def test_what_was_written_is_not_done_again_when_the_rest_of_its_batch_fails(
    office: Database,
):
    faults = [OSError("the disk is full")]

    async def fails_once(session: AsyncSession, case: Case) -> None:
        await ask(session, case)
        if faults:
            raise faults.pop()

    def seen(case: Case, now: datetime) -> Decision | Rare:
        return fails_once if case.inbound.text == "hỏi" else decide(case, now)

    writer = a_writer(office, decide=seen)
    await writer.accept([says("a0", "mở"), says("a1", "hỏi"), says("a2", "hỏng khi nghĩ", "bad")])

    with pytest.raises(OSError, match="full"):
        await writer.drain()
    await writer.drain()

    assert await drafts(office) == {1: "mở"}
    assert await record(office, "asked") == [""]
    assert await record(office, "broke") == ["bad"]


async def test_a_stranger_is_answered_and_nothing_is_kept_about_them(office: Database):
    writer = a_writer(office)

    await writer.accept([says("who", "mở")])
    await writer.drain()

    assert await replies(office) == ["Xin chào"]
    assert await drafts(office) == {}


async def test_the_bot_remembers_on_which_channel_somebody_spoke_last(office: Database):
    async with office.session() as session:
        later = {"last_used_at": NOW.replace(hour=8), "valid_from": DAY}
        session.add(Address(person_id=1, channel="zalo", external_id="z0", **later))
        session.add(Address(person_id=1, channel="zalo", external_id="a0", **later))

    writer = a_writer(office)
    await writer.accept([says("a0", "mở")])
    await writer.drain()

    async with office.read_session() as session:
        used = select(Address.channel, Address.last_used_at).where(Address.person_id == 1)
        assert dict((await session.exec(used)).all())["zalo"] == later["last_used_at"]


@contextmanager
def counted() -> Iterator[list[tuple[str, Any]]]:
    """Collect all statements that are executed, with their parameters."""
    statements: list[tuple[str, Any]] = []

    def note(
        _connection: object, _cursor: object, statement: str, parameters: Any, *_more: object
    ) -> None:
        statements.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_a_batch_takes_as_many_statements_however_many_are_in_it(office: Database):
    writer = a_writer(office)
    counts = []

    for people in (1, 3, 10):
        words = [says(f"a{n}", word) for n in range(people) for word in ("mở",)]
        await writer.accept(words)
        with counted() as statements:
            await writer.drain()
        counts.append(len(statements))

    assert counts[0] == counts[1] == counts[2]
    assert counts[0] <= 25


_GROW = ("inbox", "outbox", "report", "revision", "draft", "cursor", "address", "duty", "person")


async def test_no_statement_of_a_batch_walks_through_a_table_that_grows(
    office: Database, database_path: Path
):
    writer = a_writer(office)
    await writer.accept([says("a0", "mở"), says("a1", "gửi"), says("a2", "hỏng khi nghĩ")])

    with counted() as statements:
        await writer.drain()

    found = plans(database_path, statements)
    assert len(found) > 10
    assert [step for step in found if step.startswith("SCAN") and step.split()[1] in _GROW] == [
        "SCAN inbox USING INDEX ix_inbox_waiting"
    ] * 2


def plans(path: Path, statements: Sequence[tuple[str, Any]]) -> list[str]:
    """Return the steps by which SQLite carries out statements, with their real parameters."""
    connection = sqlite3.connect(path)
    steps: list[str] = []
    for statement, parameters in statements:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            values = parameters[0] if isinstance(parameters, list) else parameters
            found = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            steps += [str(row[3]) for row in found]
    connection.close()
    return steps


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process holds the database."""
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.close()


async def without_patience(database: Database) -> None:
    """Give up on a locked database at once; the pool hands out this connection again."""
    async with database.read() as connection:
        await connection.exec_driver_sql("PRAGMA busy_timeout = 10")
