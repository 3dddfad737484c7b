"""What a bot has used of its plan, counted on a real database."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event

from bot.core.quota import Usage, month_of
from storage import usage
from storage.database import Database
from storage.tables import Address, GroupChat, InboxUpdate, OutboxMessage, Person, Unit

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ZALO, OTHER = "zalo", "zalo2"
DAY = date(2020, 4, 1)
ENDS = ("sent", "unknown")
numbers = count(1)


def local(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=ZONE)


NOW = local("2020-04-15 16:30")
APRIL = dict(zip(("since", "until"), month_of(NOW), strict=True))


def sent(at: str | None, fate: str = "sent", channel: str = ZALO, **more: Any) -> OutboxMessage:
    number = next(numbers)
    return OutboxMessage(
        text="chào",
        buttons=[],
        in_group=False,
        priority=1,
        repeat="once",
        key=f"k{number}",
        channel=channel,
        chat="a",
        due_at=NOW,
        fate=fate,
        external_id=f"{number}" if fate == "sent" else None,
        settled_at=local(at) if at else None,
        **more,
    )


def heard(at: str, channel: str = ZALO) -> InboxUpdate:
    return InboxUpdate(
        channel=channel, update_id=f"{next(numbers)}", chat="a", payload={}, received_at=local(at)
    )


async def keep(database: Database, *rows: Any) -> None:
    async with database.session() as session:
        session.add_all(rows)


async def used(database: Database, *, both_ways: bool = False, **more: Any) -> int:
    asked = {**APRIL, "both_ways": both_ways, **more}
    async with database.read() as connection:
        return await usage.used(connection, ZALO, **asked)


async def test_what_was_sent_or_may_have_been_counts_on_its_own_channel(database: Database):
    at = "2020-04-15 15:00"
    others = ("pending", "waiting", "sending", "refused", "gone", "expired")
    await keep(database, *(sent(at, fate) for fate in (*ENDS, *others)))
    await keep(database, sent(at, channel=OTHER), sent(None, "pending"))

    assert await used(database) == 2


async def test_what_is_shown_in_passing_is_no_message(database: Database):
    await keep(database, sent("2020-04-15 15:00", passing=True), sent("2020-04-15 15:00"))

    assert await used(database) == 1


@pytest.mark.parametrize(
    ("at", "counted"),
    [
        ("2020-03-31 23:59:59.999999", 0),
        ("2020-04-01 00:00:00", 1),
        ("2020-04-01 06:59:59", 1),  # in Greenwich it is still March
        ("2020-04-30 23:59:59.999999", 1),
        ("2020-05-01 00:00:00", 0),
        ("2020-05-01 06:59:59", 0),  # in Greenwich it is still April
    ],
)
@pytest.mark.parametrize("both_ways", [False, True])
async def test_a_month_begins_and_ends_at_midnight_of_the_office(
    database: Database, at: str, counted: int, both_ways: bool
):
    await keep(database, sent(at), heard(at))

    assert await used(database, both_ways=both_ways) == counted * (2 if both_ways else 1)


async def test_what_people_write_counts_only_where_both_directions_do(database: Database):
    at = "2020-04-15 15:00"
    await keep(database, sent(at), heard(at), heard(at), heard(at, channel=OTHER))

    assert await used(database) == 1
    assert await used(database, both_ways=True) == 3


async def test_people_are_counted_by_their_address_of_now(database: Database):
    await keep(database, *(Person(name=f"{n}", created_at=NOW) for n in range(4)))
    place: dict[str, Any] = {"channel": ZALO, "last_used_at": NOW, "valid_from": DAY}
    await keep(
        database,
        Address(**place, person_id=1, external_id="z1"),
        Address(**place, person_id=2, external_id="z2", gone_since=NOW),
        Address(**place, person_id=3, external_id="z3", valid_until=DAY + timedelta(days=1)),
        Address(**{**place, "channel": OTHER}, person_id=4, external_id="z4"),
    )

    async with database.read() as connection:
        assert await usage.people_of(connection, ZALO) == 2
        assert await usage.people_of(connection, "telegram") == 0


async def test_groups_are_counted_in_which_the_bot_is_now(database: Database):
    await keep(database, Unit(code="A"))
    place: dict[str, Any] = {"channel": ZALO, "unit_id": 1, "valid_from": DAY}
    await keep(
        database,
        GroupChat(**place, chat="g1"),
        GroupChat(**place, chat="removed", gone_since=NOW),
        GroupChat(**place, chat="by hand", by_hand=True),
        GroupChat(**place, chat="before", valid_until=DAY + timedelta(days=1)),
        GroupChat(**{**place, "channel": OTHER}, chat="g2"),
    )

    async with database.read() as connection:
        assert await usage.groups_of(connection, ZALO) == 1


async def test_the_last_update_is_the_newest_of_its_channel(database: Database):
    await keep(database, heard("2020-04-15 15:00"), heard("2020-04-15 14:00"))
    await keep(database, heard("2020-04-15 16:00", channel=OTHER))

    async with database.read() as connection:
        newest = await usage.last_heard(connection, ZALO)
        never = await usage.last_heard(connection, "telegram")

    assert newest == datetime(2020, 4, 15, 8, 0, tzinfo=UTC)
    assert never is None


async def test_a_session_may_ask_as_well_as_a_connection(database: Database):
    await keep(database, sent("2020-04-15 15:00"), heard("2020-04-15 15:00"))

    async with database.read_session() as session:
        found = await usage.usage_of(session, ZALO, now=NOW, both_ways=True)

    assert found == Usage(messages=2, people=0, groups=0)


async def test_counting_reads_only_the_rows_of_the_month(database: Database, database_path: Path):
    with executed() as statements:
        await used(database, both_ways=True)
        async with database.read() as connection:
            await usage.last_heard(connection, ZALO)
            await usage.people_of(connection, ZALO)

    connection = sqlite3.connect(database_path)
    plans = [
        str(row[3]).replace("COVERING ", "")
        for statement, values in statements
        if statement.startswith("SELECT")
        for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
    ]
    connection.close()
    month = "(channel=? AND {0}>? AND {0}<?)"
    assert plans == [
        f"SEARCH outbox USING INDEX ix_outbox_sent {month.format('settled_at')}",
        f"SEARCH inbox USING INDEX ix_inbox_received {month.format('received_at')}",
        "SEARCH inbox USING INDEX ix_inbox_received (channel=?)",
        "SEARCH address USING INDEX uq_address_current (channel=?)",
    ]


@contextmanager
def executed() -> Iterator[list[tuple[str, Any]]]:
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
