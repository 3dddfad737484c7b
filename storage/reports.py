"""Drafts and reports: written in batches, read by day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, delete, inspect, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.desk import Draft, Submission
from bot.core.form import Answers
from bot.core.life import Life
from bot.core.rollup import Counts, Entry
from bot.core.snapshot import answers_from
from storage.database import insert_into
from storage.papers import life_of, past_of, revision_columns
from storage.tables import DraftRow, Person, Report, Revision, Unit, UnitVersion, columns, valid_on

_draft = columns(DraftRow)
_report = columns(Report)
_revision = columns(Revision)
_person = columns(Person)
_version = columns(UnitVersion)
_unit = columns(Unit)
_parent = inspect(Unit).local_table.alias()

_TYPED = (
    "counter_status",
    "staff_on_duty",
    "staff_total",
    "received_direct",
    "received_online",
    "received_postal",
    "resolved_on_time",
    "resolved_late",
    "pending",
    "overdue",
    "urgent_received",
    "urgent_resolved",
    "online_payments",
)
_LIFE = (
    "first_sent_at",
    "on_time",
    "revisions",
    "returned",
    "entered_for",
    "reopened",
    "amended",
    "exempt_reason",
    "open_until",
    "reason",
    "awaits",
)


@dataclass(frozen=True, slots=True)
class Sending:
    """A submission with who sends it, for which unit and day, and when it arrived."""

    unit_id: int
    day: date
    submission: Submission
    person_id: int
    channel: str
    at: datetime


async def keep_drafts(
    connection: AsyncConnection,
    drafts: Sequence[tuple[int, date, Draft | None]],
    form_id: str,
    now: datetime,
) -> None:
    """Write the drafts of units and days; None removes one."""
    kept = [
        {
            "unit_id": unit,
            "form_id": form_id,
            "day": day,
            "answers": dict(d.answers),
            "doubts": dict(d.doubts),
            "version": d.version,
            "reason": d.reason,
            "updated_at": now,
            "raised": {k: list(v) for k, v in d.raised.items()},
        }
        for unit, day, d in drafts
        if d is not None
    ]
    if kept:
        statement = insert_into(connection, DraftRow)
        names = ("answers", "doubts", "version", "reason", "updated_at", "raised")
        new = {k: statement.excluded[k] for k in names}
        statement = statement.on_conflict_do_update(
            index_elements=["unit_id", "form_id", "day"], set_=new
        )
        await connection.execute(statement, kept)
    removed = [(unit, day) for unit, day, d in drafts if d is None]
    if removed:
        place = tuple_(_draft.unit_id, _draft.day)
        await connection.execute(
            delete(DraftRow).where(
                _draft.unit_id.in_([unit for unit, _ in removed]),
                place.in_(removed),
                _draft.form_id == form_id,
            )
        )


async def submit(connection: AsyncConnection, sent: Sequence[Sending], form_id: str) -> None:
    """Write submissions: the report's life as it now is, and a revision after the last one."""
    if not sent:
        return
    await keep_lives(connection, [(s.unit_id, s.day, s.submission.life) for s in sent], form_id)
    place = tuple_(_report.unit_id, _report.day)
    found = await connection.execute(
        select(_report.id, _report.unit_id, _report.day).where(
            # Told apart, since SQLite uses no index for pairs.
            _report.unit_id.in_([s.unit_id for s in sent]),
            place.in_([(s.unit_id, s.day) for s in sent]),
            _report.form_id == form_id,
        )
    )
    ids = {(r.unit_id, r.day): r.id for r in found}
    rows = [_revision_values(s, ids[s.unit_id, s.day]) for s in sent]
    await connection.execute(insert_into(connection, Revision), rows)


async def keep_lives(
    connection: AsyncConnection, lives: Sequence[tuple[int, date, Life]], form_id: str
) -> None:
    """Write how the reports of units and days stand; there must be one at least."""
    rows = [
        {"unit_id": unit, "form_id": form_id, "day": day, **_life_values(life)}
        for unit, day, life in lives
    ]
    statement = insert_into(connection, Report)
    statement = statement.on_conflict_do_update(
        index_elements=["unit_id", "form_id", "day"],
        set_={k: statement.excluded[k] for k in _LIFE},
    )
    await connection.execute(statement, rows)


