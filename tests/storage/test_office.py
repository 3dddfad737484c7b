"""The directory and its past, settings, invitations, and where people can be reached."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from bot.core.desk import Submission
from bot.core.directory import UnitRow
from bot.core.life import Life, Status
from bot.core.rollup import Counts, Entry
from storage import office
from storage.database import Database
from storage.office import PastWouldChange, Reach
from storage.reports import Sending, entries_of, submit
from storage.tables import Address, Duty, Invite, Person, UnitVersion

FIRST, LATER, LAST = date(2020, 4, 1), date(2020, 4, 10), date(2020, 4, 20)
NOW = datetime(2020, 4, 10, 8, 30, tzinfo=UTC)
FORM = "daily"


def unit(code: str, parent: str | None = "A", **changes: object) -> UnitRow:
    level = "commune" if parent else "district"
    row = UnitRow(code, f"Xã {code}", level, parent, "", (), True, Counts.OWN, None)
    return replace(row, **changes)  # type: ignore[arg-type]


DISTRICT = unit("A", None, name="Huyện A")
ONE, TWO, THREE = unit("A1"), unit("A2"), unit("A3")


async def keep(database: Database, *rows: UnitRow, since: date = FIRST) -> int:
    async with database.session() as session:
        return await office.keep_directory(session, rows, since=since)


async def names_on(database: Database, day: date) -> list[tuple[str, str, str | None]]:
    async with database.read_session() as session:
        return [(u.code, u.name, u.parent) for u in await office.units_on(session, day)]


async def expected_on(database: Database, day: date) -> list[Entry]:
    async with database.read() as connection:
        return list(await entries_of(connection, day, form_id=FORM))


async def codes(database: Database, day: date) -> list[str]:
    return [entry.unit for entry in await expected_on(database, day)]


async def test_the_directory_is_read_back_in_the_order_of_the_file(database: Database):
    changed = await keep(database, DISTRICT, TWO, ONE)

    assert changed == 3
    assert await names_on(database, FIRST) == [
        ("A", "Huyện A", None),
        ("A2", "Xã A2", "A"),
        ("A1", "Xã A1", "A"),
    ]
    assert await names_on(database, FIRST - timedelta(days=1)) == []


async def test_importing_the_same_again_changes_nothing(database: Database):
    await keep(database, DISTRICT, ONE)

    changed = await keep(database, DISTRICT, ONE, since=LATER)

    async with database.read_session() as session:
        versions = (await session.exec(select(UnitVersion.valid_from))).all()
    assert changed == 0
    assert versions == [FIRST, FIRST]


async def test_a_unit_that_is_renamed_keeps_its_old_name_in_the_past(database: Database):
    await keep(database, DISTRICT, ONE)

    changed = await keep(database, DISTRICT, replace(ONE, name="Phường A1"), since=LATER)

    assert changed == 1
    assert (await names_on(database, LATER - timedelta(days=1)))[1][1] == "Xã A1"
    assert (await names_on(database, LATER))[1][1] == "Phường A1"


async def test_a_unit_that_moved_was_under_its_old_district_before(database: Database):
    other = unit("B", "A", level="district")
    await keep(database, DISTRICT, other, ONE)

    await keep(database, DISTRICT, other, replace(ONE, parent="B"), since=LATER)

    assert [e.parent for e in await expected_on(database, FIRST) if e.unit == "A1"] == ["A"]
    assert [e.parent for e in await expected_on(database, LATER) if e.unit == "A1"] == ["B"]


async def test_a_day_of_the_past_still_expects_the_units_it_had(database: Database):
    await keep(database, DISTRICT, ONE, TWO)

    await keep(database, DISTRICT, THREE, replace(TWO, reports=False), since=LATER)

    assert await codes(database, LATER - timedelta(days=1)) == ["A", "A1", "A2"]
    assert await codes(database, LATER) == ["A", "A3"]


async def test_a_unit_that_ended_may_come_back(database: Database):
    await keep(database, DISTRICT, ONE)
    await keep(database, DISTRICT, since=LATER)
    await keep(database, DISTRICT, ONE, since=LAST)

    found = [await codes(database, day) for day in (FIRST, LATER, LAST)]

    assert found == [["A", "A1"], ["A"], ["A", "A1"]]


async def test_an_import_of_the_same_day_is_put_right_by_another(database: Database):
    await keep(database, DISTRICT, replace(ONE, name="Xã Sai"))

    await keep(database, DISTRICT, replace(ONE, name="Xã Đúng"))

    assert [name for _, name, _ in await names_on(database, FIRST)] == ["Huyện A", "Xã Đúng"]


@pytest.mark.parametrize(
    "planned",
    [(DISTRICT, ONE, TWO), (DISTRICT, replace(ONE, name="Phường A1")), (DISTRICT,)],
    ids=["begun", "renamed", "ended"],
)
async def test_what_was_planned_for_a_later_day_is_not_overwritten_from_an_earlier_one(
    database: Database, planned: Sequence[UnitRow]
):
    await keep(database, DISTRICT, ONE)
    await keep(database, *planned, since=LAST)

    with pytest.raises(PastWouldChange) as refused:
        await keep(database, DISTRICT, ONE, THREE, since=LATER)

    assert refused.value.earliest == LAST
    for day in (FIRST, LATER, LAST):
        found = await codes(database, day)
        assert len(found) == len(set(found))


async def test_a_report_stands_in_the_entry_of_its_unit_and_day(database: Database):
    await keep(database, DISTRICT, ONE)
    life = Life(first_sent_at=NOW, on_time=True, revisions=1)
    async with database.session() as session:
        ids = {u.code: u.id for u in await office.units_on(session, LATER)}
        session.add(Person(id=1, name="Bình", created_at=NOW))
        await session.flush()
        answers = {"pending": 12, "overdue": 1, "measures": ("masks",)}
        submission = Submission(1, answers, {"staff_total": FIRST}, {}, life)
        sent = Sending(ids["A1"], LATER, submission, 1, "local", NOW)
        await submit(await session.connection(), [sent], FORM)

    [district, one] = await expected_on(database, LATER)

    assert (district.status, district.answers) == (Status.MISSING, None)
    assert (one.status, one.on_time, one.revision) == (Status.ON_TIME, True, 1)
    assert one.answers == answers
    assert one.stated_on == {"staff_total": FIRST}
    assert [e.status for e in await expected_on(database, LAST)] == [Status.MISSING] * 2


async def test_settings_are_replaced_key_by_key(database: Database):
    async with database.session() as session:
        await office.keep_settings(session, {"name": "tỉnh A", "times.reminders": ["16:00"]})
        await office.keep_settings(session, {"name": "tỉnh B"})

    async with database.read_session() as session:
        assert await office.settings(session) == {"name": "tỉnh B", "times.reminders": ["16:00"]}


async def invited(database: Database, role: str = "focal_point", code_of: str = "A1") -> str:
    async with database.session() as session:
        ids = {u.code: u.id for u in await office.units_on(session, LATER)}
        until = NOW + timedelta(days=30)
        return await office.invite(session, unit_id=ids[code_of], role=role, expires_at=until)


async def joins(database: Database, code: str, who: str, *, channel: str = "local") -> None:
    async with database.session() as session:
        found = await office.invitation(session, code)
        assert found is not None
        place = {"channel": channel, "external_id": who, "name": who}
        await office.join_person(session, found, **place, now=NOW)


async def test_of_an_invitation_only_the_hash_is_kept(database: Database):
    await keep(database, DISTRICT, ONE)

    code = await invited(database)

    async with database.read_session() as session:
        [row] = await session.exec(select(Invite))
    assert re.fullmatch("[A-HJKMNP-Z2-9]{8}", code)
    assert code not in str(row.model_dump())


async def test_a_code_is_found_however_it_is_typed(database: Database):
    await keep(database, DISTRICT, ONE)
    code = await invited(database)

    typed = (code, code.lower(), f" {code[:4]} {code[4:]}\n")
    async with database.read_session() as session:
        found = [await office.invitation(session, words) for words in typed]
        other = await office.invitation(session, "ABCDEFGH")

    assert None not in found
    assert other is None


async def test_whoever_joins_holds_the_duty_and_the_code_is_used_up(database: Database):
    await keep(database, DISTRICT, ONE)
    code = await invited(database)

    await joins(database, code, "bình")

    async with database.read_session() as session:
        used = await office.invitation(session, code)
        reach = await office.reachable(session, ["focal_point"], today=LATER)
    assert used is not None
    assert used.used_at == NOW
    assert reach == [Reach(1, "focal_point", "A1", "local", "bình")]


async def test_somebody_known_who_joins_again_stays_one_person(database: Database):
    await keep(database, DISTRICT, ONE, TWO)

    for unit_code in ("A1", "A1", "A2"):
        await joins(database, await invited(database, code_of=unit_code), "bình")

    async with database.read_session() as session:
        assert len((await session.exec(select(Person))).all()) == 1
        assert len((await session.exec(select(Duty))).all()) == 2


async def test_people_are_reached_where_they_last_wrote(database: Database):
    await keep(database, DISTRICT, ONE)
    await joins(database, await invited(database), "bình")
    async with database.session() as session:
        place = {"channel": "zalo", "external_id": "z1", "valid_from": FIRST}
        session.add(Address(person_id=1, **place, last_used_at=NOW + timedelta(minutes=1)))

    async with database.read_session() as session:
        reach = await office.reachable(session, ["focal_point"], today=LATER)

    assert [(r.channel, r.chat) for r in reach] == [("zalo", "z1")]


async def test_somebody_who_is_gone_is_not_reached_any_more(database: Database):
    await keep(database, DISTRICT, ONE)
    await joins(database, await invited(database), "bình")

    async with database.session() as session:
        place = {"channel": "local", "external_id": "bình"}
        ended = await office.address_gone(session, **place, now=NOW)
        again = await office.address_gone(session, **place, now=NOW)

    async with database.read_session() as session:
        assert await office.reachable(session, ["focal_point"], today=LATER) == []
    assert ended is not None
    assert again is None


async def test_a_group_gets_the_digest_of_the_unit_it_was_bound_to_last(database: Database):
    await keep(database, DISTRICT, ONE)

    for unit_code in ("A1", "A"):
        code = await invited(database, "group", unit_code)
        async with database.session() as session:
            found = await office.invitation(session, code)
            assert found is not None
            await office.join_group(session, found, channel="local", chat="nhóm", now=NOW)

    async with database.read_session() as session:
        assert [(g.chat, u) for g, u in await office.groups(session)] == [("nhóm", "A")]
