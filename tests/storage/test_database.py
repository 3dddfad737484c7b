"""What the database itself refuses, and how it is opened and migrated: on real files."""

import re
import sqlite3
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError, StatementError
from sqlmodel import SQLModel, select

from bot.core.messaging import Outbound
from storage import outbox
from storage.database import Database, insert_into, is_passing
from storage.migrate import is_current, upgrade
from storage.tables import (
    Address,
    AuditEvent,
    DraftRow,
    Duty,
    Heartbeat,
    InboxUpdate,
    Invite,
    OccurrenceRow,
    OutboxMessage,
    Person,
    Report,
    Revision,
    SnapshotRow,
    Unit,
    UnitVersion,
)

AT = datetime(2020, 4, 15, 9, 30, tzinfo=UTC)
DAY = date(2020, 4, 15)


def unit_version(**changes: Any) -> UnitVersion:
    values = {"unit_id": 1, "name": "Xã Quang Sơn", "level": "commune", "reports": True}
    return UnitVersion(**{**values, "counts": "own", "aliases": [], "valid_from": DAY, **changes})


def message(**changes: Any) -> OutboxMessage:
    values = {"key": "k", "channel": "local", "chat": "c", "text": "x", "buttons": []}
    more = {"in_group": False, "priority": 1, "repeat": "once", "due_at": AT}
    return OutboxMessage(**{**values, **more, **changes})


def report(**changes: Any) -> Report:
    return Report(**{"unit_id": 1, "form_id": "f", "day": DAY, **changes})


def revision(**changes: Any) -> Revision:
    values = {"report_id": 1, "number": 2, "form_version": 1, "person_id": 1, "channel": "local"}
    facts: dict[str, Any] = {"answers": {}, "stated_on": {}, "doubts": {}, "sent_at": AT}
    return Revision(**{**values, **facts, **changes})


def duty(**changes: Any) -> Duty:
    return Duty(**{"person_id": 1, "unit_id": 1, "role": "deputy", "valid_from": DAY, **changes})


def address(**changes: Any) -> Address:
    values = {"person_id": 1, "channel": "local", "external_id": "a"}
    return Address(**{**values, "last_used_at": AT, "valid_from": DAY, **changes})


def inbox(**changes: Any) -> InboxUpdate:
    values = {"channel": "local", "update_id": "1", "chat": "a", "payload": {}}
    return InboxUpdate(**{**values, "received_at": AT, **changes})


def snapshot(**changes: Any) -> SnapshotRow:
    values = {"kind": "day", "period": "2020-04-15", "edition": 1, "sha256": "", "body": "{}"}
    return SnapshotRow(**{**values, "taken_at": AT, **changes})


def occurrence() -> OccurrenceRow:
    return OccurrenceRow(slot="digest", day=DAY, due_at=AT)


def draft() -> DraftRow:
    return DraftRow(
        unit_id=1, form_id="f", day=DAY, answers={}, doubts={}, version=1, updated_at=AT
    )


@pytest.fixture
async def office(database: Database) -> Database:
    """A unit with a person who has reported once."""
    async with database.session() as session:
        session.add_all([Unit(code="A"), Person(name="Bình", created_at=AT)])
        await session.flush()
        session.add(report(revisions=1, first_sent_at=AT, on_time=True))
        await session.flush()
        session.add(revision(number=1))
    return database


async def add(database: Database, *rows: SQLModel) -> None:
    async with database.session() as session:
        session.add_all(rows)


