"""What a batch of updates needs to be decided: who speaks, where they stand, what was reported.

All of a batch is loaded in a fixed number of statements, whatever its size.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, inspect, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from bot.core.desk import Cursor, Draft, Past, Step
from bot.core.life import Life
from bot.core.messaging import Inbound
from bot.core.snapshot import answers_from
from storage.tables import (
    Address,
    CursorRow,
    DraftRow,
    Duty,
    GroupChat,
    InboxUpdate,
    Report,
    Revision,
    Unit,
    UnitVersion,
    columns,
    literally,
)

_inbox = columns(InboxUpdate)
_earlier = inspect(InboxUpdate).local_table.alias().c
_address = columns(Address)
_duty = columns(Duty)
_unit = columns(Unit)
_version = columns(UnitVersion)
_cursor = columns(CursorRow)
_group = columns(GroupChat)
_draft = columns(DraftRow)
_report = columns(Report)
_revision = columns(Revision)

_WAITING = literally("waiting")

REPORTERS = ("focal_point", "deputy")
_LOOK_BACK = timedelta(days=60)
_NEWEST_REPORTS = 4


@dataclass(frozen=True, slots=True)
class Held:
    """A duty that somebody holds, with the unit as it is today."""

    role: str
    unit_id: int
    code: str
    name: str
    level: str
    reports: bool
    since: date


@dataclass(frozen=True, slots=True)
class Kept:
    """A report as it is kept."""

    life: Life
    newest: Past | None


@dataclass(frozen=True, slots=True)
class Papers:
    """What a unit has entered and sent lately, by reporting day."""

    drafts: Mapping[date, Draft] = field(default_factory=dict)
    reports: Mapping[date, Kept] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One update with all that is needed to decide it.

    Attributes:
        person_id: None when nobody is known at this address.
        group_unit: id of the unit whose group it was said in; None in private or an unbound group.
    """

    inbox_id: int
    inbound: Inbound
    received_at: datetime
    person_id: int | None = None
    duties: tuple[Held, ...] = ()
    group_unit: int | None = None
    cursor: Cursor = field(default_factory=Cursor)
    cursor_unit: int | None = None
    papers: Mapping[int, Papers] = field(default_factory=dict)

    @property
    def reporting(self) -> list[Held]:
        """The units that the person reports for and that owe reports, each once."""
        held = {d.unit_id: d for d in self.duties if d.role in REPORTERS and d.reports}
        return list(held.values())


async def waiting(connection: AsyncConnection, *, limit: int) -> list[Case]:
    """Return the oldest waiting updates, one for each conversation, as bare cases.

    However much one conversation has said, the others are not kept waiting by it.
    """
    earlier_waits = (
        select(1)
        .where(
            _earlier.state == _WAITING,
            _earlier.channel == _inbox.channel,
            _earlier.chat == _inbox.chat,
            _earlier.id < _inbox.id,
        )
        .exists()
    )
    rows = await connection.execute(
        select(
            _inbox.id,
            _inbox.channel,
            _inbox.update_id,
            _inbox.chat,
            _inbox.payload,
            _inbox.received_at,
        )
        .where(_inbox.state == _WAITING, ~earlier_waits)
        .order_by(_inbox.id)
        .limit(limit)
    )
    return [_bare_case(row) for row in rows.all()]


def _bare_case(row: Any) -> Case:
    payload = row.payload
    sent_at = payload["sent_at"]
    inbound = Inbound(
        channel=row.channel,
        update_id=row.update_id,
        chat=row.chat,
        sender=payload["sender"],
        text=payload["text"],
        sender_name=payload["sender_name"],
        in_group=payload["in_group"],
        sent_at=datetime.fromisoformat(sent_at) if sent_at else None,
    )
    return Case(inbox_id=row.id, inbound=inbound, received_at=row.received_at)


async def load(
    connection: AsyncConnection, cases: Sequence[Case], *, form_id: str, today: date
) -> list[Case]:
    """Return the cases with all that is known about them.

    Of cases that concern the same unit only the first is returned: the others must see what it
    leaves behind, and stay waiting.
    """
    people = await _people(connection, [c.inbound for c in cases])
    duties = await _duties(connection, set(people.values()), today)
    cursors = await _cursors(connection, set(people.values()))
    groups = await _groups(connection, [c.inbound for c in cases if c.inbound.in_group])
    units = {d.unit_id for held in duties.values() for d in held if d.role in REPORTERS}
    papers = await papers_of(connection, units, form_id=form_id, today=today)
    taken: set[int] = set()
    loaded = []
    for case in cases:
        person = people.get((case.inbound.channel, case.inbound.sender))
        held = tuple(duties.get(person, ())) if person else ()
        concerned = {d.unit_id for d in held if d.role in REPORTERS}
        if concerned & taken:
            continue
        taken |= concerned
        place = (case.inbound.channel, case.inbound.chat)
        cursor, cursor_unit = cursors.get((person or 0, *place), (Cursor(), None))
        loaded.append(
            Case(
                case.inbox_id,
                case.inbound,
                case.received_at,
                person,
                held,
                groups.get(place),
                cursor,
                cursor_unit,
                {u: papers.get(u, Papers()) for u in concerned},
            )
        )
    return loaded


