"""A unit's papers: what it has entered and sent lately, and what is usual for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import BindParameter, Date, String, and_, bindparam, func, inspect, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.desk import Draft, Past
from bot.core.history import Usual
from bot.core.life import Life
from bot.core.snapshot import answers_from
from storage.tables import DraftRow, Report, Revision, Unit, UsualRow, columns

_unit = columns(Unit)
_draft = columns(DraftRow)
_report = columns(Report)
_earlier_report = inspect(Report).local_table.alias().c
_revision = columns(Revision)
_usual = columns(UsualRow)

LOOK_BACK = timedelta(days=60)
"""A report older than that is not reopened: nobody's conversation knows of it any more."""
_NEWEST_REPORTS = 4


@dataclass(frozen=True, slots=True)
class Kept:
    """A report as it is kept."""

    life: Life
    newest: Past | None


@dataclass(frozen=True, slots=True)
class Papers:
    """What a unit has entered and sent lately, by reporting day, and what is usual for it."""

    drafts: Mapping[date, Draft] = field(default_factory=dict)
    reports: Mapping[date, Kept] = field(default_factory=dict)
    usual: Mapping[str, Usual] = field(default_factory=dict)


async def papers_of(
    connection: AsyncConnection, units: Collection[int], *, form_id: str, today: date
) -> dict[int, Papers]:
    """Return what these units have entered and sent lately; every unit has an entry."""
    asked = {
        "units": list(units),
        "form": form_id,
        "today": today,
        "earliest": today - LOOK_BACK,
    }
    drafts = await connection.execute(_DRAFTS, asked)
    by_unit: dict[int, tuple[dict[date, Draft], dict[date, Kept]]] = {u: ({}, {}) for u in units}
    for d in drafts.all():
        raised = {k: tuple(v) for k, v in d.raised.items()}
        answers = answers_from(d.answers)
        by_unit[d.unit_id][0][d.day] = Draft(answers, d.doubts, d.version, d.reason, raised)
    newest = await connection.execute(_NEWEST, asked)
    for r in newest.all():
        by_unit[r.unit_id][1][r.day] = Kept(life_of(r), past_of(r))
    rows = await connection.execute(_USUAL, asked)
    usual = {r.unit_id: usual_from(r.figures) for r in rows.all()}
    return {u: Papers(*by_day, usual.get(u, {})) for u, by_day in by_unit.items()}


def usual_from(figures: Mapping[str, Sequence[int]]) -> dict[str, Usual]:
    """Return what is kept as usual for a unit, by field id."""
    return {field: Usual(*values) for field, values in figures.items()}


_UNITS: BindParameter[Any] = bindparam("units", expanding=True)
_FORM = bindparam("form", type_=String)
_EARLIEST = bindparam("earliest", type_=Date)
_TODAY = bindparam("today", type_=Date)
_DRAFTS = select(
    _draft.unit_id,
    _draft.day,
    _draft.answers,
    _draft.doubts,
    _draft.version,
    _draft.reason,
    _draft.raised,
).where(_draft.unit_id.in_(_UNITS), _draft.form_id == _FORM, _draft.day > _EARLIEST)
_USUAL = select(_usual.unit_id, _usual.figures).where(
    _usual.unit_id.in_(_UNITS), _usual.form_id == _FORM
)


def _newest_reports() -> Any:
    """Return the query for each unit's newest reports with their newest revisions.

    An index gives the day from which on they are the newest: of a unit with years of reports
    no more is read than of one with a week. Days of which the unit was excused take no place from
    those that it reported; a reopened one is among them however old it is.
    """
    since = (
        select(_earlier_report.day)
        .where(
            _earlier_report.unit_id == _unit.id,
            _earlier_report.form_id == _FORM,
            _earlier_report.revisions > 0,
        )
        .order_by(_earlier_report.day.desc())
        .limit(1)
        .offset(_NEWEST_REPORTS - 1)
        .correlate(Unit)
        .scalar_subquery()
    )
    return (
        select(*_report, *revision_columns())
        .select_from(Unit)
        .join(
            Report,
            and_(
                _report.unit_id == _unit.id,
                _report.form_id == _FORM,
                _report.day > _EARLIEST,
                _report.day <= _TODAY,
                or_(_report.day >= func.coalesce(since, _EARLIEST), _report.reopened),
            ),
        )
        .outerjoin(
            Revision,
            and_(_revision.report_id == _report.id, _revision.number == _report.revisions),
        )
        .where(_unit.id.in_(_UNITS))
    )


def revision_columns() -> tuple[Any, ...]:
    """Return the columns of a revision that make up a `Past`."""
    return (
        _revision.answers,
        _revision.stated_on,
        _revision.number,
        _revision.sent_at,
        _revision.doubts,
        _revision.doubt_fields,
    )


_NEWEST = _newest_reports()


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
        open_until=row.open_until,
        reason=row.reason,
        awaits=row.awaits,
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
        doubt_fields={k: tuple(v) for k, v in row.doubt_fields.items()},
    )