REFUSED: Mapping[str, list[SQLModel]] = {
    "a unit of an unknown level": [unit_version(level="ward")],
    "a unit that counts in an unknown way": [unit_version(counts="twice")],
    "figures inside no other unit": [unit_version(counts="inside")],
    "figures inside another unit by mistake": [unit_version(counted_in_id=1)],
    "a name that ends before it begins": [unit_version(valid_until=DAY)],
    "two names at one time": [unit_version(), unit_version()],
    "a code used twice": [Unit(code="A")],
    "an unknown duty": [duty(role="king")],
    "a duty held twice": [duty(), duty()],
    "an address of two people": [address(), address()],
    "an update in an unknown state": [inbox(state="lost")],
    "an update that arrived twice": [inbox(), inbox(chat="b")],
    "a message of unknown end": [message(fate="lost")],
    "a message repeated in an unknown way": [message(repeat="always")],
    "a message sent without the channel's id": [message(fate="sent")],
    "a message queued twice": [message(), message(chat="d")],
    "two drafts of one day": [draft(), draft()],
    "two reports of one day": [report()],
    "fewer than no revisions": [report(form_id="g", revisions=-1)],
    "a report sent at no time": [report(form_id="g", revisions=1)],
    "a time of sending without a report": [report(form_id="g", first_sent_at=AT)],
    "a report on time that was never sent": [report(form_id="g", on_time=True)],
    "a revision numbered twice": [revision(number=1)],
    "a revision without a number": [revision(number=0)],
    "more overdue than pending": [revision(overdue=13, pending=12)],
    "more on duty than there are": [revision(staff_on_duty=7, staff_total=6)],
    "fewer than no dossiers": [revision(received_online=-1)],
    "a snapshot of an unknown period": [snapshot(kind="month")],
    "an edition frozen twice": [snapshot(), snapshot()],
    "a moment due twice": [occurrence(), occurrence()],
    "an invitation made twice": [
        Invite(code_hash="h", unit_id=1, role="admin", expires_at=AT) for _ in range(2)
    ],
}


@pytest.mark.parametrize("rows", REFUSED.values(), ids=REFUSED)
async def test_the_database_refuses_what_must_never_be(office: Database, rows: list[SQLModel]):
    with pytest.raises(IntegrityError):
        await add(office, *rows)


DANGLING: Mapping[str, SQLModel] = {
    "a person": duty(person_id=99),
    "a unit above": unit_version(parent_id=99),
    "a unit counted in": unit_version(counts="inside", counted_in_id=99),
    "a reporting unit": report(unit_id=99),
    "a report": revision(report_id=99),
    "an actor": AuditEvent(at=AT, person_id=99, channel="local", what="w", subject="s", detail={}),
}


@pytest.mark.parametrize("row", DANGLING.values(), ids=DANGLING)
async def test_nothing_refers_to_what_does_not_exist(office: Database, row: SQLModel):
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        await add(office, row)


async def test_an_address_a_duty_and_a_name_may_come_back_after_their_end(office: Database):
    past = {"valid_from": date(2020, 1, 1), "valid_until": date(2020, 2, 1)}

    await add(office, address(**past), address(), duty(**past), duty())
    await add(office, unit_version(**past), unit_version())


async def test_a_time_without_a_zone_is_refused(database: Database):
    naive = AT.replace(tzinfo=None)

    with pytest.raises(StatementError, match="timezone"):
        await add(database, Heartbeat(name="clock", at=naive))
    with pytest.raises(StatementError, match="timezone"):
        async with database.write() as connection:
            await outbox.enqueue(connection, [Outbound("k", "local", "c", "x")], now=naive)


async def test_a_local_time_comes_back_as_the_same_moment_in_utc(database: Database):
    local = datetime.fromisoformat("2020-04-15T16:30+07:00")

    await add(database, Heartbeat(name="clock", at=local))
    async with database.read_session() as session:
        found = (await session.exec(select(Heartbeat.at))).one()

    assert found == local
    assert found.tzinfo == UTC


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE revision SET answers = '{}'",
        "DELETE FROM revision",
        "UPDATE snapshot SET body = ''",
        "DELETE FROM snapshot",
    ],
)
async def test_what_was_sent_or_frozen_is_never_rewritten(office: Database, statement: str):
    await add(office, snapshot())

    with pytest.raises(DatabaseError, match="append-only"):
        async with office.write() as connection:
            await connection.execute(text(statement))


async def test_every_connection_is_durable_and_checks_foreign_keys(database: Database):
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}

    async with database.read() as one, database.read() as other:
        found = [
            {name: (await c.execute(text(f"PRAGMA {name}"))).scalar_one() for name in wanted}
            for c in (one, other)
        ]

    assert found == [wanted, wanted]


async def test_a_write_that_fails_leaves_nothing_behind(database: Database):
    with pytest.raises(IntegrityError):
        await add(database, Unit(code="A"), Unit(code="A"))

    async with database.read_session() as session:
        assert (await session.exec(select(Unit))).all() == []