async def _people(
    connection: AsyncConnection, inbounds: Sequence[Inbound]
) -> dict[tuple[str, str], int]:
    rows = await connection.execute(
        select(_address.channel, _address.external_id, _address.person_id).where(
            # Two conditions, since an index serves them, and not one on the pair.
            _address.channel.in_({i.channel for i in inbounds}),
            _address.external_id.in_({i.sender for i in inbounds}),
            _address.valid_until.is_(None),
        )
    )
    return {(r.channel, r.external_id): r.person_id for r in rows.all()}


async def _duties(
    connection: AsyncConnection, people: Collection[int], today: date
) -> dict[int, list[Held]]:
    rows = await connection.execute(
        select(
            _duty.person_id,
            _duty.role,
            _duty.unit_id,
            _duty.valid_from,
            _unit.code,
            _version.name,
            _version.level,
            _version.reports,
        )
        .join(Unit, _unit.id == _duty.unit_id)
        .join(UnitVersion, _version.unit_id == _duty.unit_id)
        .where(
            _duty.person_id.in_(people),
            *valid_on(Duty, today),
            *valid_on(UnitVersion, today),
        )
        .order_by(_duty.id)
    )
    held: dict[int, list[Held]] = defaultdict(list)
    for r in rows.all():
        held[r.person_id].append(
            Held(r.role, r.unit_id, r.code, r.name, r.level, r.reports, r.valid_from)
        )
    return held


def valid_on(table: type[SQLModel], day: date) -> tuple[Any, Any]:
    """Return the conditions that a row of a table with validity dates holds on a day."""
    c = columns(table)
    return c.valid_from <= day, or_(c.valid_until.is_(None), c.valid_until > day)


async def _cursors(
    connection: AsyncConnection, people: Collection[int]
) -> dict[tuple[int, str, str], tuple[Cursor, int | None]]:
    rows = await connection.execute(
        select(
            _cursor.person_id,
            _cursor.channel,
            _cursor.chat,
            _cursor.unit_id,
            _cursor.step,
            _cursor.day,
            _cursor.asked,
            _cursor.seen,
        ).where(_cursor.person_id.in_(people))
    )
    return {
        (r.person_id, r.channel, r.chat): (
            Cursor(Step(r.step), r.day, tuple(r.asked), r.seen),
            r.unit_id,
        )
        for r in rows.all()
    }


async def _groups(
    connection: AsyncConnection, inbounds: Sequence[Inbound]
) -> dict[tuple[str, str], int]:
    if not inbounds:
        return {}
    rows = await connection.execute(
        select(_group.channel, _group.chat, _group.unit_id).where(
            _group.channel.in_({i.channel for i in inbounds}),
            _group.chat.in_({i.chat for i in inbounds}),
            _group.valid_until.is_(None),
        )
    )
    return {(r.channel, r.chat): r.unit_id for r in rows.all()}


async def papers_of(
    connection: AsyncConnection, units: Collection[int], *, form_id: str, today: date
) -> dict[int, Papers]:
    """Return what these units have entered and sent lately; every unit has an entry."""
    drafts = await connection.execute(
        select(_draft.unit_id, _draft.day, _draft.answers, _draft.doubts, _draft.version).where(
            _draft.unit_id.in_(units),
            _draft.form_id == form_id,
            _draft.day > today - _LOOK_BACK,
        )
    )
    by_unit: dict[int, tuple[dict[date, Draft], dict[date, Kept]]] = {u: ({}, {}) for u in units}
    for d in drafts.all():
        by_unit[d.unit_id][0][d.day] = Draft(answers_from(d.answers), d.doubts, d.version)
    newest = await connection.execute(_newest_reports(units, form_id, today))
    for r in newest.all():
        by_unit[r.unit_id][1][r.day] = Kept(life_of(r), past_of(r))
    return {unit: Papers(drafts, reports) for unit, (drafts, reports) in by_unit.items()}


def _newest_reports(units: Collection[int], form_id: str, today: date) -> Any:
    """Return the query for each unit's newest reports with their newest revisions."""
    newest = (
        select(
            *_report,
            func.row_number()
            .over(partition_by=_report.unit_id, order_by=_report.day.desc())
            .label("rank"),
        )
        .where(
            _report.unit_id.in_(units),
            _report.form_id == form_id,
            _report.day > today - _LOOK_BACK,
        )
        .subquery()
    )
    report = newest.c
    return (
        select(newest, *revision_columns())
        .outerjoin(
            Revision,
            and_(_revision.report_id == report.id, _revision.number == report.revisions),
        )
        .where(report.rank <= _NEWEST_REPORTS)
    )


def revision_columns() -> tuple[Any, ...]:
    """Return the columns of a revision that make up a `Past`."""
    return (
        _revision.answers,
        _revision.stated_on,
        _revision.number,
        _revision.sent_at,
        _revision.doubts,
    )


def life_of(row: Any) -> Life:
    """Return the life in a row of the report table."""
    return Life(
        first_sent_at=row.first_sent_at,
        on_time=row.on_time,
        revisions=row.revisions,
        returned=row.returned,
        entered_for=row.entered_for,
        reopened=row.reopened,
        amended=row.amended,
        exempt_reason=row.exempt_reason,
    )


def past_of(row: Any) -> Past | None:
    """Return the newest revision in a row of report joined with revision."""
    if row.answers is None:
        return None
    return Past(
        day=row.day,
        answers=answers_from(row.answers),
        stated_on={k: date.fromisoformat(d) for k, d in row.stated_on.items()},
        revision=row.number,
        sent_at=row.sent_at,
        doubts=row.doubts,
    )
