"""Drafts and reports: written in batches, read by day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, delete, inspect, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.desk import Draft, Submission
from bot.core.life import Life
from bot.core.rollup import Counts, Entry
from storage.conversations import life_of, past_of, revision_columns, valid_on
from storage.database import insert_into
from storage.tables import DraftRow, Report, Revision, Unit, UnitVersion, columns

_draft = columns(DraftRow)
_report = columns(Report)
_revision = columns(Revision)
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
            "updated_at": now,
            "raised": {k: list(v) for k, v in d.raised.items()},
        }
        for unit, day, d in drafts
        if d is not None
    ]
    if kept:
        statement = insert_into(connection, DraftRow)
        new = {
            k: statement.excluded[k]
            for k in ("answers", "doubts", "version", "updated_at", "raised")
        }
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
    lives = [
        {"unit_id": s.unit_id, "form_id": form_id, "day": s.day, **_life_values(s.submission.life)}
        for s in sent
    ]
    statement = insert_into(connection, Report)
    statement = statement.on_conflict_do_update(
        index_elements=["unit_id", "form_id", "day"],
        set_={k: statement.excluded[k] for k in _LIFE},
    )
    await connection.execute(statement, lives)
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
        )
        .join(UnitVersion, _version.unit_id == _unit.id)
        .outerjoin(_parent, _parent.c.id == _version.parent_id)
        .outerjoin(DraftRow, and_(_draft.unit_id == _unit.id, *drafted))
        .outerjoin(Report, and_(_report.unit_id == _unit.id, *about_day))
        .outerjoin(Revision, and_(*newest))
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
        explanations=past.explanations if past else (),
    )