async def test_questions_are_answered_while_somebody_writes(office: Database):
    async with office.session() as writing:
        writing.add(Unit(code="B"))
        await writing.flush()
        async with office.read_session() as session:
            seen = (await session.exec(select(Unit.code))).all()

    assert seen == ["A"]


async def test_an_error_does_not_tell_what_people_wrote(office: Database):
    with pytest.raises(IntegrityError) as refused:
        await add(office, revision(number=1, answers={"issues": "gọi 0912345678"}))

    assert "0912345678" not in str(refused.value)


async def test_a_locked_database_is_a_passing_fault(database: Database, database_path: Path):
    async with database.read() as connection:
        await connection.execute(text("PRAGMA busy_timeout = 10"))  # the pool gives it again
    holder = sqlite3.connect(database_path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(OperationalError, match="locked") as locked:
        async with database.write():
            pass
    holder.close()

    assert is_passing(locked.value)


async def test_a_statement_that_cannot_be_carried_out_is_no_passing_fault(database: Database):
    with pytest.raises(OperationalError) as wrong:
        async with database.write() as connection:
            await connection.execute(text("SELECT nothing FROM nowhere"))

    assert not is_passing(wrong.value)


@pytest.mark.parametrize(
    ("error", "passing"),
    [(OSError("disk"), True), (ValueError("x"), False), (KeyError("x"), False)],
)
def test_only_the_machine_s_faults_pass(error: Exception, passing: bool):
    assert is_passing(error) is passing


def schema(path: Path) -> Mapping[str, str]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    found = dict(rows.fetchall())
    connection.close()
    return found


def test_the_migrations_give_the_tables_of_the_models(database_path: Path):
    engine = create_engine(f"sqlite:///{database_path}", poolclass=NullPool)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"render_as_batch": True})
        missing = compare_metadata(context, SQLModel.metadata)

    assert missing == []


def test_the_migrations_give_the_constraints_and_indexes_of_the_models(
    database_path: Path, tmp_path: Path
):
    """Alembic compares neither checks nor the conditions of indexes."""
    engine = create_engine(f"sqlite:///{tmp_path / 'models.db'}", poolclass=NullPool)
    SQLModel.metadata.create_all(engine)
    wanted, found = schema(tmp_path / "models.db"), schema(database_path)

    def parts(sql: str) -> list[str]:
        # A column that came later has a default, for the rows that were there already.
        sql = re.sub(r"\s+DEFAULT (\('[^']*'\)|'[^']*'|\w+)", "", sql.replace('"', ""))
        # ... and it stands in one line with others: a comma outside of parentheses ends a part.
        lines = (" ".join(line.split()) for line in re.split(r",(?![^()]*\))|\n", sql))
        return sorted(line for line in lines if line)

    assert {n: parts(s) for n, s in wanted.items()} == {
        n: parts(s) for n, s in found.items() if n in wanted
    }
    assert {n for n in found if n not in wanted} == {
        "alembic_version",
        *(f"{t}_no_{act}" for t in ("revision", "snapshot") for act in ("update", "delete")),
    }


def test_migrating_twice_is_harmless(database_path: Path):
    before = schema(database_path)

    upgrade(f"sqlite+aiosqlite:///{database_path}")

    assert schema(database_path) == before
    assert is_current(f"sqlite+aiosqlite:///{database_path}")


def test_a_new_database_is_made_with_its_directory(tmp_path: Path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'var' / 'new.db'}"

    assert not is_current(url)
    upgrade(url)

    assert is_current(url)


def test_a_migration_that_breaks_off_leaves_the_database_as_it_was(tmp_path: Path):
    path = tmp_path / "half.db"
    half = sqlite3.connect(path)
    half.execute("CREATE TABLE revision (id INTEGER)")  # the last table of the first schema
    half.close()
    url = f"sqlite+aiosqlite:///{path}"

    with pytest.raises(OperationalError, match="already exists"):
        upgrade(url)

    assert list(schema(path)) == ["revision"]
    assert not is_current(url)


async def test_insert_knows_the_dialect_of_its_connection(database: Database):
    rows = [{"name": "clock", "at": AT}]

    async with database.write() as connection:
        statement = insert_into(connection, Heartbeat).on_conflict_do_nothing()
        await connection.execute(statement, rows)
        await connection.execute(statement, rows)

    async with database.read_session() as session:
        assert len((await session.exec(select(Heartbeat))).all()) == 1
