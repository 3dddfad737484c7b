"""What is on record of one report."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.report_record import RECORDED, Done
from storage.tables import AuditEvent, Person, Report, Revision, columns

_audit = columns(AuditEvent)
_person = columns(Person)
_report = columns(Report)
_revision = columns(Revision)

_LONG_AFTER = timedelta(days=70)  # nothing is reopened later


async def revisions_of(
    connection: AsyncConnection, unit_id: int, day: date, *, form_id: str
) -> list[Any]:
    """Return the revisions of a report with the names of who sent them, oldest first."""
    rows = await connection.execute(
        select(
            _revision.number,
            _revision.sent_at,
            _revision.channel,
            _revision.answers,
            _revision.reason,
            _revision.for_another,
            _person.name,
        )
        .join(Report, _report.id == _revision.report_id)
        .join(Person, _person.id == _revision.person_id)
        .where(_report.unit_id == unit_id, _report.day == day, _report.form_id == form_id)
        .order_by(_revision.number)
    )
    return list(rows.all())


async def done_to(connection: AsyncConnection, unit: str, day: date, zone: ZoneInfo) -> list[Done]:
    """Return what was done to a report from its day on, in the order of the record.

    Args:
        unit: its code.
    """
    begins = datetime(day.year, day.month, day.day, tzinfo=zone)
    rows = await connection.execute(
        select(_audit.what, _audit.at, _audit.detail, _person.name)
        .join(Person, _person.id == _audit.person_id)
        .where(
            # An index serves the time, and none the subject.
            _audit.at >= begins,
            _audit.at < begins + _LONG_AFTER,
            _audit.subject == f"{unit}/{day.isoformat()}",
            _audit.what.in_(RECORDED),
        )
        .order_by(_audit.id)
    )
    return [Done(r.what, r.at.astimezone(zone), r.name, r.detail) for r in rows.all()]