async def lives_of(
    connection: AsyncConnection, unit_id: int, days: Collection[date], *, form_id: str
) -> dict[date, Life]:
    """Return how a unit's reports of these days stand; every day has an entry."""
    rows = await connection.execute(
        select(_report.day, *(_report[k] for k in _LIFE)).where(
            _report.unit_id == unit_id, _report.form_id == form_id, _report.day.in_(days)
        )
    )
    return {day: Life() for day in days} | {r.day: life_of(r) for r in rows}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report that its district has yet to approve.

    Attributes:
        unit, parent: codes.
        revision_id: of the newest revision, which grows with time.
    """

    report_id: int
    unit: str
    name: str
    parent: str | None
    day: date
    revision_id: int
    revision: int
    sent_at: datetime
    answers: Answers


async def awaiting(
    connection: AsyncConnection, *, form_id: str, since: date, today: date
) -> list[Waiting]:
    """Return the reports of days after `since` that wait for approval, in directory order by day.

    A unit that was excused meanwhile has nothing to be approved.
    """
    rows = await connection.execute(
        select(
            _report.id.label("report_id"),
            _unit.code.label("unit"),
            _version.name,
            _parent.c.code.label("parent"),
            _report.day,
            _revision.id.label("revision_id"),
            _revision.number.label("revision"),
            _revision.sent_at,
            _revision.answers,
        )
        .join(Unit, _unit.id == _report.unit_id)
        .join(UnitVersion, _version.unit_id == _report.unit_id)
        .join(Revision, _revision.report_id == _report.id)
        .outerjoin(_parent, _parent.c.id == _version.parent_id)
        .where(
            _report.awaits,
            _report.exempt_reason.is_(None),
            _report.form_id == form_id,
            _report.day > since,
            _revision.number == _report.revisions,
            *valid_on(UnitVersion, today),
        )
        .order_by(_report.day, _version.place)
    )
    found = rows.mappings().all()
    return [Waiting(**{**row, "answers": answers_from(row["answers"])}) for row in found]


async def approve(connection: AsyncConnection, reports: Sequence[int]) -> None:
    """Let these reports, by id, wait for approval no more."""
    await connection.execute(update(Report).where(_report.id.in_(reports)).values(awaits=False))


def _life_values(life: Life) -> dict[str, Any]:
    return {k: getattr(life, k) for k in _LIFE}


def _revision_values(sending: Sending, report_id: int) -> dict[str, Any]:
    submission = sending.submission
    return {
        "report_id": report_id,
        "number": submission.life.revisions,
        "form_version": submission.form_version,
        "answers": dict(submission.answers),
        "stated_on": {k: d.isoformat() for k, d in submission.stated_on.items()},
        "doubts": dict(submission.doubts),
        "doubt_fields": {k: list(v) for k, v in submission.doubt_fields.items()},
        "person_id": sending.person_id,
        "channel": sending.channel,
        "sent_at": sending.at,
        "reason": submission.reason,
        "for_another": submission.life.entered_for,
        **{k: submission.answers.get(k) for k in _TYPED},
    }


async def entries_of(connection: AsyncConnection, day: date, *, form_id: str) -> tuple[Entry, ...]:
    """Return one entry for each unit that owes a report for the day, in directory order."""
    about_day = (_report.form_id == form_id, _report.day == day)
    drafted = (_draft.form_id == form_id, _draft.day == day)
    newest = (_revision.report_id == _report.id, _revision.number == _report.revisions)
    rows = await connection.execute(
        select(
            _unit.code,
            _version.name,
            _version.level,
            _version.counts,
            _parent.c.code.label("parent"),
            _draft.id.label("draft_id"),
            _report.day,
            *(_report[k] for k in _LIFE),
            *revision_columns(),
            _revision.for_another,
            _person.name.label("person"),
        )
        .join(UnitVersion, _version.unit_id == _unit.id)
        .outerjoin(_parent, _parent.c.id == _version.parent_id)
        .outerjoin(DraftRow, and_(_draft.unit_id == _unit.id, *drafted))
        .outerjoin(Report, and_(_report.unit_id == _unit.id, *about_day))
        .outerjoin(Revision, and_(*newest))
        .outerjoin(Person, _person.id == _revision.person_id)
        .where(_version.reports, *valid_on(UnitVersion, day))
        .order_by(_version.place)
    )
    return tuple(_entry(row) for row in rows)


def _entry(row: Any) -> Entry:
    life = life_of(row) if row.revisions is not None else Life()
    past = past_of(row)
    standing = replace(life, drafted=row.draft_id is not None).standing
    return Entry(
        unit=row.code,
        name=row.name,
        level=row.level,
        parent=row.parent,
        counts=Counts(row.counts),
        status=standing.status,
        on_time=standing.on_time,
        answers=past.answers if past else None,
        stated_on=past.stated_on if past else {},
        revision=past.revision if past else 0,
        sent_at=past.sent_at if past else None,
        reason=life.exempt_reason or (life.reason if life.returned else ""),
        entered_by=row.person if row.for_another else "",
        awaits=life.awaits,
        explanations=past.explanations if past else (),
    )
